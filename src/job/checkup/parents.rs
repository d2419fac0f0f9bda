//! The check of episodes and series, which the backend has looked up with the row.

use super::check::Check;
use super::finding::{Finding, Occurrences, Severity};
use super::row::Row;

#[derive(Default)]
pub(super) struct Parents {
    dangling: Occurrences,
}

impl Parents {
    pub(super) fn judge(&mut self, row: &Row<'_>) {
        if let Some(column) = row.orphan.into_iter().flatten().next() {
            self.dangling.add_job(row, column);
        }
    }

    pub(super) fn append(&mut self, later: Parents) {
        self.dangling.append(later.dangling);
    }

    pub(super) fn findings(self) -> Vec<Option<Finding>> {
        vec![self.dangling.finding(
            Check::DanglingParent,
            Severity::Warning,
            "The job names an episode or a series that is not there any more: it was deleted, and the service did not tell its jobs. Where the service shows jobs \
             by episode or series, this one is nowhere.",
            "jobctl update ID --clear episode (or --clear series)",
        )]
    }
}
