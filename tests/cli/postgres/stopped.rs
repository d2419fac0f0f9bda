//! The server stops in the middle of a command: the end is told with the next step, nothing is half, and the same line finishes it.

use std::io::Read as _;

use postgres::Client;

use super::own::{Server, Stop};
use crate::locks::{dump, end, line, start};
use crate::migrate::running::Running;
use crate::support::{Output, Run, Sandbox};

const ALL: [Stop; 3] = [Stop::Fast, Stop::Immediate, Stop::Kill];

/// A command that the server left alone.
#[track_caller]
fn is_told(run: Output) -> Output {
    assert!([69, 75].contains(&run.status), "{run}");
    assert!(run.stderr.contains("jobctl: error: "), "{run}");
    run.stderr_has("\nhint: try again; what was committed before is kept\n")
}

fn count(client: &mut Client) -> i64 {
    let sql = "SELECT count(*) FROM video_generation_jobs";
    client.query_one(sql, &[]).map_or(0, |row| row.get(0))
}

/// Finished jobs of 2025, each with some KB of content.
fn fill(server: &Server, jobs: usize, bytes: usize) {
    let sql = format!(
        "INSERT INTO video_generation_jobs (id, job_type, status, content, created_at, updated_at, completed_at)
         SELECT lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000', 'idea2video', 'completed',
         (SELECT string_agg(md5(random()::text || n || i), '') FROM generate_series(1, {bytes} / 32) i),
         '2025-01-10', '2025-01-10', '2025-01-10' FROM generate_series(1, {jobs}) n"
    );
    server.sql("jobs", &sql);
}

fn on(server: &Server, sandbox: &Sandbox, words: &str) -> Run {
    let run = sandbox.jobctl(words).without_env("JOBCTL_DB");
    run.env("DATABASE_URL", server.url("jobs"))
}

/// The empty table.
fn make_table(server: &Server, sandbox: &Sandbox) {
    let create = "create --type a --content 'A fox learns to sail'";
    on(server, sandbox, create).run().ok();
    server.sql("jobs", "DELETE FROM video_generation_jobs");
}

#[test]
fn an_import_is_finished_by_the_same_line() {
    const JOBS: usize = 4_000;
    let Some(server) = Server::started() else {
        return;
    };
    let sandbox = Sandbox::new();
    make_table(&server, &sandbox);
    for how in ALL {
        server.sql("jobs", "DELETE FROM video_generation_jobs");
        let mut client = server.connect("jobs");
        let mut running = Running::start(on(&server, &sandbox, "migrate - --busy-timeout 100ms"));
        running.feed((0..JOBS / 2).map(line).collect::<String>());
        running.until("some are there", || count(&mut client) > 0);
        server.stop(how);
        running.feed((JOBS / 2..JOBS).map(line).collect::<String>());
        is_told(running.end());
        server.start();
        let there = count(&mut server.connect("jobs"));
        assert!(there > 0 && there < JOBS as i64, "{how:?}: {there}");
        let again = on(&server, &sandbox, "migrate -").stdin(dump(JOBS)).run();
        let told = format!("skipped {},", grouped(there));
        again.ok().stderr_has(&told);
        assert_eq!(count(&mut server.connect("jobs")), JOBS as i64);
    }
}

/// A number as summaries write it.
fn grouped(number: i64) -> String {
    if number < 1_000 {
        number.to_string()
    } else {
        format!("{},{:03}", number / 1_000, number % 1_000)
    }
}

#[test]
fn an_import_of_all_or_nothing_leaves_nothing() {
    let Some(server) = Server::started() else {
        return;
    };
    let sandbox = Sandbox::new();
    make_table(&server, &sandbox);
    let mut running = Running::start(on(&server, &sandbox, "migrate - --atomic"));
    running.feed((0..2_000).map(line).collect::<String>());
    let mut client = server.connect("postgres");
    let sql =
        "SELECT 1 FROM pg_stat_activity WHERE datname = 'jobs' AND state = 'idle in transaction'";
    running.until("it has begun", || {
        client.query_opt(sql, &[]).unwrap().is_some()
    });
    server.stop(Stop::Immediate);
    running.feed(line(2_001));
    is_told(running.end());
    server.start();
    assert_eq!(count(&mut server.connect("jobs")), 0);
}

