//! The state of a sweep between two pages.

use super::transactions::Transactions;
use crate::job::ColumnSet;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::{Found, Outcome, Removed};

/// The state of a sweep.
pub(in crate::repository::sqlite) struct SweepState {
    pub(in crate::repository::sqlite) columns: ColumnSet,
    pub(in crate::repository::sqlite) judged: ColumnSet,
    pub(in crate::repository::sqlite) transactions: Transactions,
    /// The number of the last row that was read, and of the last that was there at the beginning.
    pub(in crate::repository::sqlite) last: i64,
    pub(in crate::repository::sqlite) end: i64,
    pub(in crate::repository::sqlite) wide: bool,
    /// The jobs removed in the open transaction.
    pub(in crate::repository::sqlite) pending: Vec<Removed>,
    /// The outcome that was not told yet.
    pub(in crate::repository::sqlite) told: Outcome,
    /// True when the table has rules about removal.
    pub(in crate::repository::sqlite) careful: bool,
}

pub(in crate::repository::sqlite) const REMOVING: &str = "removing jobs";

/// A number that changes whenever another connection has written.
pub(in crate::repository::sqlite) fn data_version(sqlite: &Sqlite) -> rusqlite::Result<i64> {
    let read = |row: &rusqlite::Row| row.get(0);
    sqlite
        .connection
        .pragma_query_value(None, "data_version", read)
}

pub(in crate::repository::sqlite) fn removed(found: &Found) -> Removed {
    Removed {
        id: found.job().id(),
        status: found.job().status(),
    }
}
