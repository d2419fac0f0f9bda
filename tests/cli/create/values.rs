//! Every other flag, by its name, its JSON key and its column name, and the state to begin in.

use serde_json::json;

use super::{IDEA, bad_value, idea, stored};
use crate::support::{NOW_STORED, Sandbox};

#[test]
fn each_flag_sets_its_column() {
    for (flag, value, column, cell) in [
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
        ("--style", "anime", "style", "text|anime"),
        ("--title", "The Keeper", "project_title", "text|The Keeper"),
        (
            "--project_title",
            "The Keeper",
            "project_title",
            "text|The Keeper",
        ),
        ("--request", "{\"a\": 1}", "request_data", "text|{\"a\": 1}"),
        (
            "--request_data",
            "{\"a\": 1}",
            "request_data",
            "text|{\"a\": 1}",
        ),
        ("--context", "{\"b\": [2]}", "context", "text|{\"b\": [2]}"),
        ("--progress", "12", "progress", "real|12.0"),
        ("--progress", "12.5", "progress", "real|12.5"),
        ("--stage", "storyboard", "current_stage", "text|storyboard"),
        (
            "--current_stage",
            "storyboard",
            "current_stage",
            "text|storyboard",
        ),
        (
            "--working-dir",
            ".working_dir/x",
            "working_dir",
            "text|.working_dir/x",
        ),
        (
            "--working_dir",
            ".working_dir/x",
            "working_dir",
            "text|.working_dir/x",
        ),
        ("--result", "{\"c\": 3}", "result_data", "text|{\"c\": 3}"),
        (
            "--result_data",
            "{\"c\": 3}",
            "result_data",
            "text|{\"c\": 3}",
        ),
        ("--error", "no", "error_message", "text|no"),
        ("--error_message", "no", "error_message", "text|no"),
        ("--total-shots", "4", "total_shots", "integer|4"),
        ("--total_shots", "4", "total_shots", "integer|4"),
        ("--series", "s1", "series_id", "text|s1"),
        ("--series_id", "s1", "series_id", "text|s1"),
        ("--episode", "e1", "episode_id", "text|e1"),
        ("--episode_id", "e1", "episode_id", "text|e1"),
    ] {
        assert_eq!(stored([flag, value], column), cell, "{flag} {value}");
    }
}

#[test]
fn takes_the_type_by_its_column() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl(["create", "--job_type", "idea2video", "--content", IDEA])
        .run()
        .ok();
}

#[test]
fn counts_the_progress_from_the_shots() {
    assert_eq!(
        stored("--total-shots 4 --completed-shots 3", "progress"),
        "real|75.0"
    );
}

#[test]
fn takes_the_progress_that_is_given_before_that_of_the_shots() {
    let args = "--total-shots 4 --completed-shots 3 --progress 10";
    assert_eq!(stored(args, "progress"), "real|10.0");
}

#[test]
fn reads_the_result_from_a_file() {
    let sandbox = Sandbox::new();
    sandbox.write("result.json", "{\"final_video_path\": \"猫.mp4\"}");
    let output = idea(&sandbox, "--result @result.json -o json").run().ok();
    assert_eq!(
        output.json()["result"],
        json!({"final_video_path": "猫.mp4"})
    );
}

#[test]
fn a_job_created_processing_has_a_start() {
    assert_eq!(
        stored("--status processing", "started_at"),
        format!("text|{NOW_STORED}")
    );
}

#[test]
fn a_job_created_completed_has_an_end() {
    assert_eq!(
        stored("--status completed", "completed_at"),
        format!("text|{NOW_STORED}")
    );
}

#[test]
fn a_job_created_completed_has_progress_100() {
    assert_eq!(stored("--status completed", "progress"), "real|100.0");
}

#[test]
fn an_unknown_status_is_refused_with_its_nearest_match() {
    bad_value("--status proccesing", "--status", "proccesing")
        .stderr_has("hint: ")
        .stderr_has("processing");
}
