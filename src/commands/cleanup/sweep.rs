//! The way of a job out of the table: into the archive, then its folder, then its row. Whatever stops the run in
//! between, a job is in the table, in the archive, or in both.

use std::time::{Duration, Instant as Stopwatch};

use anyhow::Result;
use indicatif::ProgressBar;

use super::archiving::Archiving;
use super::latest::Latest;
use super::summary::Done;
use super::survey::{CleanupSelection, StayingJobs};
use crate::commands::parts::database::storage;
use crate::commands::parts::interrupt::Interrupt;
use crate::context::Context;
use crate::error::Failure;
use crate::folders::{InUse, Removal, ServiceFolder};
use crate::job::retention::Fate;
use crate::job::{Column, ColumnSet, Job};
use crate::repository::{self, Outcome, Repository, SweepTerms, Swept};

/// The most bytes of jobs that are read at once.
const BATCH: usize = 3 << 20;

/// The most folders that go, and the longest time, before the rows of their jobs do: a killed run may leave those without
/// their folders.
const FOLDERS: u64 = 100;
const FOLDERS_TIME: Duration = Duration::from_millis(300);

/// The most batches on their way to the archive: one that is written and one that waits.
const UNDER_WAY: usize = 2;

type Session<'a> = dyn repository::Sweep + 'a;

pub(super) struct CleanupSweep<'a> {
    pub(super) selection: &'a CleanupSelection,
    pub(super) interrupt: &'a Interrupt,
    /// The bar of a terminal, which counts the jobs that are gone.
    pub(super) bar: ProgressBar,
    pub(super) archiving: Option<Archiving>,
    pub(super) folders: Option<WorkingFolders>,
    pub(super) max: Option<u64>,
    pub(super) kept: StayingJobs,
    pub(super) latest: Latest,
    /// Whether any job may go.
    pub(super) goes_any: bool,
    pub(super) done: Done,
    /// The error that ended the run early; what was done before stays done.
    pub(super) stopped: Option<anyhow::Error>,
}

/// The root of the working folders, and those that jobs that stay use.
pub(super) struct WorkingFolders {
    root: ServiceFolder,
    in_use: InUse,
}

impl WorkingFolders {
    pub(super) fn new((root, in_use): (ServiceFolder, InUse)) -> WorkingFolders {
        WorkingFolders { root, in_use }
    }
}

