//! Another database as what is imported: its rows come over as they are, while its service works on.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::support::{A, B, C, D, REPORT_SQL, SERVICE_SQL, Sandbox, hash};

/// All rows of a file, with the types of their values.
#[track_caller]
pub fn all_rows(file: &Path) -> Vec<Vec<Value>> {
    let connection = Connection::open(file).unwrap();
    let sql = "SELECT * FROM video_generation_jobs ORDER BY id";
    let mut statement = connection.prepare(sql).unwrap();
    let width = statement.column_count();
    let row = |row: &rusqlite::Row| (0..width).map(|index| row.get(index)).collect();
    let rows = statement.query_map([], row).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Jobs whose values are not all those that jobctl would write.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("context", &"{\"a\":  1}"), ("result_data", &5)]);
    sandbox.job(
        B,
        &[
            ("progress", &"much"),
            ("updated_at", &"2026-01-10T00:00:00Z"),
            ("project_title", &b"\xff".as_slice()),
            ("series_id", &"a series of another time"),
        ],
    );
    sandbox
}

#[test]
fn the_rows_of_a_file_come_over_as_they_are_whatever_it_is_called() {
    let sandbox = sandbox();
    std::fs::copy(sandbox.db(), sandbox.path("dump.json")).unwrap();
    let before = hash(sandbox.path("dump.json"));
    for (index, source) in ["dump.json", "sqlite:///dump.json"].iter().enumerate() {
        let target = format!("new{index}.db");
        let run = sandbox.jobctl(["--db", &target, "migrate", source]).run();
        run.ok()
            .stderr_has("read 2: inserted 2, updated 0, skipped 0, rejected 0");
        assert_eq!(all_rows(&sandbox.path(&target)), all_rows(&sandbox.db()));
        let again = sandbox.jobctl(["--db", &target, "migrate", source]).run();
        again.ok().stderr_has("inserted 0, updated 0, skipped 2");
    }
    assert_eq!(hash(sandbox.path("dump.json")), before);
    assert!(!sandbox.path("dump.json-journal").exists());
}

#[test]
fn the_policies_and_the_dry_run_are_those_of_any_import() {
    let sandbox = sandbox();
    let run = |line: &str| sandbox.jobctl(line).run();
    run("--db new.db migrate jobs.db --dry-run -o json")
        .ok()
        .stdout_has("\"inserted\": 2");
    assert!(!sandbox.path("new.db").exists());
    run("--db new.db migrate jobs.db").ok();
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET project_title = 'later', updated_at = '2026-01-11 00:00:00.000000' WHERE id = '{A}'"
    ));
    run("--db new.db migrate jobs.db")
        .ok()
        .stderr_has("skipped 2");
    let fails = run("--db new.db migrate jobs.db --on-conflict fail").fails(4);
    fails.stderr_has("exists already");
    let newer = run("--db new.db migrate jobs.db --on-conflict newer -o json").ok();
    newer.stdout_has("\"updated\": 1, \"skipped\": 1");
    assert_eq!(all_rows(&sandbox.path("new.db")), all_rows(&sandbox.db()));
    run("--db new.db undo").ok();
    assert_ne!(all_rows(&sandbox.path("new.db")), all_rows(&sandbox.db()));
}

#[test]
fn rows_that_no_table_here_can_have_are_rejected_by_themselves() {
    let sandbox = sandbox();
    sandbox.insert(&[("job_type", &"idea2video"), ("content", &"without an id")]);
    sandbox.job(C, &[("content", &"long ".repeat(1000))]);
    let line = "--db new.db migrate jobs.db --rejects bad.jsonl --max-record 4k";
    let run = sandbox.jobctl(line).run().fails(65);
    run.stderr_has("read 4: inserted 2, updated 0, skipped 0, rejected 2")
        .stderr_has("rejected jobs.db: it has no id\n")
        .stderr_has("rejected jobs.db: it is longer than the 4096 bytes that a job may have (--max-record)\n");
    assert_eq!(sandbox.read("bad.jsonl").lines().count(), 2);
    let again = sandbox.jobctl("--db new.db migrate bad.jsonl").run();
    again
        .fails(65)
        .stderr_has("inserted 1, updated 0, skipped 0, rejected 1");
}

