//! Reading a few jobs: by id, by prefix, by a value.

use std::collections::HashMap;

use crate::job::{Column, ColumnSet, Job, JobId, Value};
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::Argument;

pub(in crate::repository::postgres) const ID: ColumnSet = ColumnSet::of(&[Column::Id]);

/// The most ids that one statement is given.
pub(in crate::repository::postgres) const MOST_IDS: usize = 10_000;

/// The texts of ids; one that is no text there, or holds a NUL, names no job.
pub(in crate::repository::postgres) fn texts(ids: &[JobId]) -> Vec<String> {
    ids.iter()
        .filter_map(|id| match id.to_value() {
            Value::Text(text) if !text.contains('\0') => Some(text),
            _ => None,
        })
        .collect()
}

pub(in crate::repository::postgres) fn find(
    postgres: &Postgres,
    ids: &[JobId],
    columns: ColumnSet,
) -> Result<Vec<Option<Job>>> {
    if !postgres.table.is_there {
        return Ok(vec![None; ids.len()]);
    }
    let columns = columns.union(ID);
    let sql = format!(
        "SELECT {} FROM {TABLE} WHERE {} = ANY ($1)",
        postgres.table.list(columns),
        postgres.table.as_text(Column::Id)
    );
    let mut found = HashMap::new();
    for part in ids.chunks(MOST_IDS) {
        let arguments = [Argument::Texts(texts(part))];
        for row in postgres.session.rows("reading jobs", &sql, &arguments)? {
            let job = postgres.job(&row, columns);
            found.insert(job.id(), job);
        }
    }
    // An id may be asked for twice.
    Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
}

pub(in crate::repository::postgres) fn resolve(
    postgres: &Postgres,
    prefix: &str,
    columns: ColumnSet,
    limit: usize,
) -> Result<Vec<Job>> {
    if prefix.contains('\0') {
        return Ok(Vec::new());
    }
    let columns = columns.union(ID);
    let table = &postgres.table;
    let list = table.list(columns);
    let (id, sorted) = (table.as_text(Column::Id), table.sorted(Column::Id));
    // A text of full length begins no other, and is found through the index whatever the locale.
    let condition = match Column::Id.content() {
        crate::job::columns::Content::Text(most) if prefix.chars().count() >= most => {
            format!("{id} = $1")
        }
        _ => format!("{id} LIKE $1"),
    };
    let is_exact = condition.ends_with("= $1");
    let argument = if is_exact {
        prefix.to_owned()
    } else {
        beginning_with(prefix)
    };
    let sql =
        format!("SELECT {list} FROM {TABLE} WHERE {condition} ORDER BY {sorted} LIMIT {limit}");
    let rows = postgres
        .session
        .rows("looking for a job", &sql, &[Argument::text(argument)])?;
    let mut found: Vec<Job> = rows.iter().map(|row| postgres.job(row, columns)).collect();
    // The text itself sorts before all that it begins.
    let is_exact = |job: &Job| job.get(Column::Id).as_str() == Some(prefix);
    if found.first().is_some_and(is_exact) {
        found.truncate(1);
    }
    Ok(found)
}

/// The pattern of all texts that begin with this one.
pub(in crate::repository::postgres) fn beginning_with(prefix: &str) -> String {
    let mut pattern = String::with_capacity(prefix.len() + 1);
    for c in prefix.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

pub(in crate::repository::postgres) fn holds(
    postgres: &Postgres,
    column: Column,
    word: &str,
) -> Result<bool> {
    if word.contains('\0') {
        return Ok(false);
    }
    let name = postgres.table.as_text(column);
    let sql = format!("SELECT 1 FROM {TABLE} WHERE {name} = $1 LIMIT 1");
    let rows = postgres
        .session
        .rows("looking for a value", &sql, &[Argument::text(word)])?;
    Ok(!rows.is_empty())
}
