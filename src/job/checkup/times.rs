//! The checks of times.

use chrono::TimeDelta;

use super::check::Check;
use super::finding::{Finding, Occurrences, Severity};
use super::row::{Cell, Row};
use super::terms::{CheckupTerms, Wanted};
use crate::job::Column;
use crate::time::{self, Instant, SortKey, bound, brief, parse_stored};

pub(super) const COLUMNS: [Column; 4] = [
    Column::CreatedAt,
    Column::UpdatedAt,
    Column::StartedAt,
    Column::CompletedAt,
];

/// How far the clocks of two machines may be apart.
const APART: TimeDelta = TimeDelta::minutes(1);

pub(super) struct Times {
    wanted: Wanted,
    now: Instant,
    soon: Option<SortKey>,
    end_of_tomorrow: Option<SortKey>,
    unreadable: Occurrences,
    unlikely: Occurrences,
    respelled: Occurrences,
    ahead: Occurrences,
    /// The newest time that is ahead of the clock, as it is stored.
    newest: Option<(SortKey, String)>,
}

impl Times {
    pub(super) fn new(terms: &CheckupTerms) -> Times {
        let key = |at| SortKey::of_bound(&bound(at));
        Times {
            wanted: terms.wanted,
            now: terms.now,
            soon: terms.now.checked_add_signed(APART).map(key),
            end_of_tomorrow: time::first_unlikely(terms.now).map(key),
            unreadable: Occurrences::default(),
            unlikely: Occurrences::default(),
            respelled: Occurrences::default(),
            ahead: Occurrences::default(),
            newest: None,
        }
    }

    pub(super) fn judge(&mut self, row: &Row<'_>) {
        // A job counts once for each check, whatever many of its times are so.
        let (mut unreadable, mut unlikely, mut respelled, mut ahead) = (None, None, None, None);
        for column in COLUMNS {
            let text = match row.get(column) {
                Cell::Null => continue,
                Cell::Text(text) => text,
                _ => {
                    unreadable.get_or_insert(column);
                    continue;
                }
            };
            let Some((key, is_stored_form)) = SortKey::with_form(text) else {
                unreadable.get_or_insert(column);
                continue;
            };
            if !is_stored_form {
                respelled.get_or_insert(column);
            }
            if !key.is_likely(self.end_of_tomorrow) {
                unlikely.get_or_insert(column);
            } else if self.soon.is_some_and(|soon| key > soon) {
                ahead.get_or_insert(column);
                if self.newest.as_ref().is_none_or(|(newest, _)| key > *newest) {
                    let text = String::from_utf8_lossy(text).into_owned();
                    self.newest = Some((key, text));
                }
            }
        }
        let tallies = [
            (Check::UnreadableTime, unreadable, &mut self.unreadable),
            (Check::FutureTime, unlikely, &mut self.unlikely),
            (Check::TimeSpelling, respelled, &mut self.respelled),
            (Check::Clock, ahead, &mut self.ahead),
        ];
        for (check, column, tally) in tallies {
            if let Some(column) = column
                && self.wanted.has(check)
            {
                tally.add_job(row, column);
            }
        }
    }

    pub(super) fn append(&mut self, later: Times) {
        self.unreadable.append(later.unreadable);
        self.unlikely.append(later.unlikely);
        self.respelled.append(later.respelled);
        self.ahead.append(later.ahead);
        let is_newer = |(key, _): &(SortKey, String)| {
            let newest = self.newest.as_ref();
            newest.is_none_or(|(newest, _)| key > newest)
        };
        if let Some(newest) = later.newest.filter(is_newer) {
            self.newest = Some(newest);
        }
    }

    pub(super) fn findings(self) -> Vec<Option<Finding>> {
        let newest = self.newest.and_then(|(_, text)| parse_stored(&text));
        let ahead = newest.map_or(String::new(), |newest| brief(newest - self.now));
        vec![
            self.unreadable.finding(
                Check::UnreadableTime,
                Severity::Error,
                "The column is for a time, and something else stands in it. The service fails with this job, and with every list that it is in.",
                "jobctl show ID -o json > job.json; correct the time in that file; jobctl migrate job.json --on-conflict replace",
            ),
            self.unlikely.finding(
                Check::FutureTime,
                Severity::Warning,
                "The time lies after tomorrow, or before the year 2000. Some program had a wrong clock, or had no time and wrote a zero. Ages are counted without it.",
                "jobctl show ID -o json > job.json; correct the time in that file; jobctl migrate job.json --on-conflict replace",
            ),
            self.ahead.finding(
                Check::Clock,
                Severity::Warning,
                format!(
                    "The newest job is {ahead} ahead of this machine's clock. Either this clock is behind, or some program writes local time where the service \
                     writes UTC. Until that is right, what is reckoned from now (ages, --since, retention) is wrong by as much."
                ),
                "timedatectl status says whether this clock is right",
            ),
            self.respelled.finding(
                Check::TimeSpelling,
                Severity::Warning,
                "The time is right, but not written as the service writes it (2025-12-29 14:14:00.000000). Times are compared letter by letter, so lists by time have \
                 these jobs in a wrong order, and the service may read fractions of a second wrongly.",
                "jobctl doctor --fix time-spelling",
            ),
        ]
    }
}
