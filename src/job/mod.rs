//! One job as the table holds it. The service and older programs write values that no type of ours
//! would hold, so a job keeps each column as stored and its readers interpret; nothing is lost or refused.

pub mod any_column;
pub mod changes;
pub mod checkup;
pub mod columns;
pub mod comparison;
pub mod content;
pub mod encoded;
pub mod filter;
pub mod fitting;
pub mod form;
pub mod id;
pub mod order;
pub mod originals;
pub mod packed;
pub mod retention;
pub mod row;
pub mod statistics;
pub mod status;
pub mod transition;
pub mod value;

pub use any_column::AnyColumn;
pub use changes::Changes;
pub use columns::{Column, ColumnSet};
pub use filter::Filter;
pub use id::{IdSet, JobId};
pub use packed::PackedRows;
pub use status::Status;
pub use value::Value;

use std::sync::Arc;

use chrono::TimeDelta;

use crate::time::{self, Instant};

/// The columns that the age of a job is measured from: the first that holds a time.
pub const DECIDING: [Column; 3] = [Column::CompletedAt, Column::UpdatedAt, Column::CreatedAt];

/// The columns of a running job's last sign of life: the first that holds a time.
pub const SIGNS: [Column; 3] = [Column::UpdatedAt, Column::StartedAt, Column::CreatedAt];

/// A row, or the part of it that was asked for: a column that was not read is NULL here.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    values: [Value; Column::COUNT],
    /// The values of unknown columns, by name; empty where the table has none, or nobody asked.
    others: Vec<(Arc<str>, Value)>,
    /// Columns that the row form lacked from which it was read. They are NULL here, and in a row of its id that is there they
    /// stay as they are.
    lacking: ColumnSet,
}

impl Default for Job {
    fn default() -> Self {
        Job {
            values: [const { Value::Null }; Column::COUNT],
            others: Vec::new(),
            lacking: ColumnSet::NONE,
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

    pub fn value_mut(&mut self, column: Column) -> &mut Value {
        &mut self.values[column as usize]
    }

    /// All values in the table's order.
    pub fn values(&self) -> &[Value; Column::COUNT] {
        &self.values
    }

    /// The unknown columns with their values.
    pub fn others(&self) -> &[(Arc<str>, Value)] {
        &self.others
    }

    /// The value of an unknown column; None where it was not read, or the table has none.
    pub fn other(&self, name: &str) -> Option<&Value> {
        let mut others = self.others.iter();
        others
            .find(|(other, _)| **other == *name)
            .map(|(_, value)| value)
    }

    /// Keeps of the unknown columns those that are among these, in their order.
    pub fn keep_others(&mut self, columns: &[AnyColumn]) {
        let index = |name: &str| {
            let is_it =
                |column: &AnyColumn| matches!(column, AnyColumn::Other(it) if **it == *name);
            columns.iter().position(is_it)
        };
        self.others.retain(|(name, _)| index(name).is_some());
        self.others.sort_by_key(|(name, _)| index(name));
    }

    pub fn others_mut(&mut self) -> &mut Vec<(Arc<str>, Value)> {
        &mut self.others
    }

    pub fn set_others(&mut self, others: Vec<(Arc<str>, Value)>) {
        self.others = others;
    }

    /// The columns that its row form lacked.
    pub fn lacking(&self) -> ColumnSet {
        self.lacking
    }

    pub fn set_lacking(&mut self, columns: ColumnSet) {
        self.lacking = columns;
    }

    /// The columns that it does not lack, with their values.
    pub fn said(&self) -> impl Iterator<Item = (Column, &Value)> {
        let columns = Column::ALL.iter().copied().zip(&self.values);
        columns.filter(|(column, _)| !self.lacking.contains(*column))
    }

    /// The memory that it takes, about, in bytes.
    pub fn size(&self) -> usize {
        let other = |(name, value): &(Arc<str>, Value)| name.len() + value.length();
        size_of::<Job>()
            + self.values.iter().map(Value::length).sum::<usize>()
            + self.others.iter().map(other).sum::<usize>()
    }

    /// The memory that it holds, about, in bytes: what `size` counts, and what its values could grow into.
    pub fn memory(&self) -> usize {
        let other = |(name, value): &(Arc<str>, Value)| name.len() + value.capacity();
        size_of::<Job>()
            + self.values.iter().map(Value::capacity).sum::<usize>()
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

    /// A stored time that ages are reckoned with; None as well when it lies before 2000 or after tomorrow.
    pub fn likely_time(&self, column: Column, now: impl Into<Option<Instant>>) -> Option<Instant> {
        let now = now.into();
        self.time(column).filter(|at| time::is_likely(*at, now))
    }

    /// The first of these columns that is neither NULL nor a time before 2000 or after tomorrow, with its time. One that cannot
    /// be read says nothing of the next.
    fn first_of(
        &self,
        columns: [Column; 3],
        now: Option<Instant>,
    ) -> Option<(Column, Option<Instant>)> {
        let held = columns
            .into_iter()
            .filter(|column| !self.get(*column).is_null());
        held.map(|column| (column, self.time(column)))
            .find(|(_, at)| at.is_none_or(|at| time::is_likely(at, now)))
    }

    /// The column from which the age is measured, with its time; None there when it cannot be read.
    pub fn deciding(&self, now: impl Into<Option<Instant>>) -> Option<(Column, Option<Instant>)> {
        self.first_of(DECIDING, now.into())
    }

    /// The column from which the age is measured (DESIGN section 5): `completed_at`, else `updated_at`,
    /// else `created_at`; None when none of the three holds a time.
    pub fn deciding_column(&self, now: impl Into<Option<Instant>>) -> Option<Column> {
        Some(self.deciding(now)?.0)
    }

    /// The first of the deciding columns that is not NULL, if no column decides and it lies in the future.
    pub fn future_column(&self, now: Instant) -> Option<Column> {
        let first = DECIDING.into_iter().find(|it| !self.get(*it).is_null())?;
        self.time(first).is_some_and(|at| at > now).then_some(first)
    }

    /// The time from which the age is measured; None when there is none or it cannot be read.
    pub fn deciding_time(&self, now: impl Into<Option<Instant>>) -> Option<Instant> {
        self.deciding(now)?.1
    }

    /// The last sign of life of a running job.
    pub fn last_sign(&self, now: impl Into<Option<Instant>>) -> Option<Instant> {
        self.first_of(SIGNS, now.into())?.1
    }

    /// The time that it ran, or has been running by `now`; None when it never started.
    pub fn duration(&self, now: Instant) -> Option<TimeDelta> {
        let start = self.likely_time(Column::StartedAt, now)?;
        let is_empty = self.get(Column::CompletedAt).is_null()
            || self
                .time(Column::CompletedAt)
                .is_some_and(|at| !time::is_likely(at, Some(now)));
        let end = if is_empty && self.status() == Some(Status::Processing) {
            now
        } else {
            self.likely_time(Column::CompletedAt, now)?
        };
        Some(end - start)
    }

    pub fn age(&self, now: Instant) -> Option<TimeDelta> {
        Some(now - self.likely_time(Column::CreatedAt, now)?)
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
