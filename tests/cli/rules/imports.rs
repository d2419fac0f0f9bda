//! Imports: such a record is a reject with the table's reason, the others go in, and a dry run knows it.

use rusqlite::Connection;

use super::{RULES, dump, id, record, with_rule};
use crate::support::{REPORT_SQL, Sandbox};

const MANY: usize = 30;

/// Every third is bad.
fn title(number: usize) -> &'static str {
    if number % 3 == 1 { "bad" } else { "good" }
}

fn good() -> Vec<String> {
    (0..MANY).filter(|n| title(*n) == "good").map(id).collect()
}

#[test]
fn what_the_table_refuses_is_rejected_alone_and_a_dry_run_knows_it() {
    for (name, rule, why) in RULES {
        for policy in ["skip", "newer", "replace", "fail"] {
            let sandbox = with_rule(rule);
            dump(&sandbox, (0..MANY).map(|n| record(n, title(n))));
            let args = "migrate dump.jsonl --rejects bad.jsonl --on-conflict";
            let args = (args, policy);
            let before = crate::support::hash(sandbox.db());
            let dry = sandbox.jobctl(args).arg("--dry-run").run().fails(65);
            assert_eq!(crate::support::hash(sandbox.db()), before, "{name}");
            let real = sandbox.jobctl(args).run().fails(65);
            assert_eq!(sandbox.ids(), good(), "{name} {policy}{real}");
            for run in [dry, real] {
                run.stderr_has("read 30: inserted 20, updated 0, skipped 0, rejected 10")
                    .stderr_has("dump.jsonl: line 2, byte ")
                    .stderr_has(&format!("job {}: ", id(1)))
                    .stderr_has(why);
            }
            let rejects = sandbox.read("bad.jsonl");
            assert_eq!(rejects.lines().count(), 10);
            let seen = sandbox.ask("SELECT count(*) FROM seen WHERE id <> 'taken'");
            assert_eq!(
                seen, "0",
                "{name}: what a refusing trigger did is taken back"
            );
            // Mended, what was rejected goes in.
            sandbox.write("mended.jsonl", rejects.replace("\"bad\"", "\"mended\""));
            sandbox.jobctl("migrate mended.jsonl").run().ok();
            assert_eq!(sandbox.count(), MANY as i64, "{name}");
        }
    }
}

#[test]
fn a_second_run_skips_what_is_there_without_asking_a_trigger() {
    for (name, rule, _) in RULES {
        let sandbox = with_rule(rule);
        dump(&sandbox, (0..MANY).map(|n| record(n, title(n))));
        for policy in ["skip", "newer", "replace"] {
            sandbox
                .jobctl(["migrate", "dump.jsonl", "--on-conflict", policy])
                .run()
                .fails(65);
            let again = sandbox
                .jobctl(["migrate", "dump.jsonl", "--on-conflict", policy])
                .run();
            again
                .fails(65)
                .stderr_has("read 30: inserted 0, updated 0, skipped 20, rejected 10");
            assert_eq!(sandbox.ids(), good(), "{name}");
        }
    }
}

#[test]
fn an_update_that_the_table_refuses_is_rejected_alone() {
    for raise in [
        "ABORT, 'stays'",
        "FAIL, 'stays'",
        "ROLLBACK, 'stays'",
        "IGNORE",
    ] {
        for dry in [true, false] {
            let sandbox = with_rule(&format!(
                "CREATE TRIGGER guard BEFORE UPDATE ON video_generation_jobs WHEN old.project_title = 'bad'
                 BEGIN SELECT RAISE({raise}); END"
            ));
            dump(&sandbox, (0..MANY).map(|n| record(n, title(n))));
            sandbox.jobctl("migrate dump.jsonl").run().ok();
            dump(&sandbox, (0..MANY).map(|n| record(n, "changed")));
            let args = "migrate dump.jsonl --on-conflict replace";
            let run = if dry {
                sandbox.jobctl(args).arg("--dry-run").run()
            } else {
                sandbox.jobctl(args).run()
            };
            run.fails(65)
                .stderr_has("read 30: inserted 0, updated 20, skipped 0, rejected 10");
            let changed =
                "SELECT count(*) FROM video_generation_jobs WHERE project_title = 'changed'";
            assert_eq!(sandbox.ask(changed), if dry { "0" } else { "20" });
        }
    }
}

#[test]
fn two_jobs_that_may_not_be_alike() {
    let sandbox = Sandbox::report();
    sandbox.sql("CREATE UNIQUE INDEX titles ON video_generation_jobs (project_title)");
    dump(
        &sandbox,
        ["a", "b", "a", "c"]
            .iter()
            .zip(0..)
            .map(|(t, n)| record(n, t)),
    );
    let why = "another job of the table has this project_title (UNIQUE)";
    for dry in [true, false] {
        let args = "migrate dump.jsonl";
        let run = if dry {
            sandbox.jobctl(args).arg("--dry-run").run()
        } else {
            sandbox.jobctl(args).run()
        };
        run.fails(65)
            .stderr_has("inserted 3, updated 0, skipped 0, rejected 1")
            .stderr_has(why);
    }
    assert_eq!(sandbox.ids(), [id(0), id(1), id(3)]);
}

