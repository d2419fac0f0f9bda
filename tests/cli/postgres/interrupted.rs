//! Ctrl-C while a statement waits at the server, or works there for long: the server breaks it off, nothing more is written, and what stands is
//! said.

use std::time::{Duration, Instant};

use postgres::Client;

use super::cluster::{Cluster, cluster};
use super::own::Server;
use crate::locks::until;
use crate::migrate::running::Running;
use crate::support::{A, B, Output, Run, Sandbox};

/// Longer than any test waits.
const LONG: &str = "--busy-timeout 10m";

/// Less than a wait for the lock would take, and much more than a machine under load needs.
const AT_ONCE: Duration = Duration::from_secs(60);

const DUMP: &str = "{\"job_id\": \"d4444444-4444-4444-8444-444444444444\", \"job_type\": \"idea2video\", \"status\": \"completed\", \
    \"content\": \"A dog waits for the cat\", \"created_at\": \"2025-01-10T00:00:00\", \"updated_at\": \"2025-01-10T00:00:00\"}\n";

/// A database with two ended jobs.
struct Jobs {
    cluster: &'static Cluster,
    name: String,
    sandbox: Sandbox,
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.cluster.drop_database(&self.name);
    }
}

impl Jobs {
    fn new(cluster: &'static Cluster) -> Jobs {
        let jobs = Jobs {
            cluster,
            name: cluster.database("", false),
            sandbox: Sandbox::new(),
        };
        jobs.sandbox.write("dump.jsonl", DUMP);
        jobs.run("migrate - --quiet").stdin("[]").run().ok();
        for id in [A, B] {
            let sql = format!(
                "INSERT INTO video_generation_jobs (id, job_type, status, created_at) VALUES ('{id}', 'idea2video', 'failed', '2025-01-10')"
            );
            jobs.client().batch_execute(&sql).unwrap();
        }
        jobs
    }

    fn run(&self, words: &str) -> Run {
        let run = self.sandbox.jobctl(words).without_env("JOBCTL_DB");
        run.env("DATABASE_URL", self.cluster.url("jobctl", &self.name))
    }

    fn client(&self) -> Client {
        self.cluster.connect(&self.name)
    }

    fn rows(&self) -> String {
        let sql = "SELECT coalesce(string_agg(j::text, chr(10) ORDER BY id), '') FROM video_generation_jobs j";
        self.client().query_one(sql, &[]).unwrap().get(0)
    }
}

/// The sessions of this database that work, but for the one that asks, which is in no transaction: it would see none of the others change.
fn working(client: &mut Client, condition: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND {condition}"
    );
    client.query_one(&sql, &[]).unwrap().get(0)
}

const WAITS: &str = "wait_event_type = 'Lock'";
const SLEEPS: &str = "wait_event = 'PgSleep'";

/// Sends the signal to a run that is in the middle of a statement, and gives what came of it; the statement has ended too.
#[track_caller]
fn signalled(run: Run, client: &mut Client, signal: &str, condition: &str) -> Output {
    let mut running = Running::start(run);
    running.until("it waits", || working(client, condition) > 0);
    let sent = Instant::now();
    running.signal(signal);
    let run = running.outcome().fails(130).stderr_has("interrupted");
    assert!(sent.elapsed() < AT_ONCE, "{:?}{run}", sent.elapsed());
    until("the server has ended it", || {
        working(client, condition) == 0
    });
    run
}

