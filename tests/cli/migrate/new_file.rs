//! A file that is not there yet is built under the name of the run, and appears whole: what is left over of runs that are gone
//! goes, what belongs to a run that goes on stays, and nothing that another program made meanwhile is overwritten.

use std::fs;

use serde_json::json;

use super::running::{Ground, Running, files, rows, temporary};
use super::{counts, manager, with};
use crate::locks::cut_short::SLOW;
use crate::locks::full::{after, limit};
use crate::locks::{dump, is_sound, line};
use crate::support::{A, B, Output, REPORT_SQL, Sandbox, hash};

/// More than one batch, by number and by size.
const MANY: usize = 2_500;

/// A process that there cannot be.
const GONE: u32 = 999_999_999;

/// Starts an import that makes the file, and gives it more than a batch.
fn half_way(sandbox: &Sandbox) -> Running {
    let mut running = Running::start(sandbox.jobctl("migrate - -o json"));
    running.feed(dump(MANY));
    let temporary = sandbox.path(temporary(&running));
    running.until("the file is begun", || temporary.exists());
    running
}

#[test]
fn it_appears_whole_at_the_end() {
    let sandbox = Sandbox::new();
    let mut running = half_way(&sandbox);
    for n in MANY..2 * MANY {
        running.feed(line(n));
        assert!(!sandbox.db().exists(), "it is there after {n} records");
    }
    let run = running.end().ok();
    let all = 2 * MANY as u64;
    assert_eq!(counts(&run.json()), [all, all, 0, 0, 0], "{run}");
    Ground::Fresh.is_free(&sandbox, &run);
    assert_eq!(sandbox.count(), 2 * MANY as i64);
    assert_eq!(sandbox.ask("PRAGMA journal_mode"), "wal");
    assert_eq!(sandbox.ask("PRAGMA auto_vacuum"), "2");
}

/// Interrupts one, and gives what it said.
#[track_caller]
fn interrupted(sandbox: &Sandbox, go_on: bool) -> Output {
    let mut running = half_way(sandbox);
    running.interrupt();
    if go_on {
        for n in MANY..2 * MANY {
            running.feed(line(n));
        }
    }
    running.outcome().fails(130)
}

#[test]
fn one_that_is_interrupted_has_what_was_read() {
    for go_on in [true, false] {
        let sandbox = Sandbox::new();
        let run = interrupted(&sandbox, go_on);
        assert_eq!(files(&sandbox), ["jobs.db"], "{run}");
        is_sound(&sandbox);
        let there = sandbox.count();
        assert!(there > 0, "nothing is in{run}");
        assert_eq!(run.json()["inserted"], there, "{run}");
        assert_eq!(run.json()["undone"], false, "{run}");
        let second = sandbox.jobctl("migrate - -o json");
        let second = second.stdin(dump(2 * MANY)).run().ok();
        assert_eq!(second.json()["skipped"], there, "{second}");
        assert_eq!(sandbox.count(), 2 * MANY as i64);
        let whole = Sandbox::new();
        let run = whole.jobctl("migrate -").stdin(dump(2 * MANY));
        run.run().ok();
        assert!(rows(&sandbox) == rows(&whole), "the rows differ");
    }
}

#[test]
fn one_that_finds_no_room_leaves_none() {
    let sandbox = Sandbox::new();
    sandbox.write("dump.jsonl", dump(MANY));
    let import = || sandbox.jobctl("migrate dump.jsonl -o json");
    let run = after(&limit(1_000), import()).fails(74);
    assert_eq!(files(&sandbox), [""; 0], "{run}");
    assert_eq!(run.json()["undone"], true, "{run}");
    assert_eq!(run.json()["inserted"], 0, "{run}");
    assert!(run.stderr.contains("nothing was imported"), "{run}");
    assert_eq!(import().run().ok().json()["inserted"], MANY);
}

#[test]
fn one_that_finds_no_room_in_an_existing_file_has_what_it_says() {
    for ground in Ground::EXISTING {
        let sandbox = ground.sandbox();
        // Rows that take their time, and several transactions with them.
        sandbox.sql(SLOW);
        sandbox.write("dump.jsonl", dump(MANY));
        let run = sandbox.jobctl("migrate dump.jsonl -o json");
        let run = after(&limit(3_000), run).fails(74);
        is_sound(&sandbox);
        let there = sandbox.count() - 1;
        assert_eq!(run.json()["inserted"], there, "{run}");
        assert_eq!(run.json()["undone"], false, "{run}");
        assert!((1..MANY as i64).contains(&there), "{there}{run}");
        ground.is_free(&sandbox, &run);
    }
}

