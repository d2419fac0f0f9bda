//! `backup`: what is in the file that it makes, its name, and what is said of it.

mod beside;
mod flag;
mod imports;
mod killed;
mod refused;
mod series;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::Value;
use sha2::{Digest as _, Sha256};

use crate::export::fill;
use crate::support::{A, B, Sandbox};

/// Every row of every table with its number, and the schema.
pub fn all(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name";
    let names = |connection: &Connection| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    };
    let mut all = Vec::new();
    let mut tables = names(&connection);
    tables.push("sqlite_schema".to_owned());
    for table in tables {
        let sql = format!("SELECT rowid, * FROM \"{table}\" ORDER BY rowid");
        let mut statement = connection.prepare(&sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let values = (0..columns).map(|column| row.get::<_, Value>(column));
            values.collect::<rusqlite::Result<Vec<_>>>()
        });
        all.extend(
            rows.unwrap()
                .map(|row| format!("{table} {:?}", row.unwrap())),
        );
    }
    all
}

/// A file of the service's with rows whose numbers have gaps, and with free pages.
pub fn used(mode: &str) -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox
        .connection()
        .query_row(&format!("PRAGMA journal_mode = {mode}"), [], |_| Ok(()))
        .unwrap();
    fill(&sandbox, 400, 2_000);
    sandbox.sql("DELETE FROM video_generation_jobs WHERE rowid % 3 = 0");
    sandbox
}

pub fn sum(path: &Path) -> String {
    let sum = Sha256::digest(fs::read(path).unwrap());
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files of the folder, sorted, but for `home`.
pub fn names(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(sandbox.path(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "home").collect();
    names.sort();
    names
}

#[test]
fn a_backup_has_every_row_of_every_table_under_its_number() {
    for mode in ["delete", "wal"] {
        let sandbox = used(mode);
        let before = all(&sandbox.db());
        // A connection keeps what is in the log from going to the file.
        let open = sandbox.connection();
        open.execute_batch("UPDATE series SET title = 'in the log'")
            .unwrap();
        assert_ne!(before, all(&sandbox.db()));
        let before = all(&sandbox.db());
        sandbox.jobctl("backup copy.db").run().ok().no_stdout();
        assert_eq!(all(&sandbox.path("copy.db")), before, "{mode}");
        drop(open);
        let check = Connection::open(sandbox.path("copy.db")).unwrap();
        let sound: String = check
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok");
    }
}

#[test]
fn it_says_what_it_made() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    sandbox.job(B, &[]);
    let run = sandbox.jobctl("backup copy.db -o json").run().ok();
    let path = sandbox.path("copy.db");
    let sum = sum(&path);
    let bytes = fs::metadata(&path).unwrap().len();
    assert_eq!(
        run.json(),
        serde_json::json!({"file": "copy.db", "bytes": bytes, "rows": 2, "sha256": sum, "checked": "full"})
    );
    let run = run.stderr_is(&format!(
        "backed up 2 jobs to copy.db (24.6 kB, checked, SHA-256 {sum})\n"
    ));
    assert!(run.stdout.ends_with("}\n"));
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let csv = sandbox
        .jobctl("backup other.db -o csv --check quick")
        .run()
        .ok();
    assert_eq!(
        csv.lines(),
        [
            "file,bytes,rows,sha256,checked",
            &format!("other.db,{bytes},2,{sum},quick")
        ]
    );
    sandbox
        .jobctl("backup third.db -q")
        .run()
        .ok()
        .no_stdout()
        .no_stderr();
    let none = sandbox
        .jobctl("backup fourth.db --check none -o jsonl")
        .run()
        .ok();
    assert_eq!(none.jsonl()[0]["checked"], serde_json::Value::Null);
}

#[test]
fn it_is_packed_as_its_name_says() {
    let sandbox = used("delete");
    let before = all(&sandbox.db());
    for name in ["copy.db.zst", "copy.db.gz", "COPY.GZ"] {
        let run = sandbox.jobctl(["backup", name, "-o", "json"]).run().ok();
        let path = sandbox.path(name);
        assert_eq!(run.json()["sha256"], sum(&path), "{run}");
        assert_eq!(run.json()["bytes"], fs::metadata(&path).unwrap().len());
        let file = fs::File::open(&path).unwrap();
        let mut bytes = Vec::new();
        if name.ends_with("zst") {
            zstd::Decoder::new(file).unwrap().read_to_end(&mut bytes)
        } else {
            flate2::read::GzDecoder::new(file).read_to_end(&mut bytes)
        }
        .unwrap();
        let unpacked = sandbox.write("unpacked.db", bytes);
        assert_eq!(all(&unpacked), before, "{name}");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert!(
        names(&sandbox, "")
            .iter()
            .all(|name| !name.ends_with(".new"))
    );
}

#[test]
fn a_database_that_may_only_be_read_can_be_backed_up() {
    let sandbox = used("wal");
    // Of an immutable file nothing is written beside it.
    let folder: PathBuf = sandbox.path("there");
    fs::create_dir(&folder).unwrap();
    sandbox.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    let before = all(&sandbox.db());
    sandbox.jobctl("backup there/copy.db").run().ok();
    assert_eq!(all(&folder.join("copy.db")), before);
}
