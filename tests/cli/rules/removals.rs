//! Cleanup and delete by filter: what the table keeps is not counted, not archived, keeps its folder, and is named.

use std::fs;

use super::{dump, id, record};
use crate::support::{A, Sandbox};

const RAISES: [&str; 4] = [
    "ABORT, 'it stays'",
    "FAIL, 'it stays'",
    "ROLLBACK, 'it stays'",
    "IGNORE",
];

/// Fourteen jobs that ended long ago, of which the table keeps every other one.
fn guarded(raise: &str, when: &str) -> Sandbox {
    let sandbox = Sandbox::report();
    for number in 0..14 {
        let folder = format!("work/{}", id(number));
        fs::create_dir_all(sandbox.path(&folder)).unwrap();
        let title = if number % 2 == 1 { "kept" } else { "gone" };
        sandbox.job(
            &id(number),
            &[
                ("status", &"failed"),
                ("project_title", &title),
                ("working_dir", &folder),
                ("completed_at", &"2025-01-01 00:00:00.000000"),
            ],
        );
    }
    sandbox.sql(&format!(
        "CREATE TABLE seen (id);
         CREATE TRIGGER guard {when} DELETE ON video_generation_jobs WHEN old.project_title = 'kept'
         BEGIN INSERT INTO seen VALUES (old.id); SELECT RAISE({raise}); END"
    ));
    sandbox
}

fn kept() -> Vec<String> {
    (0..14).filter(|n| n % 2 == 1).map(id).collect()
}

#[test]
fn cleanup_counts_archives_and_empties_only_what_goes() {
    for raise in RAISES {
        for more in [
            "",
            "--archive old.jsonl",
            "--files-under .",
            "--archive old.jsonl --files-under . --exclusive",
        ] {
            let sandbox = guarded(raise, "BEFORE");
            let args = "cleanup --older-than 30d --yes";
            for night in 0..2 {
                let run = sandbox
                    .jobctl((args, more))
                    .arg("-o")
                    .arg("json")
                    .run()
                    .fails(1);
                assert_eq!(sandbox.ids(), kept(), "{raise} {more:?}{run}");
                assert_eq!(
                    run.json()["deleted"],
                    if night == 0 { 7 } else { 0 },
                    "{raise}{run}"
                );
                assert_eq!(run.json()["kept_by_table"], 7);
                let run = run
                    .stderr_has("7 jobs stay, which the table does not let go")
                    .stderr_has(&format!("job {}: ", id(13)));
                let why = if raise == "IGNORE" {
                    "a rule of the table keeps it"
                } else {
                    "it stays"
                };
                drop(run.stderr_has(why));
                if more.contains("--archive") {
                    assert_eq!(
                        sandbox.read("old.jsonl").lines().count(),
                        7,
                        "{raise} {night}"
                    );
                }
                if more.contains("--files-under") {
                    for number in 0..14 {
                        let is_there = sandbox.path(format!("work/{}", id(number))).exists();
                        assert_eq!(is_there, number % 2 == 1, "{raise} {number}");
                    }
                }
                // An ignoring trigger has had its way with each job once a night, and never where it was only tried.
                let nights = if raise == "IGNORE" && more.is_empty() {
                    night + 1
                } else {
                    0
                };
                let seen = sandbox.ask("SELECT count(*) FROM seen");
                assert_eq!(seen, (7 * nights).to_string(), "{raise} {more:?}");
            }
            sandbox
                .jobctl(args)
                .arg("-q")
                .run()
                .fails(1)
                .stderr_has("7 jobs stay");
        }
    }
}

#[test]
fn more_than_ten_are_counted() {
    let sandbox = guarded("IGNORE", "BEFORE");
    sandbox.sql("UPDATE video_generation_jobs SET project_title = 'kept'");
    let run = sandbox
        .jobctl("cleanup --older-than 30d --yes")
        .run()
        .fails(1);
    let run = run
        .stderr_has("14 jobs stay")
        .stderr_has("and 4 more")
        .stderr_has("removed 0 jobs");
    assert_eq!(run.stderr.matches("keeps it as it is").count(), 10);
}

#[test]
fn delete_by_filter_counts_only_what_goes() {
    for raise in RAISES {
        for when in ["BEFORE", "AFTER"] {
            if when == "AFTER" && raise == "IGNORE" {
                continue; // It is gone by then.
            }
            let sandbox = guarded(raise, when);
            let args = "delete --status failed --yes -o ids";
            let run = sandbox.jobctl(args).run().fails(1);
            assert_eq!(run.lines().len(), 7, "{raise} {when}{run}");
            run.stderr_has("deleted 7 jobs, 7 kept by the table")
                .stderr_has("7 jobs stay, which the table does not let go");
            assert_eq!(sandbox.ids(), kept(), "{raise} {when}");
        }
    }
}

#[test]
fn dry_runs_say_that_they_do_not_try() {
    let sandbox = guarded("IGNORE", "BEFORE");
    for args in [
        "cleanup --older-than 30d --dry-run",
        "cleanup --older-than 30d --explain",
        "delete --status failed --dry-run",
    ] {
        sandbox
            .jobctl(args)
            .run()
            .ok()
            .stderr_has("a dry run does not try them");
    }
    sandbox.sql("DROP TRIGGER guard");
    let run = sandbox
        .jobctl("cleanup --older-than 30d --dry-run")
        .run()
        .ok();
    run.stderr_lacks("rules of its own");
}

#[test]
fn a_row_of_another_table_keeps_a_job() {
    let sandbox = Sandbox::service();
    let cells: [(&str, &dyn rusqlite::ToSql); 2] = [
        ("status", &"failed"),
        ("completed_at", &"2025-01-01 00:00:00.000000"),
    ];
    sandbox.job(A, &cells);
    sandbox.job(&id(1), &cells);
    sandbox.sql(&format!(
        "CREATE TABLE notes (job REFERENCES video_generation_jobs (id)); INSERT INTO notes VALUES ('{A}')"
    ));
    let args = "cleanup --older-than 30d --yes --archive old.jsonl";
    sandbox
        .jobctl(args)
        .run()
        .fails(1)
        .stderr_has("(FOREIGN KEY)");
    assert_eq!(sandbox.ids(), [A]);
    assert_eq!(sandbox.read("old.jsonl").lines().count(), 1);
}

#[test]
fn triggers_that_only_watch_change_nothing() {
    let sandbox = Sandbox::report();
    sandbox.sql(
        "CREATE TABLE seen (id); CREATE TRIGGER watch AFTER DELETE ON video_generation_jobs
         BEGIN INSERT INTO seen VALUES (old.id); END;
         CREATE TRIGGER watch_in AFTER INSERT ON video_generation_jobs BEGIN INSERT INTO seen VALUES (new.id); END",
    );
    dump(&sandbox, (0..5).map(|n| record(n, "x")));
    sandbox.jobctl("migrate dump.jsonl").run().ok();
    sandbox
        .jobctl("cleanup --older-than 1d --archive a.jsonl --yes")
        .run()
        .ok();
    assert_eq!(sandbox.count(), 0);
    assert_eq!(sandbox.ask("SELECT count(*) FROM seen"), "10");
}
