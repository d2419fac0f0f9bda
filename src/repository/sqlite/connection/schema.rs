//! The schema of the files that jobctl makes itself, as numbered steps counted in `user_version`. A step
//! that has shipped is never edited; the next number is added. Files of the service are left as they are.

use rusqlite::{Connection, Transaction, TransactionBehavior};

const STEPS: &[&str] = &[include_str!("0001_jobs.sql")];

/// Marks a file as made by jobctl ("jobc"), so that `user_version` of other files is never taken for ours.
const APPLICATION_ID: i64 = 0x6a6f_6263;

/// Settings that stand only in a file without any page yet.
pub(in crate::repository::sqlite) fn prepare_new(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)
}

pub(in crate::repository::sqlite) fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
}

/// Makes the table in a database without any, in one transaction; `user_version` counts the steps.
/// False when another process was faster.
pub(in crate::repository::sqlite) fn create(connection: &Connection) -> rusqlite::Result<bool> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    if table_exists(&transaction, crate::repository::sqlite::TABLE)? {
        return Ok(false);
    }
    for step in STEPS {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len() as i64)?;
    transaction.commit()?;
    Ok(true)
}

pub(in crate::repository::sqlite) fn table_exists(
    connection: &Connection,
    name: &str,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?")?
        .exists([name])
}

/// Whether the job table is there, asked of the schema without a statement: this is on the way of every command.
pub(in crate::repository::sqlite) fn has_jobs(connection: &Connection) -> rusqlite::Result<bool> {
    connection.table_exists(Some("main"), crate::repository::sqlite::TABLE)
}

/// Whether both tables that a job may point to are there.
pub(in crate::repository::sqlite) fn has_parents(
    connection: &Connection,
) -> rusqlite::Result<bool> {
    Ok(table_exists(connection, "series")? && table_exists(connection, "episodes")?)
}

pub(in crate::repository::sqlite) fn has_any_table(
    connection: &Connection,
) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' LIMIT 1")?
        .exists([])
}
