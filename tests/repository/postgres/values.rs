//! The values that PostgreSQL refuses or alters: through `migrate` from a SQLite file, `--fit`, `export`, and back into a file.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use jobctl::job::fitting::{self, Limits};
use jobctl::job::{Column, ColumnSet, Job, Value};
use jobctl::repository::{Access, ImportTerms, Imported, OnConflict};
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::cluster::{Cluster, cluster};
use super::{Database, SERVICE};

const ID: &str = "a1111111-1111-4111-8111-111111111111";

/// A file as the service makes it.
const FILE: &str = include_str!("../service.sql");

/// A run of the binary: its exit status, its JSON, and what it said.
struct Ran {
    status: i32,
    json: Json,
    said: String,
}

/// A database on the server, and files beside it.
struct Way {
    folder: TempDir,
    database: Database,
}

impl Way {
    fn new(cluster: &'static Cluster) -> Way {
        Way {
            folder: TempDir::new().unwrap(),
            database: Database::new(cluster, SERVICE, false),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file with one ordinary job, of which one column is what this SQL says.
    fn file(&self, name: &str, column: &str, value: &str) {
        let file = Connection::open(self.path(name)).unwrap();
        file.pragma_update(None, "foreign_keys", false).unwrap();
        file.execute_batch(FILE).unwrap();
        let sql = format!(
            "INSERT INTO video_generation_jobs (id, job_type, mode, status, content, progress, total_shots, context,
                created_at, updated_at) VALUES ('{ID}', 'idea2video', 'idea', 'queued', 'A cat crosses the road', 12.5, 3,
                '{{\"a\":  1}}', '2026-01-10 00:00:00.000000', '2026-01-10 00:00:00.000001');
            UPDATE video_generation_jobs SET {column} = {value}"
        );
        file.execute_batch(&sql).unwrap();
    }

    /// Every cell of the job, as its type and its bytes.
    fn row(&self, name: &str) -> Vec<(&'static str, String)> {
        let file = Connection::open(self.path(name)).unwrap();
        let cell = |column: &Column| {
            let name = column.name();
            let sql = format!(
                "SELECT typeof({name}) || '|' || coalesce(CASE typeof({name}) WHEN 'blob' THEN hex({name}) WHEN 'real'
                THEN printf('%!.17g', {name}) ELSE {name} END, '') FROM video_generation_jobs"
            );
            let told = file.query_row(&sql, [], |row| {
                let bytes = row.get_ref(0)?.as_bytes()?;
                Ok(String::from_utf8_lossy(bytes).into_owned())
            });
            (name, told.unwrap())
        };
        Column::ALL.iter().map(cell).collect()
    }

