//! Reading in one statement: by id, by prefix, a page, a count.

use rusqlite::{OptionalExtension, params};

use super::other_columns::SelectedColumns;
use super::transaction::{begin_reading, end_reading};
use super::values::{Bound, column_list, job, value};
use crate::job::{Column, ColumnSet, Job, JobId, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::{Result, RowName};

/// Rows a page of a long read.
pub(in crate::repository::sqlite) const PAGE: u64 = 500;

/// The most jobs that are looked up in one transaction.
const TOGETHER: usize = 64;

/// The characters of a whole id: a prefix has fewer, so that what is as long is looked up first.
const WHOLE_ID: usize = 36;

pub(in crate::repository::sqlite) const ID: ColumnSet = ColumnSet::of(&[Column::Id]);

pub(in crate::repository::sqlite) fn find(
    sqlite: &Sqlite,
    ids: &[JobId],
    columns: ColumnSet,
) -> Result<Vec<Option<Job>>> {
    let explain = sqlite.explain("reading jobs");
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(TOGETHER) {
        let transaction = begin_reading(sqlite)?;
        let selection = SelectedColumns::of(sqlite, columns.union(ID))?;
        for id in ids {
            found.push(by_id(sqlite, &selection, &id.to_value()).map_err(&explain)?);
        }
        end_reading(sqlite, transaction)?;
    }
    Ok(found)
}

fn by_id(
    sqlite: &Sqlite,
    selection: &SelectedColumns,
    id: &Value,
) -> rusqlite::Result<Option<Job>> {
    let mut statement = sqlite.connection.prepare_cached(&select_by_id(selection))?;
    statement
        .query_row(params![Bound(id)], |row| selection.job(row))
        .optional()
}

/// The last rows of the file.
pub(in crate::repository::sqlite) fn last_added(
    sqlite: &Sqlite,
    columns: ColumnSet,
    limit: u64,
) -> Result<Vec<Job>> {
    let explain = sqlite.explain("reading jobs");
    let transaction = begin_reading(sqlite)?;
    let selection = SelectedColumns::of(sqlite, columns.union(ID))?;
    let sql = format!(
        "SELECT {} FROM {TABLE} ORDER BY {} DESC LIMIT {limit}",
        selection.list(),
        sqlite.rowid
    );
    let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
    let rows = statement.query_map([], |row| selection.job(row));
    let jobs: rusqlite::Result<Vec<Job>> = rows.map_err(&explain)?.collect();
    drop(statement);
    end_reading(sqlite, transaction)?;
    jobs.map_err(&explain)
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
    if prefix.len() == WHOLE_ID {
        let whole = Value::from(prefix.to_owned());
        let found = by_id(sqlite, &selection, &whole).map_err(&explain)?;
        if let Some(job) = found {
            end_reading(sqlite, transaction)?;
            return Ok(vec![job]);
        }
    }
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
