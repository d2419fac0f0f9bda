//! `jobctl update`: the state machine, progress and shots, guards, and all or nothing.

use rusqlite::types::Null;
use serde_json::json;

use crate::args::Args;
use crate::support::{A, B, C, KEYS, NOW_STORED, Output, Sandbox, hash};

const EARLIER: &str = "2026-01-10 00:00:00.000000";

/// A file of the service with one job of this status.
fn with(status: &str) -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("status", &status)]);
    sandbox
}

#[track_caller]
fn update(sandbox: &Sandbox, args: impl Args) -> Output {
    sandbox.jobctl(("update $A", args)).run()
}

/// Refused, and the file is left as it was.
#[track_caller]
fn refused(sandbox: &Sandbox, args: impl Args, status: i32) -> Output {
    let before = hash(sandbox.db());
    let output = update(sandbox, args).fails(status).no_stdout();
    assert_eq!(hash(sandbox.db()), before, "something was written");
    output
}

/// From, and to: the changes of status that the service makes too.
const ALLOWED: [(&str, &str); 7] = [
    ("queued", "processing"),
    ("queued", "cancelled"),
    ("processing", "completed"),
    ("processing", "failed"),
    ("processing", "cancelled"),
    ("failed", "queued"),
    ("cancelled", "queued"),
];

/// From, and to: the changes that take `--force`.
const BY_FORCE: [(&str, &str); 14] = [
    ("queued", "completed"),
    ("queued", "failed"),
    ("processing", "queued"),
    ("completed", "queued"),
    ("completed", "processing"),
    ("completed", "failed"),
    ("completed", "cancelled"),
    ("failed", "processing"),
    ("failed", "completed"),
    ("failed", "cancelled"),
    ("cancelled", "processing"),
    ("cancelled", "completed"),
    ("cancelled", "failed"),
    // A status that jobctl does not know.
    ("paused", "processing"),
];

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

// Stamps.

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

// Shorthands.

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

// Progress and shots.

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

// Values.

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

// Guards.

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

// Several jobs.

/// A queued, B failed, C completed.
fn three() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.job(B, &[("status", &"failed")]);
    sandbox.job(C, &[("status", &"completed"), ("progress", &100.0)]);
    sandbox
}

#[test]
fn several_jobs_are_changed_at_once() {
    let sandbox = three();
    sandbox.jobctl("update $A $B $C --style anime").run().ok();
    assert_eq!(
        sandbox.ask("SELECT count(*) FROM video_generation_jobs WHERE style = 'anime'"),
        "3"
    );
}

#[test]
fn none_is_changed_when_one_may_not_be() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("update $B $C --requeue")
        .run()
        .fails(4)
        .no_stdout()
        .stderr_has(C);
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn none_is_changed_when_one_is_not_there() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("update $A beef0000 --title x")
        .run()
        .fails(3)
        .no_stdout()
        .stderr_has("beef0000");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn none_is_changed_when_a_guard_fails_for_one() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("update $A $B --title x --if-status queued")
        .run()
        .fails(4)
        .stderr_has(B);
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_job_named_twice_is_one_job() {
    let sandbox = three();
    let output = sandbox
        .jobctl("update $A $A a111 --title x --max 1 -o ids")
        .run()
        .ok();
    assert_eq!(output.lines(), [A]);
}

#[test]
fn gives_one_job_as_an_object() {
    let output = three().jobctl("update $A --title x -o json").run().ok();
    let job = output.json();
    assert_eq!(job.as_object().unwrap().keys().collect::<Vec<_>>(), KEYS);
    assert_eq!(job["project_title"], "x");
}

#[test]
fn gives_several_jobs_as_an_array() {
    let output = three().jobctl("update $A $B --title x -o json").run().ok();
    let jobs = output.json();
    assert_eq!(jobs.as_array().unwrap().len(), 2);
    assert_eq!(jobs[1]["job_id"], B);
}

#[test]
fn gives_a_job_that_was_so_already_as_it_is() {
    let output = three()
        .jobctl("update $A --status queued -o json")
        .run()
        .ok();
    assert_eq!(output.json()["job_id"], A);
}

#[test]
fn is_silent_when_quiet() {
    three()
        .jobctl("update $A --title x -q")
        .run()
        .ok()
        .no_stdout()
        .no_stderr();
}

// Ids from standard input.

