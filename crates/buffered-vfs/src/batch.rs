//! Batches of pages to be written, and the thread that writes them while more are changed.

use std::collections::BTreeMap;
use std::ffi::c_int;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use libsqlite3_sys::SQLITE_IOERR_WRITE;

use crate::window::{Disk, OK, RUN};

/// Pages of one size.
#[derive(Default)]
pub(crate) struct Batch {
    /// Bytes of a page.
    size: usize,
    /// The page at each offset of the file, by the index in `bytes` at which it begins.
    pages: BTreeMap<u64, usize>,
    bytes: Vec<u8>,
}

/// The part of a piece that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holding {
    Nothing,
    Part,
    /// The whole piece, which has been copied.
    All,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    pub(crate) fn takes(&self, length: usize) -> bool {
        self.is_empty() || self.size == length
    }

    /// Bytes of all pages, those that were cut off too.
    pub(crate) fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Holds a page of a length that `takes` has allowed.
    pub(crate) fn put(&mut self, from: &[u8], at: u64) {
        self.size = from.len();
        match self.pages.get(&at) {
            Some(&begin) => self.bytes[begin..begin + self.size].copy_from_slice(from),
            None => {
                self.pages.insert(at, self.bytes.len());
                self.bytes.extend_from_slice(from);
            }
        }
    }

    pub(crate) fn get(&self, into: &mut [u8], at: u64) -> Holding {
        if self.is_empty() {
            return Holding::Nothing;
        }
        let offset = (at % self.size as u64) as usize;
        if offset + into.len() > self.size {
            return Holding::Part;
        }
        match self.pages.get(&(at - offset as u64)) {
            Some(page) => {
                let begin = page + offset;
                into.copy_from_slice(&self.bytes[begin..begin + into.len()]);
                Holding::All
            }
            None => Holding::Nothing,
        }
    }

    /// Puts its pages over those of a piece of the file that begins at `at`, the offset of a page.
    pub(crate) fn lay_over(&self, piece: &mut [u8], at: u64) {
        for (page, from) in self.pages.range(at..at + piece.len() as u64) {
            let begin = (page - at) as usize;
            let length = self.size.min(piece.len() - begin);
            piece[begin..begin + length].copy_from_slice(&self.bytes[*from..from + length]);
        }
    }

    /// The offset of the last page's end; 0 when there is none.
    pub(crate) fn end(&self) -> u64 {
        let last = self.pages.last_key_value();
        last.map_or(0, |(at, _)| at + self.size as u64)
    }

    /// Forgets the pages behind the new end of the file.
    pub(crate) fn cut(&mut self, size: u64) {
        self.pages.split_off(&size);
    }

    pub(crate) fn clear(&mut self) {
        self.pages.clear();
        self.bytes.clear();
    }

    /// Writes all pages, neighbours together.
    pub(crate) fn write(&self, disk: &mut impl Disk) -> c_int {
        let mut run = Vec::new();
        let mut begin = 0;
        for (&at, &page) in &self.pages {
            let follows = at == begin + run.len() as u64 && run.len() + self.size <= RUN;
            if !run.is_empty() && !follows {
                let code = disk.write(&run, begin);
                if code != OK {
                    return code;
                }
                run.clear();
            }
            if run.is_empty() {
                begin = at;
            }
            run.extend_from_slice(&self.bytes[page..page + self.size]);
        }
        if run.is_empty() {
            OK
        } else {
            disk.write(&run, begin)
        }
    }
}

/// A thread that writes batches in the order in which they come.
pub(crate) struct Writer {
    batches: Option<Sender<Arc<Batch>>>,
    codes: Receiver<c_int>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread; None when the system refuses one.
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    pub(crate) fn start<D: Disk + Send + 'static>(mut disk: D) -> Option<Writer> {
        let (batches, to_write) = mpsc::channel::<Arc<Batch>>();
        let (written, codes) = mpsc::channel();
        let write = move || {
            for batch in to_write {
                let code = batch.write(&mut disk);
                drop(batch);
                if written.send(code).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(write)
            .ok()?;
        Some(Writer {
            batches: Some(batches),
            codes,
            thread: Some(thread),
        })
    }

    /// No thread elsewhere. SQLite has neither `pread` nor `pwrite` there (see `HAVE_PREAD` in its `os_unix.c`): it seeks and
    /// then reads or writes, and between the two another thread may seek.
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    pub(crate) fn start<D: Disk + Send + 'static>(_: D) -> Option<Writer> {
        None
    }

    /// Hands a batch over; false when the thread has ended.
    pub(crate) fn take(&self, batch: Arc<Batch>) -> bool {
        let batches = self.batches.as_ref();
        batches.is_some_and(|batches| batches.send(batch).is_ok())
    }

    /// Waits until the oldest batch has been written, and gives the code of that.
    pub(crate) fn wait(&self) -> c_int {
        self.codes.recv().unwrap_or(SQLITE_IOERR_WRITE)
    }

    /// The code of the oldest batch, if it has been written.
    pub(crate) fn written(&self) -> Option<c_int> {
        self.codes.try_recv().ok()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
