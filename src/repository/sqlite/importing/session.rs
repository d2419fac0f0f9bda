//! The session of an import: whole rows in batches. Into a file in use they go in short transactions with gaps between
//! them; into one that this run makes, or all or nothing, in a single one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::known::KnownIds;
use super::late_index::{LateIndex, SMALL_CACHE};
use super::state::{ImportState, LOAD_CACHE, STARTING, took_back};
use super::upsert::IMPORTING;
use super::upsert::{ConflictPolicy, OwnRows};
use super::whole::begin_whole;
use crate::job::columns::Takes;
use crate::job::{Column, IdSet, Job};
use crate::repository::sqlite::connection::create;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::errors::database_name;
use crate::repository::sqlite::connection::syncing::Early;
use crate::repository::sqlite::hints;
use crate::repository::sqlite::history::noting::Affinities;
use crate::repository::sqlite::writing::transactions::Transactions;
use crate::repository::{
    Error, Import, ImportTerms, Imported, OnConflict, Repository, Result, Unfinished,
};

/// The time for which a long transaction, which nobody is expected to wait for, stays open while no jobs come. Under load the threads
/// that decode stand still for longer than the caller's patience now and then.
const LONGEST_IDLE: Duration = Duration::from_millis(100);

/// An import that is going on.
pub(in crate::repository::sqlite) struct ImportSession<'a> {
    sqlite: &'a mut Sqlite,
    state: ImportState,
    /// True when it has been made final or taken back.
    is_over: bool,
}

impl<'a> ImportSession<'a> {
    pub(in crate::repository::sqlite) fn begin(
        sqlite: &'a mut Sqlite,
        terms: ImportTerms,
    ) -> Result<ImportSession<'a>> {
        let state = begin(sqlite, terms)?;
        Ok(ImportSession {
            sqlite,
            state,
            is_over: false,
        })
    }

    fn finish(&mut self) -> Result<()> {
        if self.state.whole {
            self.state.write_ids(self.sqlite)?
        } else {
            self.state.commit(self.sqlite)?
        }
        let sqlite = &mut *self.sqlite;
        if let Some(unpublished) = sqlite.unpublished.take() {
            let connection = let_go(sqlite)?;
            sqlite.syncing = None;
            if !create::publish(unpublished, connection, &sqlite.path, &sqlite.patience)? {
                return Err(Error::MadeMeanwhile {
                    database: database_name(&sqlite.path),
                    hint: hints::TAKEN,
                });
            }
        }
        self.is_over = true;
        Ok(())
    }

    /// True when that is all since the beginning.
    fn take_back(&mut self) -> bool {
        self.is_over = true;
        let sqlite = &mut *self.sqlite;
        if sqlite.unpublished.is_some() {
            // The file goes when it is closed, and no error matters.
            let _ = let_go(sqlite);
            sqlite.unpublished = None;
        } else if !sqlite.connection.is_autocommit() {
            // A transaction that cannot be taken back now is taken back when the file is opened next.
            let _ = sqlite.connection.execute_batch("ROLLBACK");
        }
        self.state.whole
    }
}

impl Drop for ImportSession<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.take_back();
        }
    }
}

impl Import for ImportSession<'_> {
    fn write(&mut self, jobs: &[Job]) -> Result<Vec<Imported>> {
        let outcomes = self.state.take_in(self.sqlite, jobs)?;
        if self.state.transactions.was_long() {
            self.sqlite.start_syncing(Early::Journal);
            self.sqlite.set_cache(LOAD_CACHE)?;
        }
        Ok(outcomes)
    }

    fn declared_others(&mut self) -> Result<Vec<(Arc<str>, Takes)>> {
        self.sqlite.declared_others()
    }

    fn missing_parents(&mut self, jobs: &[Job]) -> Result<Vec<(usize, Column)>> {
        self.sqlite.missing_parents(jobs)
    }

    fn skipped(&self) -> Option<IdSet> {
        self.state.known.all()
    }

    fn is_pending(&self) -> bool {
        self.state.whole || self.state.written
    }

    fn yield_lock(&mut self) -> Result<()> {
        self.state.wait(self.sqlite)
    }

    fn gaps(&self) -> Option<String> {
        None
    }

    fn end(mut self: Box<Self>) -> std::result::Result<(), Unfinished> {
        self.finish().map_err(|error| Unfinished {
            error,
            all: self.take_back(),
        })
    }

    fn undo(mut self: Box<Self>) -> bool {
        self.take_back()
    }
}

