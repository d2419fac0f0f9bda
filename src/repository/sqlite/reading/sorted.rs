//! Sorting where no index gives the order: the keys of all matches first, and then the rows that are wanted, by their numbers where
//! their keys do not carry all that is wanted of them.

use std::cmp::Ordering;
use std::iter;
use std::time::Instant;

use rusqlite::OptionalExtension as _;

use super::other_columns::SelectedColumns;
use super::outlet::Outlet;
use super::row_key::{RowKey, carried, compare, put_back};
use super::short_id::ShortId;
use super::sorted_runs::SortedRuns;
use super::transaction::{begin_at_once, end_reading};
use super::walk::Onward;
use crate::job::order::{Cursor, Order};
use crate::job::{Column, ColumnSet, Filter, Job};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;

/// The least number of keys that is kept before those that nobody wants go.
const LEAST: usize = if cfg!(test) { 4 } else { 1024 };

/// The most bytes of keys that are kept in memory, about, and the share of them from which on those that nobody wants go
/// although they are few.
const MOST_BYTES: usize = if cfg!(test) { 800 } else { 5 << 19 };
const MANY_BYTES: usize = MOST_BYTES / 4;

/// The keys of the first rows of an order.
pub(in crate::repository::sqlite) struct Keys<'a> {
    order: Order,
    after: Option<&'a Cursor>,
    wanted: usize,
    /// The columns that the keys carry; None where the rows are read again.
    carried: Option<ColumnSet>,
    keys: Vec<RowKey>,
    /// The memory of the keys, in bytes.
    bytes: usize,
    /// Some have gone, and the last one wanted stands at its place.
    is_cut: bool,
    /// Those for which there was no memory.
    runs: SortedRuns,
}

impl<'a> Keys<'a> {
    pub(in crate::repository::sqlite) fn new(
        order: Order,
        after: Option<&'a Cursor>,
        wanted: u64,
    ) -> Keys<'a> {
        Keys {
            order,
            after,
            wanted: usize::try_from(wanted).unwrap_or(usize::MAX),
            carried: None,
            keys: Vec::new(),
            bytes: 0,
            is_cut: false,
            runs: SortedRuns::default(),
        }
    }

    /// Lets the keys carry the values of these columns, where they are short.
    pub(in crate::repository::sqlite) fn carrying(mut self, columns: Option<ColumnSet>) -> Self {
        self.carried = columns;
        self
    }

    /// Takes the key of a row.
    pub(in crate::repository::sqlite) fn add(&mut self, job: &mut Job, row: i64) {
        let last = if self.is_cut {
            self.keys.get(self.wanted - 1)
        } else {
            None
        };
        let beside_last = last.map(|last| {
            let value = job.get(self.order.column).sort_cmp(&last.value);
            self.order.directed(value)
        });
        if beside_last == Some(Ordering::Greater) {
            return;
        }
        let id = match self.order.column {
            Column::Id => ShortId::Uuid(0),
            _ => ShortId::of(job.get(Column::Id)),
        };
        if beside_last == Some(Ordering::Equal)
            && last.is_some_and(|last| self.order.directed(id.sort_cmp(&last.id)).is_gt())
        {
            return;
        }
        let key = RowKey {
            value: std::mem::take(job.value_mut(self.order.column)),
            id,
            row,
            carried: None,
        };
        if let Some(cursor) = self.after {
            let id = match self.order.column {
                Column::Id => ShortId::Uuid(0),
                _ => ShortId::of(&cursor.id),
            };
            if compare(self.order, (&key.value, &key.id), (&cursor.value, &id)).is_le() {
                return;
            }
        }
        let carried = self.carried.and_then(|columns| carried(job, columns));
        let key = RowKey { carried, ..key };
        self.bytes += key.size();
        self.keys.push(key);
        let order = self.order;
        let compare = |a: &RowKey, b: &RowKey| a.compare(order, b);
        if keep_first(&mut self.keys, self.wanted, compare)
            || self.bytes > MANY_BYTES && cut(&mut self.keys, self.wanted, compare)
        {
            self.is_cut = true;
            self.bytes = self.keys.iter().map(RowKey::size).sum();
        }
        if self.bytes > MOST_BYTES {
            self.sort();
            self.runs.add(&mut self.keys);
            self.bytes = 0;
            self.is_cut = false;
        }
    }

    fn sort(&mut self) {
        let order = self.order;
        self.keys.sort_unstable_by(|a, b| a.compare(order, b));
        self.keys.truncate(self.wanted);
    }

    fn in_order(mut self) -> Result<impl Iterator<Item = Result<RowKey>>> {
        self.sort();
        let merged = self.runs.merge(self.order, self.keys)?;
        Ok(merged.take(self.wanted))
    }

    /// Gives the rows, in order: from their keys, or by their numbers as `fetch` does.
    pub(in crate::repository::sqlite) fn give(
        self,
        sqlite: &Sqlite,
        selection: &SelectedColumns,
        filter: Option<&Filter>,
        outlet: &mut Outlet<'_>,
    ) -> Result<()> {
        let (column, columns) = (self.order.column, self.carried);
        let carries = |key: &Result<RowKey>| key.as_ref().is_ok_and(|key| key.carried.is_some());
        let mut keys = self.in_order()?.peekable();
        let mut job = Job::default();
        while keys.peek().is_some() && outlet.step() != Onward::Stop {
            while let Some(key) = keys.next_if(carries) {
                let key = key?;
                let carried = key.carried.as_deref().unwrap_or_default();
                put_back(carried, columns.unwrap_or_default(), &mut job);
                job.set(Column::Id, key.id.value());
                job.set(column, key.value);
                outlet.give(&mut job)?;
                match outlet.step() {
                    Onward::On => {}
                    Onward::PassOn => outlet.pass_on()?,
                    Onward::Stop => return Ok(()),
                }
            }
            let numbered = iter::from_fn(|| keys.next_if(|key| !carries(key)));
            let rows = numbered.map(|key| key.map(|key| key.row));
            fetch(sqlite, rows, selection, filter, outlet)?;
        }
        Ok(())
    }
}

