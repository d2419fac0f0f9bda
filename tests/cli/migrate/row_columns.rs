//! Rows of a jobctl that knew a column more or less: they come back, and nobody takes them for whole.

use std::fs;

use serde_json::{Value, json};

use super::{counts, import, lines, with, without};
use crate::support::{A, B, C, COLUMNS, Sandbox};

const DEMANDED: [&str; 2] = ["id", "job_type"];

/// Every column that a row can lack.
fn others() -> impl Iterator<Item = &'static str> {
    let is_other = |column: &&str| !DEMANDED.contains(column);
    COLUMNS.into_iter().filter(is_other)
}

fn id(index: usize) -> String {
    format!("a1111111-1111-4111-8111-{index:012}")
}

/// A row with a value in every column, and such as only a row may bring in.
fn full(id: &str) -> Value {
    let values = COLUMNS.map(|column| (column.to_owned(), json!(format!("old {column}"))));
    let record: Value = json!({"$row": 1});
    let record = with(record, Value::Object(values.into_iter().collect()));
    with(record, json!({"id": id}))
}

#[test]
fn a_row_with_22_of_the_columns_is_a_row_and_what_it_lacks_is_named() {
    let sandbox = Sandbox::report();
    let rows: Vec<_> = others()
        .enumerate()
        .map(|(index, column)| without(full(&id(index)), column))
        .collect();
    let run = import(&sandbox, lines(&rows), "-q").ok();
    let told = run.json();
    assert_eq!(counts(&told), [21, 21, 0, 0, 0], "{run}");
    assert_eq!(told["stores"]["jobctl"]["inserted"], 21, "{run}");
    assert!(
        run.stderr
            .contains("21 rows without columns that the table has")
    );
    for (index, lacks) in others().enumerate() {
        let id = id(index);
        for column in COLUMNS.into_iter().filter(|column| *column != "id") {
            let expected = if column == lacks {
                "null|".to_owned()
            } else {
                format!("text|old {column}")
            };
            assert_eq!(sandbox.cell(&id, column), expected, "without {lacks}");
        }
        assert_eq!(told["lacking_columns"][lacks], 1, "{run}");
        assert!(run.stderr.contains(&format!("{lacks} (1)")), "{run}");
    }
}

#[test]
fn a_row_with_another_column_in_the_place_of_one_is_a_row() {
    let sandbox = Sandbox::report();
    sandbox.sql("ALTER TABLE video_generation_jobs ADD COLUMN owner TEXT");
    let record = with(without(full(A), "style"), json!({"owner": "Ada"}));
    import(&sandbox, record.to_string(), "")
        .ok()
        .stderr_has("1 row without columns that the table has")
        .stderr_has("unchanged in those that were there: style\n");
    assert_eq!(sandbox.cell(A, "owner"), "text|Ada");
    assert_eq!(sandbox.cell(A, "style"), "null|");
}

/// A row that was made by hand, or cut, comes in as long as the table would take it.
#[test]
fn without_its_id_or_type_it_is_no_row() {
    for column in DEMANDED {
        let sandbox = Sandbox::report();
        let run = import(&sandbox, without(full(A), column).to_string(), "").fails(65);
        run.stderr_has(&format!("it lacks {column}; "));
        assert_eq!(sandbox.ids().len(), 0);
    }
    let sandbox = Sandbox::report();
    let least = json!({"$row": 1, "id": A, "job_type": "idea2video"});
    let run = import(&sandbox, least.to_string(), "").ok();
    run.stderr_has("there: mode, status, content, user_requirement, style, ");
    assert_eq!(sandbox.cell(A, "status"), "null|");
}

#[test]
fn what_a_row_lacks_stays_as_it_is_in_a_job_that_is_there() {
    for more in ["--on-conflict replace", "--on-conflict newer"] {
        for column in others().filter(|column| *column != "updated_at") {
            let sandbox = Sandbox::report();
            let there = with(full(A), json!({"updated_at": "2025-01-01"}));
            import(&sandbox, there.to_string(), "").ok();
            let changes = json!({"job_type": "changed", "updated_at": "2026-01-01"});
            let record = without(with(full(A), changes), column).to_string();
            for last in ["--dry-run", ""] {
                let told = import(&sandbox, &record, (more, last)).ok().json();
                assert_eq!(counts(&told), [1, 0, 1, 0, 0], "{column}: {told}");
                assert_eq!(told["lacking_columns"], json!({column: 1}));
            }
            assert_eq!(sandbox.cell(A, column), format!("text|old {column}"));
            assert_eq!(sandbox.cell(A, "job_type"), "text|changed");
            // Once more there is nothing to do.
            for last in ["--dry-run", ""] {
                let told = import(&sandbox, &record, (more, last)).ok().json();
                assert_eq!(counts(&told), [1, 0, 0, 1, 0], "{column}: {told}");
                assert_eq!(told["lacking_columns"], json!({}));
            }
        }
    }
}

