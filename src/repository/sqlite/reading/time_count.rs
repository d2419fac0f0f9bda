//! How many jobs were created within a range of times. A text in the range that is no time is not counted, so each is looked at,
//! in the pages of the index.

use std::ops::Range;

use super::condition::day_range;
use super::index_page::{IndexEntry, IndexKey, Page};
use super::index_scan::{IndexVisitor, scan};
use crate::job::{Column, Filter};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::time::{self, SortKey};

/// The number of the jobs; None where SQLite has to be asked: the filter has other conditions, the index is not there or no plain one, or a page
/// is not as expected.
pub(super) fn count(sqlite: &Sqlite, filter: &Filter, at_ease: bool) -> Result<Option<u64>> {
    if !filter.asks_for_creation_alone() || (filter.since.is_none() && filter.until.is_none()) {
        return Ok(None);
    }
    let mut tally = TimeTally::of(filter);
    let scanned = scan(sqlite, Column::CreatedAt, &mut tally, at_ease)?;
    Ok(scanned.map(|()| tally.count))
}

/// The rows of a range of times, in ascending order, with whether each has the same time as the one before.
pub(super) struct TimeRows {
    tally: TimeTally,
    pub rows: Vec<i64>,
    pub same: Vec<bool>,
    last: Vec<u8>,
    most: usize,
}

impl TimeRows {
    /// None where SQLite has to be asked, as it is for a count, or where there are more than `most`.
    pub(super) fn read(
        sqlite: &Sqlite,
        filter: &Filter,
        most: usize,
        at_ease: bool,
    ) -> Result<Option<TimeRows>> {
        if !filter.asks_for_creation_alone() || (filter.since.is_none() && filter.until.is_none()) {
            return Ok(None);
        }
        let mut found = TimeRows {
            tally: TimeTally::of(filter),
            rows: Vec::new(),
            same: Vec::new(),
            last: Vec::new(),
            most,
        };
        let scanned = scan(sqlite, Column::CreatedAt, &mut found, at_ease)?;
        let has_all = scanned.is_some() && found.rows.len() <= most;
        Ok(has_all.then_some(found))
    }

    fn add(&mut self, text: &[u8], row: i64) {
        let same = !self.rows.is_empty() && self.last == text;
        if !same {
            self.last.clear();
            self.last.extend_from_slice(text);
        }
        self.rows.push(row);
        self.same.push(same);
    }
}

impl IndexVisitor for TimeRows {
    fn bounds(&self) -> [Option<&str>; 2] {
        self.tally.bounds()
    }

    fn leaf(&mut self, page: &Page<'_>, entries: Range<usize>) -> Option<()> {
        let is_within = self.tally.holds_all(page, &entries);
        for index in entries {
            if let Some((text, row)) = page.text_and_row::<26>(index) {
                if (is_within && time::is_stored_form(text)) || self.tally.holds(text) {
                    self.add(text, row);
                }
            } else {
                self.entry(page.entry(index)?);
            }
        }
        (self.rows.len() <= self.most).then_some(())
    }

    fn entry(&mut self, entry: IndexEntry<'_>) {
        if let IndexKey::Text(text) = entry.key
            && self.tally.holds(text)
        {
            self.add(text, entry.row);
        }
    }
}

/// What has been counted, and of what.
struct TimeTally {
    since: Option<SortKey>,
    until: Option<SortKey>,
    /// The two as texts, which have the order of times among those in the stored form.
    stored: [Option<String>; 2],
    /// Texts below and from these on are no times of the range.
    low: Option<String>,
    high: Option<String>,
    count: u64,
}

impl TimeTally {
    fn of(filter: &Filter) -> TimeTally {
        let key = |at| SortKey::of_bound(&time::bound(at));
        let (low, high) = day_range(filter.since, filter.until);
        TimeTally {
            since: filter.since.map(key),
            until: filter.until.map(key),
            stored: [filter.since, filter.until].map(|at| at.map(time::bound)),
            low,
            high,
            count: 0,
        }
    }

    #[inline]
    fn holds(&self, text: &[u8]) -> bool {
        let is_within = |at: SortKey| {
            self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
        };
        SortKey::of_stored(text).is_some_and(is_within)
    }

    #[inline]
    fn add(&mut self, text: &[u8]) {
        self.count += u64::from(self.holds(text));
    }

    /// Whether all times in the stored form that these entries have are within the range.
    fn holds_all(&self, page: &Page<'_>, entries: &Range<usize>) -> bool {
        let ends = (!entries.is_empty()).then(|| {
            let first = page.text_of_a_time(entries.start)?;
            Some((first, page.text_of_a_time(entries.end - 1)?))
        });
        ends.flatten()
            .is_some_and(|(first, last)| self.holds_between(first, last))
    }

    /// Whether all times in the stored form that lie between two texts are within the range.
    fn holds_between(&self, first: &[u8], last: &[u8]) -> bool {
        let [since, until] = &self.stored;
        since.as_ref().is_none_or(|since| first >= since.as_bytes())
            && until.as_ref().is_none_or(|until| last < until.as_bytes())
    }
}

impl IndexVisitor for TimeTally {
    fn bounds(&self) -> [Option<&str>; 2] {
        [self.low.as_deref(), self.high.as_deref()]
    }

    fn leaf(&mut self, page: &Page<'_>, entries: Range<usize>) -> Option<()> {
        let is_within = self.holds_all(page, &entries);
        for index in entries {
            if let Some(text) = page.text_of_a_time(index) {
                if is_within && time::is_stored_form(text) {
                    self.count += 1;
                } else {
                    self.add(text);
                }
            } else if let IndexKey::Text(text) = page.entry(index)?.key {
                self.add(text);
            }
        }
        Some(())
    }

    fn entry(&mut self, entry: IndexEntry<'_>) {
        if let IndexKey::Text(text) = entry.key {
            self.add(text);
        }
    }
}
