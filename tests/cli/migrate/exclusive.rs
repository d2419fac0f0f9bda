//! `--exclusive`: the file is the run's own from its start to its end, for speed; it says so, and gives it back as it was.

use std::time::Duration;

use super::running::{Ground, Rows, Running, is_locked, rows, seen};
use super::{counts, manager};
use crate::args::Args;
use crate::locks::{dump, line};
use crate::support::{A, B, Output, Sandbox};

const MANY: usize = 2_500;

/// Starts one and gives it more than a batch; it has the file.
fn half_way(sandbox: &Sandbox, more: impl Args) -> Running {
    let args = "migrate - --exclusive -o json";
    let mut running = Running::start(sandbox.jobctl((args, more)));
    running.feed(dump(MANY));
    running.until("it has the file", || is_locked(sandbox));
    running
}

/// What another program is told that wants to write and waits for a moment.
fn refused(sandbox: &Sandbox) -> String {
    let other = sandbox.connection();
    other.busy_timeout(Duration::from_millis(20)).unwrap();
    let sql = "UPDATE video_generation_jobs SET current_stage = 'other'";
    match other.execute(sql, []) {
        Ok(_) => "it has written".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn nobody_else_can_write_until_its_end() {
    for ground in Ground::EXISTING {
        let sandbox = ground.sandbox();
        let mut running = half_way(&sandbox, "");
        for n in MANY..2 * MANY {
            // Between batches too.
            if n % 250 == 0 {
                assert_eq!(refused(&sandbox), "database is locked", "{ground:?} {n}");
            }
            running.feed(line(n));
        }
        let run = running.end().ok();
        let all = 2 * MANY as u64;
        assert_eq!(counts(&run.json()), [all, all, 0, 0, 0], "{run}");
        assert_eq!(run.json()["undone"], false, "{run}");
        assert_eq!(sandbox.count(), 2 * MANY as i64 + 1);
        ground.is_free(&sandbox, &run);
        assert_eq!(refused(&sandbox), "it has written");
    }
}

/// The run, and the rows that it leaves.
#[track_caller]
fn imported(ground: Ground, more: impl Args) -> (Output, Rows) {
    let sandbox = ground.sandbox();
    sandbox.write("dump.jsonl", dump(MANY) + &line(3));
    let run = sandbox.jobctl(("migrate dump.jsonl", more));
    let run = run.run().ok();
    ground.is_free(&sandbox, &run);
    (run, rows(&sandbox))
}

#[test]
fn it_says_so_in_one_line() {
    for ground in Ground::EXISTING {
        let (plain, _) = imported(ground, "");
        let (run, _) = imported(ground, "--exclusive");
        let run = run.no_stdout();
        let lines = run.stderr.lines();
        let more: Vec<&str> = lines
            .filter(|line| !plain.stderr.lines().any(|usual| usual == *line))
            .collect();
        assert_eq!(more.len(), 1, "{plain}{run}");
        assert_eq!(
            run.stderr.lines().count(),
            plain.stderr.lines().count() + 1,
            "{plain}{run}"
        );
        assert!(more[0].contains("jobs.db"), "{run}");
    }
}

#[test]
fn it_does_not_say_so_with_quiet() {
    for ground in Ground::EXISTING {
        let (run, _) = imported(ground, "--exclusive -q");
        run.no_stdout().no_stderr();
    }
}

#[test]
fn it_counts_the_same_and_imports_the_same() {
    for ground in Ground::ALL {
        let json = "-o json";
        let (plain, rows) = imported(ground, json);
        for more in ["--exclusive", "--exclusive --atomic"] {
            let (run, others) = imported(ground, (json, more));
            assert_eq!(plain.json(), run.json(), "{more:?}");
            assert!(rows == others, "{ground:?} {more:?}: other rows");
        }
    }
}

#[test]
fn a_lock_that_is_held_ends_it_with_75() {
    for ground in Ground::EXISTING {
        let sandbox = ground.sandbox();
        sandbox.write("dump.jsonl", dump(3));
        let held = sandbox.connection();
        held.execute_batch("BEGIN IMMEDIATE").unwrap();
        let run = sandbox.jobctl("migrate dump.jsonl --exclusive");
        let run = run.arg("--busy-timeout").arg("100ms").run().fails(75);
        assert!(run.stderr.contains("locked"), "{run}");
        assert!(run.stderr.contains("--busy-timeout"), "{run}");
        drop(held);
        ground.is_untouched(&sandbox, &run);
    }
}

/// Starts one while another program is in the middle of a write, which it brings to its end.
#[track_caller]
fn waits_for_a_write(ground: Ground, closes: bool) {
    let sandbox = ground.sandbox();
    let other = sandbox.connection();
    other
        .execute_batch("BEGIN IMMEDIATE; UPDATE video_generation_jobs SET current_stage = 'other'")
        .unwrap();
    let args = "migrate - --exclusive --busy-timeout 60s";
    let mut running = Running::start(sandbox.jobctl(args));
    let (_, feeder) = running.feed_aside(dump(MANY).into_bytes());
    running.until_it_waits(&sandbox.db());
    other.busy_timeout(Duration::from_secs(60)).unwrap();
    other.execute_batch("COMMIT").unwrap();
    let other = (!closes).then_some(other);
    drop(feeder.join().unwrap());
    let run = running.end().ok();
    drop(other);
    assert_eq!(sandbox.count(), MANY as i64 + 1);
    assert_eq!(sandbox.cell(A, "current_stage"), "text|other");
    ground.is_free(&sandbox, &run);
}

#[test]
fn a_write_that_is_under_way_comes_to_its_end_first() {
    waits_for_a_write(Ground::Service, false);
    waits_for_a_write(Ground::Wal, true);
}

#[test]
fn a_write_that_is_under_way_comes_to_its_end_first_in_wal_and_its_program_goes_on() {
    waits_for_a_write(Ground::Wal, false);
}

#[test]
fn a_program_that_has_the_file_open_and_does_nothing_is_no_hindrance() {
    for ground in Ground::EXISTING {
        let sandbox = ground.sandbox();
        sandbox.write("dump.jsonl", dump(3));
        let other = sandbox.connection();
        assert_eq!(seen(&other), 1);
        let run = sandbox.jobctl("migrate dump.jsonl --exclusive");
        let run = run.arg("--busy-timeout").arg("500ms").run();
        assert_eq!(run.status, 0, "{ground:?}{run}");
        assert_eq!(seen(&other), 4);
    }
}

#[test]
fn a_run_that_is_interrupted_gives_the_file_back() {
    for ground in Ground::EXISTING {
        let sandbox = ground.sandbox();
        let running = half_way(&sandbox, "");
        running.interrupt();
        let run = running.outcome().fails(130);
        assert_eq!(run.json()["inserted"], sandbox.count() - 1, "{run}");
        ground.is_free(&sandbox, &run);
    }
}

#[test]
fn a_cut_off_file_gives_the_file_back_with_what_came_before() {
    for ground in Ground::EXISTING {
        let sandbox = ground.sandbox();
        let mut running = half_way(&sandbox, "");
        running.feed(&manager(B).to_string()[..60]);
        let run = running.end().fails(65);
        assert_eq!(run.json()["inserted"], MANY, "{run}");
        assert_eq!(sandbox.count(), MANY as i64 + 1);
        ground.is_free(&sandbox, &run);
    }
}

#[test]
fn a_killed_run_leaves_a_sound_file_that_a_second_run_completes() {
    for ground in Ground::EXISTING {
        let sandbox = ground.sandbox();
        let mut running = half_way(&sandbox, "");
        assert!(running.kill());
        assert!(!is_locked(&sandbox));
        let there = seen(&sandbox.connection()) - 1;
        let run = sandbox.jobctl("migrate - --exclusive -o json");
        let run = run.stdin(dump(MANY)).run().ok();
        assert_eq!(run.json()["skipped"], there, "{run}");
        assert_eq!(sandbox.count(), MANY as i64 + 1);
        ground.is_free(&sandbox, &run);
    }
}