#[test]
fn a_file_that_another_program_made_meanwhile_is_not_overwritten() {
    for wal in [false, true] {
        let sandbox = Sandbox::new();
        let running = half_way(&sandbox);
        sandbox.sql(REPORT_SQL);
        if wal {
            sandbox.ask("PRAGMA journal_mode = WAL");
        }
        sandbox.job(A, &[]);
        let before = hash(sandbox.db());
        let run = running.end().fails(75);
        assert_eq!(hash(sandbox.db()), before, "{run}");
        assert_eq!(files(&sandbox), ["jobs.db"], "{run}");
        assert!(run.stderr.contains("jobs.db"), "{run}");
        assert!(run.stderr.contains("again"), "{run}");
        if !run.stdout.is_empty() {
            assert_eq!(run.json()["inserted"], 0, "{run}");
            assert_eq!(run.json()["undone"], true, "{run}");
        }
        let again = sandbox.jobctl("migrate -").stdin(dump(MANY));
        again.run().ok();
        assert_eq!(sandbox.count(), MANY as i64 + 1);
    }
}

#[test]
fn dumps_that_can_be_read_again_go_into_the_file_that_another_program_made_meanwhile() {
    const LONG: usize = 12_000;
    let sandbox = Sandbox::new();
    let bad = format!("{}\n", with(manager(B), json!({"progress": 120})));
    sandbox.write("dump.jsonl", bad + &dump(LONG));
    let args = "migrate dump.jsonl -o json";
    let run = sandbox.jobctl(args).arg("--rejects").arg("bad.jsonl");
    let mut running = Running::start(run);
    let temporary = sandbox.path(temporary(&running));
    running.until("the file is begun", || temporary.exists());
    running.signal("STOP");
    assert!(!sandbox.db().exists(), "it was over too soon");
    sandbox.sql(REPORT_SQL);
    sandbox.job(A, &[]);
    let before = sandbox.row(A);
    running.signal("CONT");
    let run = running.end().fails(65);
    let all = LONG as u64;
    assert_eq!(counts(&run.json()), [all + 1, all, 0, 0, 1], "{run}");
    assert_eq!(sandbox.read("bad.jsonl").lines().count(), 1);
    assert_eq!(sandbox.count(), LONG as i64 + 1);
    assert_eq!(sandbox.changed(A, &before), [""; 0]);
    assert_eq!(sandbox.ask("PRAGMA journal_mode"), "delete");
    Ground::Fresh.is_free(&sandbox, &run);
}

#[test]
fn what_a_run_that_goes_on_has_begun_is_not_removed() {
    let sandbox = Sandbox::new();
    let running = half_way(&sandbox);
    let temporary = temporary(&running);
    let other = sandbox.jobctl("migrate -").stdin(dump(3));
    other.run().ok();
    assert_eq!(sandbox.count(), 3);
    assert!(files(&sandbox).contains(&temporary), "it was removed");
    let run = running.end().fails(75);
    assert_eq!(files(&sandbox), ["jobs.db"], "{run}");
    assert_eq!(sandbox.count(), 3);
}

#[test]
fn what_a_run_that_is_gone_left_over_is_removed() {
    removes_what_is_left_over(Ground::Fresh);
}

#[test]
fn what_a_run_that_is_gone_left_over_is_removed_beside_an_existing_file() {
    for ground in Ground::EXISTING {
        removes_what_is_left_over(ground);
    }
}

#[track_caller]
fn removes_what_is_left_over(ground: Ground) {
    let sandbox = ground.sandbox();
    for suffix in ["", "-journal", "-wal", "-shm"] {
        sandbox.write(&format!("jobs.db.{GONE}.new{suffix}"), "half");
    }
    let run = sandbox.jobctl("migrate -").stdin(dump(3));
    let run = run.run().ok();
    assert_eq!(files(&sandbox), ["jobs.db"], "{ground:?}{run}");
    assert_eq!(sandbox.count(), 3 + ground.jobs());
}

#[test]
fn what_is_named_otherwise_stays() {
    let sandbox = Sandbox::new();
    let names = [
        "other.db.999999999.new",
        "jobs.db.mine.new",
        "jobs.db.new",
        "jobs.db.999999999.newer",
        "jobs.db.999999999.new.bak",
        "jobs.db.-1.new",
        "old-jobs.db.999999999.new",
    ];
    for name in names {
        sandbox.write(name, "precious");
    }
    sandbox.jobctl("migrate -").stdin(dump(3)).run().ok();
    for name in names {
        assert_eq!(sandbox.read(name), "precious", "{name}");
    }
}

#[test]
fn a_link_to_a_file_that_is_not_there_is_followed() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere/real.db", sandbox.db()).unwrap();
    let mut running = Running::start(sandbox.jobctl("migrate -"));
    running.feed(dump(MANY));
    running.end().ok();
    assert_eq!(sandbox.count(), MANY as i64);
    let names = fs::read_dir(sandbox.path("elsewhere")).unwrap();
    let names: Vec<_> = names.map(|name| name.unwrap().file_name()).collect();
    assert_eq!(names, ["real.db"]);
    assert!(sandbox.db().is_symlink());
}
