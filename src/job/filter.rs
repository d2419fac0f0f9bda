//! The filter of a command: one set of conditions for all, with one meaning. A repository may ask it of its database
//! in its own language, but `matches` is what that has to equal.

use super::Job;
use super::columns::{Column, ColumnSet};
use super::status::Status;
use super::value::Value;
use crate::time::Instant;

pub use crate::text::search::Needle;

/// A wanted value of a key; None stands for NULL.
pub type Word = Option<String>;

/// The spelling of NULL in a filter: `--series null`.
pub const NULL_WORD: &str = "null";

/// All conditions must hold; within one key any of the words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Column and accepted words.
    pub any_of: Vec<(Column, Vec<Word>)>,
    pub not_status: Vec<Word>,
    /// The earliest time of creation.
    pub since: Option<Instant>,
    /// The time before which it was created.
    pub until: Option<Instant>,
    /// The time before which the deciding time (`Job::deciding_time`) lies.
    pub aged_before: Option<Instant>,
    /// The time before which the last sign of life of a processing job lies.
    pub stuck_before: Option<Instant>,
    /// The time now: one later than the day after it is taken for none.
    pub now: Option<Instant>,
    /// A text in title, content or error, whatever the case.
    pub search: Option<Needle>,
}

/// The columns that `--search` looks into.
pub const SEARCHED: [Column; 3] = [Column::Title, Column::Content, Column::Error];

impl Filter {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        let nothing = Filter {
            now: self.now,
            ..Filter::default()
        };
        *self == nothing
    }

    /// The columns that `matches` reads.
    pub fn columns(&self) -> ColumnSet {
        let mut columns: Vec<Column> = self.any_of.iter().map(|(column, _)| *column).collect();
        let ages = [Column::CreatedAt, Column::UpdatedAt, Column::CompletedAt];
        if self.since.is_some() || self.until.is_some() {
            columns.push(Column::CreatedAt);
        }
        if self.aged_before.is_some() {
            columns.extend(ages);
        }
        if self.stuck_before.is_some() {
            columns.extend(ages);
            columns.push(Column::StartedAt);
        }
        if self.stuck_before.is_some() || !self.not_status.is_empty() {
            columns.push(Column::Status);
        }
        if self.search.is_some() {
            columns.extend(SEARCHED);
        }
        ColumnSet::of(&columns)
    }

    /// Whether nothing is asked for but a range of times of creation, if any.
    pub fn asks_for_creation_alone(&self) -> bool {
        let creation = Filter {
            since: self.since,
            until: self.until,
            now: self.now,
            ..Filter::default()
        };
        *self == creation
    }

    /// Whether nothing is asked for but that a job has none of some states.
    pub fn asks_for_left_out_states_alone(&self) -> bool {
        let states = Filter {
            not_status: self.not_status.clone(),
            now: self.now,
            ..Filter::default()
        };
        !self.not_status.is_empty() && *self == states
    }

    pub fn matches(&self, job: &Job) -> bool {
        let is_one_of = |column, words: &[Word]| {
            words.iter().any(|word| match (word, job.get(column)) {
                (None, Value::Null) => true,
                (Some(word), Value::Text(text)) => word == text,
                _ => false,
            })
        };
        let created = || job.time(Column::CreatedAt);
        self.any_of
            .iter()
            .all(|(column, words)| is_one_of(*column, words))
            && !is_one_of(Column::Status, &self.not_status)
            && self
                .since
                .is_none_or(|at| created().is_some_and(|t| t >= at))
            && self
                .until
                .is_none_or(|at| created().is_some_and(|t| t < at))
            && self
                .aged_before
                .is_none_or(|at| job.deciding_time(self.now).is_some_and(|t| t < at))
            && self.stuck_before.is_none_or(|at| {
                job.status() == Some(Status::Processing)
                    && job.last_sign(self.now).is_some_and(|t| t < at)
            })
            && self.search.as_ref().is_none_or(|needle| {
                SEARCHED
                    .iter()
                    .any(|column| holds(job.get(*column), needle))
            })
    }
}

fn holds(value: &Value, needle: &Needle) -> bool {
    match value {
        Value::Text(text) => needle.is_in(text.as_bytes()),
        Value::BrokenText(bytes) => needle.is_in(bytes),
        _ => false,
    }
}
