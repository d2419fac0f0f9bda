//! Reading leaves a file as it was, byte for byte.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{A, Sandbox, hash};

fn reads_without_a_trace(sandbox: &Sandbox) {
    sandbox.job(
        A,
        &[("status", &"failed"), ("error_message", &"out of memory")],
    );
    let before = hash(sandbox.db());
    for args in [
        "list",
        "list --status failed --search memory -o json",
        "list --all -o csv",
        "show $A",
        "show a111 -o json",
        "delete --status failed --dry-run",
        "update $A --requeue --dry-run",
        "cleanup --older-than 1d --dry-run",
    ] {
        sandbox.jobctl(args).run().ok();
        assert_eq!(hash(sandbox.db()), before, "{args:?}");
    }
    for name in ["jobs.db-journal", "jobs.db-wal", "jobs.db-shm"] {
        assert!(!sandbox.path(name).exists(), "{name} was left");
    }
}

#[test]
fn reading_leaves_a_file_of_the_report_byte_identical() {
    reads_without_a_trace(&Sandbox::report());
}

#[test]
fn reading_leaves_a_file_of_the_service_byte_identical() {
    reads_without_a_trace(&Sandbox::service());
}

#[test]
fn reading_leaves_a_file_in_wal_byte_identical() {
    let sandbox = Sandbox::report();
    sandbox.sql("PRAGMA journal_mode = wal");
    sandbox.job(A, &[]);
    let before = hash(sandbox.db());
    sandbox.jobctl("list").run().ok().stdout_has(A);
    sandbox.jobctl("show $A").run().ok();
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_refused_update_leaves_the_file_byte_identical() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    let before = hash(sandbox.db());
    sandbox.jobctl("update $A --complete").run().fails(4);
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_file_without_write_permission_can_be_read() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    fs::set_permissions(sandbox.db(), fs::Permissions::from_mode(0o400)).unwrap();
    sandbox.jobctl("list").run().ok().stdout_has(A);
}

#[test]
fn rows_that_are_still_in_the_wal_of_a_killed_writer_are_read() {
    let sandbox = Sandbox::report();
    sandbox.sql("PRAGMA journal_mode = wal");
    let writer = sandbox.connection();
    writer
        .execute(
            "INSERT INTO video_generation_jobs (id, job_type) VALUES (?1, 'idea2video')",
            [A],
        )
        .unwrap();
    fs::copy(sandbox.db(), sandbox.path("killed.db")).unwrap();
    fs::copy(sandbox.path("jobs.db-wal"), sandbox.path("killed.db-wal")).unwrap();
    sandbox
        .jobctl("list --db killed.db")
        .run()
        .ok()
        .stdout_has(A);
}

#[test]
fn a_hot_journal_of_a_killed_service_is_rolled_back() {
    let sandbox = Sandbox::report();
    let filler = "x".repeat(2000);
    for number in 0..40 {
        sandbox.job(
            &format!("{number:08}-0000-4000-8000-000000000000"),
            &[("content", &filler)],
        );
    }
    let writer = sandbox.connection();
    writer.execute_batch("PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE video_generation_jobs SET status = 'failed'").unwrap();
    fs::copy(sandbox.db(), sandbox.path("killed.db")).unwrap();
    fs::copy(
        sandbox.path("jobs.db-journal"),
        sandbox.path("killed.db-journal"),
    )
    .unwrap();
    drop(writer);
    let output = sandbox
        .jobctl("list --all -o jsonl --db killed.db")
        .run()
        .ok();
    let jobs = output.jsonl();
    assert_eq!(jobs.len(), 40);
    assert!(
        jobs.iter().all(|job| job["status"] == "queued"),
        "the unfinished change was read"
    );
}

/// As a failing disk may leave it: names are read as text, unlike the texts of jobs.
#[test]
fn a_name_that_is_no_text_is_a_damage() {
    for column in ["sql", "name"] {
        let sandbox = Sandbox::report();
        sandbox.job(A, &[]);
        sandbox.sql(&format!(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET {column} = replace({column}, 'video_generation_jobs', CAST(x'69ff' AS TEXT))"
        ));
        for args in ["show $A", "list --all", "history", "update $A --title new"] {
            sandbox
                .jobctl(args)
                .run()
                .fails(1)
                .stderr_has("jobs.db is damaged: ")
                .stderr_has("hint: restore a backup, or salvage with: sqlite3 jobs.db .recover");
        }
    }
}
