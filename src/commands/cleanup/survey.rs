//! The selection of a run: the policy applied to the jobs that the filters mean, before anything is removed.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use anyhow::Result;

use crate::commands::parts::consent;
use crate::folders::{InUse, ServiceFolder};
use crate::job::retention::{Fate, Newest, Policy, Stay, Verdict};
use crate::job::{Column, ColumnSet, Filter, Job, JobId, Status, Value};
use crate::repository::{Repository, RowName, Sink, Unhurried};
use crate::time::{Clock, Instant};

/// The policy and the filters, which decide of every job whether it goes.
pub(super) struct CleanupSelection {
    pub(super) policy: Policy,
    newest: Newest,
    filter: Filter,
    now: Instant,
    clock: Clock,
}

/// The findings of a look at all jobs.
pub(super) struct Survey {
    pub(super) count: u64,
    /// The folders of jobs that stay; None where nobody asked.
    pub(super) in_use: Option<InUse>,
}

impl CleanupSelection {
    /// Looks first for the newest of every state and type, whatever the filters, where these are to stay.
    pub(super) fn gather(
        policy: Policy,
        filter: Filter,
        clock: Clock,
        repository: &mut dyn Repository,
    ) -> Result<CleanupSelection> {
        let now = clock.now();
        let mut newest = Newest::new(policy.keep_last, now);
        if !newest.is_idle() {
            let words = Status::END.map(|status| Some(status.word().to_owned()));
            let ended = Filter {
                any_of: vec![(Column::Status, words.to_vec())],
                ..Filter::default()
            };
            repository.stream(&ended, None, Policy::READS, &mut |job: &mut Job| {
                newest.offer(job);
                Ok(())
            })?;
        }
        Ok(CleanupSelection {
            policy,
            newest,
            filter,
            now,
            clock,
        })
    }

    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// Whether all jobs are meant.
    pub(super) fn means_all(&self) -> bool {
        self.filter.is_empty()
    }

    /// The columns that `judge` reads.
    pub(super) fn reads(&self) -> ColumnSet {
        Policy::READS.union(self.filter.columns())
    }

    /// None when the filters do not mean the job.
    pub(super) fn judge(&self, job: &Job) -> Option<Verdict> {
        self.filter.matches(job).then(|| self.verdict(job))
    }

    /// The verdict on a job that the filters mean. One that has ended since the run began is young, and nothing is wrong with it.
    pub(super) fn verdict(&self, job: &Job) -> Verdict {
        let mut verdict = self.policy.judge(job, self.now, &self.newest);
        if verdict.fate == Fate::Stays(Stay::Future)
            && job
                .deciding_time(self.now)
                .is_some_and(|at| at <= self.clock.now())
        {
            verdict.fate = Fate::Stays(Stay::Young);
        }
        verdict
    }

    /// Finds the row names of those that stay because they have no id, if there are any.
    pub(super) fn locate_nameless(
        &self,
        repository: &mut dyn Repository,
        kept: &mut StayingJobs,
    ) -> Result<()> {
        if kept.counts.contains_key(&Stay::NoId) {
            let mut means = |job: &Job| {
                self.judge(job)
                    .is_some_and(|verdict| verdict.fate == Fate::Stays(Stay::NoId))
            };
            kept.nameless = repository.without_id(self.reads(), NAMED, &mut means)?;
        }
        Ok(())
    }

    pub(super) fn goes(&self, job: &Job) -> bool {
        self.judge(job)
            .is_some_and(|verdict| verdict.fate == Fate::Goes)
    }

    /// Reads all jobs that the filters mean.
    pub(super) fn stream(
        &self,
        repository: &mut dyn Repository,
        columns: ColumnSet,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let columns = columns.union(self.reads());
        Ok(repository.stream(&self.filter, None, columns, sink)?)
    }

    /// The same but for those that have not ended.
    pub(super) fn stream_ended(
        &self,
        repository: &mut dyn Repository,
        columns: ColumnSet,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let columns = columns.union(self.reads());
        let mut filter = self.filter.clone();
        let asks_for_states = filter.any_of.iter().any(|(key, _)| *key == Column::Status);
        if !asks_for_states {
            let running = Status::ALL.into_iter().filter(|status| !status.is_end());
            let words = running.map(|status| Some(status.word().to_owned()));
            filter.not_status.extend(words);
        }
        Ok(repository.stream(&filter, None, columns, sink)?)
    }

    /// Counts the jobs that would go, and, with the folder of the working folders, finds which of these are in use: by jobs
    /// that stay, or by these files.
    pub(super) fn survey(
        &self,
        repository: &mut dyn Repository,
        root: Option<(&ServiceFolder, &[PathBuf])>,
    ) -> Result<Survey> {
        let mut count = 0;
        let Some((root, own)) = root else {
            self.stream(repository, ColumnSet::NONE, &mut |job: &mut Job| {
                count += u64::from(self.verdict(job).fate == Fate::Goes);
                Ok(())
            })?;
            return Ok(Survey {
                count,
                in_use: None,
            });
        };
        let mut in_use = root.in_use();
        for file in own {
            let path = Value::Blob(file.as_os_str().as_bytes().to_vec());
            in_use.add("", &path);
        }
        let everything = Filter::default();
        let columns = self.reads().union(ColumnSet::of(&[Column::WorkingDir]));
        repository.stream(&everything, None, columns, &mut |job: &mut Job| {
            if self.goes(job) {
                count += 1
            } else {
                in_use.add(&job.id().to_string(), job.get(Column::WorkingDir))
            }
            Ok(())
        })?;
        Ok(Survey {
            count,
            in_use: Some(in_use),
        })
    }
}

/// Refuses where more jobs would go than `max`. Those whose folder cannot be removed do not go, and are looked for only
/// where it matters.
pub(super) fn check_max(
    max: Option<u64>,
    survey: &Survey,
    selection: &CleanupSelection,
    repository: &mut dyn Repository,
    root: Option<&ServiceFolder>,
) -> Result<()> {
    let mut count = survey.count;
    if let (Some(max), Some(root), Some(in_use)) = (max, root, &survey.in_use)
        && count > max
    {
        let columns = ColumnSet::of(&[Column::WorkingDir]);
        let mut look = Unhurried::new(|job: Job| {
            let id = job.id().to_string();
            let goes = selection.verdict(&job).fate == Fate::Goes;
            if goes && root.is_stuck(&id, job.get(Column::WorkingDir), in_use) {
                count -= 1;
            }
            Ok(())
        });
        selection.stream(repository, columns, &mut look)?;
    }
    consent::check_max(max, count)
}

/// The jobs that stay: their number by reason, and some of those that somebody should look at.
#[derive(Debug, Default)]
pub(super) struct StayingJobs {
    pub(super) counts: BTreeMap<Stay, u64>,
    pub(super) odd: BTreeMap<Stay, Vec<JobId>>,
    /// The names of some without an id.
    pub(super) nameless: Vec<RowName>,
}

/// The most odd jobs that are named.
const NAMED: usize = 10;

impl StayingJobs {
    pub(super) fn note(&mut self, job: &Job, why: Stay) {
        *self.counts.entry(why).or_default() += 1;
        if why.is_odd() && why != Stay::NoId {
            let named = self.odd.entry(why).or_default();
            if named.len() < NAMED {
                named.push(job.id());
            }
        }
    }
}
