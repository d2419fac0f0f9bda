//! The checks of ids.

use super::check::Check;
use super::finding::{Finding, Occurrences, Severity};
use super::row::{Cell, Row};
use super::terms::Wanted;
use crate::job::Column;

pub(super) struct IdChecks {
    wanted: Wanted,
    null: Occurrences,
    odd: Occurrences,
}

impl IdChecks {
    pub(super) fn new(wanted: Wanted) -> IdChecks {
        IdChecks {
            wanted,
            null: Occurrences::default(),
            odd: Occurrences::default(),
        }
    }

    pub(super) fn judge(&mut self, row: &Row<'_>) {
        let tally = match row.get(Column::Id) {
            Cell::Text(text) if is_uuid(text) => return,
            Cell::Null if self.wanted.has(Check::NullId) => &mut self.null,
            Cell::Null => return,
            _ if self.wanted.has(Check::OddId) => &mut self.odd,
            _ => return,
        };
        tally.add(|| row.id().into_owned());
    }

    pub(super) fn append(&mut self, later: IdChecks) {
        self.null.append(later.null);
        self.odd.append(later.odd);
    }

    pub(super) fn findings(self) -> Vec<Option<Finding>> {
        vec![
            self.null.finding(
                Check::NullId,
                Severity::Error,
                "A job without an id. Nobody can ask for it, change it or delete it, and the service fails when it comes to one in a list. \
                 Another program has put it there.",
                "jobctl export keeps a copy of it; then take the row out with the program that made it",
            ),
            self.odd.finding(
                Check::OddId,
                Severity::Info,
                "The id is none that the service makes (a UUID): another program made the job. jobctl works with it all the same.",
                "nothing to do if you know that program",
            ),
        ]
    }
}

/// Whether a text is a UUID with its hyphens, in capitals or not.
fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
