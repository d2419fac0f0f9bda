//! The reading of pieces: of all changes, or of those of one job, which passes over the others without a copy of them.

use std::sync::Arc;

use zstd::bulk::Decompressor;

use super::hash::RowHash;
use super::packing::{IN_PARTS, half};
use super::piece::{Change, ID, Op, Piece, hash_of_version, key, put};
use crate::job::value::StoredValue;
use crate::job::{Column, Value};

/// The most bytes that a piece may have when it is unpacked: more is taken for damage.
const MOST: usize = 1 << 30;

/// Reads what `pack` gave; None when it is damaged, or of a later jobctl.
pub(in crate::repository) fn unpack(packed: &[u8]) -> Option<Piece> {
    Unpacker::default().unpack(packed)
}

/// The job whose changes alone are wanted.
struct WantedJob {
    id: Vec<u8>,
    key: u64,
}

/// Unpacks one piece after another in the same memory: new memory for each costs more time than the unpacking.
#[derive(Default)]
pub(in crate::repository) struct Unpacker {
    zstd: Option<Decompressor<'static>>,
    plain: Vec<u8>,
}

impl Unpacker {
    pub(in crate::repository) fn unpack(&mut self, packed: &[u8]) -> Option<Piece> {
        self.read(packed, None)
    }

    /// Reads the changes of one job, passing over all others.
    pub(in crate::repository) fn unpack_of(&mut self, packed: &[u8], id: &Value) -> Option<Piece> {
        let mut wanted = WantedJob {
            id: Vec::new(),
            key: key(id.stored()),
        };
        put(&mut wanted.id, id.stored());
        self.read(packed, Some(&wanted))
    }

    fn read(&mut self, packed: &[u8], wanted: Option<&WantedJob>) -> Option<Piece> {
        let first = *packed.first()?;
        let id = wanted.map(|wanted| wanted.id.as_slice());
        if first == IN_PARTS {
            return self.parts(&packed[1..], wanted);
        }
        if hash_of_version(first).is_some() {
            return Reader(packed).piece(id);
        }
        Reader(self.unzip(packed)?).piece(id)
    }

    fn unzip(&mut self, packed: &[u8]) -> Option<&[u8]> {
        let size = zstd::zstd_safe::get_frame_content_size(packed).ok()??;
        let size = usize::try_from(size).ok().filter(|size| *size <= MOST)?;
        if self.zstd.is_none() {
            self.zstd = Some(Decompressor::new().ok()?);
        }
        self.plain.clear();
        self.plain.reserve(size);
        let zstd = self.zstd.as_mut()?;
        zstd.decompress_to_buffer(packed, &mut self.plain).ok()?;
        Some(&self.plain)
    }

    /// Reads the parts of a piece: all, or those with the key of a job.
    fn parts(&mut self, packed: &[u8], wanted: Option<&WantedJob>) -> Option<Piece> {
        let id = wanted.map(|wanted| wanted.id.as_slice());
        let mut whole: Option<Piece> = None;
        for part in Reader(packed).parts()? {
            if wanted.is_none_or(|wanted| part.may_hold(wanted.key)) {
                let mut part = Reader(self.unzip(part.packed)?).piece(id)?;
                match &mut whole {
                    Some(whole) => whole.changes.append(&mut part.changes),
                    None => whole = Some(part),
                }
            }
        }
        whole.or_else(|| wanted.map(|_| Piece::default()))
    }

    /// Hands on the id of each change, until one is answered with false; None when the piece is damaged.
    pub(in crate::repository) fn ids(
        &mut self,
        packed: &[u8],
        each: &mut dyn FnMut(StoredValue<'_>) -> bool,
    ) -> Option<bool> {
        let first = *packed.first()?;
        if hash_of_version(first).is_some() {
            return Reader(packed).ids(each);
        }
        if first != IN_PARTS {
            return Reader(self.unzip(packed)?).ids(each);
        }
        for part in Reader(&packed[1..]).parts()? {
            if !Reader(self.unzip(part.packed)?).ids(each)? {
                return Some(false);
            }
        }
        Some(true)
    }
}

/// A part of a piece, with half the key of each of its changes.
struct Part<'a> {
    halves: &'a [u8],
    packed: &'a [u8],
}

