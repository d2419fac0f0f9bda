//! The move of a service from one database to another: a SQLite file, a server, and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use postgres::Client;
use rusqlite::Connection;

use crate::migrate::databases::all_rows;
use crate::postgres::cluster::{Cluster, cluster};
use crate::support::{A, B, C, Output, Sandbox};

/// A database on the server, gone with the test.
struct Server {
    cluster: &'static Cluster,
    name: String,
}

impl Server {
    fn new(sql: &str) -> Option<Server> {
        let cluster = cluster()?;
        let name = cluster.database(sql, false);
        Some(Server { cluster, name })
    }

    fn url(&self) -> String {
        self.cluster.url("jobctl", &self.name)
    }

    fn connect(&self) -> Client {
        self.cluster.connect(&self.name)
    }

    fn count(&self) -> i64 {
        let sql = "SELECT count(*) FROM video_generation_jobs";
        let counted = self.connect().query_one(sql, &[]);
        counted.map_or(0, |row| row.get(0))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.cluster.drop_database(&self.name);
    }
}

/// Runs a line in which `URL` is the address of the server.
fn run(sandbox: &Sandbox, server: &Server, line: &str) -> Output {
    sandbox
        .jobctl(line.replace("URL", &server.url()).as_str())
        .run()
}

/// Jobs of every spelling that fits both.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(
        A,
        &[
            ("context", &"{\"a\":  1, \"b\": 1e400}"),
            ("result_data", &5),
        ],
    );
    let emoji = "\u{1f600}".repeat(255);
    sandbox.job(
        B,
        &[
            ("project_title", &emoji),
            ("style", &"blank "),
            ("progress", &12.5),
        ],
    );
    sandbox.job(
        C,
        &[
            ("request_data", &"null"),
            ("content", &""),
            ("series_id", &"series-1"),
        ],
    );
    sandbox
}

#[test]
fn rows_go_to_a_server_and_back_as_they_were() {
    let Some(server) = Server::new("") else {
        return;
    };
    let sandbox = sandbox();
    let there = run(&sandbox, &server, "--db URL migrate jobs.db --verify").ok();
    there
        .stderr_has("inserted 3, updated 0, skipped 0, rejected 0")
        .stderr_has("verified: equal: 3 jobs, 23 columns");
    run(&sandbox, &server, "diff jobs.db URL").ok();
    run(
        &sandbox,
        &server,
        "--db URL migrate jobs.db --on-conflict replace",
    )
    .ok()
    .stderr_has("skipped 3");
    run(&sandbox, &server, "--db back.db migrate URL --verify")
        .ok()
        .stderr_has("verified: equal");
    assert_eq!(all_rows(&sandbox.path("back.db")), all_rows(&sandbox.db()));
}

#[test]
fn a_byte_that_changed_behind_its_back_is_named() {
    let Some(server) = Server::new("") else {
        return;
    };
    let sandbox = sandbox();
    run(&sandbox, &server, "--db URL migrate jobs.db").ok();
    let change = format!(
        "UPDATE video_generation_jobs SET content = 'A cat crosses the road at nighT' WHERE id = '{A}'"
    );
    server.connect().batch_execute(&change).unwrap();
    let verified = run(&sandbox, &server, "--db URL migrate jobs.db --verify").fails(1);
    verified
        .stderr_has(&format!("job {A} differs: content is \""))
        .stderr_has("nighT\" in the target")
        .stderr_has("1 job differs (content 1)");
    let shown = run(&sandbox, &server, "diff jobs.db URL").fails(1);
    shown.stdout_has(&format!("{A}  content  "));
    run(
        &sandbox,
        &server,
        "--db URL migrate jobs.db --on-conflict replace --verify",
    )
    .ok();
}

