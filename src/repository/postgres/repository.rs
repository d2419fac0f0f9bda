//! The methods of the repository, each in a line or two: what they do stands in the other files.

use std::sync::Arc;
use std::time::Duration;

use super::connection::claim;
use super::connection::database::Postgres;
use super::connection::job_table::TABLE;
use super::importing::preview::PostgresPreview;
use super::importing::session::PostgresImport;
use super::reading::{pages, parents, stream, suggest, version};
use super::writing::sweep::PostgresSweep;
use super::writing::{changing, purge, removal, write};
use crate::job::columns::Takes;
use crate::job::fitting::Limits;
use crate::job::order::Order;
use crate::job::{Column, ColumnSet, Filter, Job, JobId};
use crate::repository::{
    Allow, Backup, Decide, Examination, History, Import, ImportTerms, Purged, Query, Repository,
    Result, RowName, RunTerms, Sink, Storage, Sweep, SweepTerms, Updated, Version,
};
use crate::text::visible::one_line;

impl Repository for Postgres {
    fn name(&self) -> String {
        self.label().name.clone()
    }

    fn hides(&self) -> Option<String> {
        let hidden = self.table.hidden.as_deref() == Some(TABLE);
        hidden.then(|| {
            let user = one_line(&self.label().user);
            format!("row-level security may hide jobs from user \"{user}\": only what that one sees is told")
        })
    }

    fn place(&mut self) -> Result<String> {
        version::place(self)
    }

    fn begin_run(&mut self, terms: RunTerms) {
        self.recorder.begin_run(terms);
    }

    fn insert(&mut self, jobs: &[Job]) -> Result<()> {
        write::insert(self, jobs)
    }

    fn other_columns(&mut self) -> Result<Vec<Arc<str>>> {
        self.look_again()?;
        Ok(self.table.others.to_vec())
    }

    fn declared_others(&mut self) -> Result<Vec<(Arc<str>, Takes)>> {
        self.look_again()?;
        Ok(self.table.declared_others())
    }

    fn find(&mut self, ids: &[JobId], columns: ColumnSet) -> Result<Vec<Option<Job>>> {
        pages::find(self, ids, columns)
    }

    fn resolve(&mut self, prefix: &str, columns: ColumnSet, limit: usize) -> Result<Vec<Job>> {
        pages::resolve(self, prefix, columns, limit)
    }

    fn version(&mut self) -> Result<Version> {
        version::version(self)
    }

    fn list(&mut self, query: &Query) -> Result<Vec<Job>> {
        stream::list(self, query)
    }

    fn list_counted(&mut self, query: &Query) -> Result<(Vec<Job>, Option<u64>)> {
        stream::list_counted(self, query)
    }

    fn count(&mut self, filter: &Filter) -> Result<u64> {
        stream::count(self, filter)
    }

    fn holds(&mut self, column: Column, word: &str) -> Result<bool> {
        pages::holds(self, column, word)
    }

    /// The key of the table takes no NULL.
    fn without_id(
        &mut self,
        _columns: ColumnSet,
        _limit: usize,
        _means: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Vec<RowName>> {
        Ok(Vec::new())
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
        stream::stream(self, filter, order, columns, sink)
    }

    fn update(&mut self, ids: &[JobId], decide: Decide) -> Result<Vec<Updated>> {
        changing::update(self, ids, decide)
    }

    fn delete(
        &mut self,
        ids: &[JobId],
        ignore_missing: bool,
        columns: ColumnSet,
        allow: Allow,
    ) -> Result<Vec<JobId>> {
        removal::delete(self, ids, ignore_missing, columns, allow)
    }

    fn purge(
        &mut self,
        ids: &[JobId],
        columns: ColumnSet,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Purged> {
        purge::purge(self, ids, columns, goes)
    }

    fn check_sweep(&mut self) -> Result<()> {
        self.table.rules.check_cleanup(self.label())
    }

    fn begin_sweep(&mut self, terms: SweepTerms) -> Result<Box<dyn Sweep + '_>> {
        self.check_sweep()?;
        Ok(Box::new(PostgresSweep::begin(self, terms)?))
    }

    fn claim(
        &mut self,
        run: &'static str,
        wait: Duration,
        gives_up: &dyn Fn() -> bool,
    ) -> Result<()> {
        self.claim = claim::claim(&self.parameters, &self.session, run, wait, gives_up)?;
        Ok(())
    }

    fn begin_import(&mut self, terms: ImportTerms) -> Result<Box<dyn Import + '_>> {
        Ok(Box::new(PostgresImport::begin(self, terms)?))
    }

    fn begin_preview(&mut self, terms: ImportTerms) -> Result<Box<dyn Import + '_>> {
        Ok(Box::new(PostgresPreview::begin(self, terms)?))
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
        None
    }

    fn has_own_rules(&mut self, removing: bool) -> Result<bool> {
        removal::has_own_rules(self, removing)
    }

    fn without_parents(&mut self) -> Result<Vec<Column>> {
        parents::without_parents(self)
    }

    fn limits(&mut self) -> Result<Option<Limits>> {
        Ok(Some(self.table.limits()))
    }

    fn missing_parents(&mut self, jobs: &[Job]) -> Result<Vec<(usize, Column)>> {
        parents::missing_parents(self, jobs)
    }
}
