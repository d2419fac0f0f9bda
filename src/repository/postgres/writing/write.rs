//! Inserting jobs, all or nothing; and the locks on jobs that are to be written.

use std::collections::HashMap;

use super::fitted::arguments;
use super::transaction::OpenTransaction;
use crate::job::fitting::refusal;
use crate::job::{Column, ColumnSet, Job, JobId, Value};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::errors::refused;
use crate::repository::postgres::connection::job_table::{AS_GIVEN, TABLE};
use crate::repository::postgres::connection::values::Argument;
use crate::repository::postgres::hints::{RULES, VALUE};
use crate::repository::postgres::history::noting;
use crate::repository::postgres::history::rows::kept_list;
use crate::repository::postgres::reading::pages::{MOST_IDS, find, texts};
use crate::repository::postgres::reading::parents::missing_parents;
use crate::repository::{Error, Result};

const INSERTING: &str = "inserting jobs";

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
pub(super) fn against_value(job: &JobId, why: String, of: usize) -> Error {
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
        Some((index, column)) => {
            let job = &jobs[*index];
            Err(no_parent(job.id(), *column, job.get(*column)))
        }
    }
}

/// The refusal of a job that names an episode or series that is not there.
pub(super) fn no_parent(job: JobId, column: Column, named: &Value) -> Error {
    Error::NoParent {
        job,
        column,
        id: named.display().into_owned(),
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