#[test]
fn jobs_of_series_wait_for_the_series() {
    let tables = "CREATE TABLE series (id varchar(36) PRIMARY KEY); CREATE TABLE episodes (id varchar(36) PRIMARY KEY)";
    let Some(server) = Server::new(tables) else {
        return;
    };
    let sandbox = sandbox();
    sandbox.job("d", &[("series_id", &"series-2")]);
    let refused = run(&sandbox, &server, "--db URL migrate jobs.db").fails(4);
    refused.stderr_has("jobs of jobs.db name series, and there is none in ");
    let is_there = "SELECT to_regclass('video_generation_jobs') IS NOT NULL";
    let is_there: bool = server.connect().query_one(is_there, &[]).unwrap().get(0);
    assert!(!is_there);
    server
        .connect()
        .batch_execute("INSERT INTO series VALUES ('series-1')")
        .unwrap();
    // Of a single one that is missing the job alone is rejected.
    let some = run(&sandbox, &server, "--db URL migrate jobs.db").fails(65);
    some.stderr_has("inserted 3, updated 0, skipped 0, rejected 1");
    server
        .connect()
        .batch_execute("INSERT INTO series VALUES ('series-2')")
        .unwrap();
    run(&sandbox, &server, "--db URL migrate jobs.db --verify")
        .ok()
        .stderr_has("inserted 1,");
}

#[test]
fn a_server_is_not_moved_into_itself_by_whatever_address() {
    let (Some(server), Some(other)) = (Server::new(""), Server::new("")) else {
        return;
    };
    let sandbox = sandbox();
    run(&sandbox, &server, "--db URL migrate jobs.db").ok();
    let port = server.cluster.port;
    let by_network = format!("postgres://jobctl@127.0.0.1:{port}/{}", server.name);
    let line = format!("--db URL migrate {by_network}");
    run(&sandbox, &server, &line)
        .fails(4)
        .stderr_has("is the database that would be imported into");
    let moved = run(
        &sandbox,
        &other,
        &format!("--db URL migrate {by_network} --verify"),
    );
    moved.ok().stderr_has("verified: equal: 3 jobs");
}

/// What the server would refuse is made to fit, and compared as it was made.
#[test]
fn what_was_made_to_fit_is_no_difference() {
    let tables = "CREATE TABLE series (id varchar(36) PRIMARY KEY); CREATE TABLE episodes (id varchar(36) PRIMARY KEY);
        INSERT INTO series VALUES ('series-1'); INSERT INTO episodes VALUES ('episode-1')";
    let Some(server) = Server::new(tables) else {
        return;
    };
    let sandbox = sandbox();
    let long = "x".repeat(300);
    sandbox.job(
        "d",
        &[
            ("series_id", &"gone"),
            ("project_title", &long),
            ("progress", &"much"),
        ],
    );
    sandbox.job(
        "e",
        &[
            ("content", &"a\0b"),
            ("context", &"{"),
            ("total_shots", &3.7),
            ("started_at", &"yesterday"),
        ],
    );
    let rejected = run(&sandbox, &server, "--db URL migrate jobs.db --verify").fails(1);
    rejected
        .stderr_has("rejected 2")
        .stderr_has("2 jobs in the source alone");
    let line = "--db URL migrate jobs.db --fit --verify";
    let fitted = run(&sandbox, &server, line).ok();
    fitted
        .stderr_has("inserted 2,")
        .stderr_has("verified: equal: 5 jobs");
    run(&sandbox, &server, line).ok().stderr_has("inserted 0,");
    // Without the mapping the originals are what is compared.
    run(&sandbox, &server, "diff jobs.db URL")
        .fails(1)
        .stderr_has("2 jobs differ");
    let change = "UPDATE video_generation_jobs SET project_title = repeat('x', 254) WHERE id = 'd'";
    server.connect().batch_execute(change).unwrap();
    let differs = run(&sandbox, &server, line).fails(1);
    differs.stderr_has("job d differs: project_title is ");
}

/// A password that no server asks for, and that nothing tells.
#[test]
fn the_password_of_the_source_is_nowhere() {
    let Some(server) = Server::new("") else {
        return;
    };
    let sandbox = sandbox();
    run(&sandbox, &server, "--db URL migrate jobs.db").ok();
    sandbox.sql("DELETE FROM video_generation_jobs");
    let url = server.url().replace("jobctl@", "jobctl:hunter2@");
    for line in [
        "migrate SOURCE -v --verify",
        "migrate SOURCE -o json",
        "migrate SOURCE --mirror --yes -v",
    ] {
        let run = sandbox
            .jobctl(line.replace("SOURCE", &url).as_str())
            .run()
            .ok();
        run.stderr_lacks("hunter2").stdout_lacks("hunter2");
    }
    let diff = sandbox
        .jobctl(["diff", "jobs.db", &url, "-v", "-o", "json"])
        .run()
        .ok();
    diff.stderr_lacks("hunter2").stdout_lacks("hunter2");
    let history = sandbox.jobctl("history -o json").run().ok();
    history.stdout_has("migrate").stdout_lacks("hunter2");
    let missing = url.replace(&server.name, "none");
    let run = sandbox.jobctl(["migrate", &missing]).run().fails(66);
    run.stderr_lacks("hunter2");
}

