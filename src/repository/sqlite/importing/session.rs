//! Whole rows in batches: what a migrate writes. Into a file in use they go in short transactions with pauses
//! between them; into one that this run makes, or as one whole, in a single transaction.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::known::Known;
use super::late_index::{Deferred, SMALL_CACHE, Taken};
use super::upsert::{OwnRows, Policy, execute, renew};
use crate::job::{Column, IdSet, Job};
use crate::repository::sqlite::Sqlite;
use crate::repository::sqlite::connection::{create, journal_name};
use crate::repository::sqlite::writing::table_rules::Tried;
use crate::repository::sqlite::writing::transactions::Series;
use crate::repository::sqlite::writing::write::insert_sql;
use crate::repository::{Error, Imported, OnConflict, Result, Terms};

/// SQLite's cache while rows and the index of ids are written together and nobody else writes, in KiB (negative, as the
/// pragma takes it). Ids come in no order, so each batch goes all over their index, which for a million jobs has 60 MB: the
/// more of it is here, the less is read and written again.
const LOAD_CACHE: i64 = -24 * 1024;

/// How long a long transaction, which nobody is expected to wait for, stays open while no jobs come. Under load the threads
/// that decode stand still for longer than the caller's patience now and then.
const LULL: Duration = Duration::from_millis(100);

const STARTING: &str = "starting to import";
pub(in crate::repository::sqlite) const IMPORTING: &str = "importing jobs";

/// An import that is going on.
pub(in crate::repository::sqlite) struct Import {
    on_conflict: OnConflict,
    /// One transaction is open from the beginning to the end.
    whole: bool,
    /// The index of ids, while it waits for the rows of a new file.
    deferred: Option<Deferred>,
    /// The transactions, when they are several.
    series: Series,
    /// Whether anything was written in the one that is open.
    written: bool,
    /// When something was last written.
    wrote: Option<Instant>,
    known: Known,
    /// The table has rules of its own, which would be asked before it finds that a row is there.
    careful: bool,
    own: OwnRows,
    /// One of them may take a whole transaction back.
    takes_back: bool,
}

pub(in crate::repository::sqlite) fn begin(sqlite: &mut Sqlite, terms: Terms) -> Result<()> {
    let whole = terms.atomic || sqlite.aside.is_some();
    // Dangling ids are the caller's matter here (see `missing_parents`), and rows brought back from an archive keep
    // theirs.
    sqlite
        .connection
        .pragma_update(None, "foreign_keys", false)
        .map_err(sqlite.explain(STARTING))?;
    let own = match sqlite.aside {
        Some(_) => OwnRows::default(),
        None => OwnRows::begin(sqlite)?,
    };
    let careful = sqlite.aside.is_none() && sqlite.may_refuse_rows()?;
    let takes_back = careful && sqlite.has_triggers()?;
    let mut series = Series::begin(sqlite, terms.exclusive, STARTING)?;
    let deferred = match sqlite.aside {
        Some(_) => Deferred::begin(sqlite)?,
        None => None,
    };
    if deferred.is_some() {
        sqlite.set_cache(SMALL_CACHE)?;
    } else if sqlite.aside.is_some() || terms.exclusive {
        sqlite.set_cache(LOAD_CACHE)?;
    }
    if whole {
        sqlite.start_syncing();
        begin_whole(sqlite)?;
    } else {
        series.open_if_kept(sqlite)?;
    }
    sqlite.import = Some(Import {
        on_conflict: terms.on_conflict,
        whole,
        deferred,
        series,
        written: false,
        wrote: None,
        known: Known::default(),
        careful,
        own,
        takes_back,
    });
    Ok(())
}

pub(in crate::repository::sqlite) fn import(
    sqlite: &mut Sqlite,
    jobs: &[Job],
) -> Result<Vec<Imported>> {
    let (outcomes, long) = with_import(sqlite, |import, sqlite| {
        Ok((import.take_in(sqlite, jobs)?, import.series.was_long()))
    })?;
    if long {
        sqlite.start_syncing();
        sqlite.set_cache(LOAD_CACHE)?;
    }
    Ok(outcomes)
}

