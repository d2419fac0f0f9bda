//! What cron does to it: two runs at once, a run that was killed, no terminal, no environment, a service that is writing.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;

use super::{DAYS_100, cleanup, job, states};
use crate::args::Args;
use crate::export::fill;
use crate::locks::cut_short::SLOW;
use crate::locks::is_sound;
use crate::migrate::running::{Running, files, impatient, seen, sleeps};
use crate::support::{A, Output, Run, Sandbox, hash};

const RULE: &str = "cleanup --older-than 30d --yes";
const MANY: i64 = 3_000;

/// Old jobs, each of which takes its time to go.
fn slow() -> Sandbox {
    let sandbox = Sandbox::report();
    fill(&sandbox, MANY as usize, 100);
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET completed_at = '{DAYS_100}'"
    ));
    sandbox.sql(SLOW);
    sandbox
}

fn lock(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("jobs.db.cleanup.lock")
}

fn run(sandbox: &Sandbox, more: impl Args) -> Run {
    sandbox.jobctl((RULE, more))
}

/// A run that has begun and waits for another program, which keeps it from writing.
fn held(sandbox: &Sandbox) -> (Running, Connection) {
    held_in(sandbox, run(sandbox, "--busy-timeout 10m"))
}

fn held_in(sandbox: &Sandbox, run: Run) -> (Running, Connection) {
    let holder = impatient(sandbox);
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut running = Running::start(run);
    running.until("it has begun", || lock(sandbox).exists());
    let most = sleeps(running.pid()) + 5;
    let pid = running.pid();
    running.until("it waits", || sleeps(pid) >= most);
    (running, holder)
}

#[test]
fn a_second_run_ends_with_75_at_once() {
    for more in ["", "--lock-wait 20ms", "-q", "--exclusive"] {
        let sandbox = states(&["completed", "queued"]);
        let (first, holder) = held(&sandbox);
        let second = run(&sandbox, more).run().fails(75).no_stdout();
        second.stderr_has("cleanup").stderr_has("--lock-wait");
        assert_eq!(sandbox.count(), 2);
        holder.execute_batch("ROLLBACK").unwrap();
        first.outcome().ok();
        assert_eq!(sandbox.ids(), ["queued"]);
    }
}

#[test]
fn a_second_run_s_refusal_is_json_where_json_was_asked_for() {
    let sandbox = states(&["completed"]);
    let (first, holder) = held(&sandbox);
    let second = run(&sandbox, "-o json").run().fails(75).no_stdout();
    assert!(second.json_error()["message"].is_string(), "{second}");
    holder.execute_batch("ROLLBACK").unwrap();
    first.outcome().ok();
}

#[test]
fn a_second_run_waits_as_long_as_it_may() {
    let sandbox = states(&["completed", "queued"]);
    let (first, holder) = held(&sandbox);
    let mut second = Running::start(run(&sandbox, "--lock-wait 10m -o json"));
    let pid = second.pid();
    second.until("it waits", || sleeps(pid) >= 10);
    holder.execute_batch("ROLLBACK").unwrap();
    first.outcome().ok();
    let second = second.outcome().ok();
    assert_eq!(second.json()["deleted"], 0, "{second}");
    assert_eq!(sandbox.ids(), ["queued"]);
    assert!(!lock(&sandbox).exists());
}

