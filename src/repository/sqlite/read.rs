//! Reading: by id, by prefix, by page, and whole selections without standing in the service's way.

use rusqlite::{OptionalExtension, params};

use super::condition::{self, Condition};
use super::values::{Bound, column_list, job};
use super::{Sqlite, TABLE};
use crate::job::order::{Cursor, Order};
use crate::job::{Column, ColumnSet, Filter, Job, JobId};
use crate::repository::{Error, Query, Result, Sink};

/// Rows a page of a long read; a page holds the read lock for a few milliseconds.
const PAGE: u64 = 500;

const ID: ColumnSet = ColumnSet::of(&[Column::Id]);

pub(super) fn find(sqlite: &Sqlite, ids: &[JobId], columns: ColumnSet) -> Result<Vec<Option<Job>>> {
    let explain = sqlite.explain("reading jobs");
    let columns = columns.union(ID);
    let mut statement = sqlite
        .connection
        .prepare_cached(&select_by_id(columns))
        .map_err(&explain)?;
    ids.iter()
        .map(|id| {
            statement
                .query_row(params![Bound(&id.to_value())], |row| job(row, columns))
                .optional()
                .map_err(&explain)
        })
        .collect()
}

pub(super) fn select_by_id(columns: ColumnSet) -> String {
    let id = Column::Id.name();
    format!(
        "SELECT {} FROM {TABLE} WHERE {id} = ?",
        column_list(columns)
    )
}

pub(super) fn resolve(
    sqlite: &Sqlite,
    prefix: &str,
    columns: ColumnSet,
    limit: usize,
) -> Result<Vec<Job>> {
    let Some(end) = successor(prefix) else {
        return Ok(Vec::new());
    };
    let explain = sqlite.explain("looking for a job");
    let columns = columns.union(ID);
    let id = Column::Id.name();
    let sql = format!(
        "SELECT {} FROM {TABLE} WHERE {id} >= ? AND {id} < ? ORDER BY {id} LIMIT {limit}",
        column_list(columns)
    );
    let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
    let mut found: Vec<Job> = statement
        .query_map([prefix, &end], |row| job(row, columns))
        .and_then(Iterator::collect)
        .map_err(&explain)?;
    // The text itself sorts before all that it begins.
    let is_exact = |job: &Job| job.get(Column::Id).as_str() == Some(prefix);
    if found.first().is_some_and(is_exact) {
        found.truncate(1);
    }
    Ok(found)
}

