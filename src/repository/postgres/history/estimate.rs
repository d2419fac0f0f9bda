//! The size that rows would take in the history, from a sample of them: said before jobs go, when undo could not bring them
//! back.

use std::sync::Arc;

use super::rows::stored_rows;
use crate::job::JobId;
use crate::repository::Result;
use crate::repository::change_log::buffer::Buffer;
use crate::repository::postgres::connection::database::Postgres;

/// The most rows of a sample.
const SAMPLE: usize = 64;

/// The bytes that these jobs would take, on the safe side.
pub(super) fn packed_size(postgres: &Postgres, ids: &[JobId]) -> Result<u64> {
    let mut buffer = Buffer::of(Arc::clone(&postgres.table.others));
    let step = ids.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<JobId> = ids.iter().step_by(step).cloned().collect();
    let found = stored_rows(postgres, "reading jobs", &sample, false)?;
    let mut rows = 0;
    for row in sample.iter().filter_map(|id| found.get(id)) {
        // A few large ones are sample enough.
        if buffer.is_full() {
            break;
        }
        buffer.deleted(0, 0, &|index| row.values[index].stored());
        rows += 1;
    }
    let packed = buffer.pack().ok().flatten().map_or(0, |it| it.len());
    // Rows of one kind pack better by the thousand than by the dozen, and a sample may have met the small ones.
    Ok(packed as u64 * ids.len() as u64 / rows.max(1))
}
