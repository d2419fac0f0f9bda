//! The episode and the series that a job names again when a change is taken back: they may be gone meanwhile.

use super::piece::{Change, EPISODE, ID, Op, SERIES};
use crate::job::{Column, Job};

/// A job with its id and these alone. One that named nothing that was there before either is left out.
pub(in crate::repository) fn named_again(change: &Change) -> Job {
    let mut named = Job::default();
    if change.op == Op::Insert {
        return named;
    }
    named.set(Column::Id, change.before[ID].clone());
    for (column, bit) in [(Column::EpisodeId, EPISODE), (Column::SeriesId, SERIES)] {
        let index = column as usize;
        let is_written = change.op == Op::Delete || change.wrote.iter().any(|(at, _)| *at == index);
        if is_written
            && change.dangling & bit == 0
            && let Some(value) = change.before.get(index)
        {
            named.set(column, value.clone());
        }
    }
    named
}

/// The reason for which a change cannot be taken back where this one of them is gone.
pub(in crate::repository) fn is_gone(named: &Job, column: Column) -> String {
    let what = column.flag();
    format!("its {what} {} is gone", named.get(column).display())
}
