//! Rows as bytes, one behind the other in one piece of memory: how a long read hands them from its thread to another one. The thread
//! that reads copies them and does nothing else; the other makes jobs of them.

use std::sync::Arc;

use super::value::StoredValue;
use super::{Column, ColumnSet, Job, Value};

/// The names of unknown columns, in their order.
type Names = Arc<[Arc<str>]>;

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const REAL: u8 = 2;
const TEXT: u8 = 3;
const BLOB: u8 = 4;

/// Rows of the same columns, each value as `push_value` adds it.
#[derive(Debug, Default)]
pub struct PackedRows {
    columns: ColumnSet,
    others: Names,
    bytes: Vec<u8>,
}

impl PackedRows {
    pub fn has(&self, columns: ColumnSet, others: &Names) -> bool {
        self.columns == columns && (Arc::ptr_eq(&self.others, others) || self.others == *others)
    }

    /// Forgets all rows, but not the memory, and takes those of these columns from here on.
    pub fn begin(&mut self, columns: ColumnSet, others: &Names) {
        self.columns = columns;
        self.others = Arc::clone(others);
        self.bytes.clear();
    }

    /// Adds a value: those of the columns in the table's order, then those of the others, row by row.
    pub fn push(&mut self, value: StoredValue<'_>) {
        push_value(&mut self.bytes, value);
    }

    /// Adds a job's values of the columns and others that these rows have.
    pub fn push_job(&mut self, job: &Job) {
        let columns = self.columns;
        columns
            .iter()
            .for_each(|column| self.push(job.get(column).stored()));
        let others = Arc::clone(&self.others);
        for name in others.iter() {
            self.push(job.other(name).map_or(StoredValue::Null, Value::stored));
        }
    }

    /// The bytes of all rows.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes for which there is memory.
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

/// Adds a value to bytes: one that tells its kind and, but for NULL, eight more, the number or the length of what follows.
pub fn push_value(packed: &mut Vec<u8>, value: StoredValue<'_>) {
    let (kind, number, bytes): (u8, [u8; 8], &[u8]) = match value {
        StoredValue::Null => return packed.push(NULL),
        StoredValue::Integer(number) => (INTEGER, number.to_le_bytes(), &[]),
        StoredValue::Real(number) => (REAL, number.to_le_bytes(), &[]),
        StoredValue::Text(bytes) => (TEXT, bytes.len().to_le_bytes(), bytes),
        StoredValue::Blob(bytes) => (BLOB, bytes.len().to_le_bytes(), bytes),
    };
    packed.reserve(9 + bytes.len());
    packed.push(kind);
    packed.extend_from_slice(&number);
    packed.extend_from_slice(bytes);
}

/// Makes jobs of packed rows, one after the other in the same memory.
#[derive(Default)]
pub struct Unpacking {
    job: Job,
    /// The memory of texts whose place a NULL has taken.
    spare: Vec<String>,
}

impl Unpacking {
    /// Gives each row to `take`.
    pub fn each(&mut self, rows: &PackedRows, take: &mut dyn FnMut(&Job)) {
        let names = self.job.others().iter().map(|(name, _)| name);
        if !names.eq(rows.others.iter()) {
            let empty = |name: &Arc<str>| (Arc::clone(name), Value::Null);
            self.job.set_others(rows.others.iter().map(empty).collect());
        }
        let columns: Vec<Column> = rows.columns.iter().collect();
        let mut bytes = &rows.bytes[..];
        while !bytes.is_empty() {
            for column in &columns {
                let value = take_value(&mut bytes);
                refill(self.job.value_mut(*column), value, &mut self.spare);
            }
            for (_, slot) in self.job.others_mut() {
                refill(slot, take_value(&mut bytes), &mut self.spare);
            }
            take(&self.job);
        }
    }
}

fn refill(slot: &mut Value, value: StoredValue<'_>, spare: &mut Vec<String>) {
    match (&mut *slot, value) {
        (Value::Text(text), StoredValue::Null) => {
            spare.push(std::mem::take(text));
            *slot = Value::Null;
        }
        (Value::Null, StoredValue::Text(_)) => {
            *slot = Value::Text(spare.pop().unwrap_or_default());
            slot.refill(value);
        }
        _ => slot.refill(value),
    }
}

/// Takes the next value; NULL when there is none.
pub fn take_value<'a>(bytes: &mut &'a [u8]) -> StoredValue<'a> {
    let Some((kind, rest)) = bytes.split_first() else {
        return StoredValue::Null;
    };
    *bytes = rest;
    if *kind == NULL {
        return StoredValue::Null;
    }
    let Some((number, rest)) = rest.split_first_chunk() else {
        return StoredValue::Null;
    };
    *bytes = rest;
    match *kind {
        INTEGER => StoredValue::Integer(i64::from_le_bytes(*number)),
        REAL => StoredValue::Real(f64::from_le_bytes(*number)),
        kind => {
            let (content, rest) = rest.split_at(usize::from_le_bytes(*number));
            *bytes = rest;
            if kind == TEXT {
                StoredValue::Text(content)
            } else {
                StoredValue::Blob(content)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::Integer),
            any::<f64>().prop_map(Value::Real),
            "\\PC{0,20}".prop_map(Value::Text),
            Just(Value::BrokenText(vec![b'a', 0xff])),
            proptest::collection::vec(any::<u8>(), 0..9).prop_map(Value::Blob),
        ]
    }

    proptest! {
        #[test]
        fn jobs_come_out_as_they_went_in(
            rows in proptest::collection::vec(proptest::collection::vec(any_value(), Column::COUNT + 1), 0..6),
        ) {
            let others: Names = Arc::from([Arc::from("later")]);
            let jobs = rows.into_iter().map(|mut values| {
                let mut job = Job::default();
                job.set_others(vec![(Arc::from("later"), values.pop().unwrap_or_default())]);
                for (column, value) in Column::ALL.iter().zip(values) {
                    job.set(*column, value);
                }
                job
            });
            let jobs: Vec<Job> = jobs.collect();
            let mut packed = PackedRows::default();
            let mut unpacking = Unpacking::default();
            // In the memory of rows before, of other columns.
            packed.begin(ColumnSet::of(&[Column::Id]), &Names::default());
            jobs.iter().for_each(|job| packed.push_job(job));
            unpacking.each(&packed, &mut |_| {});
            packed.begin(ColumnSet::WHOLE, &others);
            jobs.iter().for_each(|job| packed.push_job(job));
            let mut out = Vec::new();
            unpacking.each(&packed, &mut |job| out.push(job.clone()));
            prop_assert_eq!(out, jobs);
        }
    }
}
