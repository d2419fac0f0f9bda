//! The open file, its connection and settings, on which every part of this backend works.

use std::cell::{Cell, OnceCell, RefCell};
use std::path::PathBuf;

use buffered_vfs::with_folders_synced;
use rusqlite::Connection;

use super::deadline::Deadline;
use super::errors::{self, io_error};
use super::followed::FollowedFile;
use super::journal_name::JournalName;
use super::run_lock::Claim;
use super::seen_columns::{self, UnknownColumns};
use super::syncing::{Early, Syncing};
use super::turns::Turns;
use super::{functions, journal_mode, schema};
use crate::error::Kind;
use crate::repository::change_log::words::demanded;
use crate::repository::sqlite::history::recorder::{DROPPED, Recorder};
use crate::repository::sqlite::history::tables;
use crate::repository::sqlite::writing::pace::Pace;
use crate::repository::{Error, Patience, Result};
use crate::system::new_file::NewFile;
use crate::system::open::Protection;

/// An open file.
pub(in crate::repository) struct Sqlite {
    pub(in crate::repository::sqlite) connection: Connection,
    /// The early syncs, which end after the connection.
    pub(in crate::repository::sqlite) syncing: Option<Syncing>,
    /// True when the journal of one transaction is overwritten by the next.
    pub(in crate::repository::sqlite) keeps_journal: bool,
    /// The names of the files that its commits rest on; None when it makes none, or they are thrown away.
    pub(in crate::repository::sqlite) names: Option<JournalName>,
    /// The file that this run makes, until it has its name.
    pub(in crate::repository::sqlite) unpublished: Option<NewFile>,
    /// The lock of a run, which ends after everything else.
    pub(in crate::repository::sqlite) claim: Option<Claim>,
    /// The file that was opened, when it may be opened again.
    pub(in crate::repository::sqlite) followed: Option<FollowedFile>,
    pub(in crate::repository::sqlite) path: PathBuf,
    pub(in crate::repository::sqlite) patience: Patience,
    /// Of what is being read.
    pub(in crate::repository::sqlite) deadline: Deadline,
    pub(in crate::repository::sqlite) turns: Turns,
    /// The promise that nothing but SQLite opens the file; ends after the connection.
    pub(in crate::repository::sqlite) _protection: Protection,
    pub(in crate::repository::sqlite) pace: Pace,
    /// True when nobody else gets to use the file, or in WAL mode to write it.
    pub(in crate::repository::sqlite) alone: bool,
    /// All steps of the schema where an earlier jobctl made the file: those that it lacks come with the first transaction
    /// that writes.
    pub(in crate::repository::sqlite) steps: &'static [&'static str],
    /// Whether `series` and `episodes` are both there, so that foreign keys mean something; None when
    /// it is not known yet.
    pub(in crate::repository::sqlite) parents: Option<bool>,
    pub(in crate::repository::sqlite) ready_to_scan: Cell<bool>,
    /// Whether removing a job may be refused; None when it is not known yet.
    pub(in crate::repository::sqlite) careful: Option<bool>,
    /// The name of the row number: the table may have a column named rowid.
    pub(in crate::repository::sqlite) rowid: &'static str,
    /// The questions for other tables that let a job go first and refuse it in the end.
    pub(in crate::repository::sqlite) referrers: OnceCell<Vec<String>>,
    /// What keeps the changes that are made through it.
    pub(in crate::repository::sqlite) recorder: Recorder,
    /// The unknown columns, when they have been looked for.
    pub(in crate::repository::sqlite) others: RefCell<Option<UnknownColumns>>,
}

/// SQLite's cache for a reading command, in KiB (negative, as the pragma takes it). The system's own cache
/// holds the file; a page kept here as well is first of all a page fault, and counting all jobs of a
/// large file would fill any size.
pub(in crate::repository::sqlite) const SCAN_CACHE: i64 = -512;

