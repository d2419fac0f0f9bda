//! What databases and their programs write: tables as JSON and as they are drawn, rows without names, the lines of redis-cli.

use std::path::Path;

use serde_json::{Value, json};

use super::{api_server, import, unmarked, with, without};
use crate::support::{A, B, COLUMNS, Sandbox};

/// Nothing is imported, and it is named so; gives the hint.
#[track_caller]
fn is_named(text: &str, what: &str) -> String {
    let sandbox = Sandbox::report();
    let run = import(&sandbox, text, "-q").fails(65);
    assert_eq!(run.json()["read"], 0, "{run}");
    assert_eq!(sandbox.count(), 0, "{run}");
    let error = run.json_error();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(what), "{run}");
    error["hint"].as_str().unwrap().to_owned()
}

/// The same, and the hint is a line that imports both jobs.
#[track_caller]
fn is_mended(text: &str, what: &str) {
    let line = is_named(text, what);
    let sandbox = Sandbox::report();
    sandbox.write("dump.json", text);
    let binary = Path::new(env!("CARGO_BIN_EXE_jobctl")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display());
    let run = sandbox.program("sh", ["-c", &line]).env("PATH", path).run();
    run.ok();
    let mut ids = sandbox.ids();
    ids.sort();
    assert_eq!(ids, [A, B], "{line}");
}

/// Two rows of the table, with what drawing and escaping spoil.
fn rows() -> [Value; 2] {
    [A, B].map(|id| {
        with(
            unmarked(id),
            json!({"content": "A cat \"crosses\"\\\n\tthe road 猫"}),
        )
    })
}

fn values(row: &Value) -> Vec<Value> {
    row.as_object().unwrap().values().cloned().collect()
}

