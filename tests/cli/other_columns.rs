//! Columns that the table has and jobctl does not know: they belong to the row, wherever it is written, read or changed.

use serde_json::{Value, json};

use crate::support::{A, B, COLUMNS, REPORT_SQL, Sandbox};

/// Names as awkward as SQLite takes them, and what stands there in SQL.
const ODD: [(&str, &str); 14] = [
    ("owner", "'someone'"),
    ("ORDER", "1"),
    ("Status2", "NULL"),
    ("a \"b\" {}, 'c'", "x'00ff'"),
    ("$row", "7"),
    ("$$row", "'two dollars'"),
    ("$ROW2", "'dollar'"),
    ("job_id", "9e999"),
    ("other", "'{\"a\": 1}'"),
    ("store", "-0.5"),
    ("legacy", "CAST(x'ff41' AS TEXT)"),
    ("größe", "x''"),
    ("line\nbreak", "''"),
    ("[x]`y`", "9223372036854775807"),
];

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn add(sandbox: &Sandbox, column: &str) {
    sandbox.sql(&format!(
        "ALTER TABLE video_generation_jobs ADD COLUMN {column}"
    ));
}

fn set(sandbox: &Sandbox, id: &str, assignment: &str) {
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET {assignment} WHERE id = '{id}'"
    ));
}

/// Type and bytes of a column.
fn cell(sandbox: &Sandbox, id: &str, column: &str) -> String {
    let column = format!("video_generation_jobs.{}", quoted(column));
    sandbox.ask(&format!(
        "SELECT typeof({column}) || '|' || CASE WHEN hex({column}) LIKE 'FF%' THEN hex({column}) ELSE quote({column}) END FROM video_generation_jobs WHERE id = '{id}'"
    ))
}

/// Two failed jobs, long ended, and the odd columns: filled in one, empty in the other.
fn odd(sandbox: &Sandbox) -> Vec<[String; 2]> {
    for id in [A, B] {
        sandbox.job(id, &[("status", &"failed")]);
    }
    let long_ago = "'2020-01-01 00:00:00.000000'";
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET created_at = {long_ago}, updated_at = {long_ago}, completed_at = {long_ago}"
    ));
    for (name, value) in ODD {
        add(sandbox, &quoted(name));
        set(sandbox, A, &format!("{} = {value}", quoted(name)));
    }
    cells(sandbox)
}

fn cells(sandbox: &Sandbox) -> Vec<[String; 2]> {
    let both = |(name, _): (&str, &str)| [A, B].map(|id| cell(sandbox, id, name));
    ODD.into_iter().map(both).collect()
}

fn archive(sandbox: &Sandbox, file: &str) {
    let cleanup = ["cleanup", "--older-than", "30d", "--archive", file, "--yes"];
    sandbox.jobctl(cleanup).run().ok();
    assert_eq!(sandbox.ids().len(), 0);
}

#[test]
fn an_archive_brings_them_back_as_they_were() {
    for mode in ["delete", "wal"] {
        for file in ["old.jsonl", "old.jsonl.zst"] {
            let sandbox = Sandbox::report();
            sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
            let before = odd(&sandbox);
            let rows = [A, B].map(|id| sandbox.row(id));
            assert_eq!(before[7][0], "real|9.0e+999");
            archive(&sandbox, file);
            for policy in ["skip", "replace", "newer", "fail"] {
                let migrate = ["migrate", file, "--on-conflict", policy];
                sandbox.jobctl(migrate).run().ok().stderr_has("inserted 2");
                assert_eq!(cells(&sandbox), before);
                assert_eq!([A, B].map(|id| sandbox.row(id)), rows);
                sandbox.sql("DELETE FROM video_generation_jobs");
            }
        }
    }
}

#[test]
fn every_export_has_them_and_goes_back() {
    let sandbox = Sandbox::report();
    let before = odd(&sandbox);
    for format in ["jsonl", "json"] {
        sandbox
            .jobctl(["export", "-o", format, "--to", "rows"])
            .run()
            .ok();
        sandbox.sql("DELETE FROM video_generation_jobs");
        sandbox.jobctl("migrate rows").run().ok();
        assert_eq!(cells(&sandbox), before);
        let again = "migrate rows --on-conflict replace";
        sandbox
            .jobctl(again)
            .run()
            .ok()
            .stderr_has("updated 0, skipped 2");
        let again = "migrate rows --on-conflict replace --dry-run";
        sandbox
            .jobctl(again)
            .run()
            .ok()
            .stderr_has("updated 0, skipped 2");
    }
    let csv = sandbox.jobctl("export -o csv").run().ok().stdout;
    let header = format!(
        "{},owner,ORDER,Status2,\"a \"\"b\"\" {{}}, 'c'\",$row,",
        COLUMNS.join(",")
    );
    assert!(csv.starts_with(&header), "{csv}");
    assert!(csv.contains(",someone,1,,x'00ff',7,two dollars,"), "{csv}");
}

