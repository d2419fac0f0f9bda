//! Episodes and series that are not there.

use serde_json::{Value, json};

use super::{import, manager, pipeline, with};
use crate::support::{A, B, Sandbox};

fn linked(id: &str, episode: &str, series: &str) -> Value {
    let request = with(
        pipeline(id)["request_data"].clone(),
        json!({"series_id": series}),
    );
    with(
        pipeline(id),
        json!({"episode_id": episode, "request_data": request}),
    )
}

fn context(sandbox: &Sandbox) -> Value {
    serde_json::from_str(sandbox.cell(A, "context").strip_prefix("text|").unwrap()).unwrap()
}

#[test]
fn an_episode_and_a_series_that_are_there_stay() {
    let sandbox = Sandbox::service();
    let summary = import(&sandbox, linked(A, "episode-1", "series-1").to_string(), "")
        .ok()
        .json();
    assert_eq!(
        [sandbox.cell(A, "episode_id"), sandbox.cell(A, "series_id")],
        ["text|episode-1", "text|series-1"]
    );
    assert_eq!(summary["unlinked"], 0);
}

#[test]
fn an_episode_that_is_not_there_is_left_out_kept_and_counted() {
    let sandbox = Sandbox::service();
    let summary = import(&sandbox, linked(A, "gone-1", "series-1").to_string(), "")
        .ok()
        .json();
    assert_eq!(
        [sandbox.cell(A, "episode_id"), sandbox.cell(A, "series_id")],
        ["null|", "text|series-1"]
    );
    assert_eq!(context(&sandbox)["legacy"]["episode_id"], "gone-1");
    assert_eq!(summary["unlinked"], 1);
    // What is there already is left alone, and nothing of it is counted.
    let again = import(&sandbox, linked(A, "gone-1", "series-1").to_string(), "");
    assert_eq!(again.ok().json()["unlinked"], 0);
}

#[test]
fn a_series_that_is_not_there_is_left_out_kept_and_counted() {
    let sandbox = Sandbox::service();
    let summary = import(&sandbox, linked(A, "episode-1", "gone-2").to_string(), "")
        .ok()
        .json();
    assert_eq!(
        [sandbox.cell(A, "episode_id"), sandbox.cell(A, "series_id")],
        ["text|episode-1", "null|"]
    );
    assert_eq!(context(&sandbox)["legacy"]["series_id"], "gone-2");
    assert_eq!(summary["unlinked"], 1);
}

#[test]
fn an_episode_of_the_manager_that_is_not_there_is_left_out_too() {
    let sandbox = Sandbox::service();
    import(
        &sandbox,
        with(
            manager(A),
            json!({"episode_id": "gone-1", "context": {"mine": 1}}),
        )
        .to_string(),
        "",
    )
    .ok();
    assert_eq!(sandbox.cell(A, "episode_id"), "null|");
    assert_eq!(context(&sandbox)["legacy"]["episode_id"], "gone-1");
    assert_eq!(context(&sandbox)["mine"], 1);
}

#[test]
fn what_was_left_out_is_told_in_words() {
    let sandbox = Sandbox::service();
    sandbox.write("dump.json", linked(A, "gone-1", "series-1").to_string());
    sandbox
        .jobctl("migrate dump.json")
        .run()
        .ok()
        .stderr_has("episode");
}

#[test]
fn any_id_is_taken_where_the_parent_tables_are_missing() {
    for sandbox in [Sandbox::new(), Sandbox::report()] {
        import(&sandbox, linked(A, "gone-1", "gone-2").to_string(), "").ok();
        assert_eq!(
            [sandbox.cell(A, "episode_id"), sandbox.cell(A, "series_id")],
            ["text|gone-1", "text|gone-2"]
        );
    }
}

#[test]
fn a_job_that_is_replaced_by_one_with_a_missing_episode_stays_sound() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.job(B, &[("episode_id", &"episode-1")]);
    let text = json!([
        linked(A, "gone-1", "series-1"),
        linked(B, "gone-1", "series-1")
    ])
    .to_string();
    import(&sandbox, text, "--on-conflict replace").ok();
    assert_eq!(sandbox.cell(B, "episode_id"), "null|");
    let dangling: i64 = sandbox
        .connection()
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(dangling, 0);
}
