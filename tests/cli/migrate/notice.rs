//! How deep a record may be nested: 512 levels, because the service could not read a job that is deeper.

use serde_json::Value;

use super::{api_server, counts, import, manager, pipeline, with};
use crate::support::{A, B, C, Sandbox};

/// So many arrays, or objects, within each other.
fn nested(levels: usize, open: &str, close: &str) -> String {
    open.repeat(levels) + "0" + &close.repeat(levels)
}

/// The record with this text as a member in front of the others.
fn member(record: &Value, name: &str, text: &str) -> String {
    record
        .to_string()
        .replacen('{', &format!("{{\"{name}\": {text}, "), 1)
}

/// The record with this text as a member of its request.
fn in_request(record: &Value, request: &str, text: &str) -> String {
    let begin = format!("\"{request}\":{{");
    let record = record.to_string();
    assert!(record.contains(&begin), "{record}");
    record.replacen(&begin, &format!("{begin}\"odd\": {text}, "), 1)
}

/// Imported between two good ones, in an array and as JSON Lines, it alone is rejected, for its nesting.
#[track_caller]
fn is_rejected(bad: &str) {
    let (first, last) = (manager(B), manager(C));
    for text in [
        format!("[{first},\n{bad},\n{last}]"),
        format!("{first}\n{bad}\n{last}\n"),
    ] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, text, "--rejects bad.jsonl").fails(65);
        assert_eq!(counts(&run.json()), [3, 2, 0, 0, 1], "{run}");
        assert_eq!(sandbox.ids(), [B, C]);
        assert!(run.stderr.contains("nest"), "{run}");
        assert!(run.stderr.contains("line 2"), "{run}");
        // The reason stands in front of the record.
        let rejects = sandbox.read("bad.jsonl");
        let head = rejects.split("\"record\"").next().unwrap();
        assert!(head.contains("nest"), "{head}");
    }
}

#[test]
fn ten_thousand_levels_in_a_request_are_rejected() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = nested(10_000, open, close);
        is_rejected(&in_request(&api_server(A), "request", &deep));
        is_rejected(&in_request(&pipeline(A), "request_data", &deep));
    }
}

#[test]
fn ten_thousand_levels_in_a_field_without_a_column_are_rejected() {
    for record in [manager(A), api_server(A), pipeline(A)] {
        is_rejected(&member(&record, "odd", &nested(10_000, "[", "]")));
    }
}

#[test]
fn ten_thousand_levels_in_a_json_column_are_rejected() {
    for name in ["result", "context", "request_data"] {
        is_rejected(&member(&manager(A), name, &nested(10_000, "{\"a\":", "}")));
    }
}

#[test]
fn a_million_levels_are_rejected() {
    let deep = nested(1_000_000, "[", "]");
    is_rejected(&in_request(&api_server(A), "request", &deep));
}

#[test]
fn a_thousand_levels_are_rejected() {
    is_rejected(&member(&manager(A), "odd", &nested(1_000, "[", "]")));
}

#[test]
fn five_hundred_and_twelve_levels_in_a_field_without_a_column_are_taken_and_shown() {
    let deep = nested(512, "[", "]");
    for record in [manager(A), api_server(A), pipeline(A)] {
        let sandbox = Sandbox::new();
        import(&sandbox, member(&record, "odd", &deep), "").ok();
        assert!(
            sandbox.cell(A, "context").contains(&deep),
            "it is not kept whole"
        );
        for args in ["show $A -o json", "show $A --full", "list -o json"] {
            sandbox.jobctl(args).run().ok();
        }
        let shown = sandbox.jobctl("show $A -o json").run().ok().stdout;
        let packed: String = shown.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(packed.contains(&deep), "it is not shown whole");
    }
}

#[test]
fn brackets_within_a_text_are_no_nesting() {
    let sandbox = Sandbox::new();
    let title = "[{\"".repeat(2_000);
    let record = with(manager(A), serde_json::json!({"odd": title}));
    import(&sandbox, record.to_string(), "").ok();
    assert_eq!(sandbox.ids(), [A]);
}