impl CleanupSweep<'_> {
    pub(super) fn run(
        &mut self,
        context: &mut Context,
        repository: &mut dyn Repository,
        exclusive: bool,
    ) -> Result<()> {
        let judged = self.selection.reads();
        if exclusive {
            storage::needed(repository, storage::EXCLUSIVE)?.use_alone()?;
        }
        let mut session = repository.begin_sweep(SweepTerms {
            judged,
            columns: match (&self.archiving, &self.folders) {
                (Some(_), _) => ColumnSet::WHOLE,
                (None, Some(_)) => judged.union(ColumnSet::of(&[Column::WorkingDir])),
                (None, None) => judged,
            },
        })?;
        let swept = self.go_on(context, session.as_mut());
        // What was removed before something went wrong stays removed.
        let (outcome, ended) = session.end();
        self.tell(context, outcome);
        self.done.archived = self.archiving.as_ref().map(|archiving| archiving.added);
        self.stopped = swept.and(ended.map_err(Into::into)).err();
        Ok(())
    }

    fn go_on(&mut self, context: &mut Context, session: &mut Session) -> Result<()> {
        let mut more = true;
        loop {
            while more && self.archiving.as_ref().map_or(0, Archiving::under_way) < UNDER_WAY {
                self.stop_if_asked()?;
                let Some(mut swept) = self.look_on(session)? else {
                    more = false;
                    break;
                };
                if self.archiving.is_some() || self.folders.is_some() {
                    session.try_removal(&mut swept)?;
                }
                if self.folders.is_some() {
                    session.yield_lock()?;
                    self.look_at_folders(&mut swept)?;
                }
                if swept.is_empty() {
                    continue;
                }
                match &mut self.archiving {
                    Some(archiving) => archiving.give(swept),
                    None => self.remove(context, session, swept)?,
                }
            }
            let Some(archiving) = &mut self.archiving else {
                return Ok(());
            };
            if archiving.under_way() == 0 {
                return Ok(());
            }
            let swept = match archiving.take_soon() {
                Some(ready) => ready?,
                None => {
                    session.yield_lock()?;
                    archiving.take()?
                }
            };
            self.remove(context, session, swept)?;
        }
    }

    fn look_on(&mut self, session: &mut Session) -> Result<Option<Swept>> {
        let (selection, goes_any) = (self.selection, self.goes_any);
        let (kept, latest) = (&mut self.kept, &mut self.latest);
        let mut goes = |job: &Job| {
            latest.see(job);
            match selection.judge(job)?.fate {
                Fate::Goes => goes_any.then_some(()),
                Fate::Stays(why) => {
                    kept.note(job, why);
                    None
                }
            }
        };
        Ok(session.next_batch(BATCH, &mut |job| goes(job).is_some())?)
    }

    /// Drops the jobs whose folder cannot be removed, as far as that can be told before: a job that stays is not to be
    /// archived again every night, nor to lose half of its folder.
    fn look_at_folders(&mut self, swept: &mut Swept) -> Result<()> {
        for found in swept.take_all() {
            self.stop_if_asked()?;
            let Some(WorkingFolders { root, in_use }) = &self.folders else {
                return Ok(());
            };
            let id = found.job().id();
            match root.obstacle(&id.to_string(), found.job().get(Column::WorkingDir), in_use) {
                Some((path, why)) => self.done.folders.fail(&id, &path, &why),
                None => swept.push(found),
            }
        }
        Ok(())
    }

    fn stop_if_asked(&self) -> Result<()> {
        if self.interrupt.is_set() {
            Err(Failure::interrupted().into())
        } else {
            Ok(())
        }
    }

    fn remove(
        &mut self,
        context: &mut Context,
        session: &mut Session,
        mut swept: Swept,
    ) -> Result<()> {
        if let Some(max) = self.max
            && self.done.count() + swept.len() as u64 > max
        {
            return Err(Failure::refused(format!(
                "more jobs than --max {max} would go by now; those that were removed stay removed"
            ))
            .into());
        }
        if self.folders.is_some() {
            return self.remove_with_folders(context, session, swept);
        }
        while !swept.is_empty() {
            self.stop_if_asked()?;
            self.done.changed += session.remove(&mut swept)?;
            self.tell(context, session.take_outcome());
        }
        Ok(())
    }

    /// Removes some folders, then the rows of their jobs, and so on. A job whose folder could not be removed stays.
    fn remove_with_folders(
        &mut self,
        context: &mut Context,
        session: &mut Session,
        mut swept: Swept,
    ) -> Result<()> {
        session.yield_lock()?;
        while !swept.is_empty() {
            let mut ready = swept.none_of();
            let removed = self.remove_folders(session, &mut swept, &mut ready);
            // Whatever went wrong, the rows whose folders are gone go too.
            while !ready.is_empty() {
                self.done.changed += session.remove(&mut ready)?;
            }
            session.yield_lock()?;
            self.tell(context, session.take_outcome());
            removed?;
            self.stop_if_asked()?;
        }
        Ok(())
    }

    /// Moves the jobs whose rows may go from `swept` to `ready`.
    fn remove_folders(
        &mut self,
        session: &mut Session,
        swept: &mut Swept,
        ready: &mut Swept,
    ) -> Result<()> {
        let Some(WorkingFolders { root, in_use }) = &self.folders else {
            return Ok(());
        };
        let folders = &mut self.done.folders;
        let (begun, before) = (Stopwatch::now(), folders.removed);
        while folders.removed - before < FOLDERS && begun.elapsed() < FOLDERS_TIME {
            // Asked anew for each folder, since removing one can take long.
            self.done.changed += session.still_stand(swept)?;
            let Some(found) = swept.take_first() else {
                break;
            };
            let id = found.job().id();
            match root.remove(&id.to_string(), found.job().get(Column::WorkingDir), in_use) {
                Removal::Gone { bytes, .. } => {
                    folders.removed += 1;
                    folders.bytes += bytes;
                    ready.push(found);
                }
                Removal::Nothing => ready.push(found),
                Removal::Left { path, why } => {
                    folders.leave(&path, why);
                    ready.push(found);
                }
                Removal::Failed { path, why } => folders.fail(&id, &path, &why),
            }
        }
        Ok(())
    }

    fn tell(&mut self, context: &mut Context, outcome: Outcome) {
        for removed in outcome.removed {
            self.done.note(&mut context.terminal, &removed);
        }
        for kept in outcome.kept {
            self.done.held.add(kept);
        }
        self.bar.set_position(self.done.count());
    }
}
