//! The tables of the history: runs, and the pieces of their changes. They stand in the database whose jobs were changed, refer to no
//! other table, and may be dropped at any time.

use rusqlite::{Connection, params};

use crate::job::Value;
use crate::repository::change_log::buffer::ChangeCounts;
use crate::repository::change_log::numbers::pieces_of;
use crate::repository::sqlite::reading::values::Bound;
use crate::repository::{RunArchive, RunTerms};
use crate::time::{self, Instant};

pub(in crate::repository::sqlite) const RUNS: &str = "jobctl_run";
pub(in crate::repository::sqlite) const CHANGES: &str = "jobctl_change";

/// A piece has the number of its run and its own in it, so that the pieces of a run lie together without an index. `job`
/// is the id where all changes of the piece are of one job; else `keys` tells which it may hold.
const MAKE: &str = "CREATE TABLE jobctl_run (
    id INTEGER PRIMARY KEY, at TEXT, user TEXT, host TEXT, version TEXT, command TEXT, argv TEXT,
    created INTEGER, updated INTEGER, deleted INTEGER, kept INTEGER, why_not TEXT,
    undoes INTEGER, undone_by INTEGER, archive TEXT, archive_start INTEGER, archive_bytes INTEGER, archive_sha256 TEXT,
    indexes TEXT);
CREATE TABLE jobctl_change (id INTEGER PRIMARY KEY, job, count INTEGER, keys BLOB, data BLOB);";

/// The index has the filters together, where the table has few on a page.
pub(in crate::repository::sqlite) const INDEX: &str = "jobctl_change_job";
pub(in crate::repository::sqlite) const MAKE_INDEX: &str =
    "CREATE INDEX main.jobctl_change_job ON jobctl_change (job, id, keys)";

/// Whether the tables are there, asked of the schema without a statement.
pub(in crate::repository::sqlite) fn are_there(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(connection.table_exists(Some("main"), RUNS)?
        && connection.table_exists(Some("main"), CHANGES)?)
}

/// Whether runs have this column, asked in the same way.
pub(super) fn has_column(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.column_exists(Some("main"), RUNS, name)
}

/// Makes them in the transaction that is open, both or neither.
pub(in crate::repository::sqlite) fn make(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("SAVEPOINT jobctl_history")?;
    let made = connection
        .execute_batch(MAKE)
        .and_then(|()| connection.execute_batch(MAKE_INDEX));
    if made.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK TO jobctl_history")?;
    }
    if !connection.is_autocommit() {
        connection.execute_batch("RELEASE jobctl_history")?;
    }
    made
}

/// Writes a new run and gives its number, which is larger than any before: the newest run is never removed.
pub(in crate::repository::sqlite) fn insert_run(
    connection: &Connection,
    terms: &RunTerms,
    undoes: Option<i64>,
    counts: ChangeCounts,
    kept: i64,
    why_not: Option<&str>,
) -> rusqlite::Result<i64> {
    const SQL: &str = "INSERT INTO main.jobctl_run
        (at, user, host, version, command, argv, created, updated, deleted, kept, why_not, undoes)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(SQL)?.execute(params![
        time::stored(terms.at),
        terms.user,
        terms.host,
        terms.version,
        terms.command,
        terms.argv,
        counts.created,
        counts.updated,
        counts.deleted,
        kept,
        why_not,
        undoes
    ])?;
    Ok(connection.last_insert_rowid())
}

pub(in crate::repository::sqlite) fn update_run(
    connection: &Connection,
    run: i64,
    counts: ChangeCounts,
    kept: i64,
    why_not: Option<&str>,
) -> rusqlite::Result<()> {
    const SQL: &str = "UPDATE main.jobctl_run SET created = ?, updated = ?, deleted = ?, kept = ?, why_not = ? WHERE id = ?";
    connection.prepare_cached(SQL)?.execute(params![
        counts.created,
        counts.updated,
        counts.deleted,
        kept,
        why_not,
        run
    ])?;
    Ok(())
}

/// Writes which indexes a run has made (`+name`) and dropped (`-name`).
pub(in crate::repository::sqlite) fn set_indexes(
    connection: &Connection,
    run: i64,
    indexes: &str,
) -> rusqlite::Result<()> {
    const SQL: &str = "UPDATE main.jobctl_run SET indexes = ? WHERE id = ?";
    connection
        .prepare_cached(SQL)?
        .execute(params![indexes, run])?;
    Ok(())
}

/// The indexes that a run has made and dropped, as `set_indexes` wrote them.
pub(in crate::repository::sqlite) fn indexes_of(
    connection: &Connection,
    run: i64,
) -> rusqlite::Result<String> {
    const SQL: &str = "SELECT coalesce(indexes, '') FROM main.jobctl_run WHERE id = ?";
    if !has_column(connection, "indexes")? {
        return Ok(String::new());
    }
    connection.query_row(SQL, [run], |row| row.get(0))
}

