//! The import of decoded records as rows: in batches, with the outcome of each record, up to the end of the run.

use std::cmp::Reverse;
use std::time::Duration;

use anyhow::Result;
use indicatif::ProgressBar;

use super::feed::Feed;
use super::fitted::{self, FittedBatch};
use super::moving::Moving;
use super::pages::Pages;
use super::problems::{self, Problems};
use super::rejected::{Rejects, refuse};
use super::status_words::StatusMap;
use super::stop::{is_of_repository, is_of_usage, is_taken_place};
use super::tally::{About, Tally, reason};
use crate::commands::parts::backup::BackupArgs;
use crate::commands::parts::interrupt::Interrupt;
use crate::commands::parts::output::dry_run::DryRun;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::job::Job;
use crate::job::fitting::Misfits;
use crate::legacy::threads::decode::NextEvent;
use crate::legacy::threads::messages::{DecodeEvent, DecodedRecords, DumpEnd, Refused};
use crate::legacy::{self, ConvertedRecord, Store};
use crate::repository::{self, Error, ImportTerms, Imported, OnConflict, Repository, Unfinished};
use crate::time::Zone;

/// The most jobs that are handed to the repository at once.
const BATCH: usize = 2000;

/// The bytes of dump at which a batch is handed over although it has fewer jobs. Of a larger one little is still in the
/// processor's cache when it is written.
const BATCH_BYTES: usize = 1 << 20;

/// The wait for more records before those that are there are written.
const PATIENCE: Duration = Duration::from_millis(50);

/// The same while others may wait for what has been written to become final.
const SHORT_PATIENCE: Duration = Duration::from_millis(10);

pub(super) type Session<'a> = dyn repository::Import + 'a;

pub(super) struct DumpImport<'a> {
    pub(super) context: &'a mut Context,
    pub(super) terms: ImportTerms,
    pub(super) alone: Option<Alone>,
    pub(super) dry_run: bool,
    /// The backup that is to be made before the first write.
    pub(super) backup: Option<BackupArgs>,
    /// The batch that is to be written behind that backup.
    pub(super) kept: Option<FittedBatch>,
    /// How the records ended, when there are no more.
    pub(super) ending: Option<Result<()>>,
    pub(super) told: Option<DryRun>,
    /// The sentence about what a dry run could not find out.
    pub(super) gaps: Option<String>,
    pub(super) zone: Zone,
    pub(super) status_map: StatusMap,
    /// The names of the dumps in messages, then those of members of archives whose jobs are in the batch.
    pub(super) names: Vec<String>,
    pub(super) dumps: usize,
    pub(super) rejected: Rejects,
    pub(super) interrupt: Interrupt,
    pub(super) bar: ProgressBar,
    pub(super) tally: Tally,
    /// The records, each with the index of its dump.
    pub(super) batch: Vec<(usize, ConvertedRecord)>,
    pub(super) batch_bytes: usize,
    /// The next batch goes through the ids from the last to the first.
    pub(super) backwards: bool,
    /// The faults of whole dumps: empty ones, and those that break off.
    pub(super) problems: Problems,
    pub(super) pages: Pages,
    /// A page of a listing that says there are more is no fault.
    pub(super) takes_pages: bool,
    /// Rows of jobctl's own are made to fit too.
    pub(super) fits_rows: bool,
    /// A row has been rejected that could have been made to fit.
    pub(super) could_fit: bool,
    /// Whether the dumps could be read from their beginning once more.
    pub(super) can_read_again: bool,
    /// The database from which the rows come, and what becomes of it beside the import.
    pub(super) moving: Option<Moving>,
}

/// The database is taken for this run alone (`--exclusive`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Alone {
    /// Nobody else can use it then.
    pub(super) keeps_others_out: bool,
}

/// Whether the outcome of a preview is a write.
fn is_write(outcome: &Imported) -> bool {
    matches!(outcome, Imported::Inserted | Imported::Updated)
}

pub(super) enum Ran {
    ToTheEnd,
    /// Another process made a database at this path meanwhile. Nothing was imported or said.
    PlaceWasTaken,
}

