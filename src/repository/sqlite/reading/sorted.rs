//! Sorting where no index gives the order: the keys of all matches first, and then the rows that are wanted, by their numbers.

use std::cmp::Ordering;
use std::time::Instant;

use rusqlite::OptionalExtension as _;

use super::other_columns::SelectedColumns;
use super::outlet::Outlet;
use super::short_id::ShortId;
use super::transaction::{begin_at_once, end_reading};
use super::walk::Onward;
use crate::job::order::{Cursor, Order};
use crate::job::{Column, Filter, Job, Value};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;

/// The least number of keys that is kept before those that nobody wants go.
const LEAST: usize = if cfg!(test) { 4 } else { 1024 };

struct RowKey {
    value: Value,
    id: ShortId,
    row: i64,
}

/// The keys of the first rows of an order.
pub(in crate::repository::sqlite) struct Keys<'a> {
    order: Order,
    after: Option<&'a Cursor>,
    wanted: usize,
    keys: Vec<RowKey>,
    /// Some have gone, and the last one wanted stands at its place.
    is_cut: bool,
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
            keys: Vec::new(),
            is_cut: false,
        }
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
        self.keys.push(key);
        let order = self.order;
        self.is_cut |= keep_first(&mut self.keys, self.wanted, |a, b| a.compare(order, b));
    }

    fn sort(&mut self) {
        let order = self.order;
        self.keys.sort_unstable_by(|a, b| a.compare(order, b));
        self.keys.truncate(self.wanted);
    }

    /// The numbers of the rows, in order.
    pub(in crate::repository::sqlite) fn rows(mut self) -> Vec<i64> {
        self.sort();
        self.keys.into_iter().map(|key| key.row).collect()
    }

    /// Gives the rows, in order, with nothing but their keys.
    pub(in crate::repository::sqlite) fn give(mut self, outlet: &mut Outlet<'_>) -> Result<()> {
        self.sort();
        for key in self.keys {
            let mut job = Job::default();
            job.set(Column::Id, key.id.value());
            job.set(self.order.column, key.value);
            outlet.give(&mut job)?;
            if outlet.step() == Onward::PassOn {
                outlet.pass_on()?;
            }
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
    if wanted > 0 && keys.len() >= wanted.saturating_mul(2).max(LEAST) {
        keys.select_nth_unstable_by(wanted - 1, compare);
        keys.truncate(wanted);
        return true;
    }
    false
}

impl RowKey {
    fn compare(&self, order: Order, other: &RowKey) -> Ordering {
        compare(order, (&self.value, &self.id), (&other.value, &other.id))
    }
}

fn compare(order: Order, a: (&Value, &ShortId), b: (&Value, &ShortId)) -> Ordering {
    order.directed(a.0.sort_cmp(b.0).then_with(|| a.1.sort_cmp(b.1)))
}

/// Gives the rows of these numbers, as far as they are wanted, and still match where they may have changed since.
pub(in crate::repository::sqlite) fn fetch(
    sqlite: &Sqlite,
    rows: &[i64],
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
    let mut rows = rows.iter().peekable();
    while rows.peek().is_some() && outlet.step() != Onward::Stop {
        let transaction = sqlite.settled(|| begin_at_once(sqlite))?;
        let begun = Instant::now();
        let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
        for row in rows.by_ref() {
            let found = statement.query_row([row], |row| selection.refill(row, &mut job));
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
