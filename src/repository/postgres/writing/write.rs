//! Inserting and updating by id, all or nothing.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::fitted::{arguments, fitted};
use super::table_width::{WIDTH, check_width, with_all_columns};
use super::transaction::OpenTransaction;
use crate::job::fitting::refusal;
use crate::job::{Changes, Column, ColumnSet, Job, JobId};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::errors::refused;
use crate::repository::postgres::connection::job_table::{AS_GIVEN, TABLE};
use crate::repository::postgres::connection::values::Argument;
use crate::repository::postgres::hints::{RULES, VALUE};
use crate::repository::postgres::history::kept_row::KeptRow;
use crate::repository::postgres::history::noting;
use crate::repository::postgres::history::rows::{kept_list, kept_row};
use crate::repository::postgres::reading::pages::{MOST_IDS, find, texts};
use crate::repository::postgres::reading::parents::missing_parents;
use crate::repository::{Decide, Error, Result, Updated};

const INSERTING: &str = "inserting jobs";
const UPDATING: &str = "updating jobs";

/// The reason for a row that the table left as it was without an error.
pub(in crate::repository::postgres) const IGNORED: &str =
    "a rule of the table leaves it out, without saying why";
pub(in crate::repository::postgres) const KEPT: &str =
    "a rule of the table keeps it as it is, without saying why";

pub(in crate::repository::postgres) fn against_rule(job: &JobId, why: String, of: usize) -> Error {
    Error::AgainstRule {
        job: job.clone(),
        why,
        of,
        see: RULES,
    }
}

/// The refusal of a value that the server would not store.
fn against_value(job: &JobId, why: String, of: usize) -> Error {
    Error::AgainstRule {
        job: job.clone(),
        why,
        of,
        see: VALUE,
    }
}

pub(in crate::repository::postgres) fn insert(postgres: &mut Postgres, jobs: &[Job]) -> Result<()> {
    let postgres = &*postgres;
    let session = &postgres.session;
    let transaction = OpenTransaction::begin(postgres);
    let ids: Vec<JobId> = jobs.iter().map(Job::id).collect();
    let there = find(postgres, &ids, ColumnSet::NONE)?;
    let used = ids.iter().zip(&there).filter(|(_, it)| it.is_some());
    let used: Vec<JobId> = used.map(|(id, _)| id.clone()).collect();
    if !used.is_empty() {
        return Err(Error::Exists { ids: used });
    }
    check_parents(postgres, jobs)?;
    let sql = insert_sql(postgres);
    let limits = postgres.table.limits();
    for job in jobs {
        let id = job.id();
        if let Some(why) = refusal(job, &limits) {
            return Err(against_value(&id, why, jobs.len()));
        }
        let arguments = arguments(&limits, job);
        match session.try_rows(&sql, &arguments) {
            Ok(rows) if rows.is_empty() => {
                return Err(against_rule(&id, IGNORED.to_owned(), jobs.len()));
            }
            Ok(rows) => {
                if postgres.recorder.keeps_rows() {
                    noting::inserted(postgres, &rows);
                    postgres.save_if_full()?;
                }
            }
            Err(error) if is_taken(&error) => return Err(Error::Exists { ids: vec![id] }),
            Err(error) => {
                return Err(match refused(&error) {
                    Some(why) => against_rule(&id, why, jobs.len()),
                    None => session.label.explain(INSERTING, &error),
                });
            }
        }
    }
    transaction.commit(INSERTING)
}

/// Whether an id is in use that was not a moment before.
fn is_taken(error: &tokio_postgres::Error) -> bool {
    let found = error.as_db_error();
    found.is_some_and(|found| {
        found.code().code() == "23505"
            && found
                .constraint()
                .is_some_and(|name| name.ends_with("_pkey"))
    })
}

/// Inserts a row of the known columns.
fn insert_sql(postgres: &Postgres) -> String {
    let names: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
    let inputs: Vec<String> = Column::ALL
        .iter()
        .enumerate()
        .map(|(index, column)| postgres.table.input(*column, &format!("${}", index + 1)))
        .collect();
    let returned = if postgres.recorder.keeps_rows() {
        kept_list(&postgres.table)
    } else {
        "1".to_owned()
    };
    format!(
        "INSERT INTO {TABLE} ({}) {AS_GIVEN} VALUES ({}) RETURNING {returned}",
        names.join(", "),
        inputs.join(", ")
    )
}

fn check_parents(postgres: &Postgres, jobs: &[Job]) -> Result<()> {
    match missing_parents(postgres, jobs)?.first() {
        None => Ok(()),
        Some((index, column)) => Err(Error::NoParent {
            job: jobs[*index].id(),
            column: *column,
            id: jobs[*index].get(*column).display().into_owned(),
        }),
    }
}

/// The jobs of these ids, locked until the transaction ends.
pub(in crate::repository::postgres) fn locked(
    postgres: &Postgres,
    doing: &'static str,
    ids: &[JobId],
    columns: ColumnSet,
) -> Result<HashMap<JobId, Job>> {
    let columns = columns.with(Column::Id);
    let id = postgres.table.as_text(Column::Id);
    // In one order, so that two that lock the same jobs do not wait for each other.
    let sql = format!(
        "SELECT {} FROM {TABLE} WHERE {id} = ANY ($1) ORDER BY {} FOR UPDATE",
        postgres.table.list(columns),
        postgres.table.sorted(Column::Id)
    );
    let mut found = HashMap::new();
    for part in ids.chunks(MOST_IDS) {
        for row in postgres
            .session
            .rows(doing, &sql, &[Argument::Texts(texts(part))])?
        {
            let job = postgres.job(&row, columns);
            found.insert(job.id(), job);
        }
    }
    Ok(found)
}

