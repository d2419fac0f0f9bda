//! Runs of several short transactions, between two of which another program takes the lock and keeps it: what is in is told.

use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::killed::number;
use super::{dump, is_sound, until};
use crate::args::Args;
use crate::support::{Output, Sandbox};

const ROWS: usize = 3_000;

/// Somebody's triggers, which make each row a slow one: a transaction holds a few dozen of them, on a fast machine too.
pub const SLOW: &str = "CREATE TABLE numbers (n);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO numbers SELECT i FROM n;
CREATE TRIGGER slow_delete AFTER DELETE ON video_generation_jobs
BEGIN SELECT count(*) FROM numbers AS a, numbers AS b WHERE a.n + b.n < 0; END;
CREATE TRIGGER slow_insert AFTER INSERT ON video_generation_jobs
BEGIN SELECT count(*) FROM numbers AS a, numbers AS b WHERE a.n + b.n < 0; END;";

/// Failed jobs of half a year ago.
fn old() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
         INSERT INTO video_generation_jobs (id, job_type, status, content, created_at, updated_at, completed_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'failed', 'A cat crosses the road',
         '2025-07-01 00:00:00.000000', '2025-07-01 00:00:00.000000', '2025-07-01 00:00:00.000000' FROM n"
    ));
    sandbox.sql(SLOW);
    sandbox
}

/// Runs it, and takes the lock as soon as one of its transactions is in and before the last one is.
#[track_caller]
fn cut_short(sandbox: &Sandbox, args: impl Args) -> Output {
    let before = sandbox.count();
    let run = sandbox.jobctl((args, "--busy-timeout 300ms"));
    let ran = run.said();
    let mut command = run.command();
    let child = thread::spawn(move || command.output().unwrap());
    let holder = sandbox.connection();
    holder.busy_timeout(Duration::ZERO).unwrap();
    until("a transaction is in", || {
        assert!(!child.is_finished(), "{ran} was over too soon");
        if holder.execute_batch("BEGIN IMMEDIATE").is_err() {
            return false;
        }
        let count = holder.query_row("SELECT count(*) FROM video_generation_jobs", [], |row| {
            row.get::<_, i64>(0)
        });
        if count.unwrap() != before {
            return true;
        }
        holder.execute_batch("ROLLBACK").unwrap();
        false
    });
    let output = child.join().unwrap();
    drop(holder);
    let output = Output {
        ran,
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    is_sound(sandbox);
    output
        .fails(75)
        .stderr_has("locked")
        .stderr_lacks("nothing was")
}

/// The ids that are gone, when these were there.
#[track_caller]
fn gone(sandbox: &Sandbox, mut before: Vec<String>) -> Vec<String> {
    let left = sandbox.ids();
    assert!(!left.is_empty() && left.len() < before.len());
    before.retain(|id| left.binary_search(id).is_err());
    before
}

const DELETE: &str = "delete --status failed --yes";
const CLEANUP: &str = "cleanup --older-than 30d --yes";

#[track_caller]
fn counts_what_is_gone(args: impl Args, word: &str) {
    let sandbox = old();
    let before = sandbox.ids();
    let run = cut_short(&sandbox, args);
    let gone = gone(&sandbox, before);
    assert_eq!(number(&run.stderr, word), gone.len() as i64, "{run}");
}

#[track_caller]
fn lists_what_is_gone(args: impl Args) {
    let sandbox = old();
    let before = sandbox.ids();
    let run = cut_short(&sandbox, (args, "-o ids"));
    let mut told = run.lines();
    told.sort_unstable();
    assert_eq!(told, gone(&sandbox, before), "{}", run.stderr);
}

#[track_caller]
fn gives_what_is_gone_as_json(args: impl Args) {
    let sandbox = old();
    let before = sandbox.ids();
    let run = cut_short(&sandbox, (args, "-o json"));
    let document = run.json();
    let ids = document["job_ids"].as_array().unwrap();
    let mut told: Vec<&str> = ids.iter().filter_map(Value::as_str).collect();
    told.sort_unstable();
    let gone = gone(&sandbox, before);
    assert_eq!(told, gone, "{}", run.stderr);
    assert_eq!(document["deleted"], gone.len(), "{}", run.stderr);
}

#[test]
fn a_delete_that_is_cut_short_counts_the_jobs_that_are_gone() {
    counts_what_is_gone(DELETE, "deleted");
}

#[test]
fn a_delete_that_is_cut_short_lists_the_jobs_that_are_gone() {
    lists_what_is_gone(DELETE);
}

#[test]
fn a_delete_that_is_cut_short_gives_the_jobs_that_are_gone_as_json() {
    gives_what_is_gone_as_json(DELETE);
}

#[test]
fn a_cleanup_that_is_cut_short_counts_the_jobs_that_are_gone() {
    counts_what_is_gone(CLEANUP, "removed");
}

#[test]
fn a_cleanup_that_is_cut_short_lists_the_jobs_that_are_gone() {
    lists_what_is_gone(CLEANUP);
}

#[test]
fn a_cleanup_that_is_cut_short_gives_the_jobs_that_are_gone_as_json() {
    gives_what_is_gone_as_json(CLEANUP);
}

#[test]
fn a_cleanup_that_is_cut_short_gives_the_states_that_are_gone_as_json() {
    let sandbox = old();
    let run = cut_short(&sandbox, (CLEANUP, "-o json"));
    assert_eq!(
        run.json()["by_status"]["failed"].as_i64(),
        Some(ROWS as i64 - sandbox.count())
    );
}

/// A file of others, so that the import goes in short transactions, and a dump beside it.
fn to_import() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.sql(SLOW);
    sandbox.write("dump.jsonl", dump(ROWS));
    sandbox
}

#[track_caller]
fn is_finished_by_a_second_run(sandbox: &Sandbox) {
    let there = sandbox.count();
    sandbox.sql("DROP TRIGGER slow_insert");
    let run = sandbox.jobctl("migrate dump.jsonl -o json").run().ok();
    assert_eq!(run.json()["skipped"], there);
    assert_eq!(run.json()["inserted"], ROWS as i64 - there);
}

#[test]
fn a_migrate_that_is_cut_short_counts_the_jobs_that_are_in() {
    let sandbox = to_import();
    let run = cut_short(&sandbox, "migrate dump.jsonl");
    let there = sandbox.count();
    assert!(there > 0 && there < ROWS as i64, "{run}");
    assert_eq!(number(&run.stderr, "inserted"), there, "{run}");
    is_finished_by_a_second_run(&sandbox);
}

#[test]
fn a_migrate_that_is_cut_short_gives_the_number_that_is_in_as_json() {
    let sandbox = to_import();
    let run = cut_short(&sandbox, "migrate dump.jsonl -o json");
    assert_eq!(run.json()["inserted"], sandbox.count(), "{run}");
    assert_eq!(
        run.json()["stores"]["job_manager"]["inserted"],
        sandbox.count(),
        "{run}"
    );
    is_finished_by_a_second_run(&sandbox);
}
