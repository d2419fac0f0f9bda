//! How many jobs were created within a range of times. A text in the range that is no time is not counted, so each is looked at,
//! and SQLite's machine takes several times as long to hand one over as it takes to read it. So the pages of the index are
//! read here, through SQLite (`sqlite_dbpage`): its locks, its log and its cache hold for them as for any others.

use std::time::Instant;

use rusqlite::{CachedStatement, OptionalExtension as _};

use super::condition::day_range;
use super::index_page::{IndexEntry, IndexKey, Page};
use super::transaction::{begin_at_once, end_reading};
use crate::job::{Column, Filter};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::time::{self, SortKey};

/// More levels than any index has.
const DEEPEST: usize = 20;

/// The number of the jobs; None where SQLite has to be asked: the filter has other conditions, the index is not there or no plain one, or a page
/// is not as expected.
pub(super) fn count(sqlite: &Sqlite, filter: &Filter, at_ease: bool) -> Result<Option<u64>> {
    let times = Filter {
        since: filter.since,
        until: filter.until,
        now: filter.now,
        ..Filter::default()
    };
    if *filter != times || (filter.since.is_none() && filter.until.is_none()) {
        return Ok(None);
    }
    let explain = sqlite.explain("counting jobs");
    let mut tally = TimeTally::of(filter);
    loop {
        let transaction = sqlite.settled(|| begin_at_once(sqlite))?;
        let limit = (transaction.is_some() && !at_ease).then_some(sqlite.turns.hold);
        tally.end = limit.map(|hold| Instant::now() + hold);
        let gone = Tree::open(sqlite).and_then(|tree| match tree {
            None => Ok(None),
            Some(mut tree) => tree.go(tree.root, &mut tally, 0),
        });
        let gone = gone.map_err(&explain)?;
        end_reading(sqlite, transaction)?;
        match gone {
            None => return Ok(None),
            Some(ScanEnd::Late) => {}
            Some(ScanEnd::Through | ScanEnd::Beyond) => return Ok(Some(tally.count)),
        }
    }
}

/// The end of the scan of a part of the index.
#[derive(PartialEq, Eq)]
enum ScanEnd {
    Through,
    /// What follows lies behind the range.
    Beyond,
    /// The file has been held for long enough.
    Late,
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
    /// The last text that was looked at, and its row, where it goes on behind it.
    seen: Option<(Vec<u8>, i64)>,
    end: Option<Instant>,
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
            seen: None,
            end: None,
            count: 0,
        }
    }

    fn is_ahead(&self, entry: IndexEntry<'_>) -> bool {
        match (&self.seen, &self.low) {
            (Some((text, row)), _) => (entry.key, entry.row) > (IndexKey::Text(text), *row),
            (None, Some(low)) => entry.key >= IndexKey::Text(low.as_bytes()),
            (None, None) => true,
        }
    }

    fn is_beyond(&self, entry: IndexEntry<'_>) -> bool {
        let high = self
            .high
            .as_ref()
            .map(|high| IndexKey::Text(high.as_bytes()));
        entry.key >= high.unwrap_or(IndexKey::AboveTexts)
    }

    #[inline]
    fn add(&mut self, text: &[u8]) {
        let is_within = |at: SortKey| {
            self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
        };
        self.count += u64::from(SortKey::of_stored(text).is_some_and(is_within));
    }

    /// Whether all times in the stored form that lie between two texts are within the range.
    fn holds_between(&self, first: &[u8], last: &[u8]) -> bool {
        let [since, until] = &self.stored;
        since.as_ref().is_none_or(|since| first >= since.as_bytes())
            && until.as_ref().is_none_or(|until| last < until.as_bytes())
    }

    fn leaf(&mut self, page: &Page<'_>) -> Option<ScanEnd> {
        let begin = page.first(|entry| self.is_ahead(entry))?;
        let end = page.first(|entry| self.is_beyond(entry))?;
        let ends = (begin < end)
            .then(|| Some((page.text_of_a_time(begin)?, page.text_of_a_time(end - 1)?)));
        let is_within = ends
            .flatten()
            .is_some_and(|(first, last)| self.holds_between(first, last));
        for index in begin..end {
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
        if end < page.len {
            return Some(ScanEnd::Beyond);
        }
        if begin < end
            && self.end.is_some_and(|end| Instant::now() >= end)
            && let IndexEntry {
                key: IndexKey::Text(text),
                row,
            } = page.entry(end - 1)?
        {
            self.seen = Some((text.to_vec(), row));
            return Some(ScanEnd::Late);
        }
        Some(ScanEnd::Through)
    }
}

