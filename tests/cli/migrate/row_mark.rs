//! The mark of jobctl's own rows: what bears it is restored as it was, and nothing else is.

use serde_json::{Value, json};

use super::{counts, import, lines, row, unmarked, with, without};
use crate::support::{A, B, C, Sandbox};

/// Values that only a row of jobctl's own may bring in.
fn odd(record: Value) -> Value {
    let fields =
        json!({"progress": 450.5, "created_at": "last week", "context": "no json", "status": null});
    with(record, fields)
}

/// The mark with another value, as text.
fn marked(value: &str) -> String {
    let text = odd(row(A)).to_string();
    assert!(text.starts_with("{\"$row\":1,"), "{text}");
    text.replacen("\"$row\":1", &format!("\"$row\":{value}"), 1)
}

#[track_caller]
fn rejected(text: impl AsRef<[u8]>, words: &[&str]) {
    for more in ["", "--on-conflict replace", "--dry-run"] {
        let sandbox = Sandbox::report();
        let run = import(&sandbox, &text, more).fails(65);
        assert_eq!(counts(&run.json())[1..], [0, 0, 0, 1], "{run}");
        for words in words {
            assert!(run.stderr.contains(words), "{words}: {run}");
        }
        assert_eq!(sandbox.ids().len(), 0);
    }
}

#[test]
fn a_later_version_is_rejected_as_a_newer_jobctl_s() {
    for version in ["2", "17", "99999999999999999999999"] {
        let words = ["a newer jobctl wrote it", &format!("version {version}")];
        rejected(marked(version), &words);
        // Whatever its rows are like.
        rejected(
            format!("{{\"$row\": {version}, \"job\": {{\"id\": \"x\"}}}}"),
            &words,
        );
    }
}

#[test]
fn a_mark_that_jobctl_never_writes_is_rejected() {
    for mark in [
        "0",
        "1.0",
        "-1",
        "null",
        "true",
        "\\\"1\\\"",
        "[1]",
        "{}",
        "1e0",
        "10e-1",
    ] {
        let mark = mark.replace('\\', "");
        rejected(marked(&mark), &["its mark", &mark.replace('"', "\\\"")]);
    }
}

#[test]
fn a_row_without_its_id_or_type_is_rejected_with_their_names() {
    let record = without(odd(row(A)), "job_type");
    rejected(record.to_string(), &["it lacks job_type; ", "del("]);
    rejected(r#"{"$row": 1}"#, &["it lacks id, job_type"]);
}

#[test]
fn the_mark_counts_wherever_it_stands_in_the_record() {
    let sandbox = Sandbox::report();
    let behind = with(odd(unmarked(A)), json!({"$row": 1}));
    assert!(behind.to_string().ends_with("\"$row\":1}"), "{behind}");
    import(&sandbox, behind.to_string(), "").ok();
    assert_eq!(sandbox.cell(A, "progress"), "real|450.5");
    assert_eq!(sandbox.cell(A, "created_at"), "text|last week");
}

#[test]
fn rows_are_known_in_every_container() {
    let [a, b] = [odd(row(A)), odd(row(B))];
    for text in [
        lines([&a, &b]),
        json!([a, b]).to_string(),
        format!("{:#}", json!([a, b])),
        json!({"jobs": [a, b], "pagination": {"total": 2}}).to_string(),
        json!({A: a, B: b}).to_string(),
        format!("{:#}", json!({A: a, B: b})),
        json!({"jobs": {A: a}, "pipeline_jobs": {B: b}}).to_string(),
    ] {
        let sandbox = Sandbox::report();
        let run = import(&sandbox, &text, "").ok().json();
        assert_eq!(counts(&run), [2, 2, 0, 0, 0], "{text}");
        assert_eq!(run["stores"]["jobctl"]["inserted"], 2, "{run}");
        for id in [A, B] {
            assert_eq!(sandbox.cell(id, "created_at"), "text|last week");
        }
    }
}

/// A row with a string that does not end costs itself alone; the next one is known by its mark and id.
#[test]
fn behind_a_damaged_row_the_next_is_found() {
    let rows = [row(A), row(B), row(C)].map(|row| row.to_string());
    let damaged = rows[0].replacen("\"anime\"", "\"anime", 1);
    let sandbox = Sandbox::report();
    let text = format!("[{damaged}, {}, {}]", rows[1], rows[2]);
    let run = import(&sandbox, text, "").fails(65);
    assert_eq!(counts(&run.json()), [3, 2, 0, 0, 1], "{run}");
    assert_eq!(sandbox.ids(), [B, C]);
}

#[test]
fn rejects_keep_the_mark_and_come_in_when_they_are_mended() {
    let sandbox = Sandbox::report();
    let bad = with(odd(row(A)), json!({"style": true}));
    let text = lines([&bad, &odd(row(B))]);
    import(&sandbox, text, "--rejects bad.jsonl").fails(65);
    let kept = sandbox.read("bad.jsonl");
    assert!(kept.contains("\"record\": {\"$row\":1,"), "{kept}");
    sandbox.write(
        "bad.jsonl",
        kept.replace("\"style\":true", "\"style\":\"noir\""),
    );
    sandbox.jobctl("migrate bad.jsonl").run().ok();
    for id in [A, B] {
        assert_eq!(sandbox.cell(id, "progress"), "real|450.5");
    }
    assert_eq!(sandbox.cell(A, "style"), "text|noir");
}

#[test]
fn an_export_has_the_mark_first_but_in_csv() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let export = |format| sandbox.jobctl(["export", "-o", format]).run().ok().stdout;
    assert!(export("jsonl").starts_with("{\"$row\": 1, \"id\": "));
    assert!(export("json").starts_with("[\n{\"$row\": 1, \"id\": "));
    assert!(export("csv").starts_with("id,job_type,"));
    assert!(!export("csv").contains("$row"));
}
