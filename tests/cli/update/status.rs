//! Changes of status, what they stamp, and their shorthands.

use serde_json::json;

use super::{ALLOWED, BY_FORCE, EARLIER, refused, update, with};
use crate::support::{A, NOW_STORED};

#[test]
fn an_allowed_change_of_status_is_made_and_stamped() {
    for (from, to) in ALLOWED {
        let sandbox = with(from);
        update(&sandbox, ("--status", to)).ok();
        let row = format!("{from} to {to}");
        assert_eq!(sandbox.cell(A, "status"), format!("text|{to}"), "{row}");
        let stamp = format!("text|{NOW_STORED}");
        assert_eq!(sandbox.cell(A, "updated_at"), stamp, "{row}");
    }
}

#[test]
fn any_other_change_of_status_is_refused_with_the_flag_that_lifts_it() {
    for (from, to) in BY_FORCE {
        refused(&with(from), ("--status", to), 4)
            .stderr_has(A)
            .stderr_has(from)
            .stderr_has("--force");
    }
}

#[test]
fn any_other_change_of_status_is_made_by_force() {
    for (from, to) in BY_FORCE {
        let sandbox = with(from);
        update(&sandbox, ("--status", to, "--force")).ok();
        let status = format!("text|{to}");
        assert_eq!(sandbox.cell(A, "status"), status, "{from} to {to}");
    }
}

#[test]
fn the_status_that_it_has_is_no_change() {
    for status in ["queued", "processing", "completed", "failed", "cancelled"] {
        let sandbox = with(status);
        let before = sandbox.row(A);
        update(&sandbox, ("--status", status)).ok();
        assert_eq!(sandbox.row(A), before, "{status}");
    }
}

#[test]
fn entering_processing_stamps_the_start() {
    let sandbox = with("queued");
    let before = sandbox.row(A);
    update(&sandbox, "--status processing").ok();
    assert_eq!(
        sandbox.changed(A, &before),
        ["status", "updated_at", "started_at"]
    );
    assert_eq!(sandbox.cell(A, "started_at"), format!("text|{NOW_STORED}"));
}

#[test]
fn entering_processing_keeps_a_start_that_is_there() {
    let sandbox = with("queued");
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET started_at = '{EARLIER}'"
    ));
    update(&sandbox, "--status processing").ok();
    assert_eq!(sandbox.cell(A, "started_at"), format!("text|{EARLIER}"));
}

#[test]
fn completing_stamps_the_end_and_sets_progress_100() {
    let sandbox = with("processing");
    let before = sandbox.row(A);
    update(&sandbox, "--status completed").ok();
    assert_eq!(
        sandbox.changed(A, &before),
        ["status", "progress", "updated_at", "completed_at"]
    );
    assert_eq!(
        sandbox.cell(A, "completed_at"),
        format!("text|{NOW_STORED}")
    );
    assert_eq!(sandbox.cell(A, "progress"), "real|100.0");
}

#[test]
fn failing_stamps_the_end_and_keeps_the_progress() {
    let sandbox = with("processing");
    sandbox.sql("UPDATE video_generation_jobs SET progress = 42.5");
    let before = sandbox.row(A);
    update(&sandbox, "--status failed").ok();
    assert_eq!(
        sandbox.changed(A, &before),
        ["status", "updated_at", "completed_at"]
    );
}

#[test]
fn cancelling_stamps_the_end() {
    let sandbox = with("queued");
    let before = sandbox.row(A);
    update(&sandbox, "--status cancelled").ok();
    assert_eq!(
        sandbox.changed(A, &before),
        ["status", "updated_at", "completed_at"]
    );
}

#[test]
fn an_end_that_is_there_is_kept() {
    let sandbox = with("processing");
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET completed_at = '{EARLIER}'"
    ));
    update(&sandbox, "--status completed").ok();
    assert_eq!(sandbox.cell(A, "completed_at"), format!("text|{EARLIER}"));
}

#[test]
fn every_change_stamps_updated_at() {
    let sandbox = with("queued");
    let before = sandbox.row(A);
    update(&sandbox, "--title 'The Cat'").ok();
    assert_eq!(sandbox.changed(A, &before), ["project_title", "updated_at"]);
    assert_eq!(sandbox.cell(A, "updated_at"), format!("text|{NOW_STORED}"));
}

