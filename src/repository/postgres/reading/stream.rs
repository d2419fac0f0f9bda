//! Reads of many rows: lists, counts, and streams of all that matches. A statement sees one moment, and no reader keeps a writer
//! waiting; rows are taken as they arrive.

use std::sync::Arc;

use tokio_postgres::Row;

use super::condition::{Predicate, ordered};
use super::pages::ID;
use crate::error::Failure;
use crate::job::order::Order;
use crate::job::{ColumnSet, Filter, Job, PackedRows, Value};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::{value, with_stored};
use crate::repository::{Error, Query, Result, Sink};

const READING: &str = "reading jobs";

/// The columns to be read for these, so that a search can look into each row.
fn with_searched(filter: &Filter, columns: ColumnSet) -> ColumnSet {
    let columns = columns.union(ID);
    if filter.search.is_some() {
        columns.union(filter.columns())
    } else {
        columns
    }
}

fn is_found(filter: &Filter, job: &Job) -> bool {
    let Some(needle) = &filter.search else {
        return true;
    };
    let searched = crate::job::filter::SEARCHED.iter();
    searched
        .map(|column| job.get(*column))
        .any(|value| match value {
            Value::Text(text) => needle.is_in(text.as_bytes()),
            Value::BrokenText(bytes) => needle.is_in(bytes),
            _ => false,
        })
}

pub(in crate::repository::postgres) fn stream(
    postgres: &Postgres,
    filter: &Filter,
    order: Option<Order>,
    columns: ColumnSet,
    sink: &mut dyn Sink,
) -> Result<()> {
    let columns = with_searched(filter, columns);
    let predicate = Predicate::of(&postgres.table, filter);
    let order = order.map_or(String::new(), |order| ordered(&postgres.table, order));
    let sql = format!(
        "SELECT {} FROM {TABLE}{}{order}",
        postgres.table.list(columns),
        predicate.clause()
    );
    let arguments = &predicate.arguments;
    let no_names = Arc::default();
    let others = if columns.has_others() {
        &postgres.table.others
    } else {
        &no_names
    };
    postgres
        .session
        .each(READING, &sql, arguments, &mut |row| {
            if filter.search.is_none()
                && let Some(rows) = sink.packed(columns, others)
            {
                push_row(rows, row);
                if sink.is_full() {
                    sink.pass_on().map_err(Error::Caller)?;
                }
                return Ok(true);
            }
            let mut job = postgres.job(row, columns);
            if is_found(filter, &job) {
                sink.row(&mut job).map_err(Error::Caller)?;
                if sink.is_full() {
                    sink.pass_on().map_err(Error::Caller)?;
                }
            }
            Ok(true)
        })?;
    sink.pass_on().map_err(Error::Caller)
}

/// Adds a row as it is stored.
fn push_row(rows: &mut PackedRows, row: &Row) {
    (0..row.len()).for_each(|index| with_stored(row, index, |value| rows.push(value)));
}

/// A page of a listing.
pub(in crate::repository::postgres) fn list(
    postgres: &Postgres,
    query: &Query,
) -> Result<Vec<Job>> {
    if query.filter.search.is_some() {
        return Ok(searched(postgres, query, false)?.0);
    }
    let sql = format!(
        " LIMIT {} OFFSET {}",
        limit(query.limit),
        limit(query.offset)
    );
    let mut jobs = Vec::new();
    read(postgres, query, &sql, &mut |job| {
        jobs.push(job);
        true
    })?;
    Ok(jobs)
}

/// The same with the number of all that match, where that is found on the way: a search looks at every row for it.
pub(in crate::repository::postgres) fn list_counted(
    postgres: &Postgres,
    query: &Query,
) -> Result<(Vec<Job>, Option<u64>)> {
    if query.filter.search.is_none() {
        return Ok((list(postgres, query)?, None));
    }
    let (jobs, count) = searched(postgres, query, true)?;
    // Behind a cursor are not all.
    Ok((jobs, Some(count).filter(|_| query.after.is_none())))
}

/// A page of what a search finds, and the number of all that it finds, or of those up to the end of the page.
fn searched(postgres: &Postgres, query: &Query, all: bool) -> Result<(Vec<Job>, u64)> {
    let end = query.offset.saturating_add(query.limit);
    let (mut jobs, mut count) = (Vec::new(), 0);
    if end == 0 && !all {
        return Ok((jobs, count));
    }
    read(postgres, query, "", &mut |job| {
        if is_found(query.filter, &job) {
            if count >= query.offset && count < end {
                jobs.push(job);
            }
            count += 1;
        }
        all || count < end
    })?;
    Ok((jobs, count))
}

/// The rows of a query in its order.
fn read(
    postgres: &Postgres,
    query: &Query,
    limits: &str,
    take: &mut dyn FnMut(Job) -> bool,
) -> Result<()> {
    let table = &postgres.table;
    let columns = query.columns.with(query.order.column);
    let columns = with_searched(query.filter, columns);
    let mut predicate = Predicate::of(table, query.filter);
    if let Some(cursor) = &query.after {
        let behind = predicate.behind(cursor, query.order);
        behind.ok_or_else(|| Error::Own(of_another(query.order)))?;
    }
    let sql = format!(
        "SELECT {} FROM {TABLE}{}{}{limits}",
        table.list(columns),
        predicate.clause(),
        ordered(table, query.order)
    );
    let arguments = &predicate.arguments;
    postgres.session.each(READING, &sql, arguments, &mut |row| {
        Ok(take(postgres.job(row, columns)))
    })
}

fn of_another(order: Order) -> Failure {
    let name = order.column.flag();
    Failure::usage(format!(
        "the cursor is of another database: no {name} here is as it says"
    ))
    .hint("leave --after out, and begin at the first page")
}

/// A number of rows as SQL takes it.
fn limit(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

pub(in crate::repository::postgres) fn count(postgres: &Postgres, filter: &Filter) -> Result<u64> {
    let predicate = Predicate::of(&postgres.table, filter);
    let clause = predicate.clause();
    let arguments = &predicate.arguments;
    if filter.search.is_none() {
        let sql = format!("SELECT count(*) FROM {TABLE}{clause}");
        let rows = postgres.session.rows("counting jobs", &sql, arguments)?;
        return Ok(match rows.first().map(|row| value(row, 0)) {
            Some(Value::Integer(count)) => count.cast_unsigned(),
            _ => 0,
        });
    }
    let columns = filter.columns();
    let sql = format!(
        "SELECT {} FROM {TABLE}{clause}",
        postgres.table.list(columns)
    );
    let mut count = 0;
    postgres
        .session
        .each("counting jobs", &sql, arguments, &mut |row| {
            count += u64::from(is_found(filter, &postgres.job(row, columns)));
            Ok(true)
        })?;
    Ok(count)
}
