//! Long reads. In `delete` mode a reader keeps the service from committing, so a long read goes page by page, and a
//! page is bounded by the rows that it looks at, not by those that match: where no index finds the matches, the
//! filter is asked of each row here. In WAL a reader blocks nobody, and one snapshot serves.

use std::collections::HashSet;

use rusqlite::OptionalExtension;

use super::condition::{self, Condition};
use super::other_columns::Selection;
use super::pages::{self, ID, PAGE, order_by};
use super::values::job;
use crate::job::order::{Cursor, Order};
use crate::job::{Column, ColumnSet, Filter, Job, JobId, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::{Error, Query, Result, Sink};

/// How much of the rows a page holds at most, if it is not a single row.
const PAGE_SIZE: usize = 1 << 20;

/// So few matches that reading them in one statement is short.
const FEW: i64 = 5000;

/// Every matching job; in any order when none is asked for.
pub(in crate::repository::sqlite) fn stream(
    sqlite: &Sqlite,
    filter: &Filter,
    order: Option<Order>,
    columns: ColumnSet,
    sink: Sink,
) -> Result<()> {
    let snapshot = sqlite.is_wal();
    if snapshot {
        let begun = sqlite.connection.execute_batch("BEGIN");
        begun.map_err(sqlite.explain("starting to read"))?;
    }
    let done = stream_within(sqlite, snapshot, filter, order, columns, sink);
    if snapshot {
        let ended = sqlite.connection.execute_batch("COMMIT");
        done.and(ended.map_err(sqlite.explain("ending to read")))
    } else {
        done
    }
}

fn stream_within(
    sqlite: &Sqlite,
    snapshot: bool,
    filter: &Filter,
    order: Option<Order>,
    columns: ColumnSet,
    sink: Sink,
) -> Result<()> {
    let few = sqlite.settled(|| is_few(sqlite, filter))?;
    match order {
        None if few => stream_few(sqlite, filter, columns, sink),
        None => scan(sqlite, filter, columns, sink),
        Some(order) if few || snapshot => {
            if sqlite.settled(|| sorts_first(sqlite, filter, order))? {
                stream_sorted(sqlite, filter, order, columns, sink)
            } else {
                stream_pages(sqlite, filter, order, columns, sink)
            }
        }
        Some(order) if sqlite.settled(|| gives_order(sqlite, order))? => {
            walk(sqlite, filter, order, None, columns, &mut |job| {
                sink(job).map(|()| true)
            })
        }
        Some(order) => sort_here(sqlite, filter, order, columns, sink),
    }
}

/// A page of a listing, and how many rows to pass over first.
pub(in crate::repository::sqlite) fn list(sqlite: &Sqlite, query: &Query) -> Result<Vec<Job>> {
    let in_one = || {
        Ok(is_words_only(query.filter)
            || !gives_order(sqlite, query.order)?
            || sqlite.is_wal()
            || is_few(sqlite, query.filter)?)
    };
    if sqlite.settled(in_one)? {
        return sqlite.settled(|| pages::list(sqlite, query));
    }
    let mut jobs = Vec::new();
    let mut skip = query.offset;
    let after = query.after.clone();
    walk(
        sqlite,
        query.filter,
        query.order,
        after,
        query.columns,
        &mut |job| {
            match skip {
                0 => jobs.push(job),
                _ => skip -= 1,
            }
            Ok((jobs.len() as u64) < query.limit)
        },
    )?;
    Ok(jobs)
}

pub(in crate::repository::sqlite) fn count(sqlite: &Sqlite, filter: &Filter) -> Result<u64> {
    let in_one = || Ok(is_words_only(filter) || sqlite.is_wal() || is_few(sqlite, filter)?);
    if sqlite.settled(in_one)? {
        return sqlite.settled(|| pages::count(sqlite, filter));
    }
    let mut count = 0;
    scan(sqlite, filter, ColumnSet::NONE, &mut |_| {
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

/// Nothing but words of the two columns that the report indexes, or nothing at all.
fn is_words_only(filter: &Filter) -> bool {
    let words = Filter {
        any_of: filter.any_of.clone(),
        ..Filter::default()
    };
    let indexed = [Column::Status, Column::JobType];
    *filter == words
        && filter
            .any_of
            .iter()
            .all(|(column, _)| indexed.contains(column))
}

/// Whether an index leads to the matches and they are few.
fn is_few(sqlite: &Sqlite, filter: &Filter) -> Result<bool> {
    if filter.is_empty() {
        return Ok(false);
    }
    let explain = sqlite.explain("planning to read");
    let indexed = condition::indexed_columns(sqlite).map_err(&explain)?;
    let mut parts: Vec<Filter> = Vec::new();
    for (column, words) in &filter.any_of {
        if indexed.contains(column.name()) {
            parts.push(Filter {
                any_of: vec![(*column, words.clone())],
                ..Filter::default()
            });
        }
    }
    if filter.since.is_some() && indexed.contains(Column::CreatedAt.name()) {
        parts.push(Filter {
            since: filter.since,
            ..Filter::default()
        });
    }
    for part in parts {
        let condition = Condition::of(&part, &[]);
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {TABLE}{} LIMIT {})",
            condition.clause(),
            FEW + 1
        );
        let found: i64 = sqlite
            .connection
            .query_row(&sql, condition.bound(), |row| row.get(0))
            .map_err(&explain)?;
        if found <= FEW {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an index gives the order, so that a page can begin anywhere in it.
fn gives_order(sqlite: &Sqlite, order: Order) -> Result<bool> {
    if order.column == Column::Id {
        return Ok(true);
    }
    let indexed = condition::indexed_columns(sqlite);
    let indexed: HashSet<String> = indexed.map_err(sqlite.explain("planning to read"))?;
    Ok(indexed.contains(order.column.name()))
}

/// The rows to which an index leads, in the order of the file. They are taken by their row numbers: an id can be NULL.
fn stream_few(sqlite: &Sqlite, filter: &Filter, columns: ColumnSet, sink: Sink) -> Result<()> {
    let explain = sqlite.explain("reading jobs");
    let selected = columns.union(filter.columns()).union(ID);
    let selection = sqlite.settled(|| Selection::of(sqlite, selected))?;
    let condition = Condition::of(filter, &[]);
    let rowid = sqlite.rowid;
    let sql = format!(
        "SELECT {rowid} FROM {TABLE}{} ORDER BY {rowid}",
        condition.clause()
    );
    let numbers: Vec<i64> = sqlite.settled(|| {
        let mut statement = sqlite.connection.prepare(&sql).map_err(&explain)?;
        let numbers = statement.query_map(condition.bound(), |row| row.get(0));
        numbers.and_then(Iterator::collect).map_err(&explain)
    })?;
    let sql = format!("SELECT {} FROM {TABLE} WHERE {rowid} = ?", selection.list());
    let mut statement =
        sqlite.settled(|| sqlite.connection.prepare_cached(&sql).map_err(&explain))?;
    for number in numbers {
        let found = sqlite.settled(|| {
            let found = statement.query_row([number], |row| selection.job(row));
            found.optional().map_err(&explain)
        });
        match found? {
            Some(job) if filter.matches(&job) => sink(job).map_err(Error::Caller)?,
            // It is gone since, or has changed.
            _ => {}
        }
    }
    Ok(())
}

/// All rows in the order of the file, which is the quickest.
fn scan(sqlite: &Sqlite, filter: &Filter, columns: ColumnSet, sink: Sink) -> Result<()> {
    let explain = sqlite.explain("reading jobs");
    let selected = columns.union(filter.columns()).union(ID);
    let selection = sqlite.settled(|| Selection::of(sqlite, selected))?;
    let rowid = sqlite.rowid;
    let sql = format!(
        "SELECT {}, {rowid} FROM {TABLE} WHERE {rowid} > ? ORDER BY {rowid} LIMIT {PAGE}",
        selection.list()
    );
    let place = selection.width();
    let mut last = i64::MIN;
    let mut page = Vec::with_capacity(PAGE as usize);
    loop {
        let (mut looked_at, mut size) = (0, 0);
        sqlite.settled(|| {
            let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
            let mut rows = statement.query([last]).map_err(&explain)?;
            while size < PAGE_SIZE
                && let Some(row) = rows.next().map_err(&explain)?
            {
                looked_at += 1;
                last = row.get(place).map_err(&explain)?;
                let job = selection.job(row).map_err(&explain)?;
                if filter.matches(&job) {
                    size += job.size();
                    page.push(job);
                }
            }
            Ok(())
        })?;
        let full = looked_at == PAGE || size >= PAGE_SIZE;
        for job in page.drain(..) {
            sink(job).map_err(Error::Caller)?;
        }
        if !full {
            return Ok(());
        }
    }
}

/// All rows along an index; the sink says whether to go on. Only what the filter needs is read of each row, and
/// the rest of those that match.
fn walk(
    sqlite: &Sqlite,
    filter: &Filter,
    order: Order,
    after: Option<Cursor>,
    columns: ColumnSet,
    sink: &mut dyn FnMut(Job) -> anyhow::Result<bool>,
) -> Result<()> {
    let everything = Filter::default();
    let mut query = Query {
        filter: &everything,
        order,
        after,
        offset: 0,
        limit: PAGE,
        columns: filter.columns(),
    };
    let columns = columns.union(ColumnSet::of(&[order.column]));
    loop {
        let page = sqlite.settled(|| pages::list(sqlite, &query))?;
        let full = page.len() as u64 == PAGE;
        query.after = page.last().map(|last| Cursor::at(last, order));
        let matching = page.iter().filter(|job| filter.matches(job));
        let ids: Vec<JobId> = matching.map(Job::id).collect();
        let found = sqlite.settled(|| pages::find(sqlite, &ids, columns))?;
        for job in found.into_iter().flatten() {
            if !sink(job).map_err(Error::Caller)? {
                return Ok(());
            }
        }
        if !full {
            return Ok(());
        }
    }
}

/// Where no index gives the order, it is made here from the keys alone.
fn sort_here(
    sqlite: &Sqlite,
    filter: &Filter,
    order: Order,
    columns: ColumnSet,
    sink: Sink,
) -> Result<()> {
    let mut keys: Vec<(Value, JobId)> = Vec::new();
    scan(sqlite, filter, ColumnSet::of(&[order.column]), &mut |job| {
        keys.push((job.get(order.column).clone(), job.id()));
        Ok(())
    })?;
    keys.sort_by(|a, b| {
        let ascending = a.0.sort_cmp(&b.0).then_with(|| {
            let (a, b) = (a.1.to_value(), b.1.to_value());
            a.sort_cmp(&b)
        });
        if order.descending {
            ascending.reverse()
        } else {
            ascending
        }
    });
    pages::find_each(sqlite, keys.iter().map(|(_, id)| id), columns, sink)
}

fn stream_pages(
    sqlite: &Sqlite,
    filter: &Filter,
    order: Order,
    columns: ColumnSet,
    sink: Sink,
) -> Result<()> {
    let mut query = Query {
        filter,
        order,
        after: None,
        offset: 0,
        limit: PAGE,
        columns,
    };
    loop {
        let page = sqlite.settled(|| pages::list(sqlite, &query))?;
        let full = page.len() as u64 == PAGE;
        query.after = page.last().map(|last| Cursor::at(last, order));
        for job in page {
            sink(job).map_err(Error::Caller)?;
        }
        if !full {
            return Ok(());
        }
    }
}

fn stream_sorted(
    sqlite: &Sqlite,
    filter: &Filter,
    order: Order,
    columns: ColumnSet,
    sink: Sink,
) -> Result<()> {
    let explain = sqlite.explain("sorting jobs");
    let condition = Condition::of(filter, &[]);
    let sql = format!(
        "SELECT {} FROM {TABLE}{}{}",
        Column::Id.name(),
        condition.clause(),
        order_by(order)
    );
    let ids: Vec<JobId> = sqlite.settled(|| {
        let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
        statement
            .query_map(condition.bound(), |row| Ok(job(row, ID)?.id()))
            .and_then(Iterator::collect)
            .map_err(&explain)
    })?;
    pages::find_each(sqlite, ids.iter(), columns, sink)
}

/// Whether SQLite would sort all matching rows before the first comes out.
fn sorts_first(sqlite: &Sqlite, filter: &Filter, order: Order) -> Result<bool> {
    let explain = sqlite.explain("planning to read");
    let plain = pages::plain_columns(sqlite, filter, order, PAGE).map_err(&explain)?;
    let condition = Condition::of(filter, &plain);
    let sql = format!(
        "EXPLAIN QUERY PLAN SELECT {} FROM {TABLE}{}{}",
        Column::Id.name(),
        condition.clause(),
        order_by(order)
    );
    let mut statement = sqlite.connection.prepare(&sql).map_err(&explain)?;
    let steps: Vec<String> = statement
        .query_map(condition.bound(), |row| row.get(3))
        .and_then(Iterator::collect)
        .map_err(&explain)?;
    Ok(steps
        .iter()
        .any(|step| step.contains("TEMP B-TREE FOR ORDER BY")))
}
