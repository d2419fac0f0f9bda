//! Rows of the job table as the history keeps them: every column in a form that loses nothing, and the way back into the
//! column.

use std::collections::HashMap;
use std::sync::Arc;

use tokio_postgres::Row;

use super::kept_row::KeptRow;
use crate::job::value::hex;
use crate::job::{Column, JobId, Value};
use crate::repository::Result;
use crate::repository::change_log::piece::{EPISODE, SERIES};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::{JobTable, TABLE};
use crate::repository::postgres::connection::stored_column::Stored;
use crate::repository::postgres::connection::values::{Argument, micros, value};
use crate::repository::postgres::reading::pages::texts;

/// The columns of a kept row, as SQL lists them.
pub(in crate::repository::postgres) fn kept_list(table: &JobTable) -> String {
    let mut list: Vec<String> = table.stored_columns().map(kept).collect();
    list.push(dangling(table));
    list.join(", ")
}

/// The number of columns in it.
pub(in crate::repository::postgres) fn kept_width(table: &JobTable) -> usize {
    Column::COUNT + table.others.len() + 1
}

/// A column in a form that loses nothing.
pub(super) fn kept(stored: &Stored) -> String {
    if is_kept_otherwise(stored) {
        format!("{}::text", stored.quoted())
    } else {
        stored.expression()
    }
}

/// Whether that is another form than the one in which jobs are read.
pub(super) fn is_kept_otherwise(stored: &Stored) -> bool {
    stored.base == "numeric"
}

pub(super) fn dangling(table: &JobTable) -> String {
    if !table.has_parents {
        return "0".to_owned();
    }
    let bit = |column: Column, parent: &str, bit: u8| {
        let name = column.name();
        format!(
            "CASE WHEN {TABLE}.{name} IS NULL OR EXISTS (SELECT FROM {parent} WHERE {parent}.id::text = {TABLE}.{name}::text) \
             THEN 0 ELSE {bit} END"
        )
    };
    format!(
        "({} + {})",
        bit(Column::EpisodeId, "episodes", EPISODE),
        bit(Column::SeriesId, "series", SERIES)
    )
}

/// The row that `kept_list` selected from this column on.
pub(in crate::repository::postgres) fn kept_row(table: &JobTable, row: &Row, at: usize) -> KeptRow {
    let width = kept_width(table) - 1;
    let values = (at..at + width).map(|index| value(row, index)).collect();
    let dangling = match value(row, at + width) {
        Value::Integer(bits) => bits as u8,
        _ => 0,
    };
    KeptRow { values, dangling }
}

/// The rows of these ids, locked until the transaction ends where that is asked for.
pub(in crate::repository::postgres) fn stored_rows(
    postgres: &Postgres,
    doing: &'static str,
    ids: &[JobId],
    locked: bool,
) -> Result<HashMap<JobId, KeptRow>> {
    let table = &postgres.table;
    // In one order, so that two that lock the same jobs do not wait for each other.
    let lock = if locked {
        format!(" ORDER BY {} FOR UPDATE", table.sorted(Column::Id))
    } else {
        String::new()
    };
    let sql = format!(
        "SELECT {} FROM {TABLE} WHERE {} = ANY ($1){lock}",
        kept_list(table),
        table.as_text(Column::Id)
    );
    let arguments = [Argument::Texts(texts(ids))];
    let rows = postgres.session.rows(doing, &sql, &arguments)?;
    let kept = rows.iter().map(|row| kept_row(table, row, 0));
    Ok(kept.map(|row| (row.id(), row)).collect())
}

/// The places of the columns of a piece among those of the table; the error is the name of one that the table has no more.
pub(in crate::repository::postgres) fn places(
    table: &JobTable,
    columns: &[Arc<str>],
) -> std::result::Result<Vec<usize>, Arc<str>> {
    let place = |name: &Arc<str>| {
        table
            .stored_columns()
            .position(|stored| stored.name == **name)
            .ok_or_else(|| Arc::clone(name))
    };
    columns.iter().map(place).collect()
}

/// A kept value on its way back: the SQL of it, behind the values that are bound already.
pub(in crate::repository::postgres) fn restored(
    stored: &Stored,
    kept: &Value,
    arguments: &mut Vec<Argument>,
) -> String {
    let mark = format!("${}", arguments.len() + 1);
    let base = stored.base.as_str();
    if matches!(base, "timestamp" | "timestamptz" | "date")
        && let Some(micros) = micros(kept)
    {
        arguments.push(Argument::Micros(micros));
        return match base {
            "timestamp" => mark,
            "date" => format!("{mark}::date"),
            _ => format!("{mark} AT TIME ZONE 'UTC'"),
        };
    }
    let text = match kept {
        Value::Null => None,
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        // The shortest that reads the same.
        Value::Real(number) => Some(format!("{number:?}")),
        Value::Blob(bytes) => Some(format!("\\x{}", hex(bytes))),
        // A database without an encoding holds any bytes.
        Value::BrokenText(bytes) => {
            arguments.push(Argument::Bytes(Some(bytes.clone())));
            return format!("convert_from({mark}, 'SQL_ASCII')");
        }
    };
    arguments.push(Argument::Text(text));
    match base {
        "text" | "varchar" => mark,
        _ => format!("{mark}::{}", stored.cast()),
    }
}
