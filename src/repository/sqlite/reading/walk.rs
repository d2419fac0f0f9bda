//! A read of many rows along one key: the numbers of the rows, or the index of a column. It can stop behind any row and go
//! on there, so a long read of a file that others write holds it for a moment at a time. A read that is over within that
//! moment is one statement along SQLite's own plan. One that has given nothing by then goes on in slices of the key.

use std::time::{Duration, Instant};

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::condition::Condition;
use super::key::{Remaining, Route, Slice};
use super::other_columns::SelectedColumns;
use super::values::{self, refill};
use crate::job::{Job, Value};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::deadline::was_stopped;
use crate::repository::sqlite::connection::schema::TABLE;

/// The most rows of the key in a slice: more than any file has, and a number that SQLite takes.
const MOST_ROWS: u64 = 1 << 40;

const READING: &str = "reading jobs";

/// Takes a row with the columns that it has.
type TakeRow<'a> = dyn FnMut(&SelectedColumns, &Row<'_>, Met) -> Result<Onward> + 'a;

/// What becomes of a walk when it has given a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::sqlite) enum Onward {
    On,
    /// What was given is to be passed on first.
    PassOn,
    /// Nothing more is wanted.
    Stop,
}

/// How a part of a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::sqlite) enum Progress {
    /// There is more, and nobody is kept waiting meanwhile.
    More,
    /// There is no more, or no more is wanted.
    End,
}

/// A row on the walk, beside its job.
#[derive(Clone, Copy, Debug)]
pub(in crate::repository::sqlite) struct Met {
    /// It has the same value of the index as the row before.
    pub same: bool,
    pub row: i64,
}

/// See the head of this file.
pub(in crate::repository::sqlite) struct KeyWalk<'a> {
    sqlite: &'a Sqlite,
    condition: Condition,
    selection: SelectedColumns,
    path: Route,
    rest: Remaining,
    /// The value of the last row that was given, once there was one.
    value: Option<Value>,
    /// Nobody is kept waiting, however long it takes.
    at_ease: bool,
    /// Rows a slice, once the whole has shown to take too long.
    slice: Option<u64>,
    /// Boxed, so that who keeps a row gives another one for it.
    job: Box<Job>,
}

/// One statement of a walk.
struct WalkStatement {
    condition: Condition,
    /// What is left when it has been read to its end.
    then: Remaining,
    is_slice: bool,
}

enum Reached {
    Done,
    Stopped,
    Full,
    Late,
}

