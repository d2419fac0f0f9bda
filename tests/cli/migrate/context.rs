//! The context that a record brings along, beside what is kept in it under `legacy`.

use serde_json::{Value, json};

use super::import;
use crate::support::{A, Sandbox};

/// The stored context of a record that has these members beside the usual ones.
#[track_caller]
fn text(sandbox: &Sandbox, members: &str) -> String {
    let record = format!(
        r#"{{"job_id": "{A}", "job_type": "idea2video", "status": "queued", "content": "A cat crosses the road",
        "created_at": "2025-12-29T08:00:00", {members}}}"#
    );
    import(sandbox, record, "").ok();
    let cell = sandbox.cell(A, "context");
    cell.strip_prefix("text|")
        .unwrap_or_else(|| panic!("{cell}"))
        .to_owned()
}

#[track_caller]
fn context(sandbox: &Sandbox, members: &str) -> Value {
    serde_json::from_str(&text(sandbox, members)).unwrap()
}

/// An episode that is not there, for a file that has the parent tables.
const DANGLING: &str = r#""episode_id": "gone-1""#;

#[test]
fn a_legacy_that_is_a_text_is_kept_beside_the_leftovers() {
    let context = context(
        &Sandbox::report(),
        r#""context": {"legacy": "precious"}, "extra": 1"#,
    );
    assert_eq!(
        context,
        json!({"legacy": {"store": "job_manager", "extra": 1, "legacy": "precious"}})
    );
}

#[test]
fn a_legacy_that_is_anything_but_an_object_is_kept() {
    for old in ["5", "[1, 2]", "true", "\"\""] {
        let context = context(
            &Sandbox::report(),
            &format!(r#""context": {{"legacy": {old}, "mine": 1}}, "extra": 1"#),
        );
        let kept: Value = serde_json::from_str(old).unwrap();
        assert_eq!(context["legacy"]["legacy"], kept, "{context}");
        assert_eq!(context["legacy"]["extra"], 1, "{context}");
        assert_eq!(context["mine"], 1, "{context}");
    }
}

#[test]
fn a_legacy_of_an_earlier_import_loses_neither_the_old_nor_the_new() {
    let context = context(
        &Sandbox::report(),
        r#""context": {"legacy": {"store": "api_server", "extra": "old", "more": "kept"}, "mine": 1}, "extra": "new""#,
    );
    assert!(context["legacy"].is_object(), "{context}");
    for value in ["api_server", "old", "kept", "new"] {
        assert!(
            context["legacy"]
                .to_string()
                .contains(&format!("\"{value}\"")),
            "{value} is lost: {context}"
        );
    }
    assert_eq!(context["mine"], 1);
}

#[test]
fn numbers_of_the_context_keep_their_spelling() {
    let members =
        r#""context": {"big": 12345678901234567890123, "price": 1.10, "deep": [{"n": 1e2}]}"#;
    for more in [
        String::new(),
        ", \"extra\": 1".to_owned(),
        format!(", {DANGLING}"),
        format!(", {DANGLING}, \"extra\": 1"),
    ] {
        let text = text(&Sandbox::service(), &format!("{members}{more}"));
        for number in ["12345678901234567890123", "1.10", "1e2"] {
            assert!(text.contains(number), "{number} is lost{more}: {text}");
        }
    }
}

#[test]
fn numbers_of_the_leftovers_keep_their_spelling_beside_a_dangling_episode() {
    let text = text(
        &Sandbox::service(),
        &format!(r#"{DANGLING}, "seed": 12345678901234567890123, "price": 1.10"#),
    );
    assert!(
        text.contains("12345678901234567890123") && text.contains("1.10"),
        "{text}"
    );
}

#[test]
fn a_context_that_is_no_object_is_kept_beside_the_leftovers() {
    for old in ["[1,2,3]", "\"text\"", "7", "true"] {
        let context = context(
            &Sandbox::report(),
            &format!(r#""context": {old}, "extra": 1"#),
        );
        let kept: Value = serde_json::from_str(old).unwrap();
        assert_eq!(
            context,
            json!({"context": kept, "legacy": {"store": "job_manager", "extra": 1}})
        );
    }
}

#[test]
fn a_context_that_is_no_object_is_kept_beside_a_dangling_episode() {
    let sandbox = Sandbox::service();
    let context = context(&sandbox, &format!(r#""context": [1,2,3], {DANGLING}"#));
    assert_eq!(context["context"], json!([1, 2, 3]), "{context}");
    assert_eq!(context["legacy"]["episode_id"], "gone-1", "{context}");
    assert_eq!(context.as_object().unwrap().len(), 2, "{context}");
    assert_eq!(sandbox.cell(A, "episode_id"), "null|");
}

#[test]
fn a_context_that_is_no_object_is_kept_beside_both() {
    let context = context(
        &Sandbox::service(),
        &format!(r#""context": [1,2,3], {DANGLING}, "extra": 1"#),
    );
    assert_eq!(context["context"], json!([1, 2, 3]), "{context}");
    assert_eq!(
        context["legacy"],
        json!({"store": "job_manager", "extra": 1, "episode_id": "gone-1"})
    );
}

#[test]
fn a_legacy_that_is_a_text_is_kept_beside_a_dangling_episode() {
    let context = context(
        &Sandbox::service(),
        &format!(r#""context": {{"legacy": "x"}}, {DANGLING}"#),
    );
    assert_eq!(context["legacy"]["legacy"], "x", "{context}");
    assert_eq!(context["legacy"]["episode_id"], "gone-1", "{context}");
}
