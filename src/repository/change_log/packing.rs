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