#[test]
fn a_run_that_waits_for_another_can_be_interrupted() {
    let sandbox = states(&["completed"]);
    let (first, holder) = held(&sandbox);
    let mut second = Running::start(run(&sandbox, "--lock-wait 10m"));
    let pid = second.pid();
    second.until("it waits", || sleeps(pid) >= 10);
    second.interrupt();
    second.outcome().fails(130);
    assert_eq!(sandbox.count(), 1);
    holder.execute_batch("ROLLBACK").unwrap();
    first.outcome().ok();
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_stopped_run_keeps_its_claim() {
    let sandbox = slow();
    let (first, _other) = half_way(&sandbox, run(&sandbox, ""));
    first.signal("STOP");
    assert!(lock(&sandbox).exists());
    run(&sandbox, "--busy-timeout 50ms").run().fails(75);
    // Reading is free for all.
    first.signal("CONT");
    first.outcome().ok();
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn two_names_of_one_file_are_one_file() {
    let sandbox = states(&["completed"]);
    std::os::unix::fs::symlink("jobs.db", sandbox.path("link.db")).unwrap();
    let (first, holder) = held(&sandbox);
    for name in ["link.db", "./jobs.db", "home/../jobs.db"] {
        let second = run(&sandbox, "--busy-timeout 50ms").env("JOBCTL_DB", name);
        second.run().fails(75).stderr_has("another cleanup");
    }
    holder.execute_batch("ROLLBACK").unwrap();
    first.outcome().ok();
}

#[test]
fn dry_run_and_explain_do_not_wait_for_a_run() {
    let sandbox = states(&["completed"]);
    let (first, holder) = held(&sandbox);
    for flag in ["--dry-run", "--explain"] {
        let look = sandbox.jobctl(["cleanup", "--older-than", "30d", flag, "-o", "ids"]);
        look.run().ok().stdout_is("completed\n");
    }
    assert!(lock(&sandbox).exists());
    holder.execute_batch("ROLLBACK").unwrap();
    first.outcome().ok();
}

#[test]
fn what_a_killed_run_left_does_not_matter() {
    let sandbox = states(&["completed", "queued"]);
    let (mut first, holder) = held(&sandbox);
    assert!(first.kill());
    holder.execute_batch("ROLLBACK").unwrap();
    assert!(lock(&sandbox).exists());
    run(&sandbox, "-q").run().ok().no_stdout().no_stderr();
    assert_eq!(sandbox.ids(), ["queued"]);
    assert_eq!(files(&sandbox), ["jobs.db"]);
}

#[test]
fn a_lock_file_of_whatever_content_is_no_lock() {
    let sandbox = states(&["completed"]);
    fs::write(lock(&sandbox), "1").unwrap();
    run(&sandbox, "").run().ok();
    assert_eq!(sandbox.count(), 0);
    assert_eq!(files(&sandbox), ["jobs.db"]);
}

#[test]
fn a_run_leaves_no_file_whatever_became_of_it() {
    for (args, status) in [
        ("--older-than 30d --yes", 0),
        ("--older-than 900d --yes", 0),
        ("--older-than 30d", 4),
        ("--older-than 30d --yes --max 1", 4),
        ("--older-than 30d --yes --archive nowhere/old.jsonl", 66),
        ("--older-than 30d --yes --files-under nowhere", 66),
        ("--yes", 2),
    ] {
        let sandbox = states(&["completed", "failed"]);
        let run = cleanup(&sandbox, args);
        assert_eq!(run.status, status, "{args:?}{run}");
        assert_eq!(files(&sandbox), ["jobs.db"], "{args:?}{run}");
    }
}

#[test]
fn a_file_that_is_not_there_gets_no_lock_beside_it() {
    let sandbox = Sandbox::new();
    run(&sandbox, "").run().fails(66);
    assert_eq!(files(&sandbox), [""; 0]);
}

#[test]
fn it_needs_no_environment_and_no_folder() {
    let sandbox = states(&["completed", "queued"]);
    fs::create_dir_all(sandbox.path("service/w/completed")).unwrap();
    sandbox.sql("UPDATE video_generation_jobs SET working_dir = 'w/' || id");
    let path = |name: &str| sandbox.path(name).to_str().unwrap().to_owned();
    let (db, dir, archive) = (path("jobs.db"), path("service"), path("old.jsonl.zst"));
    let args = format!(
        "--db {db} cleanup --keep completed=30d --files-under {dir} --archive {archive} \
         --reclaim --lock-wait 1s --yes -q"
    );
    let mut command = sandbox.jobctl(args).command();
    let output = command
        .env_clear()
        .env("JOBCTL_TEST_NOW", crate::support::NOW)
        .current_dir("/")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), said.as_str()), (Some(0), ""));
    assert!(output.stdout.is_empty());
    assert_eq!(sandbox.ids(), ["queued"]);
    assert!(!sandbox.path("service/w/completed").exists());
    assert!(sandbox.path("old.jsonl.zst").exists());
}

