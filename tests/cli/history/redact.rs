//! `redact`: nothing of the text is left in the file, its log or its history, and the row still counts.

use std::fs;

use super::{runs, table};
use crate::postgres::database;
use crate::support::{A, B, Sandbox};

const SECRET: &str = "Jane Doe of Elm Street";

fn holds_secret(sandbox: &Sandbox) -> bool {
    if database::is_wanted() {
        return table(sandbox).iter().any(|row| row.contains(SECRET));
    }
    ["jobs.db", "jobs.db-wal", "jobs.db-journal"]
        .iter()
        .any(|name| {
            let bytes = fs::read(sandbox.path(name)).unwrap_or_default();
            bytes
                .windows(SECRET.len())
                .any(|part| part == SECRET.as_bytes())
        })
}

fn with_secrets() -> Sandbox {
    let sandbox = Sandbox::service();
    for id in [A, B] {
        sandbox.job(
            id,
            &[
                ("status", &"failed"),
                ("content", &format!("A film about {SECRET}")),
            ],
        );
    }
    sandbox
        .jobctl(["update", A, B, "--title", SECRET])
        .run()
        .ok();
    sandbox
        .jobctl(["update", A, "--error", &format!("no film of {SECRET}")])
        .run()
        .ok();
    sandbox
        .jobctl([
            "update",
            A,
            "--force",
            "--result",
            &format!("{{\"by\": \"{SECRET}\"}}"),
        ])
        .run()
        .ok();
    sandbox
}

#[test]
fn no_byte_of_the_text_is_left_in_the_file_its_log_and_its_history() {
    for mode in ["delete", "wal"] {
        let sandbox = with_secrets();
        sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
        sandbox.jobctl("delete $B").run().ok();
        assert!(holds_secret(&sandbox));
        let run = sandbox.jobctl("redact $A $B --yes -o json").run().ok();
        assert!(!holds_secret(&sandbox), "{mode}");
        let told = run.json();
        assert_eq!(told["redacted"], 2);
        assert_eq!(told["job_ids"].as_array().unwrap().len(), 2);
        assert!(told["not_reached"].as_array().unwrap().len() >= 3);
        run.stderr_has("this cannot be undone");
        assert_eq!(sandbox.ask("PRAGMA integrity_check"), "ok");
        // The deleted job comes back without it.
        sandbox.jobctl("undo r4").run().ok();
        assert_eq!(sandbox.cell(B, "content"), "text|(redacted)");
        assert!(!holds_secret(&sandbox));
        let last = sandbox
            .jobctl("history -o json --limit 2")
            .run()
            .ok()
            .json();
        assert_eq!(last["runs"][1]["command"], "redact");
        assert_eq!(last["runs"][1]["undoable"], false);
        sandbox
            .jobctl("undo")
            .run()
            .fails(4)
            .stderr_has("what a redaction takes out is gone");
    }
}

#[test]
fn the_row_counts_as_before_and_only_the_fields_that_were_named_change() {
    let sandbox = with_secrets();
    let before = sandbox.row(A);
    sandbox
        .jobctl("redact $A --fields title,result --yes")
        .run()
        .ok();
    assert_eq!(
        sandbox.changed(A, &before),
        ["project_title", "result_data"]
    );
    assert_eq!(sandbox.cell(A, "result_data"), "text|{}");
    sandbox.jobctl("redact $A --yes").run().ok();
    let told = ["content", "project_title", "result_data", "error_message"];
    assert_eq!(sandbox.changed(A, &before), told);
    let now = table(&sandbox);
    let kept = runs(&sandbox);
    sandbox
        .jobctl("redact $A --yes")
        .run()
        .ok()
        .stderr_has("redacted 0 jobs");
    assert_eq!((table(&sandbox), runs(&sandbox)), (now, kept));
}

#[test]
fn it_asks_and_refuses_what_it_does_not_know() {
    let sandbox = with_secrets();
    let before = table(&sandbox);
    sandbox
        .jobctl("redact $A")
        .run()
        .fails(4)
        .stderr_has("this cannot be undone");
    sandbox
        .jobctl("redact $A --dry-run")
        .run()
        .ok()
        .stdout_has(A);
    sandbox.jobctl("redact").run().fails(2);
    sandbox.jobctl("redact $A --fields id --yes").run().fails(2);
    sandbox.jobctl("redact c333 --yes").run().fails(3);
    assert_eq!(table(&sandbox), before);
    let run = sandbox
        .jobctl(["redact", "--search", SECRET, "--yes"])
        .run()
        .ok();
    run.stderr_has("redacted 2 jobs");
    assert!(!holds_secret(&sandbox));
}

/// Nothing tells two rows without an id apart, and one is no job whose id is empty.
#[test]
fn a_job_without_an_id_is_not_reached_and_told_so() {
    let sandbox = Sandbox::report();
    for id in [A, B] {
        sandbox.job(id, &[("status", &"failed"), ("content", &SECRET)]);
    }
    let row = |id: &str, status: &str| {
        format!(
            "INSERT INTO video_generation_jobs (id, job_type, status, content) VALUES ({id}, 'idea2video', '{status}', '{SECRET}')"
        )
    };
    sandbox.sql(&row("NULL", "failed"));
    sandbox.sql(&row("''", "completed"));
    let dry_run = sandbox
        .jobctl("redact --status failed --dry-run")
        .run()
        .ok();
    dry_run
        .stderr_has("1 job without an id (jobctl doctor names the row) matches and stays")
        .stderr_has("would redact 2 jobs;");
    let run = sandbox
        .jobctl("redact --status failed --yes -o json")
        .run()
        .ok();
    let told = run.json();
    assert_eq!(told["redacted"], 2, "{run}");
    let not_reached = told["not_reached"].to_string();
    assert!(not_reached.contains("1 job without an id"), "{run}");
    let left = sandbox.ask(&format!(
        "SELECT group_concat(ifnull(id, 'none'), ' ') FROM video_generation_jobs WHERE content = '{SECRET}'"
    ));
    assert_eq!(left, "none ");
}
