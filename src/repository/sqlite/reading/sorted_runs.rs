//! More keys than memory is to hold, in runs that are sorted each by itself. They wait in a temporary file without a name, and
//! come back merged. Where there is no room for it, they stay in memory: a list is not to fail for a full disk.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::vec;

use super::row_key::RowKey;
use crate::error::{Failure, Kind};
use crate::job::order::Order;
use crate::repository::{Error, Result};
use crate::system::open;

/// The bytes that are written, or read of a run, at once.
const PIECE: usize = if cfg!(test) { 64 } else { 16 << 10 };

/// The bytes of the length of a packed key.
const LENGTH: usize = size_of::<u32>();

#[derive(Default)]
pub(super) struct SortedRuns {
    /// None until there is a run, and where none can be made.
    file: Option<File>,
    /// The end of what the file holds.
    end: u64,
    is_full: bool,
    runs: Vec<SortedRun>,
}

enum SortedRun {
    InFile {
        at: u64,
        end: u64,
        /// What was read, and how much of it was taken.
        piece: Vec<u8>,
        taken: usize,
    },
    InMemory(vec::IntoIter<RowKey>),
}

impl SortedRuns {
    /// Takes sorted keys, and leaves the memory that they had, if it can.
    pub(super) fn add(&mut self, keys: &mut Vec<RowKey>) {
        let begin = self.end;
        if !self.is_full && self.write(keys).is_ok() {
            keys.clear();
            self.runs.push(SortedRun::InFile {
                at: begin,
                end: self.end,
                piece: Vec::new(),
                taken: 0,
            });
        } else {
            self.is_full = true;
            let keys = std::mem::take(keys);
            self.runs.push(SortedRun::InMemory(keys.into_iter()));
        }
    }

    /// As where nothing can be written.
    #[cfg(test)]
    pub(super) fn keep_in_memory(&mut self) {
        self.is_full = true;
    }

    fn write(&mut self, keys: &[RowKey]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(open::nameless()?),
        };
        let mut end = self.end;
        let mut piece = Vec::with_capacity(2 * PIECE);
        for key in keys {
            let at = piece.len();
            piece.extend_from_slice(&[0; LENGTH]);
            key.pack(&mut piece);
            let length = u32::try_from(piece.len() - at - LENGTH).map_err(io::Error::other)?;
            piece[at..at + LENGTH].copy_from_slice(&length.to_le_bytes());
            if piece.len() >= PIECE {
                file.write_all_at(&piece, end)?;
                end += piece.len() as u64;
                piece.clear();
            }
        }
        file.write_all_at(&piece, end)?;
        self.end = end + piece.len() as u64;
        Ok(())
    }

    /// All keys in their order, with the last of them, which are sorted too.
    pub(super) fn merge(mut self, order: Order, last: Vec<RowKey>) -> Result<MergedKeys> {
        self.runs.push(SortedRun::InMemory(last.into_iter()));
        let mut merged = MergedKeys {
            heads: BinaryHeap::with_capacity(self.runs.len()),
            runs: self.runs,
            file: self.file,
        };
        for (run, source) in merged.runs.iter_mut().enumerate() {
            if let Some(key) = source.next(merged.file.as_ref())? {
                merged.heads.push(Head { key, run, order });
            }
        }
        Ok(merged)
    }
}

impl SortedRun {
    fn next(&mut self, file: Option<&File>) -> Result<Option<RowKey>> {
        match (self, file) {
            (SortedRun::InMemory(keys), _) => Ok(keys.next()),
            (SortedRun::InFile { .. }, None) => Ok(None),
            (
                SortedRun::InFile {
                    at,
                    end,
                    piece,
                    taken,
                },
                Some(file),
            ) => {
                if *taken == piece.len() && at == end {
                    return Ok(None);
                }
                let key = read_to(file, at, *end, piece, taken, LENGTH)
                    .and_then(|()| {
                        let mut length = [0; LENGTH];
                        length.copy_from_slice(&piece[*taken..*taken + LENGTH]);
                        let whole = LENGTH + u32::from_le_bytes(length) as usize;
                        read_to(file, at, *end, piece, taken, whole)?;
                        let key = RowKey::unpack(&piece[*taken + LENGTH..*taken + whole]);
                        *taken += whole;
                        key.ok_or_else(|| io::ErrorKind::InvalidData.into())
                    })
                    .map_err(unreadable)?;
                Ok(Some(key))
            }
        }
    }
}

/// Reads on until so many bytes stand behind those that were taken.
fn read_to(
    file: &File,
    at: &mut u64,
    end: u64,
    piece: &mut Vec<u8>,
    taken: &mut usize,
    wanted: usize,
) -> io::Result<()> {
    if piece.len() - *taken >= wanted {
        return Ok(());
    }
    piece.drain(..*taken);
    *taken = 0;
    let there = piece.len();
    let left = usize::try_from(end - *at).unwrap_or(usize::MAX);
    let more = (wanted - there).max(PIECE).min(left);
    piece.resize(there + more, 0);
    file.read_exact_at(&mut piece[there..], *at)?;
    *at += more as u64;
    if piece.len() < wanted {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn unreadable(error: io::Error) -> Error {
    let message = format!("cannot read the temporary file of a sorted list: {error}");
    Error::Own(Failure::new(Kind::Io, message))
}

/// Keys in their order.
pub(super) struct MergedKeys {
    heads: BinaryHeap<Head>,
    runs: Vec<SortedRun>,
    file: Option<File>,
}

/// The first key of a run. The least of them stands at the top of the heap.
struct Head {
    key: RowKey,
    run: usize,
    order: Order,
}

impl Iterator for MergedKeys {
    type Item = Result<RowKey>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut head = self.heads.peek_mut()?;
        match self.runs[head.run].next(self.file.as_ref()) {
            Ok(Some(next)) => Some(Ok(std::mem::replace(&mut head.key, next))),
            Ok(None) => Some(Ok(PeekMut::pop(head).key)),
            Err(error) => Some(Err(error)),
        }
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Head) -> Ordering {
        other.key.compare(self.order, &self.key)
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Head) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Head) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}