#[test]
fn a_row_whose_columns_the_table_lacks_keeps_them_under_legacy() {
    let sandbox = Sandbox::report();
    odd(&sandbox);
    set(&sandbox, B, "context = 'no json', owner = 'x'");
    sandbox.jobctl("export --to rows.jsonl").run().ok();
    for db in ["new.db", "there.db"] {
        if db == "there.db" {
            sandbox
                .jobctl("create --type a --content 'A fox learns to sail' --db")
                .arg(db)
                .run()
                .ok();
        }
        sandbox
            .jobctl(["--db", db, "migrate", "rows.jsonl"])
            .run()
            .ok();
        let show = sandbox
            .jobctl(["--db", db, "show", A, "-o", "json"])
            .run()
            .ok()
            .json();
        assert_eq!(show.get("other"), None, "{show}");
        let expected = json!({"legacy": {
            "store": "jobctl", "owner": "someone", "ORDER": 1, "Status2": null, "a \"b\" {}, 'c'": {"$blob": "AP8="},
            "$row": 7, "$$row": "two dollars", "$ROW2": "dollar", "job_id": {"$real": "inf"}, "other": "{\"a\": 1}",
            "store_": -0.5, "legacy": {"$blob": "/0E=", "$type": "text"}, "größe": {"$blob": ""}, "line\nbreak": "",
            "[x]`y`": i64::MAX,
        }});
        assert_eq!(show["context"], expected, "{show}");
        let show = sandbox
            .jobctl(["--db", db, "show", B, "-o", "json"])
            .run()
            .ok()
            .json();
        assert_eq!(show["context"]["context"], "no json");
        assert_eq!(show["context"]["legacy"]["owner"], "x");
        let again = format!("--db {db} migrate rows.jsonl --on-conflict replace");
        sandbox
            .jobctl(again)
            .run()
            .ok()
            .stderr_has("updated 0, skipped 2");
    }
}

#[test]
fn a_table_with_another_column_takes_those_it_has() {
    let sandbox = Sandbox::report();
    odd(&sandbox);
    sandbox.jobctl("export --to rows.jsonl").run().ok();
    for (name, _) in ODD.into_iter().filter(|(name, _)| *name != "$row") {
        sandbox.sql(&format!(
            "ALTER TABLE video_generation_jobs DROP COLUMN {}",
            quoted(name)
        ));
    }
    add(&sandbox, "Owner TEXT");
    add(&sandbox, "cost REAL DEFAULT 2.5");
    sandbox.sql("DELETE FROM video_generation_jobs");
    sandbox.jobctl("migrate rows.jsonl").run().ok();
    // Names are the same whatever their case.
    assert_eq!(cell(&sandbox, A, "Owner"), "text|'someone'");
    assert_eq!(cell(&sandbox, A, "$row"), "integer|7");
    assert_eq!(cell(&sandbox, A, "cost"), "real|2.5");
    let show = sandbox.jobctl("show $A -o json").run().ok().json();
    assert_eq!(
        show["other"],
        json!({"$row": 7, "Owner": "someone", "cost": 2.5})
    );
    assert_eq!(show["context"]["legacy"]["store_"], -0.5);
    assert_eq!(show["context"]["legacy"].get("owner"), None);
}

/// Such a table cannot be made by ALTER TABLE.
#[test]
fn a_column_that_must_have_a_value_gets_the_row_s() {
    for kind in ["TEXT NOT NULL", "TEXT NOT NULL DEFAULT 'nobody'"] {
        let sandbox = Sandbox::new();
        sandbox.sql(&REPORT_SQL.replace("    status", &format!("    owner {kind},\n    status")));
        sandbox.sql(&format!(
            "INSERT INTO video_generation_jobs (id, job_type, owner, status, completed_at)
             VALUES ('{A}', 'idea2video', 'me', 'failed', '2020-01-01 00:00:00.000000')"
        ));
        let before = sandbox.row(A);
        archive(&sandbox, "old.jsonl");
        sandbox.jobctl("migrate old.jsonl").run().ok();
        assert_eq!(cell(&sandbox, A, "owner"), "text|'me'");
        assert_eq!(sandbox.row(A), before);
    }
}

