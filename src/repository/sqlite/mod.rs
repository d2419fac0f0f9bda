//! The job table in a SQLite file that a live service uses at the same moment (DESIGN section 1).
//! All SQL of the program stands in this folder.

mod connection;
mod importing;
mod reading;
mod writing;

pub(super) use connection::open::open;

use std::cell::{Cell, OnceCell, RefCell};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use self::connection::journal_name::Names;
use self::connection::syncing::Syncing;
use self::connection::version::{self, Followed};
use self::connection::{errors, functions, schema};
use self::importing::preview::PreviewSession;
use self::importing::session::ImportSession;
use self::reading::{other_columns, pages, stream, suggest};
use self::writing::pace::Pace;
use self::writing::run_lock::Claim;
use self::writing::sweep::SweepSession;
use self::writing::{parents, removal, write};
use super::{
    Allow, Decide, Error, Import, ImportTerms, Patience, Purged, Query, Repository, Result,
    RowName, Sink, Storage, Sweep, SweepTerms, Updated, Version,
};
use crate::job::columns::Takes;
use crate::job::order::Order;
use crate::job::{Column, ColumnSet, Filter, Job, JobId};
use crate::system::new_file::Aside;
use crate::system::open::Kept;

const TABLE: &str = "video_generation_jobs";

/// What SQLite may keep beside a database.
pub(super) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// An open file.
pub(super) struct Sqlite {
    connection: Connection,
    /// Ends behind the connection.
    syncing: Option<Syncing>,
    /// The journal of one transaction is overwritten by the next.
    keeps_journal: bool,
    /// Of the files that its commits rest on; None when it makes none, or they are thrown away.
    names: Option<Names>,
    /// The file that this run makes, until it has its name.
    aside: Option<Aside>,
    /// Ends behind everything else.
    claim: Option<Claim>,
    /// Which file was opened, when it may be opened again.
    followed: Option<Followed>,
    path: PathBuf,
    patience: Patience,
    /// Nothing but SQLite opens the file; ends behind the connection.
    _kept: Kept,
    pace: Pace,
    /// Nobody else gets to use the file, or in WAL mode to write it.
    alone: bool,
    /// All steps of the schema where an earlier jobctl made the file: what it lacks comes with the first transaction that
    /// writes.
    steps: &'static [&'static str],
    /// Whether `series` and `episodes` are both there, so that foreign keys mean something; None when
    /// nobody has looked yet.
    parents: Option<bool>,
    ready_to_scan: Cell<bool>,
    /// Whether removing a job may be refused; None when nobody has looked yet.
    careful: Option<bool>,
    /// By which name the number of a row goes: the table may have a column named rowid.
    rowid: &'static str,
    /// How other tables are asked that let a job go first and refuse it in the end.
    referrers: OnceCell<Vec<String>>,
    /// The columns that are not known, when they have been looked for.
    others: RefCell<Option<other_columns::Seen>>,
}

/// SQLite's cache for a reading command, in KiB (negative, as the pragma takes it). The system's own cache
/// holds the file; a page kept here as well is first of all a page fault, and counting all jobs of a
/// large file would fill any size.
const SCAN_CACHE: i64 = -512;

/// SQLite's cache for a writing command, in KiB (negative, as the pragma takes it): a short transaction over
/// many pages should not have to write some of them before its commit.
const WRITE_CACHE: i64 = -16 * 1024;

impl Sqlite {
    /// Gives an error of SQLite its meaning for this file.
    fn explain(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> Error + use<'_> {
        move |error| errors::translate(error, doing, &self.path, &self.patience)
    }

    /// Begins a transaction that holds the write lock from its first moment.
    fn begin_immediate(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let begun = self.bring_up();
        if begun.is_err() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        begun
    }

    fn bring_up(&self) -> rusqlite::Result<()> {
        match self.steps {
            [] => Ok(()),
            steps => schema::bring_up(&self.connection, steps),
        }
    }

    /// What queries over many rows need beyond an open file; the look-up of one job goes without.
    fn get_ready_to_scan(&self) -> Result<()> {
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
    fn set_cache(&self, size: i64) -> Result<()> {
        self.connection
            .pragma_update(None, "cache_size", size)
            .map_err(self.explain("preparing to read"))
    }

    /// Long transactions leave much to be synced at their end.
    fn start_syncing(&mut self) {
        if self.syncing.is_none() {
            let path = self.aside.as_ref().map_or(self.path.as_path(), Aside::path);
            self.syncing = Syncing::start(path);
        }
    }

    fn is_wal(&self) -> bool {
        self.connection
            .pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))
            .is_ok_and(|mode| mode.eq_ignore_ascii_case("wal"))
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        if self.keeps_journal {
            // A transaction that is still open is one that failed.
            if !self.connection.is_autocommit() {
                let _ = self.connection.execute_batch("ROLLBACK");
            }
            // Who writes next removes it if this cannot.
            let _ = self.connection.busy_timeout(Duration::ZERO);
            let _ = self.set_journal("DELETE");
        }
    }
}