/// The index, within one transaction.
struct Tree<'a> {
    pages: CachedStatement<'a>,
    root: u32,
    /// The bytes at the end of each page that belong to nobody.
    reserved: usize,
}

/// A page that has been read.
enum PageKind {
    Leaf(Option<ScanEnd>),
    Interior(Vec<u8>),
}

impl Tree<'_> {
    /// None where there is no plain index, or no way to read its pages.
    fn open(sqlite: &Sqlite) -> rusqlite::Result<Option<Tree<'_>>> {
        let connection = &sqlite.connection;
        let Ok(mut pages) =
            connection.prepare_cached("SELECT data FROM sqlite_dbpage WHERE pgno = ?")
        else {
            return Ok(None);
        };
        let created = Column::CreatedAt.name();
        // Ascending, of the column alone, compared byte by byte; behind it stands the number of the row.
        let sql = format!(
            "SELECT schema.rootpage FROM pragma_index_list('{TABLE}') AS list, sqlite_schema AS schema \
             WHERE list.partial = 0 AND schema.type = 'index' AND schema.name = list.name \
             AND (SELECT group_concat(concat_ws(' ', name, desc, coll, key)) FROM pragma_index_xinfo(list.name)) \
             = '{created} 0 BINARY 1,0 BINARY 0' AND (SELECT encoding FROM pragma_encoding) = 'UTF-8'"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let root: Option<u32> = statement.query_row([], |row| row.get(0)).optional()?;
        let Some(root) = root else {
            return Ok(None);
        };
        let reserved = pages.query_row([1], |row| {
            let header = row.get_ref(0)?.as_blob().ok();
            Ok(header.and_then(|header| header.get(20).copied()))
        })?;
        Ok(reserved.map(|reserved| Tree {
            pages,
            root,
            reserved: reserved.into(),
        }))
    }

    fn go(
        &mut self,
        number: u32,
        tally: &mut TimeTally,
        depth: usize,
    ) -> rusqlite::Result<Option<ScanEnd>> {
        if depth > DEEPEST {
            return Ok(None);
        }
        let reserved = self.reserved;
        let met = self.pages.query_row([number], |row| {
            let Ok(bytes) = row.get_ref(0)?.as_blob() else {
                return Ok(PageKind::Leaf(None));
            };
            Ok(match Page::of(bytes, reserved) {
                None => PageKind::Leaf(None),
                Some(page) if page.is_leaf => PageKind::Leaf(tally.leaf(&page)),
                Some(_) => PageKind::Interior(bytes.to_vec()),
            })
        });
        match met.optional()? {
            None => Ok(None),
            Some(PageKind::Leaf(gone)) => Ok(gone),
            Some(PageKind::Interior(bytes)) => self.go_below(&bytes, tally, depth),
        }
    }

    fn go_below(
        &mut self,
        bytes: &[u8],
        tally: &mut TimeTally,
        depth: usize,
    ) -> rusqlite::Result<Option<ScanEnd>> {
        let Some(page) = Page::of(bytes, self.reserved) else {
            return Ok(None);
        };
        let Some(begin) = page.first(|entry| tally.is_ahead(entry)) else {
            return Ok(None);
        };
        for index in begin..=page.len {
            let Some(child) = page.child(index) else {
                return Ok(None);
            };
            match self.go(child, tally, depth + 1)? {
                Some(ScanEnd::Through) => {}
                gone => return Ok(gone),
            }
            if index == page.len {
                break;
            }
            match page.entry(index) {
                None => return Ok(None),
                Some(entry) if tally.is_beyond(entry) => return Ok(Some(ScanEnd::Beyond)),
                Some(entry) => {
                    if let IndexKey::Text(text) = entry.key {
                        tally.add(text);
                    }
                }
            }
        }
        Ok(Some(ScanEnd::Through))
    }
}