#[test]
fn what_replaces_a_row_leaves_what_it_does_not_have() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    sandbox.jobctl("export --to narrow.jsonl").run().ok();
    add(&sandbox, "owner TEXT NOT NULL DEFAULT 'nobody'");
    add(&sandbox, "note");
    set(&sandbox, A, "owner = 'me', note = x'01'");
    sandbox.jobctl("export --to wide.jsonl").run().ok();
    set(
        &sandbox,
        A,
        "project_title = 'other', updated_at = '2020-01-01 00:00:00.000000'",
    );
    for policy in ["newer", "replace"] {
        let migrate = ["migrate", "narrow.jsonl", "--on-conflict", policy];
        sandbox.jobctl(migrate).run().ok();
        let cells = ["owner", "note"].map(|column| cell(&sandbox, A, column));
        assert_eq!(cells, ["text|'me'", "blob|X'01'"], "{policy}");
    }
    let dump = json!({A: {"job_type": "idea2video", "status": "failed", "content": "x", "progress": 5.0, "updated_at": "2026-02-02T00:00:00"}});
    sandbox.write("dump.json", dump.to_string());
    let migrate = "migrate dump.json --on-conflict replace";
    sandbox.jobctl(migrate).run().ok().stderr_has("updated 1");
    assert_eq!(cell(&sandbox, A, "owner"), "text|'me'");
    for change in ["--title new", "--status queued"] {
        sandbox.jobctl(("update $A", change)).run().ok();
        let cells = ["owner", "note"].map(|column| cell(&sandbox, A, column));
        assert_eq!(cells, ["text|'me'", "blob|X'01'"]);
    }
    // A row that has them sets them, and only they make it differ.
    sandbox
        .jobctl("migrate wide.jsonl --on-conflict replace")
        .run()
        .ok();
    set(&sandbox, A, "owner = 'you', note = NULL");
    for (more, said) in [
        ("--dry-run", "updated 1"),
        ("", "updated 1"),
        ("", "updated 0, skipped 1"),
    ] {
        let migrate = "migrate wide.jsonl --on-conflict replace";
        sandbox.jobctl((migrate, more)).run().ok().stderr_has(said);
    }
    let cells = ["owner", "note"].map(|column| cell(&sandbox, A, column));
    assert_eq!(cells, ["text|'me'", "blob|X'01'"]);
}

#[test]
fn rows_with_and_without_them_come_in_together() {
    let sandbox = Sandbox::report();
    add(&sandbox, "owner TEXT DEFAULT 'nobody'");
    for n in 0..300 {
        sandbox.job(&format!("{n:08x}-1111-4111-8111-111111111111"), &[]);
    }
    sandbox.sql("UPDATE video_generation_jobs SET owner = rowid");
    let rows = sandbox.jobctl("export").run().ok().stdout;
    let mixed: Vec<String> = rows
        .lines()
        .enumerate()
        .map(|(n, line)| match n % 3 {
            0 => line.replace(&format!(", \"owner\": \"{}\"", n + 1), ""),
            1 => line.replace("\"owner\"", "\"OWNER\": 5, \"owner\""),
            _ => line.to_owned(),
        })
        .collect();
    sandbox.sql("DELETE FROM video_generation_jobs");
    sandbox.write("mixed.jsonl", mixed.join("\n"));
    sandbox
        .jobctl("migrate mixed.jsonl")
        .run()
        .ok()
        .stderr_has("inserted 300");
    let count = |condition: &str| {
        sandbox.ask(&format!(
            "SELECT count(*) FROM video_generation_jobs WHERE {condition}"
        ))
    };
    assert_eq!(count("owner = 'nobody'"), "100");
    assert_eq!(count("CAST(owner AS INTEGER) > 0"), "200");
    assert_eq!(count("json_extract(context, '$.legacy.OWNER') = 5"), "100");
}

