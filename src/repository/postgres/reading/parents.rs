//! Episodes and series, which are the service's own tables: only looked into, and only where both are there.

use std::collections::HashSet;

use crate::job::{Column, Job};
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::{Argument, text};

/// The tables to which a job may point.
const PARENTS: [(Column, &str); 2] = [
    (Column::EpisodeId, "episodes"),
    (Column::SeriesId, "series"),
];

/// The columns whose table is there and has no row.
pub(in crate::repository::postgres) fn without_parents(postgres: &Postgres) -> Result<Vec<Column>> {
    let mut without = Vec::new();
    if !postgres.table.has_parents {
        return Ok(without);
    }
    for (column, table) in PARENTS {
        let sql = format!("SELECT 1 FROM {table} LIMIT 1");
        let doing = "looking for an episode or series";
        if postgres.session.rows(doing, &sql, &[])?.is_empty() {
            without.push(column);
        }
    }
    Ok(without)
}

/// The jobs (by index) and columns that name an episode or series that is not there.
pub(in crate::repository::postgres) fn missing_parents(
    postgres: &Postgres,
    jobs: &[Job],
) -> Result<Vec<(usize, Column)>> {
    let mut missing = Vec::new();
    if !postgres.table.has_parents {
        return Ok(missing);
    }
    for (column, table) in PARENTS {
        let named: HashSet<&str> = jobs
            .iter()
            .filter_map(|job| job.get(column).as_str())
            .filter(|id| !id.contains('\0'))
            .collect();
        let there = if named.is_empty() {
            HashSet::new()
        } else {
            let named = named.into_iter().map(str::to_owned).collect();
            let sql = format!("SELECT id::text FROM {table} WHERE id::text = ANY ($1)");
            let rows = postgres.session.rows(
                "looking for an episode or series",
                &sql,
                &[Argument::Texts(named)],
            )?;
            rows.iter().filter_map(|row| text(row, 0)).collect()
        };
        for (index, job) in jobs.iter().enumerate() {
            let value = job.get(column);
            let is_there = value.as_str().is_some_and(|id| there.contains(id));
            if !value.is_null() && !is_there {
                missing.push((index, column));
            }
        }
    }
    Ok(missing)
}
