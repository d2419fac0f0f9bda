//! How the command behaves: its status, its formats, and files that are none.

use super::clean;
use crate::support::{A, Sandbox};

/// A warning, an error and nothing else.
fn faulty() -> Sandbox {
    let sandbox = clean();
    let sql = "UPDATE video_generation_jobs SET result_data = '{', progress = 140 WHERE status = 'completed'";
    sandbox.sql(sql);
    sandbox
}

#[test]
fn errors_end_with_1_and_warnings_where_it_is_strict() {
    let sandbox = faulty();
    let run = sandbox.jobctl("doctor").run().fails(1);
    run.stderr_is("1 error, 1 warning: 34 checks, 2 jobs in jobs.db\n");
    sandbox.jobctl("doctor progress-range").run().ok();
    sandbox
        .jobctl("doctor progress-range --strict")
        .run()
        .fails(1);
    sandbox
        .jobctl("doctor odd-id --strict")
        .run()
        .ok()
        .no_stdout();
}

#[test]
fn quiet_prints_the_findings_alone() {
    let run = faulty().jobctl("doctor -q").run().fails(1).no_stderr();
    let begins = run.lines().into_iter().filter(|it| !it.starts_with(' '));
    let begins: Vec<&str> = begins.filter(|it| !it.is_empty()).collect();
    assert_eq!(begins, ["error bad-json", "warning progress-range"]);
}

#[test]
fn findings_come_as_lines_and_as_one_document() {
    let sandbox = faulty();
    let json = sandbox.jobctl("doctor -o json").run().fails(1).json();
    let lines = sandbox.jobctl("doctor -o jsonl").run().fails(1).jsonl();
    assert_eq!(lines, std::slice::from_ref(&json));
    let checks: Vec<&str> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["check"].as_str().unwrap())
        .collect();
    assert_eq!(checks, ["bad-json", "progress-range"]);
    for format in ["csv", "ids", "prometheus"] {
        let run = sandbox.jobctl(["doctor", "-o", format]).run().fails(2);
        run.no_stdout().stderr_has("hint:");
    }
}

#[test]
fn at_most_three_examples_are_told_and_the_number_of_all() {
    let sandbox = clean();
    super::fixtures::many(&sandbox);
    sandbox.sql("UPDATE video_generation_jobs SET progress = -1");
    let run = sandbox.jobctl("doctor progress-range").run().ok();
    run.stdout_has("warning progress-range (10,002)\n")
        .stdout_has("and 9,999 more\n")
        .stdout_has("progress = -1.0\n");
    let run = sandbox.jobctl("doctor progress-range -o json").run().ok();
    let finding = &run.json()["findings"][0];
    assert_eq!(finding["count"], 10_002);
    assert_eq!(finding["examples"].as_array().unwrap().len(), 3);
}

#[test]
fn the_command_that_puts_it_right_names_the_job_and_the_file() {
    let sandbox = faulty();
    let run = sandbox.jobctl("--db jobs.db doctor progress-range").run();
    run.ok().stdout_has(&format!(
        "fix: jobctl --db jobs.db update {A} --progress 0\n"
    ));
}

#[test]
fn what_is_stored_does_nothing_to_a_terminal() {
    let sandbox = clean();
    sandbox.sql(
        "UPDATE video_generation_jobs SET status = 'a' || char(27) || '[2J' || char(10) || 'b'",
    );
    let run = sandbox.jobctl("doctor unknown-status").run().ok();
    run.stdout_has("status = \"a\\x1b[2J\\nb\"")
        .stdout_lacks("\u{1b}");
}

#[test]
fn a_check_that_is_none_is_a_usage_error() {
    let run = clean().jobctl("doctor bad-jsno").run().fails(2);
    run.no_stdout().stderr_has("bad-json");
}

#[test]
fn a_file_that_is_not_there_or_has_no_jobs_is_no_finding() {
    let sandbox = Sandbox::new();
    sandbox.jobctl("doctor").run().fails(66).no_stdout();
    sandbox.sql("CREATE TABLE other (id)");
    sandbox.jobctl("doctor").run().fails(66).no_stdout();
    sandbox.write("text.db", "no database");
    sandbox
        .jobctl("--db text.db doctor")
        .run()
        .fails(66)
        .no_stdout();
}

#[test]
fn nothing_is_written() {
    let sandbox = faulty();
    let before = crate::support::hash(sandbox.db());
    for args in ["doctor", "doctor --full", "doctor -o json"] {
        sandbox.jobctl(args).run().fails(1);
        assert_eq!(crate::support::hash(sandbox.db()), before, "{args}");
    }
}

