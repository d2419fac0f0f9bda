//! Columns that the table has and jobctl does not know, in what `list` shows and in every CSV.

use serde_json::json;

use crate::support::{A, B, COLUMNS, Sandbox};

/// Names, and what stands there in A: plain ones, those of a known column's flag or key, and odd ones.
const OTHERS: [(&str, &str); 9] = [
    ("owner", "'someone'"),
    ("Cost", "2.5"),
    ("error", "'not the message'"),
    ("job_id", "7"),
    ("note", "'=1+1'"),
    ("raw", "x'00ff'"),
    ("a, \"b\"", "'odd'"),
    ("other", "'others'"),
    ("other.x", "'x'"),
];

fn jobs() -> Sandbox {
    let sandbox = Sandbox::report();
    for id in [A, B] {
        sandbox.job(id, &[("status", &"failed")]);
    }
    for (name, value) in OTHERS {
        let name = format!("\"{}\"", name.replace('"', "\"\""));
        sandbox.sql(&format!(
            "ALTER TABLE video_generation_jobs ADD COLUMN {name}"
        ));
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET {name} = {value} WHERE id = '{A}'"
        ));
    }
    sandbox
}

const HEADER: &str =
    ",owner,Cost,other.error,other.job_id,note,raw,\"a, \"\"b\"\"\",other.other,other.other.x";
const ROW: &str = ",someone,2.5,not the message,7,'=1+1,x'00ff',odd,others,x";

#[test]
fn every_csv_of_jobs_carries_them() {
    let sandbox = jobs();
    let plain = Sandbox::report();
    plain.job(A, &[("status", &"failed")]);
    for args in [
        "list",
        "list --all",
        "list --limit 5 --sort title",
        "show $A",
        "show $A $B",
        "update $A --title x",
        "wait $A --for any",
    ] {
        let csv = |sandbox: &Sandbox| {
            let run = sandbox.jobctl((args, "-o csv")).run();
            run.ok().stdout
        };
        let with = csv(&sandbox);
        let (header, rows) = with.split_once('\n').unwrap();
        assert!(header.ends_with(HEADER), "{args:?}: {header}");
        let row = rows.lines().find(|row| row.starts_with(A)).unwrap();
        assert!(row.ends_with(ROW), "{args:?}: {row}");
        if let Some(row) = rows.lines().find(|row| row.starts_with(B)) {
            assert!(row.ends_with(",,,,,,,,,"), "{args:?}: {row}");
        }
        if !args.contains("$B") {
            let without = csv(&plain);
            let header = without.lines().next().unwrap();
            assert_eq!(header.split(',').count(), COLUMNS.len(), "{header}");
        }
    }
    let content = "A fox learns to sail the sea";
    let create = "create --type idea2video -o csv";
    let run = sandbox.jobctl((create, &["--content", content]));
    run.run().ok().stdout_has(HEADER);
    let bare = "list -o csv --no-header";
    sandbox.jobctl(bare).run().ok().stdout_has(ROW);
}

#[test]
fn fields_takes_them_by_name() {
    let sandbox = jobs();
    for (fields, expected) in [
        ("id,owner", format!("job_id,owner\n{A},someone\n")),
        ("OWNER,cost", "owner,Cost\nsomeone,2.5\n".to_owned()),
        (
            "other.owner,Other.Cost",
            "owner,Cost\nsomeone,2.5\n".to_owned(),
        ),
        (
            "cost,id,owner",
            format!("Cost,job_id,owner\n2.5,{A},someone\n"),
        ),
        (
            "error,other.error",
            "error,other.error\n,not the message\n".to_owned(),
        ),
        ("other.job_id", "other.job_id\n7\n".to_owned()),
        (
            "other,other.x",
            "other.other,other.other.x\nothers,x\n".to_owned(),
        ),
    ] {
        let list = "list -o csv --limit 1 --sort id";
        let named = ["--fields", fields];
        let run = sandbox.jobctl((list, &named)).run();
        run.ok().stdout_is(&expected);
    }
}