/// Into a file that is made, one that is there, and one whose table has a trigger.
#[test]
fn in_one_run_too_the_later_row_leaves_what_it_lacks() {
    let later = json!({"job_type": "changed"});
    let text = lines([&full(A), &without(with(full(A), later), "style"), &full(B)]);
    let trigger = "CREATE TRIGGER t BEFORE INSERT ON video_generation_jobs BEGIN SELECT 1; END";
    for (sandbox, sql) in [
        (Sandbox::new(), ""),
        (Sandbox::report(), ""),
        (Sandbox::report(), trigger),
    ] {
        if !sql.is_empty() {
            sandbox.sql(sql);
        }
        let told = import(&sandbox, &text, "").ok().json();
        assert_eq!(counts(&told), [3, 2, 1, 0, 0], "{told}");
        assert_eq!(sandbox.cell(A, "style"), "text|old style");
        assert_eq!(sandbox.cell(A, "job_type"), "text|changed");
    }
}

#[test]
fn what_the_table_refuses_of_it_is_kept_without_what_it_lacks() {
    let sandbox = Sandbox::report();
    let rule = "CREATE TRIGGER t BEFORE INSERT ON video_generation_jobs BEGIN SELECT RAISE(ABORT, 'not now'); END";
    sandbox.sql(rule);
    let record = without(full(A), "style");
    import(&sandbox, record.to_string(), "--rejects bad.jsonl").fails(65);
    let kept: Value = serde_json::from_str(&sandbox.read("bad.jsonl")).unwrap();
    assert_eq!(kept["record"], record);
}

#[test]
fn rows_with_a_column_more_or_less_are_known_in_every_container() {
    let less = |id| without(full(id), "content");
    let more = |id| with(full(id), json!({"owner": "Ada"}));
    let first = |id| with(json!({"$row": 1, "owner": "Ada"}), full(id));
    for (a, b) in [(less(A), more(B)), (more(A), less(B)), (first(A), first(B))] {
        for text in [
            lines([&a, &b]),
            json!([a, b]).to_string(),
            format!("{:#}", json!([a, b])),
            json!({"jobs": [a, b], "pagination": {"total": 2}}).to_string(),
            json!({A: a, B: b}).to_string(),
            format!("{:#}", json!({A: a, B: b})),
            json!({"jobs": {A: a}, "pipeline_jobs": {B: b}}).to_string(),
            lines([&json!({"source": "x", "reason": "y", "record": a}), &b]),
        ] {
            let sandbox = Sandbox::report();
            let told = import(&sandbox, &text, "").ok().json();
            assert_eq!(counts(&told), [2, 2, 0, 0, 0], "{text}");
            assert_eq!(told["stores"]["jobctl"]["inserted"], 2, "{told}");
            assert_eq!(sandbox.cell(A, "created_at"), "text|old created_at");
        }
    }
}

/// A row with a string that does not end costs itself alone.
#[test]
fn behind_a_damaged_row_the_next_is_found_though_it_lacks_a_column() {
    for column in others() {
        let rows = [A, B, C].map(|id| without(full(id), column).to_string());
        let damaged = rows[0].replacen("idea2video", "", 1);
        let damaged = damaged.replacen("old job_type\"", "old job_type", 1);
        let sandbox = Sandbox::report();
        let text = format!("[{damaged}, {}, {}]", rows[1], rows[2]);
        let run = import(&sandbox, text, "").fails(65);
        assert_eq!(counts(&run.json()), [3, 2, 0, 0, 1], "{column}: {run}");
        assert_eq!(sandbox.ids(), [B, C]);
    }
}

/// An archive of rows that have a column more or less is appended to, and its torn end moved away.
#[test]
fn such_an_archive_goes_on() {
    for torn in [0, 40] {
        let sandbox = Sandbox::report();
        let done = [("status", &"completed" as &dyn rusqlite::ToSql)];
        sandbox.job(
            C,
            &[done[0], ("completed_at", &"2020-01-01 00:00:00.000000")],
        );
        let spaced = |record: Value| {
            let text = record.to_string();
            text.replace("\":", "\": ").replace(",\"", ", \"") + "\n"
        };
        let more = with(full(B), json!({"owner": "Ada"}));
        let text = spaced(without(full(A), "content")) + &spaced(more.clone()) + &spaced(more);
        fs::write(sandbox.path("old.jsonl"), &text[..text.len() - torn]).unwrap();
        let run = sandbox
            .jobctl("cleanup --older-than 1d --yes -o json --archive old.jsonl")
            .run()
            .ok();
        assert_eq!(run.json()["deleted"], 1, "{run}");
        let kept = sandbox.read("old.jsonl");
        let rows = if torn == 0 { 4 } else { 3 };
        assert_eq!(kept.lines().count(), rows, "{kept}");
        let told = sandbox.jobctl("migrate old.jsonl -o json").run();
        assert_eq!(told.ok().json()["inserted"], 3);
    }
}
