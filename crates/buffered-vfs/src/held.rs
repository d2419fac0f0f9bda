//! Writes that are held back, so that neighbours in the file are written together, and while more is changed.

use std::collections::VecDeque;
use std::ffi::c_int;
use std::sync::Arc;

use crate::batch::{Batch, Holding, Writer};
use crate::window::{Disk, OK};

/// Bytes of a batch that is handed to the writer.
const BATCH: usize = 512 * 1024;

/// The most batches that the writer has at a time.
const FLYING: usize = 2;

#[derive(Default)]
pub(crate) struct Held {
    batch: Batch,
    /// The batches that the writer has, the oldest first.
    flying: VecDeque<Arc<Batch>>,
    writer: Option<Writer>,
    /// An empty batch that keeps its memory, to be used next.
    spare: Option<Batch>,
    /// The first error. Every write returns it until the lock is given back, since the batch that it hit is lost.
    failed: c_int,
}

impl Held {
    /// Whether a write may be held: whether it is a page.
    pub(crate) fn takes(at: u64, length: usize) -> bool {
        length >= 512 && length.is_power_of_two() && at.is_multiple_of(length as u64)
    }

    /// Holds a page.
    pub(crate) fn put<D: Disk + Clone + Send + 'static>(
        &mut self,
        disk: &mut D,
        from: &[u8],
        at: u64,
    ) -> c_int {
        if !self.batch.takes(from.len()) {
            self.settle(disk);
        }
        if self.failed != OK {
            return self.failed;
        }
        self.batch.put(from, at);
        if self.batch.length() >= BATCH {
            self.hand_over(disk);
        }
        self.failed
    }

    /// Hands the batch to the writer, and waits while that has `FLYING` of them.
    fn hand_over<D: Disk + Clone + Send + 'static>(&mut self, disk: &mut D) {
        if self.writer.is_none() {
            self.writer = Writer::start(disk.clone());
        }
        let Some(writer) = &self.writer else {
            self.settle(disk);
            return;
        };
        while let Some(code) = writer.written() {
            note_written(&mut self.flying, &mut self.spare, &mut self.failed, code);
        }
        while self.flying.len() >= FLYING {
            let code = writer.wait();
            note_written(&mut self.flying, &mut self.spare, &mut self.failed, code);
        }
        let next = self.spare.take().unwrap_or_default();
        let batch = Arc::new(std::mem::replace(&mut self.batch, next));
        if writer.take(Arc::clone(&batch)) {
            self.flying.push_back(batch)
        } else {
            self.failed = batch.write(disk)
        }
    }

    /// Waits until the writer has written what it has.
    fn wait(&mut self) {
        while let (Some(writer), false) = (&self.writer, self.flying.is_empty()) {
            let code = writer.wait();
            note_written(&mut self.flying, &mut self.spare, &mut self.failed, code);
        }
    }

    /// Copies a piece, if it is held.
    pub(crate) fn get(&self, into: &mut [u8], at: u64) -> Holding {
        if self.failed != OK {
            return Holding::Part;
        }
        let newest_first =
            std::iter::once(&self.batch).chain(self.flying.iter().rev().map(Arc::as_ref));
        for batch in newest_first {
            match batch.get(into, at) {
                Holding::Nothing => {}
                found => return found,
            }
        }
        Holding::Nothing
    }

    /// Puts what is held over a piece that has just been read.
    pub(crate) fn lay_over(&self, piece: &mut [u8], at: u64) {
        for batch in &self.flying {
            batch.lay_over(piece, at);
        }
        self.batch.lay_over(piece, at);
    }

    /// Writes all that is held, and waits for it.
    pub(crate) fn settle(&mut self, disk: &mut impl Disk) -> c_int {
        self.wait();
        if self.failed == OK {
            self.failed = self.batch.write(disk);
        }
        self.batch.clear();
        self.failed
    }

    /// The end of what is held; 0 when nothing is.
    pub(crate) fn end(&self) -> u64 {
        let flying = self.flying.iter().map(|batch| batch.end());
        flying.max().unwrap_or(0).max(self.batch.end())
    }

    /// Forgets what lies behind the new end of the file.
    pub(crate) fn cut(&mut self, size: u64) -> c_int {
        self.wait();
        self.batch.cut(size);
        self.failed
    }

    /// Forgets everything, errors too.
    pub(crate) fn forget(&mut self) {
        self.wait();
        self.batch.clear();
        self.failed = OK;
    }
}

/// Takes note that the oldest batch has been written, or could not be.
fn note_written(
    flying: &mut VecDeque<Arc<Batch>>,
    spare: &mut Option<Batch>,
    failed: &mut c_int,
    code: c_int,
) {
    if *failed == OK {
        *failed = code;
    }
    if let Some(mut batch) = flying.pop_front().and_then(Arc::into_inner) {
        batch.clear();
        *spare = Some(batch);
    }
}
