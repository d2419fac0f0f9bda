//! A server that goes while jobs are followed: `wait` and `--watch` connect again for as long as `--busy-timeout`, say so once, and end with 69
//! when it stays away.

use super::own::{Server, Stop};
use crate::live::{Live, Stream};
use crate::migrate::running::Running;
use crate::support::{A, B, Run, Sandbox};

const LONG: &str = "--busy-timeout 10m";

const TOLD: &str = "; connecting again for up to 10m\n";

fn server() -> Option<(Server, Sandbox)> {
    let server = Server::started()?;
    let sandbox = Sandbox::new();
    on(&server, &sandbox, "migrate - -q").stdin("[]").run().ok();
    for (id, status) in [(A, "processing"), (B, "completed")] {
        server.sql(
            "jobs",
            &format!("INSERT INTO video_generation_jobs (id, job_type, status) VALUES ('{id}', 'idea2video', '{status}')"),
        );
    }
    Some((server, sandbox))
}

fn on(server: &Server, sandbox: &Sandbox, words: &str) -> Run {
    let run = sandbox.jobctl(words).without_env("JOBCTL_DB");
    run.env("DATABASE_URL", server.url("jobs"))
}

fn set(server: &Server, id: &str, status: &str) {
    let sql = format!("UPDATE video_generation_jobs SET status = '{status}' WHERE id = '{id}'");
    server.sql("jobs", &sql);
}

#[test]
fn a_wait_goes_on_when_the_server_is_there_again() {
    let Some((server, sandbox)) = server() else {
        return;
    };
    for how in [Stop::Fast, Stop::Immediate, Stop::Kill] {
        set(&server, A, "processing");
        let words = format!("wait $A $B -o jsonl {LONG}");
        let mut stream = Stream::start(on(&server, &sandbox, &words));
        assert_eq!(stream.next()["job_id"], B);
        server.stop(how);
        server.start();
        set(&server, A, "completed");
        assert_eq!(stream.next()["job_id"], A);
        let (status, said) = stream.end();
        assert_eq!(status, 0, "{said}");
        assert_eq!(said.matches(TOLD).count(), 1, "{how:?}: {said}");
        assert!(said.starts_with("jobctl: warning: "), "{said}");
    }
}

#[test]
fn a_wait_whose_session_alone_is_ended_goes_on() {
    let Some((server, sandbox)) = server() else {
        return;
    };
    let words = format!("wait $A $B -o jsonl {LONG}");
    let mut stream = Stream::start(on(&server, &sandbox, &words));
    assert_eq!(stream.next()["job_id"], B);
    server.sql(
        "jobs",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'jobs' AND pid <> pg_backend_pid()",
    );
    set(&server, A, "completed");
    assert_eq!(stream.next()["job_id"], A);
    assert_eq!(stream.end().0, 0);
}

#[test]
fn a_watch_tells_what_has_happened_meanwhile() {
    let Some((server, sandbox)) = server() else {
        return;
    };
    for how in [Stop::Fast, Stop::Immediate, Stop::Kill] {
        let words = format!(
            "list --watch=100ms -o jsonl --fields id,status --status completed,failed {LONG}"
        );
        let mut stream = Stream::start(on(&server, &sandbox, &words));
        assert_eq!(stream.next()["job_id"], B);
        server.stop(how);
        server.start();
        set(&server, A, "failed");
        let event = stream.next();
        assert_eq!(
            (&event["event"], &event["job_id"]),
            (&"appeared".into(), &A.into())
        );
        stream.signal("INT");
        let (status, said) = stream.end();
        assert_eq!(status, 130, "{said}");
        assert_eq!(said.matches(TOLD).count(), 1, "{how:?}: {said}");
        set(&server, A, "processing");
    }
}

#[test]
fn a_screen_says_in_its_head_that_it_connects_again() {
    let Some((server, sandbox)) = server() else {
        return;
    };
    let words = format!("list --watch=100ms --color never {LONG}");
    let mut live = Live::start(on(&server, &sandbox, &words), 100, 10);
    live.until("the jobs are there", |screen| screen.has("processing"));
    server.stop(Stop::Immediate);
    live.until("it is told", |screen| {
        screen.has("server lost, connecting again, as of ")
    });
    server.start();
    set(&server, A, "failed");
    live.until("it goes on", |screen| {
        screen.has("failed") && !screen.has("connecting again")
    });
    live.type_keys("q");
    live.end().restored(0);
}

#[test]
fn a_server_that_stays_away_is_69() {
    let Some((server, sandbox)) = server() else {
        return;
    };
    for words in [
        "wait $A $B -o jsonl --busy-timeout 300ms",
        "list --watch=100ms -o jsonl --busy-timeout 300ms",
    ] {
        let mut stream = Stream::start(on(&server, &sandbox, words));
        stream.next();
        server.stop(Stop::Immediate);
        let (status, said) = stream.end();
        assert_eq!(status, 69, "{said}");
        assert_eq!(
            said.matches("connecting again for up to 300ms\n").count(),
            1,
            "{said}"
        );
        assert!(said.contains("(connecting again for 300ms)"), "{said}");
        server.start();
    }
    // One that was never there is not waited for.
    server.stop(Stop::Fast);
    let run = Running::start(on(&server, &sandbox, &format!("wait $A {LONG}")));
    run.outcome().fails(69).stderr_lacks("connecting again");
}
