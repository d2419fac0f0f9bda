//! How many jobs were created within a range of times. A text in the range that is no time is not counted, so each is looked at,
//! and SQLite's machine takes several times as long to hand one over as it takes to read it. So the pages of the index are
//! read here, through SQLite (`sqlite_dbpage`): its locks, its log and its cache hold for them as for any others.

use std::time::Instant;

use rusqlite::{CachedStatement, OptionalExtension as _};

use super::condition::day_range;
use super::index_page::{Entry, Key, Page};
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
    let mut tally = Tally::of(filter);
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
            Some(Gone::Late) => {}
            Some(Gone::Through | Gone::Beyond) => return Ok(Some(tally.count)),
        }
    }
}

/// How a part of the index was gone through.
#[derive(PartialEq, Eq)]
enum Gone {
    Through,
    /// What follows lies behind the range.
    Beyond,
    /// The file has been held for long enough.
    Late,
}

/// What has been counted, and of what.
struct Tally {
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

impl Tally {
    fn of(filter: &Filter) -> Tally {
        let key = |at| SortKey::of_bound(&time::bound(at));
        let (low, high) = day_range(filter.since, filter.until);
        Tally {
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

    fn is_ahead(&self, entry: Entry<'_>) -> bool {
        match (&self.seen, &self.low) {
            (Some((text, row)), _) => (entry.key, entry.row) > (Key::Text(text), *row),
            (None, Some(low)) => entry.key >= Key::Text(low.as_bytes()),
            (None, None) => true,
        }
    }

    fn is_beyond(&self, entry: Entry<'_>) -> bool {
        let high = self.high.as_ref().map(|high| Key::Text(high.as_bytes()));
        entry.key >= high.unwrap_or(Key::AboveTexts)
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

    fn leaf(&mut self, page: &Page<'_>) -> Option<Gone> {
        let begin = page.first(|entry| self.is_ahead(entry))?;
        let end = page.first(|entry| self.is_beyond(entry))?;
        let ends = (begin < end)
            .then(|| Some((page.text_of_a_time(begin)?, page.text_of_a_time(end - 1)?)));
        let is_within = ends
            .flatten()
            .is_some_and(|(first, last)| self.holds_between(first, last));
        for index in begin..end {
            if let Some(text) = page.text_of_a_time(index) {
                if is_within {
                    self.count += u64::from(time::is_stored_form(text));
                } else {
                    self.add(text);
                }
            } else if let Key::Text(text) = page.entry(index)?.key {
                self.add(text);
            }
        }
        if end < page.len {
            return Some(Gone::Beyond);
        }
        if begin < end
            && self.end.is_some_and(|end| Instant::now() >= end)
            && let Entry {
                key: Key::Text(text),
                row,
            } = page.entry(end - 1)?
        {
            self.seen = Some((text.to_vec(), row));
            return Some(Gone::Late);
        }
        Some(Gone::Through)
    }
}

/// The index, within one transaction.
struct Tree<'a> {
    pages: CachedStatement<'a>,
    root: u32,
    /// The bytes at the end of each page that belong to nobody.
    reserved: usize,
}

/// What became of a page.
enum Met {
    Leaf(Option<Gone>),
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
        tally: &mut Tally,
        depth: usize,
    ) -> rusqlite::Result<Option<Gone>> {
        if depth > DEEPEST {
            return Ok(None);
        }
        let reserved = self.reserved;
        let met = self.pages.query_row([number], |row| {
            let Ok(bytes) = row.get_ref(0)?.as_blob() else {
                return Ok(Met::Leaf(None));
            };
            Ok(match Page::of(bytes, reserved) {
                None => Met::Leaf(None),
                Some(page) if page.is_leaf => Met::Leaf(tally.leaf(&page)),
                Some(_) => Met::Interior(bytes.to_vec()),
            })
        });
        match met.optional()? {
            None => Ok(None),
            Some(Met::Leaf(gone)) => Ok(gone),
            Some(Met::Interior(bytes)) => self.go_below(&bytes, tally, depth),
        }
    }

    fn go_below(
        &mut self,
        bytes: &[u8],
        tally: &mut Tally,
        depth: usize,
    ) -> rusqlite::Result<Option<Gone>> {
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
                Some(Gone::Through) => {}
                gone => return Ok(gone),
            }
            if index == page.len {
                break;
            }
            match page.entry(index) {
                None => return Ok(None),
                Some(entry) if tally.is_beyond(entry) => return Ok(Some(Gone::Beyond)),
                Some(entry) => {
                    if let Key::Text(text) = entry.key {
                        tally.add(text);
                    }
                }
            }
        }
        Ok(Some(Gone::Through))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::{stream, tests::opened};
    use super::*;
    use crate::job::{Job, Value};
    use crate::repository::sqlite::connection::turns::Turns;

    /// Seconds from the first of January 2026 on.
    const DAY: i64 = 86_400;

    fn at(seconds: i64) -> time::Instant {
        time::from_unix(1_767_225_600 + seconds).unwrap()
    }