#[test]
fn requeueing_clears_what_the_last_run_left_and_nothing_else() {
    let sandbox = with("failed");
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET progress = 42.5, error_message = 'no', current_stage = 'storyboard', result_data = '{{}}',
         started_at = '{EARLIER}', completed_at = '{EARLIER}', working_dir = '/w', project_title = 'The Cat'"
    ));
    let before = sandbox.row(A);
    update(&sandbox, "--requeue").ok();
    let expected = [
        "status",
        "progress",
        "current_stage",
        "result_data",
        "error_message",
        "updated_at",
        "started_at",
        "completed_at",
    ];
    assert_eq!(sandbox.changed(A, &before), expected);
    assert_eq!(sandbox.cell(A, "progress"), "real|0.0");
    for column in [
        "current_stage",
        "result_data",
        "error_message",
        "started_at",
        "completed_at",
    ] {
        assert_eq!(sandbox.cell(A, column), "null|", "{column}");
    }
}

#[test]
fn status_queued_is_a_requeue_too() {
    let sandbox = with("cancelled");
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET progress = 42.5, error_message = 'no', completed_at = '{EARLIER}'"
    ));
    update(&sandbox, "--status queued").ok();
    assert_eq!(sandbox.cell(A, "progress"), "real|0.0");
    assert_eq!(sandbox.cell(A, "error_message"), "null|");
    assert_eq!(sandbox.cell(A, "completed_at"), "null|");
}

#[test]
fn requeueing_a_queued_job_is_no_change() {
    let sandbox = with("queued");
    sandbox.sql("UPDATE video_generation_jobs SET current_stage = 'waiting'");
    let before = sandbox.row(A);
    update(&sandbox, "--requeue").ok();
    assert_eq!(sandbox.row(A), before);
}

#[test]
fn the_state_it_is_in_beside_another_value_changes_that_value_alone() {
    let sandbox = with("processing");
    let before = sandbox.row(A);
    update(&sandbox, "--status processing --stage storyboard").ok();
    assert_eq!(sandbox.changed(A, &before), ["current_stage", "updated_at"]);
}

#[test]
fn complete_without_a_result_completes() {
    let sandbox = with("processing");
    update(&sandbox, "--complete").ok();
    assert_eq!(sandbox.cell(A, "status"), "text|completed");
    assert_eq!(sandbox.cell(A, "result_data"), "null|");
}

#[test]
fn complete_with_a_result_stores_it() {
    let sandbox = with("processing");
    update(
        &sandbox,
        "--complete '{\"final_video_path\": \"/m/a.mp4\"}'",
    )
    .ok();
    assert_eq!(sandbox.cell(A, "status"), "text|completed");
    assert_eq!(
        sandbox.cell(A, "result_data"),
        "text|{\"final_video_path\": \"/m/a.mp4\"}"
    );
}

#[test]
fn complete_reads_its_result_from_a_file() {
    let sandbox = with("processing");
    sandbox.write("result.json", "{\"n\": 1}");
    update(&sandbox, "--complete @result.json").ok();
    let job = sandbox.jobctl("show $A -o json").run().ok().json();
    assert_eq!(job["result"], json!({"n": 1}));
}

#[test]
fn fail_stores_its_message() {
    let sandbox = with("processing");
    update(&sandbox, "--fail 'out of memory on shot 3'").ok();
    assert_eq!(sandbox.cell(A, "status"), "text|failed");
    assert_eq!(
        sandbox.cell(A, "error_message"),
        "text|out of memory on shot 3"
    );
}

#[test]
fn cancel_cancels() {
    let sandbox = with("processing");
    update(&sandbox, "--cancel").ok();
    assert_eq!(sandbox.cell(A, "status"), "text|cancelled");
}

#[test]
fn two_shorthands_at_once_are_a_usage_error() {
    refused(&with("processing"), "--cancel --requeue", 2);
}

#[test]
fn a_shorthand_beside_status_is_a_usage_error() {
    refused(&with("processing"), "--complete --status failed", 2);
}

#[test]
fn cancelling_a_completed_job_is_refused() {
    refused(&with("completed"), "--cancel", 4).stderr_has("completed");
}

#[test]
fn requeueing_a_processing_job_is_refused() {
    refused(&with("processing"), "--requeue", 4).stderr_has("processing");
}
