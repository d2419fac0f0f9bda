//! The key of a row that waits to be sorted: its value and its id, the number by which the row is read, and the few bytes that are
//! wanted of it beside these, so that it need not be read again.

use std::cmp::Ordering;
use std::mem::size_of;

use super::short_id::ShortId;
use crate::job::order::Order;
use crate::job::packed::{push_value, take_value};
use crate::job::{ColumnSet, Job, Value};

const UUID: u8 = 1;
const OTHER: u8 = 0;

const CARRIES: u8 = 1;
const CARRIES_NOTHING: u8 = 0;

/// The most bytes that a key carries.
const MOST_CARRIED: usize = 128;

#[derive(Debug)]
pub(super) struct RowKey {
    pub(super) value: Value,
    pub(super) id: ShortId,
    pub(super) row: i64,
    /// What is wanted of the row beside its value and its id; None where that is too long to be carried.
    pub(super) carried: Option<Box<[u8]>>,
}

/// Packs the values of these columns of a job, as a key carries them.
pub(super) fn carried(job: &Job, columns: ColumnSet) -> Option<Box<[u8]>> {
    let mut packed = Vec::new();
    for column in columns.iter() {
        push_value(&mut packed, job.get(column).stored());
        if packed.len() > MOST_CARRIED {
            return None;
        }
    }
    Some(packed.into_boxed_slice())
}

/// Puts back into a job what `carried` has packed.
pub(super) fn put_back(mut packed: &[u8], columns: ColumnSet, job: &mut Job) {
    for column in columns.iter() {
        job.value_mut(column).refill(take_value(&mut packed));
    }
}

impl RowKey {
    pub(super) fn compare(&self, order: Order, other: &RowKey) -> Ordering {
        compare(order, (&self.value, &self.id), (&other.value, &other.id))
    }

    /// The memory that it takes, about, in bytes.
    pub(super) fn size(&self) -> usize {
        let id = match &self.id {
            ShortId::Uuid(_) => 0,
            ShortId::Other(value) => size_of::<Value>() + value.capacity(),
        };
        let carried = self.carried.as_ref().map_or(0, |carried| carried.len());
        size_of::<RowKey>() + self.value.capacity() + id + carried
    }

    /// Adds it to bytes, from which `unpack` makes it again.
    pub(super) fn pack(&self, packed: &mut Vec<u8>) {
        packed.extend_from_slice(&self.row.to_le_bytes());
        push_value(packed, self.value.stored());
        match &self.id {
            ShortId::Uuid(number) => {
                packed.push(UUID);
                packed.extend_from_slice(&number.to_le_bytes());
            }
            ShortId::Other(value) => {
                packed.push(OTHER);
                push_value(packed, value.stored());
            }
        }
        match &self.carried {
            Some(carried) => {
                packed.push(CARRIES);
                packed.extend_from_slice(carried);
            }
            None => packed.push(CARRIES_NOTHING),
        }
    }

    /// None where the bytes are none that `pack` made.
    pub(super) fn unpack(bytes: &[u8]) -> Option<RowKey> {
        let (row, mut bytes) = bytes.split_first_chunk()?;
        let value = take_value(&mut bytes).into();
        let (kind, mut bytes) = bytes.split_first()?;
        let id = match *kind {
            UUID => {
                let (number, rest) = bytes.split_first_chunk()?;
                bytes = rest;
                ShortId::Uuid(u128::from_le_bytes(*number))
            }
            _ => ShortId::Other(Box::new(take_value(&mut bytes).into())),
        };
        let (kind, bytes) = bytes.split_first()?;
        Some(RowKey {
            value,
            id,
            row: i64::from_le_bytes(*row),
            carried: (*kind == CARRIES).then(|| bytes.into()),
        })
    }
}

pub(super) fn compare(order: Order, a: (&Value, &ShortId), b: (&Value, &ShortId)) -> Ordering {
    order.directed(a.0.sort_cmp(b.0).then_with(|| a.1.sort_cmp(b.1)))
}
