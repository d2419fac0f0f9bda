//! The packing of pieces. A large one is packed in parts, behind the keys of all its changes, so that the history of one job
//! unpacks the part that holds it and no other.

use std::io;
use std::ops::Range;

use super::piece::{Piece, Unpacked, number};

/// What begins a piece of several parts: neither a version nor what zstd begins with. It is followed by the number of parts; by
/// the number of changes and the packed size of each; by half the key of each change; and by the parts.
pub(super) const IN_PARTS: u8 = 0x80;

/// A fast level: what is packed is written while others wait.
const LEVEL: i32 = 1;

/// The bytes up to which a piece is left as it is, and one of a single change: packing a row, which begins with a megabyte of tables,
/// takes longer than writing it. What is packed begins otherwise than with a version.
const SMALL: usize = 4000;
const SMALL_CHANGE: usize = 16 << 10;

/// The bytes at which the changes make a part. Half of it takes a tenth more space.
const PART: usize = 128 << 10;

/// The part of a key that is kept of each change.
pub(super) fn half(key: u64) -> u32 {
    key as u32
}

impl Unpacked {
    pub(super) fn pack(&self) -> io::Result<Vec<u8>> {
        let small = match self.places.len() {
            1 => SMALL_CHANGE,
            _ => SMALL,
        };
        if self.raw.len() <= small {
            return Ok(self.raw.clone());
        }
        let parts = self.parts();
        if parts.len() <= 1 {
            return zstd::bulk::compress(&self.raw, LEVEL);
        }
        let head = &self.raw[..self.places[0]];
        let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
        let (mut plain, mut packed) = (Vec::with_capacity(2 * PART), Vec::new());
        let mut out = vec![IN_PARTS];
        number(&mut out, parts.len() as u64);
        for changes in parts {
            let end = self.places.get(changes.end).copied();
            plain.clear();
            plain.extend_from_slice(head);
            let bytes = self.places[changes.start]..end.unwrap_or(self.raw.len());
            plain.extend_from_slice(&self.raw[bytes]);
            let part = compressor.compress(&plain)?;
            number(&mut out, changes.len() as u64);
            number(&mut out, part.len() as u64);
            packed.extend_from_slice(&part);
        }
        for key in &self.keys {
            out.extend_from_slice(&half(*key).to_le_bytes());
        }
        out.extend_from_slice(&packed);
        Ok(out)
    }

    /// The changes of each part.
    fn parts(&self) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut first = 0;
        for index in 1..=self.places.len() {
            let end = self.places.get(index).copied();
            let is_full = end.is_none_or(|end| end - self.places[first] >= PART);
            if is_full {
                parts.push(first..index);
                first = index;
            }
        }
        parts
    }
}

impl Piece {
    pub(in crate::repository) fn pack(&self) -> io::Result<Vec<u8>> {
        self.unpacked().pack()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::job::{Column, Value};
    use crate::repository::change_log::piece::{Change, ID, Op, key};
    use crate::repository::change_log::unpacking::{Unpacker, unpack};

    /// The first byte of what zstd packs.
    const ZSTD: u8 = 0x28;

    fn id(number: usize) -> Value {
        Value::Text(format!("job {number:03}"))
    }

    /// So many deleted jobs with a content of so many bytes.
    fn piece(jobs: usize, bytes: usize) -> Piece {
        let columns = Column::ALL.iter().map(|column| Arc::from(column.name()));
        let changes = (0..jobs).map(|number| {
            let mut before = vec![Value::Null; Column::COUNT];
            before[ID] = id(number);
            before[Column::Content as usize] = Value::Text("x".repeat(bytes));
            Change {
                op: Op::Delete,
                rowid: 1,
                dangling: 0,
                before,
                wrote: Vec::new(),
                hash: 0,
            }
        });
        Piece {
            columns: columns.collect(),
            changes: changes.collect(),
            ..Piece::default()
        }
    }

    /// What is not packed is read as it is; the bounds are those under which packing takes longer than writing.
    #[test]
    fn a_single_change_is_packed_from_16_kib_on_and_several_from_4000_bytes() {
        for (jobs, most) in [(1, 16 << 10), (2, 4000), (9, 4000)] {
            let raw = |bytes: usize| piece(jobs, bytes).unpacked().raw;
            let from = most / jobs - 100;
            let least = (from..).find(|bytes| raw(*bytes).len() > most).unwrap();
            assert!(least > from);
            assert_eq!(piece(jobs, least - 1).pack().unwrap(), raw(least - 1));
            let packed = piece(jobs, least).pack().unwrap();
            assert_eq!(packed[0], ZSTD, "{jobs}");
            assert!(packed.len() < most / 2);
            assert_eq!(unpack(&packed), Some(piece(jobs, least)));
        }
    }

    #[test]
    fn one_change_is_one_part_however_long() {
        let piece = piece(1, 1 << 20);
        let packed = piece.pack().unwrap();
        assert_eq!(packed[0], ZSTD);
        assert_eq!(unpack(&packed), Some(piece));
    }

    /// The layout is kept in files: a later version has to read it.
    #[test]
    fn parts_are_laid_out_as_ever() {
        let whole = piece(200, 2000);
        assert_eq!(whole.unpacked().raw[0], 2);
        let packed = whole.pack().unwrap();
        // The number of parts, and of each its changes and its bytes.
        assert_eq!(packed[..2], [0x80, 4]);
        // 128 KiB of changes make a part.
        let counts = [65, 65, 65, 5];
        let mut at = 2;
        let mut sizes = Vec::new();
        for count in counts {
            assert_eq!(usize::from(packed[at]), count);
            at += 1;
            let (low, more) = (usize::from(packed[at] & 0x7f), packed[at] >= 0x80);
            let high = if more { usize::from(packed[at + 1]) } else { 0 };
            sizes.push(low | high << 7);
            at += if more { 2 } else { 1 };
        }
        for number in 0..200 {
            let half = key(id(number).stored()) as u32;
            assert_eq!(packed[at..at + 4], half.to_le_bytes());
            at += 4;
        }
        let mut first = 0;
        for (count, size) in counts.iter().zip(sizes) {
            // Each is a piece by itself.
            let part = unpack(&packed[at..at + size]).unwrap();
            assert_eq!(part.columns, whole.columns);
            assert_eq!(part.changes, whole.changes[first..first + count]);
            at += size;
            first += count;
        }
        assert_eq!(at, packed.len());
    }

    #[test]
    fn what_is_more_than_a_piece_is_none() {
        for piece in [piece(1, 10), piece(1, 1 << 20), piece(200, 2000)] {
            let mut packed = piece.pack().unwrap();
            assert_eq!(unpack(&packed), Some(piece));
            packed.push(0);
            assert_eq!(unpack(&packed), None);
            assert_eq!(Unpacker::default().unpack_of(&packed, &id(0)), None);
        }
        // A later version.
        let mut later = piece(1, 10).pack().unwrap();
        later[0] = 3;
        assert_eq!(unpack(&later), None);
        // A size that no piece has is not made room for.
        let mut huge = vec![ZSTD, 0xb5, 0x2f, 0xfd, 0xe0];
        huge.extend_from_slice(&(1_u64 << 62).to_le_bytes());
        huge.extend_from_slice(&[1, 0, 0]);
        assert_eq!(unpack(&huge), None);
    }
}
