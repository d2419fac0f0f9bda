//! One job as the table holds it. The service and older programs write values that no type of ours
//! would hold, so a job keeps each column as stored and its readers interpret; nothing is lost or refused.

pub mod changes;
pub mod columns;
pub mod content;
pub mod filter;
pub mod id;
pub mod invalid;
pub mod json;
pub mod order;
pub mod retention;
pub mod statistics;
pub mod status;
pub mod transition;
pub mod value;

pub use changes::Changes;
pub use columns::{Column, ColumnSet};
pub use filter::Filter;
pub use id::{IdSet, JobId};
pub use status::Status;
pub use value::Value;

use std::sync::Arc;

use chrono::TimeDelta;

use crate::time::{self, Instant};

/// A row, or the part of it that was asked for: a column that was not read is NULL here.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    values: [Value; Column::COUNT],
    /// What stands in columns that are not known, by name; empty where the table has none, or nobody asked.
    others: Vec<(Arc<str>, Value)>,
}

impl Default for Job {
    fn default() -> Self {
        Job {
            values: [const { Value::Null }; Column::COUNT],
            others: Vec::new(),
        }
    }
}

impl Job {
    pub fn get(&self, column: Column) -> &Value {
        &self.values[column as usize]
    }

    pub fn set(&mut self, column: Column, value: impl Into<Value>) {
        self.values[column as usize] = value.into();
    }

    pub fn with(mut self, column: Column, value: impl Into<Value>) -> Self {
        self.set(column, value);
        self
    }

    /// All values in the table's order.
    pub fn values(&self) -> &[Value; Column::COUNT] {
        &self.values
    }

    /// The columns that are not known, and what stands there.
    pub fn others(&self) -> &[(Arc<str>, Value)] {
        &self.others
    }

    pub fn set_others(&mut self, others: Vec<(Arc<str>, Value)>) {
        self.others = others;
    }

    /// About how much memory it takes.
    pub fn size(&self) -> usize {
        let other = |(name, value): &(Arc<str>, Value)| name.len() + value.length();
        size_of::<Job>()
            + self.values.iter().map(Value::length).sum::<usize>()
            + self.others.iter().map(other).sum::<usize>()
    }

    pub fn id(&self) -> JobId {
        JobId::from_value(self.get(Column::Id))
    }

    /// The status, None when it is NULL or a word that nobody knows.
    pub fn status(&self) -> Option<Status> {
        Status::of(self.get(Column::Status))
    }

    /// A stored time; None when NULL or unreadable.
    pub fn time(&self, column: Column) -> Option<Instant> {
        self.get(column).time()
    }

    pub fn number(&self, column: Column) -> Option<f64> {
        match self.get(column) {
            Value::Integer(i) => Some(*i as f64),
            Value::Real(r) => Some(*r),
            _ => None,
        }
    }

    pub fn integer(&self, column: Column) -> Option<i64> {
        match self.get(column) {
            Value::Integer(i) => Some(*i),
            Value::Real(r) if r.fract() == 0.0 && r.abs() < 9e15 => Some(*r as i64),
            _ => None,
        }
    }

    /// The column from which the age is measured (DESIGN section 5): `completed_at`, else `updated_at`,
    /// else `created_at`; None when all three are NULL.
    pub fn deciding_column(&self) -> Option<Column> {
        [Column::CompletedAt, Column::UpdatedAt, Column::CreatedAt]
            .into_iter()
            .find(|column| !self.get(*column).is_null())
    }

    /// The time from which the age is measured; None when there is none or it cannot be read.
    pub fn deciding_time(&self) -> Option<Instant> {
        self.time(self.deciding_column()?)
    }

    /// The last sign of life of a running job.
    pub fn last_sign(&self) -> Option<Instant> {
        [Column::UpdatedAt, Column::StartedAt, Column::CreatedAt]
            .into_iter()
            .find(|column| !self.get(*column).is_null())
            .and_then(|column| self.time(column))
    }

    /// How long it ran, or has been running by `now`; None when it never started.
    pub fn duration(&self, now: Instant) -> Option<TimeDelta> {
        let start = self.time(Column::StartedAt)?;
        let end = match self.get(Column::CompletedAt) {
            Value::Null if self.status() == Some(Status::Processing) => now,
            _ => self.time(Column::CompletedAt)?,
        };
        Some(end - start)
    }

    pub fn age(&self, now: Instant) -> Option<TimeDelta> {
        Some(now - self.time(Column::CreatedAt)?)
    }

    pub fn apply(&mut self, changes: &Changes) {
        for (column, value) in changes.iter() {
            self.set(column, value.clone());
        }
    }
}

/// Stamps a time into a column in the stored form.
pub fn stamp(at: Instant) -> Value {
    Value::Text(time::stored(at))
}
