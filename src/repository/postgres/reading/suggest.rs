//! Suggestions from what is there, for a person who is still typing: few rows are read, however many there are.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::pages::{ID, beginning_with};
use crate::job::{Column, ColumnSet, Job};
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::{Argument, text};

/// How many rows are read for a question.
const MOST_ROWS: usize = 2_000;

/// The newest of the wanted jobs, or those at both ends of the range that a prefix is. The least and the greatest id are
/// among them, so that all of them begin alike only as far as all that there are.
pub(in crate::repository::postgres) fn some(
    postgres: &Postgres,
    prefix: &str,
    columns: ColumnSet,
    limit: usize,
    wanted: &dyn Fn(&Job) -> bool,
) -> Result<Vec<Job>> {
    if prefix.contains('\0') {
        return Ok(Vec::new());
    }
    let table = &postgres.table;
    let columns = columns.union(ID).with(Column::CreatedAt);
    let id = table.as_text(Column::Id);
    let created = table.expression(Column::CreatedAt);
    let (condition, arguments, ends) = if prefix.is_empty() {
        (String::new(), vec![], 1)
    } else {
        let pattern = Argument::text(beginning_with(prefix));
        (
            format!(" WHERE {id} LIKE $1"),
            vec![pattern],
            limit.div_ceil(2),
        )
    };
    // By the order of the table's key, whose index has it.
    let mut parts = vec![
        (format!("{condition} ORDER BY {id}"), ends),
        (format!("{condition} ORDER BY {id} DESC"), ends),
    ];
    if prefix.is_empty() {
        let tie = table.sorted(Column::Id);
        let order = format!(" ORDER BY {created} DESC NULLS LAST, {tie} DESC");
        parts.push((order, limit));
    }
    let mut found: Vec<Job> = Vec::new();
    for (rows, most) in parts {
        let list = table.list(columns);
        let sql = format!("SELECT {list} FROM {TABLE}{rows} LIMIT {MOST_ROWS}");
        let mut taken = 0;
        postgres
            .session
            .each("looking for jobs", &sql, &arguments, &mut |row| {
                let job = postgres.job(row, columns);
                if wanted(&job) {
                    taken += 1;
                    if !found.iter().any(|other| other.id() == job.id()) {
                        found.push(job);
                    }
                }
                Ok(taken < most)
            })?;
    }
    found.sort_by_cached_key(|job| Reverse(job.get(Column::CreatedAt).display().into_owned()));
    Ok(found)
}

/// The different texts of a column that begin with the prefix, sorted, among the first rows that the server comes across.
pub(in crate::repository::postgres) fn words(
    postgres: &Postgres,
    column: Column,
    prefix: &str,
    limit: usize,
) -> Result<Vec<String>> {
    let name = postgres.table.as_text(column);
    let sql = format!(
        "SELECT DISTINCT it FROM (SELECT {name} AS it FROM {TABLE} LIMIT {MOST_ROWS}) rows"
    );
    let rows = postgres.session.rows("looking for values", &sql, &[])?;
    let texts = rows.iter().filter_map(|row| text(row, 0));
    let texts: BTreeSet<String> = texts.filter(|text| text.starts_with(prefix)).collect();
    Ok(texts.into_iter().take(limit).collect())
}