/// SQLite's cache for a writing command, in KiB (negative, as the pragma takes it): a short transaction over
/// many pages should not have to write some of them before its commit.
pub(in crate::repository::sqlite) const WRITE_CACHE: i64 = -16 * 1024;

/// Makes the names that a commit rests on safe, before it. Most of the time it is a check of two names.
pub(in crate::repository::sqlite) fn make_safe(sqlite: &Sqlite) -> Result<()> {
    match &sqlite.names {
        Some(names) => names.sync().map_err(|error| io_error(&sqlite.path, &error)),
        None => Ok(()),
    }
}

impl Sqlite {
    /// Gives an error of SQLite its meaning for this file.
    pub(in crate::repository::sqlite) fn explain(
        &self,
        doing: &'static str,
    ) -> impl Fn(rusqlite::Error) -> Error + use<'_> {
        move |error| errors::translate(error, doing, &self.path, &self.patience)
    }

    /// Begins a transaction that holds the write lock from its first moment.
    pub(in crate::repository::sqlite) fn begin_immediate(&self) -> rusqlite::Result<()> {
        loop {
            self.watch()?;
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            match self.bring_up().and_then(|()| self.is_watched()) {
                Ok(true) => return Ok(()),
                Ok(false) => self.connection.execute_batch("ROLLBACK")?,
                Err(error) => {
                    self.connection.execute_batch("ROLLBACK")?;
                    return Err(error);
                }
            }
        }
    }

    /// Sees to it that the history gets what the transaction does that is about to begin.
    fn watch(&self) -> rusqlite::Result<()> {
        let seen = self.others.borrow();
        match seen.as_ref() {
            Some(seen) => {
                let (schema, names) = (seen.schema, &seen.names);
                self.recorder.watch(
                    &self.connection,
                    self.rowid,
                    schema,
                    names,
                    self.parents == Some(true),
                )
            }
            None => Ok(()),
        }
    }

    /// Whether the history gets it from the columns that the table has now: they may have changed before it began.
    fn is_watched(&self) -> rusqlite::Result<bool> {
        if !self.recorder.is_on() {
            return Ok(true);
        }
        let schema = seen_columns::schema(&self.connection)?;
        if self.recorder.fits(schema) && self.recorder.sees_all(&self.connection)? {
            return Ok(true);
        }
        let seen = UnknownColumns::of(schema, &seen_columns::declared(&self.connection)?);
        self.others.replace(Some(seen));
        // What was found out about the table may no longer be so.
        self.recorder.see_all();
        Ok(false)
    }

    /// Does it once more without a history when that is what took its transaction back, as on a full disk.
    pub(in crate::repository::sqlite) fn or_without_history<T>(
        &mut self,
        mut write: impl FnMut(&mut Sqlite) -> Result<T>,
    ) -> Result<T> {
        match write(self) {
            Err(_) if self.recorder.take_took_back() => write(self),
            done => done,
        }
    }

    /// Commits the open transaction, with its history.
    pub(in crate::repository::sqlite) fn commit(&self, doing: &'static str) -> Result<()> {
        self.save_history()?;
        if let Err(error) = self.end_transaction()? {
            let explained = self.explain(doing)(error);
            // What the history takes may be what the disk has no space for.
            let is_kept = self.recorder.run().is_some() && !self.recorder.is_required();
            if is_kept && explained.kind() == Kind::Io {
                if !self.connection.is_autocommit() {
                    let _ = self.connection.execute_batch("ROLLBACK");
                }
                self.recorder
                    .give_up(&self.connection, explained.to_string());
            }
            return Err(explained);
        }
        if let Some(schema) = self.recorder.committed()
            && let Some(seen) = self.others.borrow_mut().as_mut()
        {
            seen.schema = schema;
        }
        self.drop_useless();
        Ok(())
    }

    /// Commits what has been written, when the names that it rests on are safe.
    fn end_transaction(&self) -> Result<rusqlite::Result<()>> {
        make_safe(self)?;
        let commit = || self.connection.execute_batch("COMMIT");
        Ok(match self.names {
            Some(_) => with_folders_synced(commit),
            None => commit(),
        })
    }

    /// Removes what is kept of a run that has turned out too large to be undone, in short transactions. What cannot go now goes
    /// with its age.
    fn drop_useless(&self) {
        while let Some(run) = self.recorder.useless_run() {
            if !matches!(self.drop_some(run), Ok(true)) {
                self.recorder.leave_useless();
            }
            if !self.connection.is_autocommit() {
                let _ = self.connection.execute_batch("ROLLBACK");
            }
        }
    }

    /// Whether there was something.
    fn drop_some(&self, run: i64) -> Result<bool> {
        let explain = self.explain("writing the history");
        self.connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(&explain)?;
        let dropped = tables::drop_pieces(&self.connection, run, DROPPED).map_err(&explain)?;
        self.end_transaction()?.map_err(&explain)?;
        Ok(dropped)
    }

    /// Writes what the open transaction has done into the history, in the same transaction. Where that fails, it goes on
    /// without, unless a history is demanded.
    pub(in crate::repository::sqlite) fn save_history(&self) -> Result<()> {
        let Err(error) = self.recorder.save(&self.connection) else {
            return Ok(());
        };
        let explained = self.explain("writing the history")(error);
        if self.recorder.is_required() {
            return Err(demanded(&explained));
        }
        let why = explained.to_string();
        self.recorder.give_up(&self.connection, why);
        if self.connection.is_autocommit() {
            Err(explained)
        } else {
            Ok(())
        }
    }

    pub(in crate::repository::sqlite) fn bring_up(&self) -> rusqlite::Result<()> {
        match self.steps {
            [] => Ok(()),
            steps => schema::bring_up(&self.connection, steps),
        }
    }

    /// Prepares the connection for queries over many rows; the look-up of one job goes without.
    pub(in crate::repository::sqlite) fn get_ready_to_scan(&self) -> Result<()> {
        if self.ready_to_scan.replace(true) {
            return Ok(());
        }
        functions::register(&self.connection)
            .and_then(|()| {
                self.connection
                    .pragma_update(None, "cache_size", SCAN_CACHE)
            })
            .map_err(self.explain("preparing to read"))
    }

    /// Changes the size of SQLite's cache, in KiB (negative).
    pub(in crate::repository::sqlite) fn set_cache(&self, size: i64) -> Result<()> {
        self.connection
            .pragma_update(None, "cache_size", size)
            .map_err(self.explain("preparing to read"))
    }

    /// Starts early syncs, since long transactions leave much to be synced at their end.
    pub(in crate::repository::sqlite) fn start_syncing(&mut self, early: Early) {
        if self.syncing.is_none() {
            let path = self
                .unpublished
                .as_ref()
                .map_or(self.path.as_path(), NewFile::path);
            self.syncing = Syncing::start(path, early);
        }
    }

    /// Whether the file has a log, beside which reads keep nobody from writing.
    pub(in crate::repository::sqlite) fn is_wal(&self) -> Result<bool> {
        self.settled(|| {
            journal_mode::is_wal(&self.connection).map_err(self.explain("reading the journal mode"))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use rusqlite::Connection;

    use crate::repository::sqlite::connection::open::open;
    use crate::repository::{Access, Error, Patience};

    #[test]
    fn a_journal_mode_that_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.db");
        let patience = Patience::from(Duration::ZERO);
        let mut sqlite = open(&path, "", Access::Create, &patience).unwrap();
        assert!(sqlite.is_wal().unwrap());
        // One that has not read the schema yet.
        sqlite.connection = Connection::open(&path).unwrap();
        sqlite.connection.busy_timeout(Duration::ZERO).unwrap();
        let other = Connection::open(&path).unwrap();
        let alone = "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT";
        other.execute_batch(alone).unwrap();
        let error = sqlite.is_wal().unwrap_err();
        assert!(matches!(error, Error::Locked { .. }), "{error:?}");
        drop(other);
        assert!(sqlite.is_wal().unwrap());
    }
}
