//! Writing changes rows and nothing else; times and JSON columns as the service writes them.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::{create, file};
use crate::support::{A, B, NOW_STORED, REPORT_SQL, SERVICE_SQL, Sandbox};

fn writes_without_a_trace(sandbox: &Sandbox) {
    sandbox.sql("PRAGMA user_version = 7");
    sandbox.job(A, &[]);
    sandbox.job(B, &[("status", &"failed")]);
    let schema = sandbox.schema();
    create(sandbox).run().ok();
    sandbox.jobctl("update $A --status processing").run().ok();
    sandbox.jobctl("delete $B").run().ok();
    sandbox.jobctl("delete --status failed --yes").run().ok();
    assert_eq!(sandbox.schema(), schema);
    assert_eq!(sandbox.ask("PRAGMA journal_mode"), "delete");
    assert_eq!(sandbox.ask("PRAGMA user_version"), "7");
    assert_eq!(sandbox.ask("PRAGMA auto_vacuum"), "0");
}

#[test]
fn writing_keeps_schema_journal_mode_and_version_of_a_file_of_the_report() {
    writes_without_a_trace(&Sandbox::report());
}

#[test]
fn writing_keeps_schema_journal_mode_and_version_of_a_file_of_the_service() {
    let sandbox = Sandbox::service();
    writes_without_a_trace(&sandbox);
    assert_eq!(sandbox.ask("SELECT count(*) FROM series"), "1");
    assert_eq!(sandbox.ask("SELECT count(*) FROM episodes"), "1");
    assert_eq!(
        sandbox.ask("SELECT email FROM users"),
        "someone@example.org"
    );
}

#[test]
fn every_column_is_set_in_a_file_without_defaults() {
    let sandbox = Sandbox::service();
    let id = create(&sandbox).run().ok().stdout.trim().to_owned();
    for (column, expected) in [
        ("status", "text|queued"),
        ("mode", "text|idea"),
        ("progress", "real|0.0"),
        ("total_shots", "integer|0"),
        ("completed_shots", "integer|0"),
        ("started_at", "null|"),
        ("completed_at", "null|"),
    ] {
        assert_eq!(sandbox.cell(&id, column), expected, "{column}");
    }
    assert_eq!(
        sandbox.cell(&id, "created_at"),
        format!("text|{NOW_STORED}")
    );
    assert_eq!(
        sandbox.cell(&id, "updated_at"),
        format!("text|{NOW_STORED}")
    );
}

#[test]
fn written_times_have_exactly_26_characters() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox
        .jobctl("update $A --status processing")
        .env("JOBCTL_TEST_NOW", "2026-02-01T00:00:00Z")
        .run()
        .ok();
    sandbox
        .jobctl("update $A --complete")
        .env("JOBCTL_TEST_NOW", "2026-02-01T00:00:01.5Z")
        .run()
        .ok();
    assert_eq!(
        sandbox.cell(A, "started_at"),
        "text|2026-02-01 00:00:00.000000"
    );
    assert_eq!(
        sandbox.cell(A, "completed_at"),
        "text|2026-02-01 00:00:01.500000"
    );
    assert_eq!(
        sandbox.cell(A, "updated_at"),
        "text|2026-02-01 00:00:01.500000"
    );
}

fn reads_time(stored: &str, shown: &str) {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("created_at", &stored)]);
    let jobs = sandbox.jobctl("show $A -o json").run().ok().json();
    assert_eq!(jobs["created_at"], shown);
}

#[test]
fn a_stored_time_without_a_fraction_is_read() {
    reads_time("2025-12-29 14:14:00", "2025-12-29T14:14:00.000000Z");
}

#[test]
fn a_stored_time_with_a_t_is_read() {
    reads_time("2025-12-29T14:14:00.250000", "2025-12-29T14:14:00.250000Z");
}

#[test]
fn a_stored_time_with_a_z_is_read() {
    reads_time("2025-12-29T14:14:00Z", "2025-12-29T14:14:00.000000Z");
}

#[test]
fn a_stored_time_with_an_offset_is_read_as_utc() {
    reads_time("2025-12-29T14:14:00+08:00", "2025-12-29T06:14:00.000000Z");
}