#[test]
fn without_a_terminal_and_without_yes_nothing_at_all_happens() {
    let sandbox = states(&["completed"]);
    fs::create_dir_all(sandbox.path("service/w/completed")).unwrap();
    sandbox.sql("UPDATE video_generation_jobs SET working_dir = 'w/' || id");
    let before = hash(sandbox.db());
    let args = "cleanup --older-than 30d --files-under service --archive old.jsonl \
     --reclaim --vacuum";
    for input in ["", "y\n", "yes\nyes\n"] {
        let run = sandbox.jobctl(args).stdin(input).run().fails(4);
        run.no_stdout().stderr_has("--yes");
        assert_eq!(hash(sandbox.db()), before);
        assert!(sandbox.path("service/w/completed").exists());
        assert!(!sandbox.path("old.jsonl").exists());
    }
}

#[test]
fn a_lock_that_another_program_keeps_is_75() {
    for begin in ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"] {
        for wal in [false, true] {
            let sandbox = states(&["completed"]);
            if wal {
                sandbox.ask("PRAGMA journal_mode = WAL");
            }
            let holder = impatient(&sandbox);
            holder.execute_batch(begin).unwrap();
            let args = "--busy-timeout 50ms --archive old.jsonl";
            run(&sandbox, args).run().fails(75).stderr_has("locked");
            holder.execute_batch("ROLLBACK").unwrap();
            assert_eq!(sandbox.count(), 1);
            run(&sandbox, args).run().ok();
            assert_eq!(sandbox.count(), 0);
        }
    }
}

#[test]
fn a_lock_that_is_let_go_is_waited_for() {
    let sandbox = states(&["completed"]);
    let (first, holder) = held(&sandbox);
    holder.execute_batch("ROLLBACK").unwrap();
    first.outcome().ok();
    assert_eq!(sandbox.count(), 0);
}

/// A run that has done something and has more to do. Another program writes beside it, which keeps its transactions short.
fn half_way(sandbox: &Sandbox, run: Run) -> (Running, Connection) {
    let (mut running, other) = held_in(sandbox, run);
    let write = "UPDATE numbers SET n = n + 1 WHERE rowid = 1";
    other.execute_batch(write).unwrap();
    // What the run reads to see whether it may begin keeps a commit out for a moment.
    running.until("the other's is in", || {
        other.execute_batch("COMMIT").is_ok()
    });
    running.until("a transaction is in", || {
        // What the run is at may be in the way.
        let _ = other.execute_batch(write);
        (1..MANY).contains(&seen(&other))
    });
    (running, other)
}

/// Interrupts a run of which something is in, and gives what it said.
#[track_caller]
fn interrupted(sandbox: &Sandbox, more: impl Args) -> Output {
    let (running, _other) = half_way(sandbox, run(sandbox, more));
    running.interrupt();
    let run = running.outcome().fails(130);
    is_sound(sandbox);
    assert!(sandbox.count() > 0, "it was over too soon{run}");
    assert_eq!(files(sandbox), ["jobs.db"], "{run}");
    run
}

#[test]
fn ctrl_c_says_what_is_gone_and_the_next_run_finishes() {
    for more in ["", "--archive old.jsonl.zst"] {
        let sandbox = slow();
        let run = interrupted(&sandbox, more);
        let gone = MANY - sandbox.count();
        let said = run.stderr.replace(',', "");
        assert!(
            said.contains(&format!("removed {gone} job")),
            "{gone} are gone{run}"
        );
        assert!(run.stderr.contains("interrupted"), "{run}");
        sandbox.sql("DROP TRIGGER slow_delete");
        cleanup(&sandbox, ("--older-than 30d --yes", more)).ok();
        assert_eq!(sandbox.count(), 0);
        if !more.is_empty() {
            let run = sandbox.jobctl("migrate old.jsonl.zst -o json");
            assert_eq!(run.run().ok().json()["inserted"], MANY);
        }
    }
}

