//! Dumps of the table by other programs (pandas, `sqlite3 -json`): the column names, and values that nobody has checked.
//! They are taken as any record is: brought into the stored form, or rejected.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{counts, import, lines, sample, unmarked, with};
use crate::support::{A, B, Sandbox};

const TIMES: [&str; 4] = ["created_at", "updated_at", "started_at", "completed_at"];

/// Imports the record with one other value; the message says these words, and there is no row.
#[track_caller]
fn rejected(fields: Value, words: &str) {
    for more in ["", "--on-conflict replace", "--dry-run"] {
        let sandbox = Sandbox::report();
        let record = with(unmarked(A), fields.clone());
        let run = import(&sandbox, lines([&record, &unmarked(B)]), more).fails(65);
        let inserted = 1;
        assert_eq!(counts(&run.json()), [2, inserted, 0, 0, 1], "{run}");
        assert!(run.stderr.contains(words), "{words}: {run}");
        let there = if more == "--dry-run" { &[][..] } else { &[B] };
        assert_eq!(sandbox.ids(), there);
    }
}

#[track_caller]
fn stored(fields: Value, column: &str) -> String {
    let sandbox = Sandbox::report();
    import(&sandbox, with(unmarked(A), fields).to_string(), "").ok();
    sandbox.cell(A, column)
}

#[test]
fn iso_times_of_pandas_are_stored_as_the_table_has_them() {
    let sandbox = Sandbox::report();
    let run = sandbox
        .jobctl(["migrate", &sample("pandas_iso.json")])
        .run();
    run.ok().stderr_has("read 3: inserted 3");
    for id in sandbox.ids() {
        for column in TIMES {
            let cell = sandbox.cell(&id, column);
            assert_eq!(cell, "text|2025-12-28 11:30:14.482000", "{column}");
        }
        assert_eq!(sandbox.cell(&id, "progress"), "real|100.0");
    }
    let result = sandbox.cell("00000003-1111-4111-8111-000000000003", "result_data");
    assert_eq!(result, "text|{\"final_video_path\":\"a.mp4\"}");
    // And a second run changes nothing.
    sandbox
        .jobctl("migrate --on-conflict replace")
        .arg(sample("pandas_iso.json"))
        .run()
        .ok()
        .stderr_has("updated 0, skipped 3");
}

#[test]
fn epoch_times_of_pandas_are_rejected_with_what_they_might_be() {
    let sandbox = Sandbox::report();
    let run = sandbox
        .jobctl(["migrate", &sample("pandas_epoch.json")])
        .run()
        .fails(65);
    run.stderr_has("read 3: inserted 0, updated 0, skipped 0, rejected 3")
        .stderr_has("as milliseconds since 1970 it would be 2025-12-28 11:30:14.482000 UTC")
        .stderr_has("jq '");
    assert_eq!(sandbox.ids().len(), 0);
}

/// Runs what the message says on the dump, and on the file of rejects.
#[test]
fn the_line_that_is_told_converts_them() {
    if Command::new("jq").arg("--version").output().is_err() {
        return;
    }
    for (number, stored) in [
        (json!(1_766_921_414), "2025-12-28 11:30:14.000000"),
        (json!(1_766_921_414.5), "2025-12-28 11:30:14.500000"),
        (json!(1_766_921_414_482_i64), "2025-12-28 11:30:14.482000"),
        (
            json!(1_766_921_414_000_482_i64),
            "2025-12-28 11:30:14.000482",
        ),
        (
            json!(1_766_921_414_500_000_000_i64),
            "2025-12-28 11:30:14.500000",
        ),
        (json!("1766921414482"), "2025-12-28 11:30:14.482000"),
    ] {
        let sandbox = Sandbox::report();
        let times = json!({"created_at": number, "updated_at": number, "completed_at": null});
        let record = with(unmarked(A), times);
        sandbox.write("dump.json", json!({"jobs": [record]}).to_string());
        let run = "migrate dump.json --rejects bad.jsonl";
        let run = sandbox.jobctl(run).run().fails(65);
        let (_, told) = run.stderr.split_once("jq '").unwrap();
        let (program, _) = told.split_once("' FILE").unwrap();
        for file in ["dump.json", "bad.jsonl"] {
            let jq = Command::new("jq")
                .arg(program)
                .arg(sandbox.path(file))
                .stderr(Stdio::inherit())
                .output()
                .unwrap();
            let text = String::from_utf8(jq.stdout).unwrap();
            let import = "migrate - --on-conflict replace";
            sandbox.jobctl(import).stdin(&text).run().ok();
            let cell = sandbox.cell(A, "created_at");
            assert_eq!(cell, format!("text|{stored}"), "{number} {file}: {text}");
            sandbox.sql("DELETE FROM video_generation_jobs");
        }
    }
}