#[test]
fn a_column_that_must_be_there_and_a_strict_table() {
    let sandbox = Sandbox::report();
    sandbox.sql("ALTER TABLE video_generation_jobs RENAME TO old");
    let columns = REPORT_SQL.split_once("PRIMARY KEY,").unwrap().1;
    let columns = columns.split_once(",\n    FOREIGN KEY").unwrap().0;
    sandbox.sql(&format!(
        "CREATE TABLE video_generation_jobs (id VARCHAR(36) PRIMARY KEY, {})",
        columns.replace("style VARCHAR(255)", "style VARCHAR(255) NOT NULL")
    ));
    dump(
        &sandbox,
        [
            record(0, "a"),
            record(1, "b").replacen('{', "{\"style\": \"anime\", ", 1),
        ],
    );
    for flag in ["--dry-run", "--atomic"] {
        sandbox
            .jobctl(["migrate", "dump.jsonl", flag])
            .run()
            .fails(65)
            .stderr_has("the table takes no job without style (NOT NULL)")
            .stderr_has("inserted 1, updated 0, skipped 0, rejected 1");
    }
    assert_eq!(sandbox.ids(), [id(1)]);

    let strict = Sandbox::new();
    let typed = columns
        .replace("VARCHAR(36)", "TEXT")
        .replace("JSON", "TEXT")
        .replace("DATETIME", "TEXT");
    let typed = typed
        .replace("FLOAT", "REAL")
        .replace("CURRENT_TIMESTAMP", "NULL");
    let typed = ["255", "500", "50", "20"]
        .iter()
        .fold(typed, |sql, length| {
            sql.replace(&format!("VARCHAR({length})"), "TEXT")
        });
    strict.sql(&format!(
        "CREATE TABLE video_generation_jobs (id TEXT PRIMARY KEY, {typed}) STRICT"
    ));
    // A row of an archive holds whatever was stored.
    let source = Sandbox::report();
    source.job(&id(0), &[("progress", &"much")]);
    source.job(&id(1), &[]);
    source.jobctl("export --to rows.jsonl").run().ok();
    strict.write("rows.jsonl", source.read("rows.jsonl"));
    for flag in ["--dry-run", "--atomic"] {
        strict
            .jobctl(["migrate", "rows.jsonl", flag])
            .run()
            .fails(65)
            .stderr_has("cannot store TEXT value in REAL column")
            .stderr_has("inserted 1, updated 0, skipped 0, rejected 1");
    }
    assert_eq!(strict.ids(), [id(1)]);
}

#[test]
fn a_reject_undoes_no_atomic_import_but_a_rollback_does_and_says_so() {
    for (name, rule, why) in RULES {
        let sandbox = with_rule(rule);
        dump(&sandbox, (0..MANY).map(|n| record(n, title(n))));
        let run = sandbox
            .jobctl("migrate dump.jsonl --atomic")
            .run()
            .fails(65)
            .stderr_has(why);
        match name {
            "rollback" => {
                run.stderr_has("takes back all that was written with it")
                    .stderr_has("nothing was imported");
                assert_eq!(sandbox.count(), 0);
            }
            _ => {
                run.stderr_has("inserted 20, updated 0, skipped 0, rejected 10");
                assert_eq!(sandbox.ids(), good(), "{name}");
            }
        }
    }
}

#[test]
fn exclusive_imports_and_wal_files_are_the_same() {
    for (name, rule, _) in RULES {
        for wal in [false, true] {
            let sandbox = with_rule(rule);
            if wal {
                sandbox.sql("PRAGMA journal_mode = WAL");
            }
            dump(&sandbox, (0..MANY).map(|n| record(n, title(n))));
            let dry = "migrate dump.jsonl --dry-run";
            sandbox
                .jobctl(dry)
                .run()
                .fails(65)
                .stderr_has("inserted 20");
            let args = "migrate dump.jsonl --exclusive";
            sandbox
                .jobctl(args)
                .run()
                .fails(65)
                .stderr_has("inserted 20");
            assert_eq!(sandbox.ids(), good(), "{name} {wal}");
        }
    }
}

#[test]
fn many_batches_are_counted_right() {
    let sandbox = with_rule(RULES[4].1);
    dump(
        &sandbox,
        (0..6000).map(|n| record(n, if n % 500 == 77 { "bad" } else { "good" })),
    );
    for dry in [true, false] {
        let args = "migrate dump.jsonl";
        let run = if dry {
            sandbox.jobctl(args).arg("--dry-run").run()
        } else {
            sandbox.jobctl(args).run()
        };
        run.fails(65)
            .stderr_has("read 6,000: inserted 5,988, updated 0, skipped 0, rejected 12");
    }
    assert_eq!(sandbox.count(), 5_988);
}

#[test]
fn a_row_that_a_new_file_cannot_take_is_rejected_too() {
    let source = Sandbox::report();
    source.job(&id(0), &[]);
    source.job(&id(1), &[]);
    source.jobctl("export --to rows.jsonl").run().ok();
    let rows =
        source
            .read("rows.jsonl")
            .replacen("\"job_type\": \"idea2video\"", "\"job_type\": null", 1);
    let target = Sandbox::new();
    target.write("rows.jsonl", rows);
    target
        .jobctl("migrate rows.jsonl")
        .run()
        .fails(65)
        .stderr_has("inserted 1");
    assert_eq!(target.count(), 1);
}

#[test]
fn a_dry_run_that_cannot_try_says_so() {
    let sandbox = with_rule(RULES[1].1);
    dump(&sandbox, [record(0, "good"), record(1, "bad")]);
    let writer = Connection::open(sandbox.db()).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    sandbox
        .jobctl("migrate dump.jsonl --dry-run --busy-timeout 10ms")
        .run()
        .ok()
        .stderr_has("inserted 2")
        .stderr_has("the table has rules of its own, which could not be tried");
}