impl Part<'_> {
    fn may_hold(&self, key: u64) -> bool {
        let sought = half(key).to_le_bytes();
        self.halves.chunks_exact(4).any(|half| half == sought)
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

    /// The parts that a piece consists of, after the byte that says so.
    fn parts(&mut self) -> Option<Vec<Part<'a>>> {
        let mut sizes = Vec::new();
        for _ in 0..self.number()? {
            let count = usize::try_from(self.number()?).ok()?;
            sizes.push((count, usize::try_from(self.number()?).ok()?));
        }
        let mut parts = Vec::with_capacity(sizes.len());
        for (count, _) in &sizes {
            let halves = self.take(count.checked_mul(4)?)?;
            parts.push(Part {
                halves,
                packed: &[],
            });
        }
        for (part, (_, size)) in parts.iter_mut().zip(&sizes) {
            part.packed = self.take(*size)?;
        }
        self.0.is_empty().then_some(parts)
    }

    fn stored(&mut self) -> Option<StoredValue<'a>> {
        Some(match self.byte()? {
            0 => StoredValue::Null,
            1 => StoredValue::Integer(self.signed()?),
            2 => StoredValue::Real(f64::from_bits(self.eight()?)),
            3 => StoredValue::Text(self.bytes()?),
            4 => StoredValue::Blob(self.bytes()?),
            _ => return None,
        })
    }

    fn value(&mut self) -> Option<Value> {
        self.stored().map(Value::from)
    }

    /// Passes over a change that is not of this job; false when it is one of it. Its id comes first in each row.
    fn skip_other(&mut self, width: usize, wanted: &[u8]) -> Option<bool> {
        let here = self.0;
        self.byte()?;
        self.number()?;
        let is_of_it = self.0.starts_with(wanted);
        self.0 = here;
        if !is_of_it {
            self.skip(width)?;
        }
        Some(!is_of_it)
    }

    /// Passes over a change, and gives the id of its job.
    fn skip(&mut self, width: usize) -> Option<StoredValue<'a>> {
        let op = Op::of(i64::from(self.byte()? & 0xf))?;
        self.number()?;
        let id = self.stored()?;
        for _ in 1..if op == Op::Insert { 1 } else { width } {
            self.stored()?;
        }
        if op == Op::Update {
            for _ in 0..self.number()? {
                self.number()?;
                self.stored()?;
            }
        }
        if op != Op::Delete {
            self.take(8)?;
        }
        Some(id)
    }

    fn head(&mut self) -> Option<(RowHash, Vec<Arc<str>>)> {
        let hashing = hash_of_version(self.byte()?)?;
        let known = Column::ALL.iter().map(|column| Arc::from(column.name()));
        let mut columns: Vec<Arc<str>> = known.collect();
        for _ in 0..self.number()? {
            columns.push(Arc::from(std::str::from_utf8(self.bytes()?).ok()?));
        }
        Some((hashing, columns))
    }

    fn ids(&mut self, each: &mut dyn FnMut(StoredValue<'_>) -> bool) -> Option<bool> {
        let width = self.head()?.1.len();
        while !self.0.is_empty() {
            if !each(self.skip(width)?) {
                return Some(false);
            }
        }
        Some(true)
    }

    fn piece(&mut self, wanted: Option<&[u8]>) -> Option<Piece> {
        let (hashing, columns) = self.head()?;
        let mut changes = Vec::new();
        while !self.0.is_empty() {
            if let Some(wanted) = wanted
                && self.skip_other(columns.len(), wanted)?
            {
                continue;
            }
            changes.push(self.change(columns.len())?);
        }
        Some(Piece {
            columns,
            changes,
            hashing,
        })
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
