//! Values by their flags, and those that are refused.

use super::{refused, update, with};
use crate::support::{A, Sandbox, hash};

#[test]
fn each_flag_sets_its_column_and_no_other() {
    for (flag, value, column, cell) in [
        ("--title", "The Cat", "project_title", "text|The Cat"),
        (
            "--project_title",
            "The Cat",
            "project_title",
            "text|The Cat",
        ),
        ("--style", "anime", "style", "text|anime"),
        (
            "--requirement",
            "no rain",
            "user_requirement",
            "text|no rain",
        ),
        (
            "--user_requirement",
            "no rain",
            "user_requirement",
            "text|no rain",
        ),
        (
            "--content",
            "A dog crosses the road",
            "content",
            "text|A dog crosses the road",
        ),
        ("--stage", "storyboard", "current_stage", "text|storyboard"),
        (
            "--current_stage",
            "storyboard",
            "current_stage",
            "text|storyboard",
        ),
        ("--working-dir", "/w", "working_dir", "text|/w"),
        ("--error", "no", "error_message", "text|no"),
        ("--error_message", "no", "error_message", "text|no"),
        ("--result", "{\"a\":  1}", "result_data", "text|{\"a\":  1}"),
        ("--result_data", "[1]", "result_data", "text|[1]"),
        ("--request", "{\"a\": 1}", "request_data", "text|{\"a\": 1}"),
        ("--context", "{\"a\": 1}", "context", "text|{\"a\": 1}"),
        ("--series", "s1", "series_id", "text|s1"),
        ("--series_id", "s1", "series_id", "text|s1"),
        ("--episode", "e1", "episode_id", "text|e1"),
        ("--job_type", "remix", "job_type", "text|remix"),
        (
            "--title",
            "'; DROP TABLE x; --",
            "project_title",
            "text|'; DROP TABLE x; --",
        ),
        ("--title", "一只猫", "project_title", "text|一只猫"),
    ] {
        let sandbox = Sandbox::report();
        sandbox.job(A, &[("status", &"processing")]);
        let before = sandbox.row(A);
        update(&sandbox, [flag, value]).ok();
        assert_eq!(sandbox.cell(A, column), cell, "{flag}");
        let mut changed = sandbox.changed(A, &before);
        changed.retain(|changed| ![column, "updated_at"].contains(changed));
        assert!(changed.is_empty(), "{flag} changed as well: {changed:?}");
    }
}

#[test]
fn a_result_that_is_not_json_is_refused() {
    refused(&with("processing"), "--result {oops", 2)
        .stderr_has("--result")
        .stderr_has("JSON");
}

#[test]
fn a_complete_result_that_is_not_json_is_refused() {
    refused(&with("processing"), "--complete done", 2)
        .stderr_has("--complete")
        .stderr_has("JSON");
}

#[test]
fn a_missing_result_file_is_named_with_its_flag() {
    let sandbox = with("processing");
    let before = hash(sandbox.db());
    let output = update(&sandbox, "--result @missing.json");
    assert!([2, 66].contains(&output.status), "{output}");
    output
        .no_stdout()
        .stderr_has("--result")
        .stderr_has("missing.json");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn an_unknown_status_is_refused_with_its_nearest_match() {
    let output = refused(&with("processing"), "--status complete", 2);
    output
        .stderr_has("--status")
        .stderr_has("complete")
        .stderr_has("hint: ")
        .stderr_has("completed");
}

#[test]
fn an_unknown_status_is_refused_by_force_too() {
    refused(&with("processing"), "--status done --force", 2);
}

#[test]
fn an_idea_of_9_characters_is_refused() {
    refused(&with("queued"), "--content 123456789", 2)
        .stderr_has("--content")
        .stderr_has("10");
}

#[test]
fn the_content_of_a_script_job_is_measured_as_a_script() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("job_type", &"script2video"), ("mode", &"script")]);
    let before = sandbox.row(A);
    let output = update(&sandbox, "--content 'Only an idea, not a script'");
    assert!([2, 4].contains(&output.status), "{output}");
    output.stderr_has("50");
    assert_eq!(sandbox.row(A), before);
}

#[test]
fn clear_empties_a_column() {
    let sandbox = with("processing");
    sandbox.sql("UPDATE video_generation_jobs SET error_message = 'no', style = 'anime'");
    let before = sandbox.row(A);
    update(&sandbox, "--clear error,style").ok();
    assert_eq!(
        sandbox.changed(A, &before),
        ["style", "error_message", "updated_at"]
    );
    assert_eq!(sandbox.cell(A, "error_message"), "null|");
}

#[test]
fn clear_goes_by_flag_key_and_column() {
    for (name, column) in [
        ("title", "project_title"),
        ("result", "result_data"),
        ("result_data", "result_data"),
        ("error_message", "error_message"),
    ] {
        let sandbox = with("failed");
        sandbox.sql("UPDATE video_generation_jobs SET project_title = 'x', result_data = '{}', error_message = 'no'");
        update(&sandbox, ["--clear", name]).ok();
        assert_eq!(sandbox.cell(A, column), "null|", "{name}");
    }
}

#[test]
fn clear_of_an_unknown_field_is_a_usage_error() {
    refused(&with("failed"), "--clear titel", 2)
        .stderr_has("--clear")
        .stderr_has("titel");
}

#[test]
fn clear_does_not_empty_what_a_job_must_have() {
    refused(&with("failed"), "--clear id", 2);
    refused(&with("failed"), "--clear job_type", 2);
}

#[test]
fn an_update_of_nothing_is_a_usage_error() {
    refused(&with("queued"), "", 2);
}

#[test]
fn an_update_of_no_job_is_a_usage_error() {
    let output = with("queued").jobctl("update --title x").run();
    output.fails(2).no_stdout();
}

#[test]
fn update_has_no_filters() {
    with("queued")
        .jobctl("update --if-status queued --requeue")
        .run()
        .fails(2);
    with("queued")
        .jobctl("update --older-than 1d --requeue")
        .run()
        .fails(2);
}
