//! The taking out of personal text: what stands in its place, in a row as in the pieces that keep it.

use std::collections::HashSet;

use super::piece::Piece;
use crate::job::columns::Content;
use crate::job::{Column, JobId, Value};

/// What stands in the place of a text, so that statistics still count it.
const NEUTRAL: &str = "(redacted)";

/// The value in the place of another.
pub(in crate::repository) fn neutral(column: Column, value: &Value) -> Option<Value> {
    let neutral = match column.content() {
        Content::Json => "{}",
        _ => NEUTRAL,
    };
    (!value.is_null() && value.as_str() != Some(neutral)).then(|| Value::from(neutral))
}

/// Takes the texts of these jobs out of a piece. Gives the jobs of which something was taken out.
pub(in crate::repository) fn redact_piece(
    piece: &mut Piece,
    wanted: &HashSet<JobId>,
    columns: &[Column],
) -> Vec<JobId> {
    let mut jobs = Vec::new();
    for change in &mut piece.changes {
        let id = JobId::from_value(change.id());
        let after = JobId::from_value(change.id_after());
        if !wanted.contains(&id) && !wanted.contains(&after) {
            continue;
        }
        let mut touched = false;
        for column in columns {
            let index = *column as usize;
            let before = change.before.get_mut(index).into_iter();
            let wrote = change.wrote.iter_mut().filter(|(at, _)| *at == index);
            for value in before.chain(wrote.map(|(_, value)| value)) {
                if let Some(neutral) = neutral(*column, value) {
                    *value = neutral;
                    touched = true;
                }
            }
        }
        if touched {
            jobs.push(id);
        }
    }
    jobs
}
