//! The form of kept rows: many changes in one piece, every value with the type that it has in the file, packed as a whole.
//! The layout is said here alone; a version byte begins it, so that a later one can differ.

use std::io;
use std::sync::Arc;

use rusqlite::types::ValueRef;

use super::hash::hash;
use crate::job::{Column, Value};
use crate::repository::sqlite::reading::values::value;

/// The layout: the columns of the report, then others by name, then the changes.
const VERSION: u8 = 1;

/// A fast level: what is packed is written while others wait.
const LEVEL: i32 = 1;

/// The bytes up to which a piece is left as it is: packing one row takes longer than writing it. What is packed begins
/// otherwise than with a version.
const SMALL: usize = 4000;

/// The most bytes that a piece may have when it is unpacked: more is taken for damage.
const MOST: usize = 1 << 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::sqlite) enum Op {
    Insert,
    Update,
    Delete,
}

impl Op {
    pub(in crate::repository::sqlite) fn of(number: i64) -> Option<Op> {
        [Op::Insert, Op::Update, Op::Delete]
            .into_iter()
            .find(|op| *op as i64 == number)
    }
}

/// A change of a row.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::repository::sqlite) struct Change {
    pub(in crate::repository::sqlite) op: Op,
    pub(in crate::repository::sqlite) rowid: i64,
    /// The parents that the row named before and that were not there: `EPISODE`, `SERIES`.
    pub(in crate::repository::sqlite) dangling: u8,
    /// The row before an update or a deletion, in the columns of the piece.
    pub(in crate::repository::sqlite) before: Vec<Value>,
    /// What an update wrote: a column, by index, and its new value. Of an insert the id.
    pub(in crate::repository::sqlite) wrote: Vec<(usize, Value)>,
    /// The hash of the row after an insert or an update.
    pub(in crate::repository::sqlite) hash: u64,
}

impl Change {
    /// The id of the job before, or of a new one.
    pub(in crate::repository::sqlite) fn id(&self) -> &Value {
        match (self.op, self.wrote.first()) {
            (Op::Insert, Some((_, id))) => id,
            _ => &self.before[ID],
        }
    }

    /// The id of the job after the change.
    pub(in crate::repository::sqlite) fn id_after(&self) -> &Value {
        let written = self.wrote.iter().find(|(index, _)| *index == ID);
        written.map_or_else(|| self.id(), |(_, id)| id)
    }
}

/// The changes of one piece, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::repository::sqlite) struct Piece {
    /// The names of the columns, those that jobctl knows first.
    pub(in crate::repository::sqlite) columns: Vec<Arc<str>>,
    pub(in crate::repository::sqlite) changes: Vec<Change>,
}

/// The bits of a parent that is not there.
pub(in crate::repository::sqlite) const EPISODE: u8 = 1;
pub(in crate::repository::sqlite) const SERIES: u8 = 2;

/// The index of the id among the columns.
pub(in crate::repository::sqlite) const ID: usize = Column::Id as usize;

/// Begins a piece.
pub(in crate::repository::sqlite) fn begin(out: &mut Vec<u8>, others: &[Arc<str>]) {
    out.push(VERSION);
    number(out, others.len() as u64);
    for name in others {
        bytes(out, name.as_bytes());
    }
}

pub(in crate::repository::sqlite) fn begin_change(
    out: &mut Vec<u8>,
    op: Op,
    rowid: i64,
    dangling: u8,
) {
    out.push(op as u8 | dangling << 4);
    signed(out, rowid);
}

pub(in crate::repository::sqlite) fn number(out: &mut Vec<u8>, mut number: u64) {
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

pub(in crate::repository::sqlite) fn put(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => out.push(0),
        ValueRef::Integer(i) => {
            out.push(1);
            signed(out, i);
        }
        ValueRef::Real(r) => {
            out.push(2);
            out.extend_from_slice(&r.to_bits().to_le_bytes());
        }
        ValueRef::Text(text) => {
            out.push(3);
            bytes(out, text);
        }
        ValueRef::Blob(blob) => {
            out.push(4);
            bytes(out, blob);
        }
    }
}

/// A value as SQLite takes it.
pub(in crate::repository::sqlite) fn borrowed(value: &Value) -> ValueRef<'_> {
    match value {
        Value::Null => ValueRef::Null,
        Value::Integer(i) => ValueRef::Integer(*i),
        Value::Real(r) => ValueRef::Real(*r),
        Value::Text(text) => ValueRef::Text(text.as_bytes()),
        Value::BrokenText(bytes) => ValueRef::Text(bytes),
        Value::Blob(bytes) => ValueRef::Blob(bytes),
    }
}

/// The hash of a row.
pub(in crate::repository::sqlite) fn row_hash<'a>(
    values: impl IntoIterator<Item = &'a Value>,
) -> u64 {
    let mut row = Vec::new();
    for value in values {
        put(&mut row, borrowed(value));
    }
    hash(&row)
}

/// The hash by which a job is found in a piece.
pub(in crate::repository::sqlite) fn key(id: ValueRef<'_>) -> u64 {
    let mut row = Vec::new();
    put(&mut row, id);
    hash(&row)
}

pub(in crate::repository::sqlite) fn pack(raw: &[u8]) -> io::Result<Vec<u8>> {
    if raw.len() <= SMALL {
        return Ok(raw.to_vec());
    }
    zstd::bulk::compress(raw, LEVEL)
}