#[test]
fn ctrl_c_gives_what_is_gone_as_json() {
    let sandbox = slow();
    let left = interrupted(&sandbox, "-o json");
    let document: Value = left.json();
    assert_eq!(document["deleted"], MANY - sandbox.count(), "{left}");
    let states = document["by_status"]["completed"].as_i64();
    assert_eq!(states, Some(MANY - sandbox.count()), "{left}");
    let error: Value = serde_json::from_str(left.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(error["error"]["code"], "interrupted", "{left}");
}

#[test]
fn a_term_signal_leaves_the_next_run_nothing_to_mend() {
    let sandbox = slow();
    let (mut running, _other) = half_way(&sandbox, run(&sandbox, "--archive old.jsonl"));
    running.signal("TERM");
    while !running.has_ended() {
        std::thread::yield_now();
    }
    is_sound(&sandbox);
    sandbox.sql("DROP TRIGGER slow_delete");
    run(&sandbox, "--archive old.jsonl").run().ok();
    let restore = sandbox.jobctl("migrate old.jsonl -o json").run().ok();
    assert_eq!(restore.json()["inserted"], MANY, "{restore}");
}

#[test]
fn jobs_that_come_and_change_while_it_runs_are_left_alone() {
    let sandbox = slow();
    let (mut running, writer) = half_way(&sandbox, run(&sandbox, "--archive old.jsonl"));
    writer
        .busy_timeout(std::time::Duration::from_secs(60))
        .unwrap();
    let sql = "UPDATE video_generation_jobs SET status = 'queued', updated_at = '2026-01-15 12:00:00.000000', completed_at = NULL
         WHERE rowid > (SELECT max(rowid) - 200 FROM video_generation_jobs)";
    let requeued = writer.execute(sql, []).unwrap() as i64;
    assert!(!running.has_ended(), "it was over too soon");
    job(&sandbox, A, "queued", DAYS_100);
    let run = running.outcome().ok();
    assert_eq!(requeued, 200);
    assert_eq!(sandbox.count(), 201, "{run}");
    let sql = "SELECT count(*) FROM video_generation_jobs WHERE status = 'queued'";
    assert_eq!(sandbox.ask(sql), "201");
}

#[test]
fn jobs_that_end_while_it_runs_are_young_and_not_of_the_future() {
    let sandbox = Sandbox::report();
    // More than is looked at ahead of what goes.
    fill(&sandbox, MANY as usize, 6_000);
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET completed_at = '{DAYS_100}'; {SLOW}"
    ));
    let run = run(&sandbox, "--archive old.jsonl").without_env("JOBCTL_TEST_NOW");
    let (mut running, writer) = half_way(&sandbox, run);
    writer
        .busy_timeout(std::time::Duration::from_secs(60))
        .unwrap();
    let sql = "UPDATE video_generation_jobs SET completed_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
         WHERE rowid > (SELECT max(rowid) - 200 FROM video_generation_jobs)";
    assert_eq!(writer.execute(sql, []).unwrap(), 200);
    assert!(!running.has_ended(), "it was over too soon");
    let run = running.outcome().ok();
    let run = run.stderr_lacks("future").stderr_lacks("had changed");
    assert_eq!(sandbox.count(), 200, "{run}");
}

/// cron looks for programs in /usr/bin and /bin alone.
#[test]
fn what_cron_and_systemd_are_told_names_the_program_by_its_path() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let sandbox = Sandbox::new();
    let help = |command: &str| sandbox.jobctl([command, "--help"]).run().ok().stdout;
    let texts = [
        (read("README.md").unwrap(), 5),
        (help("cleanup"), 1),
        (help("backup"), 1),
        (help("stats"), 1),
    ];
    for (text, expected) in texts {
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim_start)
            .filter(|line| {
                ["17 3 * * *", "7 2 * * *", "*/5 * * * *", "ExecStart="]
                    .iter()
                    .any(|begin| line.starts_with(begin))
            })
            .collect();
        assert_eq!(lines.len(), expected, "{text}");
        for line in lines {
            assert!(line.contains("/usr/local/bin/jobctl --db /"), "{line}");
        }
    }
    let readme = read("README.md").unwrap();
    assert!(readme.contains(" /usr/local/bin/\n") || readme.contains(" /usr/local/bin/ "));
}