pub(in crate::repository::postgres) fn update(
    postgres: &mut Postgres,
    ids: &[JobId],
    decide: Decide,
) -> Result<Vec<Updated>> {
    with_all_columns(postgres, |postgres| update_all(postgres, ids, &mut *decide))
}

fn update_all(postgres: &Postgres, ids: &[JobId], decide: Decide) -> Result<Vec<Updated>> {
    let transaction = OpenTransaction::begin(postgres);
    let mut found = locked_whole(postgres, ids)?;
    let mut updated = Vec::with_capacity(ids.len());
    let (mut gone, mut refused) = (Vec::new(), Vec::new());
    for id in ids {
        let Some((before, kept)) = found.get(id) else {
            gone.push(id.clone());
            continue;
        };
        match decide(before) {
            Err(why) => refused.push((id.clone(), why)),
            Ok(changes) if refused.is_empty() && gone.is_empty() => {
                let before = (before.clone(), kept.as_ref());
                let (done, kept) = write_changes(postgres, before, &changes, ids.len())?;
                // One that is named twice is decided on as it is then.
                if done.changed {
                    found.insert(id.clone(), (done.after.clone(), kept));
                }
                updated.push(done);
            }
            Ok(_) => {}
        }
    }
    if !gone.is_empty() {
        return Err(Error::Gone { ids: gone });
    }
    if !refused.is_empty() {
        let of = ids.len();
        return Err(Error::Refused { jobs: refused, of });
    }
    transaction.commit(UPDATING)?;
    Ok(updated)
}

/// A whole job that is locked, with the row that the history keeps of it where there is one.
type WholeJob = (Job, Option<KeptRow>);

fn locked_whole(postgres: &Postgres, ids: &[JobId]) -> Result<HashMap<JobId, WholeJob>> {
    let table = &postgres.table;
    let id = table.as_text(Column::Id);
    let sql = format!(
        "SELECT {WIDTH}, {} FROM {TABLE} WHERE {id} = ANY ($1) ORDER BY {} FOR UPDATE",
        whole_list(postgres),
        table.sorted(Column::Id)
    );
    let mut found = HashMap::new();
    for part in ids.chunks(MOST_IDS) {
        let arguments = [Argument::Texts(texts(part))];
        let rows = postgres.session.rows(UPDATING, &sql, &arguments)?;
        check_width(postgres, rows.first(), 0)?;
        for row in rows {
            let whole = whole(postgres, &row, 1);
            found.insert(whole.0.id(), whole);
        }
    }
    Ok(found)
}

/// The columns of a job, and behind them those that the history keeps.
fn whole_list(postgres: &Postgres) -> String {
    let list = postgres.table.list(ColumnSet::WHOLE);
    if postgres.recorder.keeps_rows() {
        format!("{list}, {}", kept_list(&postgres.table))
    } else {
        list
    }
}

/// The job of a row that has these from this place on.
fn whole(postgres: &Postgres, row: &Row, at: usize) -> WholeJob {
    let job = postgres.job_at(row, at, ColumnSet::WHOLE);
    let table = &postgres.table;
    let width = Column::COUNT + table.others.len();
    let keeps = postgres.recorder.keeps_rows();
    (job, keeps.then(|| kept_row(table, row, at + width)))
}

/// Writes these columns alone; gives the row as it now is.
fn write_changes(
    postgres: &Postgres,
    (before, kept): (Job, Option<&KeptRow>),
    changes: &Changes,
    of: usize,
) -> Result<(Updated, Option<KeptRow>)> {
    if changes.is_empty() {
        let updated = Updated {
            after: before.clone(),
            before,
            changed: false,
        };
        return Ok((updated, None));
    }
    let id = before.id();
    let mut named = Job::default().with(Column::Id, before.get(Column::Id).clone());
    for column in [Column::EpisodeId, Column::SeriesId] {
        if let Some(value) = changes.get(column) {
            named.set(column, value.clone());
        }
    }
    check_parents(postgres, &[named])?;
    let limits = postgres.table.limits();
    let (mut assignments, mut arguments) = (Vec::new(), Vec::new());
    for (column, value) in changes.iter() {
        arguments.push(fitted(&limits, column, value).map_err(|why| against_value(&id, why, of))?);
        let mark = format!("${}", arguments.len());
        let input = postgres.table.input(column, &mark);
        assignments.push(format!("{} = {input}", column.name()));
    }
    arguments.push(Argument::Texts(texts(std::slice::from_ref(&id))));
    let sql = format!(
        "UPDATE {TABLE} SET {} WHERE {} = ANY (${}) RETURNING {}",
        assignments.join(", "),
        postgres.table.as_text(Column::Id),
        arguments.len(),
        whole_list(postgres)
    );
    let rows = postgres.session.try_rows(&sql, &arguments);
    let rows = rows.map_err(|error| match refused(&error) {
        Some(why) => against_rule(&id, why, of),
        None => postgres.label().explain(UPDATING, &error),
    })?;
    let Some(row) = rows.first() else {
        return Err(against_rule(&id, KEPT.to_owned(), of));
    };
    let (after, now) = whole(postgres, row, 0);
    if let (Some(before), Some(after)) = (kept, &now) {
        postgres.recorder.updated(before, after);
        postgres.save_if_full()?;
    }
    let updated = Updated {
        after,
        before,
        changed: true,
    };
    Ok((updated, now))
}
