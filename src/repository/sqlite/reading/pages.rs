//! Reading in one statement: by id, by prefix, a page, a count.

use rusqlite::{OptionalExtension, params};

use super::other_columns::SelectedColumns;
use super::transaction::{begin_reading, end_reading};
use super::values::{Bound, column_list, job, value};
use crate::job::{Column, ColumnSet, Job, JobId};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::{Result, RowName};

/// Rows a page of a long read.
pub(in crate::repository::sqlite) const PAGE: u64 = 500;

pub(in crate::repository::sqlite) const ID: ColumnSet = ColumnSet::of(&[Column::Id]);

pub(in crate::repository::sqlite) fn find(
    sqlite: &Sqlite,
    ids: &[JobId],
    columns: ColumnSet,
) -> Result<Vec<Option<Job>>> {
    let explain = sqlite.explain("reading jobs");
    let selection = SelectedColumns::of(sqlite, columns.union(ID))?;
    let mut statement = sqlite
        .connection
        .prepare_cached(&select_by_id(&selection))
        .map_err(&explain)?;
    ids.iter()
        .map(|id| {
            statement
                .query_row(params![Bound(&id.to_value())], |row| selection.job(row))
                .optional()
                .map_err(&explain)
        })
        .collect()
}

/// A page of them at most is looked at: readers keep writers from committing.
pub(in crate::repository::sqlite) fn without_id(
    sqlite: &Sqlite,
    columns: ColumnSet,
    limit: usize,
    means: &mut dyn FnMut(&Job) -> bool,
) -> Result<Vec<RowName>> {
    let explain = sqlite.explain("reading jobs");
    let rowid = sqlite.rowid;
    let sql = format!(
        "SELECT {}, {rowid} FROM {TABLE} WHERE {} IS NULL ORDER BY {rowid} LIMIT {PAGE}",
        column_list(columns),
        Column::Id.name()
    );
    let mut statement = sqlite.connection.prepare(&sql).map_err(&explain)?;
    let mut rows = statement.query([]).map_err(&explain)?;
    let mut names = Vec::new();
    while names.len() < limit
        && let Some(row) = rows.next().map_err(&explain)?
    {
        if means(&job(row, columns).map_err(&explain)?) {
            let number = row.get_ref(columns.iter().count()).map_err(&explain)?;
            names.push(RowName {
                word: "rowid",
                number: value(number),
            });
        }
    }
    Ok(names)
}

pub(in crate::repository::sqlite) fn select_by_id(selection: &SelectedColumns) -> String {
    let id = Column::Id.name();
    format!("SELECT {} FROM {TABLE} WHERE {id} = ?", selection.list())
}

pub(in crate::repository::sqlite) fn resolve(
    sqlite: &Sqlite,
    prefix: &str,
    columns: ColumnSet,
    limit: usize,
) -> Result<Vec<Job>> {
    let Some(end) = successor(prefix) else {
        return Ok(Vec::new());
    };
    let explain = sqlite.explain("looking for a job");
    let transaction = begin_reading(sqlite)?;
    let selection = SelectedColumns::of(sqlite, columns.union(ID))?;
    let id = Column::Id.name();
    let sql = format!(
        "SELECT {} FROM {TABLE} WHERE {id} >= ? AND {id} < ? ORDER BY {id} LIMIT {limit}",
        selection.list()
    );
    let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
    let mut found: Vec<Job> = statement
        .query_map([prefix, &end], |row| selection.job(row))
        .and_then(Iterator::collect)
        .map_err(&explain)?;
    end_reading(sqlite, transaction)?;
    // The text itself sorts before all that it begins.
    let is_exact = |job: &Job| job.get(Column::Id).as_str() == Some(prefix);
    if found.first().is_some_and(is_exact) {
        found.truncate(1);
    }
    Ok(found)
}

/// The least text above every text that begins with the prefix.
pub(in crate::repository::sqlite) fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            last => char::from_u32(last as u32 + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

pub(in crate::repository::sqlite) fn holds(
    sqlite: &Sqlite,
    column: Column,
    word: &str,
) -> Result<bool> {
    let explain = sqlite.explain("looking for a value");
    let sql = format!("SELECT 1 FROM {TABLE} WHERE {} = ? LIMIT 1", column.name());
    let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
    statement.exists([word]).map_err(&explain)
}
