//! `--dry-run`: the counts of the real run, and not a byte written.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, manager, pipeline, row, sample, with};
use crate::args::Args;
use crate::support::{A, B, C, D, Sandbox, hash};

/// What both runs must agree on.
fn agreed(summary: &Value) -> Value {
    let keys = [
        "read",
        "inserted",
        "updated",
        "skipped",
        "rejected",
        "stores",
        "timezone",
        "still_processing",
        "unknown_status",
        "status_words",
        "mapped_status",
        "double_encoded",
        "unlinked",
        "fitted",
        "respelled",
        "adapted",
        "lacking_columns",
        "undone",
        "problems",
    ];
    keys.iter().map(|key| json!([key, summary[key]])).collect()
}

#[track_caller]
fn agrees(make: impl Fn() -> Sandbox, text: &str, policy: &str) -> Value {
    agrees_with(make, text, ["--on-conflict", policy])
}

/// Gives what the dry run told.
#[track_caller]
fn agrees_with(make: impl Fn() -> Sandbox, text: &str, args: impl Args) -> Value {
    let dry = make();
    let told = import(&dry, text, (&args, "--dry-run"));
    let real = make();
    let done = import(&real, text, &args);
    assert_eq!(told.status, done.status, "{told}{done}");
    let (told, done) = (told.json(), done.json());
    assert_eq!(agreed(&told), agreed(&done), "{args:?}");
    let writes = |summary: &Value| counts(summary)[1] + counts(summary)[2];
    assert_eq!(told["count"], writes(&done), "{args:?}");
    told
}

fn everything() -> String {
    let newer = json!({"updated_at": "2027-01-01T00:00:00", "title": "newer"});
    let records = [
        manager(A),
        with(manager(A), newer.clone()),
        manager(A),
        with(
            pipeline(B),
            json!({"status": "running", "episode_id": "gone-1"}),
        ),
        with(manager(C), json!({"progress": 120})),
        with(manager(C), json!({"status": "archived"})),
        with(pipeline(C), json!({"created_at": "2025-02-30T00:00:00"})),
        with(manager(C), newer),
        api_server(D),
        row(D),
        json!({"job_id": "x"}),
    ];
    lines(&records)
}

#[test]
fn the_counts_are_those_of_the_real_run() {
    for policy in ["skip", "newer", "replace"] {
        agrees(Sandbox::new, &everything(), policy);
        agrees(Sandbox::service, &everything(), policy);
    }
}

#[test]
fn the_counts_are_those_of_the_real_run_on_a_file_that_has_some_of_the_jobs() {
    let make = || {
        let sandbox = Sandbox::report();
        sandbox.job(A, &[]);
        sandbox.job(D, &[("updated_at", &"2027-06-01 00:00:00.000000")]);
        sandbox
    };
    for policy in ["skip", "newer", "replace"] {
        agrees(make, &everything(), policy);
    }
}

#[test]
fn a_conflict_under_fail_ends_it_as_it_ends_the_real_run() {
    let sandbox = Sandbox::report();
    sandbox.job(B, &[]);
    import(
        &sandbox,
        lines(&[manager(A), manager(B)]),
        "--on-conflict fail --dry-run",
    )
    .fails(4)
    .stderr_has(B);
}

#[test]
fn a_conflict_under_fail_leaves_what_came_before_as_the_real_run_does() {
    let make = || {
        let sandbox = Sandbox::report();
        sandbox.job(C, &[]);
        sandbox
    };
    let text = lines(&[manager(A), manager(B), manager(C), manager(D)]);
    let told = agrees(make, &text, "fail");
    assert_eq!(counts(&told), [2, 2, 0, 0, 0]);
    agrees_with(make, &text, "--on-conflict fail --atomic");
}

#[test]
fn jobs_that_would_be_skipped_are_told_and_not_counted() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let text = lines(&[manager(A), manager(B), manager(B), manager(C)]);
    let run = import(&sandbox, &text, "--dry-run").ok();
    let told = run.json();
    assert_eq!(told["count"], 2, "{run}");
    assert_eq!(told["jobs"].as_array().unwrap().len(), 4, "{run}");
    run.stderr_has("would import 2 jobs");
    let run = sandbox.jobctl("migrate dump.json --dry-run -o ids");
    assert_eq!(run.run().ok().lines(), [B, C]);
}