impl Repository for Sqlite {
    fn place(&self) -> String {
        errors::place(&self.path)
    }

    fn insert(&mut self, jobs: &[Job]) -> Result<()> {
        write::insert(self, jobs)
    }

    fn other_columns(&mut self) -> Result<Vec<Arc<str>>> {
        Ok(self.settled(|| other_columns::names(self))?.to_vec())
    }

    fn declared_others(&mut self) -> Result<Vec<(Arc<str>, Takes)>> {
        self.settled(|| other_columns::declared(self))
    }

    fn find(&mut self, ids: &[JobId], columns: ColumnSet) -> Result<Vec<Option<Job>>> {
        self.settled(|| pages::find(self, ids, columns))
    }

    fn resolve(&mut self, prefix: &str, columns: ColumnSet, limit: usize) -> Result<Vec<Job>> {
        self.settled(|| pages::resolve(self, prefix, columns, limit))
    }

    fn version(&mut self) -> Result<Version> {
        version::version(self)
    }

    fn list(&mut self, query: &Query) -> Result<Vec<Job>> {
        self.get_ready_to_scan()?;
        stream::list(self, query)
    }

    fn count(&mut self, filter: &Filter) -> Result<u64> {
        self.get_ready_to_scan()?;
        stream::count(self, filter)
    }

    fn holds(&mut self, column: Column, word: &str) -> Result<bool> {
        self.settled(|| pages::holds(self, column, word))
    }

    fn without_id(
        &mut self,
        columns: ColumnSet,
        limit: usize,
        means: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Vec<RowName>> {
        self.settled(|| pages::without_id(self, columns, limit, &mut *means))
    }

    fn some(
        &mut self,
        prefix: &str,
        columns: ColumnSet,
        limit: usize,
        wanted: &dyn Fn(&Job) -> bool,
    ) -> Result<Vec<Job>> {
        suggest::some(self, prefix, columns, limit, wanted)
    }

    fn words(&mut self, column: Column, prefix: &str, limit: usize) -> Result<Vec<String>> {
        suggest::words(self, column, prefix, limit)
    }

    fn stream(
        &mut self,
        filter: &Filter,
        order: Option<Order>,
        columns: ColumnSet,
        sink: Sink,
    ) -> Result<()> {
        self.get_ready_to_scan()?;
        stream::stream(self, filter, order, columns, sink)
    }

    fn update(&mut self, ids: &[JobId], decide: Decide) -> Result<Vec<Updated>> {
        write::update(self, ids, decide)
    }

    fn delete(
        &mut self,
        ids: &[JobId],
        ignore_missing: bool,
        columns: ColumnSet,
        allow: Allow,
    ) -> Result<Vec<JobId>> {
        write::delete(self, ids, ignore_missing, columns, allow)
    }

    fn purge(
        &mut self,
        ids: &[JobId],
        columns: ColumnSet,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Purged> {
        write::purge(self, ids, columns, goes)
    }

    fn begin_sweep(&mut self, terms: SweepTerms) -> Result<Box<dyn Sweep + '_>> {
        Ok(Box::new(SweepSession::begin(self, terms)?))
    }

    fn claim(
        &mut self,
        run: &'static str,
        wait: Duration,
        gives_up: &dyn Fn() -> bool,
    ) -> Result<()> {
        self.claim = Some(Claim::take(&self.path, run, wait, gives_up)?);
        Ok(())
    }

    fn begin_import(&mut self, terms: ImportTerms) -> Result<Box<dyn Import + '_>> {
        Ok(Box::new(ImportSession::begin(self, terms)?))
    }

    fn begin_preview(&mut self, terms: ImportTerms) -> Result<Box<dyn Import + '_>> {
        Ok(Box::new(PreviewSession::begin(self, terms)))
    }

    fn storage(&mut self) -> Option<&mut dyn Storage> {
        Some(self)
    }

    fn has_own_rules(&mut self, removing: bool) -> Result<bool> {
        self.settled(|| match removing {
            true => removal::may_be_refused(self),
            false => self.may_refuse_rows(),
        })
    }

    fn missing_parents(&mut self, jobs: &[Job]) -> Result<Vec<(usize, Column)>> {
        self.settled(|| parents::missing_parents(self, jobs))
    }
}
