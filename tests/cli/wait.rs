//! `wait`: when it ends, with which status, and what it says.

use serde_json::Value;

use crate::args::Args;
use crate::live::{Live, Stream};
use crate::pty;
use crate::support::{A, B, C, Sandbox};

fn jobs() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("status", &"processing"), ("progress", &30.0)]);
    sandbox.job(B, &[("status", &"completed"), ("progress", &100.0)]);
    sandbox.job(
        C,
        &[
            ("status", &"failed"),
            ("error_message", &"out of memory\nin scene 3"),
        ],
    );
    sandbox
}

fn set(sandbox: &Sandbox, id: &str, status: &str) {
    let sql = "UPDATE video_generation_jobs SET status = ?1 WHERE id = ?2";
    sandbox.change(sql, &[&status, &id]);
}

/// A run that has looked: it has printed B, which has ended already.
fn waiting(sandbox: &Sandbox, args: impl Args) -> Stream {
    let run = sandbox.jobctl(("wait $B", args, "-o jsonl"));
    let mut stream = Stream::start(run);
    assert_eq!(stream.next()["job_id"], B);
    stream
}

#[test]
fn a_job_that_has_completed_is_not_waited_for() {
    jobs()
        .jobctl("wait b222")
        .run()
        .ok()
        .no_stdout()
        .stderr_is("b2222222: ✓ completed\n");
}

#[test]
fn a_job_that_failed_is_1_and_named_with_its_error_in_one_line() {
    jobs()
        .jobctl("wait $C -q")
        .run()
        .fails(1)
        .no_stdout()
        .stderr_is(&format!(
            "jobctl: error: job {C} failed: out of memory\\nin scene 3\nhint: jobctl show ID has all about it\n"
        ));
}

#[test]
fn of_several_those_that_ended_otherwise_are_named() {
    let sandbox = jobs();
    set(&sandbox, A, "cancelled");
    sandbox
        .jobctl("wait $A $B $C -q")
        .run()
        .fails(1)
        .stderr_has(&format!(
            "2 of 3 jobs ended otherwise: job {A} was cancelled; job {C} failed: out of memory"
        ));
}

#[test]
fn the_state_asked_for_decides() {
    let sandbox = jobs();
    set(&sandbox, A, "cancelled");
    for (id, state, status) in [
        (B, "completed", 0),
        (B, "failed", 1),
        (B, "cancelled", 1),
        (B, "any", 0),
        (C, "completed", 1),
        (C, "failed", 0),
        (C, "any", 0),
        (A, "cancelled", 0),
        (A, "failed", 1),
        (A, "any", 0),
    ] {
        let run = sandbox.jobctl(["wait", id, "--for", state]).run();
        assert_eq!(run.status, status, "{id} {state}{run}");
    }
    sandbox
        .jobctl("wait $A --for queued")
        .run()
        .fails(2)
        .stderr_has("--for");
}

#[test]
fn it_ends_when_the_last_job_ends() {
    let sandbox = jobs();
    let mut stream = waiting(&sandbox, [A]);
    set(&sandbox, A, "completed");
    assert_eq!(stream.next()["job_id"], A);
    assert_eq!(stream.end(), (0, String::new()));
}

#[test]
fn a_requeued_job_is_waited_for_again() {
    let sandbox = jobs();
    let mut stream = waiting(&sandbox, [A, C]);
    assert_eq!(stream.next()["status"], "failed");
    set(&sandbox, C, "queued");
    // Both of them in one transaction: it never sees that all have ended before.
    sandbox.sql("UPDATE video_generation_jobs SET status = 'completed'");
    assert_eq!(stream.next()["job_id"], A);
    stream.end();

    set(&sandbox, A, "processing");
    set(&sandbox, C, "failed");
    let mut stream = waiting(&sandbox, [A, C]);
    assert_eq!(stream.next()["status"], "failed");
    sandbox.sql("UPDATE video_generation_jobs SET status = CASE id WHEN 'c3333333-3333-4333-8333-333333333333' THEN 'queued' ELSE 'completed' END");
    assert_eq!(stream.next()["job_id"], A);
    set(&sandbox, C, "completed");
    let line = stream.next();
    assert_eq!(
        (&line["job_id"], &line["status"]),
        (&Value::from(C), &Value::from("completed"))
    );
    assert_eq!(stream.end().0, 0);
}

#[test]
fn a_job_that_is_not_there_is_3() {
    let sandbox = jobs();
    sandbox
        .jobctl("wait d444")
        .run()
        .fails(3)
        .stderr_has("d444");
    sandbox.job("a1111111-2222-4222-8222-222222222222", &[]);
    sandbox
        .jobctl("wait a1111111")
        .run()
        .fails(3)
        .stderr_has("ambiguous");
    sandbox.jobctl("wait a").run().fails(2);
    sandbox.jobctl("wait").run().fails(2);
}

#[test]
fn a_job_that_is_deleted_meanwhile_is_3() {
    let sandbox = jobs();
    let mut stream = waiting(&sandbox, [A]);
    sandbox.sql(&format!(
        "DELETE FROM video_generation_jobs WHERE id = '{A}'"
    ));
    let (status, stderr) = stream.end();
    assert_eq!(status, 3);
    assert!(stderr.contains(A) && stderr.contains("deleted"), "{stderr}");
}

