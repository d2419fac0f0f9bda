//! `--if-status` and `--if-updated-at`.

use super::{refused, update, with};
use crate::support::A;

#[test]
fn if_status_lets_a_job_of_that_status_through() {
    let sandbox = with("failed");
    update(&sandbox, "--requeue --if-status failed").ok();
    assert_eq!(sandbox.cell(A, "status"), "text|queued");
}

#[test]
fn if_status_takes_several() {
    let sandbox = with("failed");
    update(&sandbox, "--requeue --if-status cancelled,failed").ok();
    assert_eq!(sandbox.cell(A, "status"), "text|queued");
}

#[test]
fn if_status_refuses_a_job_of_another_status() {
    refused(&with("queued"), "--title x --if-status failed", 4)
        .stderr_has("queued")
        .stderr_has(A);
}

#[test]
fn force_does_not_lift_a_guard() {
    refused(&with("queued"), "--title x --if-status failed --force", 4);
}

#[test]
fn if_updated_at_lets_the_job_through_that_was_shown() {
    let sandbox = with("queued");
    let shown = sandbox.jobctl("show $A -o json").run().ok().json();
    update(
        &sandbox,
        (
            "--title x --if-updated-at",
            shown["updated_at"].as_str().unwrap(),
        ),
    )
    .ok();
    assert_eq!(sandbox.cell(A, "project_title"), "text|x");
}

#[test]
fn if_updated_at_refuses_a_job_that_was_changed_since() {
    let sandbox = with("queued");
    let shown = sandbox.jobctl("show $A -o json").run().ok().json();
    sandbox.sql("UPDATE video_generation_jobs SET updated_at = '2026-01-10 00:00:00.000001'");
    refused(
        &sandbox,
        (
            "--title x --if-updated-at",
            shown["updated_at"].as_str().unwrap(),
        ),
        4,
    );
}

#[test]
fn if_updated_at_compares_with_another_spelling_of_the_same_time() {
    let sandbox = with("queued");
    sandbox.sql("UPDATE video_generation_jobs SET updated_at = '2026-01-10T00:00:00Z'");
    update(
        &sandbox,
        "--title x --if-updated-at 2026-01-10T00:00:00.000000Z",
    )
    .ok();
}

#[test]
fn a_bad_time_of_if_updated_at_is_a_usage_error() {
    refused(&with("queued"), "--title x --if-updated-at lately", 2).stderr_has("--if-updated-at");
}
