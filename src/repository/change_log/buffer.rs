//! The changes of the open transaction, as they are seen, until they are packed and written.

use std::sync::Arc;

use super::hash::RowHash;
use super::piece::{self, Op, Unpacked};
use crate::job::value::StoredValue;
use crate::job::{Column, Value};

/// The bytes at which the kept rows make a piece.
const FULL: usize = 1 << 20;

/// The most changes of a piece.
const MOST: usize = 1 << 13;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::repository) struct ChangeCounts {
    pub(in crate::repository) created: i64,
    pub(in crate::repository) updated: i64,
    pub(in crate::repository) deleted: i64,
}

impl ChangeCounts {
    pub(in crate::repository) const ONE_UPDATED: ChangeCounts = ChangeCounts {
        created: 0,
        updated: 1,
        deleted: 0,
    };

    /// So many jobs deleted.
    pub(in crate::repository) const fn of_deleted(deleted: i64) -> ChangeCounts {
        ChangeCounts {
            created: 0,
            updated: 0,
            deleted,
        }
    }

    pub(in crate::repository) fn is_zero(self) -> bool {
        self == ChangeCounts::default()
    }

    pub(in crate::repository) fn add(&mut self, more: ChangeCounts) {
        self.created += more.created;
        self.updated += more.updated;
        self.deleted += more.deleted;
    }
}

/// A point to which the buffer can be cut back: the changes behind it have been taken back.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::repository) struct BufferMark {
    raw: usize,
    changes: usize,
    counts: ChangeCounts,
}

#[derive(Debug, Default)]
pub(in crate::repository) struct Buffer {
    /// The names of the columns that jobctl does not know.
    pub(in crate::repository) others: Arc<[Arc<str>]>,
    /// True when changes are only counted.
    pub(in crate::repository) only_counts: bool,
    seen: Unpacked,
    /// The row after a change, while it is compared with the one before.
    after: Vec<u8>,
    /// Where the values of both begin.
    starts: Vec<(usize, usize)>,
    /// The id of the first change.
    first: Value,
    pub(in crate::repository) counts: ChangeCounts,
}

/// The values of a row, by index.
pub(in crate::repository) type Row<'a, 'b> = &'a dyn Fn(usize) -> StoredValue<'b>;

impl Buffer {
    /// A buffer for rows with these columns beside the known ones.
    pub(in crate::repository) fn of(others: Arc<[Arc<str>]>) -> Buffer {
        Buffer {
            others,
            ..Buffer::default()
        }
    }

    pub(in crate::repository) fn clear(&mut self) {
        self.seen.clear();
        self.counts = ChangeCounts::default();
    }

    pub(in crate::repository) fn mark(&self) -> BufferMark {
        BufferMark {
            raw: self.seen.raw.len(),
            changes: self.seen.keys.len(),
            counts: self.counts,
        }
    }

    pub(in crate::repository) fn cut(&mut self, mark: BufferMark) {
        self.seen.cut(mark.raw, mark.changes);
        self.counts = mark.counts;
    }

    pub(in crate::repository) fn is_full(&self) -> bool {
        self.seen.raw.len() >= FULL || self.seen.keys.len() >= MOST
    }

    /// The jobs of the changes.
    pub(in crate::repository) fn keys(&self) -> &[u64] {
        &self.seen.keys
    }

    /// The id of the job, when all changes are of one.
    pub(in crate::repository) fn only_job(&self) -> Option<&Value> {
        let (first, rest) = self.seen.keys.split_first()?;
        rest.iter().all(|key| key == first).then_some(&self.first)
    }

    /// The number of columns of a row.
    pub(in crate::repository) fn width(&self) -> usize {
        Column::COUNT + self.others.len()
    }

    /// The rows of a piece, packed, which leaves room for the next one; None when there is none.
    pub(in crate::repository) fn pack(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        if self.seen.raw.is_empty() {
            return Ok(None);
        }
        let packed = self.seen.pack()?;
        let raw = &mut self.seen.raw;
        raw.clear();
        // After a row of many megabytes.
        raw.shrink_to(2 * FULL);
        Ok(Some(packed))
    }

    fn begin(&mut self, op: Op, rowid: i64, dangling: u8, id: StoredValue<'_>) {
        if self.seen.raw.is_empty() {
            self.seen.begin(&self.others, RowHash::Xxh3);
            self.first = id.into();
        }
        self.seen.begin_change(op, rowid, dangling, id);
    }

    pub(in crate::repository) fn inserted(&mut self, rowid: i64, row: Row) {
        self.counts.created += 1;
        if self.only_counts {
            return;
        }
        self.after.clear();
        for index in 0..self.width() {
            piece::put(&mut self.after, row(index));
        }
        let hash = piece::new_hash(&self.after);
        self.begin(Op::Insert, rowid, 0, row(piece::ID));
        piece::put(&mut self.seen.raw, row(piece::ID));
        self.seen.raw.extend_from_slice(&hash.to_le_bytes());
    }

    pub(in crate::repository) fn deleted(&mut self, rowid: i64, dangling: u8, row: Row) {
        self.counts.deleted += 1;
        if self.only_counts {
            return;
        }
        self.begin(Op::Delete, rowid, dangling, row(piece::ID));
        for index in 0..self.width() {
            piece::put(&mut self.seen.raw, row(index));
        }
    }

    /// A row that is equal before and after has not changed.
    pub(in crate::repository) fn updated(
        &mut self,
        rowid: i64,
        dangling: u8,
        before: Row,
        after: Row,
    ) {
        let mark = self.mark();
        self.begin(Op::Update, rowid, dangling, before(piece::ID));
        self.after.clear();
        self.starts.clear();
        for index in 0..self.width() {
            self.starts.push((self.seen.raw.len(), self.after.len()));
            piece::put(&mut self.seen.raw, before(index));
            piece::put(&mut self.after, after(index));
        }
        let ends = (self.seen.raw.len(), self.after.len());
        let values = |index: usize| {
            let next = *self.starts.get(index + 1).unwrap_or(&ends);
            let (old, new) = self.starts[index];
            (old..next.0, new..next.1)
        };
        let differing: Vec<usize> = (0..self.width())
            .filter(|index| {
                let (old, new) = values(*index);
                self.seen.raw[old] != self.after[new]
            })
            .collect();
        if differing.is_empty() || self.only_counts {
            self.cut(mark);
            self.counts.updated += i64::from(!differing.is_empty());
            return;
        }
        let written: Vec<(usize, std::ops::Range<usize>)> = differing
            .into_iter()
            .map(|index| (index, values(index).1))
            .collect();
        piece::number(&mut self.seen.raw, written.len() as u64);
        for (index, value) in written {
            piece::number(&mut self.seen.raw, index as u64);
            self.seen.raw.extend_from_slice(&self.after[value]);
        }
        let hash = piece::new_hash(&self.after);
        self.seen.raw.extend_from_slice(&hash.to_le_bytes());
        self.counts.updated += 1;
    }
}
