//! Locks that another program holds: 75 when it keeps them, patience when it does not.

use rusqlite::Connection;

use super::{end, start, until};
use crate::args::Args;
use crate::support::{A, B, Sandbox};

/// Takes the lock that this statement takes, for as long as the connection lives.
fn hold(sandbox: &Sandbox, begin: &str) -> Connection {
    let connection = sandbox.connection();
    connection.execute_batch(begin).unwrap();
    connection
}

/// A file with two jobs, of which B can be cleaned up, and a dump beside it.
fn jobs() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    sandbox.job(B, &[("status", &"failed")]);
    sandbox.write("dump.jsonl", super::dump(3));
    sandbox
}

const WRITES: [&str; 7] = [
    "create --type idea2video --content 'A cat crosses the road'",
    "update $A --title New",
    "delete $A",
    "delete --status queued --yes",
    "migrate dump.jsonl",
    "cleanup --older-than 1d --yes",
    "cleanup --keep failed=1d --yes -q",
];

/// Every write ends with 75, says why and what to do, and leaves the rows as they were.
#[track_caller]
fn is_refused(sandbox: &Sandbox, begin: &str) {
    let before = [A, B].map(|id| sandbox.row(id));
    for args in WRITES {
        let held = hold(sandbox, begin);
        let run = sandbox
            .jobctl(args)
            .arg("--busy-timeout")
            .arg("100ms")
            .run()
            .fails(75)
            .no_stdout();
        assert!(run.stderr.contains("locked"), "{args:?}{run}");
        assert!(
            run.stderr.contains("hint:") && run.stderr.contains("--busy-timeout"),
            "{args:?}{run}"
        );
        drop(held);
        assert_eq!(sandbox.ids(), [A, B], "{args:?}");
        assert_eq!([A, B].map(|id| sandbox.row(id)), before, "{args:?}");
    }
}

#[test]
fn a_write_ends_with_75_while_another_one_writes() {
    is_refused(&jobs(), "BEGIN IMMEDIATE");
}

#[test]
fn a_write_ends_with_75_while_another_one_has_the_file_for_itself() {
    is_refused(&jobs(), "BEGIN EXCLUSIVE");
}

#[test]
fn a_write_ends_with_75_while_another_one_reads_on() {
    is_refused(&jobs(), "BEGIN; SELECT count(*) FROM video_generation_jobs");
}

#[test]
fn a_write_to_a_wal_file_ends_with_75_while_another_one_writes() {
    let sandbox = jobs();
    sandbox.ask("PRAGMA journal_mode = WAL");
    is_refused(&sandbox, "BEGIN IMMEDIATE");
}

#[test]
fn the_error_says_which_file_is_locked() {
    let sandbox = jobs();
    let _held = hold(&sandbox, "BEGIN EXCLUSIVE");
    for args in ["update $A --title New", "list"] {
        sandbox
            .jobctl(args)
            .arg("--busy-timeout")
            .arg("100ms")
            .run()
            .fails(75)
            .stderr_has("jobs.db");
    }
}

#[test]
fn the_error_is_an_object_in_json() {
    let sandbox = jobs();
    let _held = hold(&sandbox, "BEGIN IMMEDIATE");
    let run = sandbox
        .jobctl("update $A --title New -o json --busy-timeout 100ms")
        .run()
        .fails(75)
        .no_stdout();
    let error = run.json_error();
    assert!(
        ["code", "message", "hint"]
            .iter()
            .all(|key| error[key].is_string()),
        "{error}"
    );
}

#[test]
fn reading_goes_on_while_another_one_writes() {
    let sandbox = jobs();
    let held = hold(&sandbox, "BEGIN IMMEDIATE");
    held.execute(
        "UPDATE video_generation_jobs SET project_title = 'unseen'",
        [],
    )
    .unwrap();
    sandbox
        .jobctl("list --busy-timeout 100ms")
        .run()
        .ok()
        .stdout_has(A)
        .stdout_lacks("unseen");
    sandbox
        .jobctl("show $A --busy-timeout 100ms")
        .run()
        .ok()
        .stdout_lacks("unseen");
}

#[test]
fn reading_ends_with_75_while_another_one_has_the_file_for_itself() {
    let sandbox = jobs();
    let _held = hold(&sandbox, "BEGIN EXCLUSIVE");
    for args in ["list", "list -o json", "show $A", "show a111"] {
        sandbox
            .jobctl(args)
            .arg("--busy-timeout")
            .arg("100ms")
            .run()
            .fails(75)
            .no_stdout()
            .stderr_has("locked");
    }
}

#[test]
fn reading_a_wal_file_goes_on_whatever_another_one_holds() {
    let sandbox = jobs();
    sandbox.ask("PRAGMA journal_mode = WAL");
    let _held = hold(&sandbox, "BEGIN EXCLUSIVE");
    sandbox
        .jobctl("list --busy-timeout 100ms")
        .run()
        .ok()
        .stdout_has(A);
}

#[test]
fn a_dry_run_needs_no_lock_to_write() {
    let sandbox = jobs();
    let _held = hold(&sandbox, "BEGIN IMMEDIATE");
    for args in &WRITES[1..] {
        sandbox
            .jobctl(*args)
            .arg("--dry-run")
            .arg("--busy-timeout")
            .arg("100ms")
            .run()
            .ok();
    }
}

/// Whether a process has the database open: it has got as far as the lock, or is about to.
fn has_it_open(pid: u32, sandbox: &Sandbox) -> bool {
    let db = sandbox.db().canonicalize().unwrap();
    let Ok(files) = std::fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    files
        .flatten()
        .any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target == db))
}

#[track_caller]
fn waits(begin: &str, args: impl Args) {
    let sandbox = jobs();
    let held = hold(&sandbox, begin);
    let mut child = start(sandbox.jobctl((&args, "--busy-timeout 60s")));
    until("the file is open", || has_it_open(child.id(), &sandbox));
    assert!(child.try_wait().unwrap().is_none(), "it did not wait");
    held.execute_batch("COMMIT").unwrap();
    let status = end(&mut child);
    assert!(status.success(), "{args:?}: {status}");
}

#[test]
fn a_write_waits_for_a_lock_that_is_given_up_in_time() {
    for args in WRITES {
        waits("BEGIN IMMEDIATE", args);
    }
}

#[test]
fn reading_waits_for_a_lock_that_is_given_up_in_time() {
    waits("BEGIN EXCLUSIVE", "list");
    waits("BEGIN EXCLUSIVE", "show $A");
}

#[test]
fn an_update_sees_what_was_written_while_it_waited() {
    let sandbox = jobs();
    let held = hold(&sandbox, "BEGIN IMMEDIATE");
    held.execute(
        "UPDATE video_generation_jobs SET status = 'completed' WHERE id = ?1",
        [A],
    )
    .unwrap();
    let mut child =
        start(sandbox.jobctl("update $A --cancel --if-status queued --busy-timeout 60s"));
    until("the file is open", || has_it_open(child.id(), &sandbox));
    held.execute_batch("COMMIT").unwrap();
    assert_eq!(end(&mut child).code(), Some(4));
    assert_eq!(sandbox.cell(A, "status"), "text|completed");
}

#[test]
fn a_timeout_without_a_unit_is_a_usage_error() {
    jobs()
        .jobctl("list --busy-timeout 5")
        .run()
        .fails(2)
        .stderr_has("--busy-timeout");
}