#[test]
fn generated_columns_are_left_alone() {
    let sandbox = Sandbox::new();
    let more = "    upper TEXT GENERATED ALWAYS AS (upper(project_title)) STORED,\n    lower TEXT AS (lower(project_title)),\n    status";
    sandbox.sql(&REPORT_SQL.replace("    status", more));
    sandbox.job(A, &[("status", &"failed"), ("project_title", &"Title")]);
    let export = sandbox.jobctl("export").run().ok().stdout;
    assert!(
        !export.contains("upper") && !export.contains("lower"),
        "{export}"
    );
    let show = sandbox.jobctl("show $A -o json").run().ok().json();
    assert_eq!(show.get("other"), None);
    sandbox.sql("DELETE FROM video_generation_jobs");
    // From a table where it was an ordinary one.
    let plain = export.replace("}\n", ", \"upper\": \"mine\"}\n");
    for (text, legacy) in [(&export, Value::Null), (&plain, json!("mine"))] {
        sandbox.write("rows.jsonl", text);
        let migrate = "migrate rows.jsonl --on-conflict replace";
        sandbox.jobctl(migrate).run().ok();
        assert_eq!(cell(&sandbox, A, "upper"), "text|'TITLE'");
        assert_eq!(cell(&sandbox, A, "lower"), "text|'title'");
        let show = sandbox.jobctl("show $A -o json").run().ok().json();
        assert_eq!(show["context"]["legacy"]["upper"], legacy);
    }
}

#[test]
fn known_columns_in_other_letters_are_no_others() {
    let sandbox = Sandbox::new();
    sandbox.sql(
        &REPORT_SQL
            .replace("    status", "    STATUS")
            .replace("    content TEXT", "    \"Content\" TEXT"),
    );
    sandbox.job(A, &[]);
    let show = sandbox.jobctl("show $A -o json").run().ok().json();
    assert_eq!(show.get("other"), None, "{show}");
    assert_eq!(show["status"], "queued");
    let rows = sandbox.jobctl("export").run().ok().jsonl();
    assert_eq!(rows[0].as_object().unwrap().len(), COLUMNS.len() + 1);
}

#[test]
fn the_json_of_a_job_tells_them_everywhere_alike() {
    let sandbox = Sandbox::report();
    add(&sandbox, "owner TEXT DEFAULT 'nobody'");
    add(&sandbox, "cost");
    sandbox.job(A, &[]);
    let other = json!({"owner": "nobody", "cost": null});
    let json = |args: &str| sandbox.jobctl((args, "-o json")).run().ok().json();
    assert_eq!(json("show $A")["other"], other);
    assert_eq!(json("show $A $A")[0]["other"], other);
    assert_eq!(json("update $A --title x")["other"], other);
    assert_eq!(json("list")["jobs"][0]["other"], other);
    assert_eq!(json("list --all --sort title")["jobs"][0]["other"], other);
    assert_eq!(
        json("list --fields id,status")["jobs"][0].get("other"),
        None
    );
    let lines = sandbox.jobctl("list -o jsonl").run().ok().jsonl();
    assert_eq!(lines[0]["other"], other);
    let create = "create --type idea2video --content 'A fox learns to sail the sea'";
    assert_eq!(json(create)["other"], other);
    assert_eq!(json("update $A --cancel")["other"], other);
    // Of a job that is made from such a document they would be lost in silence.
    let shown = sandbox.jobctl("show $A -o json").run().ok().stdout;
    let create = ["create", "--json", &shown];
    sandbox
        .jobctl(create)
        .run()
        .fails(65)
        .stderr_has("jq 'del(.other)'");
    let wait = sandbox.jobctl("wait $A -o json").run().fails(1);
    assert_eq!(wait.json()["other"], other);
}

#[test]
fn the_page_has_a_section_for_them() {
    let sandbox = Sandbox::report();
    odd(&sandbox);
    let page = sandbox.jobctl("show $A").run().ok().stdout;
    let (_, others) = page.split_once("\n  other\n").unwrap();
    assert!(
        others.starts_with("    owner: someone\n    ORDER: 1\n    Status2: -\n"),
        "{page}"
    );
    assert!(!page.contains("line\nbreak"), "{page}");
    let plain = Sandbox::report();
    plain.job(A, &[]);
    assert!(
        !plain
            .jobctl("show $A")
            .run()
            .ok()
            .stdout
            .contains("  other")
    );
}

/// A dump of the table by another program, with these members more.
fn dumped(id: &str, more: Value) -> Value {
    let mut record = json!({"id": id, "job_type": "idea2video", "mode": "idea", "status": "completed",
        "content": "A cat crosses the road", "progress": 100.0, "created_at": "2025-12-29 08:00:00"});
    let members = record.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    record
}