/// Lets those go that are not among the first that are wanted, now and then; true when it did, and the last of them stands last.
pub(super) fn keep_first<T>(
    keys: &mut Vec<T>,
    wanted: usize,
    compare: impl FnMut(&T, &T) -> Ordering,
) -> bool {
    keys.len() >= LEAST && cut(keys, wanted, compare)
}

/// The same, however few they are.
fn cut<T>(keys: &mut Vec<T>, wanted: usize, compare: impl FnMut(&T, &T) -> Ordering) -> bool {
    if wanted > 0 && keys.len() >= wanted.saturating_mul(2) {
        keys.select_nth_unstable_by(wanted - 1, compare);
        keys.truncate(wanted);
        return true;
    }
    false
}

/// Gives the rows of these numbers, as far as they are wanted, and still match where they may have changed since.
pub(in crate::repository::sqlite) fn fetch(
    sqlite: &Sqlite,
    rows: impl Iterator<Item = Result<i64>>,
    selection: &SelectedColumns,
    filter: Option<&Filter>,
    outlet: &mut Outlet<'_>,
) -> Result<()> {
    let explain = sqlite.explain("reading jobs");
    let sql = format!(
        "SELECT {} FROM {TABLE} WHERE {} = ?",
        selection.list(),
        sqlite.rowid
    );
    let mut job = Job::default();
    let mut rows = rows.peekable();
    while rows.peek().is_some() && outlet.step() != Onward::Stop {
        let transaction = sqlite.settled(|| begin_at_once(sqlite))?;
        let begun = Instant::now();
        let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
        for row in rows.by_ref() {
            let found = statement.query_row([row?], |row| selection.refill(row, &mut job));
            if found.optional().map_err(&explain)?.is_some()
                && filter.is_none_or(|filter| filter.matches(&job))
            {
                outlet.give(&mut job)?;
            }
            if outlet.step() != Onward::On
                || (transaction.is_some() && begun.elapsed() > sqlite.turns.hold)
            {
                break;
            }
        }
        drop(statement);
        end_reading(sqlite, transaction)?;
        outlet.pass_on()?;
    }
    Ok(())
}
