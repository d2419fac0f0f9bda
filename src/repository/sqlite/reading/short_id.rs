//! The id of a row that waits to be sorted, in little memory.

use std::cmp::Ordering;

use crate::job::{JobId, Value};

/// An id as it is stored; nearly all are UUIDs, which take 16 bytes here.
#[derive(Debug)]
pub(in crate::repository::sqlite) enum ShortId {
    Uuid(u128),
    Other(Box<Value>),
}

impl ShortId {
    pub(in crate::repository::sqlite) fn of(id: &Value) -> ShortId {
        match id {
            Value::Text(text) => match JobId::new(text) {
                JobId::Uuid(uuid) => ShortId::Uuid(uuid.as_u128()),
                _ => ShortId::Other(Box::new(id.clone())),
            },
            other => ShortId::Other(Box::new(other.clone())),
        }
    }

    /// The order in which SQLite sorts them. UUIDs in their one spelling sort as their numbers.
    pub(in crate::repository::sqlite) fn sort_cmp(&self, other: &ShortId) -> Ordering {
        match (self, other) {
            (ShortId::Uuid(a), ShortId::Uuid(b)) => a.cmp(b),
            (a, b) => a.value().sort_cmp(&b.value()),
        }
    }

    pub(in crate::repository::sqlite) fn value(&self) -> Value {
        match self {
            ShortId::Uuid(number) => JobId::Uuid(uuid::Uuid::from_u128(*number)).to_value(),
            ShortId::Other(value) => (**value).clone(),
        }
    }
}
