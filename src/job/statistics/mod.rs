//! Statistics of many jobs. Jobs come one at a time and are not kept: what stays of each are its
//! durations, 8 bytes apiece, for percentiles are exact. Rows that the service would not write are counted as such.

mod durations;
mod errors;
mod keys;
mod shape;

pub use durations::{Durations, Summary, percentile};
pub use errors::TopError;
pub use keys::Key;
pub use shape::fold;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;

use self::errors::Errors;
use self::keys::{ByKey, told_before};
use super::{Column, ColumnSet, Job, JobId, Status};
use crate::time::{self, Instant, Zone};

/// The key by which jobs are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    Status,
    Type,
    Mode,
    Style,
    /// The day of creation
    Day,
}

impl By {
    pub fn word(self) -> &'static str {
        match self {
            By::Status => "status",
            By::Type => "type",
            By::Mode => "mode",
            By::Style => "style",
            By::Day => "day",
        }
    }

    /// The column that holds the key; a day is made of one.
    fn column(self) -> Column {
        match self {
            By::Status => Column::Status,
            By::Type => Column::JobType,
            By::Mode => Column::Mode,
            By::Style => Column::Style,
            By::Day => Column::CreatedAt,
        }
    }
}

/// The terms of a count.
#[derive(Clone, Debug)]
pub struct StatisticsTerms {
    pub now: Instant,
    /// The zone in which a day begins at midnight.
    pub zone: Zone,
    /// The time without a sign of life after which a processing job is stuck.
    pub stuck_after: Duration,
    pub by: Option<By>,
    /// The most error messages that are told.
    pub top: usize,
}

impl StatisticsTerms {
    /// The columns that are read of jobs.
    pub fn reads(&self) -> ColumnSet {
        let columns = ColumnSet::of(&[
            Column::Id,
            Column::JobType,
            Column::Status,
            Column::Error,
            Column::CreatedAt,
            Column::UpdatedAt,
            Column::StartedAt,
            Column::CompletedAt,
        ]);
        match self.by {
            Some(by) => columns.union(ColumnSet::of(&[by.column()])),
            None => columns,
        }
    }
}

/// The most stuck jobs that are named.
const NAMED: usize = 5;

/// A count that takes jobs one by one.
pub struct Counting {
    terms: StatisticsTerms,
    stuck_before: Option<Instant>,
    total: u64,
    by_status: ByKey<u64>,
    by_type: ByKey<u64>,
    groups: ByKey<Gathered>,
    queue_wait: Durations,
    run: Durations,
    per_day: BTreeMap<NaiveDate, Day>,
    oldest_queued: Option<(Instant, JobId)>,
    stuck: u64,
    /// The stuck jobs without a sign of life for longest, in that order.
    longest_stuck: Vec<(Instant, JobId)>,
    errors: Errors,
    foreign: Foreign,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    pub jobs: u64,
    pub failed: u64,
}

/// Jobs that the service would not leave so; one job may be several of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Foreign {
    pub unknown_status: u64,
    pub unreadable_time: u64,
    /// Times before 2000, or after tomorrow: taken for none.
    pub unlikely_time: u64,
    pub no_created_at: u64,
    /// Jobs that started before they were created, or ended before they started; no duration is taken of them.
    pub clock_went_back: u64,
}

#[derive(Clone, Debug, Default)]
struct Gathered {
    count: u64,
    completed: u64,
    failed: u64,
    run: Durations,
}

impl Counting {
    pub fn new(terms: StatisticsTerms) -> Counting {
        Counting {
            stuck_before: time::before(terms.now, terms.stuck_after),
            total: 0,
            by_status: ByKey::of_statuses(),
            by_type: ByKey::default(),
            groups: match terms.by {
                Some(By::Status) => ByKey::of_statuses(),
                _ => ByKey::default(),
            },
            terms,
            queue_wait: Durations::default(),
            run: Durations::default(),
            per_day: BTreeMap::new(),
            oldest_queued: None,
            stuck: 0,
            longest_stuck: Vec::new(),
            errors: Errors::default(),
            foreign: Foreign::default(),
        }
    }

    pub fn add(&mut self, job: &Job) {
        let status = job.status();
        let failed = status == Some(Status::Failed);
        self.total += 1;
        *self.by_status.of(job.get(Column::Status)) += 1;
        *self.by_type.of(job.get(Column::JobType)) += 1;
        self.foreign.unknown_status += u64::from(status.is_none());

        let now = self.terms.now;
        let (mut unreadable, mut unlikely) = (false, false);
        let mut read = |column| {
            let value = job.get(column);
            let at = value.time();
            unreadable |= at.is_none() && !value.is_null();
            let likely = at.filter(|at| time::is_likely(*at, Some(now)));
            unlikely |= likely != at;
            likely
        };
        let created = read(Column::CreatedAt);
        let started = read(Column::StartedAt);
        let completed = read(Column::CompletedAt);
        read(Column::UpdatedAt);
        self.foreign.unreadable_time += u64::from(unreadable);
        self.foreign.unlikely_time += u64::from(unlikely);
        self.foreign.no_created_at += u64::from(job.get(Column::CreatedAt).is_null());

        let ended = completed.filter(|_| status.is_some_and(Status::is_end));
        let wait = between(created, started);
        let run = between(started, ended);
        let went_back = [wait, run].iter().flatten().any(|micros| *micros < 0);
        self.foreign.clock_went_back += u64::from(went_back);
        let run = run.filter(|micros| *micros >= 0);
        if let Some(wait) = wait.filter(|micros| *micros >= 0) {
            self.queue_wait.push(wait);
        }
        if let Some(run) = run {
            self.run.push(run);
        }

        let date = created.map(|at| self.terms.zone.to_local(at).date());
        if let Some(date) = date {
            let day = self.per_day.entry(date).or_default();
            day.jobs += 1;
            day.failed += u64::from(failed);
        }
        match (status, created) {
            (Some(Status::Queued), Some(created)) => self.queued(job, created),
            (Some(Status::Processing), _) => self.processing(job),
            (Some(Status::Failed), _) => self.errors.push(job, created),
            _ => {}
        }
        if let Some(by) = self.terms.by {
            let group = match (by, date) {
                (By::Day, Some(date)) => self.groups.word(&date.to_string()),
                (by, _) => self.groups.of(job.get(by.column())),
            };
            group.count += 1;
            group.completed += u64::from(status == Some(Status::Completed));
            group.failed += u64::from(failed);
            if let Some(run) = run {
                group.run.push(run);
            }
        }
    }