#[test]
fn ids_from_stdin_need_yes_without_a_terminal() {
    let sandbox = three();
    let before = hash(sandbox.db());
    let run = sandbox
        .jobctl("update - --title x")
        .stdin(format!("{A}\n{B}\n"));
    run.run()
        .fails(4)
        .no_stdout()
        .stderr_has("--yes")
        .stderr_has("2");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn ids_from_stdin_are_changed_with_yes() {
    let sandbox = three();
    sandbox
        .jobctl("update - --title x --yes")
        .stdin(format!("{A}\n{B}\n"))
        .run()
        .ok();
    assert_eq!(
        sandbox.ask("SELECT count(*) FROM video_generation_jobs WHERE project_title = 'x'"),
        "2"
    );
}

#[test]
fn blank_lines_spaces_and_windows_line_ends_in_stdin_do_not_count() {
    let sandbox = three();
    sandbox
        .jobctl("update - --title x --yes")
        .stdin(format!("\n  {A}  \r\n\n{B}"))
        .run()
        .ok();
    assert_eq!(
        sandbox.ask("SELECT count(*) FROM video_generation_jobs WHERE project_title = 'x'"),
        "2"
    );
}

#[test]
fn an_empty_stdin_is_nothing_to_do() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox.jobctl("update - --requeue").stdin("").run().ok();
    sandbox
        .jobctl("update - --requeue --yes")
        .stdin("\n\n")
        .run()
        .ok();
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn an_empty_stdin_is_an_empty_array_as_json() {
    let output = three()
        .jobctl("update - --requeue --yes -o json")
        .stdin("")
        .run()
        .ok();
    assert_eq!(output.json(), json!([]));
}

#[test]
fn what_list_prints_can_be_piped_into_update() {
    let sandbox = three();
    let ids = sandbox
        .jobctl("list --status failed --all -o ids")
        .run()
        .ok()
        .stdout;
    sandbox
        .jobctl("update - --requeue --yes")
        .stdin(ids)
        .run()
        .ok();
    assert_eq!(sandbox.cell(B, "status"), "text|queued");
}

#[test]
fn an_unknown_id_in_stdin_changes_nothing() {
    let sandbox = three();
    let before = hash(sandbox.db());
    let run = sandbox
        .jobctl("update - --title x --yes")
        .stdin(format!("{A}\nbeef0000\n"));
    run.run().fails(3).stderr_has("beef0000");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn max_refuses_more_jobs_than_it_says() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("update $A $B --title x --max 1")
        .run()
        .fails(4)
        .no_stdout()
        .stderr_has("--max");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn max_lets_as_many_through_as_it_says() {
    three().jobctl("update $A $B --title x --max 2").run().ok();
}

// Dry run.

#[test]
fn a_dry_run_writes_nothing() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("update $B --requeue --dry-run")
        .run()
        .ok()
        .stdout_has(B);
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_dry_run_of_stdin_needs_no_yes() {
    let sandbox = three();
    let run = sandbox
        .jobctl("update - --requeue --dry-run")
        .stdin(format!("{B}\n"));
    run.run().ok().stdout_has(B);
}

#[test]
fn a_dry_run_as_json_says_so_and_why_for_each_job() {
    let output = three()
        .jobctl("update $A $B --title x --dry-run -o json")
        .run()
        .ok();
    let document = output.json();
    assert_eq!(document["dry_run"], true);
    let jobs = document["jobs"].as_array().unwrap();
    assert_eq!(
        jobs.iter()
            .map(|job| job["job_id"].as_str().unwrap())
            .collect::<Vec<_>>(),
        [A, B]
    );
    assert!(
        jobs.iter()
            .all(|job| !job["reason"].as_str().unwrap().is_empty())
    );
}

#[test]
fn a_dry_run_refuses_what_the_run_would_refuse() {
    three()
        .jobctl("update $C --requeue --dry-run")
        .run()
        .fails(4)
        .no_stdout();
}

// Foreign rows.

#[test]
fn a_foreign_row_keeps_every_other_value() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[
            ("status", &"paused"),
            ("job_type", &"remix"),
            ("mode", &Null),
            ("content", &vec![0xff_u8, 0x00, 0x41]),
            ("request_data", &"not json"),
            ("context", &17),
            ("progress", &"half"),
            ("result_data", &"{\"a\":1,\"a\":2}"),
            ("total_shots", &"many"),
            ("completed_shots", &Null),
            ("created_at", &"once upon a time"),
            ("started_at", &1_760_000_000),
        ],
    );
    sandbox.sql("UPDATE video_generation_jobs SET style = CAST(x'61ff62' AS TEXT)");
    let before = sandbox.row(A);
    update(&sandbox, "--title x").ok();
    assert_eq!(sandbox.changed(A, &before), ["project_title", "updated_at"]);
}

