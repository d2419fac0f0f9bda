//! Others at work on the same database: their locks are passed over, two cleanups do each job once, and nobody is waited for needlessly.

use std::collections::BTreeSet;

use super::cluster::{Cluster, cluster};
use crate::migrate::running::Running;
use crate::support::{Run, Sandbox};

const JOBS: usize = 1_000;

/// A database with jobs that are done, made by the command itself.
fn filled(cluster: &Cluster) -> (String, Sandbox) {
    let database = cluster.database("", false);
    let sandbox = Sandbox::new();
    let dump = crate::locks::dump(JOBS);
    let url = cluster.url("jobctl", &database);
    let migrate = sandbox.jobctl("migrate -").env("JOBCTL_DB", url);
    migrate.stdin(dump).run().ok();
    (database, sandbox)
}

fn id(n: usize) -> String {
    format!("{n:08x}-0000-4000-8000-000000000000")
}

#[test]
fn a_session_that_holds_rows_delays_those_alone() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox) = filled(cluster);
    let url = cluster.url("jobctl", &database);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    let mut holder = cluster.connect(&database);
    let mut held = holder.transaction().unwrap();
    let sql = "SELECT 1 FROM video_generation_jobs WHERE id < '00000003' FOR UPDATE";
    assert_eq!(held.query(sql, &[]).unwrap().len(), 3);
    for words in ["update", "delete"] {
        let flags = if words == "update" {
            "--title New"
        } else {
            "--yes"
        };
        let run = run(&format!("{words} {} {flags} --busy-timeout 20ms", id(1)));
        run.fails(75).stderr_has("is locked");
    }
    run(&format!("update {} --title New --busy-timeout 20ms", id(7))).ok();
    run(&format!("show {}", id(1))).ok();
    let cleaned = run("cleanup --older-than 1d --yes --busy-timeout 20ms");
    cleaned.ok().stderr_has("removed 997 jobs").stderr_has("3 ");
    held.rollback().unwrap();
    let cleaned = run("cleanup --older-than 1d --yes");
    cleaned.ok().stderr_has("removed 3 jobs");
    drop(holder);
    cluster.drop_database(&database);
}

/// The removal of one job waits until a lock is free, which the test holds.
const WAITS: &str = "
CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN OLD; END $$;
CREATE TRIGGER waits BEFORE DELETE ON video_generation_jobs FOR EACH ROW WHEN (old.id LIKE '00000200%') EXECUTE FUNCTION waits()";

#[test]
fn of_two_cleanups_the_second_waits_or_gives_up_and_each_job_goes_once() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox) = filled(cluster);
    let url = cluster.url("jobctl", &database);
    let run = |words: &str| -> Run { sandbox.jobctl(words).env("JOBCTL_DB", &url) };
    let mut holder = cluster.connect(&database);
    holder.batch_execute(WAITS).unwrap();
    holder.batch_execute("SELECT pg_advisory_lock(7)").unwrap();
    let words = "cleanup --older-than 1d --yes --busy-timeout 1m --lock-wait 1m --archive";
    let mut first = Running::start(run(&format!("{words} first.jsonl")));
    let waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    first.until("it waits", || {
        holder.query_opt(waits, &[]).unwrap().is_some()
    });
    let second = run("cleanup --older-than 1d --yes").run();
    second
        .fails(75)
        .stderr_has("another cleanup is at work on ");
    let mut second = Running::start(run(&format!("{words} second.jsonl")));
    let tries = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_try_advisory_xact_lock%' AND state <> 'active'";
    second.until("it tries", || {
        holder.query_opt(tries, &[]).unwrap().is_some()
    });
    holder
        .batch_execute("SELECT pg_advisory_unlock(7)")
        .unwrap();
    first.end().ok().stderr_has("removed 1,000 jobs");
    second.end().ok().stderr_has("removed 0 jobs");
    let lines: BTreeSet<String> = sandbox
        .read("first.jsonl")
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(lines.len(), JOBS);
    drop(holder);
    cluster.drop_database(&database);
}