#[test]
fn other_names_all_of_them() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let list = "list -o csv --fields id,other";
    sandbox.jobctl(list).run().fails(2);
    for column in ["b", "a"] {
        sandbox.sql(&format!(
            "ALTER TABLE video_generation_jobs ADD COLUMN {column} DEFAULT 'of {column}'"
        ));
    }
    let expected = format!("job_id,b,a\n{A},of b,of a\n");
    sandbox.jobctl(list).run().ok().stdout_is(&expected);
}

#[test]
fn tables_and_json_show_those_that_are_named() {
    let sandbox = jobs();
    let fields = "--fields id,owner,raw,other.error --sort id";
    let list = |format: &str| {
        let args = format!("list -o {format} {fields}");
        sandbox.jobctl(args).run().ok()
    };
    for format in ["table", "wide"] {
        let table = list(format).stdout;
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split("  ").filter(|cell| !cell.is_empty()).collect())
            .collect();
        let cells = |line: usize| {
            lines[line]
                .iter()
                .map(|cell| cell.trim())
                .collect::<Vec<_>>()
        };
        assert_eq!(cells(0), ["ID", "OWNER", "RAW", "OTHER.ERROR"]);
        assert_eq!(cells(1), [A, "someone", "x'00ff' (?)", "not the message"]);
        assert_eq!(cells(2), [B, "-", "-", "-"]);
    }
    let expected = json!({
        "job_id": A,
        "other": {"owner": "someone", "raw": {"$blob": "AP8="}, "error": "not the message"},
    });
    assert_eq!(list("jsonl").jsonl()[0], expected);
    assert_eq!(list("json").json()["jobs"][0], expected);
    let known = "list -o jsonl --fields id --limit 1";
    let known = sandbox.jobctl(known).run().ok().jsonl();
    assert_eq!(known[0].get("other"), None);
}

#[test]
fn a_heading_is_a_name_that_fields_takes() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    sandbox.sql("ALTER TABLE video_generation_jobs ADD COLUMN größe DEFAULT 1");
    let list = |name: &str| {
        let list = sandbox.jobctl(["list", "--fields", name]).run().ok();
        list.lines()[0].to_owned()
    };
    assert_eq!(list("größe"), "größe");
    assert_eq!(list(&list("größe")), "größe");
}

#[test]
fn a_name_that_no_column_has_is_told_with_those_there_are() {
    let sandbox = jobs();
    for (name, hint) in [
        ("ownr", "did you mean owner?"),
        ("other.erro", "other.error?"),
    ] {
        sandbox
            .jobctl(["list", "--fields", name])
            .run()
            .fails(2)
            .stderr_has("completed, owner, Cost, other.error,")
            .stderr_has(hint);
    }
    // Without a file nobody knows.
    let list = "--db none.db list --fields owner";
    sandbox.jobctl(list).run().fails(66);
    for flag in ["update $A --clear owner", "list --limit 1 --sort=owner"] {
        sandbox
            .jobctl(flag)
            .run()
            .fails(2)
            .stderr_has("completed\n");
    }
}

#[test]
fn a_watch_tells_them() {
    let sandbox = jobs();
    for (fields, expected) in [
        ("", Some("someone")),
        ("--fields id,owner", Some("someone")),
        ("--fields id,status", None),
    ] {
        let watch = "list --watch -o jsonl --limit 1 --sort id";
        let run = sandbox.jobctl((watch, fields));
        let line = first_line(run);
        assert_eq!(line["other"]["owner"].as_str(), expected, "{fields:?}");
    }
    let line = first_line(sandbox.jobctl("show $A --watch -o jsonl"));
    assert_eq!(line["other"]["Cost"], 2.5);
}

/// What a run that does not end says first.
fn first_line(run: crate::support::Run) -> serde_json::Value {
    use std::io::{BufRead, BufReader};
    let mut child = run
        .command()
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let read = BufReader::new(child.stdout.take().unwrap()).read_line(&mut line);
    child.kill().unwrap();
    child.wait().unwrap();
    read.unwrap();
    serde_json::from_str(&line).unwrap()
}