impl DumpImport<'_> {
    /// Imports everything and says what was done.
    pub(super) fn run(
        mut self,
        mut repository: Box<dyn Repository>,
        mut feed: Feed,
    ) -> Result<Ran> {
        let imported = self.import(repository.as_mut(), &mut feed);
        self.bar.finish_and_clear();
        let mut done = imported?;
        if self.can_read_again && done.as_ref().is_err_and(is_taken_place) {
            return Ok(Ran::PlaceWasTaken);
        }
        if done.is_ok()
            && let Some(moving) = &mut self.moving
        {
            let told = self.told.as_mut();
            done = moving.follow_up(self.context, repository, feed, told, self.dry_run);
        }
        self.say(done)?;
        Ok(Ran::ToTheEnd)
    }

    /// Reads and writes to the end, or up to a batch that is kept.
    pub(super) fn all(&mut self, session: &mut Session, feed: &mut Feed) -> Result<()> {
        if let Some(batch) = self.kept.take() {
            self.write(session, batch)?;
        }
        while self.ending.is_none() && self.kept.is_none() {
            let patience = if !self.dry_run && session.is_pending() {
                SHORT_PATIENCE
            } else {
                PATIENCE
            };
            let event = match feed.next(patience) {
                Ok(event) => event,
                Err(failure) => {
                    self.ending = Some(Err(failure.into()));
                    break;
                }
            };
            match event {
                NextEvent::Finished => {
                    self.ending = Some(Ok(()));
                    break;
                }
                NextEvent::Waiting => {
                    self.flush(session)?;
                    feed.leave_out(session.skipped());
                    self.yield_lock(session)?;
                }
                NextEvent::Event(DecodeEvent::Ended(ended)) => self.ended(ended),
                NextEvent::Event(DecodeEvent::Decoded(piece)) => self.take(piece)?,
            }
            if self.batch.len() >= BATCH || self.batch_bytes >= BATCH_BYTES {
                // A very large record does not wait to be freed when another may come.
                let is_usual = self.batch_bytes < 2 * BATCH_BYTES;
                let done = self.flush(session)?;
                if is_usual {
                    feed.take_back(done);
                }
                feed.leave_out(session.skipped());
            }
            self.bar.set_position(feed.taken());
            self.check_interrupt()?;
        }
        if self.kept.is_none() {
            self.flush(session)?;
        }
        if self.kept.is_some() {
            return Ok(());
        }
        self.ending.take().unwrap_or(Ok(()))?;
        // A dump that is cut off is told for that.
        if self.problems.is_empty()
            && let Some((name, problem)) = self.pages.judge(&self.names)
            && !self.takes_pages
        {
            self.problems.add(name, vec![problem], Default::default());
        }
        Ok(())
    }

    fn take(&mut self, piece: DecodedRecords) -> Result<()> {
        self.batch_bytes += piece.bytes;
        for store in piece.left_out {
            self.tally.skip(store);
        }
        let source = match &piece.member {
            Some(member) => self.member(piece.source, member),
            None => piece.source,
        };
        for outcome in piece.records {
            match outcome {
                Ok(record) => self.batch.push((source, record)),
                Err(refused) => self.reject(source, &refused)?,
            }
        }
        Ok(())
    }

    /// The index among the names of a member of an archive.
    fn member(&mut self, source: usize, member: &str) -> usize {
        let name = problems::name(&self.names[source], member);
        let is_there = self.names.len() > self.dumps && self.names.last() == Some(&name);
        if !is_there {
            self.names.push(name);
        }
        self.names.len() - 1
    }

    fn reject(&mut self, source: usize, refused: &Refused) -> Result<()> {
        if let (Zone::Unknown(why), legacy::NO_ZONE) = (&self.zone, refused.reason.as_str()) {
            let message = format!("times in {} are local, and {why}", self.names[source]);
            let hint = "say it with --timezone, such as --timezone Asia/Shanghai";
            return Err(Failure::usage(message).hint(hint).into());
        }
        self.tally.reject(refused.store);
        self.rejected
            .add(&self.names[source], &refused.raw(), &refused.reason)
    }

    fn ended(&mut self, ended: DumpEnd) {
        let name = &self.names[ended.source];
        self.tally.leave_out(ended.left_out);
        self.pages.add(ended.source, ended.pages);
        self.tally.add_encoded(ended.encoded);
        self.problems.add(name, ended.problems, ended.passed_over);
        if let Some(error) = ended.failure {
            let message = format!("reading {name}: {error}");
            self.ending = Some(Err(Failure::new(Kind::Io, message).into()));
        }
    }

    /// Writes the batch, and gives the jobs that are done with.
    fn flush(&mut self, session: &mut Session) -> Result<Vec<Job>> {
        // Neighbours in the index of ids are written together. Where the order decides which jobs come in, or
        // is shown, it is that of the dump.
        if self.terms.on_conflict != OnConflict::Fail && !self.dry_run {
            // There and back: the end of the index where one batch stops is still in the cache for the next. Records
            // of one id stay in their order, which decides which of them counts.
            if !self.backwards {
                self.batch.sort_by_cached_key(|(_, record)| record.job.id())
            } else {
                self.batch
                    .sort_by_cached_key(|(_, record)| Reverse(record.job.id()))
            }
            self.backwards = !self.backwards;
        }
        let mut jobs = Vec::with_capacity(self.batch.len());
        let mut about = Vec::with_capacity(self.batch.len());
        for (source, mut record) in self.batch.drain(..) {
            // What comes back from an archive is restored as it was.
            let mapped = record.store != Store::Jobctl && self.status_map.apply(&mut record.job);
            jobs.push(record.job);
            about.push(About {
                source,
                at: record.at,
                store: record.store,
                fits: record.fits,
                unlinked: 0,
                is_orphan: false,
                misfits: Misfits::default(),
                mapped,
                encoded: record.encoded,
            });
        }
        self.batch_bytes = 0;
        fitted::fit(session, &mut jobs, &mut about, self.fits_rows)?;
        self.write(session, FittedBatch { jobs, about })
    }

    /// Writes a batch, or keeps it where that would be the first write and a backup comes before.
    fn write(&mut self, session: &mut Session, batch: FittedBatch) -> Result<Vec<Job>> {
        let FittedBatch { jobs, about } = batch;
        let mut done = 0;
        while done < jobs.len() {
            let rest = &jobs[done..];
            let outcomes = session.write(rest)?;
            if self.backup.is_some() && outcomes.iter().any(is_write) {
                self.kept = Some(FittedBatch::rest(jobs, about, done));
                return Ok(Vec::new());
            }
            for ((job, about), outcome) in rest.iter().zip(&about[done..]).zip(&outcomes) {
                if let Imported::TakesBack(why) = outcome
                    && self.terms.atomic
                {
                    return Err(Error::TookBack {
                        job: job.id(),
                        why: why.to_string(),
                    }
                    .into());
                }
                if let Imported::Refused(why) | Imported::TakesBack(why) = outcome {
                    self.could_fit |= !self.fits_rows && fitted::could_fit(session, job, about)?;
                    refuse(
                        &mut self.tally,
                        &mut self.rejected,
                        &self.names,
                        job,
                        about,
                        why,
                    )?;
                    continue;
                }
                self.tally.count(job, about, outcome);
                if let Some(told) = &mut self.told {
                    let reason = format!("{}, {}", reason(outcome, job), about.store.name());
                    let counts = *outcome != Imported::Skipped;
                    let terminal = &mut self.context.terminal;
                    told.push_counted(terminal, &job.id(), &reason, counts)?;
                }
            }
            done += outcomes.len();
            if !session.is_pending() {
                self.tally.settle();
            }
            self.check_interrupt()?;
        }
        if jobs.is_empty() {
            // Those that were left out took their time, and others may wait for what was written before.
            self.yield_lock(session)?;
        }
        self.names.truncate(self.dumps);
        self.rejected.flush()?;
        Ok(jobs)
    }

    fn yield_lock(&mut self, session: &mut Session) -> Result<()> {
        session.yield_lock()?;
        if !session.is_pending() {
            self.tally.settle();
        }
        Ok(())
    }

    fn check_interrupt(&self) -> Result<()> {
        if self.interrupt.is_set() {
            Err(Failure::interrupted().into())
        } else {
            Ok(())
        }
    }

    /// Makes final what was written, or takes it back.
    pub(super) fn settle(&mut self, session: Box<Session>, read: Result<()>) -> Result<()> {
        self.gaps = self.dry_run.then(|| session.gaps()).flatten();
        let kept = self.rejected.sync();
        let read = read.and(kept);
        let keeps = match &read {
            Ok(()) => !self.terms.atomic || self.problems.is_empty(),
            Err(error) => !self.terms.atomic && !is_of_repository(error) && !is_of_usage(error),
        };
        if self.dry_run {
            if self.terms.atomic && !keeps {
                self.tally.undo(true);
                self.told.iter_mut().for_each(DryRun::take_back);
            }
            return read;
        }
        if keeps && read.is_ok() && self.tally.is_nothing() && self.is_bad() {
            // No file is made, and no table, for what holds no job.
            session.undo();
            return read;
        }
        if !keeps {
            let all = session.undo() || self.terms.atomic;
            self.tally.undo(all);
            return read;
        }
        session.end().map_err(|Unfinished { error, all }| {
            self.tally.undo(all || self.terms.atomic);
            error
        })?;
        read
    }

    /// Whether anything of the input is bad.
    fn is_bad(&self) -> bool {
        !self.problems.is_empty() || self.tally.rejected() > 0
    }
}
