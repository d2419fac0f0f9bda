//! The session of an import. In a database that others use it goes in short transactions; all or nothing, in a single one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::batch::{Batch, distinct, lacks};
use super::decision::OwnJobs;
use super::orphans::Orphans;
use crate::job::columns::Takes;
use crate::job::fitting::Limits;
use crate::job::{Column, IdSet, Job};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::writing::transaction;
use crate::repository::{Import, ImportTerms, Imported, Repository as _, Result, Unfinished};

const IMPORTING: &str = "importing jobs";

/// The time that a batch is to take: others may wait for its rows.
const SHORT: Duration = Duration::from_millis(40);

/// The time of a transaction where others are not expected to wait for its rows.
const LONG: Duration = Duration::from_secs(1);

const LEAST: usize = 50;
const MOST: usize = 2_000;

/// An import that is going on.
pub(in crate::repository::postgres) struct PostgresImport<'a> {
    postgres: &'a mut Postgres,
    terms: ImportTerms,
    own: OwnJobs,
    orphans: Orphans,
    /// The jobs of the next batch.
    size: usize,
    is_open: bool,
    /// When the transaction was begun that is open, or was last.
    begun: Instant,
}

impl<'a> PostgresImport<'a> {
    pub(in crate::repository::postgres) fn begin(
        postgres: &'a mut Postgres,
        terms: ImportTerms,
    ) -> Result<PostgresImport<'a>> {
        if postgres.made_table {
            // As of a new file: to take it back is to drop the table.
            postgres.recorder.stop();
        }
        postgres.look_again()?;
        if terms.atomic {
            postgres.prepare_history();
        }
        let size = if postgres.is_unhurried { MOST } else { LEAST };
        Ok(PostgresImport {
            postgres,
            terms,
            own: OwnJobs::default(),
            orphans: Orphans::default(),
            size,
            is_open: false,
            begun: Instant::now(),
        })
    }

    fn open(&mut self) {
        if !self.is_open {
            transaction::begin(self.postgres);
            self.is_open = true;
            self.begun = Instant::now();
        }
    }

    fn commit(&mut self) -> Result<()> {
        if !self.is_open {
            return Ok(());
        }
        self.postgres.save_history()?;
        self.is_open = false;
        transaction::commit(self.postgres, IMPORTING)
    }

    fn take_back(&mut self) {
        if std::mem::take(&mut self.is_open) {
            transaction::take_back(self.postgres);
            if self.terms.atomic {
                self.own.clear();
            }
        }
    }
}

impl Drop for PostgresImport<'_> {
    fn drop(&mut self) {
        self.take_back();
    }
}

impl Import for PostgresImport<'_> {
    fn write(&mut self, jobs: &[Job]) -> Result<Vec<Imported>> {
        let jobs = &jobs[..jobs.len().min(self.size)];
        let jobs = &jobs[..distinct(jobs)];
        if lacks(self.postgres, jobs) {
            self.postgres.look_again()?;
        }
        let started = Instant::now();
        self.open();
        let batch = Batch {
            postgres: self.postgres,
            jobs,
            on_conflict: self.terms.on_conflict,
            orphans: &self.orphans,
        };
        let written = batch.write(&self.own);
        let outcomes = match written {
            Ok(outcomes) => outcomes,
            Err(error) => {
                if !self.terms.atomic {
                    self.take_back();
                }
                return Err(error);
            }
        };
        let may_stay_open = self.postgres.is_unhurried && self.begun.elapsed() < LONG;
        if !self.terms.atomic && !may_stay_open {
            self.commit()?;
        }
        for (job, outcome) in jobs.iter().zip(&outcomes) {
            if matches!(outcome, Imported::Inserted | Imported::Updated) {
                self.own.add(job);
            }
        }
        self.size = if started.elapsed() < SHORT {
            (self.size * 2).min(MOST)
        } else {
            (self.size / 2).max(LEAST)
        };
        Ok(outcomes)
    }

    fn declared_others(&mut self) -> Result<Vec<(Arc<str>, Takes)>> {
        self.postgres.declared_others()
    }

    fn limits(&mut self) -> Result<Option<Limits>> {
        self.postgres.limits()
    }

    fn missing_parents(&mut self, jobs: &[Job]) -> Result<Vec<(usize, Column)>> {
        let missing = self.postgres.missing_parents(jobs)?;
        self.orphans.note(jobs, &missing);
        Ok(missing)
    }

    fn skipped(&self) -> Option<IdSet> {
        None
    }

    fn is_pending(&self) -> bool {
        self.is_open
    }

    fn yield_lock(&mut self) -> Result<()> {
        if self.terms.atomic {
            Ok(())
        } else {
            self.commit()
        }
    }

    fn gaps(&self) -> Option<String> {
        None
    }

    fn end(mut self: Box<Self>) -> std::result::Result<(), Unfinished> {
        let all = self.terms.atomic;
        self.commit().map_err(|error| Unfinished { error, all })
    }

    fn undo(mut self: Box<Self>) -> bool {
        self.take_back();
        self.terms.atomic
    }
}
