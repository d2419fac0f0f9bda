//! The row form: what an archive holds is restored column for column, as it was.

use serde_json::{Value, json};

use super::{counts, import, lines, row, with};
use crate::support::{A, B, COLUMNS, Sandbox};

/// Imports the row with one other value and gives the cell, type and all.
#[track_caller]
fn restored(column: &str, value: Value) -> String {
    let sandbox = Sandbox::report();
    import(
        &sandbox,
        with(row(A), json!({column: value})).to_string(),
        "",
    )
    .ok();
    sandbox.cell(A, column)
}

#[test]
fn an_ordinary_row_is_restored_whole() {
    let sandbox = Sandbox::report();
    import(&sandbox, row(A).to_string(), "").ok();
    for column in COLUMNS {
        let expected = match &row(A)[column] {
            Value::Null => "null|".to_owned(),
            Value::String(text) => format!("text|{text}"),
            Value::Number(number) if number.is_f64() => format!("real|{number}"),
            number => format!("integer|{number}"),
        };
        assert_eq!(sandbox.cell(A, column), expected, "{column}");
    }
}

#[test]
fn null_stays_null_in_every_column_but_two() {
    for column in COLUMNS
        .into_iter()
        .filter(|column| !["id", "job_type"].contains(column))
    {
        assert_eq!(restored(column, Value::Null), "null|", "{column}");
    }
}

#[test]
fn json_columns_are_the_text_that_they_are() {
    for text in [
        "null",
        "{}",
        "{\"a\":  1}",
        "[1, 2]",
        "\"text\"",
        "not json",
        "",
        "{\"a\": NaN}",
        "\\u7b2c",
    ] {
        for column in ["request_data", "context", "result_data"] {
            assert_eq!(
                restored(column, json!(text)),
                format!("text|{text}"),
                "{column}"
            );
        }
    }
}

#[test]
fn a_number_in_a_json_column_is_a_number() {
    assert_eq!(restored("result_data", json!(5)), "integer|5");
    assert_eq!(restored("result_data", json!(2.5)), "real|2.5");
}

#[test]
fn times_keep_their_spelling() {
    for time in [
        "2025-12-29 14:14:00",
        "2025-12-29T14:14:00.206Z",
        "2025-12-29 14:14:00+02:00",
        "last week",
        "2025-02-30 00:00:00.000000",
        "",
    ] {
        for column in ["created_at", "updated_at", "started_at", "completed_at"] {
            assert_eq!(
                restored(column, json!(time)),
                format!("text|{time}"),
                "{column}"
            );
        }
    }
}

#[test]
fn a_time_that_is_a_number_stays_one() {
    assert_eq!(
        restored("created_at", json!(1_767_017_640)),
        "integer|1767017640"
    );
    assert_eq!(restored("updated_at", json!(1.5)), "real|1.5");
}

#[test]
fn text_stays_where_a_number_belongs() {
    assert_eq!(restored("progress", json!("half")), "text|half");
    assert_eq!(restored("total_shots", json!("many")), "text|many");
}

#[test]
fn a_number_outside_every_range_stays() {
    assert_eq!(restored("progress", json!(250.25)), "real|250.25");
    assert_eq!(restored("progress", json!(-1.0)), "real|-1.0");
    assert_eq!(restored("progress", json!(1e300)), "real|1.0e+300");
    assert_eq!(restored("total_shots", json!(2.5)), "real|2.5");
    assert_eq!(restored("total_shots", json!(-3)), "integer|-3");
    assert_eq!(
        restored("total_shots", json!(i64::MAX)),
        format!("integer|{}", i64::MAX)
    );
    assert_eq!(
        restored("total_shots", json!(i64::MIN)),
        format!("integer|{}", i64::MIN)
    );
}

#[test]
fn a_real_keeps_its_last_digit() {
    let real: f64 = 33.333_333_333_333_33;
    let sandbox = Sandbox::report();
    import(
        &sandbox,
        with(row(A), json!({"progress": real, "result_data": real})).to_string(),
        "",
    )
    .ok();
    for column in ["progress", "result_data"] {
        let sql = format!("SELECT {column} FROM video_generation_jobs");
        let stored: f64 = sandbox.ask(&sql).parse().unwrap();
        assert_eq!(stored.to_bits(), real.to_bits(), "{column}");
    }
}

#[test]
fn bytes_are_restored() {
    for column in ["content", "result_data", "created_at", "progress", "status"] {
        assert_eq!(
            restored(column, json!({"$blob": "AP/+gA=="})),
            "blob|00FFFE80",
            "{column}"
        );
    }
}

