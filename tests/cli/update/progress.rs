//! Progress and shots.

use super::{refused, update, with};
use crate::support::A;

#[test]
fn progress_0_and_100_are_both_taken() {
    let sandbox = with("processing");
    update(&sandbox, "--progress 100").ok();
    assert_eq!(sandbox.cell(A, "progress"), "real|100.0");
    update(&sandbox, "--progress 0").ok();
    assert_eq!(sandbox.cell(A, "progress"), "real|0.0");
}

#[test]
fn progress_101_is_refused() {
    refused(&with("processing"), "--progress 101", 2)
        .stderr_has("--progress")
        .stderr_has("101")
        .stderr_has("100");
}

#[test]
fn a_progress_just_above_100_is_refused() {
    refused(&with("processing"), "--progress 100.001", 2);
}

#[test]
fn a_negative_progress_is_refused() {
    refused(&with("processing"), "--progress -1", 2)
        .stderr_has("--progress")
        .stderr_has("-1");
}

#[test]
fn an_infinite_progress_is_refused() {
    refused(&with("processing"), "--progress inf", 2).stderr_has("--progress");
}

#[test]
fn the_progress_of_a_completed_job_stays_100() {
    let sandbox = with("completed");
    sandbox.sql("UPDATE video_generation_jobs SET progress = 100.0");
    update(&sandbox, "--progress 50");
    assert_eq!(sandbox.cell(A, "progress"), "real|100.0");
}

#[test]
fn completing_with_a_lower_progress_does_not_lower_it() {
    let sandbox = with("processing");
    update(&sandbox, "--status completed --progress 50");
    let both = (sandbox.cell(A, "status"), sandbox.cell(A, "progress"));
    assert_ne!(both, ("text|completed".to_owned(), "real|50.0".to_owned()));
}

#[test]
fn shots_of_a_completed_job_leave_its_progress() {
    let sandbox = with("completed");
    sandbox.sql("UPDATE video_generation_jobs SET progress = 100.0");
    update(&sandbox, "--total-shots 4 --completed-shots 2").ok();
    assert_eq!(sandbox.cell(A, "progress"), "real|100.0");
    assert_eq!(sandbox.cell(A, "completed_shots"), "integer|2");
}

#[test]
fn completed_shots_set_the_progress() {
    let sandbox = with("processing");
    sandbox.sql("UPDATE video_generation_jobs SET total_shots = 4");
    update(&sandbox, "--completed-shots 3").ok();
    assert_eq!(sandbox.cell(A, "completed_shots"), "integer|3");
    assert_eq!(sandbox.cell(A, "progress"), "real|75.0");
}

#[test]
fn total_shots_set_the_progress() {
    let sandbox = with("processing");
    sandbox.sql("UPDATE video_generation_jobs SET completed_shots = 1, total_shots = 2");
    update(&sandbox, "--total-shots 8").ok();
    assert_eq!(sandbox.cell(A, "progress"), "real|12.5");
}

#[test]
fn a_progress_that_is_given_comes_before_that_of_the_shots() {
    let sandbox = with("processing");
    update(
        &sandbox,
        "--total-shots 4 --completed-shots 3 --progress 10",
    )
    .ok();
    assert_eq!(sandbox.cell(A, "progress"), "real|10.0");
}

#[test]
fn total_shots_of_a_job_without_completed_ones_is_progress_0() {
    let sandbox = with("processing");
    sandbox.sql("UPDATE video_generation_jobs SET completed_shots = NULL, total_shots = NULL, progress = NULL");
    update(&sandbox, "--total-shots 4").ok();
    assert_eq!(sandbox.cell(A, "total_shots"), "integer|4");
    assert_eq!(sandbox.cell(A, "progress"), "real|0.0");
}

#[test]
fn more_completed_shots_than_the_job_has_are_refused_and_not_cut() {
    let sandbox = with("processing");
    sandbox.sql("UPDATE video_generation_jobs SET total_shots = 4");
    let before = sandbox.row(A);
    let output = update(&sandbox, "--completed-shots 5");
    assert!([2, 4].contains(&output.status), "{output}");
    output.no_stdout().stderr_has("5").stderr_has("4");
    assert_eq!(sandbox.row(A), before);
}

#[test]
fn a_total_below_the_completed_shots_is_refused() {
    let sandbox = with("processing");
    sandbox.sql("UPDATE video_generation_jobs SET total_shots = 4, completed_shots = 3");
    let before = sandbox.row(A);
    let output = update(&sandbox, "--total-shots 2");
    assert!([2, 4].contains(&output.status), "{output}");
    assert_eq!(sandbox.row(A), before);
}

#[test]
fn both_shot_counts_given_wrongly_are_refused() {
    let output = refused(
        &with("processing"),
        "--total-shots 2 --completed-shots 3",
        2,
    );
    output
        .stderr_has("--completed-shots")
        .stderr_has("3")
        .stderr_has("2");
}