#[test]
fn every_kind_of_a_bad_value_is_found() {
    for (check, column, values) in [
        (
            "bad-json",
            "request_data",
            &[
                "'['",
                "x'00'",
                "'{\"a\": NaN}'",
                "''",
                "CAST(x'22ff22' AS TEXT)",
            ][..],
        ),
        ("bad-json", "context", &["'{} {}'", "'nul'"]),
        ("broken-text", "content", &["CAST(x'c3' AS TEXT)", "x'41'"]),
        ("broken-text", "error_message", &["CAST(x'eda080' AS TEXT)"]),
        (
            "unreadable-time",
            "created_at",
            &[
                "''",
                "17",
                "1.5",
                "x'00'",
                "'2026-02-30 00:00:00.000000'",
                "'now'",
            ],
        ),
        (
            "future-time",
            "created_at",
            &[
                "'1970-01-01 00:00:00.000000'",
                "'2026-01-17 00:00:00.000000'",
            ],
        ),
        (
            "clock",
            "completed_at",
            &[
                "'2026-01-15 12:01:00.000001'",
                "'2026-01-16 23:59:59.999999'",
            ],
        ),
        (
            "time-spelling",
            "started_at",
            &[
                "'2026-01-14 10:00:01'",
                "'2026-01-14T10:00:01.000000'",
                "'2026-01-14 10:00:01.5'",
                "'2026-01-14'",
                "'2026-01-14 10:00:01.00000Z'",
            ],
        ),
        (
            "progress-range",
            "progress",
            &["-0.1", "100.5", "9e999", "'half'", "x'31'"],
        ),
        ("shot-counts", "total_shots", &["-1", "1.5", "'eight'", "6"]),
        (
            "shot-counts",
            "completed_shots",
            &["-1", "0.5", "9", "x'31'"],
        ),
        (
            "unknown-status",
            "status",
            &["NULL", "''", "'COMPLETED'", "7"],
        ),
        (
            "odd-id",
            "id",
            &[
                "''",
                "'7'",
                "x'41'",
                "'a1111111-1111-4111-8111-11111111111g'",
            ],
        ),
    ] {
        for value in values {
            let sandbox = clean();
            sandbox.sql(&format!(
                "UPDATE video_generation_jobs SET {column} = {value} WHERE id = '{A}'"
            ));
            let run = sandbox.jobctl("doctor -o json").run();
            let findings = run.json()["findings"].clone();
            let found = findings
                .as_array()
                .unwrap()
                .iter()
                .any(|it| it["check"] == check && it["count"] == 1);
            assert!(found, "{check}: {column} = {value}{run}");
        }
    }
}

#[test]
fn what_the_service_may_write_is_no_finding() {
    for (column, values) in [
        (
            "request_data",
            &["NULL", "'null'", "'{}'", "'\"\\ud800\"'", "3"][..],
        ),
        (
            "created_at",
            &[
                "NULL",
                "'2026-01-15 12:00:30.000000'",
                "'2000-01-01 00:00:00.000000'",
            ],
        ),
        ("progress", &["NULL", "0", "100", "33.3"]),
        ("total_shots", &["NULL", "7", "8.0"]),
        ("completed_shots", &["NULL", "0"]),
        ("job_type", &["'another'"]),
        ("id", &["'A1111111-1111-4111-8111-111111111111'"]),
        ("series_id", &["'any'"]),
    ] {
        for value in values {
            let sandbox = clean();
            sandbox.sql(&format!(
                "UPDATE video_generation_jobs SET {column} = {value} WHERE id = '{A}'"
            ));
            let run = sandbox.jobctl("doctor -q").run();
            run.ok().no_stdout().no_stderr();
        }
    }
}

#[test]
fn old_jobs_are_told_by_the_age_that_is_asked_for() {
    let sandbox = clean();
    sandbox.jobctl("doctor -q").run().ok().no_stdout();
    let run = sandbox.jobctl("doctor --stale 30m").run().ok();
    run.stdout_has("warning stale-queued\n")
        .stdout_has("--older-than 30m");
    sandbox
        .jobctl("doctor -q --stale 2h")
        .run()
        .ok()
        .no_stdout();
}

#[test]
fn each_job_that_names_what_is_not_there_is_counted_beside_many_that_name_what_is() {
    let sandbox = Sandbox::report();
    sandbox.sql(
        "CREATE TABLE series (id VARCHAR(36) PRIMARY KEY); CREATE TABLE episodes (id VARCHAR(36) PRIMARY KEY);
         INSERT INTO series VALUES ('s1'), ('s2'), ('7'); INSERT INTO episodes VALUES ('e1'), ('s3');
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
         INSERT INTO video_generation_jobs (id, job_type, status, series_id, episode_id)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'cancelled',
         CASE WHEN i % 200 = 7 THEN 's3' WHEN i = 50 THEN x'7331' WHEN i = 60 THEN 7 WHEN i % 3 = 0 THEN NULL ELSE 's' || (i % 2 + 1) END,
         CASE WHEN i = 300 THEN 's1' WHEN i % 2 = 0 THEN 'e1' END FROM n",
    );
    let run = sandbox.jobctl("doctor dangling-parent -o json").run().ok();
    let found = &run.json()["findings"][0];
    // Three name s3, one the bytes of s1, and one an episode that is a series.
    assert_eq!(found["count"], 5, "{run}");
    let first = found["examples"][0].as_str().unwrap();
    assert!(first.ends_with("series_id = \"s3\""), "{run}");
}
