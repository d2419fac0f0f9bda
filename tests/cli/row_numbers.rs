//! A column that has the name by which SQLite gives the number of a row: it is a column like any other, and no row is read or
//! removed by it.

use crate::support::{A, B, Sandbox};

const NAMES: [&str; 3] = ["rowid", "_ROWID_", "Oid"];

/// Three jobs of which two ended long ago; what the columns say would mean other rows, or all.
fn numbered(columns: &[&str], kind: &str, value: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::report();
    let third = format!("{}3", &A[..A.len() - 1]);
    for (id, status) in [
        (&third[..], "processing"),
        (A, "completed"),
        (B, "completed"),
    ] {
        sandbox.job(
            id,
            &[
                ("status", &status),
                ("created_at", &"2025-01-01 00:00:00.000000"),
                ("completed_at", &"2025-01-01 00:00:00.000000"),
            ],
        );
    }
    // SQLite does not add such a column, and makes a table with it.
    let columns_sql: String = columns
        .iter()
        .map(|name| format!("{name} {kind}, "))
        .collect();
    let sql = sandbox.ask("SELECT sql FROM sqlite_schema WHERE name = 'video_generation_jobs'");
    let wider = sql.replacen("video_generation_jobs", "wider", 1).replacen(
        "FOREIGN KEY",
        &format!("{columns_sql}FOREIGN KEY"),
        1,
    );
    let names = crate::support::COLUMNS.join(", ");
    sandbox.sql(&format!(
        "{wider}; INSERT INTO wider ({names}) SELECT {names} FROM video_generation_jobs;
         DROP TABLE video_generation_jobs; ALTER TABLE wider RENAME TO video_generation_jobs"
    ));
    for name in columns {
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET {name} = {value}"
        ));
    }
    (sandbox, third)
}

fn rows(sandbox: &Sandbox) -> String {
    sandbox.ask("SELECT group_concat(quote(id) || quote(rowid) || quote(oid) || quote(_rowid_), ';') FROM (SELECT * FROM video_generation_jobs ORDER BY id)")
}

#[test]
fn a_column_of_that_name_moves_no_row() {
    for columns in [&NAMES[..1], &NAMES[1..2], &NAMES[2..], &NAMES[..2]] {
        for (kind, value) in [
            ("INTEGER", "1"),
            ("INTEGER", "4 - instr('pcc', substr(status, 1, 1))"),
            ("TEXT", "'owner'"),
            ("INTEGER", "NULL"),
        ] {
            let (sandbox, third) = numbered(columns, kind, value);
            let hidden = |sandbox: &Sandbox| {
                sandbox.ask(&format!("SELECT group_concat(quote(id) || quote({}), ';') FROM (SELECT * FROM video_generation_jobs ORDER BY id)", columns[0]))
            };
            let before = hidden(&sandbox);
            let list = sandbox.jobctl("list --all -o ids").run().ok();
            assert_eq!(list.lines().len(), 3, "{columns:?} {kind} {value}");
            let export = sandbox.jobctl("export").run().ok();
            assert_eq!(export.lines().len(), 3, "{columns:?} {kind} {value}");
            let some = sandbox.jobctl("export --status completed").run();
            assert_eq!(some.ok().lines().len(), 2, "{columns:?} {kind} {value}");
            let args = "cleanup --older-than 30d --archive old.jsonl --yes";
            sandbox.jobctl(args).run().ok();
            assert_eq!(sandbox.ids(), [third], "{columns:?} {kind} {value}");
            sandbox.jobctl("migrate old.jsonl").run().ok();
            assert_eq!(hidden(&sandbox), before, "{columns:?} {kind} {value}");
        }
    }
}

#[test]
fn where_every_name_is_taken_nothing_is_touched() {
    let (sandbox, _) = numbered(&NAMES, "INTEGER", "1");
    let before = rows(&sandbox);
    for args in [
        "list",
        "cleanup --older-than 30d --yes",
        "delete --status completed --yes",
    ] {
        sandbox
            .jobctl(args)
            .run()
            .fails(66)
            .stderr_has("has columns named rowid, _rowid_ and oid");
    }
    assert_eq!(rows(&sandbox), before);
}
