//! The pass over all rows: each is shown to the judge where it lies in SQLite's memory. Where others may wait for the file it
//! lets go of it every 50 ms, and goes on behind the last row.

use std::cell::RefCell;
use std::time::Instant;

use rusqlite::types::ValueRef;
use rusqlite::{Row as Found, params};

use super::parent_lookup::ParentLookup;
use crate::job::checkup::{Cell, Check, CheckupTerms, Judge, Row};
use crate::job::{Column, ColumnSet};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::refusal;
use crate::repository::sqlite::connection::schema::{self, TABLE};
use crate::repository::sqlite::reading::values::column_list;
use crate::repository::sqlite::writing::sweep_state::data_version;
use crate::repository::{Passed, Result};

/// Rows between two looks at the clock.
const ROWS: u32 = 16;

const READING: &str = "reading all jobs";

pub(super) fn pass(sqlite: &Sqlite, terms: &CheckupTerms, judge: &mut dyn Judge) -> Result<Passed> {
    let explain = sqlite.explain(READING);
    let is_wal = sqlite.is_wal()?;
    let before = data_version(sqlite).map_err(&explain)?;
    let statement = RowsStatement::of(sqlite, terms)?;
    if is_wal {
        sqlite.connection.execute_batch("BEGIN").map_err(&explain)?;
    }
    let mut damage = None;
    let mut next = Some(i64::MIN);
    while let Some(from) = next {
        let slice = sqlite.settled(|| {
            let read = statement.slice(sqlite, from, is_wal, judge);
            read.or_else(|error| match refusal::code(&error) {
                Some(code) if code.code == rusqlite::ErrorCode::DatabaseCorrupt => {
                    damage = Some(error.to_string());
                    Ok(None)
                }
                _ => Err(explain(error)),
            })
        });
        next = match slice {
            Ok(next) => next,
            Err(error) => {
                if is_wal {
                    let _ = sqlite.connection.execute_batch("ROLLBACK");
                }
                return Err(error);
            }
        };
    }
    if is_wal {
        let ended = sqlite.connection.execute_batch("COMMIT");
        ended.map_err(&explain)?;
    }
    let after = data_version(sqlite).map_err(&explain)?;
    Ok(Passed {
        damage,
        is_still: before == after,
        unshown: 0,
    })
}

/// Shows the first rows, as many as are read while the file is held once.
pub(super) fn pass_some(
    sqlite: &Sqlite,
    terms: &CheckupTerms,
    judge: &mut dyn Judge,
) -> Result<()> {
    let statement = RowsStatement::of(sqlite, terms)?;
    sqlite.settled(|| {
        let read = statement.slice(sqlite, i64::MIN, false, judge);
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
                "SELECT {}, {rowid} FROM {TABLE} WHERE {rowid} >= ? ORDER BY {rowid}",
                column_list(ColumnSet::ALL)
            ),
            parents: has_parents.then(|| RefCell::new(ParentLookup::new(rowid))),
        })
    }

    /// Shows rows from this one on until the file has been held for long enough; the number of the next, or None at the end.
    pub(super) fn slice(
        &self,
        sqlite: &Sqlite,
        from: i64,
        at_ease: bool,
        judge: &mut dyn Judge,
    ) -> rusqlite::Result<Option<i64>> {
        let begun = Instant::now();
        let mut statement = sqlite.connection.prepare_cached(&self.sql)?;
        let mut rows = statement.query(params![from])?;
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