#[track_caller]
fn legacy(sandbox: &Sandbox, id: &str) -> Value {
    let job = sandbox.jobctl(["show", id, "-o", "json"]).run().ok().json();
    let mut legacy = job["context"]["legacy"].clone();
    if let Some(members) = legacy.as_object_mut() {
        members.remove("store");
    }
    legacy
}

/// In each container, and whatever was there before.
#[test]
fn a_foreign_dump_of_the_table_fills_the_columns_that_the_table_has() {
    let declared = [
        ("owner", "VARCHAR(50)", json!("someone"), "text|'someone'"),
        ("priority", "INTEGER", json!(5), "integer|5"),
        ("weight", "FLOAT", json!(0.5), "real|0.5"),
        ("archived", "BOOLEAN", json!(1), "integer|1"),
        (
            "seen_at",
            "DATETIME",
            json!("2025-12-29T08:00:00Z"),
            "text|'2025-12-29 08:00:00.000000'",
        ),
        ("labels", "JSON", json!("[\"a\"]"), "text|'[\"a\"]'"),
        ("anything", "", json!("x"), "text|'x'"),
        // As CSV has it.
        ("count", "INTEGER", json!("7"), "integer|7"),
    ];
    let mut more = json!({});
    for (name, _, value, _) in &declared {
        more[*name] = value.clone();
    }
    let (a, b) = (dumped(A, more.clone()), dumped(B, more));
    for dump in [
        json!([a, b]).to_string(),
        format!("{a}\n{b}\n"),
        json!({A: a, B: b}).to_string(),
        json!({"jobs": [a, b]}).to_string(),
    ] {
        let sandbox = Sandbox::report();
        for (name, kind, ..) in &declared {
            add(&sandbox, &format!("{name} {kind}"));
        }
        sandbox.write("dump.json", dump);
        sandbox.jobctl("migrate dump.json --dry-run").run().ok();
        sandbox.jobctl("migrate dump.json").run().ok();
        for (name, _, _, stored) in &declared {
            assert_eq!(cell(&sandbox, A, name), *stored, "{name}");
            assert_eq!(cell(&sandbox, B, name), *stored, "{name}");
        }
        assert_eq!(legacy(&sandbox, A), Value::Null);
        let again = "migrate dump.json --on-conflict replace";
        sandbox
            .jobctl(again)
            .run()
            .ok()
            .stderr_has("updated 0, skipped 2");
    }
}

#[test]
fn what_does_not_belong_in_such_a_column_is_kept_aside() {
    let sandbox = Sandbox::report();
    for column in [
        "priority INTEGER DEFAULT 3",
        "weight FLOAT",
        "seen_at DATETIME",
        "labels JSON",
        "twice GENERATED ALWAYS AS (progress * 2)",
        "kept GENERATED ALWAYS AS (progress * 3) STORED",
    ] {
        if !column.ends_with("STORED") {
            add(&sandbox, column);
        }
    }
    let more = json!({"priority": "high", "weight": "much", "seen_at": 1766921414, "labels": "no json",
        "twice": 7, "unknown": "x", "nested": {"a": 1}, "precise": 1.10});
    sandbox.write("dump.json", dumped(A, more.clone()).to_string());
    sandbox.jobctl("migrate dump.json").run().ok();
    assert_eq!(cell(&sandbox, A, "priority"), "integer|3");
    assert_eq!(cell(&sandbox, A, "weight"), "null|NULL");
    assert_eq!(cell(&sandbox, A, "twice"), "real|200.0");
    assert_eq!(legacy(&sandbox, A), more);
}

/// A null is none: the column's own default counts, and what stands there stays.
#[test]
fn a_null_blanks_no_such_column() {
    let sandbox = Sandbox::report();
    add(&sandbox, "owner TEXT NOT NULL DEFAULT 'nobody'");
    let dump = dumped(A, json!({"owner": null}));
    sandbox.write("dump.json", dump.to_string());
    sandbox.jobctl("migrate dump.json").run().ok();
    assert_eq!(cell(&sandbox, A, "owner"), "text|'nobody'");
    set(&sandbox, A, "owner = 'someone'");
    let again = "migrate dump.json --on-conflict replace";
    sandbox.jobctl(again).run().ok();
    assert_eq!(cell(&sandbox, A, "owner"), "text|'someone'");
}