    fn queued(&mut self, job: &Job, created: Instant) {
        let oldest = self.oldest_queued.as_ref();
        if oldest.is_none_or(|(at, id)| created < *at || (created == *at && job.id() < *id)) {
            self.oldest_queued = Some((created, job.id()));
        }
    }

    /// Counts a running job as stuck where the filter `--stuck` would.
    fn processing(&mut self, job: &Job) {
        let Some(sign) = job.last_sign(self.terms.now) else {
            return;
        };
        if self.stuck_before.is_none_or(|before| sign >= before) {
            return;
        }
        self.stuck += 1;
        let found = (sign, job.id());
        let index = self.longest_stuck.partition_point(|other| *other < found);
        if index < NAMED {
            self.longest_stuck.truncate(NAMED - 1);
            self.longest_stuck.insert(index, found);
        }
    }

    pub fn finish(self) -> Statistics {
        let (top_errors, other_errors) = self.errors.top(self.terms.top);
        let groups = self.terms.by.map(|by| (by, groups(by, self.groups)));
        Statistics {
            now: self.terms.now,
            total: self.total,
            by_status: counts(self.by_status),
            by_type: counts(self.by_type),
            queue_wait: self.queue_wait.summarize(),
            run: self.run.summarize(),
            per_day: self.per_day,
            oldest_queued: self.oldest_queued,
            stuck: Stuck {
                count: self.stuck,
                longest: self.longest_stuck,
                after: self.terms.stuck_after,
            },
            top_errors,
            other_errors,
            foreign: self.foreign,
            groups,
        }
    }
}

fn between(from: Option<Instant>, to: Option<Instant>) -> Option<i64> {
    (to? - from?).num_microseconds()
}

fn counts(counts: ByKey<u64>) -> Vec<(Key, u64)> {
    let mut counts: Vec<(Key, u64)> = counts.into_entries().collect();
    counts.sort_by(|a, b| told_before((&a.0, a.1), (&b.0, b.1)));
    counts
}

fn groups(by: By, gathered: ByKey<Gathered>) -> Vec<Group> {
    let mut groups: Vec<Group> = gathered
        .into_entries()
        .map(|(key, gathered)| Group {
            key,
            count: gathered.count,
            completed: gathered.completed,
            failed: gathered.failed,
            run_p50: gathered.run.summarize().p50,
        })
        .collect();
    groups.sort_by(|a, b| match by {
        By::Day => a.key.text().cmp(b.key.text()),
        _ => told_before((&a.key, a.count), (&b.key, b.count)),
    });
    groups
}

/// The statistics of all jobs that were counted.
#[derive(Clone, Debug)]
pub struct Statistics {
    pub now: Instant,
    pub total: u64,
    /// The count of each status, those of the service always among them.
    pub by_status: Vec<(Key, u64)>,
    pub by_type: Vec<(Key, u64)>,
    pub queue_wait: Summary,
    pub run: Summary,
    /// The counts of each day on which jobs were created.
    pub per_day: BTreeMap<NaiveDate, Day>,
    pub oldest_queued: Option<(Instant, JobId)>,
    pub stuck: Stuck,
    pub top_errors: Vec<TopError>,
    /// Failures whose message is none of the top ones.
    pub other_errors: u64,
    pub foreign: Foreign,
    pub groups: Option<(By, Vec<Group>)>,
}

#[derive(Clone, Debug)]
pub struct Stuck {
    pub count: u64,
    /// The longest stuck, at most five, with their last sign of life.
    pub longest: Vec<(Instant, JobId)>,
    pub after: Duration,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub key: Key,
    pub count: u64,
    pub completed: u64,
    pub failed: u64,
    pub run_p50: Option<i64>,
}

impl Group {
    pub fn success_rate(&self) -> Option<f64> {
        success_rate(self.completed, self.failed)
    }
}

impl Statistics {
    pub fn of_status(&self, status: Status) -> u64 {
        let found = self
            .by_status
            .iter()
            .find(|(key, _)| key.status() == Some(status));
        found.map_or(0, |(_, count)| *count)
    }

    /// The share of completed jobs among those that completed or failed; cancelled ones are neither.
    pub fn success_rate(&self) -> Option<f64> {
        success_rate(
            self.of_status(Status::Completed),
            self.of_status(Status::Failed),
        )
    }

    pub fn ended(&self) -> u64 {
        Status::END
            .iter()
            .map(|status| self.of_status(*status))
            .sum()
    }
}

fn success_rate(completed: u64, failed: u64) -> Option<f64> {
    let both = completed + failed;
    (both > 0).then(|| completed as f64 / both as f64)
}
