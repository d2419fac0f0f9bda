//! Suggestions from what is in the file, for a person who is still typing: never more than a few milliseconds of
//! reading, however many jobs there are and whichever indexes are missing.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rusqlite::OptionalExtension as _;

use super::condition::indexed_columns;
use super::pages::{ID, successor};
use super::values::{Bound, column_list, job, value};
use crate::job::{Column, ColumnSet, Job, Value};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;

/// How many rows are read where no index leads to those that are asked for.
const MOST_ROWS: usize = 2_000;

/// How many of them are read in any case, and for how long others are: they may be long, and on a slow disk.
const LEAST_ROWS: usize = 100;
const LONGEST: Duration = Duration::from_millis(25);

/// The newest of the wanted jobs, or those at both ends of the range that a prefix is. The least and the greatest id are
/// among them, so that all of them begin alike only as far as all that there are.
pub(in crate::repository::sqlite) fn some(
    sqlite: &Sqlite,
    prefix: &str,
    columns: ColumnSet,
    limit: usize,
    wanted: &dyn Fn(&Job) -> bool,
) -> Result<Vec<Job>> {
    let explain = sqlite.explain("looking for jobs");
    let columns = columns.union(ID).union(ColumnSet::of(&[Column::CreatedAt]));
    let (id, created) = (Column::Id.name(), Column::CreatedAt.name());
    let indexed = indexed_columns(sqlite).map_err(&explain)?;
    let end = successor(prefix);
    let range = match end {
        Some(_) => format!(" WHERE {id} >= ?1 AND {id} < ?2"),
        None => String::new(),
    };
    let bound: Vec<&str> = end.iter().flat_map(|end| [prefix, end.as_str()]).collect();
    let mut parts = Vec::new();
    if indexed.contains(id) {
        let ends = if prefix.is_empty() {
            1
        } else {
            limit.div_ceil(2)
        };
        for direction in ["ASC", "DESC"] {
            parts.push((
                format!("{range} ORDER BY {id} {direction}"),
                &bound[..],
                ends,
            ));
        }
    }
    if parts.is_empty() || prefix.is_empty() {
        let by = if indexed.contains(created) {
            created
        } else {
            sqlite.rowid
        };
        parts.push((format!(" ORDER BY {by} DESC"), &[][..], limit));
    }
    let mut found: Vec<Job> = Vec::new();
    for (rows, bound, most) in parts {
        let sql = format!(
            "SELECT {} FROM {TABLE}{rows} LIMIT {MOST_ROWS}",
            column_list(columns)
        );
        let mut statement = sqlite.connection.prepare(&sql).map_err(&explain)?;
        let mut rows = statement
            .query(rusqlite::params_from_iter(bound))
            .map_err(&explain)?;
        let mut taken = 0;
        while taken < most
            && let Some(row) = rows.next().map_err(&explain)?
        {
            let job = job(row, columns).map_err(&explain)?;
            if !job.id().to_string().starts_with(prefix) || !wanted(&job) {
                continue;
            }
            taken += 1;
            if !found.iter().any(|other| other.id() == job.id()) {
                found.push(job);
            }
        }
    }
    found.sort_by_cached_key(|job| Reverse(job.get(Column::CreatedAt).display().into_owned()));
    Ok(found)
}

/// The different texts of a column that begin with the prefix, sorted; where no index has them, those of the newest rows.
pub(in crate::repository::sqlite) fn words(
    sqlite: &Sqlite,
    column: Column,
    prefix: &str,
    limit: usize,
) -> Result<Vec<String>> {
    let explain = sqlite.explain("looking for values");
    let name = column.name();
    if indexed_columns(sqlite).map_err(&explain)?.contains(name) {
        return from_one_to_the_next(sqlite, name, prefix, limit).map_err(explain);
    }
    let rowid = sqlite.rowid;
    let sql = format!("SELECT {name} FROM {TABLE} ORDER BY {rowid} DESC LIMIT {MOST_ROWS}");
    let mut statement = sqlite.connection.prepare(&sql).map_err(&explain)?;
    let mut rows = statement.query([]).map_err(&explain)?;
    let (started, mut read, mut texts) = (Instant::now(), 0, BTreeSet::new());
    while (read < LEAST_ROWS || started.elapsed() < LONGEST)
        && let Some(row) = rows.next().map_err(&explain)?
    {
        read += 1;
        if let Value::Text(text) = value(row.get_ref(0).map_err(&explain)?)
            && text.starts_with(prefix)
        {
            texts.insert(text);
        }
    }
    Ok(texts.into_iter().take(limit).collect())
}

/// As an index has them, whose rows are skipped but for the first of each text.
fn from_one_to_the_next(
    sqlite: &Sqlite,
    name: &str,
    prefix: &str,
    limit: usize,
) -> rusqlite::Result<Vec<String>> {
    let least = |than: &str, bound: &Value| {
        let sql = format!("SELECT min({name}) FROM {TABLE} WHERE {name} {than} ?");
        let mut statement = sqlite.connection.prepare_cached(&sql)?;
        statement
            .query_row([Bound(bound)], |row| Ok(value(row.get_ref(0)?)))
            .optional()
    };
    let mut texts = Vec::new();
    let mut next = least(">=", &Value::from(prefix))?;
    for _ in 0..limit {
        let Some(found) = next else { break };
        match &found {
            Value::Text(text) if text.starts_with(prefix) => texts.push(text.clone()),
            Value::BrokenText(_) => {}
            _ => break,
        }
        next = least(">", &found)?;
    }
    Ok(texts)
}
