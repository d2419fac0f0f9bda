//! The journal mode of a file, in a transaction that has read: no other mode than that of a file is set behind a lock that keeps
//! others from changing it.

use rusqlite::Connection;

/// Lets the journal lie between transactions; false for a file with a log, which keeps it. A commit is then a sync of the
/// journal's beginning, which stays whatever becomes of names; and making one, and its name safe on disk, takes longer than
/// what a short transaction writes. Nothing of this is kept in the file.
pub(super) fn keep(connection: &Connection) -> rusqlite::Result<bool> {
    set(connection, "PERSIST")
}

/// Removes the journal, and does not let the next one lie.
pub(super) fn remove(connection: &Connection) -> rusqlite::Result<bool> {
    set(connection, "DELETE")
}

fn set(connection: &Connection, mode: &str) -> rusqlite::Result<bool> {
    let has_log = is_wal(connection)?;
    if !has_log {
        let sql = format!("PRAGMA journal_mode = {mode}");
        connection.prepare(&sql)?.query_row([], |_| Ok(()))?;
    }
    Ok(!has_log)
}

/// Whether the file has a log.
pub(super) fn is_wal(connection: &Connection) -> rusqlite::Result<bool> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    Ok(mode.eq_ignore_ascii_case("wal"))
}
