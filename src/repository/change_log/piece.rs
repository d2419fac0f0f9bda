//! The form of kept rows: many changes in one piece, every value with the type that it has in the file, packed as a whole.
//! The layout is said here alone; a version byte begins it, so that a later one can differ.

use std::io;
use std::sync::Arc;

use super::hash::hash;
use crate::job::value::StoredValue;
use crate::job::{Column, Value};

/// The layout: the columns of the report, then others by name, then the changes.
pub(super) const VERSION: u8 = 1;

/// A fast level: what is packed is written while others wait.
const LEVEL: i32 = 1;

/// The bytes up to which a piece is left as it is: packing one row takes longer than writing it. What is packed begins
/// otherwise than with a version.
const SMALL: usize = 4000;

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
#[derive(Clone, Debug, PartialEq)]
pub(in crate::repository) struct Piece {
    /// The names of the columns, those that jobctl knows first.
    pub(in crate::repository) columns: Vec<Arc<str>>,
    pub(in crate::repository) changes: Vec<Change>,
}

/// The bits of a parent that is not there.
pub(in crate::repository) const EPISODE: u8 = 1;
pub(in crate::repository) const SERIES: u8 = 2;

/// The index of the id among the columns.
pub(in crate::repository) const ID: usize = Column::Id as usize;

/// Begins a piece.
pub(in crate::repository) fn begin(out: &mut Vec<u8>, others: &[Arc<str>]) {
    out.push(VERSION);
    number(out, others.len() as u64);
    for name in others {
        bytes(out, name.as_bytes());
    }
}

pub(in crate::repository) fn begin_change(out: &mut Vec<u8>, op: Op, rowid: i64, dangling: u8) {
    out.push(op as u8 | dangling << 4);
    signed(out, rowid);
}

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

/// The hash of a row.
pub(in crate::repository) fn row_hash<'a>(values: impl IntoIterator<Item = &'a Value>) -> u64 {
    let mut row = Vec::new();
    for value in values {
        put(&mut row, value.stored());
    }
    hash(&row)
}

/// The hash by which a job is found in a piece.
pub(in crate::repository) fn key(id: StoredValue<'_>) -> u64 {
    let mut row = Vec::new();
    put(&mut row, id);
    hash(&row)
}

pub(in crate::repository) fn pack(raw: &[u8]) -> io::Result<Vec<u8>> {
    if raw.len() <= SMALL {
        return Ok(raw.to_vec());
    }
    zstd::bulk::compress(raw, LEVEL)
}

impl Piece {
    /// The layout of it, as `pack` takes it.
    pub(in crate::repository) fn raw(&self) -> Vec<u8> {
        let mut out = Vec::new();
        begin(&mut out, &self.columns[Column::COUNT..]);
        for change in &self.changes {
            begin_change(&mut out, change.op, change.rowid, change.dangling);
            for value in &change.before {
                put(&mut out, value.stored());
            }
            match change.op {
                Op::Insert => put(&mut out, change.id().stored()),
                Op::Update => {
                    number(&mut out, change.wrote.len() as u64);
                    for (index, value) in &change.wrote {
                        number(&mut out, *index as u64);
                        put(&mut out, value.stored());
                    }
                }
                Op::Delete => continue,
            }
            out.extend_from_slice(&change.hash.to_le_bytes());
        }
        out
    }
}
