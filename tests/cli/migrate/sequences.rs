//! JSON text sequences (RFC 7464), as `jq --seq` writes them: a record separator before each record.

use serde_json::{Value, json};

use super::{counts, import, manager, with};
use crate::support::{A, B, C, Sandbox};

fn pretty(job: &Value) -> String {
    serde_json::to_string_pretty(job).unwrap()
}

#[test]
fn each_record_is_read() {
    let jobs = [manager(A), manager(B), manager(C)];
    let plain = jobs.each_ref().map(Value::to_string);
    let indented = jobs.each_ref().map(pretty);
    for records in [plain, indented] {
        for end in ["\n", "", "\r\n", "\n\n"] {
            let text: String = records
                .iter()
                .map(|record| format!("\u{1e}{record}{end}"))
                .collect();
            let sandbox = Sandbox::new();
            let run = import(&sandbox, text, "").ok();
            assert_eq!(counts(&run.json()), [3, 3, 0, 0, 0], "{run}");
            assert_eq!(sandbox.ids(), [A, B, C]);
        }
    }
}

#[test]
fn a_record_that_does_not_end_costs_itself_alone() {
    for job in [manager(A).to_string(), pretty(&manager(A))] {
        let cut = &job[..job.len() - 40];
        for end in ["\n", ""] {
            let (b, c) = (manager(B), pretty(&manager(C)));
            let text = format!("\u{1e}{cut}{end}\u{1e}{b}\n\u{1e}{c}\n");
            let sandbox = Sandbox::new();
            let run = import(&sandbox, text, "").fails(65);
            assert_eq!(sandbox.ids(), [B, C], "{run}");
        }
    }
}

#[test]
fn places_are_those_in_the_file() {
    let bad = with(manager(B), json!({"progress": 120}));
    let text = format!("\u{1e}{}\n\u{1e}{bad}\n", manager(A));
    let sandbox = Sandbox::new();
    import(&sandbox, &text, "--rejects bad.jsonl").fails(65);
    let reject: Value = serde_json::from_str(&sandbox.read("bad.jsonl")).unwrap();
    assert_eq!(reject["line"], 2);
    let position = text.find(&bad.to_string()).unwrap();
    assert_eq!(reject["position"], position);
    assert_eq!(reject["record"], bad);
}

#[test]
fn a_container_may_be_a_record_too() {
    let sandbox = Sandbox::new();
    let text = format!("\u{1e}{}\n", json!({"jobs": [manager(A), manager(B)]}));
    import(&sandbox, text, "").ok();
    assert_eq!(sandbox.ids(), [A, B]);
}
