//! The key of a row that waits to be sorted: its value and its id, and the number by which the row is read.

use std::cmp::Ordering;
use std::mem::size_of;

use super::short_id::ShortId;
use crate::job::Value;
use crate::job::order::Order;
use crate::job::packed::{push_value, take_value};

const UUID: u8 = 1;
const OTHER: u8 = 0;

#[derive(Debug)]
pub(super) struct RowKey {
    pub(super) value: Value,
    pub(super) id: ShortId,
    pub(super) row: i64,
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
        size_of::<RowKey>() + self.value.capacity() + id
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
    }

    /// None where the bytes are none that `pack` made.
    pub(super) fn unpack(bytes: &[u8]) -> Option<RowKey> {
        let (row, mut bytes) = bytes.split_first_chunk()?;
        let value = take_value(&mut bytes).into();
        let (kind, mut bytes) = bytes.split_first()?;
        let id = match *kind {
            UUID => ShortId::Uuid(u128::from_le_bytes(*bytes.first_chunk()?)),
            _ => ShortId::Other(Box::new(take_value(&mut bytes).into())),
        };
        Some(RowKey {
            value,
            id,
            row: i64::from_le_bytes(*row),
        })
    }
}

pub(super) fn compare(order: Order, a: (&Value, &ShortId), b: (&Value, &ShortId)) -> Ordering {
    order.directed(a.0.sort_cmp(b.0).then_with(|| a.1.sort_cmp(b.1)))
}