/// Takes a run back that was written in this transaction, with what there is of its pieces.
pub(in crate::repository::sqlite) fn remove_run(
    connection: &Connection,
    run: i64,
) -> rusqlite::Result<()> {
    let pieces = pieces_of(run);
    connection.execute(
        "DELETE FROM main.jobctl_change WHERE id >= ? AND id < ?",
        [pieces.start, pieces.end],
    )?;
    connection.execute("DELETE FROM main.jobctl_run WHERE id = ?", [run])?;
    Ok(())
}

pub(in crate::repository::sqlite) fn insert_piece(
    connection: &Connection,
    number: i64,
    job: &Value,
    count: usize,
    keys: Option<Vec<u8>>,
    data: &[u8],
) -> rusqlite::Result<()> {
    const SQL: &str =
        "INSERT INTO main.jobctl_change (id, job, count, keys, data) VALUES (?, ?, ?, ?, ?)";
    connection.prepare_cached(SQL)?.execute(params![
        number,
        Bound(job),
        count as i64,
        keys,
        data
    ])?;
    Ok(())
}

/// Removes pieces of a run that cannot be undone, at most about this many bytes. Gives whether there were any.
pub(in crate::repository::sqlite) fn drop_pieces(
    connection: &Connection,
    run: i64,
    most: i64,
) -> rusqlite::Result<bool> {
    const SQL: &str = "SELECT id, length(data) FROM main.jobctl_change WHERE id >= ? AND id < ?";
    let pieces = pieces_of(run);
    let mut statement = connection.prepare_cached(SQL)?;
    let mut rows = statement.query([pieces.start, pieces.end])?;
    let (mut last, mut bytes) = (None, 0);
    while bytes < most
        && let Some(row) = rows.next()?
    {
        last = Some(row.get::<_, i64>(0)?);
        bytes += row.get::<_, i64>(1)?;
    }
    drop(rows);
    if let Some(last) = last {
        connection
            .prepare_cached("DELETE FROM main.jobctl_change WHERE id >= ? AND id <= ?")?
            .execute([pieces.start, last])?;
    }
    Ok(last.is_some())
}

/// Removes the oldest runs that are from before this time, a few of them, but never the newest run. Gives their number.
pub(in crate::repository::sqlite) fn remove_old(
    connection: &Connection,
    before: Instant,
    most_runs: usize,
    most_bytes: i64,
) -> rusqlite::Result<u64> {
    const SQL: &str = "SELECT id, at, kept FROM main.jobctl_run
        WHERE id < (SELECT max(id) FROM main.jobctl_run) ORDER BY id LIMIT ?";
    let before = time::stored(before);
    let mut statement = connection.prepare_cached(SQL)?;
    let mut rows = statement.query([most_runs as i64])?;
    let (mut old, mut bytes) = (Vec::new(), 0);
    while bytes < most_bytes
        && let Some(row) = rows.next()?
    {
        let at: Option<String> = row.get(1)?;
        if at.is_some_and(|at| at >= before) {
            break;
        }
        old.push(row.get::<_, i64>(0)?);
        bytes += row.get::<_, Option<i64>>(2)?.unwrap_or(0);
    }
    drop(rows);
    for run in &old {
        remove_run(connection, *run)?;
    }
    Ok(old.len() as u64)
}

/// Says which other run a run took back.
pub(in crate::repository::sqlite) fn mark_undoes(
    connection: &Connection,
    run: i64,
    undoes: i64,
) -> rusqlite::Result<()> {
    const SQL: &str = "UPDATE main.jobctl_run SET undoes = ? WHERE id = ?";
    connection
        .prepare_cached(SQL)?
        .execute(params![undoes, run])?;
    Ok(())
}

/// Names the archive that has the jobs of a run.
pub(in crate::repository::sqlite) fn name_archive(
    connection: &Connection,
    run: i64,
    archive: &RunArchive,
) -> rusqlite::Result<()> {
    const SQL: &str = "UPDATE main.jobctl_run SET archive = ?, archive_start = ?, archive_bytes = ?, archive_sha256 = ?
        WHERE id = ?";
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    connection.prepare_cached(SQL)?.execute(params![
        archive.path,
        number(archive.start),
        number(archive.bytes),
        archive.sha256,
        run
    ])?;
    Ok(())
}

/// Says by which run another was taken back, or that it stands again.
pub(in crate::repository::sqlite) fn mark_undone(
    connection: &Connection,
    run: i64,
    by: Option<i64>,
) -> rusqlite::Result<()> {
    const SQL: &str = "UPDATE main.jobctl_run SET undone_by = ? WHERE id = ?";
    connection.prepare_cached(SQL)?.execute(params![by, run])?;
    Ok(())
}