#[test]
fn empty_bytes_are_restored() {
    assert_eq!(restored("content", json!({"$blob": ""})), "blob|");
}

#[test]
fn unknown_words_stay() {
    assert_eq!(restored("status", json!("on fire")), "text|on fire");
    assert_eq!(restored("job_type", json!("")), "text|");
    assert_eq!(restored("mode", json!("opera")), "text|opera");
}

#[test]
fn an_id_that_is_no_uuid_stays() {
    let sandbox = Sandbox::report();
    import(&sandbox, row("test-job-1").to_string(), "").ok();
    assert_eq!(sandbox.ids(), ["test-job-1"]);
}

#[test]
fn control_characters_and_a_nul_stay() {
    let text = "a\u{0}b\u{1b}[31m\u{202e}\r\n\t";
    let sandbox = Sandbox::report();
    import(
        &sandbox,
        with(row(A), json!({"content": text})).to_string(),
        "",
    )
    .ok();
    let stored = sandbox.ask("SELECT content FROM video_generation_jobs");
    assert_eq!(stored, text);
}

#[test]
fn nothing_is_derived_or_mended() {
    let sandbox = Sandbox::report();
    let odd = json!({"status": "completed", "progress": 40.0, "completed_at": null, "mode": null, "total_shots": 2, "completed_shots": 9});
    import(&sandbox, with(row(A), odd).to_string(), "").ok();
    let cells = [
        "progress",
        "completed_at",
        "mode",
        "completed_shots",
        "context",
    ]
    .map(|column| sandbox.cell(A, column));
    assert_eq!(cells, ["real|40.0", "null|", "null|", "integer|9", "null|"]);
}

#[test]
fn ids_that_hang_in_the_air_are_restored_as_they_were() {
    let sandbox = Sandbox::service();
    let ids = json!({"episode_id": "gone-1", "series_id": "gone-2"});
    let summary = import(&sandbox, with(row(A), ids).to_string(), "")
        .ok()
        .json();
    assert_eq!(counts(&summary), [1, 1, 0, 0, 0]);
    assert_eq!(
        [sandbox.cell(A, "episode_id"), sandbox.cell(A, "series_id")],
        ["text|gone-1", "text|gone-2"]
    );
    assert_eq!(sandbox.cell(A, "context"), "null|");
}

#[test]
fn rows_are_not_moved_by_the_time_zone() {
    let sandbox = Sandbox::report();
    import(&sandbox, row(A).to_string(), "--timezone America/New_York").ok();
    assert_eq!(
        sandbox.cell(A, "created_at"),
        "text|2026-01-10 00:00:00.000000"
    );
}

#[test]
fn rows_go_into_a_new_file_as_well() {
    let sandbox = Sandbox::new();
    let odd = json!({"created_at": "2025-12-29 14:14:00", "status": null, "progress": null});
    import(&sandbox, lines(&[with(row(A), odd), row(B)]), "").ok();
    let cells = ["created_at", "status", "progress"].map(|column| sandbox.cell(A, column));
    assert_eq!(cells, ["text|2025-12-29 14:14:00", "null|", "null|"]);
}

#[test]
fn a_row_that_the_table_refuses_is_rejected_and_the_others_arrive() {
    let sandbox = Sandbox::report();
    let text = lines(&[with(row(A), json!({"job_type": null})), row(B)]);
    let run = import(&sandbox, text, "").fails(65);
    assert_eq!(counts(&run.json()), [2, 1, 0, 0, 1]);
    assert_eq!(sandbox.ids(), [B]);
}

#[test]
fn awkward_reals_are_restored_bit_for_bit() {
    for spelled in [
        "0.30000000000000004",
        "33.333333333333336",
        "66.66666666666667",
        "5e-324",
        "2.2250738585072014e-308",
        "81.98468218537247",
        "99.99999999999999",
        "0.1",
        "1e-7",
        "1.7976931348623157e308",
    ] {
        let sandbox = Sandbox::report();
        let text = row(A)
            .to_string()
            .replace("\"progress\":0.0", &format!("\"progress\":{spelled}"));
        import(&sandbox, text + "\n", "").ok();
        let stored = sandbox.ask("SELECT progress FROM video_generation_jobs");
        let stored: f64 = stored.parse().unwrap();
        let expected: f64 = spelled.parse().unwrap();
        assert_eq!(
            stored.to_bits(),
            expected.to_bits(),
            "{spelled} became {stored:?}"
        );
    }
}
