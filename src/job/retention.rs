//! Which ended jobs have been kept long enough (DESIGN section 5). A job goes only if every rule lets it go.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::columns::{Column, ColumnSet};
use super::status::Status;
use super::value::Value;
use super::{Job, JobId};
use crate::time::{self, Instant};

/// How long the jobs of a state, and perhaps of one type, are kept; None is for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct Keep {
    pub status: Status,
    pub job_type: Option<String>,
    pub age: Option<Duration>,
}

impl Keep {
    /// `completed=7d`, `failed:script2video=never`.
    pub fn parse(text: &str) -> Result<Keep, String> {
        const FORM: &str = "write STATUS[:TYPE]=AGE or =never, such as failed:script2video=90d";
        let (what, age) = text.split_once('=').ok_or(FORM)?;
        let (word, job_type) = match what.split_once(':') {
            Some((word, job_type)) if !job_type.is_empty() => (word, Some(job_type.to_owned())),
            Some(_) => return Err(FORM.to_owned()),
            None => (what, None),
        };
        let status = Status::parse(word).filter(|status| status.is_end());
        let status = status.ok_or_else(|| {
            format!("\"{word}\" is not an end state: completed, failed or cancelled; {FORM}")
        })?;
        let age = match age {
            "never" => None,
            age => Some(time::parse_duration(age)?),
        };
        Ok(Keep {
            status,
            job_type,
            age,
        })
    }
}

/// The whole policy of a run.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    pub keep: Vec<Keep>,
    /// The age for the states that no `keep` names.
    pub older_than: Option<Duration>,
    /// The newest so many of each state and type stay.
    pub keep_last: Option<usize>,
}

/// Why a job stays, or that it goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    Goes { age: Duration, rule: String },
    Stays(Stay),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stay {
    NotEnded,
    /// A status that nobody knows, or none: never removed.
    UnknownStatus,
    NoRule,
    Young,
    Never,
    AmongLast,
    /// The deciding time is missing or cannot be read.
    UnreadableTime,
    /// The deciding time lies in the future.
    Future,
}

impl Policy {
    pub fn is_empty(&self) -> bool {
        self.keep.is_empty() && self.older_than.is_none() && self.keep_last.is_none()
    }

    /// What `judge` looks at.
    pub const READS: ColumnSet = ColumnSet::of(&[
        Column::Id,
        Column::JobType,
        Column::Status,
        Column::CreatedAt,
        Column::UpdatedAt,
        Column::CompletedAt,
    ]);

    pub fn judge(&self, job: &Job, now: Instant, last: &Newest) -> Fate {
        let Some(status) = job.status() else {
            return Fate::Stays(Stay::UnknownStatus);
        };
        if !status.is_end() {
            return Fate::Stays(Stay::NotEnded);
        }
        let Some(at) = job.deciding_time() else {
            return Fate::Stays(Stay::UnreadableTime);
        };
        let Ok(age) = (now - at).to_std() else {
            return Fate::Stays(Stay::Future);
        };
        let (limit, rule) = match self.rule_for(status, job.get(Column::JobType)) {
            Ok(rule) => rule,
            Err(stay) => return Fate::Stays(stay),
        };
        if age <= limit {
            Fate::Stays(Stay::Young)
        } else if last.holds(job, status, at) {
            Fate::Stays(Stay::AmongLast)
        } else {
            Fate::Goes { age, rule }
        }
    }

    /// The most specific rule wins: state and type, then state, then `--older-than`.
    fn rule_for(&self, status: Status, job_type: &Value) -> Result<(Duration, String), Stay> {
        let named = self
            .keep
            .iter()
            .filter(|keep| keep.status == status)
            .filter(|keep| match &keep.job_type {
                None => true,
                some => some.as_deref() == job_type.as_str(),
            })
            .max_by_key(|keep| keep.job_type.is_some());
        if let Some(keep) = named {
            let age = keep.age.ok_or(Stay::Never)?;
            let job_type = keep.job_type.as_ref().map(|t| format!(":{t}"));
            return Ok((
                age,
                format!("--keep {}{}", status.word(), job_type.unwrap_or_default()),
            ));
        }
        match (self.older_than, self.keep_last) {
            (Some(age), _) => Ok((age, "--older-than".to_owned())),
            (None, Some(_)) if self.keep.is_empty() => {
                Ok((Duration::ZERO, "--keep-last".to_owned()))
            }
            _ => Err(Stay::NoRule),
        }
    }
}

/// The newest N ended jobs of each state and type, gathered in one pass.
#[derive(Debug, Default)]
pub struct Newest {
    limit: usize,
    groups: HashMap<(Status, String), Group>,
}

/// The newest first.
type Group = BTreeSet<Reverse<(Instant, JobId)>>;

impl Newest {
    pub fn new(limit: Option<usize>) -> Newest {
        Newest {
            limit: limit.unwrap_or(0),
            groups: HashMap::new(),
        }
    }

    /// True when there is nothing to gather.
    pub fn is_idle(&self) -> bool {
        self.limit == 0
    }

    pub fn offer(&mut self, job: &Job) {
        let (Some(status), Some(at)) = (job.status(), job.deciding_time()) else {
            return;
        };
        if self.limit == 0 || !status.is_end() {
            return;
        }
        let group = self.groups.entry(group_key(job, status)).or_default();
        group.insert(Reverse((at, job.id())));
        if group.len() > self.limit {
            group.pop_last();
        }
    }

    /// Whether the job is among the newest, or newer than all of them (it ended after the pass).
    fn holds(&self, job: &Job, status: Status, at: Instant) -> bool {
        if self.limit == 0 {
            return false;
        }
        let Some(group) = self.groups.get(&group_key(job, status)) else {
            return true;
        };
        group.len() < self.limit
            || group
                .last()
                .is_none_or(|Reverse(oldest)| (at, job.id()) >= *oldest)
    }
}

fn group_key(job: &Job, status: Status) -> (Status, String) {
    (status, job.get(Column::JobType).display().into_owned())
}