#[test]
fn a_row_of_nulls_keeps_them() {
    let sandbox = Sandbox::service();
    sandbox.insert(&[("id", &A), ("job_type", &"idea2video")]);
    let before = sandbox.row(A);
    update(&sandbox, "--title x").ok();
    assert_eq!(sandbox.changed(A, &before), ["project_title", "updated_at"]);
}

#[test]
fn a_job_whose_id_is_no_uuid_can_be_changed() {
    let sandbox = Sandbox::service();
    sandbox.job("job 7/b", &[]);
    sandbox
        .jobctl("update 'job 7/b' --status processing")
        .run()
        .ok();
    assert_eq!(sandbox.cell("job 7/b", "status"), "text|processing");
}

#[test]
fn a_job_without_a_status_can_be_changed_otherwise() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("status", &Null)]);
    update(&sandbox, "--title x").ok();
    assert_eq!(sandbox.cell(A, "status"), "null|");
}

#[test]
fn a_job_without_a_status_is_put_in_one_by_force() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("status", &Null)]);
    update(&sandbox, "--status failed --force").ok();
    assert_eq!(sandbox.cell(A, "status"), "text|failed");
}

#[test]
fn a_mode_that_is_null_does_not_hinder_a_new_content() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("mode", &Null)]);
    update(&sandbox, "--content 'A dog crosses the road'").ok();
}

#[test]
fn the_help_says_that_the_service_keeps_its_own_copy() {
    Sandbox::new()
        .jobctl("update --help")
        .run()
        .ok()
        .stdout_has("restart");
}

#[test]
fn a_dry_run_refuses_an_episode_or_a_series_that_is_not_there_as_the_real_run_does() {
    for flag in ["--episode", "--series"] {
        let sandbox = with("queued");
        let real = refused(&sandbox, [flag, "nope"], 4);
        let dry = refused(&sandbox, [flag, "nope", "--dry-run"], 4);
        assert!(dry.stderr.contains("nope"), "{dry}");
        assert_eq!(dry.stderr, real.stderr);
    }
}

#[test]
fn a_dry_run_takes_an_episode_that_is_there() {
    update(
        &with("queued"),
        "--episode episode-1 --series series-1 --dry-run",
    )
    .ok();
}

#[test]
fn a_dry_run_takes_any_episode_where_the_parent_tables_are_missing() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    update(&sandbox, "--episode nope --dry-run").ok();
    update(&sandbox, "--episode nope").ok();
}

#[test]
fn ids_and_a_value_cannot_both_be_read_from_stdin() {
    for value in [
        "--result -",
        "--content -",
        "--complete -",
        "--request -",
        "--context -",
    ] {
        let sandbox = with("processing");
        let before = hash(sandbox.db());
        for more in ["", "--yes"] {
            let run = sandbox
                .jobctl(("update -", value, more))
                .stdin(format!("{A}\n"))
                .run()
                .fails(2)
                .no_stdout();
            assert!(run.stderr.contains("standard input"), "{value:?}{run}");
            assert_eq!(hash(sandbox.db()), before, "{value:?}{run}");
        }
    }
}

#[test]
fn a_guard_that_refuses_one_of_several_jobs_promises_nothing_of_force() {
    // With the second one B may not go to processing, which --force would lift; the guard, which A fails, nothing lifts.
    let sandbox = with("queued");
    sandbox.job(B, &[("status", &"completed")]);
    sandbox.job(C, &[("status", &"failed")]);
    for guarded in [
        "--title x --if-status failed",
        "--status processing --if-status completed",
        "--title x --if-updated-at 2026-01-11T00:00:00Z",
    ] {
        for others in ["", "$B", "$B $C"] {
            refused(&sandbox, (others, guarded), 4).stderr_lacks("--force");
            refused(&sandbox, (others, guarded, "--dry-run"), 4).stderr_lacks("--force");
        }
    }
}

#[test]
fn a_bare_number_that_the_column_would_round_is_a_usage_error() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("status", &"processing")]);
    let run = sandbox
        .jobctl("update $A --result 12345678901234567890")
        .run();
    run.fails(2).stderr_has("--result");
    sandbox.jobctl("update $A --result 42").run().ok();
    let again = sandbox.jobctl("update $A --result 42").run().ok();
    again.stderr_has("so already");
}
