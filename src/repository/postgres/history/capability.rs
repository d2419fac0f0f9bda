//! The history as commands ask for it.

use std::time::Duration;

use super::{estimate, lifetime, reading, redact, tables, undo};
use crate::job::{Column, JobId};
use crate::repository::change_log::words::MOST_KEPT;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::session::Statement;
use crate::repository::{
    History, JobChange, Redacted, Result, Run, RunArchive, RunId, TakeBack, TakenBack,
};
use crate::time::Instant;

impl History for Postgres {
    fn runs(&mut self, since: Option<Instant>, limit: usize) -> Result<Vec<Run>> {
        reading::runs(self, since, limit)
    }

    fn run(&mut self, id: RunId) -> Result<Option<Run>> {
        reading::find_run(self, id)
    }

    fn last_standing(&mut self) -> Result<Option<Run>> {
        reading::last_standing(self)
    }

    fn standing_before(&mut self, run: RunId) -> Result<Option<Run>> {
        reading::standing_before(self, run)
    }

    fn last_change(&mut self) -> Result<Option<Run>> {
        reading::last_change(self)
    }

    fn last_undo(&mut self) -> Result<Option<Run>> {
        reading::last_undo(self)
    }

    fn resolve(&mut self, prefix: &str) -> Result<Vec<JobId>> {
        reading::resolve(self, prefix)
    }

    fn changes(&mut self, job: &JobId, limit: usize) -> Result<Vec<JobChange>> {
        reading::changes(self, job, limit)
    }

    fn newest_change(&mut self, job: &JobId) -> Result<Option<JobChange>> {
        reading::newest_change(self, job)
    }

    fn changes_of(&mut self, run: RunId, limit: usize) -> Result<Vec<JobChange>> {
        reading::changes_of(self, run, limit)
    }

    /// The rows of the run are locked, and no others.
    fn keeps_others_out(&self) -> bool {
        false
    }

    fn take_back(&mut self, terms: TakeBack) -> Result<TakenBack> {
        if terms.dry_run {
            self.recorder.stop();
        }
        self.look_again()?;
        undo::take_back(self, terms)
    }

    fn fits(&mut self, ids: &[JobId]) -> Result<bool> {
        let most = u64::try_from(MOST_KEPT).unwrap_or(0);
        Ok(estimate::packed_size(self, ids)? <= most)
    }

    fn name_archive(&mut self, archive: &RunArchive) -> Result<()> {
        let Some(run) = self.recorder.saved_run() else {
            return Ok(());
        };
        let statement = tables::name_archive(&self.table, run, archive);
        write(self, "naming the archive in the history", &statement)
    }

    fn mark_undone(&mut self, run: RunId, by: Option<RunId>) -> Result<()> {
        const UNDOING: &str = "taking a run back";
        let number = by.map_or(0, |by| by.0);
        let statement = tables::mark_undone(&self.table, run.0, Some(number));
        write(self, UNDOING, &statement)?;
        match by {
            Some(by) => write(
                self,
                UNDOING,
                &tables::mark_undoes(&self.table, by.0, run.0),
            ),
            None => Ok(()),
        }
    }

    fn redact(&mut self, ids: &[JobId], columns: &[Column]) -> Result<Redacted> {
        redact::redact(self, ids, columns)
    }

    fn beyond_reach(&self) -> &'static str {
        "the server's write-ahead log, its replicas, and old blocks of its disk"
    }

    fn wipe_log(&mut self, rewrite: bool) -> Result<Option<String>> {
        redact::clear(self, rewrite)
    }

    fn prune(&mut self, before: Instant) -> Result<u64> {
        self.recorder.stop();
        if reading::is_there(self)? {
            lifetime::prune(self, before)
        } else {
            Ok(0)
        }
    }

    fn count_before(&mut self, before: Instant) -> Result<u64> {
        if reading::is_there(self)? {
            lifetime::count_before(self, before)
        } else {
            Ok(0)
        }
    }

    fn lifetime(&mut self) -> Result<Duration> {
        lifetime::lifetime(self)
    }

    fn set_lifetime(&mut self, lifetime: Duration) -> Result<()> {
        self.recorder.stop();
        lifetime::set(self, lifetime)
    }
}

/// A statement by itself.
fn write(postgres: &Postgres, doing: &'static str, (sql, arguments): &Statement) -> Result<()> {
    postgres.session.rows(doing, sql, arguments).map(drop)
}