impl Piece {
    /// Reads what `pack` gave; None when it is damaged, or of a later jobctl.
    pub(in crate::repository::sqlite) fn unpack(packed: &[u8]) -> Option<Piece> {
        if packed.first() == Some(&VERSION) {
            return Reader(packed).piece();
        }
        let size = zstd::zstd_safe::get_frame_content_size(packed).ok()??;
        let size = usize::try_from(size).ok().filter(|size| *size <= MOST)?;
        let raw = zstd::bulk::decompress(packed, size).ok()?;
        Reader(&raw).piece()
    }

    /// The other way round.
    pub(in crate::repository::sqlite) fn raw(&self) -> Vec<u8> {
        let mut out = Vec::new();
        begin(&mut out, &self.columns[Column::COUNT..]);
        for change in &self.changes {
            begin_change(&mut out, change.op, change.rowid, change.dangling);
            for value in &change.before {
                put(&mut out, borrowed(value));
            }
            match change.op {
                Op::Insert => put(&mut out, borrowed(change.id())),
                Op::Update => {
                    number(&mut out, change.wrote.len() as u64);
                    for (index, value) in &change.wrote {
                        number(&mut out, *index as u64);
                        put(&mut out, borrowed(value));
                    }
                }
                Op::Delete => continue,
            }
            out.extend_from_slice(&change.hash.to_le_bytes());
        }
        out
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
    }

    fn eight(&mut self) -> Option<u64> {
        let bytes = self.take(8)?.try_into().ok()?;
        Some(u64::from_le_bytes(bytes))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    fn value(&mut self) -> Option<Value> {
        Some(match self.byte()? {
            0 => Value::Null,
            1 => Value::Integer(self.signed()?),
            2 => Value::Real(f64::from_bits(self.eight()?)),
            3 => value(ValueRef::Text(self.bytes()?)),
            4 => Value::Blob(self.bytes()?.to_vec()),
            _ => return None,
        })
    }

    fn piece(&mut self) -> Option<Piece> {
        if self.byte()? != VERSION {
            return None;
        }
        let known = Column::ALL.iter().map(|column| Arc::from(column.name()));
        let mut columns: Vec<Arc<str>> = known.collect();
        for _ in 0..self.number()? {
            columns.push(Arc::from(std::str::from_utf8(self.bytes()?).ok()?));
        }
        let mut changes = Vec::new();
        while !self.0.is_empty() {
            changes.push(self.change(columns.len())?);
        }
        Some(Piece { columns, changes })
    }

    fn change(&mut self, width: usize) -> Option<Change> {
        let byte = self.byte()?;
        let op = Op::of(i64::from(byte & 0xf))?;
        let mut change = Change {
            op,
            dangling: byte >> 4,
            rowid: self.signed()?,
            before: Vec::new(),
            wrote: Vec::new(),
            hash: 0,
        };
        if op != Op::Insert {
            for _ in 0..width {
                change.before.push(self.value()?);
            }
        }
        match op {
            Op::Insert => change.wrote.push((ID, self.value()?)),
            Op::Update => {
                for _ in 0..self.number()? {
                    let index = usize::try_from(self.number()?).ok()?;
                    if index >= width {
                        return None;
                    }
                    change.wrote.push((index, self.value()?));
                }
            }
            Op::Delete => return Some(change),
        }
        change.hash = self.eight()?;
        Some(change)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::repository::sqlite::history::piece::*;

    fn change(op: Op, rowid: i64, width: usize) -> Change {
        let odd = [
            Value::Text("ü".to_owned()),
            Value::Null,
            Value::Integer(i64::MIN),
            Value::Real(-0.0),
            Value::BrokenText(vec![0xff, 0]),
            Value::Blob(vec![1, 2, 3]),
        ];
        let row = odd.iter().cycle().take(width).cloned().collect();
        Change {
            op,
            rowid,
            dangling: if op == Op::Insert { 0 } else { SERIES },
            before: if op == Op::Insert { Vec::new() } else { row },
            wrote: match op {
                Op::Insert => vec![(ID, Value::from("an id"))],
                Op::Update => vec![(3, Value::Integer(-1)), (width - 1, Value::Null)],
                Op::Delete => Vec::new(),
            },
            hash: if op == Op::Delete {
                0
            } else {
                0xfeed_0000_1111_2222
            },
        }
    }

    #[test]
    fn a_piece_is_read_as_it_was_written() {
        let known = Column::ALL.iter().map(|column| Arc::from(column.name()));
        let columns: Vec<Arc<str>> = known.chain([Arc::from("owner \"x\"")]).collect();
        let width = columns.len();
        let changes = vec![
            change(Op::Insert, 1, width),
            change(Op::Update, i64::MAX, width),
            change(Op::Delete, -7, width),
        ];
        let piece = Piece { columns, changes };
        let packed = pack(&piece.raw()).unwrap();
        assert_eq!(Piece::unpack(&packed), Some(piece.clone()));
        // Cut short anywhere it is no piece.
        let raw = piece.raw();
        let whole = |end| Reader(&raw[..end]).piece() == Some(piece.clone());
        assert_eq!((0..=raw.len()).filter(|end| whole(*end)).count(), 1);
    }
}