impl Import {
    fn take_in(&mut self, sqlite: &Sqlite, jobs: &[Job]) -> Result<Vec<Imported>> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        if self.whole {
            self.load(sqlite, jobs, &mut outcomes)?;
            // What was loaded is told before a conflict behind it can be an error.
            if self.deferred.is_none() && outcomes.is_empty() {
                self.write_whole(sqlite, jobs, &mut outcomes)?;
            }
            return Ok(outcomes);
        }
        if self.known.reads_all_next() {
            self.pause(sqlite)?;
        }
        // A job that stays as it is needs no write lock to be found.
        let known = match self.on_conflict {
            OnConflict::Skip => self.known.leading(sqlite, jobs, self.own.before())?,
            _ => 0,
        };
        outcomes.resize(known, Imported::Skipped);
        if known < jobs.len() {
            self.series.open(sqlite)?;
            self.written = true;
            match self.takes_back {
                true => self.write_carefully(sqlite, &jobs[known..], &mut outcomes)?,
                false => self.write_some(sqlite, &jobs[known..], &mut outcomes)?,
            }
            self.wrote = Some(Instant::now());
        }
        if self.series.is_over() {
            self.pause(sqlite)?;
        }
        Ok(outcomes)
    }

    /// The next jobs keep the caller waiting: others may get the lock, but not as long as a moment's wait costs less than
    /// the rest after a long transaction.
    fn wait(&mut self, sqlite: &Sqlite) -> Result<()> {
        let is_short = self.wrote.is_some_and(|wrote| wrote.elapsed() < LULL);
        match is_short && self.series.may_stay_open() && !self.series.is_over() {
            true => Ok(()),
            false => self.pause(sqlite),
        }
    }

    /// Commits, and gives the lock back if it is not to be kept.
    fn pause(&mut self, sqlite: &Sqlite) -> Result<()> {
        if self.series.pause(sqlite, IMPORTING)? {
            self.written = false;
        }
        Ok(())
    }

    /// Commits the transaction that is open, if it is one of several.
    fn commit(&mut self, sqlite: &Sqlite) -> Result<()> {
        self.series.commit(sqlite, IMPORTING)?;
        self.written = false;
        Ok(())
    }

    /// Writes rows of a new file while the index of ids can wait.
    fn load(&mut self, sqlite: &Sqlite, jobs: &[Job], outcomes: &mut Vec<Imported>) -> Result<()> {
        let Some(deferred) = &mut self.deferred else {
            return Ok(());
        };
        let explain = sqlite.explain(IMPORTING);
        let mut statement = sqlite
            .connection
            .prepare_cached(&insert_sql(&[]))
            .map_err(&explain)?;
        for job in jobs {
            match deferred.take(job.get(Column::Id)) {
                Taken::New => {
                    let write = || execute(&mut statement, job);
                    outcomes.push(match sqlite.attempt(false, IMPORTING, write)? {
                        Tried::Done(_) => Imported::Inserted,
                        Tried::Refused(why) | Tried::TookBack(why) => {
                            deferred.give_back(job.get(Column::Id));
                            Imported::Refused(why.into())
                        }
                    });
                }
                // Of one run the newest record counts.
                Taken::There(row) if self.on_conflict != OnConflict::Fail => {
                    outcomes.push(match renew(sqlite, row, job)? {
                        Tried::Done(0) => Imported::Skipped,
                        Tried::Done(_) => Imported::Updated,
                        Tried::Refused(why) | Tried::TookBack(why) => Imported::Refused(why.into()),
                    });
                }
                Taken::There(_) | Taken::Not => {
                    drop(statement);
                    self.write_ids(sqlite)?;
                    sqlite.set_cache(LOAD_CACHE)?;
                    return begin_whole(sqlite);
                }
            }
        }
        Ok(())
    }

    /// Writes the index of ids, if it has waited until now, and commits.
    fn write_ids(&mut self, sqlite: &Sqlite) -> Result<()> {
        match self.deferred.take() {
            None => commit_whole(sqlite),
            Some(mut deferred) => {
                deferred.write(sqlite)?;
                commit_whole(sqlite)?;
                deferred.end(sqlite)
            }
        }
    }

    fn policy(&self) -> Policy<'_> {
        Policy {
            own: &self.own,
            on_conflict: self.on_conflict,
            careful: self.careful,
        }
    }

    fn write_whole(
        &self,
        sqlite: &Sqlite,
        jobs: &[Job],
        outcomes: &mut Vec<Imported>,
    ) -> Result<()> {
        let write = self.policy().write(sqlite, jobs, |outcome| {
            outcomes.push(outcome);
            false
        })?;
        took_back(write, jobs)
    }

    fn write_some(
        &self,
        sqlite: &Sqlite,
        jobs: &[Job],
        outcomes: &mut Vec<Imported>,
    ) -> Result<()> {
        let write = self.policy().write(sqlite, jobs, |outcome| {
            outcomes.push(outcome);
            self.series.is_over()
        })?;
        took_back(write, jobs)
    }

    /// Where the table has triggers, each call is a transaction of its own: one of them may take it back. Then all that was
    /// written before is written once more, and the job that it was about is refused and comes last.
    fn write_carefully(
        &mut self,
        sqlite: &Sqlite,
        jobs: &[Job],
        outcomes: &mut Vec<Imported>,
    ) -> Result<()> {
        let known = outcomes.len();
        let mut costly: Option<(usize, String)> = None;
        loop {
            let before = costly.as_ref().map_or(jobs.len(), |(place, _)| *place);
            let write = self.policy().write(sqlite, &jobs[..before], |outcome| {
                outcomes.push(outcome);
                self.series.is_over()
            })?;
            if let Some(earlier) = write {
                costly = Some(earlier);
                outcomes.truncate(known);
                self.series.abandon(sqlite);
                self.own.forget();
                self.series.open(sqlite)?;
                continue;
            }
            if let Some((place, why)) = costly
                && outcomes.len() - known == place
            {
                outcomes.push(Imported::Refused(why.into()));
            }
            self.commit(sqlite)?;
            return self.series.open_if_kept(sqlite);
        }
    }
}