fn begin(sqlite: &mut Sqlite, terms: ImportTerms) -> Result<ImportState> {
    let whole = terms.atomic || sqlite.unpublished.is_some();
    if sqlite.unpublished.is_some() {
        // To take it back is to remove the file.
        sqlite.recorder.stop();
    }
    // Dangling ids are the caller's matter here (see `missing_parents`), and rows brought back from an archive keep
    // theirs.
    sqlite
        .connection
        .pragma_update(None, "foreign_keys", false)
        .map_err(sqlite.explain(STARTING))?;
    let own = match sqlite.unpublished {
        Some(_) => OwnRows::default(),
        None => OwnRows::begin(sqlite)?,
    };
    let affinities = Affinities::choose(sqlite)?;
    let careful = sqlite.unpublished.is_none() && sqlite.may_refuse_rows()?;
    let takes_back = careful && sqlite.has_triggers()?;
    let mut transactions = Transactions::begin(sqlite)?;
    let late_index = match sqlite.unpublished {
        Some(_) => LateIndex::begin(sqlite)?,
        None => None,
    };
    if late_index.is_some() {
        sqlite.set_cache(SMALL_CACHE)?;
    } else if sqlite.unpublished.is_some() || sqlite.alone {
        sqlite.set_cache(LOAD_CACHE)?;
    }
    sqlite.pace.set_importing();
    if sqlite.unpublished.is_some() {
        sqlite.start_syncing(Early::DatabaseAndJournal);
    } else if whole || sqlite.alone {
        sqlite.start_syncing(Early::Journal);
    }
    if whole {
        begin_whole(sqlite)?;
    } else {
        transactions.open_if_kept(sqlite)?;
    }
    Ok(ImportState {
        on_conflict: terms.on_conflict,
        whole,
        late_index,
        transactions,
        written: false,
        wrote: None,
        known: KnownIds::default(),
        careful,
        own,
        affinities,
        takes_back,
    })
}

impl ImportState {
    fn take_in(&mut self, sqlite: &Sqlite, jobs: &[Job]) -> Result<Vec<Imported>> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        if self.whole {
            self.load(sqlite, jobs, &mut outcomes)?;
            // Loaded rows are told before a conflict after them can be an error.
            if self.late_index.is_none() && outcomes.is_empty() {
                self.write_some(sqlite, jobs, &mut outcomes)?;
            }
            return Ok(outcomes);
        }
        if self.known.reads_all_next() {
            self.yield_lock(sqlite)?;
        }
        // A job that stays as it is needs no write lock to be found.
        let known = match self.on_conflict {
            OnConflict::Skip => self.known.leading(sqlite, jobs, self.own.before())?,
            _ => 0,
        };
        outcomes.resize(known, Imported::Skipped);
        if known < jobs.len() {
            self.transactions.open(sqlite)?;
            self.written = true;
            if self.takes_back {
                self.write_carefully(sqlite, &jobs[known..], &mut outcomes)?
            } else {
                self.write_some(sqlite, &jobs[known..], &mut outcomes)?
            }
            self.wrote = Some(Instant::now());
        }
        if self.transactions.is_over() {
            self.yield_lock(sqlite)?;
        }
        Ok(outcomes)
    }

    /// Gives the lock to others while the next jobs are waited for, unless the rest after a long transaction would cost more
    /// than a moment's wait.
    fn wait(&mut self, sqlite: &Sqlite) -> Result<()> {
        let is_short = self
            .wrote
            .is_some_and(|wrote| wrote.elapsed() < LONGEST_IDLE);
        if is_short && self.transactions.may_stay_open() && !self.transactions.is_over() {
            Ok(())
        } else {
            self.yield_lock(sqlite)
        }
    }

    /// Commits, and gives the lock back if it is not to be kept.
    fn yield_lock(&mut self, sqlite: &Sqlite) -> Result<()> {
        if self.transactions.yield_lock(sqlite, IMPORTING)? {
            self.written = false;
        }
        Ok(())
    }

    /// Commits the transaction that is open, if it is one of several.
    fn commit(&mut self, sqlite: &Sqlite) -> Result<()> {
        self.transactions.commit(sqlite, IMPORTING)?;
        self.written = false;
        Ok(())
    }

    pub(super) fn policy(&self) -> ConflictPolicy<'_> {
        ConflictPolicy {
            own: &self.own,
            affinities: Some(&self.affinities),
            on_conflict: self.on_conflict,
            careful: self.careful,
        }
    }

    fn write_some(
        &self,
        sqlite: &Sqlite,
        jobs: &[Job],
        outcomes: &mut Vec<Imported>,
    ) -> Result<()> {
        let write = self.policy().write(sqlite, jobs, |outcome| {
            outcomes.push(outcome);
            self.transactions.is_over()
        })?;
        took_back(write, jobs)
    }

    /// Writes jobs where the table has triggers. Each call is a transaction of its own, since a trigger may take it back: then
    /// the jobs before are written once more, and the one at which it did is refused and comes last.
    fn write_carefully(
        &mut self,
        sqlite: &Sqlite,
        jobs: &[Job],
        outcomes: &mut Vec<Imported>,
    ) -> Result<()> {
        let known = outcomes.len();
        let mut costly: Option<(usize, String)> = None;
        loop {
            let before = costly.as_ref().map_or(jobs.len(), |(index, _)| *index);
            let write = self.policy().write(sqlite, &jobs[..before], |outcome| {
                outcomes.push(outcome);
                self.transactions.is_over()
            })?;
            if let Some(earlier) = write {
                costly = Some(earlier);
                outcomes.truncate(known);
                self.transactions.abandon(sqlite);
                self.own.forget();
                self.transactions.open(sqlite)?;
                continue;
            }
            if let Some((index, why)) = costly
                && outcomes.len() - known == index
            {
                outcomes.push(Imported::Refused(why.into()));
            }
            self.commit(sqlite)?;
            return self.transactions.open_if_kept(sqlite);
        }
    }
}

/// The connection, to be closed; one to an empty database in memory is left instead.
fn let_go(sqlite: &mut Sqlite) -> Result<Connection> {
    let in_memory = Connection::open_in_memory().map_err(sqlite.explain("closing the database"))?;
    Ok(std::mem::replace(&mut sqlite.connection, in_memory))
}