/// The least text above every text that begins with the prefix.
fn successor(prefix: &str) -> Option<String> {
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

pub(super) fn count(sqlite: &Sqlite, filter: &Filter) -> Result<u64> {
    let explain = sqlite.explain("counting jobs");
    // Beside a range of creation times, a state or type that nearly all jobs have is the worse index.
    let plain = match filter.since {
        Some(_) => condition::unselective(sqlite, filter, PAGE).map_err(&explain)?,
        None => Vec::new(),
    };
    let condition = Condition::of(filter, &plain);
    let sql = format!("SELECT count(*) FROM {TABLE}{}", condition.clause());
    let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
    let total: i64 = statement
        .query_row(condition.bound(), |row| row.get(0))
        .map_err(&explain)?;
    Ok(total.unsigned_abs())
}

pub(super) fn holds(sqlite: &Sqlite, column: Column, word: &str) -> Result<bool> {
    let explain = sqlite.explain("looking for a value");
    let sql = format!("SELECT 1 FROM {TABLE} WHERE {} = ? LIMIT 1", column.name());
    let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
    statement.exists([word]).map_err(&explain)
}

pub(super) fn list(sqlite: &Sqlite, query: &Query) -> Result<Vec<Job>> {
    let explain = sqlite.explain("listing jobs");
    let plain = plain_columns(
        sqlite,
        query.filter,
        query.order,
        query.limit + query.offset,
    )
    .map_err(&explain)?;
    let base = Condition::of(query.filter, &plain);
    let runs = match &query.after {
        None => vec![base],
        Some(cursor) => base.behind(cursor),
    };
    let columns = query
        .columns
        .union(ID)
        .union(ColumnSet::of(&[query.order.column]));
    let mut jobs = Vec::new();
    let mut offset = query.offset;
    for run in runs {
        let wanted = query.limit - jobs.len() as u64;
        if wanted == 0 {
            break;
        }
        let sql = format!(
            "SELECT {} FROM {TABLE}{}{} LIMIT {wanted} OFFSET {offset}",
            column_list(columns),
            run.clause(),
            order_by(query.order)
        );
        let before = jobs.len();
        let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
        let mut rows = statement.query(run.bound()).map_err(&explain)?;
        while let Some(row) = rows.next().map_err(&explain)? {
            jobs.push(job(row, columns).map_err(&explain)?);
        }
        if jobs.len() > before {
            offset = 0;
        } else if offset > 0 {
            let skipped = format!("SELECT count(*) FROM {TABLE}{}", run.clause());
            let skipped: i64 = sqlite
                .connection
                .query_row(&skipped, run.bound(), |row| row.get(0))
                .map_err(&explain)?;
            offset = offset.saturating_sub(skipped.unsigned_abs());
        }
    }
    Ok(jobs)
}

fn plain_columns(
    sqlite: &Sqlite,
    filter: &Filter,
    order: Order,
    rows: u64,
) -> rusqlite::Result<Vec<Column>> {
    match order.column {
        Column::CreatedAt => condition::unselective(sqlite, filter, rows),
        _ => Ok(Vec::new()),
    }
}

fn order_by(order: Order) -> String {
    let direction = if order.descending { "DESC" } else { "ASC" };
    let id = Column::Id.name();
    match order.column {
        Column::Id => format!(" ORDER BY {id} {direction}"),
        column => format!(" ORDER BY {} {direction}, {id} {direction}", column.name()),
    }
}

/// Page by page where an index gives the order, so that no read lock outlives a page. Where the order has
/// to be made first, the ids are sorted in one statement, and the rows are fetched by id afterwards. In WAL
/// a reader blocks nobody, and all pages come from one snapshot.
pub(super) fn stream(
    sqlite: &mut Sqlite,
    filter: &Filter,
    order: Order,
    columns: ColumnSet,
    sink: Sink,
) -> Result<()> {
    let snapshot = sqlite.is_wal();
    if snapshot {
        let begun = sqlite.connection.execute_batch("BEGIN");
        begun.map_err(sqlite.explain("starting to read"))?;
    }
    let done = match sorts_first(sqlite, filter, order) {
        Ok(true) => stream_sorted(sqlite, filter, order, columns, sink),
        Ok(false) => stream_pages(sqlite, filter, order, columns, sink),
        Err(error) => Err(error),
    };
    if snapshot {
        let ended = sqlite.connection.execute_batch("COMMIT");
        done.and(ended.map_err(sqlite.explain("ending to read")))
    } else {
        done
    }
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
        let page = list(sqlite, &query)?;
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
    let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
    let ids: Vec<JobId> = statement
        .query_map(condition.bound(), |row| Ok(job(row, ID)?.id()))
        .and_then(Iterator::collect)
        .map_err(&explain)?;
    for page in ids.chunks(PAGE as usize) {
        // A job deleted since is no longer part of the answer.
        for job in find(sqlite, page, columns)?.into_iter().flatten() {
            sink(job).map_err(Error::Caller)?;
        }
    }
    Ok(())
}

/// Whether SQLite would sort all matching rows before the first comes out.
fn sorts_first(sqlite: &Sqlite, filter: &Filter, order: Order) -> Result<bool> {
    let explain = sqlite.explain("planning to read");
    let plain = plain_columns(sqlite, filter, order, PAGE).map_err(&explain)?;
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
