//! Foreign keys, with the parent tables and without.

use super::create;
use crate::support::{A, Sandbox};

#[test]
fn create_takes_a_series_and_an_episode_that_are_there() {
    let sandbox = Sandbox::service();
    let id = create(&sandbox)
        .arg("--series")
        .arg("series-1")
        .arg("--episode")
        .arg("episode-1")
        .run()
        .ok();
    assert_eq!(sandbox.cell(id.stdout.trim(), "series_id"), "text|series-1");
    assert_eq!(
        sandbox.cell(id.stdout.trim(), "episode_id"),
        "text|episode-1"
    );
}

fn names_no_parent(output: crate::support::Output, id: &str) {
    assert!(![0, 1, 74, 75].contains(&output.status), "{output}");
    output
        .no_stdout()
        .stderr_has(id)
        .stderr_lacks("FOREIGN KEY")
        .stderr_lacks("constraint");
}

#[test]
fn create_with_a_series_that_is_not_there_is_a_clear_error() {
    let sandbox = Sandbox::service();
    names_no_parent(
        create(&sandbox).arg("--series").arg("series-9").run(),
        "series-9",
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn create_with_an_episode_that_is_not_there_is_a_clear_error() {
    let sandbox = Sandbox::service();
    names_no_parent(
        create(&sandbox).arg("--episode").arg("episode-9").run(),
        "episode-9",
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn update_to_a_series_that_is_not_there_is_a_clear_error() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    let before = sandbox.row(A);
    names_no_parent(
        sandbox.jobctl("update $A --series series-9").run(),
        "series-9",
    );
    assert_eq!(sandbox.row(A), before);
}

#[test]
fn update_to_an_episode_that_is_not_there_is_a_clear_error() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    names_no_parent(
        sandbox.jobctl("update $A --episode episode-9").run(),
        "episode-9",
    );
}

#[test]
fn any_series_is_taken_where_the_parent_tables_are_missing() {
    let sandbox = Sandbox::report();
    let id = create(&sandbox).arg("--series").arg("series-9").run().ok();
    sandbox
        .jobctl(["update", id.stdout.trim(), "--episode", "episode-9"])
        .run()
        .ok();
    assert_eq!(sandbox.cell(id.stdout.trim(), "series_id"), "text|series-9");
    assert_eq!(
        sandbox.cell(id.stdout.trim(), "episode_id"),
        "text|episode-9"
    );
}

#[test]
fn any_series_is_taken_in_a_file_of_our_own() {
    let sandbox = Sandbox::new();
    create(&sandbox).arg("--series").arg("series-9").run().ok();
    assert_eq!(
        sandbox.ask("SELECT series_id FROM video_generation_jobs"),
        "series-9"
    );
}

#[test]
fn foreign_keys_are_off_where_one_of_the_parent_tables_is_missing() {
    let sandbox = Sandbox::report();
    sandbox.sql("CREATE TABLE series (id VARCHAR(36) PRIMARY KEY, title TEXT)");
    create(&sandbox).run().ok();
    create(&sandbox)
        .env("JOBCTL_TEST_SEED", "2")
        .arg("--episode")
        .arg("episode-9")
        .run()
        .ok();
    assert_eq!(sandbox.count(), 2);
}

#[test]
fn a_job_with_a_dangling_series_can_be_changed_otherwise() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[("series_id", &"series-9"), ("episode_id", &"episode-9")],
    );
    let before = sandbox.row(A);
    sandbox
        .jobctl("update $A --status processing --title 'A title'")
        .run()
        .ok();
    assert_eq!(
        sandbox.changed(A, &before),
        ["status", "project_title", "updated_at", "started_at"]
    );
}

#[test]
fn a_job_with_a_dangling_series_can_be_shown_and_deleted() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("series_id", &"series-9")]);
    sandbox.jobctl("show $A").run().ok().stdout_has("series-9");
    sandbox.jobctl("delete $A").run().ok();
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn deleting_a_job_leaves_its_series_and_episode() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[("series_id", &"series-1"), ("episode_id", &"episode-1")],
    );
    sandbox.jobctl("delete $A").run().ok();
    assert_eq!(sandbox.ask("SELECT count(*) FROM series"), "1");
    assert_eq!(sandbox.ask("SELECT count(*) FROM episodes"), "1");
}
