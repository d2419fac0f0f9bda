//! Temporary triggers, which nobody else sees, that show every change of a job which a connection makes, with the values as they are
//! stored. They fire before the table's own.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::job::Column;
use crate::repository::change_log::buffer::Buffer;
use crate::repository::change_log::piece::{EPISODE, Op, SERIES};
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::reading::values::{quoted, stored};

/// Whether anything beside the table itself has to do with its rows.
pub(super) fn is_entangled(connection: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'trigger') AND sql LIKE '%' || ?1 || '%'
        AND (type = 'trigger' OR name <> ?1 COLLATE NOCASE
            OR sql LIKE '%REFERENCES%' || ?1 || '%' OR sql LIKE '%ON%CONFLICT%')";
    connection.prepare(SQL)?.exists([TABLE])
}

const FUNCTION: &str = "jobctl_record";

/// Gives the connection the function that the triggers call.
pub(super) fn register(
    connection: &Connection,
    buffer: Arc<Mutex<Buffer>>,
) -> rusqlite::Result<()> {
    let note = move |context: &mut Context| {
        note(
            &mut buffer.lock().unwrap_or_else(PoisonError::into_inner),
            context,
        );
        Ok(0)
    };
    connection.create_scalar_function(FUNCTION, -1, FunctionFlags::SQLITE_UTF8, note)
}

/// Makes the triggers, or those for other columns in their place.
pub(super) fn make(
    connection: &Connection,
    rowid: &str,
    others: &[Arc<str>],
    parents: bool,
    inserts: bool,
) -> rusqlite::Result<()> {
    connection.execute_batch(&sql(rowid, others, parents, inserts))
}

/// Notes a change that a trigger shows: what was done, and the row before it, after it, or both.
fn note(buffer: &mut Buffer, context: &Context<'_>) {
    let number = |index| match context.get_raw(index) {
        ValueRef::Integer(number) => number,
        _ => 0,
    };
    let rowid = number(1);
    let width = buffer.width();
    let dangling = number(2) as u8;
    let first = |index: usize| stored(context.get_raw(3 + index));
    let second = |index: usize| stored(context.get_raw(3 + width + index));
    match Op::of(number(0)) {
        Some(Op::Insert) => buffer.inserted(rowid, &first),
        Some(Op::Update) => buffer.updated(rowid, dangling, &first, &second),
        Some(Op::Delete) => buffer.deleted(rowid, dangling, &first),
        None => {}
    }
}

/// The triggers that show each change.
fn sql(rowid: &str, others: &[Arc<str>], parents: bool, inserts: bool) -> String {
    // Only a parent that was there can be gone when the row is to come back.
    let missing = |column: Column, table: &str| {
        let column = column.name();
        format!(
            "(old.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM main.{table} WHERE id = old.{column}))"
        )
    };
    let dangling = if parents {
        format!(
            "{} * {EPISODE} + {} * {SERIES}",
            missing(Column::EpisodeId, "episodes"),
            missing(Column::SeriesId, "series")
        )
    } else {
        "0".to_owned()
    };
    let row = |age: &str| {
        let known = Column::ALL.iter().map(|column| column.name());
        let names = known.chain(others.iter().map(AsRef::as_ref));
        let values: Vec<String> = names
            .map(|name| format!("{age}.{}", quoted(name)))
            .collect();
        values.join(", ")
    };
    let (old, new) = (row("old"), row("new"));
    let kinds = [
        ("INSERT", Op::Insert, format!("new.{rowid}, 0, {new}")),
        (
            "UPDATE",
            Op::Update,
            format!("old.{rowid}, {dangling}, {old}, {new}"),
        ),
        (
            "DELETE",
            Op::Delete,
            format!("old.{rowid}, {dangling}, {old}"),
        ),
    ];
    let make = |(event, op, values): &(&str, Op, String)| {
        let number = *op as i64;
        format!(
            "DROP TRIGGER IF EXISTS temp.jobctl_{number};
            CREATE TEMP TRIGGER jobctl_{number} AFTER {event} ON main.{TABLE}
            BEGIN SELECT {FUNCTION}({number}, {values}); END;"
        )
    };
    let wanted = kinds
        .iter()
        .filter(|(_, op, _)| inserts || *op != Op::Insert);
    wanted.map(make).collect()
}
