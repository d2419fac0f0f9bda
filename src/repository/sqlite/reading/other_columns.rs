//! Columns that the table has beside those that jobctl knows: a later version of the service may add some. They belong to
//! the row, so whoever reads a whole one reads them too. A column that SQLite computes is no part of what is stored.

use std::sync::Arc;

use rusqlite::Row;

use super::transaction::{begin_reading, end_reading};
use super::values::{column_list, quoted, refill, stored, value};
use crate::job::columns::Takes;
use crate::job::{Column, ColumnSet, Job, PackedRows, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::connection::seen_columns::{self, ColumnNames, UnknownColumns};
use crate::repository::{Result, Sink};

/// The columns that a statement reads.
#[derive(Clone)]
pub(in crate::repository::sqlite) struct SelectedColumns {
    columns: ColumnSet,
    known: Vec<Column>,
    others: ColumnNames,
}

impl SelectedColumns {
    pub(in crate::repository::sqlite) fn of(
        sqlite: &Sqlite,
        columns: ColumnSet,
    ) -> Result<SelectedColumns> {
        let others = if columns.has_others() {
            names(sqlite)?
        } else {
            ColumnNames::default()
        };
        Ok(SelectedColumns {
            columns,
            known: columns.iter().collect(),
            others,
        })
    }

    /// As SQL lists them.
    pub(in crate::repository::sqlite) fn list(&self) -> String {
        let mut list = column_list(self.columns);
        for name in self.others.iter() {
            // With the table before it: a quoted name alone would be a text when the column has gone.
            list.push_str(&format!(", {TABLE}.{}", quoted(name)));
        }
        list
    }

    /// How many they are.
    pub(in crate::repository::sqlite) fn width(&self) -> usize {
        self.known.len() + self.others.len()
    }

    /// Puts a row that `list` selected in the place of one that it selected before.
    pub(in crate::repository::sqlite) fn refill(
        &self,
        row: &Row<'_>,
        job: &mut Job,
    ) -> rusqlite::Result<()> {
        for (index, column) in self.known.iter().enumerate() {
            refill(job.value_mut(*column), row.get_ref(index)?);
        }
        if self.others.is_empty() {
            return Ok(());
        }
        let slots = job.others_mut();
        let names = slots.iter().map(|(name, _)| name);
        if !names.eq(self.others.iter()) {
            let empty = |name: &Arc<str>| (Arc::clone(name), Value::Null);
            *slots = self.others.iter().map(empty).collect();
        }
        for (index, (_, slot)) in slots.iter_mut().enumerate() {
            refill(slot, row.get_ref(self.known.len() + index)?);
        }
        Ok(())
    }

    /// The rows to which a sink wants these added; None where it wants jobs.
    pub(in crate::repository::sqlite) fn packed<'a>(
        &self,
        sink: &'a mut dyn Sink,
    ) -> Option<&'a mut PackedRows> {
        sink.packed(self.columns, &self.others)
    }

    /// Adds a row that `list` selected.
    pub(in crate::repository::sqlite) fn pack(
        &self,
        row: &Row<'_>,
        rows: &mut PackedRows,
    ) -> rusqlite::Result<()> {
        (0..self.width()).try_for_each(|index| {
            rows.push(stored(row.get_ref(index)?));
            Ok(())
        })
    }

    /// A job from a row that `list` selected.
    pub(in crate::repository::sqlite) fn job(&self, row: &Row<'_>) -> rusqlite::Result<Job> {
        let mut job = super::values::job(row, self.columns)?;
        if !self.others.is_empty() {
            let first = self.known.len();
            let other = |(index, name): (usize, &Arc<str>)| {
                Ok((Arc::clone(name), value(row.get_ref(first + index)?)))
            };
            let others = self.others.iter().enumerate().map(other);
            job.set_others(others.collect::<rusqlite::Result<_>>()?);
        }
        Ok(job)
    }
}

/// The names as they are now; the schema can change while a long run goes on.
pub(in crate::repository::sqlite) fn names(sqlite: &Sqlite) -> Result<ColumnNames> {
    let explain = sqlite.explain("reading the columns of the table");
    let transaction = begin_reading(sqlite)?;
    let names = seen(sqlite).map_err(&explain)?.0;
    end_reading(sqlite, transaction)?;
    Ok(names)
}

/// The same with what each takes.
pub(in crate::repository::sqlite) fn declared(sqlite: &Sqlite) -> Result<Vec<(Arc<str>, Takes)>> {
    let explain = sqlite.explain("reading the columns of the table");
    let transaction = begin_reading(sqlite)?;
    let (names, takes) = seen(sqlite).map_err(&explain)?;
    end_reading(sqlite, transaction)?;
    Ok(names.iter().cloned().zip(takes.iter().copied()).collect())
}

fn seen(sqlite: &Sqlite) -> rusqlite::Result<(ColumnNames, Arc<[Takes]>)> {
    let schema = seen_columns::schema(&sqlite.connection)?;
    if let Some(seen) = sqlite.others.borrow().as_ref()
        && seen.schema == schema
    {
        return Ok((Arc::clone(&seen.names), Arc::clone(&seen.takes)));
    }
    let seen = UnknownColumns::of(schema, &seen_columns::declared(&sqlite.connection)?);
    let found = (Arc::clone(&seen.names), Arc::clone(&seen.takes));
    sqlite.others.replace(Some(seen));
    Ok(found)
}
