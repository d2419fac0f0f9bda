//! The key along which a long read goes, and how much of it is still to be read: as conditions of the next statement.

use rusqlite::OptionalExtension as _;

use super::condition::Condition;
use super::values::value;
use crate::job::{Column, Value};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;

/// Along what a read goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::sqlite) enum Route {
    /// The numbers of the rows.
    File,
    /// The index of a column; rows of one value by their numbers, in the same direction.
    Index {
        column: Column,
        descending: bool,
        /// Rows without a value may match.
        nulls: bool,
    },
}

/// The part of the key that is still to be read.
#[derive(Clone, Debug)]
pub(in crate::repository::sqlite) enum Remaining {
    /// Rows from this number on.
    Rows(i64),
    /// Rows without a value, behind this one.
    Nulls(Option<i64>),
    /// All rows with a value.
    Values,
    /// Rows from this value on.
    From(Value),
    /// Rows of this value behind this one, and all beyond the value.
    Of(Value, Option<i64>),
    /// Rows beyond this value.
    Beyond(Value),
    Nothing,
}

/// Where a slice of the key ends.
pub(in crate::repository::sqlite) enum Slice {
    /// At the end of the run: it is no longer than the slice.
    End,
    /// Here: the conditions of the slice, and what is left behind it.
    Here(Condition, Remaining),
    /// Nowhere before all rows of one value: these come first, and are cut by their numbers.
    Ties(Remaining),
}

impl Route {
    pub(in crate::repository::sqlite) fn whole(self) -> Remaining {
        match self {
            Route::File => Remaining::Rows(i64::MIN),
            Route::Index {
                descending: false,
                nulls: true,
                ..
            } => Remaining::Nulls(None),
            Route::Index { .. } => Remaining::Values,
        }
    }

    /// What is left behind a row.
    pub(in crate::repository::sqlite) fn behind(
        self,
        value: Option<&Value>,
        row: i64,
    ) -> Remaining {
        match (self, value) {
            (Route::File, _) => row
                .checked_add(1)
                .map_or(Remaining::Nothing, Remaining::Rows),
            (Route::Index { .. }, None | Some(Value::Null)) => Remaining::Nulls(Some(row)),
            (Route::Index { .. }, Some(value)) => Remaining::Of(value.clone(), Some(row)),
        }
    }

    /// ` ORDER BY …`
    pub(in crate::repository::sqlite) fn order(self, rowid: &str) -> String {
        match self {
            Route::File => format!(" ORDER BY {rowid}"),
            Route::Index {
                column, descending, ..
            } => {
                let way = if descending { "DESC" } else { "ASC" };
                format!(" ORDER BY {} {way}, {rowid} {way}", column.name())
            }
        }
    }

    fn is_descending(self) -> bool {
        matches!(
            self,
            Route::Index {
                descending: true,
                ..
            }
        )
    }

