//! The conversion between a job and SQLite's bound parameters and result rows, which loses nothing in either direction.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Row, ToSql};

use crate::job::value::StoredValue;
use crate::job::{Column, ColumnSet, Job, Value};

/// Binds a value with the storage class that it has.
pub(in crate::repository::sqlite) struct Bound<'a>(pub(in crate::repository::sqlite) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0.stored() {
            StoredValue::Null => ValueRef::Null,
            StoredValue::Integer(number) => ValueRef::Integer(number),
            StoredValue::Real(number) => ValueRef::Real(number),
            StoredValue::Text(bytes) => ValueRef::Text(bytes),
            StoredValue::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

pub(in crate::repository::sqlite) fn stored(value: ValueRef<'_>) -> StoredValue<'_> {
    match value {
        ValueRef::Null => StoredValue::Null,
        ValueRef::Integer(number) => StoredValue::Integer(number),
        ValueRef::Real(number) => StoredValue::Real(number),
        ValueRef::Text(bytes) => StoredValue::Text(bytes),
        ValueRef::Blob(bytes) => StoredValue::Blob(bytes),
    }
}

pub(in crate::repository::sqlite) fn value(value: ValueRef<'_>) -> Value {
    stored(value).into()
}

/// Puts a value in the place of another, in the memory that this one has.
pub(in crate::repository::sqlite) fn refill(slot: &mut Value, found: ValueRef<'_>) {
    slot.refill(stored(found));
}

/// A job from a row that `column_list` of the same columns selected.
pub(in crate::repository::sqlite) fn job(
    row: &Row<'_>,
    columns: ColumnSet,
) -> rusqlite::Result<Job> {
    let mut job = Job::default();
    for (index, column) in columns.iter().enumerate() {
        job.set(column, value(row.get_ref(index)?));
    }
    Ok(job)
}

/// `id, job_type, …` of a set of columns, in the table's order.
pub(in crate::repository::sqlite) fn column_list(columns: ColumnSet) -> String {
    let names: Vec<&str> = columns.iter().map(Column::name).collect();
    names.join(", ")
}

/// A name as SQL takes it.
pub(in crate::repository::sqlite) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
