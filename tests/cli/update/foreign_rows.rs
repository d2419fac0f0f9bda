//! Rows that the service would not write, and values that no flag takes.

use rusqlite::types::Null;

use super::{refused, update, with};
use crate::support::{A, B, C, Sandbox, hash};

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