#[test]
fn a_database_that_cannot_be_the_source_is_told_before_anything_is_made() {
    let sandbox = sandbox();
    Connection::open(sandbox.path("other.db"))
        .unwrap()
        .execute_batch("CREATE TABLE notes (text)")
        .unwrap();
    sandbox.write("dump.jsonl", "");
    for (line, status, said) in [
        (
            "migrate sqlite:///none.db",
            66,
            "no database at none.db (the source)",
        ),
        (
            "migrate other.db",
            66,
            "no table video_generation_jobs in other.db (the source)",
        ),
        (
            "migrate dump.jsonl sqlite:///jobs.db",
            2,
            "a database is imported by itself",
        ),
        (
            "migrate mysql://me:hunter2@host/jobs",
            2,
            "mysql:// databases are not supported (the source)",
        ),
        (
            "migrate postgresql://me:hunter2@127.0.0.1:1/jobs",
            69,
            "postgresql://127.0.0.1:1/jobs cannot be reached",
        ),
    ] {
        let run = sandbox.jobctl(("--db new.db", line)).run();
        run.fails(status)
            .no_stdout()
            .stderr_has(said)
            .stderr_lacks("hunter2");
        assert!(!sandbox.path("new.db").exists());
    }
}

#[test]
fn a_database_is_not_imported_into_itself() {
    let sandbox = sandbox();
    std::fs::hard_link(sandbox.db(), sandbox.path("linked.db")).unwrap();
    for source in ["sqlite:///jobs.db", "sqlite:///linked.db"] {
        let run = sandbox.jobctl(["migrate", source]).run();
        run.fails(4)
            .stderr_has("is the database that would be imported into");
    }
    for source in ["jobs.db", "linked.db"] {
        sandbox
            .jobctl(["migrate", source])
            .run()
            .fails(65)
            .stderr_has("belongs to the database");
    }
    assert_eq!(sandbox.count(), 2);
}

/// A target that the service has just made: its other tables are still to be moved.
#[test]
fn jobs_of_series_are_refused_where_no_series_is_there() {
    let sandbox = sandbox();
    let target = Connection::open(sandbox.path("new.db")).unwrap();
    target.execute_batch(SERVICE_SQL).unwrap();
    target
        .execute_batch("DELETE FROM episodes; DELETE FROM series")
        .unwrap();
    for line in ["migrate jobs.db", "migrate jobs.db --dry-run"] {
        let run = sandbox.jobctl(("--db new.db", line)).run().fails(4);
        run.no_stdout()
            .stderr_has(
                "jobs of jobs.db name series, and there is none in new.db; nothing was imported\n",
            )
            .stderr_has("hint: move the service's other tables first");
    }
    sandbox.sql("UPDATE video_generation_jobs SET series_id = NULL");
    sandbox.jobctl("--db new.db migrate jobs.db").run().ok();
}

#[test]
fn unknown_columns_come_over_by_name_or_are_kept_aside() {
    let sandbox = sandbox();
    sandbox.sql("ALTER TABLE video_generation_jobs ADD COLUMN owner TEXT; UPDATE video_generation_jobs SET owner = 'me'");
    let run = sandbox.jobctl("--db new.db migrate jobs.db --verify").run();
    run.ok().stderr_has("verified: equal: 2 jobs, 23 columns");
    let owner = "SELECT json_extract(context, '$.legacy.owner') FROM video_generation_jobs";
    let target = Connection::open(sandbox.path("new.db")).unwrap();
    let kept: String = target.query_row(owner, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "me");
    let wide = Connection::open(sandbox.path("wide.db")).unwrap();
    wide.execute_batch(REPORT_SQL).unwrap();
    wide.execute_batch("ALTER TABLE video_generation_jobs ADD COLUMN owner TEXT")
        .unwrap();
    let run = sandbox
        .jobctl("--db wide.db migrate jobs.db --verify")
        .run();
    run.ok().stderr_has("verified: equal: 2 jobs, 24 columns");
    assert_eq!(all_rows(&sandbox.path("wide.db")), all_rows(&sandbox.db()));
}

