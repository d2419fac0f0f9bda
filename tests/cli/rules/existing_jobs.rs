//! Records of jobs that are there: a rule for new rows is not asked about them, and a dry run says the same.

use super::{id, record, with_rule};
use crate::support::Sandbox;

/// A table that takes no new job without an owner, and one job of it.
fn owned() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(&id(1), &[("status", &"failed"), ("project_title", &"old")]);
    let sql = sandbox.ask("SELECT sql FROM sqlite_schema WHERE name = 'video_generation_jobs'");
    let wider = sql.replacen("video_generation_jobs", "wider", 1).replacen(
        "PRIMARY KEY,",
        "PRIMARY KEY, owner TEXT NOT NULL,",
        1,
    );
    let names = crate::support::COLUMNS.join(", ");
    sandbox.sql(&format!(
        "{wider}; INSERT INTO wider ({names}, owner) SELECT {names}, 'me' FROM video_generation_jobs;
         DROP TABLE video_generation_jobs; ALTER TABLE wider RENAME TO video_generation_jobs"
    ));
    sandbox
}

#[test]
fn a_column_that_must_be_there_is_left_as_it_is() {
    for (policy, said) in [
        ("skip", "inserted 0, updated 0, skipped 1, rejected 1"),
        ("newer", "inserted 0, updated 1, skipped 0, rejected 1"),
        ("replace", "inserted 0, updated 1, skipped 0, rejected 1"),
    ] {
        for more in ["", "--atomic", "--exclusive"] {
            let sandbox = owned();
            sandbox
                .sql("UPDATE video_generation_jobs SET updated_at = '2025-01-01 00:00:00.000000'");
            sandbox.write("dump.jsonl", [record(0, "x"), record(1, "new")].join("\n"));
            let args = format!("migrate dump.jsonl --on-conflict {policy} {more}");
            for dry in [true, false] {
                let run = sandbox.jobctl(&args);
                let run = if dry { run.arg("--dry-run") } else { run };
                run.run().fails(65).stderr_has(said).stderr_has(&format!(
                    "job {}: the table takes no job without owner",
                    id(0)
                ));
            }
            let title = if policy == "skip" {
                "text|old"
            } else {
                "text|new"
            };
            assert_eq!(sandbox.cell(&id(1), "project_title"), title);
            assert_eq!(sandbox.ask("SELECT owner FROM video_generation_jobs"), "me");
        }
    }
}

#[test]
fn under_atomic_a_dry_run_knows_what_takes_all_back() {
    let (_, rule, _) = super::RULES
        .iter()
        .find(|(name, _, _)| *name == "rollback")
        .unwrap();
    let sandbox = with_rule(rule);
    super::dump(&sandbox, [record(0, "good"), record(1, "bad")]);
    let args = "migrate dump.jsonl --atomic";
    for more in ["--dry-run", ""] {
        sandbox
            .jobctl((args, more))
            .run()
            .fails(65)
            .stderr_has("read 0: inserted 0")
            .stderr_has("takes back all that was written with it")
            .stderr_has("hint: nothing was imported; without --atomic");
        assert_eq!(sandbox.count(), 0);
    }
}
