//! `doctor --for postgres`: the jobs that PostgreSQL would refuse or alter, by kind.

use super::{clean, of_service};
use crate::support::A;

/// The one finding about a value in the first job.
#[track_caller]
fn is_told(column: &str, value: &str, kind: &str, severity: &str) {
    // The service's table takes no job without an id.
    let sandbox = if column == "id" {
        clean()
    } else {
        of_service()
    };
    let sql = format!("UPDATE video_generation_jobs SET {column} = {value} WHERE id = '{A}'");
    sandbox.sql(&sql);
    let run = sandbox.jobctl("doctor --for postgres -o json").run();
    let findings = run.json()["findings"].clone();
    let found: Vec<_> = findings.as_array().unwrap().iter().collect();
    assert_eq!(found.len(), 1, "{column} = {value}{run}");
    assert_eq!(found[0]["check"], kind, "{column} = {value}{run}");
    assert_eq!(found[0]["severity"], severity, "{run}");
    assert_eq!(run.status, i32::from(severity == "error"), "{run}");
}

#[test]
fn each_kind_is_told_by_its_name() {
    for (column, value, kind) in [
        ("id", "NULL", "no-id"),
        ("id", "'a1111111-1111-4111-8111-1111111111111'", "too-long"),
        ("style", "printf('%.*c', 256, 'x')", "too-long"),
        ("mode", "'a word of more than 20'", "too-long"),
        ("content", "'a' || char(0) || 'b'", "nul"),
        ("result_data", "'\"a' || char(0) || 'b\"'", "nul"),
        ("content", "CAST(x'ff' AS TEXT)", "not-utf8"),
        ("project_title", "x'41'", "not-utf8"),
        ("context", "CAST(x'22ff22' AS TEXT)", "not-utf8"),
        ("request_data", "'{'", "not-json"),
        ("request_data", "'NaN'", "not-json"),
        ("request_data", "x'7b7d'", "not-json"),
        ("total_shots", "3000000000", "out-of-range"),
        ("total_shots", "'many'", "out-of-range"),
        ("progress", "'half'", "out-of-range"),
        ("completed_shots", "1.5", "not-whole"),
        ("started_at", "'soon'", "bad-time"),
        ("started_at", "17", "bad-time"),
        ("started_at", "'2026-02-30 00:00:00.000000'", "bad-time"),
        ("series_id", "'gone'", "no-parent"),
        ("episode_id", "'gone'", "no-parent"),
    ] {
        is_told(column, value, kind, "error");
    }
    is_told("progress", "9e999", "not-finite", "warning");
    is_told("started_at", "'2026-01-14T10:00:01Z'", "respelled", "info");
}

#[test]
fn what_fits_is_not_told() {
    let sandbox = of_service();
    let run = sandbox
        .jobctl("doctor --for postgres")
        .run()
        .ok()
        .no_stdout();
    run.stderr_is("all is well: 11 checks, 2 jobs in jobs.db\n");
    for (column, value) in [
        ("style", "printf('%.*c', 255, 'x')"),
        ("style", "replace(hex(zeroblob(127)), '00', 'é')"),
        ("series_id", "'series-1'"),
        ("total_shots", "2147483647"),
        ("total_shots", "3.0"),
        ("progress", "-5"),
        ("result_data", "'\"\\u0000\\ud800\"'"),
        ("status", "'odd'"),
    ] {
        let sql = format!("UPDATE video_generation_jobs SET {column} = {value} WHERE id = '{A}'");
        sandbox.sql(&sql);
        sandbox
            .jobctl("doctor --for postgres -q")
            .run()
            .ok()
            .no_stdout();
    }
    // Without the tables of series and episodes any id is taken.
    let sandbox = clean();
    sandbox.sql("UPDATE video_generation_jobs SET series_id = 'any'");
    sandbox
        .jobctl("doctor --for postgres -q")
        .run()
        .ok()
        .no_stdout();
}

#[test]
fn a_job_counts_once_for_each_kind_and_in_several() {
    let sandbox = of_service();
    sandbox.sql("UPDATE video_generation_jobs SET style = x'00', content = x'00', request_data = '{', started_at = 'x', completed_at = 'y'");
    let run = sandbox
        .jobctl("doctor --for postgres -o json")
        .run()
        .fails(1);
    let findings = run.json()["findings"].clone();
    let found: Vec<_> = findings
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["check"].as_str().unwrap(), it["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(found, [("not-utf8", 2), ("not-json", 2), ("bad-time", 2)]);
    for more in ["--fix", "--full", "bad-json"] {
        let run = sandbox.jobctl(["doctor", "--for", "postgres", more]).run();
        run.fails(2).no_stdout();
    }
}