#[test]
fn what_differs_after_the_import_is_named() {
    let sandbox = sandbox();
    sandbox.job(C, &[]);
    let run = |line: &str| sandbox.jobctl(line).run();
    let verified = run("--db new.db migrate jobs.db --verify -v").ok();
    verified
        .stderr_has("verified: equal: 3 jobs, 23 columns\n")
        .stderr_has("sha256 project_title: ");
    let target = Connection::open(sandbox.path("new.db")).unwrap();
    // One byte of one row, behind its back; and what counts for nothing.
    let change = "UPDATE video_generation_jobs SET content = replace(content, 'night', 'nighT') WHERE id = ?1";
    target.execute(change, [C]).unwrap();
    let respell = "UPDATE video_generation_jobs SET created_at = '2026-01-10T00:00:00Z', progress = 0 WHERE id = ?1";
    target.execute(respell, [A]).unwrap();
    let differs = run("--db new.db migrate jobs.db --verify -o json").fails(1);
    differs.stderr_has("1 job differs (content 1); 3 jobs in the source, 3 jobs in the target");
    let document = run("--db new.db migrate jobs.db --verify -o json").json();
    let verify = &document["verify"];
    assert_eq!(verify["is_equal"], false);
    assert_eq!(verify["equal"], 2);
    assert_eq!(verify["differences"][0]["job_id"], C);
    assert_eq!(verify["differences"][0]["column"], "content");
    let sums = |name: &str| {
        let columns = verify["columns"].as_array().unwrap();
        let column = columns
            .iter()
            .find(|column| column["column"] == name)
            .unwrap();
        [&column["sha256_a"], &column["sha256_b"]].map(|sum| sum.as_str().unwrap().to_owned())
    };
    assert_ne!(sums("content")[0], sums("content")[1]);
    assert_eq!(sums("created_at")[0], sums("created_at")[1]);
    let told = run("--db new.db migrate jobs.db --verify")
        .fails(1)
        .no_stdout();
    told.stderr_has(&format!("job {C} differs: content is \""))
        .stderr_has("night\" in the source and \"")
        .stderr_has("nighT\" in the target");
    run("--db new.db migrate jobs.db --on-conflict replace --verify").ok();
}

#[test]
fn what_is_gone_from_the_source_goes_in_the_target_where_it_is_asked_for() {
    let sandbox = sandbox();
    sandbox.job(C, &[("status", &"processing")]);
    let run = |line: &str| sandbox.jobctl(line).run();
    run("--db new.db migrate jobs.db").ok();
    sandbox.sql(&format!(
        "DELETE FROM video_generation_jobs WHERE id IN ('{A}', '{C}')"
    ));
    sandbox.job(D, &[]);
    let dry = run("--db new.db migrate jobs.db --mirror --dry-run -o json").ok();
    let document = dry.json();
    assert_eq!(document["mirror"]["gone"], 2);
    assert_eq!(document["count"], 1);
    dry.stderr_has("would delete 2 jobs that are gone from jobs.db");
    let refused = run("--db new.db migrate jobs.db --mirror").fails(4);
    refused.stderr_has("delete 2 jobs (gone from jobs.db) in new.db; nothing was changed");
    assert_eq!(all_rows(&sandbox.path("new.db")).len(), 3);
    let differs = run("--db new.db migrate jobs.db --verify").fails(1);
    differs.stderr_has("2 jobs in the target alone; 2 jobs in the source, 4 jobs in the target");
    let mirrored = run("--db new.db migrate jobs.db --mirror --yes --verify").ok();
    mirrored
        .stderr_has("deleted 2 jobs that are gone from jobs.db\n")
        .stderr_has("verified: equal: 2 jobs");
    assert_eq!(all_rows(&sandbox.path("new.db")), all_rows(&sandbox.db()));
    run("--db new.db undo").ok();
    assert_eq!(all_rows(&sandbox.path("new.db")).len(), 4);
}

#[test]
fn a_source_without_jobs_is_no_mirror() {
    let sandbox = sandbox();
    sandbox.jobctl("--db new.db migrate jobs.db").run().ok();
    sandbox.sql("DELETE FROM video_generation_jobs");
    let run = sandbox
        .jobctl("--db new.db migrate jobs.db --mirror --yes")
        .run();
    run.fails(4).stderr_has("there is no job in jobs.db");
    assert_eq!(all_rows(&sandbox.path("new.db")).len(), 2);
}

#[test]
fn flags_of_a_move_are_refused_where_they_mean_nothing() {
    let sandbox = sandbox();
    sandbox.write("dump.jsonl", "");
    for (line, said) in [
        (
            "migrate dump.jsonl --verify",
            "'--verify' is for the import of a database",
        ),
        (
            "migrate dump.jsonl --mirror",
            "'--mirror' is for the import of a database",
        ),
        (
            "migrate jobs.db --verify --dry-run",
            "a dry run imports nothing",
        ),
        (
            "migrate jobs.db --mirror --atomic",
            "'--atomic' could not take back",
        ),
    ] {
        let run = sandbox.jobctl(("--db new.db", line)).run();
        run.fails(2).no_stdout().stderr_has(said);
        assert!(!sandbox.path("new.db").exists());
    }
}
