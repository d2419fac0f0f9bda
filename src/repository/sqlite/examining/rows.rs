//! The pass over all rows: each is shown to the judge where it lies in SQLite's memory. Where others may wait for the file it
//! lets go of it every 50 ms, and goes on behind the last row. A large table is read by two threads, each its half.

use std::cell::RefCell;
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::panic::resume_unwind;
use std::thread;
use std::time::Instant;

use rusqlite::types::ValueRef;
use rusqlite::{Row as Found, params};

use super::parent_lookup::ParentLookup;
use crate::job::checkup::{Cell, Check, CheckupTerms, Judge, Row};
use crate::job::{Column, ColumnSet};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::open::open;
use crate::repository::sqlite::connection::refusal;
use crate::repository::sqlite::connection::schema::{self, TABLE};
use crate::repository::sqlite::reading::values::column_list;
use crate::repository::sqlite::writing::sweep_state::data_version;
use crate::repository::{Access, Passed, Result};

/// Rows between two looks at the clock.
const ROWS: u32 = 16;

const READING: &str = "reading all jobs";

/// Where the path of a second connection comes from.
const ONCE_MORE: &str = "it is open already";

/// The least range of row numbers that is worth a second thread.
const WIDE: u64 = 10_000;

/// Rows that one thread shows to one judge, by a connection of its own.
struct Part<'a> {
    sqlite: &'a mut Sqlite,
    statement: RowsStatement,
    judge: &'a mut dyn Judge,
    /// The first row that has not been shown; None when all have been.
    next: Option<i64>,
    last: i64,
    damage: Option<String>,
}

impl<'a> Part<'a> {
    fn new(
        sqlite: &'a mut Sqlite,
        terms: &CheckupTerms,
        judge: &'a mut dyn Judge,
        rows: RangeInclusive<i64>,
    ) -> Result<Part<'a>> {
        Ok(Part {
            statement: RowsStatement::of(sqlite, terms)?,
            sqlite,
            judge,
            next: Some(*rows.start()),
            last: *rows.end(),
            damage: None,
        })
    }

    /// Shows rows for as long as the file may be held.
    fn turn(&mut self, at_ease: bool) -> Result<()> {
        let Some(from) = self.next else {
            return Ok(());
        };
        let sqlite = &*self.sqlite;
        self.next = sqlite.settled(|| {
            let rows = from..=self.last;
            let read = self.statement.slice(sqlite, rows, at_ease, self.judge);
            read.or_else(|error| match refusal::code(&error) {
                Some(code) if code.code == rusqlite::ErrorCode::DatabaseCorrupt => {
                    self.damage.get_or_insert(error.to_string());
                    Ok(None)
                }
                _ => Err(sqlite.explain(READING)(error)),
            })
        })?;
        Ok(())
    }
}

pub(super) fn pass(
    sqlite: &mut Sqlite,
    terms: &CheckupTerms,
    judges: [&mut dyn Judge; 2],
) -> Result<Passed> {
    let is_wal = sqlite.is_wal()?;
    let before = data_version(sqlite).map_err(sqlite.explain(READING))?;
    let [judge, second_judge] = judges;
    let mut second = second(sqlite)?;
    let middle = second.as_ref().map_or(i64::MAX, |(middle, _)| *middle);
    let mut parts = Vec::with_capacity(2);
    parts.push(Part::new(sqlite, terms, judge, i64::MIN..=middle)?);
    if let Some((_, second)) = &mut second {
        let rows = middle + 1..=i64::MAX;
        parts.push(Part::new(second, terms, second_judge, rows)?);
    }
    let read = if is_wal {
        in_snapshots(&mut parts)
    } else {
        in_turns(&mut parts, false)
    };
    read?;
    let damage = parts.iter_mut().find_map(|part| part.damage.take());
    drop(parts);
    let after = data_version(sqlite).map_err(sqlite.explain(READING))?;
    Ok(Passed {
        damage,
        is_still: before == after,
        unshown: 0,
    })
}

/// Another connection to the file, and the last row that is not to be read by it; None where one thread is as good.
fn second(sqlite: &Sqlite) -> Result<Option<(i64, Sqlite)>> {
    let explain = sqlite.explain(READING);
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let (first, last) = sqlite.settled(|| {
        let sql = format!("SELECT min({0}), max({0}) FROM {TABLE}", sqlite.rowid);
        let ends = sqlite.connection.query_row(&sql, [], |row| {
            Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?))
        });
        ends.map_err(&explain)
    })?;
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(None);
    };
    if cores < 2 || last.abs_diff(first) < WIDE {
        return Ok(None);
    }
    // Where it cannot be opened once more, all is read by the first.
    let opened = open(&sqlite.path, ONCE_MORE, Access::Read, &sqlite.patience);
    Ok(opened.ok().and_then(|mut second| {
        second.turns = sqlite.turns.clone();
        second.get_ready_to_scan().ok()?;
        Some((i64::midpoint(first, last), second))
    }))
}

