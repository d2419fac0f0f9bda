//! `diff`: where the jobs of two databases differ.

use rusqlite::Connection;

use crate::support::{A, B, C, Sandbox};

/// `jobs.db` with three jobs, and `other.db` with the same.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::report();
    for id in [A, B, C] {
        sandbox.job(id, &[]);
    }
    std::fs::copy(sandbox.db(), sandbox.path("other.db")).unwrap();
    sandbox
}

fn change(sandbox: &Sandbox, sql: &str) {
    let other = Connection::open(sandbox.path("other.db")).unwrap();
    other.pragma_update(None, "foreign_keys", false).unwrap();
    other.execute_batch(sql).unwrap();
}

#[test]
fn equal_databases_are_said_to_be_equal() {
    let sandbox = sandbox();
    let run = |line: &str| sandbox.jobctl(line).run();
    run("diff jobs.db other.db")
        .ok()
        .no_stdout()
        .stderr_is("equal: 3 jobs, 23 columns\n");
    run("diff jobs.db other.db -q").ok().no_stdout().no_stderr();
    change(
        &sandbox,
        "UPDATE video_generation_jobs SET created_at = '2026-01-10T00:00:00Z', progress = 0, result_data = NULL",
    );
    let document = run("diff jobs.db sqlite:///other.db -o json").ok().json();
    assert_eq!(document["is_equal"], true);
    assert_eq!(document["a"]["jobs"], 3);
    assert_eq!(document["b"]["database"], "other.db");
    assert_eq!(document["columns"].as_array().unwrap().len(), 23);
    assert_eq!(document["differences"].as_array().unwrap().len(), 0);
}

#[test]
fn the_first_differences_are_shown_and_all_are_counted() {
    let sandbox = sandbox();
    let sql = "UPDATE video_generation_jobs SET status = 'failed', error_message = 'no rain' WHERE id LIKE 'a%';
        DELETE FROM video_generation_jobs WHERE id LIKE 'b%';
        INSERT INTO video_generation_jobs (id, job_type) VALUES ('z', 'idea2video')";
    change(&sandbox, sql);
    let run = |line: &str| sandbox.jobctl(line).run();
    let summary = "1 job differs (status 1, error_message 1); 1 job in A alone; 1 job in B alone; 3 jobs in A, 3 jobs in B\n";
    let shown = format!(
        "JOB                                   COLUMN         A          B\n\
         {A}  status         queued     failed\n\
         {A}  error_message  NULL       no rain\n\
         {B}  -              there      not there\n\
         z                                     -              not there  there\n"
    );
    run("diff jobs.db other.db")
        .fails(1)
        .stdout_is(&shown)
        .stderr_is(summary);
    let limited = run("diff jobs.db other.db --limit 1")
        .fails(1)
        .stderr_is(summary);
    assert_eq!(limited.stdout.lines().count(), 2);
    let document = run("diff jobs.db other.db -o json").fails(1).json();
    assert_eq!(document["is_equal"], false);
    assert_eq!(
        (&document["different"], &document["equal"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (&document["only_a"], &document["only_b"]),
        (&1.into(), &1.into())
    );
    assert_eq!(document["differences"][1]["a"], serde_json::Value::Null);
    assert_eq!(document["differences"][2]["only"], "a");
}

#[test]
fn a_column_that_one_has_alone_is_a_difference() {
    let sandbox = sandbox();
    change(
        &sandbox,
        "ALTER TABLE video_generation_jobs ADD COLUMN owner TEXT",
    );
    let run = sandbox.jobctl("diff jobs.db other.db").run().fails(1);
    run.no_stdout()
        .stderr_is("columns of B alone: owner; 3 jobs in A, 3 jobs in B\n");
}

/// Jobs without an id are nobody's pair, and no ids are lost before them or behind them.
#[test]
fn ids_of_any_kind_keep_their_order() {
    let sandbox = sandbox();
    let sql = "INSERT INTO video_generation_jobs (id, job_type) VALUES (NULL, 'a'), (NULL, 'b'), ('', 'c'), (x'00', 'd'), ('é', 'e'), ('Z', 'f')";
    sandbox.sql(sql);
    std::fs::copy(sandbox.db(), sandbox.path("other.db")).unwrap();
    let run = sandbox.jobctl("diff jobs.db other.db").run().fails(1);
    run.stderr_is("2 jobs in A alone; 2 jobs in B alone; 9 jobs in A, 9 jobs in B\n");
}

#[test]
fn a_database_that_is_not_there_is_told_with_its_place() {
    let sandbox = sandbox();
    sandbox.write("dump.json", "{}");
    for (line, status, said) in [
        (
            "diff none.db jobs.db",
            66,
            "no database at none.db (the first database)",
        ),
        (
            "diff jobs.db none.db",
            66,
            "no database at none.db (the second database)",
        ),
        ("diff jobs.db", 2, "required"),
        (
            "diff jobs.db other.db -o csv",
            2,
            "differences are told as table, json or jsonl",
        ),
        (
            "diff jobs.db postgresql://me:hunter2@127.0.0.1:1/jobs",
            69,
            "postgresql://127.0.0.1:1/jobs cannot be reached",
        ),
    ] {
        let run = sandbox.jobctl(line).run().fails(status);
        run.no_stdout().stderr_has(said).stderr_lacks("hunter2");
    }
}
