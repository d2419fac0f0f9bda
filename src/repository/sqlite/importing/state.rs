//! The state of an import between two batches.

use std::time::Instant;

use super::known::KnownIds;
use super::late_index::LateIndex;
use super::upsert::OwnRows;
use crate::job::Job;
use crate::repository::sqlite::history::noting::Affinities;
use crate::repository::sqlite::writing::transactions::Transactions;
use crate::repository::{Error, OnConflict, Result};

/// The state of an import.
pub(in crate::repository::sqlite) struct ImportState {
    pub(in crate::repository::sqlite) on_conflict: OnConflict,
    /// True when one transaction is open from the beginning to the end.
    pub(in crate::repository::sqlite) whole: bool,
    /// The index of ids, while it waits for the rows of a new file.
    pub(in crate::repository::sqlite) late_index: Option<LateIndex>,
    /// The transactions, when they are several.
    pub(in crate::repository::sqlite) transactions: Transactions,
    /// Whether anything was written in the open transaction.
    pub(in crate::repository::sqlite) written: bool,
    /// The time of the last write.
    pub(in crate::repository::sqlite) wrote: Option<Instant>,
    pub(in crate::repository::sqlite) known: KnownIds,
    /// True when the table has rules of its own, which would be asked before it finds that a row is there.
    pub(in crate::repository::sqlite) careful: bool,
    pub(in crate::repository::sqlite) own: OwnRows,
    /// How the table stores values.
    pub(in crate::repository::sqlite) affinities: Affinities,
    /// True when one of them may take a whole transaction back.
    pub(in crate::repository::sqlite) takes_back: bool,
}

pub(in crate::repository::sqlite) const STARTING: &str = "starting to import";

/// SQLite's cache while rows and the index of ids are written together and nobody else writes, in KiB (negative, as the
/// pragma takes it). Ids come in no order, so each batch goes all over their index, which for a million jobs has 60 MB: the
/// more of it is here, the less is read and written again.
pub(in crate::repository::sqlite) const LOAD_CACHE: i64 = -24 * 1024;

/// The error where a rule took back an import that is all or nothing.
pub(super) fn took_back(write: Option<(usize, String)>, jobs: &[Job]) -> Result<()> {
    match write {
        None => Ok(()),
        Some((index, why)) => Err(Error::TookBack {
            job: jobs[index].id(),
            why,
        }),
    }
}