    /// Most are in the stored form, and the others are met within them.
    fn values() -> impl Strategy<Value = Value> {
        let odd = prop_oneof![
            Just("2026-01-02"),
            Just("2026-01-02T03:04Z"),
            Just("2026-01-03 00:30:00.000000+08:00"),
            Just("2026-01-02 23:30:00-23:00"),
            Just("2026-01-02 10:61:00.000000"),
            Just("2026-01-02 10:00:00.00000x"),
            Just("2026-01-32 10:00:00.000000"),
            Just("0001-01-01 00:00:00.000000"),
            Just("9999-12-31 23:59:59.999999"),
            Just("soon"),
            Just(""),
        ];
        prop_oneof![
            60 => (0..5 * DAY).prop_map(|seconds| time::stored(at(seconds)).into()),
            3 => odd.prop_map(Value::from),
            1 => Just(Value::Null),
            1 => (0_i64..3000).prop_map(Value::Integer),
            1 => Just(Value::Real(2.5)),
            1 => proptest::collection::vec(any::<u8>(), 0..30).prop_map(Value::Blob),
            1 => proptest::collection::vec(any::<u8>(), 0..30).prop_map(Value::BrokenText),
        ]
    }

    fn point() -> impl Strategy<Value = Option<time::Instant>> {
        let points = prop_oneof![
            6 => (-DAY..6 * DAY).prop_map(at),
            1 => Just(time::Instant::MIN),
            1 => Just(time::Instant::MAX),
        ];
        proptest::option::of(points)
    }

    fn job(number: usize, value: &Value) -> Job {
        Job::default()
            .with(Column::Id, format!("job-{number:05}"))
            .with(Column::JobType, "idea2video")
            .with(Column::CreatedAt, value.clone())
    }

    /// The same file with pages so small that the index has three levels.
    fn with_small_pages(sqlite: Sqlite) -> rusqlite::Connection {
        let path = sqlite.path.clone();
        drop(sqlite);
        let connection = rusqlite::Connection::open(path).unwrap();
        let sql = "PRAGMA foreign_keys = off; PRAGMA journal_mode = delete; PRAGMA page_size = 512; VACUUM";
        connection.execute_batch(sql).unwrap();
        connection
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn each_is_counted_as_the_filter_says(
            values in proptest::collection::vec(values(), 0..1500),
            ranges in proptest::collection::vec((point(), point()), 1..8),
            long in 0_usize..6,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let jobs: Vec<Job> = values.iter().enumerate().map(|(number, value)| job(number, value)).collect();
            let mut sqlite = opened(folder.path(), &jobs, true, false, Turns::shortest());
            drop(with_small_pages(sqlite));
            sqlite = opened(folder.path(), &[], true, false, if long == 0 { Turns::default() } else { Turns::shortest() });
            for (since, until) in ranges {
                let filter = Filter { since, until, ..Filter::default() };
                let expected = jobs.iter().filter(|job| filter.matches(job)).count() as u64;
                prop_assert_eq!(stream::count(&sqlite, &filter).unwrap(), expected);
                let counted = count(&sqlite, &filter, false).unwrap();
                let asked = since.is_some() || until.is_some();
                prop_assert_eq!(counted, asked.then_some(expected));
            }
        }
    }

    #[test]
    fn what_is_not_as_expected_is_left_to_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let long = format!("2026-01-02 {}", "x".repeat(5000));
        let texts = ["2026-01-02 00:00:00.000000", &long, "2026-01-03"];
        let jobs: Vec<Job> = texts
            .iter()
            .enumerate()
            .map(|(number, text)| job(number, &Value::from(*text)))
            .collect();
        let filter = Filter {
            since: Some(at(0)),
            ..Filter::default()
        };
        let sqlite = opened(folder.path(), &jobs, true, false, Turns::default());
        assert_eq!(count(&sqlite, &filter, false).unwrap(), None);
        assert_eq!(stream::count(&sqlite, &filter).unwrap(), 2);
        let connection = with_small_pages(sqlite);
        let index =
            "DROP INDEX idx_job_created; DELETE FROM video_generation_jobs WHERE id = 'job-00001';";
        for create in [
            "CREATE INDEX i ON video_generation_jobs (created_at DESC)",
            "CREATE INDEX i ON video_generation_jobs (created_at COLLATE NOCASE)",
            "CREATE INDEX i ON video_generation_jobs (created_at, status)",
            "CREATE INDEX i ON video_generation_jobs (created_at) WHERE status IS NULL",
            "CREATE INDEX i ON video_generation_jobs (lower(created_at))",
            "SELECT 1",
        ] {
            let sql = format!("BEGIN; {index} {create}; COMMIT");
            connection.execute_batch(&sql).unwrap();
            let sqlite = opened(folder.path(), &[], true, false, Turns::default());
            assert_eq!(count(&sqlite, &filter, false).unwrap(), None, "{create}");
            assert_eq!(stream::count(&sqlite, &filter).unwrap(), 2, "{create}");
            drop(sqlite);
            let sql = "DROP INDEX IF EXISTS i; CREATE INDEX idx_job_created ON video_generation_jobs (created_at)";
            connection.execute_batch(sql).unwrap();
        }
        let sqlite = opened(folder.path(), &[], true, false, Turns::default());
        assert_eq!(count(&sqlite, &filter, false).unwrap(), Some(2));
    }
}
