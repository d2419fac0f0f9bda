//! The changes of an update: columns and their new values.

use super::Job;
use super::columns::{Column, ColumnSet};
use super::value::Value;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes(Vec<(Column, Value)>);

impl Changes {
    /// Sets a column, replacing what these changes said of it before.
    pub fn set(&mut self, column: Column, value: impl Into<Value>) {
        let value = value.into();
        match self.0.iter_mut().find(|(set, _)| *set == column) {
            Some((_, old)) => *old = value,
            None => self.0.push((column, value)),
        }
    }

    pub fn get(&self, column: Column) -> Option<&Value> {
        self.0
            .iter()
            .find(|(set, _)| *set == column)
            .map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Column, &Value)> {
        self.0.iter().map(|(column, value)| (*column, value))
    }

    pub fn columns(&self) -> ColumnSet {
        let columns: Vec<Column> = self.0.iter().map(|(column, _)| *column).collect();
        ColumnSet::of(&columns)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Leaves out what the job holds already. SQL NULL and the text `null` of a JSON column mean the
    /// same, and a number equals itself whether stored as an integer or a real.
    pub fn drop_unchanged(&mut self, job: &Job) {
        self.0
            .retain(|(column, value)| !same(*column, value, job.get(*column)));
    }
}

/// Whether a column that holds `old` would hold the same after `new` was written. A number in a JSON column is
/// stored as a number, though it was text.
pub fn same(column: Column, new: &Value, old: &Value) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    match (new, old) {
        (Value::Text(text), Value::Integer(i)) if column.is_json() => {
            number(text) == Some(*i as f64)
        }
        (Value::Text(text), Value::Real(r)) if column.is_json() => number(text) == Some(*r),
        (Value::Integer(i), Value::Real(r)) | (Value::Real(r), Value::Integer(i)) => {
            *i as f64 == *r
        }
        _ if column.is_json() && new.is_null() => matches!(old.json(), Some(None)),
        _ => new == old,
    }
}