#[test]
fn rows_that_nobody_checked_are_checked() {
    let sandbox = Sandbox::report();
    let run = sandbox
        .jobctl(["migrate", &sample("rows_unchecked.json")])
        .run()
        .fails(65);
    for words in [
        "\"progress\" must be a number",
        "450",
        "\"total_shots\"",
        "\"content\" must be text",
        "\"request_data\" must hold JSON, and its text is none: \"not json\"",
        "its status is null",
        "-5",
    ] {
        assert!(run.stderr.contains(words), "{words}: {run}");
    }
    run.stderr_has("read 7: inserted 0, updated 0, skipped 0, rejected 7");
    assert_eq!(sandbox.count(), 0);
}

/// Text in a column of JSON is JSON in every row, or the row is rejected by the name of the column, whatever is there.
#[test]
fn a_column_of_json_holds_json() {
    for column in ["request_data", "context", "result_data"] {
        for text in [
            "not json",
            "",
            " ",
            "[1,",
            "{'a': 1}",
            "{\"a\": NaN}",
            "{} {}",
        ] {
            let words = format!("\\\"{column}\\\" must hold JSON");
            rejected(json!({column: text}), &words);
        }
        for text in ["\"word\"", "true", "[]", "{\"a\": 1}"] {
            assert_eq!(
                stored(json!({column: text}), column),
                format!("text|{text}")
            );
        }
    }
    // A second run, whose rows are there already, rejects the same.
    let sandbox = Sandbox::report();
    import(&sandbox, unmarked(A).to_string(), "").ok();
    for fields in [json!({"context": "x"}), json!({"status": null})] {
        for policy in ["skip", "replace", "newer", "fail"] {
            let record = with(unmarked(A), fields.clone()).to_string();
            let run = import(&sandbox, record, ["--on-conflict", policy]).fails(65);
            assert_eq!(counts(&run.json()), [1, 0, 0, 0, 1], "{policy}: {run}");
        }
    }
    // Some of the columns are a dump of the table too.
    let some = json!({"id": A, "job_type": "idea2video", "content": "A cat", "request_data": "no"});
    import(&Sandbox::new(), some.to_string(), "").fails(65);
}

/// What stands in a text in a table stands there as it should.
#[test]
fn json_in_the_text_of_a_column_counts_when_it_is_encoded_twice() {
    let once = json!({"a": 1}).to_string();
    for column in ["request_data", "context", "result_data"] {
        for (text, count) in [(once.clone(), 0), (json!(once).to_string(), 1)] {
            let sandbox = Sandbox::report();
            let record = with(unmarked(A), json!({column: text}));
            let run = import(&sandbox, record.to_string(), "").ok();
            assert_eq!(run.json()["double_encoded"], count, "{column} {text}");
            assert_eq!(sandbox.cell(A, column), format!("text|{once}"));
        }
    }
}

