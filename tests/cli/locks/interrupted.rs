//! Ctrl-C while a lock is waited for: the wait ends at once, nothing more is written, and what is in is said.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::killed::number;
use super::{dump, is_sound, line};
use crate::migrate::running::{Ground, Running, is_locked, rows, seen};
use crate::support::{A, B, Output, Sandbox};

/// Longer than any test waits.
const LONG: &str = "--busy-timeout 10m";

/// Less than a wait for the lock would take, and much more than a machine under load needs.
const AT_ONCE: Duration = Duration::from_secs(60);

fn hold(sandbox: &Sandbox, begin: &str) -> Connection {
    let connection = sandbox.connection();
    connection.execute_batch(begin).unwrap();
    connection
}

/// Sends the signal to a run that waits for the lock, and gives what came of it.
#[track_caller]
fn signalled(mut running: Running, sandbox: &Sandbox, signal: &str) -> Output {
    running.until_it_waits(&sandbox.db());
    let sent = Instant::now();
    running.signal(signal);
    let run = running.outcome().fails(130).stderr_has("interrupted");
    assert!(sent.elapsed() < AT_ONCE, "{:?}{run}", sent.elapsed());
    run
}

const READS: &str = "BEGIN; SELECT count(*) FROM video_generation_jobs";

/// At the beginning, at the first look into the file, and at the commit.
const HELD: [(Ground, &str); 4] = [
    (Ground::Service, "BEGIN IMMEDIATE"),
    (Ground::Service, "BEGIN EXCLUSIVE"),
    (Ground::Service, READS),
    (Ground::Wal, "BEGIN IMMEDIATE"),
];

#[test]
fn an_import_that_waits_for_the_lock_ends_at_once_and_leaves_nothing() {
    for (ground, begin) in HELD {
        for more in ["", "--atomic", "--exclusive"] {
            let sandbox = ground.sandbox();
            sandbox.write("dump.jsonl", dump(30));
            let held = hold(&sandbox, begin);
            let args = ("migrate dump.jsonl", LONG, more);
            let run = signalled(Running::start(sandbox.jobctl(args)), &sandbox, "INT");
            if begin != "BEGIN EXCLUSIVE" {
                assert_eq!(number(&run.stderr, "inserted"), 0, "{run}");
            }
            drop(held);
            ground.is_untouched(&sandbox, &run);
            sandbox.jobctl("migrate dump.jsonl").run().ok();
            assert_eq!(sandbox.count(), 31);
        }
    }
}

#[test]
fn an_import_that_waits_for_the_lock_ends_with_sigterm_too() {
    let sandbox = Ground::Service.sandbox();
    sandbox.write("dump.jsonl", dump(3));
    let _held = hold(&sandbox, "BEGIN IMMEDIATE");
    let args = ("migrate dump.jsonl", LONG);
    signalled(Running::start(sandbox.jobctl(args)), &sandbox, "TERM");
}

#[test]
fn an_import_that_waits_in_the_middle_says_what_is_in() {
    const SOME: usize = 2_500;
    for (ground, begin) in HELD {
        let sandbox = ground.sandbox();
        let args = ("migrate -", LONG);
        let mut running = Running::start(sandbox.jobctl(args));
        running.feed(dump(SOME));
        let other = sandbox.connection();
        other.busy_timeout(Duration::from_secs(60)).unwrap();
        running.until("some are in", || seen(&other) > 1);
        running.until("the lock is free", || !is_locked(&sandbox));
        other.execute_batch(begin).unwrap();
        let there = seen(&other);
        for n in SOME..SOME + 200 {
            running.feed(line(n));
        }
        let run = signalled(running, &sandbox, "INT");
        drop(other);
        assert_eq!(number(&run.stderr, "inserted"), there - 1, "{run}");
        assert_eq!(sandbox.count(), there, "{run}");
        let again = sandbox.jobctl("migrate -").stdin(dump(SOME + 200));
        again.run().ok();
        assert_eq!(sandbox.count(), SOME as i64 + 201);
        ground.is_free(&sandbox, &run);
    }
}

/// Those that look at no signal otherwise say it too, where the lock alone is waited for.
#[test]
fn a_change_by_id_or_a_read_that_waits_says_that_it_was_interrupted() {
    for (words, begin) in [
        ("update $A --title x", "BEGIN IMMEDIATE"),
        ("delete $A", "BEGIN IMMEDIATE"),
        (
            "create --type a --content 'A fox learns to sail'",
            "BEGIN IMMEDIATE",
        ),
        ("list", "BEGIN EXCLUSIVE"),
        ("show $A", "BEGIN EXCLUSIVE"),
    ] {
        for signal in ["INT", "TERM"] {
            let sandbox = Ground::Service.sandbox();
            let before = rows(&sandbox);
            let held = hold(&sandbox, begin);
            let run = Running::start(sandbox.jobctl((words, LONG)));
            let run = signalled(run, &sandbox, signal);
            let run = run.stderr_has("interrupted while jobs.db was locked by another process; what was done before stays done\nhint: run it again");
            drop(held);
            assert!(rows(&sandbox) == before, "{run}");
            Ground::Service.is_free(&sandbox, &run);
        }
    }
}

#[test]
fn jobs_that_wait_for_their_removal_stay() {
    for (ground, begin) in HELD {
        if begin == "BEGIN EXCLUSIVE" {
            // Waited for before the first write, when Ctrl-C ends the program as it ends any other.
            continue;
        }
        for args in [
            "cleanup --older-than 1d --yes",
            "cleanup --older-than 1d --yes --exclusive",
            "delete --status failed --yes",
        ] {
            let sandbox = ground.sandbox();
            sandbox.job(B, &[("status", &"failed")]);
            let before = rows(&sandbox);
            let held = hold(&sandbox, begin);
            let run = Running::start(sandbox.jobctl((args, LONG)));
            let run = signalled(run, &sandbox, "INT");
            drop(held);
            assert_eq!(sandbox.ids(), [A, B], "{run}");
            assert!(rows(&sandbox) == before, "{run}");
            is_sound(&sandbox);
            ground.is_free(&sandbox, &run);
        }
    }
}
