//! A change of a job as it is told: its columns before and after.

use std::sync::Arc;

use super::piece::{Change, Op, Piece};
use crate::error::{Failure, Kind};
use crate::job::{JobId, Value};
use crate::repository::{ChangeKind, ColumnChange, Error, JobChange, Run, RunId};

/// `created` is the row after an insert, of which the piece has no more than the hash, where it is known.
pub(in crate::repository) fn told(
    run: &Run,
    piece: &Piece,
    change: &Change,
    created: Option<&[Value]>,
) -> JobChange {
    let name = |index: usize| Arc::clone(&piece.columns[index]);
    let said = |(_, value): &(usize, &Value)| !value.is_null();
    let (done, columns) = match change.op {
        Op::Insert => (
            ChangeKind::Created,
            created
                .unwrap_or_default()
                .iter()
                .enumerate()
                .filter(said)
                .map(|(index, value)| ColumnChange {
                    name: name(index),
                    before: None,
                    after: Some(value.clone()),
                })
                .collect(),
        ),
        Op::Update => (
            ChangeKind::Updated,
            change
                .wrote
                .iter()
                .map(|(index, value)| ColumnChange {
                    name: name(*index),
                    before: Some(change.before[*index].clone()),
                    after: Some(value.clone()),
                })
                .collect(),
        ),
        Op::Delete => (
            ChangeKind::Deleted,
            change
                .before
                .iter()
                .enumerate()
                .filter(said)
                .map(|(index, value)| ColumnChange {
                    name: name(index),
                    before: Some(value.clone()),
                    after: None,
                })
                .collect(),
        ),
    };
    JobChange {
        run: run.id,
        at: run.at,
        command: run.command.clone(),
        job: JobId::from_value(change.id()),
        done,
        columns,
    }
}

/// The error for a piece that cannot be read.
pub(in crate::repository) fn unreadable(run: RunId) -> Error {
    let message = format!("what {run} kept cannot be read");
    let hint = "it was written by a newer jobctl, or is damaged; jobctl doctor";
    Error::Own(Failure::new(Kind::Failed, message).hint(hint))
}
