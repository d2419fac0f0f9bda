//! Records that are nearly rows: the column names, with JSON columns as the text that SQLite gives for them, but no mark.
//! `sqlite3 -json` writes such, and so does who mends a row by hand.

use serde_json::{Value, json};

use super::{counts, import, only_job, unmarked, with, without};
use crate::support::{A, Sandbox};

const REQUEST: &str = r#"{"idea":  "A cat, 1.10"}"#;

fn with_request() -> Value {
    with(
        unmarked(A),
        json!({"request_data": REQUEST, "result_data": "null", "created_at": "2025-12-29T14:14:00Z"}),
    )
}

#[test]
fn one_with_a_member_less_has_its_json_as_it_was() {
    for column in ["style", "context", "episode_id", "updated_at"] {
        let sandbox = Sandbox::report();
        import(&sandbox, without(with_request(), column).to_string(), "").ok();
        assert_eq!(
            sandbox.cell(A, "request_data"),
            format!("text|{REQUEST}"),
            "{column}"
        );
        assert_eq!(sandbox.cell(A, "result_data"), "null|", "{column}");
    }
}

#[test]
fn one_with_a_member_more_keeps_it_under_legacy() {
    let sandbox = Sandbox::report();
    let context = r#"{"a": "b"}"#;
    let record = with(
        with_request(),
        json!({"note": "mended", "context": context}),
    );
    import(&sandbox, record.to_string(), "").ok();
    assert_eq!(sandbox.cell(A, "request_data"), format!("text|{REQUEST}"));
    let job = only_job(&sandbox);
    assert_eq!(job["context"]["a"], "b", "{job}");
    assert_eq!(job["context"]["legacy"]["note"], "mended", "{job}");
}

#[test]
fn one_with_a_member_twice_is_a_row_of_which_the_last_counts() {
    let record = with_request().to_string();
    let twice = record.replacen('{', r#"{"style": "first", "#, 1);
    let marked = twice.replacen('{', r#"{"$row": 1, "#, 1);
    for (record, result, created) in [
        (twice, "null|", "2025-12-29 14:14:00.000000"),
        (marked, "text|null", "2025-12-29T14:14:00Z"),
    ] {
        let sandbox = Sandbox::report();
        import(&sandbox, record, "").ok();
        assert_eq!(sandbox.cell(A, "style"), "text|anime");
        assert_eq!(sandbox.cell(A, "request_data"), format!("text|{REQUEST}"));
        assert_eq!(sandbox.cell(A, "result_data"), result);
        assert_eq!(sandbox.cell(A, "created_at"), format!("text|{created}"));
    }
}

#[test]
fn text_that_is_no_json_is_refused_and_all_other_is_stored_as_it_is() {
    for (text, is_json) in [
        ("not json", false),
        ("true", true),
        ("[1", false),
        ("\"quoted\"", true),
    ] {
        let sandbox = Sandbox::report();
        let record = without(with(unmarked(A), json!({"result_data": text})), "style");
        let run = import(&sandbox, record.to_string(), "");
        if is_json {
            run.ok();
            assert_eq!(sandbox.cell(A, "result_data"), format!("text|{text}"));
        } else {
            run.fails(65).stderr_has("result_data");
            assert_eq!(sandbox.count(), 0);
        }
    }
}

#[test]
fn bytes_in_one_are_refused_rather_than_taken_for_json() {
    for column in ["request_data", "context", "result_data", "content"] {
        let sandbox = Sandbox::report();
        let record = without(
            with(unmarked(A), json!({column: {"$blob": "AAE="}})),
            "style",
        );
        let run = import(&sandbox, record.to_string(), "").fails(65);
        let summary: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(counts(&summary), [1, 0, 0, 0, 1], "{column}");
        assert!(run.stderr.contains(column), "{column}{run}");
    }
}

/// All columns by name and JSON as JSON: the later job manager's dictionary, whatever its texts look like.
#[test]
fn a_dollar_in_json_makes_no_row() {
    for request in [
        json!({"price": "$5"}),
        json!({"$": 1}),
        json!({"a": {"$blob": "AAE="}}),
    ] {
        let sandbox = Sandbox::report();
        let record = with(unmarked(A), json!({"request_data": request}));
        import(&sandbox, record.to_string(), "").ok();
        assert_eq!(sandbox.cell(A, "request_data"), format!("text|{request}"));
    }
}
