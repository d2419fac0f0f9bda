//! Two names for one column in one record: the job form's own key wins, and the other value is kept.

use serde_json::{Value, json};

use super::{import, only_job};
use crate::support::{A, Sandbox};

/// Imports a record with these members beside the usual ones, in this order.
#[track_caller]
fn with_members(members: &str) -> Sandbox {
    let sandbox = Sandbox::report();
    let record = format!(
        r#"{{"job_id": "{A}", "job_type": "idea2video", "status": "failed", "content": "A cat crosses the road",
        "created_at": "2025-12-29T08:00:00", {members}}}"#
    );
    import(&sandbox, record, "").ok();
    sandbox
}

/// The first of the two is the job form's own key; in either order.
#[track_caller]
fn the_other_is_kept(own: (&str, &str), other: (&str, &str), column: &str) {
    let pair = |(name, value): (&str, &str)| format!("{name:?}: {value}");
    for members in [
        format!("{}, {}", pair(own), pair(other)),
        format!("{}, {}", pair(other), pair(own)),
    ] {
        let sandbox = with_members(&members);
        let job = only_job(&sandbox);
        let value = |text| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(job[own.0], value(own.1), "{column} of {members}");
        assert_eq!(
            job["context"]["legacy"],
            json!({"store": "job_manager", other.0: value(other.1)}),
            "of {members}"
        );
    }
}

/// Nothing is left over when both say the same, or the other says nothing.
#[track_caller]
fn nothing_is_left_over(members: &str) {
    let sandbox = with_members(members);
    assert_eq!(sandbox.cell(A, "context"), "null|", "{members}");
}

#[test]
fn a_title_beside_a_project_title_is_kept() {
    the_other_is_kept(
        ("project_title", r#""A""#),
        ("title", r#""B""#),
        "project_title",
    );
}

#[test]
fn an_error_message_beside_an_error_is_kept() {
    the_other_is_kept(
        ("error", r#""E1""#),
        ("error_message", r#""E2""#),
        "error_message",
    );
}

#[test]
fn result_data_beside_a_result_are_kept() {
    the_other_is_kept(
        ("result", r#"{"a": 1}"#),
        ("result_data", r#"{"b": 2}"#),
        "result_data",
    );
}

#[test]
fn two_names_with_one_value_are_kept_once() {
    for members in [
        r#""project_title": "A", "title": "A""#,
        r#""title": "A", "project_title": "A""#,
        r#""error": "E", "error_message": "E""#,
        r#""result": {"a":1}, "result_data": {"a":1}"#,
    ] {
        nothing_is_left_over(members);
    }
    assert_eq!(
        with_members(r#""project_title": "A", "title": "A""#).cell(A, "project_title"),
        "text|A"
    );
}

#[test]
fn a_name_that_says_nothing_leaves_the_column_to_the_other() {
    for (members, column, cell) in [
        (
            r#""project_title": null, "title": "B""#,
            "project_title",
            "text|B",
        ),
        (
            r#""title": null, "project_title": "A""#,
            "project_title",
            "text|A",
        ),
        (
            r#""error": null, "error_message": "E2""#,
            "error_message",
            "text|E2",
        ),
    ] {
        nothing_is_left_over(members);
        assert_eq!(with_members(members).cell(A, column), cell, "{members}");
    }
}

/// Of two members of one name the last counts, also in a shot.
#[test]
fn the_last_status_of_a_shot_counts() {
    let sandbox = Sandbox::report();
    let record = format!(
        r#"{{"job_id": "{A}", "type": "idea2video", "shots": [{{"status": "completed", "status": "queued"}},
        {{"status": "queued", "n": 2, "status": "completed"}}, {{"status": 1, "status": "completed"}}]}}"#
    );
    import(&sandbox, record, "").ok();
    assert_eq!(only_job(&sandbox)["completed_shots"], 2);
}
