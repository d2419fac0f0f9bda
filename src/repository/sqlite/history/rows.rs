//! Rows of the job table in the columns of a piece: read, and put back as they were.

use std::sync::Arc;

use rusqlite::{OptionalExtension, params, params_from_iter};

use crate::job::{Column, Value};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::reading::values::{Bound, quoted, value};

/// A row that is there.
pub(in crate::repository::sqlite) struct StoredRow {
    pub(in crate::repository::sqlite) rowid: i64,
    pub(in crate::repository::sqlite) values: Vec<Value>,
}

fn list(columns: &[Arc<str>], with: impl Fn(&str) -> String) -> String {
    let names: Vec<String> = columns.iter().map(|name| with(name)).collect();
    names.join(", ")
}

/// The row of this id; of several without one, that of this number if there is one.
pub(in crate::repository::sqlite) fn stored_row(
    sqlite: &Sqlite,
    columns: &[Arc<str>],
    id: &Value,
    rowid: i64,
) -> Result<Option<StoredRow>> {
    let number = sqlite.rowid;
    let sql = format!(
        "SELECT {number}, {} FROM {TABLE} WHERE {} IS ? ORDER BY {number} = ? DESC LIMIT 1",
        list(columns, |name| format!("{TABLE}.{}", quoted(name))),
        Column::Id.name()
    );
    let found = sqlite
        .connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement
                .query_row(params![Bound(id), rowid], |row| {
                    let values = (1..=columns.len()).map(|index| Ok(value(row.get_ref(index)?)));
                    Ok(StoredRow {
                        rowid: row.get(0)?,
                        values: values.collect::<rusqlite::Result<_>>()?,
                    })
                })
                .optional()
        });
    found.map_err(sqlite.explain("reading a job"))
}

/// Inserts a row under its old number where that is free.
pub(in crate::repository::sqlite) fn insert_row(
    sqlite: &Sqlite,
    columns: &[Arc<str>],
    values: &[Value],
    rowid: i64,
) -> rusqlite::Result<usize> {
    let number = sqlite.rowid;
    let taken = format!("SELECT 1 FROM {TABLE} WHERE {number} = ?");
    let is_taken = sqlite.connection.prepare_cached(&taken)?.exists([rowid])?;
    let marks = vec!["?"; columns.len()].join(", ");
    let names = list(columns, quoted);
    let values = values.iter().map(Bound);
    if is_taken {
        let sql = format!("INSERT INTO {TABLE} ({names}) VALUES ({marks})");
        return sqlite
            .connection
            .prepare_cached(&sql)?
            .execute(params_from_iter(values));
    }
    let sql = format!("INSERT INTO {TABLE} ({number}, {names}) VALUES (?, {marks})");
    let rowid = Value::Integer(rowid);
    let values = std::iter::once(Bound(&rowid)).chain(values);
    sqlite
        .connection
        .prepare_cached(&sql)?
        .execute(params_from_iter(values))
}

/// Writes these columns of the row of this number.
pub(in crate::repository::sqlite) fn update_row(
    sqlite: &Sqlite,
    columns: &[(&str, &Value)],
    rowid: i64,
) -> rusqlite::Result<usize> {
    let set: Vec<String> = columns
        .iter()
        .map(|(name, _)| format!("{} = ?", quoted(name)))
        .collect();
    let sql = format!(
        "UPDATE {TABLE} SET {} WHERE {} = ?",
        set.join(", "),
        sqlite.rowid
    );
    let rowid = Value::Integer(rowid);
    let values = columns.iter().map(|(_, value)| Bound(value));
    sqlite
        .connection
        .prepare_cached(&sql)?
        .execute(params_from_iter(values.chain([Bound(&rowid)])))
}

pub(in crate::repository::sqlite) fn delete_row(
    sqlite: &Sqlite,
    rowid: i64,
) -> rusqlite::Result<usize> {
    let sql = format!("DELETE FROM {TABLE} WHERE {} = ?", sqlite.rowid);
    sqlite.connection.prepare_cached(&sql)?.execute([rowid])
}