#[test]
fn a_stored_time_with_a_space_and_an_offset_is_read_as_utc() {
    reads_time(
        "2025-12-29 14:14:00.000000-05:00",
        "2025-12-29T19:14:00.000000Z",
    );
}

#[test]
fn a_stored_time_that_cannot_be_read_is_shown_as_it_is() {
    reads_time("the day before", "the day before");
}

#[test]
fn the_stored_time_of_a_changed_row_keeps_its_spelling() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[
            ("created_at", &"2025-12-29T14:14:00Z"),
            ("started_at", &"no time"),
        ],
    );
    let before = sandbox.row(A);
    sandbox.jobctl("update $A --title x").run().ok();
    assert_eq!(sandbox.changed(A, &before), ["project_title", "updated_at"]);
}

#[test]
fn sql_null_and_the_text_null_are_read_alike() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[
            ("request_data", &"null"),
            ("context", &"null"),
            ("result_data", &"null"),
        ],
    );
    sandbox.job(B, &[]);
    for id in [A, B] {
        let job = sandbox.jobctl(["show", id, "-o", "json"]).run().ok().json();
        assert_eq!(job["request_data"], serde_json::json!({}));
        assert_eq!(job["context"], serde_json::json!({}));
        assert!(job["result"].is_null());
    }
}

#[test]
fn sql_null_and_the_text_null_are_kept_as_found() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("request_data", &"null"), ("result_data", &"null")]);
    let before = sandbox.row(A);
    sandbox.jobctl("update $A --title x").run().ok();
    assert_eq!(sandbox.changed(A, &before), ["project_title", "updated_at"]);
}

#[test]
fn both_kinds_of_file_are_what_the_tests_say_they_are() {
    assert!(REPORT_SQL.contains("DEFAULT") && !SERVICE_SQL.contains("DEFAULT"));
    assert_eq!(Sandbox::service().ask("PRAGMA journal_mode"), "delete");
    assert_eq!(Sandbox::report().ask("PRAGMA journal_mode"), "delete");
}

#[test]
fn what_is_no_file_is_said_at_once() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("folder")).unwrap();
    let made = Command::new("mkfifo").arg(sandbox.path("pipe")).status();
    assert!(made.unwrap().success());
    symlink("pipe", sandbox.path("link")).unwrap();
    sandbox.write("dump.json", "[]");
    let names = [
        ("folder", "a folder"),
        ("pipe", "a pipe"),
        ("link", "a pipe"),
        ("sqlite:///pipe", "a pipe"),
        ("/dev/null", "a device"),
    ];
    let commands: [&str; 6] = [
        "list",
        "stats",
        "delete $A",
        "migrate dump.json",
        "migrate dump.json --dry-run",
        "cleanup --older-than 1d --yes",
    ];
    for (name, what) in names {
        let said = format!(" is {what} and no database (from --db)\nhint: ");
        let runs = commands.map(|args| sandbox.jobctl(args).arg("--db").arg(name).run());
        for run in runs {
            run.fails(66).no_stdout().stderr_has(&said);
        }
        let run = create(&sandbox).arg("--db").arg(name).run().fails(66);
        run.no_stdout().stderr_has(&said);
    }
}

#[test]
fn what_a_shell_would_take_away_makes_no_other_file() {
    let sandbox = Sandbox::new();
    file(&sandbox, "jobs.db", "the one");
    for name in [
        "jobs.db\r",
        "jobs.db\n",
        " jobs.db",
        "sqlite:///jobs.db\r",
        "\t",
    ] {
        let run = create(&sandbox).env("JOBCTL_DB", name).run().fails(2);
        run.stderr_has("a blank or a line end around")
            .stderr_has("(from JOBCTL_DB)");
    }
    let run = create(&sandbox)
        .env("JOBCTL_DB", "~/jobs.db")
        .run()
        .fails(2);
    run.stderr_has("the ~ of ~/jobs.db (from JOBCTL_DB)");
    // A file of that very name is taken.
    file(&sandbox, "old.db ", "the blank one");
    let run = sandbox.jobctl("list").env("JOBCTL_DB", "old.db ");
    run.run().ok().stdout_has("the blank one");
    let mut files: Vec<_> = fs::read_dir(sandbox.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    files.sort();
    assert_eq!(files, ["home", "jobs.db", "old.db "]);
}