/// As many jobs as take a while.
const MANY: usize = 4000;

fn many() -> Sandbox {
    let sandbox = Sandbox::report();
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {})
         INSERT INTO video_generation_jobs (id, job_type, status, content, created_at, updated_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', (i * 40503) % 65536 * 65536 + i), 'idea2video', 'queued',
         printf('job %d %s', i, hex(zeroblob(500))), '2026-01-10 00:00:00.000000', '2026-01-10 00:00:00.000000' FROM n",
        MANY - 1
    );
    sandbox.sql(&sql);
    sandbox
}

/// The questions to the server that a service asks between two jobs: without a pause nobody else would get at the file.
const BETWEEN: usize = 30;

/// A service that changes, makes and deletes jobs until it is stopped.
fn service(
    sandbox: &Sandbox,
    mut elsewhere: Client,
    stop: &Arc<AtomicBool>,
) -> thread::JoinHandle<u64> {
    let (path, stop) = (sandbox.db(), Arc::clone(stop));
    thread::spawn(move || {
        let connection = Connection::open(path).unwrap();
        connection
            .pragma_update(None, "foreign_keys", false)
            .unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        let mut written = 0;
        while !stop.load(Ordering::Relaxed) {
            let sql = format!(
                "UPDATE video_generation_jobs SET status = 'failed', updated_at = printf('2026-01-11 00:00:00.%06d', {written})
                 WHERE rowid = {written} * 7919 % {MANY} + 1;
                 INSERT INTO video_generation_jobs (id, job_type, updated_at) VALUES ('new-{written}', 'idea2video', '2026-01-12 00:00:00.000000');
                 DELETE FROM video_generation_jobs WHERE rowid = {written} * 104729 % {MANY} + 1 AND {written} % 5 = 0"
            );
            connection.execute_batch(&sql).unwrap();
            written += 1;
            for _ in 0..BETWEEN {
                elsewhere.batch_execute("SELECT 1").unwrap();
            }
        }
        written
    })
}

#[test]
fn a_service_works_on_while_its_jobs_move_and_the_last_run_moves_the_rest() {
    let Some(server) = Server::new("") else {
        return;
    };
    let sandbox = many();
    let stop = Arc::default();
    let service = service(&sandbox, server.connect(), &stop);
    let first = run(&sandbox, &server, "--db URL migrate jobs.db --verify");
    stop.store(true, Ordering::Relaxed);
    assert!(service.join().unwrap() > 0);
    first.ok().stderr_has("verified: equal: ");
    let last = "--db URL migrate jobs.db --on-conflict newer --mirror --yes --verify";
    run(&sandbox, &server, last)
        .ok()
        .stderr_has("verified: equal: ")
        .stderr_lacks("meanwhile");
    run(&sandbox, &server, "diff jobs.db URL").ok();
    assert_eq!(server.count(), sandbox.count());
}

#[test]
fn a_move_that_is_killed_is_finished_by_the_same_line() {
    for least in [1, 500, 2500] {
        let Some(server) = Server::new("") else {
            return;
        };
        let sandbox = many();
        let line = "--db URL migrate jobs.db --verify";
        let run_of = sandbox.jobctl(line.replace("URL", &server.url()).as_str());
        let mut child = run_of.command().spawn().unwrap();
        while server.count() < least && child.try_wait().unwrap().is_none() {
            thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let moved = server.count();
        let again = run(&sandbox, &server, line).ok();
        again.stderr_has(&format!("skipped {}, rejected 0", with_commas(moved)));
        run(&sandbox, &server, line)
            .ok()
            .stderr_has("inserted 0, updated 0, skipped 4,000");
    }
}

fn with_commas(number: i64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    }
}