#[test]
fn what_cannot_be_brought_into_form_is_rejected() {
    for (fields, words) in [
        (
            json!({"progress": true}),
            "\"progress\" must be a number from 0 to 100, not true or false",
        ),
        (
            json!({"progress": "45%"}),
            "\"progress\" must be a number from 0 to 100, not text",
        ),
        (json!({"progress": ""}), "\"progress\" must be a number"),
        (json!({"progress": 100.5}), "not 100.5"),
        (json!({"progress": -1}), "not -1"),
        (
            json!({"total_shots": "4"}),
            "\"total_shots\" must be a whole number, not text",
        ),
        (
            json!({"total_shots": -4}),
            "\"total_shots\" must be a whole number from 0",
        ),
        (json!({"completed_shots": 1.5}), "\"completed_shots\""),
        (
            json!({"content": 17}),
            "\"content\" must be text, not a number",
        ),
        (
            json!({"content": {"$blob": "AAE="}}),
            "\"content\" must be text",
        ),
        (json!({"status": false}), "\"status\" must be text"),
        (
            json!({"job_type": "", "mode": "idea"}),
            "its job_type is empty",
        ),
        (
            json!({"job_type": null, "mode": null}),
            "neither a type nor a mode",
        ),
        (json!({"id": null}), "no id"),
        (json!({"id": 17}), "must be text"),
        (
            json!({"created_at": ""}),
            "\"created_at\" is no date and time",
        ),
        (
            json!({"created_at": 0}),
            "\"created_at\" is no date and time: 0",
        ),
        (
            json!({"created_at": -5.5}),
            "\"created_at\" is no date and time: -5.5",
        ),
        (
            json!({"updated_at": 45000.25}),
            "\"updated_at\" is no date and time: 45000.25",
        ),
        (
            json!({"started_at": 1_766_921_414}),
            "as seconds since 1970",
        ),
        (
            json!({"completed_at": 1_766_921_414.25}),
            "11:30:14.250000 UTC",
        ),
        (
            json!({"completed_at": "1766921414"}),
            "as seconds since 1970",
        ),
        (
            json!({"created_at": true}),
            "\"created_at\" must be text, not true or false",
        ),
        (
            json!({"created_at": {"$date": 5}}),
            "\"created_at\" must be text, not an object",
        ),
        (
            json!({"created_at": "2025-02-30 00:00:00"}),
            "no date and time",
        ),
    ] {
        // In JSON errors quotes have backslashes.
        rejected(fields, &words.replace('"', "\\\""));
    }
    let text = unmarked(A)
        .to_string()
        .replace("\"progress\":0.0", "\"progress\":NaN");
    let sandbox = Sandbox::report();
    import(&sandbox, text, "").fails(65).stderr_has("NaN");
    assert_eq!(sandbox.ids().len(), 0);
}

#[test]
fn what_can_is() {
    for (time, kept) in [
        ("2025-12-29 14:14:00", "2025-12-29 14:14:00.000000"),
        ("2025-12-29T14:14:00.206Z", "2025-12-29 14:14:00.206000"),
        ("2025-12-29T14:14:00+02:00", "2025-12-29 12:14:00.000000"),
        (
            "2025-12-29T14:14:00.206000000",
            "2025-12-29 14:14:00.206000",
        ),
    ] {
        for column in TIMES {
            assert_eq!(
                stored(json!({column: time}), column),
                format!("text|{kept}")
            );
        }
    }
    assert_eq!(stored(json!({"progress": 45}), "progress"), "real|45.0");
    assert_eq!(
        stored(json!({"status": "completed"}), "progress"),
        "real|100.0"
    );
    assert_eq!(
        stored(json!({"total_shots": 4.0}), "total_shots"),
        "integer|4"
    );
    assert_eq!(stored(json!({"mode": ""}), "mode"), "text|idea");
    // As sqlite3 gives JSON, and as a reader of JSON does.
    for column in ["request_data", "context", "result_data"] {
        let json = "text|{\"a\": [1]}";
        assert_eq!(stored(json!({column: "{\"a\": [1]}"}), column), json);
        assert_eq!(
            stored(json!({column: {"a": [1]}}), column),
            "text|{\"a\":[1]}"
        );
        assert_eq!(stored(json!({column: "null"}), column), "null|");
        assert_eq!(stored(json!({column: null}), column), "null|");
    }
}

/// An archive of a jobctl before rows had a mark.
#[test]
fn an_archive_without_marks_is_read_and_not_appended_to() {
    let sandbox = Sandbox::report();
    for id in [A, B] {
        sandbox.job(id, &[("status", &"failed")]);
    }
    sandbox.sql("UPDATE video_generation_jobs SET completed_at = updated_at");
    let export = sandbox.jobctl("export").run().ok().stdout;
    let earlier = export.replace("\"$row\": 1, ", "");
    assert_ne!(earlier, export);
    sandbox.write("old.jsonl", &earlier);
    let cleanup = "cleanup --older-than 30d --archive old.jsonl --yes";
    let run = sandbox.jobctl(cleanup).run().fails(4);
    run.stderr_has("an earlier jobctl")
        .stderr_has("move it away");
    assert_eq!(sandbox.ids(), [A, B]);
    assert_eq!(sandbox.read("old.jsonl"), earlier);
    let before = [A, B].map(|id| sandbox.row(id));
    sandbox.sql("DELETE FROM video_generation_jobs");
    sandbox.jobctl("migrate old.jsonl").run().ok();
    assert_eq!([A, B].map(|id| sandbox.row(id)), before);
}