/// Shows all, each part in one snapshot of the log.
fn in_snapshots(parts: &mut [Part<'_>]) -> Result<()> {
    for part in parts.iter() {
        let begun = part.sqlite.connection.execute_batch("BEGIN");
        begun.map_err(part.sqlite.explain(READING))?;
    }
    let read = in_turns(parts, true);
    let end = if read.is_ok() { "COMMIT" } else { "ROLLBACK" };
    for part in parts {
        let ended = part.sqlite.connection.execute_batch(end);
        if read.is_ok() {
            ended.map_err(part.sqlite.explain(READING))?;
        }
    }
    read
}

/// Shows all, in turns that begin and end together: the system knows one lock of a process, so that each connection by itself would
/// not let go of the file while the other holds it.
fn in_turns(parts: &mut [Part<'_>], at_ease: bool) -> Result<()> {
    while parts.iter().any(|part| part.next.is_some()) {
        let Some((first, others)) = parts.split_first_mut() else {
            break;
        };
        thread::scope(|scope| {
            let others = others.iter_mut().filter(|part| part.next.is_some());
            let others: Vec<_> = others
                .map(|part| scope.spawn(move || part.turn(at_ease)))
                .collect();
            let mut read = first.turn(at_ease);
            for other in others {
                let done = other.join();
                read = read.and(done.unwrap_or_else(|panic| resume_unwind(panic)));
            }
            read
        })?;
    }
    Ok(())
}

/// Shows the first rows, as many as are read while the file is held once.
pub(super) fn pass_some(
    sqlite: &Sqlite,
    terms: &CheckupTerms,
    judge: &mut dyn Judge,
) -> Result<()> {
    let statement = RowsStatement::of(sqlite, terms)?;
    sqlite.settled(|| {
        let read = statement.slice(sqlite, i64::MIN..=i64::MAX, false, judge);
        read.map(drop).map_err(sqlite.explain(READING))
    })
}

/// The statement of a slice.
pub(super) struct RowsStatement {
    sql: String,
    /// Where there are tables of episodes and series, and that is wanted.
    parents: Option<RefCell<ParentLookup>>,
}

impl RowsStatement {
    pub(super) fn of(sqlite: &Sqlite, terms: &CheckupTerms) -> Result<RowsStatement> {
        let explain = sqlite.explain(READING);
        let has_parents = terms.wanted.has(Check::DanglingParent)
            && sqlite.settled(|| schema::has_parents(&sqlite.connection).map_err(&explain))?;
        let rowid = sqlite.rowid;
        Ok(RowsStatement {
            sql: format!(
                "SELECT {}, {rowid} FROM {TABLE} WHERE {rowid} BETWEEN ? AND ? ORDER BY {rowid}",
                column_list(ColumnSet::ALL)
            ),
            parents: has_parents.then(|| RefCell::new(ParentLookup::new(rowid))),
        })
    }

    /// Shows rows of this range until the file has been held for long enough; the number of the next, or None at the end.
    pub(super) fn slice(
        &self,
        sqlite: &Sqlite,
        range: RangeInclusive<i64>,
        at_ease: bool,
        judge: &mut dyn Judge,
    ) -> rusqlite::Result<Option<i64>> {
        let begun = Instant::now();
        let mut statement = sqlite.connection.prepare_cached(&self.sql)?;
        let mut rows = statement.query(params![range.start(), range.end()])?;
        let mut count = 0_u32;
        while let Some(found) = rows.next()? {
            let number = found.get(Column::COUNT)?;
            let mut row = row(sqlite.rowid, number, found)?;
            if let Some(parents) = &self.parents {
                let mut parents = parents.borrow_mut();
                row.orphan = parents.orphan(&sqlite.connection, number, &row.cells)?;
            }
            judge.judge(&row);
            count += 1;
            if !at_ease && count.is_multiple_of(ROWS) && begun.elapsed() >= sqlite.turns.hold {
                return Ok(i64::checked_add(number, 1));
            }
        }
        Ok(None)
    }
}

fn row<'a>(word: &'static str, number: i64, found: &'a Found<'_>) -> rusqlite::Result<Row<'a>> {
    let mut cells = [Cell::Null; Column::COUNT];
    for (index, cell) in cells.iter_mut().enumerate() {
        *cell = match found.get_ref(index)? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Integer(number),
            ValueRef::Real(number) => Cell::Real(number),
            ValueRef::Text(text) => Cell::Text(text),
            ValueRef::Blob(bytes) => Cell::Blob(bytes),
        };
    }
    Ok(Row {
        cells,
        name: (word, number),
        orphan: [None; 2],
    })
}
