//! The changes of the open transaction, as they are seen, until they are packed and written.

use std::sync::Arc;

use super::hash::hash;
use super::piece::{self, Op};
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
    raw: Vec<u8>,
    /// The row after a change, while it is compared with the one before.
    after: Vec<u8>,
    /// Where the values of both begin.
    starts: Vec<(usize, usize)>,
    /// The id of the first change.
    first: Value,
    /// The jobs of the changes.
    pub(in crate::repository) keys: Vec<u64>,
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
        self.raw.clear();
        self.keys.clear();
        self.counts = ChangeCounts::default();
    }

    pub(in crate::repository) fn mark(&self) -> BufferMark {
        BufferMark {
            raw: self.raw.len(),
            changes: self.keys.len(),
            counts: self.counts,
        }
    }

    pub(in crate::repository) fn cut(&mut self, mark: BufferMark) {
        self.raw.truncate(mark.raw);
        self.keys.truncate(mark.changes);
        self.counts = mark.counts;
    }

    pub(in crate::repository) fn is_full(&self) -> bool {
        self.raw.len() >= FULL || self.keys.len() >= MOST
    }

    /// The id of the job, when all changes are of one.
    pub(in crate::repository) fn only_job(&self) -> Option<&Value> {
        let (first, rest) = self.keys.split_first()?;
        rest.iter().all(|key| key == first).then_some(&self.first)
    }

    /// The number of columns of a row.
    pub(in crate::repository) fn width(&self) -> usize {
        Column::COUNT + self.others.len()
    }

    /// The rows of a piece, packed, which leaves room for the next one; None when there is none.
    pub(in crate::repository) fn pack(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        if self.raw.is_empty() {
            return Ok(None);
        }
        let packed = piece::pack(&self.raw)?;
        self.raw.clear();
        // After a row of many megabytes.
        self.raw.shrink_to(2 * FULL);
        Ok(Some(packed))
    }

    fn begin(&mut self, op: Op, rowid: i64, dangling: u8, id: StoredValue<'_>) {
        if self.raw.is_empty() {
            piece::begin(&mut self.raw, &self.others);
            self.first = id.into();
        }
        piece::begin_change(&mut self.raw, op, rowid, dangling);
        self.keys.push(piece::key(id));
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
        let hash = hash(&self.after);
        self.begin(Op::Insert, rowid, 0, row(piece::ID));
        piece::put(&mut self.raw, row(piece::ID));
        self.raw.extend_from_slice(&hash.to_le_bytes());
    }

    pub(in crate::repository) fn deleted(&mut self, rowid: i64, dangling: u8, row: Row) {
        self.counts.deleted += 1;
        if self.only_counts {
            return;
        }
        self.begin(Op::Delete, rowid, dangling, row(piece::ID));
        for index in 0..self.width() {
            piece::put(&mut self.raw, row(index));
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
            self.starts.push((self.raw.len(), self.after.len()));
            piece::put(&mut self.raw, before(index));
            piece::put(&mut self.after, after(index));
        }
        let ends = (self.raw.len(), self.after.len());
        let values = |index: usize| {
            let next = *self.starts.get(index + 1).unwrap_or(&ends);
            let (old, new) = self.starts[index];
            (old..next.0, new..next.1)
        };
        let differing: Vec<usize> = (0..self.width())
            .filter(|index| {
                let (old, new) = values(*index);
                self.raw[old] != self.after[new]
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
        piece::number(&mut self.raw, written.len() as u64);
        for (index, value) in written {
            piece::number(&mut self.raw, index as u64);
            self.raw.extend_from_slice(&self.after[value]);
        }
        let hash = hash(&self.after);
        self.raw.extend_from_slice(&hash.to_le_bytes());
        self.counts.updated += 1;
    }
}
