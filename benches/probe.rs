//! The parts of an import alone, timed inside the process: what `benches/migrate.py` sets whole runs of jobctl beside.
//!
//! ```text
//! cargo bench --bench probe -- insert DUMP OUT.db    ready rows into a new file, the plain way
//! cargo bench --bench probe -- decode DUMP           a JSON document in memory into serde_json's tree
//! ```
//!
//! Each prints {"rows", "seconds", "bytes"} on one line. All is held in memory: up to 5 bytes for one of the dump.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use jobctl::job::{Column, Job, Value};
use jobctl::legacy;
use jobctl::legacy::reader::{DumpReader, Item};
use jobctl::time::Zone;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

const USAGE: &str = "cargo bench --bench probe -- insert DUMP OUT.db | decode DUMP";
const SCHEMA: &str = include_str!("../src/repository/sqlite/connection/0001_jobs.sql");
const TABLE: &str = "video_generation_jobs";

fn main() -> Result<()> {
    // Cargo adds --bench to whatever it was told.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let said = match words[..] {
        ["insert", dump, out] => insert(dump, out)?.line(),
        ["decode", dump] => decode(dump)?.line(),
        // A plain `cargo bench` is no mistake.
        [] => USAGE.to_owned(),
        _ => bail!("usage: {USAGE}"),
    };
    Ok(writeln!(io::stdout(), "{said}")?)
}

struct Timed {
    rows: usize,
    took: Duration,
    bytes: u64,
}

impl Timed {
    fn line(&self) -> String {
        let seconds = self.took.as_secs_f64();
        serde_json::json!({"rows": self.rows, "seconds": seconds, "bytes": self.bytes}).to_string()
    }
}

/// One prepared statement and one transaction, with all indexes in place, pages of 4 KiB, a rollback journal, and
/// SQLite's own `synchronous` and cache. Timed from BEGIN until COMMIT is done.
fn insert(dump: &str, out: &str) -> Result<Timed> {
    ensure!(!fs::exists(out)?, "{out} is there already");
    let jobs = ready_rows(dump)?;
    let connection = Connection::open(out)?;
    // The parent tables are not there, and with foreign keys no row would be taken.
    connection.execute_batch(
        "PRAGMA page_size = 4096; PRAGMA journal_mode = DELETE; PRAGMA foreign_keys = OFF;",
    )?;
    connection.execute_batch(SCHEMA)?;
    let names: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
    let sql = format!(
        "INSERT INTO {TABLE} ({}) VALUES ({})",
        names.join(", "),
        vec!["?"; names.len()].join(", ")
    );
    let mut statement = connection.prepare(&sql)?;
    let began = Instant::now();
    let transaction = connection.unchecked_transaction()?;
    for job in &jobs {
        statement.execute(params_from_iter(job.values().iter().map(Bound)))?;
    }
    transaction.commit()?;
    let took = began.elapsed();
    Ok(Timed {
        rows: jobs.len(),
        took,
        bytes: fs::metadata(out)?.len(),
    })
}

fn ready_rows(dump: &str) -> Result<Vec<Job>> {
    let mut reader = DumpReader::new(File::open(dump).with_context(|| dump.to_owned())?);
    let mut jobs = Vec::new();
    while let Some(item) = reader.next()? {
        match item {
            Item::Record(raw) => match legacy::convert(raw.bytes, raw.key, &Zone::UTC) {
                Ok(record) => jobs.push(record.job),
                Err(reject) => bail!("{dump}, line {}: {}", raw.line, reject.reason),
            },
            Item::Bad { raw, reason } => bail!("{dump}, line {}: {reason}", raw.line),
            Item::Broken { line, reason, .. } => bail!("{dump}, line {line}: {reason}"),
        }
    }
    Ok(jobs)
}

/// Binds a value with the storage class that it has.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(i) => ValueRef::Integer(*i),
            Value::Real(r) => ValueRef::Real(*r),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::BrokenText(bytes) => ValueRef::Text(bytes),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Timed with neither the reading of the file nor the drop of the tree.
fn decode(dump: &str) -> Result<Timed> {
    let bytes = fs::read(dump).with_context(|| dump.to_owned())?;
    let began = Instant::now();
    let tree: serde_json::Value = serde_json::from_slice(&bytes)?;
    let took = began.elapsed();
    let rows = tree.as_object().context("not one JSON object")?.len();
    // The process ends here; to drop the tree would take as long again.
    std::mem::forget(tree);
    Ok(Timed {
        rows,
        took,
        bytes: bytes.len() as u64,
    })
}
