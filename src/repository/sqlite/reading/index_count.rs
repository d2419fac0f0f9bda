//! The number of entries of an index. Each of its pages says how many it has; SQLite would hand them over one by one.

use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, OptionalExtension as _};

use super::index_page::Page;
use super::transaction::{begin_reading, end_reading};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;

/// More levels than any index has.
const DEEPEST: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::sqlite) enum IndexCount {
    Entries(u64),
    /// It was not done within the time.
    TooLong,
    /// A page is not as expected, or cannot be read so: SQLite says more.
    Unclear,
}

/// Counts the entries of an index, and holds the file for at most so long.
pub(in crate::repository::sqlite) fn count_entries(
    sqlite: &Sqlite,
    name: &str,
    longest: Option<Duration>,
) -> Result<IndexCount> {
    let transaction = begin_reading(sqlite)?;
    let end = longest.map(|longest| Instant::now() + longest);
    let counted = count(sqlite, name, end);
    end_reading(sqlite, transaction)?;
    Ok(counted.unwrap_or(IndexCount::Unclear))
}

fn count(sqlite: &Sqlite, name: &str, end: Option<Instant>) -> rusqlite::Result<IndexCount> {
    let connection = &sqlite.connection;
    let pages = connection.prepare_cached("SELECT data FROM sqlite_dbpage WHERE pgno = ?")?;
    let sql = "SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND name = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let root = statement.query_row([name], |row| row.get(0))?;
    let all: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let mut counter = EntryCounter {
        pages,
        left: all,
        end,
        entries: 0,
    };
    Ok(counter
        .below(root, 0)?
        .unwrap_or(IndexCount::Entries(counter.entries)))
}

struct EntryCounter<'a> {
    pages: CachedStatement<'a>,
    /// How many pages the file has that have not been counted: more can only be damage.
    left: i64,
    end: Option<Instant>,
    entries: u64,
}

impl EntryCounter<'_> {
    /// Counts the page and those below it; gives why it ended early.
    fn below(&mut self, number: u32, depth: usize) -> rusqlite::Result<Option<IndexCount>> {
        if self.end.is_some_and(|end| Instant::now() >= end) {
            return Ok(Some(IndexCount::TooLong));
        }
        self.left -= 1;
        if self.left < 0 || depth > DEEPEST {
            return Ok(Some(IndexCount::Unclear));
        }
        let read = self.pages.query_row([number], |row| {
            let bytes = row.get_ref(0)?.as_blob().unwrap_or_default();
            Ok(Page::of(bytes, 0).and_then(|page| {
                let children = if page.is_leaf {
                    Some(Vec::new())
                } else {
                    (0..=page.len).map(|index| page.child(index)).collect()
                };
                children.map(|children: Vec<u32>| (page.len, children))
            }))
        });
        let Some((entries, children)) = read.optional()?.flatten() else {
            return Ok(Some(IndexCount::Unclear));
        };
        self.entries += entries as u64;
        for child in children {
            let ended = self.below(child, depth + 1)?;
            if ended.is_some() {
                return Ok(ended);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use crate::repository::sqlite::connection::open::open;
    use crate::repository::sqlite::reading::index_count::*;
    use crate::repository::{Access, Patience};

    #[test]
    fn an_index_of_several_levels_is_counted_by_its_pages() {
        let folder = tempfile::tempdir().unwrap();
        let patience = Patience::from(Duration::from_secs(60));
        let path = folder.path().join("jobs.db");
        let sqlite = open(&path, "by a test", Access::Create, &patience).unwrap();
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
             INSERT INTO video_generation_jobs (id, job_type, status, created_at)
             SELECT printf('%036d', i), 'idea2video', iif(i % 7, 'queued', NULL), x'00' FROM n;
             CREATE TABLE large (x); CREATE INDEX by_x ON large (x); INSERT INTO large VALUES (hex(zeroblob(9000)))";
        sqlite.connection.execute_batch(sql).unwrap();
        let names =
            "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name LIKE 'video%'";
        let mut statement = sqlite.connection.prepare(names).unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        let names: Vec<String> = names.collect::<rusqlite::Result<_>>().unwrap();
        assert!(names.len() > 3);
        let count = |name: &str, longest| count_entries(&sqlite, name, longest).unwrap();
        for name in &names {
            assert_eq!(count(name, None), IndexCount::Entries(20_000), "{name}");
            let sql = format!("SELECT count(rowid) FROM video_generation_jobs INDEXED BY {name}");
            let counted = sqlite.connection.query_row(&sql, [], |row| row.get(0));
            assert_eq!(counted, Ok(20_000), "{name}");
            assert_eq!(count(name, Some(Duration::ZERO)), IndexCount::TooLong);
        }
        // An entry that goes on in other pages is one.
        assert_eq!(count("by_x", None), IndexCount::Entries(1));
        assert_eq!(count("none", None), IndexCount::Unclear);
        // A page that is none of an index.
        let sql = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema
             WHERE name = 'large') WHERE name = 'by_x'";
        sqlite.connection.execute_batch(sql).unwrap();
        assert_eq!(count("by_x", None), IndexCount::Unclear);
    }
}