#[test]
fn a_wait_for_a_lock_ends_at_once_and_nothing_is_written() {
    let Some(cluster) = cluster() else { return };
    let jobs = Jobs::new(cluster);
    let before = jobs.rows();
    for (words, said) in [
        ("update $A --title x", "interrupted while "),
        ("update $A $B --title x", "interrupted while "),
        (
            "create --type a --content 'A fox learns to sail'",
            "interrupted while ",
        ),
        ("delete $A --force", "interrupted while "),
        ("delete --status failed --yes", "interrupted"),
        ("cleanup --older-than 1d --yes", "interrupted"),
        ("migrate dump.jsonl", "interrupted"),
        (
            "list",
            "interrupted while reading jobs in postgresql+psycopg2://",
        ),
        ("show $A", "interrupted while "),
        ("stats", "interrupted while "),
        ("export", "interrupted"),
        ("doctor", "interrupted while "),
    ] {
        for signal in ["INT", "TERM"] {
            let mut held = jobs.client();
            held.batch_execute("BEGIN; LOCK TABLE video_generation_jobs")
                .unwrap();
            let run = jobs.run(&format!("{words} {LONG}"));
            let run = signalled(run, &mut jobs.client(), signal, WAITS);
            run.stderr_has(said).stderr_has("\nhint: ");
            held.batch_execute("ROLLBACK").unwrap();
            assert_eq!(jobs.rows(), before, "{words}");
        }
    }
}

#[test]
fn a_row_that_another_holds_is_waited_for_no_longer() {
    let Some(cluster) = cluster() else { return };
    let jobs = Jobs::new(cluster);
    for words in ["update $A --title x", "update $B $A --title x", "delete $A"] {
        let mut held = jobs.client();
        let hold = format!("BEGIN; UPDATE video_generation_jobs SET progress = 5 WHERE id = '{A}'");
        held.batch_execute(&hold).unwrap();
        let run = jobs.run(&format!("{words} {LONG}"));
        signalled(run, &mut jobs.client(), "INT", WAITS)
            .stderr_has("what was done before stays done");
        held.batch_execute("ROLLBACK").unwrap();
    }
    jobs.run("update $A --title x").run().ok();
}

#[test]
fn a_statement_that_takes_long_is_broken_off() {
    let Some(cluster) = cluster() else { return };
    let jobs = Jobs::new(cluster);
    let mut client = jobs.client();
    client
        .batch_execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$;
             CREATE TRIGGER slow BEFORE UPDATE ON video_generation_jobs FOR EACH ROW EXECUTE FUNCTION slow()",
        )
        .unwrap();
    let before = jobs.rows();
    for signal in ["INT", "TERM", "HUP"] {
        let run = signalled(jobs.run("update $A --title x"), &mut client, signal, SLEEPS);
        run.stderr_has("interrupted while updating jobs in ");
    }
    assert_eq!(jobs.rows(), before);
}

#[test]
fn a_wait_or_a_watch_that_cannot_read_ends_quietly() {
    let Some(cluster) = cluster() else { return };
    let jobs = Jobs::new(cluster);
    for words in ["wait $A --for completed -o jsonl", "list --watch -o jsonl"] {
        let mut held = jobs.client();
        held.batch_execute("BEGIN; LOCK TABLE video_generation_jobs")
            .unwrap();
        let mut running = Running::start(jobs.run(words));
        let mut watching = jobs.client();
        running.until("it waits", || working(&mut watching, WAITS) > 0);
        running.signal("INT");
        running.outcome().fails(130).no_stdout().no_stderr();
        held.batch_execute("ROLLBACK").unwrap();
    }
}

#[test]
fn an_encrypted_connection_is_broken_off_by_another() {
    let Some(server) = Server::new() else { return };
    server.write("server.crt", include_str!("certificates/self.pem"));
    server.write("server.key", include_str!("certificates/self.key"));
    server.configure("postgresql.conf", "ssl = on\nlog_connections = on\n");
    server.start();
    server.sql("postgres", "CREATE DATABASE jobs");
    let sandbox = Sandbox::new();
    let url = format!(
        "postgresql://jobctl@127.0.0.1:{}/jobs?sslmode=require",
        server.port
    );
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url);
    run("create --type a --content 'A fox learns to sail'")
        .run()
        .ok();
    let mut held = server.connect("jobs");
    held.batch_execute("BEGIN; LOCK TABLE video_generation_jobs")
        .unwrap();
    let mut watching = server.connect("jobs");
    signalled(run(&format!("list {LONG}")), &mut watching, "INT", WAITS);
}
