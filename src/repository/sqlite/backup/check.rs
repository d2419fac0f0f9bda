//! The check of a copy that nobody else has seen yet.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::copy::tables;
use crate::error::{Failure, Kind};
use crate::repository::sqlite::connection::connect::{Driver, connect, uri};
use crate::repository::sqlite::connection::deadline::was_stopped;
use crate::repository::sqlite::connection::errors::{self, io_error};
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::{BackupCheck, Contents, Error, Patience, Result};
use crate::system::new_file::NewFile;
use crate::text::visible::{grouped, one_line};

const CHECKING: &str = "checking the copy";

/// SQLite's cache for a check, in KiB (negative, as the pragma takes it). Each row is looked up in each index, whose pages the
/// system's own cache has: a larger one makes nothing faster.
const CACHE: i64 = -2 * 1024;

/// Instructions of SQLite's machine between two questions whether to go on.
const INSTRUCTIONS: i32 = 10_000;

pub(super) fn check(
    copy: &NewFile,
    check: BackupCheck,
    contents: &Contents,
    patience: &Patience,
) -> Result<u64> {
    let explain = |error| errors::translate(error, CHECKING, copy.target(), patience);
    let absolute = std::fs::canonicalize(copy.path());
    let absolute = absolute.map_err(|error| io_error(copy.target(), &error))?;
    let mut connection = open_unchanged(&absolute).map_err(explain)?;
    watch(&mut connection, patience).map_err(explain)?;
    let faults = faults(&connection, check).map_err(|error| {
        if was_stopped(&error) {
            let message = "interrupted; no backup was made";
            Error::Own(Failure::new(Kind::Interrupted, message).hint("run it again"))
        } else {
            explain(error)
        }
    })?;
    if !faults.is_empty() {
        return Err(Error::Own(damaged(&faults)));
    }
    let there = tables(&connection).map_err(explain)?;
    if check != BackupCheck::None
        && let Some(before) = &contents.tables
        && let Some(fault) = difference(before, &there)
    {
        return Err(Error::Own(damaged(&[fault])));
    }
    let jobs = there
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(TABLE));
    Ok(jobs.map_or(0, |(_, rows)| *rows))
}

/// A connection to a file that nobody changes; nothing is made beside it.
pub(super) fn open_unchanged(absolute: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let path = uri(absolute, "immutable=1");
    connect(Path::new(&path), flags, Driver::Own)
}

/// Stops what the connection does when the run is to end.
pub(super) fn watch(connection: &mut Connection, patience: &Patience) -> rusqlite::Result<()> {
    let patience = patience.clone();
    connection.pragma_update(None, "cache_size", CACHE)?;
    connection.progress_handler(INSTRUCTIONS, Some(move || patience.has_ended()))
}

/// The first of what SQLite finds wrong; nothing is best.
pub(super) fn faults(connection: &Connection, check: BackupCheck) -> rusqlite::Result<Vec<String>> {
    let sql = match check {
        BackupCheck::Full => "PRAGMA integrity_check(3)",
        BackupCheck::Quick => "PRAGMA quick_check(3)",
        BackupCheck::None => return Ok(Vec::new()),
    };
    let mut statement = connection.prepare(sql)?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut faults: Vec<String> = lines.collect::<rusqlite::Result<_>>()?;
    faults.retain(|line| line != "ok");
    Ok(faults)
}

fn difference(before: &[(String, u64)], there: &[(String, u64)]) -> Option<String> {
    let (name, rows) = before.iter().find(|table| !there.contains(table))?;
    let copied = there.iter().find(|(other, _)| other == name);
    let copied = copied.map_or(0, |(_, rows)| *rows);
    Some(format!(
        "{} of {} rows of the table {name}",
        grouped(copied),
        grouped(*rows)
    ))
}

fn damaged(faults: &[String]) -> Failure {
    let message = format!(
        "the copy is not sound, so that no backup was made: {}",
        one_line(&faults.join("; "))
    );
    let hint = "the database itself may be damaged: restore an earlier backup, or take a copy as it is with --check none";
    Failure::new(Kind::Failed, message).hint(hint)
}
