//! Retention: rules say how long ended jobs are kept (DESIGN section 5). A job goes only if every rule lets it go.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::time::Duration;

use super::columns::{Column, ColumnSet};
use super::status::Status;
use super::value::Value;
use super::{Job, JobId};
use crate::time::{self, Instant};

/// The age to which jobs of a state, and perhaps of one type, are kept; None is for ever.
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

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status.word())?;
        if let Some(job_type) = &self.job_type {
            write!(f, ":{job_type}")?;
        }
        match self.age {
            Some(age) => write!(f, "={}", time::spell_duration(age)),
            None => f.write_str("=never"),
        }
    }
}

/// The whole policy of a run.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    pub keep: Vec<Keep>,
    /// The age for the states that no `keep` names.
    pub older_than: Option<Duration>,
    /// The number of newest jobs of each state and type that stay.
    pub keep_last: Option<usize>,
}

/// A judgement of a job, and what decided it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    pub fate: Fate,
    /// The rule that decided, or would have to let it go; None where no rule names the job.
    pub rule: Option<Rule>,
    /// None when the deciding time is missing, unreadable, or lies in the future.
    pub age: Option<Duration>,
    /// The column of the deciding time; None when none of the three columns holds a time from 2000 to tomorrow.
    pub column: Option<Column>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    Goes,
    Stays(Stay),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The index of a `--keep`.
    Keep(usize),
    OlderThan,
    KeepLast,
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
    /// The deciding time cannot be read, or there is none: all are NULL, or lie before 2000 or after tomorrow.
    UnreadableTime,
    /// The deciding time lies in the future.
    Future,
    /// It has no id, by which an archive could bring it back.
    NoId,
}

impl Stay {
    pub const ALL: [Stay; 9] = [
        Stay::NotEnded,
        Stay::UnknownStatus,
        Stay::NoRule,
        Stay::Young,
        Stay::Never,
        Stay::AmongLast,
        Stay::UnreadableTime,
        Stay::Future,
        Stay::NoId,
    ];

    /// Whether something is wrong with such a job, so that somebody should look at it.
    pub fn is_odd(self) -> bool {
        matches!(
            self,
            Stay::UnknownStatus | Stay::UnreadableTime | Stay::Future | Stay::NoId
        )
    }
}

impl Policy {
    pub fn is_empty(&self) -> bool {
        self.keep.is_empty() && self.older_than.is_none() && self.keep_last.is_none()
    }

    /// The columns that `judge` looks at.
    pub const READS: ColumnSet = ColumnSet::of(&[
        Column::Id,
        Column::JobType,
        Column::Status,
        Column::CreatedAt,
        Column::UpdatedAt,
        Column::CompletedAt,
    ]);

    pub fn judge(&self, job: &Job, now: Instant, last: &Newest) -> Verdict {
        let (column, at) = match job.deciding(now) {
            Some((column, at)) => (Some(column), at),
            None => {
                let column = job.future_column(now);
                (column, column.and_then(|column| job.time(column)))
            }
        };
        let age = at.and_then(|at| (now - at).to_std().ok());
        let verdict = |fate, rule| Verdict {
            fate,
            rule,
            age,
            column,
        };
        let stays = |why| verdict(Fate::Stays(why), None);
        let Some(status) = job.status() else {
            return stays(Stay::UnknownStatus);
        };
        if !status.is_end() {
            return stays(Stay::NotEnded);
        }
        if job.get(Column::Id).is_null() {
            return stays(Stay::NoId);
        }
        let Some(at) = at else {
            return stays(Stay::UnreadableTime);
        };
        let Some(age) = age else {
            return stays(Stay::Future);
        };
        let Some((rule, limit)) = self.rule_for(status, job.get(Column::JobType)) else {
            return stays(Stay::NoRule);
        };
        match limit {
            None => verdict(Fate::Stays(Stay::Never), Some(rule)),
            Some(limit) if age <= limit => verdict(Fate::Stays(Stay::Young), Some(rule)),
            Some(_) if last.holds(job, status, at) => {
                verdict(Fate::Stays(Stay::AmongLast), Some(Rule::KeepLast))
            }
            Some(_) => verdict(Fate::Goes, Some(rule)),
        }
    }

    /// The age of the rule that lets jobs go first.
    pub fn shortest_age(&self) -> Option<Duration> {
        let kept = self.keep.iter().filter_map(|keep| keep.age);
        kept.chain(self.older_than).min()
    }

    /// The rule as it was given: `--keep failed:script2video=never`.
    pub fn spell(&self, rule: Rule) -> String {
        match rule {
            Rule::Keep(index) => match self.keep.get(index) {
                Some(keep) => format!("--keep {keep}"),
                None => "--keep".to_owned(),
            },
            Rule::OlderThan => match self.older_than {
                Some(age) => format!("--older-than {}", time::spell_duration(age)),
                None => "--older-than".to_owned(),
            },
            Rule::KeepLast => match self.keep_last {
                Some(count) => format!("--keep-last {count}"),
                None => "--keep-last".to_owned(),
            },
        }
    }

    /// The most specific rule wins: state and type, then state, then `--older-than`. With its age; None is for ever.
    fn rule_for(&self, status: Status, job_type: &Value) -> Option<(Rule, Option<Duration>)> {
        let named = self
            .keep
            .iter()
            .enumerate()
            .filter(|(_, keep)| keep.status == status)
            .filter(|(_, keep)| match &keep.job_type {
                None => true,
                some => some.as_deref() == job_type.as_str(),
            })
            .max_by_key(|(_, keep)| keep.job_type.is_some());
        if let Some((index, keep)) = named {
            return Some((Rule::Keep(index), keep.age));
        }
        match (self.older_than, self.keep_last) {
            (Some(age), _) => Some((Rule::OlderThan, Some(age))),
            (None, Some(_)) if self.keep.is_empty() => Some((Rule::KeepLast, Some(Duration::ZERO))),
            _ => None,
        }
    }
}

/// The newest N ended jobs of each state and type, gathered in one pass. A job that stays because something is wrong
/// with it (it has no id, or its time cannot be read or lies in the future) does not count among them.
#[derive(Debug)]
pub struct Newest {
    limit: usize,
    now: Instant,
    groups: HashMap<(Status, String), Group>,
}

/// The ended jobs of one state and type, newest first.
type Group = BTreeSet<Reverse<(Instant, JobId)>>;

impl Newest {
    pub fn new(limit: Option<usize>, now: Instant) -> Newest {
        Newest {
            limit: limit.unwrap_or(0),
            now,
            groups: HashMap::new(),
        }
    }

    /// True when there is nothing to gather.
    pub fn is_idle(&self) -> bool {
        self.limit == 0
    }

    pub fn offer(&mut self, job: &Job) {
        let (Some(status), Some(at)) = (job.status(), job.deciding_time(self.now)) else {
            return;
        };
        if self.limit == 0 || !status.is_end() || at > self.now || job.get(Column::Id).is_null() {
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
