//! A transaction that only reads: readers keep writers from committing, so it is short.

use rusqlite::{Transaction, TransactionBehavior};

use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;

/// Begins a transaction for many small reads, each of which would otherwise ask for a lock and look whether the
/// file has changed; None within a transaction. It must end soon: readers keep writers from committing.
pub(in crate::repository::sqlite) fn begin_reading(
    sqlite: &Sqlite,
) -> Result<Option<Transaction<'_>>> {
    if !sqlite.connection.is_autocommit() {
        return Ok(None);
    }
    Transaction::new_unchecked(&sqlite.connection, TransactionBehavior::Deferred)
        .map(Some)
        .map_err(sqlite.explain("starting to read"))
}

/// The same where all that may stand in the way of the reads is to be known now: of what they do nothing is done twice.
pub(in crate::repository::sqlite) fn begin_at_once(
    sqlite: &Sqlite,
) -> Result<Option<Transaction<'_>>> {
    let transaction = begin_reading(sqlite)?;
    let statement = sqlite.connection.prepare_cached("PRAGMA schema_version");
    statement
        .and_then(|mut statement| statement.query_row([], |_| Ok(())))
        .map_err(sqlite.explain("starting to read"))?;
    Ok(transaction)
}

/// Ends it.
pub(in crate::repository::sqlite) fn end_reading(
    sqlite: &Sqlite,
    transaction: Option<Transaction>,
) -> Result<()> {
    transaction
        .map_or(Ok(()), Transaction::commit)
        .map_err(sqlite.explain("reading jobs"))
}