impl<'a> KeyWalk<'a> {
    pub(in crate::repository::sqlite) fn new(
        sqlite: &'a Sqlite,
        condition: Condition,
        selection: SelectedColumns,
        path: Route,
        at_ease: bool,
    ) -> KeyWalk<'a> {
        KeyWalk {
            sqlite,
            condition,
            selection,
            path,
            rest: path.whole(),
            value: None,
            at_ease: at_ease || sqlite.alone,
            slice: None,
            job: Box::default(),
        }
    }

    /// Goes in slices from the beginning on, if it is not at ease: for all that is known it may look at many rows before it gives one, and
    /// a statement that is stopped before has been for nothing.
    pub(in crate::repository::sqlite) fn in_slices(mut self, is_sparse: bool) -> Self {
        if is_sparse && !self.at_ease {
            self.cut();
        }
        self
    }

    /// Reads these columns from here on.
    pub(in crate::repository::sqlite) fn select(&mut self, selection: &SelectedColumns) {
        self.selection = selection.clone();
    }

    /// The part of the key that is still to be read, and the value before it.
    pub(in crate::repository::sqlite) fn place(&self) -> (Remaining, Option<Value>) {
        (self.rest.clone(), self.value.clone())
    }

    pub(in crate::repository::sqlite) fn go_back(&mut self, place: (Remaining, Option<Value>)) {
        (self.rest, self.value) = place;
    }

    /// Reads this part of the key alone.
    pub(in crate::repository::sqlite) fn read_only(&mut self, rest: Remaining) {
        self.rest = rest;
    }

    /// Begins at this value of the index instead of at its beginning.
    pub(in crate::repository::sqlite) fn begin_at(&mut self, value: &Value) {
        self.rest = match value {
            Value::Null => Remaining::Nulls(None),
            value => Remaining::From(value.clone()),
        };
    }

    /// Goes on for as long as the file may be held, and gives the jobs that it meets.
    pub(in crate::repository::sqlite) fn go(
        &mut self,
        take: &mut dyn FnMut(&mut Box<Job>, Met) -> Result<Onward>,
    ) -> Result<Progress> {
        let explain = self.sqlite.explain(READING);
        let mut job = std::mem::take(&mut self.job);
        let progress = self.go_by_rows(&mut |selection, row, seen| {
            selection.refill(row, &mut job).map_err(&explain)?;
            take(&mut job, seen)
        });
        self.job = job;
        progress
    }

    /// The same with the rows themselves.
    pub(in crate::repository::sqlite) fn go_by_rows(
        &mut self,
        take: &mut TakeRow<'_>,
    ) -> Result<Progress> {
        let begun = Instant::now();
        while let Some(run) = self.run()? {
            let run_begun = Instant::now();
            let mut given = false;
            let left = self.read(&run, &mut |selection, row, seen| {
                given = true;
                take(selection, row, seen)
            })?;
            match left {
                Reached::Done => {
                    self.rest = run.then;
                    self.fit_slice(run.is_slice, run_begun.elapsed());
                    if !self.at_ease && given && begun.elapsed() > self.sqlite.turns.hold {
                        return Ok(Progress::More);
                    }
                }
                Reached::Stopped => return Ok(Progress::End),
                Reached::Full => return Ok(Progress::More),
                Reached::Late => {
                    if !given {
                        self.cut();
                    }
                    return Ok(Progress::More);
                }
            }
        }
        Ok(Progress::End)
    }

    /// How many rows there are: in one statement, or else in slices.
    pub(in crate::repository::sqlite) fn count(&mut self) -> Result<u64> {
        let mut count = 0;
        while let Some(run) = self.run()? {
            let begun = Instant::now();
            match self.count_run(&run)? {
                Some(counted) => {
                    count += counted.unsigned_abs();
                    self.rest = run.then;
                    self.fit_slice(run.is_slice, begun.elapsed());
                }
                None => self.cut(),
            }
        }
        Ok(count)
    }

    /// None when it takes too long.
    fn count_run(&self, run: &WalkStatement) -> Result<Option<i64>> {
        let explain = self.sqlite.explain("counting jobs");
        let sql = format!("SELECT count(*) FROM {TABLE}{}", run.condition.clause());
        self.sqlite.settled(|| {
            let statement = self.sqlite.connection.prepare_cached(&sql);
            let mut statement = statement.map_err(&explain)?;
            let limit = self.limit(run);
            let _set = limit.map(|limit| self.sqlite.deadline.set(limit));
            match statement.query_row(run.condition.bound(), |row| row.get(0)) {
                Err(error) if was_stopped(&error) => Ok(None),
                counted => counted.map(Some).map_err(&explain),
            }
        })
    }

    fn read(&mut self, run: &WalkStatement, take: &mut TakeRow<'_>) -> Result<Reached> {
        let limit = self.limit(run);
        let (sqlite, path) = (self.sqlite, self.path);
        let (rowid, width) = (sqlite.rowid, self.selection.width());
        let explain = sqlite.explain(READING);
        let column = match path {
            Route::File => String::new(),
            Route::Index { column, .. } => format!(", {}", column.name()),
        };
        let sql = format!(
            "SELECT {}, {rowid}{column} FROM {TABLE}{}{}",
            self.selection.list(),
            run.condition.clause(),
            path.order(rowid)
        );
        let KeyWalk {
            selection,
            value: last,
            ..
        } = self;
        let mut number = None;
        let left = sqlite.settled(|| {
            let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
            let _set = limit.map(|limit| sqlite.deadline.set(limit));
            let mut rows = statement.query(run.condition.bound()).map_err(&explain)?;
            loop {
                let row = match rows.next() {
                    Ok(Some(row)) => row,
                    Ok(None) => return Ok(Reached::Done),
                    Err(error) if was_stopped(&error) => return Ok(Reached::Late),
                    Err(error) => return Err(explain(error)),
                };
                let row_number = row.get(width).map_err(&explain)?;
                let mut seen = Met {
                    same: false,
                    row: row_number,
                };
                if path != Route::File {
                    let found = row.get_ref(width + 1).map_err(&explain)?;
                    seen.same = last.as_ref().is_some_and(|last| is_same(last, found));
                    if !seen.same {
                        refill(last.get_or_insert(Value::Null), found);
                    }
                }
                number = Some(row_number);
                match take(selection, row, seen)? {
                    Onward::On => {}
                    Onward::PassOn => return Ok(Reached::Full),
                    Onward::Stop => return Ok(Reached::Stopped),
                }
            }
        })?;
        if let Some(number) = number {
            self.rest = path.behind(self.value.as_ref(), number);
        }
        Ok(left)
    }

    /// The time after which a statement is stopped.
    fn limit(&self, run: &WalkStatement) -> Option<Duration> {
        let turns = &self.sqlite.turns;
        match self.slice {
            _ if self.at_ease => None,
            None => Some(turns.hold),
            Some(rows) if run.is_slice && rows <= turns.least => None,
            Some(_) => Some(turns.long_slice),
        }
    }

    /// Goes on in slices, or in smaller ones.
    fn cut(&mut self) {
        let turns = &self.sqlite.turns;
        self.slice = Some(match self.slice {
            None => turns.first,
            Some(rows) => (rows / 8).max(turns.least),
        });
    }

    fn fit_slice(&mut self, is_slice: bool, took: Duration) {
        if let (Some(rows), true) = (&mut self.slice, is_slice) {
            let turns = &self.sqlite.turns;
            let factor = turns.slice.as_secs_f64() / took.as_secs_f64().max(1e-6);
            let fitted = *rows as f64 * factor.clamp(0.25, 4.0);
            *rows = (fitted as u64).clamp(turns.least, MOST_ROWS);
        }
    }

    /// The next statement; None when nothing is left.
    fn run(&mut self) -> Result<Option<WalkStatement>> {
        let (run, then) = loop {
            let Some((run, then)) = self.path.run(&self.rest, self.sqlite.rowid) else {
                return Ok(None);
            };
            let Some(rows) = self.slice else {
                break (run, then);
            };
            match self.path.cut(self.sqlite, &self.rest, &run, rows)? {
                Slice::End => break (run, then),
                Slice::Here(slice, then) => break (slice, then),
                Slice::Ties(rest) => self.rest = rest,
            }
        };
        // Of two bounds on the key SQLite seeks by the first, and the filter's own would begin each slice anew.
        let mut condition = run;
        condition.append(self.condition.clone());
        Ok(Some(WalkStatement {
            condition,
            then,
            is_slice: self.slice.is_some(),
        }))
    }
}

/// Bit for bit.
fn is_same(value: &Value, found: ValueRef<'_>) -> bool {
    match (value, found) {
        (Value::Null, ValueRef::Null) => true,
        (Value::Text(text), ValueRef::Text(bytes)) => text.as_bytes() == bytes,
        (Value::Integer(a), ValueRef::Integer(b)) => *a == b,
        (value, found) => *value == values::value(found),
    }
}
