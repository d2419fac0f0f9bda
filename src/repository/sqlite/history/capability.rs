//! The history as commands ask for it.

use std::time::Duration;

use rusqlite::Connection;

use super::{estimate, lifetime, reading, redact, tables, undo};
use crate::error::Failure;
use crate::job::{Column, JobId};
use crate::repository::change_log::words::MOST_KEPT;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::{
    Error, History, JobChange, Redacted, Repository, Result, Run, RunArchive, RunId, TakeBack,
    TakenBack,
};
use crate::text::visible::one_line;
use crate::time::Instant;

const SETTING: &str = "setting for how long runs are kept";
const PRUNING: &str = "removing old runs";

/// The most runs, and bytes of them, that go in one transaction.
const RUNS: usize = 1000;
const BYTES: i64 = 4 << 20;

impl History for Sqlite {
    fn runs(&mut self, since: Option<Instant>, limit: usize) -> Result<Vec<Run>> {
        self.settled(|| reading::runs(self, since, limit))
    }

    fn run(&mut self, id: RunId) -> Result<Option<Run>> {
        self.settled(|| reading::find_run(self, id))
    }

    fn last_standing(&mut self) -> Result<Option<Run>> {
        self.settled(|| reading::last_standing(self))
    }

    fn standing_before(&mut self, run: RunId) -> Result<Option<Run>> {
        self.settled(|| reading::standing_before(self, run))
    }

    fn last_change(&mut self) -> Result<Option<Run>> {
        self.settled(|| reading::last_change(self))
    }

    fn resolve(&mut self, prefix: &str) -> Result<Vec<JobId>> {
        self.settled(|| reading::resolve(self, prefix))
    }

    fn last_undo(&mut self) -> Result<Option<Run>> {
        self.settled(|| reading::last_undo(self))
    }

    fn changes(&mut self, job: &JobId, limit: usize) -> Result<Vec<JobChange>> {
        self.settled(|| reading::changes(self, job, limit))
    }

    fn newest_change(&mut self, job: &JobId) -> Result<Option<JobChange>> {
        Ok(self.settled(|| reading::changes(self, job, 1))?.pop())
    }

    fn changes_of(&mut self, run: RunId, limit: usize) -> Result<Vec<JobChange>> {
        self.settled(|| reading::changes_of(self, run, limit))
    }

    fn keeps_others_out(&self) -> bool {
        true
    }

    fn take_back(&mut self, terms: TakeBack) -> Result<TakenBack> {
        if terms.dry_run {
            self.recorder.stop();
        }
        self.or_without_history(|sqlite| undo::take_back(sqlite, terms))
    }

    fn fits(&mut self, ids: &[JobId]) -> Result<bool> {
        let most = u64::try_from(MOST_KEPT).unwrap_or(0);
        self.settled(|| Ok(estimate::packed_size(self, ids)? <= most))
    }

    fn name_archive(&mut self, archive: &RunArchive) -> Result<()> {
        let Some(run) = self.recorder.saved_run() else {
            return Ok(());
        };
        write(self, "naming the archive in the history", |connection| {
            tables::name_archive(connection, run, archive)
        })
    }

    fn mark_undone(&mut self, run: RunId, by: Option<RunId>) -> Result<()> {
        let explain = self.explain("taking a run back");
        tables::mark_undone(&self.connection, run.0, Some(by.map_or(0, |by| by.0)))
            .and_then(|()| match by {
                Some(by) => tables::mark_undoes(&self.connection, by.0, run.0),
                None => Ok(()),
            })
            .map_err(&explain)
    }

    fn redact(&mut self, ids: &[JobId], columns: &[Column]) -> Result<Redacted> {
        redact::redact(self, ids, columns)
    }

    fn beyond_reach(&self) -> &'static str {
        "copies of the file, and old blocks of the disk"
    }

    fn wipe_log(&mut self, _rewrite: bool) -> Result<Option<String>> {
        if !self.is_wal()? {
            return Ok(None);
        }
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy = self
            .connection
            .query_row(sql, [], |row| row.get::<_, i64>(0));
        let is_busy = busy.map_err(self.explain("emptying the log"))? != 0;
        Ok(is_busy.then(|| "the file's log, which somebody is reading".to_owned()))
    }

    fn prune(&mut self, before: Instant) -> Result<u64> {
        self.recorder.stop();
        let mut gone = 0;
        if !reading::is_there(self)? {
            return Ok(gone);
        }
        loop {
            self.pace.rest();
            let explain = self.explain(PRUNING);
            self.begin_immediate().map_err(&explain)?;
            let mut hold = self.pace.hold(false);
            let removed = tables::remove_old(&self.connection, before, RUNS, BYTES);
            hold.committing();
            match removed {
                Ok(0) => {
                    self.connection
                        .execute_batch("ROLLBACK")
                        .map_err(&explain)?;
                    return Ok(gone);
                }
                Ok(more) => {
                    self.commit(PRUNING)?;
                    gone += more;
                }
                Err(error) => {
                    let _ = self.connection.execute_batch("ROLLBACK");
                    return Err(explain(error));
                }
            }
            self.pace.end(&hold);
        }
    }

    fn count_before(&mut self, before: Instant) -> Result<u64> {
        let explain = self.explain(PRUNING);
        self.settled(|| lifetime::count_old(&self.connection, before).map_err(&explain))
    }

    fn lifetime(&mut self) -> Result<Duration> {
        let explain = self.explain(super::pieces::READING);
        self.settled(|| lifetime::lifetime(&self.connection).map_err(&explain))
    }

    fn set_lifetime(&mut self, lifetime: Duration) -> Result<()> {
        self.recorder.stop();
        if !lifetime::can_be_set(&self.connection).map_err(self.explain(SETTING))? {
            let name = self.name();
            let message = format!(
                "{} in {} is not as jobctl makes it",
                lifetime::SETTINGS,
                one_line(&name)
            );
            let failure =
                Failure::refused(message).hint("jobctl doctor own-tables says what to do");
            return Err(Error::Own(failure));
        }
        write(self, SETTING, |connection| {
            lifetime::set(connection, lifetime)
        })
    }
}

/// One short transaction, in which no job is changed.
fn write(
    sqlite: &Sqlite,
    doing: &'static str,
    write: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<()> {
    let explain = sqlite.explain(doing);
    sqlite.begin_immediate().map_err(&explain)?;
    if let Err(error) = write(&sqlite.connection) {
        let _ = sqlite.connection.execute_batch("ROLLBACK");
        return Err(explain(error));
    }
    sqlite.commit(doing)
}
