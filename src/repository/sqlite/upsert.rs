//! One row of an import at a time: written, or left alone, as its policy has it, with what became of it.

use std::sync::Arc;

use rusqlite::{CachedStatement, OptionalExtension, Statement, params, params_from_iter};

use super::functions::TIME;
use super::import::IMPORTING;
use super::others::quoted;
use super::preview::overwrites;
use super::rules::{IGNORED, Tried};
use super::values::Bound;
use super::write::insert_sql;
use super::{Sqlite, TABLE};
use crate::job::{Column, Job, JobId, Value};
use crate::repository::{Error, Imported, OnConflict, Result};

/// What is done with rows whose id is there, and whether the table has triggers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    pub(super) on_conflict: OnConflict,
    pub(super) careful: bool,
}

/// The statement of a policy. It writes a row, or leaves the table as it is when the row is there and
/// stays; a row equal in every column is left alone by every policy.
///
/// Columns that are not known are written where the job has them, and left alone otherwise.
fn import_sql(on_conflict: OnConflict, others: &[(Arc<str>, Value)]) -> String {
    let id = Column::Id.name();
    let written: Vec<String> = Column::ALL
        .iter()
        .filter(|column| **column != Column::Id)
        .map(|column| column.name().to_owned())
        .chain(others.iter().map(|(name, _)| quoted(name)))
        .collect();
    let assign: Vec<String> = written
        .iter()
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    let differs: Vec<String> = written
        .iter()
        .map(|name| format!("{TABLE}.{name} IS NOT excluded.{name}"))
        .collect();
    let updated = Column::UpdatedAt.name();
    let action = match on_conflict {
        OnConflict::Skip | OnConflict::Fail => "NOTHING".to_owned(),
        OnConflict::Replace => format!(
            "UPDATE SET {} WHERE {}",
            assign.join(", "),
            differs.join(" OR ")
        ),
        OnConflict::Newer => format!(
            "UPDATE SET {} WHERE {TIME}(excluded.{updated}) > coalesce({TIME}({TABLE}.{updated}), {})",
            assign.join(", "),
            i64::MIN
        ),
    };
    format!("{} ON CONFLICT ({id}) DO {action}", insert_sql(others))
}

impl Policy {
    /// Writes jobs until one is too many, or may not be written, and tells of each what became of it. Where a rule of the
    /// table took the transaction back: at which job, and why.
    pub(super) fn write(
        &self,
        sqlite: &Sqlite,
        jobs: &[Job],
        mut stops_after: impl FnMut(Imported) -> bool,
    ) -> Result<Option<(usize, String)>> {
        let explain = sqlite.explain(IMPORTING);
        let mut statement = sqlite
            .connection
            .prepare_cached(&import_sql(self.on_conflict, &[]))
            .map_err(&explain)?;
        let mut wider = Wider::default();
        for (place, job) in jobs.iter().enumerate() {
            // The id is looked up only where the statement cannot say which of the two it did.
            let looks = matches!(self.on_conflict, OnConflict::Newer | OnConflict::Replace);
            let there = (looks || self.careful) && stored_update(sqlite, &job.id())?.is_some();
            // A trigger would see it before the table finds that it is there and stays.
            let stays = self.careful && there && !overwrites(sqlite, job, self.on_conflict)?;
            let tried = match stays {
                true => Tried::Done(0),
                false => sqlite.attempt(self.careful, IMPORTING, || match job.others() {
                    [] => execute(&mut statement, job),
                    _ => wider.execute(sqlite, self.on_conflict, job),
                })?,
            };
            let outcome = match (tried, there) {
                (Tried::TookBack(why), _) => return Ok(Some((place, why))),
                (Tried::Refused(why), _) => Imported::Refused(why.into()),
                (Tried::Done(0), _) if self.careful && !stays => Imported::Refused(IGNORED.into()),
                (Tried::Done(0), _) if self.on_conflict == OnConflict::Fail => {
                    return match place {
                        0 => Err(Error::Exists {
                            ids: vec![job.id()],
                        }),
                        _ => Ok(None),
                    };
                }
                (Tried::Done(0), _) => Imported::Skipped,
                (Tried::Done(_), true) => Imported::Updated,
                (Tried::Done(_), false) => Imported::Inserted,
            };
            if stops_after(outcome) {
                break;
            }
        }
        Ok(None)
    }
}

pub(super) fn execute(statement: &mut Statement, job: &Job) -> rusqlite::Result<usize> {
    statement.execute(params_from_iter(job.values().iter().map(Bound)))
}

/// The statement for jobs with columns that are not known. Nearly always they are the same in all jobs.
#[derive(Default)]
struct Wider<'a> {
    names: Vec<Arc<str>>,
    statement: Option<CachedStatement<'a>>,
}

impl<'a> Wider<'a> {
    fn execute(
        &mut self,
        sqlite: &'a Sqlite,
        on_conflict: OnConflict,
        job: &Job,
    ) -> rusqlite::Result<usize> {
        let others = job.others();
        let names = || others.iter().map(|(name, _)| name);
        let statement = match self.statement.take() {
            Some(statement) if names().eq(&self.names) => statement,
            _ => {
                self.names = names().cloned().collect();
                let sql = import_sql(on_conflict, others);
                sqlite.connection.prepare_cached(&sql)?
            }
        };
        let values = job
            .values()
            .iter()
            .chain(others.iter().map(|(_, value)| value));
        let statement = self.statement.insert(statement);
        statement.execute(params_from_iter(values.map(Bound)))
    }
}

/// `updated_at` of a job as stored; None when there is no such job.
pub(super) fn stored_update(sqlite: &Sqlite, id: &JobId) -> Result<Option<Value>> {
    let sql = format!(
        "SELECT {} FROM {TABLE} WHERE {} = ?",
        Column::UpdatedAt.name(),
        Column::Id.name()
    );
    sqlite
        .connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement
                .query_row(params![Bound(&id.to_value())], |row| {
                    Ok(super::values::value(row.get_ref(0)?))
                })
                .optional()
        })
        .map_err(sqlite.explain("reading a job"))
}
