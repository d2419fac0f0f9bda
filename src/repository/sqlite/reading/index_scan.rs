//! The pages of an index, read through SQLite (`sqlite_dbpage`): its locks, its log and its cache hold for them as for any
//! others, and its machine takes several times as long to hand an entry over as it takes to read it.

use std::ops::Range;
use std::time::Instant;

use rusqlite::{CachedStatement, OptionalExtension as _};

use super::index_page::{IndexEntry, IndexKey, Page};
use super::transaction::{begin_at_once, end_reading};
use crate::job::Column;
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;

/// More levels than any index has.
const DEEPEST: usize = 20;

/// Takes the entries of an index, of one page at a time. None where one is not as expected.
pub(super) trait IndexVisitor {
    /// The texts below and from which on it takes nothing.
    fn bounds(&self) -> [Option<&str>; 2];

    /// Some entries of a leaf.
    fn leaf(&mut self, page: &Page<'_>, entries: Range<usize>) -> Option<()>;

    /// An entry of a page above the leaves.
    fn entry(&mut self, entry: IndexEntry<'_>);
}

/// Reads the index of a column, and lets go of the file now and then; None where SQLite has to be asked: the index is not
/// there or no plain one, or a page is not as expected.
pub(super) fn scan(
    sqlite: &Sqlite,
    column: Column,
    visitor: &mut impl IndexVisitor,
    at_ease: bool,
) -> Result<Option<()>> {
    let explain = sqlite.explain("reading an index");
    let mut place = Place::default();
    loop {
        let transaction = sqlite.settled(|| begin_at_once(sqlite))?;
        let limit = (transaction.is_some() && !at_ease).then_some(sqlite.turns.hold);
        place.end = limit.map(|hold| Instant::now() + hold);
        let gone = Tree::open(sqlite, column).and_then(|tree| match tree {
            None => Ok(None),
            Some(mut tree) => tree.go(tree.root, visitor, &mut place, 0),
        });
        let gone = gone.map_err(&explain)?;
        end_reading(sqlite, transaction)?;
        match gone {
            None => return Ok(None),
            Some(ScanEnd::Late) => {}
            Some(ScanEnd::Through | ScanEnd::Beyond) => return Ok(Some(())),
        }
    }
}

/// The end of the scan of a part of the index.
#[derive(PartialEq, Eq)]
enum ScanEnd {
    Through,
    /// What follows lies behind the bounds.
    Beyond,
    /// The file has been held for long enough.
    Late,
}

/// Where a scan goes on, and when it lets go.
#[derive(Default)]
struct Place {
    /// The last text that was taken, and its row, where it goes on behind it.
    seen: Option<(Vec<u8>, i64)>,
    end: Option<Instant>,
}

impl Place {
    fn is_ahead(&self, entry: IndexEntry<'_>, visitor: &impl IndexVisitor) -> bool {
        match (&self.seen, visitor.bounds()[0]) {
            (Some((text, row)), _) => (entry.key, entry.row) > (IndexKey::Text(text), *row),
            (None, Some(low)) => entry.key >= IndexKey::Text(low.as_bytes()),
            (None, None) => true,
        }
    }

    /// The leaf has been taken up to this entry.
    fn note(&mut self, page: &Page<'_>, entries: Range<usize>) -> Option<ScanEnd> {
        if !entries.is_empty()
            && self.end.is_some_and(|end| Instant::now() >= end)
            && let IndexEntry {
                key: IndexKey::Text(text),
                row,
            } = page.entry(entries.end - 1)?
        {
            self.seen = Some((text.to_vec(), row));
            return Some(ScanEnd::Late);
        }
        Some(ScanEnd::Through)
    }
}

fn is_beyond(entry: IndexEntry<'_>, visitor: &impl IndexVisitor) -> bool {
    let high = visitor.bounds()[1].map(|high| IndexKey::Text(high.as_bytes()));
    entry.key >= high.unwrap_or(IndexKey::AboveTexts)
}

fn take_leaf(
    page: &Page<'_>,
    visitor: &mut impl IndexVisitor,
    place: &mut Place,
) -> Option<ScanEnd> {
    let begin = page.first(|entry| place.is_ahead(entry, visitor))?;
    let end = page.first(|entry| is_beyond(entry, visitor))?;
    visitor.leaf(page, begin..end)?;
    if end < page.len {
        return Some(ScanEnd::Beyond);
    }
    place.note(page, begin..end)
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
    fn open(sqlite: &Sqlite, column: Column) -> rusqlite::Result<Option<Tree<'_>>> {
        let connection = &sqlite.connection;
        let Ok(mut pages) =
            connection.prepare_cached("SELECT data FROM sqlite_dbpage WHERE pgno = ?")
        else {
            return Ok(None);
        };
        let column = column.name();
        // Ascending, of the column alone, compared byte by byte; behind it stands the number of the row.
        let sql = format!(
            "SELECT schema.rootpage FROM pragma_index_list('{TABLE}') AS list, sqlite_schema AS schema \
             WHERE list.partial = 0 AND schema.type = 'index' AND schema.name = list.name \
             AND (SELECT group_concat(concat_ws(' ', name, desc, coll, key)) FROM pragma_index_xinfo(list.name)) \
             = '{column} 0 BINARY 1,0 BINARY 0' AND (SELECT encoding FROM pragma_encoding) = 'UTF-8'"
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
        visitor: &mut impl IndexVisitor,
        place: &mut Place,
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
                Some(page) if page.is_leaf => PageKind::Leaf(take_leaf(&page, visitor, place)),
                Some(_) => PageKind::Interior(bytes.to_vec()),
            })
        });
        match met.optional()? {
            None => Ok(None),
            Some(PageKind::Leaf(gone)) => Ok(gone),
            Some(PageKind::Interior(bytes)) => self.go_below(&bytes, visitor, place, depth),
        }
    }

    fn go_below(
        &mut self,
        bytes: &[u8],
        visitor: &mut impl IndexVisitor,
        place: &mut Place,
        depth: usize,
    ) -> rusqlite::Result<Option<ScanEnd>> {
        let Some(page) = Page::of(bytes, self.reserved) else {
            return Ok(None);
        };
        let Some(begin) = page.first(|entry| place.is_ahead(entry, visitor)) else {
            return Ok(None);
        };
        for index in begin..=page.len {
            let Some(child) = page.child(index) else {
                return Ok(None);
            };
            match self.go(child, visitor, place, depth + 1)? {
                Some(ScanEnd::Through) => {}
                gone => return Ok(gone),
            }
            if index == page.len {
                break;
            }
            match page.entry(index) {
                None => return Ok(None),
                Some(entry) if is_beyond(entry, visitor) => return Ok(Some(ScanEnd::Beyond)),
                Some(entry) => visitor.entry(entry),
            }
        }
        Ok(Some(ScanEnd::Through))
    }
}
