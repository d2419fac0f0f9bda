//! Values that are refused.

use super::{bad_value, idea};
use crate::support::{A, Sandbox, hash};

#[test]
fn refuses_a_progress_above_100() {
    bad_value("--progress 101", "--progress", "101").stderr_has("100");
}

#[test]
fn refuses_a_progress_below_0() {
    bad_value("--progress=-1", "--progress", "-1");
}

#[test]
fn refuses_a_progress_that_is_no_number() {
    bad_value("--progress half", "--progress", "half");
}

#[test]
fn refuses_a_progress_that_is_not_a_number() {
    bad_value("--progress NaN", "--progress", "NaN");
}

#[test]
fn refuses_a_result_that_is_not_json() {
    bad_value("--result {oops", "--result", "oops").stderr_has("JSON");
}

#[test]
fn refuses_a_request_that_is_not_json() {
    bad_value("--request 'plain words'", "--request", "JSON");
}

#[test]
fn refuses_a_context_that_is_not_json() {
    bad_value(["--context", "{'a': 1}"], "--context", "JSON");
}

#[test]
fn names_the_flag_and_the_file_when_the_result_file_is_missing() {
    let sandbox = Sandbox::new();
    let output = idea(&sandbox, "--result @missing.json").run();
    assert!([2, 66].contains(&output.status), "{output}");
    output
        .no_stdout()
        .stderr_has("--result")
        .stderr_has("missing.json");
    assert!(!sandbox.db().exists());
}

#[test]
fn refuses_a_result_file_that_is_not_json() {
    let sandbox = Sandbox::new();
    sandbox.write("result.json", "{\"cut\": ");
    let output = idea(&sandbox, "--result @result.json").run();
    assert!([2, 65].contains(&output.status), "{output}");
    output.no_stdout().stderr_has("--result");
}

#[test]
fn refuses_more_completed_shots_than_there_are() {
    bad_value(
        "--total-shots 3 --completed-shots 4",
        "--completed-shots",
        "4",
    )
    .stderr_has("3");
}

#[test]
fn refuses_a_negative_number_of_shots() {
    bad_value("--total-shots=-3", "--total-shots", "-3");
}

#[test]
fn refuses_a_number_of_shots_with_a_fraction() {
    bad_value("--total-shots 2.5", "--total-shots", "2.5");
}

#[test]
fn refuses_an_id_that_is_no_uuid() {
    bad_value("--id job-1", "--id", "job-1");
}

#[test]
fn refuses_an_id_in_use_and_changes_nothing() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    let before = hash(sandbox.db());
    idea(&sandbox, "--id $A")
        .run()
        .fails(4)
        .no_stdout()
        .stderr_has(A)
        .stderr_lacks("UNIQUE");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn takes_the_id_that_is_given() {
    let sandbox = Sandbox::new();
    idea(&sandbox, "--id $A")
        .run()
        .ok()
        .stdout_is(&format!("{A}\n"));
    assert_eq!(sandbox.ids(), [A]);
}