    fn column(self) -> &'static str {
        match self {
            Route::File => "",
            Route::Index { column, .. } => column.name(),
        }
    }

    /// The next run of rows that one statement can give in order, and what is left behind it; None when nothing is left.
    pub(in crate::repository::sqlite) fn run(
        self,
        rest: &Remaining,
        rowid: &str,
    ) -> Option<(Condition, Remaining)> {
        let column = self.column();
        let than = if self.is_descending() { "<" } else { ">" };
        let takes_nulls = matches!(self, Route::Index { nulls: true, .. });
        let behind_values = match (self.is_descending(), takes_nulls) {
            (true, true) => Remaining::Nulls(None),
            _ => Remaining::Nothing,
        };
        let mut run = Condition::default();
        let behind_row = |run: &mut Condition, row: &Option<i64>| {
            if let Some(row) = row {
                run.push(format!("{rowid} {than} ?"), [Value::Integer(*row)]);
            }
        };
        let then = match rest {
            Remaining::Nothing => return None,
            Remaining::Rows(from) => {
                if *from > i64::MIN {
                    run.push(format!("{rowid} >= ?"), [Value::Integer(*from)]);
                }
                Remaining::Nothing
            }
            Remaining::Nulls(row) => {
                run.push(format!("{column} IS NULL"), []);
                behind_row(&mut run, row);
                if self.is_descending() {
                    Remaining::Nothing
                } else {
                    Remaining::Values
                }
            }
            Remaining::Values => {
                run.push(format!("{column} IS NOT NULL"), []);
                behind_values
            }
            Remaining::From(value) => {
                run.push(format!("{column} {than}= ?"), [value.clone()]);
                behind_values
            }
            Remaining::Of(value, row) => {
                run.push(format!("{column} = ?"), [value.clone()]);
                behind_row(&mut run, row);
                Remaining::Beyond(value.clone())
            }
            Remaining::Beyond(value) => {
                run.push(format!("{column} {than} ?"), [value.clone()]);
                behind_values
            }
        };
        Some((run, then))
    }

    /// Cuts a slice of about this many rows of the key from the beginning of a run.
    pub(in crate::repository::sqlite) fn cut(
        self,
        sqlite: &Sqlite,
        rest: &Remaining,
        run: &Condition,
        rows: u64,
    ) -> Result<Slice> {
        let rowid = sqlite.rowid;
        let mut slice = run.clone();
        if let Route::File = self {
            let first = entry(sqlite, rowid, run, &self.order(rowid), 0)?;
            let Some((_, first)) = first else {
                return Ok(Slice::Here(run.clone(), Remaining::Nothing));
            };
            let rows = i64::try_from(rows).unwrap_or(i64::MAX);
            let last = first.saturating_add(rows);
            slice.push(format!("{rowid} <= ?"), [Value::Integer(last)]);
            return Ok(Slice::Here(slice, self.behind(None, last)));
        }
        let (column, order) = (self.column(), self.order(rowid));
        let Some((end, row)) = entry(sqlite, column, run, &order, rows)? else {
            return Ok(Slice::End);
        };
        let than = if self.is_descending() { ">" } else { "<" };
        match rest {
            Remaining::Nulls(_) | Remaining::Of(..) => {
                slice.push(format!("{rowid} {than}= ?"), [Value::Integer(row)]);
                Ok(Slice::Here(slice, self.behind(Some(&end), row)))
            }
            _ => {
                let first = entry(sqlite, column, run, &order, 0)?;
                let is_end = |value: &Value| value.sort_cmp(&end).is_eq();
                let begins_there = matches!(rest, Remaining::From(value) if is_end(value));
                if begins_there || first.is_none_or(|(first, _)| is_end(&first)) {
                    return Ok(Slice::Ties(Remaining::Of(end, None)));
                }
                slice.push(format!("{column} {than} ?"), [end.clone()]);
                Ok(Slice::Here(slice, Remaining::From(end)))
            }
        }
    }
}

impl Route {
    /// Passes over the first rows of an index without a look at the rows themselves. Gives what is left, from the first row of a
    /// value on, and how many rows of that are still to be passed over.
    pub(in crate::repository::sqlite) fn behind_first(
        self,
        sqlite: &Sqlite,
        rows: u64,
    ) -> Result<(Remaining, u64)> {
        let (column, rowid) = (self.column(), sqlite.rowid);
        let order = self.order(rowid);
        let mut rest = self.whole();
        let mut left = rows;
        while let Some((run, then)) = self.run(&rest, rowid) {
            // Rows without a value are all of one, and come in the order of their ids.
            if matches!(rest, Remaining::Nulls(_)) {
                return Ok((rest, left));
            }
            let far = left.min(sqlite.turns.jump);
            match entry(sqlite, column, &run, &order, far)? {
                None => {
                    left = left.saturating_sub(count(sqlite, &run)?);
                    rest = then;
                }
                Some((value, row)) if far == left => {
                    let than = if self.is_descending() { ">" } else { "<" };
                    let mut before = Condition::default();
                    before.push(format!("{column} = ?"), [value.clone()]);
                    before.push(format!("{rowid} {than} ?"), [Value::Integer(row)]);
                    return Ok((Remaining::From(value), count(sqlite, &before)?));
                }
                Some((value, row)) => {
                    left -= far + 1;
                    rest = Remaining::Of(value, Some(row));
                }
            }
        }
        Ok((Remaining::Nothing, left))
    }
}

/// How many rows a run has.
fn count(sqlite: &Sqlite, run: &Condition) -> Result<u64> {
    let explain = sqlite.explain("reading an index");
    let sql = format!("SELECT count(*) FROM {TABLE}{}", run.clause());
    sqlite.settled(|| {
        let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
        let count: i64 = statement
            .query_row(run.bound(), |row| row.get(0))
            .map_err(&explain)?;
        Ok(count.unsigned_abs())
    })
}

/// The value and the number of the row that stands this far behind the first of a run.
fn entry(
    sqlite: &Sqlite,
    column: &str,
    run: &Condition,
    order: &str,
    far: u64,
) -> Result<Option<(Value, i64)>> {
    let explain = sqlite.explain("reading an index");
    let sql = format!(
        "SELECT {column}, {} FROM {TABLE}{}{order} LIMIT 1 OFFSET {far}",
        sqlite.rowid,
        run.clause()
    );
    sqlite.settled(|| {
        let mut statement = sqlite.connection.prepare(&sql).map_err(&explain)?;
        let entry =
            statement.query_row(run.bound(), |row| Ok((value(row.get_ref(0)?), row.get(1)?)));
        entry.optional().map_err(&explain)
    })
}
