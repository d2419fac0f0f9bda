//! The preview of an import. Jobs that earlier calls would have written are noted in a temporary table, which SQLite keeps
//! on disk when it grows: a dry run needs no more memory than a real one.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use rusqlite::{OptionalExtension, params};

use super::overwrites::{Stored, equals_stored};
use super::trial::{self, Trial};
use super::upsert::IMPORTING;
use crate::job::columns::Takes;
use crate::job::{Column, IdSet, Job, JobId, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::reading::transaction;
use crate::repository::sqlite::reading::values::{Bound, value};
use crate::repository::sqlite::writing::write::insert_sql;
use crate::repository::{
    Error, Import, ImportTerms, Imported, OnConflict, Repository, Result, Unfinished,
};

const PREVIEWING: &str = "previewing an import";

/// A job that an earlier row would have written: its `updated_at`, and a digest of the whole.
struct PreviewedJob {
    updated_at: Value,
    digest: i64,
}

/// A preview that is going on.
pub(in crate::repository::sqlite) struct PreviewSession<'a> {
    sqlite: &'a mut Sqlite,
    terms: ImportTerms,
    /// True when the table of these notes is there.
    notes: bool,
    /// The trial of what the table would refuse.
    trial: Trial,
}

impl<'a> PreviewSession<'a> {
    pub(in crate::repository::sqlite) fn begin(
        sqlite: &'a mut Sqlite,
        terms: ImportTerms,
    ) -> PreviewSession<'a> {
        PreviewSession {
            sqlite,
            terms,
            notes: false,
            trial: Trial::default(),
        }
    }

    fn begin_notes(&mut self) -> Result<()> {
        const SQL: &str = "DROP TABLE IF EXISTS temp.previewed;
            CREATE TEMP TABLE previewed (id PRIMARY KEY, updated_at, digest) WITHOUT ROWID";
        let begun = self.sqlite.connection.execute_batch(SQL);
        begun.map_err(self.sqlite.explain(PREVIEWING))?;
        self.notes = true;
        Ok(())
    }
}

impl Drop for PreviewSession<'_> {
    fn drop(&mut self) {
        if self.notes {
            // They go with the connection at the latest.
            let dropped = self
                .sqlite
                .connection
                .execute_batch("DROP TABLE temp.previewed");
            let _ = dropped;
        }
    }
}

impl Import for PreviewSession<'_> {
    fn write(&mut self, jobs: &[Job]) -> Result<Vec<Imported>> {
        if !self.notes {
            self.begin_notes()?;
        }
        let (sqlite, on_conflict) = (&*self.sqlite, self.terms.on_conflict);
        // An error that stops any import is told now.
        sqlite.settled(|| {
            let prepared = sqlite.connection.prepare_cached(&insert_sql(&[]));
            prepared.map(drop).map_err(sqlite.explain(IMPORTING))
        })?;
        let trial = &mut self.trial;
        let refused = sqlite.settled(|| trial::refused(trial, sqlite, jobs, on_conflict))?;
        let transaction = sqlite.settled(|| transaction::begin_at_once(sqlite))?;
        let outcomes = outcomes(sqlite, jobs, on_conflict, &refused);
        transaction::end_reading(sqlite, transaction)?;
        outcomes
    }

    fn declared_others(&mut self) -> Result<Vec<(Arc<str>, Takes)>> {
        self.sqlite.declared_others()
    }

    fn missing_parents(&mut self, jobs: &[Job]) -> Result<Vec<(usize, Column)>> {
        self.sqlite.missing_parents(jobs)
    }

    fn skipped(&self) -> Option<IdSet> {
        None
    }

    fn is_pending(&self) -> bool {
        self.terms.atomic
    }

    fn yield_lock(&mut self) -> Result<()> {
        Ok(())
    }

    fn gaps(&self) -> Option<String> {
        self.trial.gaps()
    }

    fn end(self: Box<Self>) -> std::result::Result<(), Unfinished> {
        Ok(())
    }

    fn undo(self: Box<Self>) -> bool {
        self.terms.atomic
    }
}

/// Stops before an id in use where that is to be an error, unless it is the first.
fn outcomes(
    sqlite: &Sqlite,
    jobs: &[Job],
    on_conflict: OnConflict,
    refused: &HashMap<usize, Imported>,
) -> Result<Vec<Imported>> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    for (index, job) in jobs.iter().enumerate() {
        match outcome(sqlite, job, on_conflict) {
            Err(Error::Exists { .. }) if !outcomes.is_empty() => break,
            Err(error) => return Err(error),
            Ok(Imported::Inserted | Imported::Updated) if refused.contains_key(&index) => {
                outcomes.push(refused[&index].clone());
            }
            Ok(outcome) => {
                if outcome != Imported::Skipped {
                    note(sqlite, job)?;
                }
                outcomes.push(outcome);
            }
        }
    }
    Ok(outcomes)
}

fn outcome(sqlite: &Sqlite, job: &Job, on_conflict: OnConflict) -> Result<Imported> {
    let id = job.id();
    let noted = noted(sqlite, &id)?;
    let there = match &noted {
        Some(noted) => Some(noted.updated_at.clone()),
        None => Stored::find(sqlite, &id)?.map(|stored| stored.updated_at),
    };
    let Some(updated_at) = there else {
        return Ok(Imported::Inserted);
    };
    let overwrites = match on_conflict {
        // Of one run the newest record counts.
        _ if on_conflict != OnConflict::Fail && noted.is_some() => {
            job.time(Column::UpdatedAt) >= updated_at.time()
                && noted.is_some_and(|noted| noted.digest != digest(job))
        }
        OnConflict::Fail => return Err(Error::Exists { ids: vec![id] }),
        OnConflict::Skip => false,
        OnConflict::Newer => job.time(Column::UpdatedAt) > updated_at.time(),
        OnConflict::Replace => !equals_stored(sqlite, job)?,
    };
    Ok(if overwrites {
        Imported::Updated
    } else {
        Imported::Skipped
    })
}

fn noted(sqlite: &Sqlite, id: &JobId) -> Result<Option<PreviewedJob>> {
    sqlite
        .connection
        .prepare_cached("SELECT updated_at, digest FROM temp.previewed WHERE id = ?")
        .and_then(|mut statement| {
            statement
                .query_row(params![Bound(&id.to_value())], |row| {
                    Ok(PreviewedJob {
                        updated_at: value(row.get_ref(0)?),
                        digest: row.get(1)?,
                    })
                })
                .optional()
        })
        .map_err(sqlite.explain(PREVIEWING))
}

fn note(sqlite: &Sqlite, job: &Job) -> Result<()> {
    sqlite
        .connection
        .prepare_cached("INSERT OR REPLACE INTO temp.previewed VALUES (?, ?, ?)")
        .and_then(|mut statement| {
            let (id, updated_at) = (job.id().to_value(), job.get(Column::UpdatedAt));
            statement.execute(params![Bound(&id), Bound(updated_at), digest(job)])
        })
        .map_err(sqlite.explain(PREVIEWING))?;
    Ok(())
}

fn digest(job: &Job) -> i64 {
    let mut hasher = DefaultHasher::new();
    format!("{:?}{:?}", job.values(), job.others()).hash(&mut hasher);
    hasher.finish().cast_signed()
}
