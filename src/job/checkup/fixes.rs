//! The fixes of rows: what is written in the place of what stands there. A fix changes how a time is spelled, or writes one that
//! the row already has; never a state, and never what somebody has written.

use super::check::Check;
use super::row::{Cell, Row};
use super::terms::CheckupTerms;
use super::times;
use crate::job::{Column, Status};
use crate::time::{is_likely, is_stored_form, parse_stored, stored};

/// The checks whose findings can be fixed, in the order in which that is done.
pub const FIXABLE: [Check; 5] = [
    Check::TimeSpelling,
    Check::MissingCompletedAt,
    Check::OwnTables,
    Check::MissingIndex,
    Check::Statistics,
];

/// The columns of a row that a check's fix writes, and what; nothing where there is nothing to fix, or no fix is safe.
pub fn fixes(check: Check, row: &Row<'_>, terms: &CheckupTerms) -> Vec<(Column, String)> {
    match check {
        Check::TimeSpelling => {
            let respelled = |column: &Column| {
                let text = row.get(*column).text()?;
                let at = parse_stored(std::str::from_utf8(text).ok()?)?;
                (!is_stored_form(text)).then(|| (*column, stored(at)))
            };
            times::COLUMNS.iter().filter_map(respelled).collect()
        }
        Check::MissingCompletedAt => {
            let ended = || {
                let status = std::str::from_utf8(row.get(Column::Status).text()?).ok()?;
                Status::parse(status).filter(|status| status.is_end())?;
                let updated = std::str::from_utf8(row.get(Column::UpdatedAt).text()?).ok()?;
                let updated = parse_stored(updated)?;
                let is_empty = row.get(Column::CompletedAt) == Cell::Null;
                (is_empty && is_likely(updated, Some(terms.now)))
                    .then(|| (Column::CompletedAt, stored(updated)))
            };
            ended().into_iter().collect()
        }
        _ => Vec::new(),
    }
}
