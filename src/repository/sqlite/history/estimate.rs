//! The size that rows would take in the history, from a sample of them: said before jobs go, when undo could not bring them
//! back.

use std::sync::Arc;

use super::rows::stored_row;
use crate::job::{Column, JobId};
use crate::repository::Result;
use crate::repository::change_log::buffer::Buffer;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::reading::other_columns;

/// The most rows of a sample.
const SAMPLE: usize = 64;

/// The bytes that these jobs would take, on the safe side.
pub(in crate::repository::sqlite) fn packed_size(sqlite: &Sqlite, ids: &[JobId]) -> Result<u64> {
    let others = other_columns::names(sqlite)?;
    let known = Column::ALL.iter().map(|column| Arc::from(column.name()));
    let columns: Vec<Arc<str>> = known.chain(others.iter().cloned()).collect();
    let mut buffer = Buffer::of(others);
    let step = ids.len().div_ceil(SAMPLE).max(1);
    let mut rows = 0;
    for id in ids.iter().step_by(step) {
        // A few large ones are sample enough.
        if buffer.is_full() {
            break;
        }
        if let Some(row) = stored_row(sqlite, &columns, &id.to_value(), 0)? {
            buffer.deleted(row.rowid, 0, &|index| row.values[index].stored());
            rows += 1;
        }
    }
    let packed = buffer
        .pack()
        .ok()
        .flatten()
        .map_or(0, |packed| packed.len());
    // Rows of one kind pack better by the thousand than by the dozen, and a sample may have met the small ones.
    Ok(packed as u64 * ids.len() as u64 / rows.max(1))
}
