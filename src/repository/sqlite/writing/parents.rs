//! Episodes and series, which are the service's own tables: only looked into, and only where both are there.

use rusqlite::params;

use crate::job::{Column, Job};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema;
use crate::repository::sqlite::reading::transaction::{begin_reading, end_reading};
use crate::repository::sqlite::reading::values::Bound;

/// The tables to which a job may point.
const PARENTS: [(Column, &str); 2] = [
    (Column::EpisodeId, "episodes"),
    (Column::SeriesId, "series"),
];

fn are_there(sqlite: &Sqlite) -> Result<bool> {
    let explain = sqlite.explain("looking for an episode or series");
    match sqlite.parents {
        Some(there) => Ok(there),
        None => schema::has_parents(&sqlite.connection).map_err(explain),
    }
}

/// The columns whose table is there and has no row.
pub(in crate::repository::sqlite) fn without_parents(sqlite: &Sqlite) -> Result<Vec<Column>> {
    let mut without = Vec::new();
    if !are_there(sqlite)? {
        return Ok(without);
    }
    let explain = sqlite.explain("looking for an episode or series");
    for (column, table) in PARENTS {
        let sql = format!("SELECT 1 FROM {table}");
        let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
        if !statement.exists([]).map_err(&explain)? {
            without.push(column);
        }
    }
    Ok(without)
}

/// The jobs (by index) and columns that name an episode or series that is not there.
pub(in crate::repository::sqlite) fn missing_parents(
    sqlite: &Sqlite,
    jobs: &[Job],
) -> Result<Vec<(usize, Column)>> {
    let mut missing = Vec::new();
    let explain = sqlite.explain("looking for an episode or series");
    if !are_there(sqlite)? {
        return Ok(missing);
    }
    let transaction = begin_reading(sqlite)?;
    for (column, table) in PARENTS {
        let sql = format!("SELECT 1 FROM {table} WHERE id = ?");
        for (index, job) in jobs.iter().enumerate() {
            let id = job.get(column);
            if id.is_null() {
                continue;
            }
            let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
            if !statement.exists(params![Bound(id)]).map_err(&explain)? {
                missing.push((index, column));
            }
        }
    }
    end_reading(sqlite, transaction)?;
    Ok(missing)
}
