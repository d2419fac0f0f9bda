//! The job table in a SQLite file that a live service uses at the same moment (DESIGN section 1).
//! All SQL of the program stands in this folder.

pub(super) mod backup;
mod connection;
mod examining;
pub(super) mod hints;
mod history;
mod importing;
mod reading;
mod writing;

pub(super) use connection::companions::COMPANIONS;
pub(super) use connection::open::open;
pub(super) use examining::unopened;

use std::sync::Arc;
use std::time::Duration;

use self::connection::run_lock::Claim;
use self::connection::{errors, version};
use self::importing::preview::PreviewSession;
use self::importing::session::ImportSession;
use self::reading::{other_columns, pages, stream, suggest};
use self::writing::sweep::SweepSession;
use self::writing::{parents, removal, write};
use super::{
    Allow, Backup, Decide, Examination, History, Import, ImportTerms, Purged, Query, Repository,
    Result, RowName, RunTerms, Sink, Storage, Sweep, SweepTerms, Updated, Version,
};
use crate::job::columns::Takes;
use crate::job::order::Order;
use crate::job::{Column, ColumnSet, Filter, Job, JobId};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::system::identity::Identity;

impl Repository for Sqlite {
    fn name(&self) -> String {
        errors::database_name(&self.path)
    }

    fn place(&mut self) -> Result<String> {
        // One that is still to be made is no other's.
        Ok(format!("{:?}", Identity::at(&self.path).ok()))
    }

    fn begin_run(&mut self, terms: RunTerms) {
        self.recorder.begin_run(terms);
    }

    fn insert(&mut self, jobs: &[Job]) -> Result<()> {
        self.or_without_history(|sqlite| write::insert(sqlite, jobs))
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

    fn leave(self: Box<Self>) {
        self.leave_behind();
    }

    fn version(&mut self) -> Result<Version> {
        version::version(self)
    }

    fn list(&mut self, query: &Query) -> Result<Vec<Job>> {
        self.get_ready_to_scan()?;
        stream::list(self, query)
    }

    fn list_counted(&mut self, query: &Query) -> Result<(Vec<Job>, Option<u64>)> {
        self.get_ready_to_scan()?;
        stream::list_counted(self, query)
    }

    fn last_added(&mut self, columns: ColumnSet, limit: u64) -> Result<Vec<Job>> {
        self.settled(|| pages::last_added(self, columns, limit))
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
        sink: &mut dyn Sink,
    ) -> Result<()> {
        self.get_ready_to_scan()?;
        stream::stream(self, filter, order, columns, sink)
    }

    fn update(&mut self, ids: &[JobId], decide: Decide) -> Result<Vec<Updated>> {
        self.or_without_history(|sqlite| write::update(sqlite, ids, &mut *decide))
    }

    fn delete(
        &mut self,
        ids: &[JobId],
        ignore_missing: bool,
        columns: ColumnSet,
        allow: Allow,
    ) -> Result<Vec<JobId>> {
        self.or_without_history(|sqlite| {
            write::delete(sqlite, ids, ignore_missing, columns, &mut *allow)
        })
    }

    fn purge(
        &mut self,
        ids: &[JobId],
        columns: ColumnSet,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Purged> {
        self.or_without_history(|sqlite| write::purge(sqlite, ids, columns, &mut *goes))
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

    fn examination(&mut self) -> Option<&mut dyn Examination> {
        Some(self)
    }

    fn storage(&mut self) -> Option<&mut dyn Storage> {
        Some(self)
    }

    fn history(&mut self) -> Option<&mut dyn History> {
        Some(self)
    }

    fn backup(&mut self) -> Option<&mut dyn Backup> {
        Some(self)
    }

    fn has_own_rules(&mut self, removing: bool) -> Result<bool> {
        self.settled(|| {
            if removing {
                removal::may_be_refused(self)
            } else {
                self.may_refuse_rows()
            }
        })
    }

    fn without_parents(&mut self) -> Result<Vec<Column>> {
        self.settled(|| parents::without_parents(self))
    }

    fn missing_parents(&mut self, jobs: &[Job]) -> Result<Vec<(usize, Column)>> {
        self.settled(|| parents::missing_parents(self, jobs))
    }
}