#[test]
fn under_atomic_it_tells_that_a_cut_off_file_would_leave_nothing() {
    let text = json!({A: manager(A), B: manager(B), C: manager(C)}).to_string();
    let cut = &text[..text.len() - 40];
    for make in [Sandbox::new, Sandbox::report] {
        let told = agrees_with(make, cut, "--atomic");
        assert_eq!(told["inserted"], 0, "{told}");
        assert_eq!(told["count"], 0, "{told}");
        let sandbox = make();
        let run = import(&sandbox, cut, "--atomic --dry-run").fails(65);
        let run = run.stderr_has("would import 0 jobs");
        run.stderr_has("nothing would be imported");
    }
    for args in ["--atomic", "--atomic --on-conflict replace"] {
        agrees_with(Sandbox::report, &everything(), args);
    }
}

#[test]
fn no_file_is_made() {
    let sandbox = Sandbox::new();
    import(&sandbox, manager(A).to_string(), "--dry-run").ok();
    assert!(!sandbox.db().exists());
}

#[test]
fn no_folder_is_made() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl("migrate --dry-run --db new/deep/jobs.db")
        .arg(sample("combined.json"))
        .run()
        .ok();
    assert!(!sandbox.path("new").exists());
}

#[test]
fn a_file_that_is_there_keeps_its_bytes() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let before = hash(sandbox.db());
    import(&sandbox, everything(), "--dry-run --on-conflict replace").fails(65);
    assert_eq!(hash(sandbox.db()), before);
    let beside = ["jobs.db-wal", "jobs.db-shm", "jobs.db-journal"];
    assert!(beside.iter().all(|name| !sandbox.path(name).exists()));
}

#[test]
fn it_says_that_it_was_dry_and_why_for_each_job() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let summary = import(&sandbox, lines(&[manager(A), manager(B)]), "--dry-run")
        .ok()
        .json();
    assert_eq!(summary["dry_run"], true);
    let jobs = summary["jobs"].as_array().unwrap();
    let b = jobs
        .iter()
        .find(|job| job["job_id"] == B)
        .unwrap_or_else(|| panic!("{summary}"));
    assert!(
        b["reason"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty()),
        "{summary}"
    );
}

#[test]
fn a_cut_off_file_is_told_too() {
    let text = json!({A: manager(A), B: manager(B)}).to_string();
    let sandbox = Sandbox::new();
    let run = import(&sandbox, &text[..text.len() - 40], "--dry-run").fails(65);
    assert_eq!(counts(&run.json())[1], 1);
    assert!(!sandbox.db().exists());
}

#[test]
fn rows_that_are_there_already_word_for_word_are_skipped_as_in_the_real_run() {
    let text = lines(&[row(A), row(B)]);
    let make = || {
        let sandbox = Sandbox::report();
        import(&sandbox, &text, "").ok();
        sandbox
    };
    for policy in ["skip", "newer", "replace"] {
        agrees(make, &text, policy);
    }
    let told = import(&make(), &text, "--on-conflict replace --dry-run").ok();
    assert_eq!(counts(&told.json()), [2, 0, 0, 2, 0], "{told}");
}

#[test]
fn a_row_that_comes_twice_word_for_word_is_told_as_in_the_real_run() {
    for policy in ["skip", "newer", "replace"] {
        agrees(Sandbox::report, &lines(&[row(C), row(C)]), policy);
    }
}

#[test]
fn a_job_that_comes_twice_and_differs_is_told_as_in_the_real_run() {
    let other = with(row(A), json!({"project_title": "The Dog"}));
    let text = lines(&[row(A), other.clone(), other, row(A)]);
    for policy in ["skip", "newer", "replace"] {
        agrees(Sandbox::report, &text, policy);
    }
}