    fn run(&self, database: &str, words: &[&str]) -> Ran {
        let database = match database {
            "" => self.database.cluster.url("jobctl", &self.database.name),
            file => self.path(file).display().to_string(),
        };
        let output = Command::new(env!("CARGO_BIN_EXE_jobctl"))
            .arg("--db")
            .arg(database)
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TZ", "UTC")
            .output()
            .unwrap();
        Ran {
            status: output.status.code().unwrap(),
            json: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn ok(&self, database: &str, words: &[&str]) -> Ran {
        let ran = self.run(database, words);
        assert_eq!(ran.status, 0, "{words:?}: {}", ran.said);
        ran
    }

    /// There, and back into another file.
    fn there_and_back(&self, flags: &[&str]) -> Ran {
        self.ok("a.db", &["export", "--to", "there.jsonl"]);
        let there = self.run(
            "",
            &[&["migrate", "there.jsonl", "-o", "json"], flags].concat(),
        );
        self.ok("", &["export", "--to", "back.jsonl"]);
        if there.json["inserted"] == 1 {
            self.file("b.db", "id", "'other'");
            let file = Connection::open(self.path("b.db")).unwrap();
            file.execute_batch("DELETE FROM video_generation_jobs")
                .unwrap();
            self.ok("b.db", &["migrate", "back.jsonl"]);
        }
        there
    }
}

/// A value that fits comes back as it was.
#[track_caller]
fn fits(column: &str, value: &str) {
    let Some(cluster) = cluster() else { return };
    let way = Way::new(cluster);
    way.file("a.db", column, value);
    let there = way.there_and_back(&[]);
    assert_eq!(there.status, 0, "{}", there.said);
    assert_eq!(there.json["fitted"], json!({}));
    assert_eq!(there.json["respelled"], 0);
    assert_eq!(way.row("b.db"), way.row("a.db"));
}

/// A value that does not fit is rejected, or with `--fit` becomes another one, as `typeof|value`, and is kept: these kinds are told,
/// and nothing else is altered.
#[track_caller]
fn is_fitted(column: &str, value: &str, kinds: &[&str], said: &str, made: &str, kept: Json) {
    let Some(cluster) = cluster() else { return };
    let way = Way::new(cluster);
    way.file("a.db", column, value);
    let there = way.there_and_back(&[]);
    assert_eq!(there.status, 65, "{}", there.said);
    assert!(there.said.contains(said), "{}", there.said);
    assert!(
        there.said.contains("--fit makes such values fit"),
        "{}",
        there.said
    );
    assert_eq!(there.json["rejected"], 1);

    let tried = way.ok(
        "",
        &["migrate", "there.jsonl", "--fit", "--dry-run", "-o", "json"],
    );
    let there = way.there_and_back(&["--fit"]);
    assert_eq!(there.status, 0, "{}", there.said);
    let counted: Json = kinds
        .iter()
        .map(|kind| ((*kind).to_owned(), json!(1)))
        .collect();
    assert_eq!(there.json["fitted"], counted);
    assert_eq!(tried.json["fitted"], counted);
    let (before, after) = (way.row("a.db"), way.row("b.db"));
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        match *name {
            "context" => {
                let own = if column == "context" {
                    json!({})
                } else {
                    json!({"a": 1})
                };
                let mut expected = own;
                expected["legacy"] = json!({"store": "jobctl", column: kept.clone()});
                let after: Json =
                    serde_json::from_str(after.strip_prefix("text|").unwrap()).unwrap();
                assert_eq!(after, expected);
            }
            name if name == column => assert_eq!(after, made),
            _ => assert_eq!(after, before, "{name}"),
        }
    }
    // What came back fits.
    assert_eq!(
        way.ok("", &["migrate", "back.jsonl", "-o", "json"]).json["skipped"],
        1
    );
    // The second run of the same line changes nothing.
    let again = [
        "migrate",
        "there.jsonl",
        "--fit",
        "--on-conflict",
        "replace",
        "-o",
        "json",
    ];
    assert_eq!(way.ok("", &again).json["skipped"], 1);
}

#[test]
fn a_nul_character() {
    let kept = json!("a\0b");
    let said = "its content holds a NUL character";
    is_fitted(
        "content",
        "'a' || char(0) || 'b'",
        &["nul"],
        said,
        "text|a\u{fffd}b",
        kept,
    );
}

#[test]
fn bytes_that_are_no_utf_8() {
    let kept = json!({"$blob": "Yf8=", "$type": "text"});
    let said = "its error_message is no text (not UTF-8)";
    is_fitted(
        "error_message",
        "CAST(x'61ff' AS TEXT)",
        &["not_utf8"],
        said,
        "text|a\u{fffd}",
        kept,
    );
}

#[test]
fn a_blob_where_a_text_belongs() {
    let kept = json!({"$blob": "QQ=="});
    is_fitted(
        "style",
        "x'41'",
        &["not_utf8"],
        "its style is no text",
        "text|A",
        kept,
    );
}

#[test]
fn as_many_characters_as_a_column_takes() {
    fits("project_title", "printf('%.*c', 255, 'x')");
    fits(
        "project_title",
        "replace(printf('%.*c', 255, 'x'), 'x', '🦊')",
    );
}

#[test]
fn one_character_more_than_a_column_takes() {
    let foxes = "🦊".repeat(256);
    let made = format!("text|{}", "🦊".repeat(255));
    let said = "its project_title has 256 characters; at most 255 are stored";
    let value = format!("'{foxes}'");
    is_fitted(
        "project_title",
        &value,
        &["too_long"],
        said,
        &made,
        json!(foxes),
    );
}

#[test]
fn blanks_at_the_end() {
    fits("mode", "'idea  '");
    let kept = "x".repeat(20) + "  ";
    let made = format!("text|{}", "x".repeat(20));
    let said = "its mode has 22 characters; at most 20 are stored";
    is_fitted(
        "mode",
        &format!("'{kept}'"),
        &["too_long"],
        said,
        &made,
        json!(kept),
    );
}

#[test]
fn json_that_is_kept_to_the_letter() {
    for json in [
        r#"{"a": "\u0000"}"#,
        r#""\ud800""#,
        r#"{"a":  1, "a": 2}"#,
        r#"{"a": 1e400, "b": 123456789012345678901234567890}"#,
        "[ 1 ]",
        "null",
    ] {
        fits("result_data", &format!("'{json}'"));
    }
    fits("result_data", "3");
    fits("result_data", "2.5");
}

#[test]
fn json_that_is_none() {
    let said = "its result_data is no JSON";
    is_fitted(
        "result_data",
        "'{'",
        &["not_json"],
        said,
        "null|",
        json!("{"),
    );
    is_fitted("result_data", "''", &["not_json"], said, "null|", json!(""));
    is_fitted(
        "result_data",
        "'{\"a\": NaN}'",
        &["not_json"],
        said,
        "null|",
        json!("{\"a\": NaN}"),
    );
    let kept = json!({"$blob": "e30="});
    is_fitted("result_data", "x'7b7d'", &["not_json"], said, "null|", kept);
}

#[test]
fn a_nul_character_in_json() {
    let said = "its request_data holds a NUL character";
    let value = "'{\"a\": \"' || char(0) || '\"}'";
    let made = "text|{\"a\": \"\u{fffd}\"}";
    is_fitted(
        "request_data",
        value,
        &["nul"],
        said,
        made,
        json!("{\"a\": \"\0\"}"),
    );
}

#[test]
fn a_context_that_is_none() {
    let said = "its context is no JSON";
    is_fitted("context", "'{'", &["not_json"], said, "", json!("{"));
}

#[test]
fn progress_that_is_not_finite() {
    let said = "its progress is not finite";
    is_fitted(
        "progress",
        "9e999",
        &["not_finite"],
        said,
        "null|",
        json!({"$real": "inf"}),
    );
    is_fitted(
        "progress",
        "-9e999",
        &["not_finite"],
        said,
        "null|",
        json!({"$real": "-inf"}),
    );
}

#[test]
fn progress_that_is_no_number() {
    let said = "its progress is no number";
    is_fitted(
        "progress",
        "'half'",
        &["out_of_range"],
        said,
        "null|",
        json!("half"),
    );
    fits("progress", "-5.25");
    fits("progress", "1e300");
}

#[test]
fn shots_out_of_range() {
    fits("total_shots", "2147483647");
    let said = "its total_shots is 2147483648, which is out of range";
    is_fitted(
        "total_shots",
        "2147483648",
        &["out_of_range"],
        said,
        "null|",
        json!(2_147_483_648_i64),
    );
    let said = "its total_shots is no number";
    is_fitted(
        "total_shots",
        "'many'",
        &["out_of_range"],
        said,
        "null|",
        json!("many"),
    );
}

#[test]
fn shots_that_are_not_whole() {
    let said = "its total_shots is 3.7, which is not whole";
    is_fitted(
        "total_shots",
        "3.7",
        &["not_whole"],
        said,
        "null|",
        json!(3.7),
    );
}

#[test]
fn a_time_that_the_server_would_read_otherwise() {
    let said = "its started_at is no time";
    for text in [
        "2026-01-10 24:00:00",
        "yesterday",
        "infinity",
        "2026-02-30 00:00:00.000000",
    ] {
        is_fitted(
            "started_at",
            &format!("'{text}'"),
            &["bad_time"],
            said,
            "null|",
            json!(text),
        );
    }
    is_fitted(
        "started_at",
        "1768003200",
        &["bad_time"],
        said,
        "null|",
        json!(1_768_003_200),
    );
}

#[test]
fn a_time_that_is_spelled_otherwise() {
    let Some(cluster) = cluster() else { return };
    for (text, stored) in [
        ("2026-01-10T08:00:00+08:00", "2026-01-10 00:00:00.000000"),
        ("2026-01-10 00:00:00.1234567", "2026-01-10 00:00:00.123456"),
        ("2026-01-10 00:00:00.5Z", "2026-01-10 00:00:00.500000"),
        ("2026-01-10", "2026-01-10 00:00:00.000000"),
    ] {
        for flags in [&[][..], &["--fit"]] {
            let way = Way::new(cluster);
            way.file("a.db", "started_at", &format!("'{text}'"));
            let there = way.there_and_back(flags);
            assert_eq!(there.status, 0, "{}", there.said);
            assert_eq!(
                [&there.json["fitted"], &there.json["respelled"]],
                [&json!({}), &json!(1)]
            );
            let after = way.row("b.db");
            for ((name, before), (_, after)) in way.row("a.db").iter().zip(&after) {
                let stored = format!("text|{stored}");
                let expected = if *name == "started_at" {
                    &stored
                } else {
                    before
                };
                assert_eq!(after, expected, "{name}");
            }
        }
    }
    fits("started_at", "'0001-01-01 00:00:00.000000'");
    fits("started_at", "'9999-12-31 23:59:59.999999'");
}

#[test]
fn an_episode_or_series_that_is_not_there() {
    fits("series_id", "'series-1'");
    let said = "there is no series \"gone\"";
    is_fitted(
        "series_id",
        "'gone'",
        &["no_parent"],
        said,
        "null|",
        json!("gone"),
    );
    let said = "there is no episode \"\"";
    is_fitted("episode_id", "''", &["no_parent"], said, "null|", json!(""));
    let long = "x".repeat(37);
    let said = "its episode_id has 37 characters; at most 36 are stored";
    is_fitted(
        "episode_id",
        &format!("'{long}'"),
        &["no_parent"],
        said,
        "null|",
        json!(long),
    );
}

#[test]
fn an_id_or_a_type_that_is_none_is_always_rejected() {
    let Some(cluster) = cluster() else { return };
    let way = Way::new(cluster);
    let long = "x".repeat(37);
    for (line, said) in [
        (
            json!({"$row": 1, "id": null, "job_type": "a"}),
            "it has no id",
        ),
        (
            json!({"$row": 1, "id": ID, "job_type": null}),
            "it has no job_type",
        ),
        (
            json!({"$row": 1, "id": long, "job_type": "a"}),
            "its id has 37 characters; at most 36 are stored",
        ),
        (
            json!({"$row": 1, "id": "a\0", "job_type": "a"}),
            "its id holds a NUL character",
        ),
    ] {
        fs::write(way.path("rows.jsonl"), format!("{line}\n")).unwrap();
        for flags in [&[][..], &["--fit"]] {
            let ran = way.run("", &[&["migrate", "rows.jsonl"], flags].concat());
            assert_eq!(ran.status, 65, "{}", ran.said);
            assert!(ran.said.contains(said), "{}", ran.said);
            assert!(!ran.said.contains("--fit"), "{}", ran.said);
        }
    }
}

#[test]
fn records_of_other_programs_are_always_made_to_fit() {
    let Some(cluster) = cluster() else { return };
    let way = Way::new(cluster);
    let title = "🦊".repeat(300);
    let record = json!({
        "job_id": ID, "job_type": "idea2video", "status": "queued", "content": "A cat\0 crosses the road",
        "project_title": title, "series_id": "gone", "total_shots": 3_000_000_000_i64, "created_at": "2026-01-10T00:00:00",
    });
    fs::write(way.path("dump.json"), record.to_string()).unwrap();
    let ran = way.ok("", &["migrate", "dump.json", "-o", "json"]);
    assert_eq!(ran.json["inserted"], 1);
    let counted = json!({"too_long": 1, "nul": 1, "out_of_range": 1, "no_parent": 1});
    assert_eq!(ran.json["fitted"], counted);
    assert_eq!(ran.json["unlinked"], 1);
    for line in [
        "1 job with a text longer than its column: cut, the original kept under context.legacy\n",
        "1 job with a NUL character: replaced by U+FFFD, the original kept under context.legacy\n",
        "1 id of episodes or series that are not there",
    ] {
        assert!(ran.said.contains(line), "{}", ran.said);
    }
    let shown = way.ok("", &["show", ID, "-o", "json"]).json;
    assert_eq!(shown["content"], "A cat\u{fffd} crosses the road");
    let legacy = &shown["context"]["legacy"];
    let kept = json!({
        "store": "job_manager", "project_title": title, "content": "A cat\0 crosses the road", "series_id": "gone",
        "total_shots": 3_000_000_000_i64,
    });
    assert_eq!(*legacy, kept);
}

#[test]
fn the_width_of_the_table_counts_and_columns_that_jobctl_does_not_know() {
    let Some(cluster) = cluster() else { return };
    let way = Way::new(cluster);
    let sql = "ALTER TABLE video_generation_jobs ALTER style TYPE VARCHAR(5), ALTER total_shots TYPE BIGINT,
        ALTER mode TYPE TEXT, ADD owner VARCHAR(3), ADD due TIMESTAMP, ADD votes INT2, ADD extra JSON";
    cluster
        .connect(&way.database.name)
        .batch_execute(sql)
        .unwrap();
    let row = json!({
        "$row": 1, "id": ID, "job_type": "a", "mode": "x".repeat(50), "style": "123456", "total_shots": 1_i64 << 40,
        "context": null, "owner": "four", "due": "yesterday", "votes": 40_000, "extra": "{",
    });
    fs::write(way.path("rows.jsonl"), format!("{row}\n")).unwrap();
    let ran = way.run("", &["migrate", "rows.jsonl"]);
    assert_eq!(ran.status, 65, "{}", ran.said);
    assert!(
        ran.said
            .contains("its style has 6 characters; at most 5 are stored"),
        "{}",
        ran.said
    );
    let ran = way.ok("", &["migrate", "rows.jsonl", "--fit", "-o", "json"]);
    let counted = json!({"too_long": 1, "not_json": 1, "out_of_range": 1, "bad_time": 1});
    assert_eq!(ran.json["fitted"], counted);
    let shown = way.ok("", &["show", ID, "-o", "json"]).json;
    assert_eq!(shown["mode"], "x".repeat(50));
    assert_eq!(shown["total_shots"], 1_i64 << 40);
    assert_eq!(shown["style"], "12345");
    assert_eq!(
        shown["other"],
        json!({"owner": "fou", "due": null, "votes": null, "extra": null})
    );
    let legacy = json!({
        "store": "jobctl", "style": "123456", "owner": "four", "due": "yesterday", "votes": 40_000, "extra": "{",
    });
    assert_eq!(shown["context"]["legacy"], legacy);
}

#[test]
fn a_file_takes_everything_as_it_is() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("c.db");
    let row = json!({"$row": 1, "id": "x".repeat(40), "job_type": "a", "style": "x".repeat(300), "total_shots": 3.7});
    fs::write(folder.path().join("rows.jsonl"), format!("{row}\n")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_jobctl"))
        .args(["migrate", "rows.jsonl", "--fit", "-o", "json", "--db"])
        .arg(&file)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        [&json["inserted"], &json["fitted"]],
        [&json!(1), &json!({})]
    );
    let file = Connection::open(&file).unwrap();
    let sql = "SELECT length(style) || '|' || total_shots FROM video_generation_jobs";
    let told: String = file.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(told, "300|3.7");
}

