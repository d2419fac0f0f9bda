//! The form of kept rows: many changes in one piece, every value with the type that it has in the file, packed as a whole.
//! The layout is said here alone; a version byte begins it, so that a later one can differ.

use std::sync::Arc;

use super::hash::{RowHash, hash};
use crate::job::value::StoredValue;
use crate::job::{Column, Value};

/// The layout: the columns of the report, then others by name, then the changes. The version says which hash is kept of a row.
pub(super) const VERSION: u8 = 2;

/// The hash of the rows in a piece of this version; None where it is no version.
pub(super) fn hash_of_version(version: u8) -> Option<RowHash> {
    match version {
        1 => Some(RowHash::Xxh64),
        VERSION => Some(RowHash::Xxh3),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository) enum Op {
    Insert,
    Update,
    Delete,
}

impl Op {
    pub(in crate::repository) fn of(number: i64) -> Option<Op> {
        [Op::Insert, Op::Update, Op::Delete]
            .into_iter()
            .find(|op| *op as i64 == number)
    }
}

/// A change of a row.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::repository) struct Change {
    pub(in crate::repository) op: Op,
    pub(in crate::repository) rowid: i64,
    /// The parents that the row named before and that were not there: `EPISODE`, `SERIES`.
    pub(in crate::repository) dangling: u8,
    /// The row before an update or a deletion, in the columns of the piece.
    pub(in crate::repository) before: Vec<Value>,
    /// What an update wrote: a column, by index, and its new value. Of an insert the id.
    pub(in crate::repository) wrote: Vec<(usize, Value)>,
    /// The hash of the row after an insert or an update.
    pub(in crate::repository) hash: u64,
}

impl Change {
    /// The id of the job before, or of a new one.
    pub(in crate::repository) fn id(&self) -> &Value {
        match (self.op, self.wrote.first()) {
            (Op::Insert, Some((_, id))) => id,
            _ => &self.before[ID],
        }
    }

    /// The id of the job after the change.
    pub(in crate::repository) fn id_after(&self) -> &Value {
        let written = self.wrote.iter().find(|(index, _)| *index == ID);
        written.map_or_else(|| self.id(), |(_, id)| id)
    }
}

/// The changes of one piece, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::repository) struct Piece {
    /// The names of the columns, those that jobctl knows first.
    pub(in crate::repository) columns: Vec<Arc<str>>,
    pub(in crate::repository) changes: Vec<Change>,
    /// The kind of its hashes.
    pub(in crate::repository) hashing: RowHash,
}

/// The bits of a parent that is not there.
pub(in crate::repository) const EPISODE: u8 = 1;
pub(in crate::repository) const SERIES: u8 = 2;

/// The index of the id among the columns.
pub(in crate::repository) const ID: usize = Column::Id as usize;

pub(in crate::repository) fn number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn signed(out: &mut Vec<u8>, signed: i64) {
    number(out, ((signed << 1) ^ (signed >> 63)).cast_unsigned());
}

fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(in crate::repository) fn put(out: &mut Vec<u8>, value: StoredValue<'_>) {
    match value {
        StoredValue::Null => out.push(0),
        StoredValue::Integer(i) => {
            out.push(1);
            signed(out, i);
        }
        StoredValue::Real(r) => {
            out.push(2);
            out.extend_from_slice(&r.to_bits().to_le_bytes());
        }
        StoredValue::Text(text) => {
            out.push(3);
            bytes(out, text);
        }
        StoredValue::Blob(blob) => {
            out.push(4);
            bytes(out, blob);
        }
    }
}

/// The hash of a row that is kept from now on.
pub(super) fn new_hash(row: &[u8]) -> u64 {
    RowHash::Xxh3.of(row)
}

/// The hash by which a job is found in a piece.
pub(in crate::repository) fn key(id: StoredValue<'_>) -> u64 {
    let mut row = Vec::with_capacity(64);
    put(&mut row, id);
    hash(&row)
}

/// The changes of a piece before they are packed.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    pub(super) raw: Vec<u8>,
    /// The place of each change, and the key of its job.
    pub(super) places: Vec<usize>,
    pub(super) keys: Vec<u64>,
}

impl Unpacked {
    /// Begins a piece.
    pub(super) fn begin(&mut self, others: &[Arc<str>], hashing: RowHash) {
        self.raw.push(match hashing {
            RowHash::Xxh64 => 1,
            RowHash::Xxh3 => VERSION,
        });
        number(&mut self.raw, others.len() as u64);
        for name in others {
            bytes(&mut self.raw, name.as_bytes());
        }
    }

    pub(super) fn begin_change(&mut self, op: Op, rowid: i64, dangling: u8, id: StoredValue<'_>) {
        self.places.push(self.raw.len());
        self.keys.push(key(id));
        self.raw.push(op as u8 | dangling << 4);
        signed(&mut self.raw, rowid);
    }

    pub(super) fn clear(&mut self) {
        self.cut(0, 0);
    }

    /// Forgets all but so many bytes and changes.
    pub(super) fn cut(&mut self, raw: usize, changes: usize) {
        self.raw.truncate(raw);
        self.places.truncate(changes);
        self.keys.truncate(changes);
    }
}

impl Piece {
    /// The hash of a row, of the kind that is kept here.
    pub(in crate::repository) fn row_hash<'a>(
        &self,
        values: impl IntoIterator<Item = &'a Value>,
    ) -> u64 {
        let mut row = Vec::new();
        for value in values {
            put(&mut row, value.stored());
        }
        self.hashing.of(&row)
    }

    /// The layout of it.
    pub(super) fn unpacked(&self) -> Unpacked {
        let mut out = Unpacked::default();
        out.begin(&self.columns[Column::COUNT..], self.hashing);
        for change in &self.changes {
            out.begin_change(
                change.op,
                change.rowid,
                change.dangling,
                change.id().stored(),
            );
            let raw = &mut out.raw;
            for value in &change.before {
                put(raw, value.stored());
            }
            match change.op {
                Op::Insert => put(raw, change.id().stored()),
                Op::Update => {
                    number(raw, change.wrote.len() as u64);
                    for (index, value) in &change.wrote {
                        number(raw, *index as u64);
                        put(raw, value.stored());
                    }
                }
                Op::Delete => continue,
            }
            raw.extend_from_slice(&change.hash.to_le_bytes());
        }
        out
    }
}