/// The removal of one job waits until a lock is free, which the test holds.
const WAITS: &str = "
CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN OLD; END $$;
CREATE TRIGGER waits BEFORE DELETE ON video_generation_jobs FOR EACH ROW WHEN (old.id LIKE '000004b0%') EXECUTE FUNCTION waits()";

#[test]
fn a_cleanup_is_finished_by_the_same_line_and_each_job_is_somewhere() {
    const JOBS: i64 = 2_000;
    let Some(server) = Server::started() else {
        return;
    };
    for how in ALL {
        let sandbox = Sandbox::new();
        make_table(&server, &sandbox);
        fill(&server, JOBS as usize, 300);
        server.sql("jobs", WAITS);
        let mut holder = server.connect("jobs");
        holder.batch_execute("SELECT pg_advisory_lock(7)").unwrap();
        let words = "cleanup --older-than 30d --archive gone.jsonl --yes --busy-timeout 1m";
        let mut running = Running::start(on(&server, &sandbox, words));
        let waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        running.until("it waits", || {
            holder.query_opt(waits, &[]).unwrap().is_some()
        });
        server.stop(how);
        let run = is_told(running.end());
        server.start();
        server.sql(
            "jobs",
            "DROP TRIGGER waits ON video_generation_jobs; DROP FUNCTION waits",
        );
        let there = count(&mut server.connect("jobs"));
        assert!(there > 0, "{run}");
        on(
            &server,
            &sandbox,
            "cleanup --older-than 30d --archive gone.jsonl --yes",
        )
        .run()
        .ok();
        assert_eq!(count(&mut server.connect("jobs")), 0);
        on(&server, &sandbox, "migrate gone.jsonl").run().ok();
        assert_eq!(count(&mut server.connect("jobs")), JOBS, "{how:?}");
        server.sql("jobs", "DELETE FROM video_generation_jobs");
    }
}

/// Runs a command whose output nobody reads, until its first bytes are there; then stops the server and reads the rest.
fn stopped_while_read(server: &Server, run: Run, how: Stop) -> Output {
    let ran = run.said();
    let mut child = start(run);
    let mut stdout = child.stdout.take().unwrap();
    let mut first = [0];
    stdout.read_exact(&mut first).unwrap();
    server.stop(how);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    let status = end(&mut child).code().expect("it ended by itself");
    let mut stderr = String::new();
    let mut pipe = child.stderr.take().unwrap();
    pipe.read_to_string(&mut stderr).unwrap();
    Output {
        ran,
        status,
        stdout: format!("{}{rest}", char::from(first[0])),
        stderr,
    }
}

#[test]
fn what_is_read_half_is_no_whole_output() {
    const JOBS: usize = 8_000;
    let Some(server) = Server::started() else {
        return;
    };
    let sandbox = Sandbox::new();
    make_table(&server, &sandbox);
    fill(&server, JOBS, 3_200);
    for how in ALL {
        for words in ["export", "list --all -o csv"] {
            let run = stopped_while_read(&server, on(&server, &sandbox, words), how);
            let run = is_told(run);
            assert!(run.lines().len() < JOBS, "{how:?} {words}: all came");
            server.start();
        }
        let mut running = Running::start(on(&server, &sandbox, "export --to out.jsonl"));
        let temporary = sandbox.path(format!("out.jsonl.{}.new", running.pid()));
        running.until("the file is begun", || temporary.exists());
        running.signal("STOP");
        server.stop(how);
        running.signal("CONT");
        let run = running.end();
        server.start();
        if run.status != 0 {
            is_told(run);
            assert!(!sandbox.path("out.jsonl").exists() && !temporary.exists());
        }
        on(&server, &sandbox, "export --to out.jsonl").run().ok();
        assert_eq!(sandbox.read("out.jsonl").lines().count(), JOBS);
        std::fs::remove_file(sandbox.path("out.jsonl")).unwrap();
    }
}