const ODD: [&str; 8] = [
    "",
    "{",
    "[1,  2]",
    "{\"a\": \"\0\"}",
    "\"\\u0000\\ud800\"",
    "soon",
    "2026-01-02T03:04:05.1234567Z",
    "24:00",
];

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        proptest::sample::select(&[0.0, -0.0, 3.7, 1e300, f64::INFINITY, f64::NAN][..])
            .prop_map(Value::Real),
        any::<i64>().prop_map(Value::Integer),
        (0_i64..9).prop_map(Value::Integer),
        proptest::sample::select(&ODD[..]).prop_map(Value::from),
        ".{0,3}".prop_map(|text| Value::Text(text.repeat(200))),
        proptest::collection::vec(any::<u8>(), 0..6).prop_map(Value::Blob),
        proptest::collection::vec(0x7f_u8..=0xff, 1..4).prop_map(Value::BrokenText),
    ]
}

/// Whatever a row holds: once it was made to fit, the server takes it and gives it back bit for bit.
#[test]
fn what_was_made_to_fit_is_taken_and_given_back() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, false);
    let repository = RefCell::new(database.open_as("jobctl", Access::Write).unwrap());
    let terms = ImportTerms {
        on_conflict: OnConflict::Replace,
        atomic: false,
    };
    let limits = repository.borrow_mut().limits().unwrap().unwrap();
    assert_eq!(limits, Limits::default());
    let values = proptest::collection::vec(any_value(), Column::COUNT - 2);
    proptest!(ProptestConfig::with_cases(200), |(values in values)| {
        let mut job = Job::default().with(Column::Id, ID).with(Column::JobType, "idea2video");
        for (column, value) in Column::ALL.iter().skip(2).zip(values) {
            job.set(*column, value);
        }
        let orphans: Vec<Column> = [Column::EpisodeId, Column::SeriesId]
            .into_iter()
            .filter(|column| !job.get(*column).is_null())
            .collect();
        fitting::fit(&mut job, &limits, &orphans, "jobctl").unwrap();
        let mut repository = repository.borrow_mut();
        let mut import = repository.begin_import(terms).unwrap();
        let outcomes = import.write(std::slice::from_ref(&job)).unwrap();
        import.end().unwrap();
        prop_assert!(!matches!(outcomes[0], Imported::Refused(_)), "{:?} {:?}", outcomes, job);
        let stored = repository.find(&[job.id()], ColumnSet::ALL).unwrap().remove(0).unwrap();
        prop_assert_eq!(stored.values(), job.values());
    });
}
