//! The checks of states: words that nobody knows, ends without a time, and jobs that nobody has moved for days.

use super::check::Check;
use super::finding::{Finding, Occurrences, Severity};
use super::row::{Cell, Row};
use super::terms::{CheckupTerms, Wanted};
use crate::job::{Column, SIGNS, Status};
use crate::time::{SortKey, before, bound, spell_duration};

pub(super) struct States {
    wanted: Wanted,
    /// The time before which a last sign of life is too old; None when that is before all times.
    stale_before: Option<SortKey>,
    /// The age, as a flag takes it.
    stale: String,
    end_of_tomorrow: Option<SortKey>,
    unknown: Occurrences,
    without_end: Occurrences,
    queued: Occurrences,
    processing: Occurrences,
}

impl States {
    pub(super) fn new(terms: &CheckupTerms) -> States {
        let key = |at| SortKey::of_bound(&bound(at));
        States {
            wanted: terms.wanted,
            stale_before: before(terms.now, terms.stale).map(key),
            stale: spell_duration(terms.stale),
            end_of_tomorrow: crate::time::first_unlikely(terms.now).map(key),
            unknown: Occurrences::default(),
            without_end: Occurrences::default(),
            queued: Occurrences::default(),
            processing: Occurrences::default(),
        }
    }

    pub(super) fn judge(&mut self, row: &Row<'_>) {
        let status = match row.get(Column::Status) {
            Cell::Text(word) => std::str::from_utf8(word).ok().and_then(Status::parse),
            _ => None,
        };
        let wanted = self.wanted;
        match status {
            None if wanted.has(Check::UnknownStatus) => self.unknown.add_job(row, Column::Status),
            Some(status)
                if status.is_end()
                    && wanted.has(Check::MissingCompletedAt)
                    && row.get(Column::CompletedAt).is_null() =>
            {
                self.without_end.add_job(row, Column::Status);
            }
            Some(Status::Queued) if wanted.has(Check::StaleQueued) && self.is_stale(row) => {
                self.queued.add_job(row, Column::UpdatedAt);
            }
            Some(Status::Processing)
                if wanted.has(Check::StaleProcessing) && self.is_stale(row) =>
            {
                self.processing.add_job(row, Column::UpdatedAt);
            }
            _ => {}
        }
    }

    /// Whether the last sign of life is too old; one that cannot be read says nothing.
    fn is_stale(&self, row: &Row<'_>) -> bool {
        let Some(limit) = self.stale_before else {
            return false;
        };
        for column in SIGNS {
            let at = match row.get(column) {
                Cell::Null => continue,
                Cell::Text(text) => SortKey::of_stored(text),
                _ => None,
            };
            match at {
                None => return false,
                Some(at) if at.is_likely(self.end_of_tomorrow) => return at < limit,
                Some(_) => {}
            }
        }
        false
    }

    pub(super) fn append(&mut self, later: States) {
        self.unknown.append(later.unknown);
        self.without_end.append(later.without_end);
        self.queued.append(later.queued);
        self.processing.append(later.processing);
    }

    pub(super) fn findings(self) -> Vec<Option<Finding>> {
        let stale = &self.stale;
        vec![
            self.unknown.finding(
                Check::UnknownStatus,
                Severity::Warning,
                "The state of the job is none of queued, processing, completed, failed and cancelled. Whoever waits for the job waits for ever, and cleanup never takes it.",
                "jobctl update ID --status failed --force",
            ),
            self.without_end.finding(
                Check::MissingCompletedAt,
                Severity::Warning,
                "The job has ended, but nothing says when. Its age is then counted from its last change, and its run has no length in the statistics.",
                "jobctl doctor --fix missing-completed-at",
            ),
            self.queued.finding(
                Check::StaleQueued,
                Severity::Warning,
                format!("The job has been waiting for {stale} or longer. Either the service has forgotten it, as it does when it is restarted, or it does not get on with its work."),
                format!("jobctl list --status queued --older-than {stale} --all -o ids | jobctl update - --cancel --yes"),
            ),
            self.processing.finding(
                Check::StaleProcessing,
                Severity::Warning,
                format!("The job is said to be running, and nothing has been heard of it for {stale} or longer. Most likely the service was restarted in the middle of it."),
                format!("jobctl list --stuck {stale} --all -o ids | jobctl update - --fail 'no sign of life' --yes"),
            ),
        ]
    }
}