/// All or nothing: then it is nothing.
fn took_back(write: Option<(usize, String)>, jobs: &[Job]) -> Result<()> {
    match write {
        None => Ok(()),
        Some((place, why)) => Err(Error::TookBack {
            job: jobs[place].id(),
            why,
        }),
    }
}

fn begin_whole(sqlite: &Sqlite) -> Result<()> {
    let begun = sqlite.connection.execute_batch("BEGIN IMMEDIATE");
    begun.map_err(sqlite.explain(STARTING))
}

fn commit_whole(sqlite: &Sqlite) -> Result<()> {
    journal_name::make_safe(sqlite)?;
    let committed = sqlite.connection.execute_batch("COMMIT");
    committed.map_err(sqlite.explain("finishing an import"))
}

pub(in crate::repository::sqlite) fn skipped(sqlite: &Sqlite) -> Option<IdSet> {
    sqlite.import.as_ref()?.known.all()
}

/// Whether rows have been written that could still be taken back.
pub(in crate::repository::sqlite) fn is_pending(sqlite: &Sqlite) -> bool {
    let import = sqlite.import.as_ref();
    import.is_some_and(|import| import.whole || import.written)
}

pub(in crate::repository::sqlite) fn pause(sqlite: &mut Sqlite) -> Result<()> {
    with_import(sqlite, Import::wait)
}

/// Takes the import out, so that it can change while the file is used.
fn with_import<T>(
    sqlite: &mut Sqlite,
    act: impl FnOnce(&mut Import, &Sqlite) -> Result<T>,
) -> Result<T> {
    let Some(mut import) = sqlite.import.take() else {
        return Err(not_begun());
    };
    let done = act(&mut import, sqlite);
    sqlite.import = Some(import);
    done
}

pub(in crate::repository::sqlite) fn end(sqlite: &mut Sqlite) -> Result<()> {
    with_import(sqlite, |import, sqlite| match import.whole {
        true => import.write_ids(sqlite),
        false => import.commit(sqlite),
    })?;
    if let Some(aside) = sqlite.aside.take() {
        let connection = let_go(sqlite)?;
        sqlite.syncing = None;
        if !create::publish(aside, connection, &sqlite.path, &sqlite.patience)? {
            return Err(Error::TakenPlace {
                path: sqlite.path.clone(),
            });
        }
    }
    sqlite.import = None;
    Ok(())
}

pub(in crate::repository::sqlite) fn undo(sqlite: &mut Sqlite) -> bool {
    let Some(import) = sqlite.import.take() else {
        return false;
    };
    if sqlite.aside.is_some() {
        // The file goes when it is closed; nothing can be said about it that matters.
        let _ = let_go(sqlite);
        sqlite.aside = None;
    } else if !sqlite.connection.is_autocommit() {
        // A transaction that cannot be taken back now is taken back by whoever opens the file next.
        let _ = sqlite.connection.execute_batch("ROLLBACK");
    }
    import.whole
}

/// The connection, to be closed; another takes its place that leads nowhere.
fn let_go(sqlite: &mut Sqlite) -> Result<Connection> {
    let nowhere = Connection::open_in_memory().map_err(sqlite.explain("closing the database"))?;
    Ok(std::mem::replace(&mut sqlite.connection, nowhere))
}

fn not_begun() -> Error {
    Error::Other {
        doing: IMPORTING,
        detail: "no import has begun".to_owned(),
    }
}