fn names() -> Vec<String> {
    let row = unmarked(A);
    row.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn a_table_as_json_is_told_with_the_line_that_makes_jobs_of_it() {
    let rows = rows();
    let lists: Vec<_> = rows.iter().map(values).collect();
    let by = |keys: [&str; 2], names: &[String]| -> Value {
        let column = |name: &String| {
            let cells = [json!(rows[0][name]), json!(rows[1][name])];
            (name.clone(), json!({keys[0]: cells[0], keys[1]: cells[1]}))
        };
        Value::Object(names.iter().map(column).collect())
    };
    let arrays: serde_json::Map<String, Value> = names()
        .into_iter()
        .map(|name| (name.clone(), json!([rows[0][&name], rows[1][&name]])))
        .collect();
    let others: Vec<String> = names().into_iter().filter(|name| name != "id").collect();
    let mut headed = vec![names().into_iter().map(Value::String).collect::<Vec<_>>()];
    headed.extend(lists.clone());
    for (table, what) in [
        (
            json!({"columns": names(), "index": [0, 1], "data": lists}),
            "orient=\"split\"",
        ),
        (
            json!({"database": "x", "columns": names(), "rows": lists, "truncated": false}),
            "orient=\"split\"",
        ),
        (by(["0", "1"], &names()), "orient=\"columns\""),
        (by([A, B], &others), "orient=\"columns\""),
        (Value::Object(arrays), "a table by columns"),
        (json!(headed), "the first of which has the names"),
    ] {
        is_mended(&table.to_string(), what);
        is_mended(&format!("{table:#}"), what);
    }
    let hint = is_named(&json!(lists).to_string(), "orient=\"values\"");
    assert!(hint.contains("orient=\"records\""), "{hint}");
}

/// The keys are numbers: they are no ids, and the message says so.
#[test]
fn records_by_number_are_rejected_with_the_line_that_gives_them_alone() {
    let sandbox = Sandbox::report();
    let dump = json!({"0": unmarked(A), "1": unmarked(B)});
    let run = import(&sandbox, dump.to_string(), "").fails(65);
    run.stderr_has("jq '.[]' FILE | jobctl migrate -");
}

/// What has columns and is none stays what it was.
#[test]
fn dumps_that_begin_alike_are_read() {
    let (a, b) = (api_server(A), api_server(B));
    for dump in [
        json!({"data": [a, b]}),
        json!({"index": 3, "rows": [a, b]}),
        json!({"columns": ["id"], "data": [a, b]}),
        json!({"status": {"code": "0"}, "data": [a, b]}),
        json!([[a, b]]),
        json!([[a], [b]]),
        json!({"ok": true, "rows": {A: a, B: b}}),
    ] {
        let sandbox = Sandbox::new();
        import(&sandbox, dump.to_string(), "");
        let mut ids = sandbox.ids();
        ids.sort();
        assert_eq!(ids, [A, B], "{dump}");
    }
}

/// A text as redis-cli quotes it.
fn redis(text: &str) -> String {
    let mut out = "\"".to_owned();
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', byte.into()]),
            b'\n' => out.push_str("\\n"),
            b' '..=b'~' => out.push(byte.into()),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out + "\""
}

fn numbered(values: &[String]) -> String {
    let line = |(n, value): (usize, &String)| format!("{:2}) {}\n", n + 1, redis(value));
    values.iter().enumerate().map(line).collect()
}

#[test]
fn the_numbered_lines_of_redis_are_told_with_the_line_that_reads_them() {
    let job = |id| {
        let request = json!({"idea": "A \"cat\"\\ 猫\ncrosses the road"});
        with(api_server(id), json!({"request": request}))
    };
    let text = |id| job(id).to_string();
    let what = "it is what redis-cli prints for people";
    is_mended(&numbered(&[text(A), text(B)]), what);
    for key in ["", "job:"] {
        let key = |id| format!("{key}{id}");
        let bare = |id| without(job(id), "job_id").to_string();
        is_mended(&numbered(&[key(A), text(A), key(B), text(B)]), what);
        is_mended(&numbered(&[key(A), bare(A), key(B), bare(B)]), what);
    }
    let hint = is_named(&format!("1# \"{A}\" => {}\n", redis(&text(A))), what);
    assert!(hint.contains("redis-cli --json"), "{hint}");
}

#[test]
fn the_rows_of_copy_are_told_with_the_line_that_names_their_columns() {
    let cell = |value: &Value| match value {
        Value::Null => "\\N".to_owned(),
        Value::String(text) => text
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\t', "\\t"),
        other => other.to_string(),
    };
    let line = |row: &Value| values(row).iter().map(cell).collect::<Vec<_>>().join("\t") + "\n";
    assert_eq!(names().len(), COLUMNS.len());
    let rows: String = rows().iter().map(line).collect();
    let what = "it is rows as COPY and mysql -N write them";
    is_mended(&rows, what);
    is_mended(&format!("{rows}\\.\n"), what);
    let hint = is_named(&format!("{A}\tidea2video\n"), what);
    assert!(hint.contains("row_to_json"), "{hint}");
}

#[test]
fn a_column_of_json_is_told_with_the_line_that_takes_it_out() {
    let [a, b] = rows();
    let what = "it is a column of JSON as psql draws it";
    let head = " row_to_json \n-------------\n";
    is_mended(&format!("{head} {a}\n {b}\n(2 rows)\n\n"), what);
    is_mended(&format!("{head} [{a}, +\n  {b}]\n(1 row)\n\n"), what);
}

#[test]
fn tables_for_people_are_named_with_what_writes_json_instead() {
    let row = format!("{A} | idea2video | completed");
    for (text, what, hint) in [
        (
            format!("  id  | job_type | status \n------+----------+--------\n {row}\n(1 row)\n"),
            "it is a table as psql draws it",
            "row_to_json",
        ),
        (
            format!(" {row}\n {row}\n\n"),
            "it is rows with | between",
            "row_to_json",
        ),
        (
            format!("-[ RECORD 1 ]---\nid | {A}\n"),
            "\\x, a line for each column",
            "row_to_json",
        ),
        (
            format!("+----+----+\n| id | x  |\n+----+----+\n| {row} |\n"),
            "it is a table as mysql and others draw it",
            "json_object",
        ),
        (
            format!("*************************** 1. row ***************************\n  id: {A}\n"),
            "\\G, a line for each column",
            "json_object",
        ),
        (
            format!("┌────┬────┐\n│ id │ x  │\n├────┼────┤\n│ {A} │ 1 │\n"),
            "it is a table in a box",
            "sqlite3 -json",
        ),
        (
            format!("id    job_type\n----  --------\n{A}  idea2video\n"),
            "it is a table in columns",
            "sqlite3 -json",
        ),
        (
            format!("      id = {A}\njob_type = idea2video\n"),
            "it is what sqlite3 writes in lines",
            "sqlite3 -json",
        ),
        (
            format!("| id | status |\n|----|--------|\n| {A} | completed |\n"),
            "it is a table of Markdown",
            "sqlite3 -json",
        ),
        (
            format!("      id    job_type     status\n0  {A}  idea2video  completed\n"),
            "it is a table as pandas prints it",
            "df.to_json",
        ),
        (
            format!("id|job_type|status\n{A}|idea2video|completed\n"),
            "it is a table of values separated by |",
            "csv.DictReader",
        ),
    ] {
        let said = is_named(&text, what);
        assert!(said.contains(hint), "{what}: {said}");
    }
}