#[test]
fn the_time_can_run_out() {
    let sandbox = jobs();
    sandbox
        .jobctl("wait $A $B --timeout 10ms -q")
        .run()
        .fails(124)
        .no_stdout()
        .stderr_has(&format!(
            "waited 10ms: 1 of 2 jobs have not ended: job {A} is processing"
        ));
    let run = sandbox
        .jobctl("wait $A --timeout 0s -o json")
        .run()
        .fails(124);
    assert_eq!(run.json()["job_id"], A);
    assert_eq!(run.json_error()["code"], "timed_out");
    sandbox.jobctl("wait $B --timeout 0s").run().ok();
    sandbox.jobctl("wait $B --timeout 5").run().fails(2);
}

#[test]
fn signals_end_it_with_130() {
    let sandbox = jobs();
    for signal in ["INT", "TERM", "HUP"] {
        let mut stream = waiting(&sandbox, [A]);
        stream.signal(signal);
        let (status, stderr) = stream.end();
        assert_eq!((status, stderr.as_str()), (130, ""));
    }
}

#[test]
fn json_at_the_end_has_the_form_of_show() {
    let sandbox = jobs();
    let run = sandbox.jobctl("wait $B -o json").run().ok().no_stderr();
    assert_eq!(run.stdout, sandbox.jobctl("show $B -o json").run().stdout);
    let run = sandbox.jobctl("wait $C $B -o json").run().fails(1);
    assert_eq!(
        run.stdout,
        sandbox.jobctl("show $C $B -o json").run().stdout
    );
    assert_eq!(run.json_error()["code"], "failed");
    sandbox
        .jobctl("wait $C $B $C --for any -o ids")
        .run()
        .ok()
        .stdout_is(&format!("{C}\n{B}\n"));
}

#[test]
fn ids_come_from_stdin_too() {
    let sandbox = jobs();
    sandbox
        .jobctl("wait - --for any -o ids")
        .stdin(format!("{B}\n\n{C}\n"))
        .run()
        .ok()
        .stdout_is(&format!("{B}\n{C}\n"));
    let none = sandbox.jobctl("wait - -o json").run().ok();
    assert_eq!(none.json(), Value::Array(Vec::new()));
}

#[test]
fn a_lock_is_waited_out() {
    let sandbox = jobs();
    let held = sandbox.connection();
    held.execute_batch("BEGIN EXCLUSIVE").unwrap();
    sandbox
        .jobctl("wait $B --timeout 300ms")
        .run()
        .fails(124)
        .stderr_has("locked");
    let mut stream = Stream::start(sandbox.jobctl("wait $B -o jsonl"));
    held.execute_batch("ROLLBACK").unwrap();
    assert_eq!(stream.next()["job_id"], B);
    assert_eq!(stream.end().0, 0);
    let mut stream = waiting(&sandbox, [A]);
    held.execute_batch("BEGIN EXCLUSIVE; UPDATE video_generation_jobs SET status = 'completed'")
        .unwrap();
    assert!(stream.is_silent());
    held.execute_batch("COMMIT").unwrap();
    assert_eq!(stream.next()["job_id"], A);
    assert_eq!(stream.end(), (0, String::new()));
}

#[test]
fn a_file_that_goes_or_is_replaced_is_66() {
    let sandbox = jobs();
    let mut stream = waiting(&sandbox, [A]);
    std::fs::copy(sandbox.db(), sandbox.path("new.db")).unwrap();
    std::fs::rename(sandbox.path("new.db"), sandbox.db()).unwrap();
    let (status, stderr) = stream.end();
    assert_eq!(status, 66);
    assert!(stderr.contains("jobs.db was replaced"), "{stderr}");
    let mut stream = waiting(&sandbox, [A]);
    std::fs::remove_file(sandbox.db()).unwrap();
    assert_eq!(stream.end().0, 66);
    sandbox.jobctl("wait $A").run().fails(66);
}

#[test]
fn it_works_beside_a_wal() {
    let sandbox = jobs();
    sandbox.ask("PRAGMA journal_mode = WAL");
    let mut stream = waiting(&sandbox, [A]);
    set(&sandbox, A, "completed");
    assert_eq!(stream.next()["job_id"], A);
    assert_eq!(stream.end().0, 0);
}

#[test]
fn a_terminal_has_a_line_of_progress_that_goes_at_the_end() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET current_stage = 'Rendering' WHERE id = '{A}'"
    ));
    let mut live = Live::start(sandbox.jobctl("wait $A $B $C --for any"), 100, 10);
    live.until("the progress", |screen| {
        screen.has("2 of 3 ended · 1 failed · 76% · a1111111 ▶ processing, Rendering · waiting")
    });
    set(&sandbox, A, "completed");
    let screen = live.until("the end", |screen| screen.has("a1111111: ✓ completed"));
    assert!(!screen.has("waiting"), "{}", screen.text());
    let ended = live.end();
    assert_eq!((ended.status.as_str(), ended.after), ("0", ended.before));
}

#[test]
fn a_pipe_has_none() {
    let sandbox = jobs();
    sandbox
        .jobctl("wait $A --timeout 600ms -q")
        .run()
        .fails(124)
        .no_stdout()
        .stderr_is(&format!(
            "jobctl: error: waited 600ms: job {A} is processing\nhint: jobctl show ID shows where it stands; with -o jsonl --watch, a line for each change\n"
        ));
}
