//! Pages that are to be written, and the thread that writes them while more are changed.

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
    /// Where in `bytes` the page of an offset begins.
    places: BTreeMap<u64, usize>,
    bytes: Vec<u8>,
}

/// What is held of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holding {
    Nothing,
    Part,
    /// All of it, and it has been copied.
    All,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(crate) fn takes(&self, length: usize) -> bool {
        self.is_empty() || self.size == length
    }

    /// How much it takes.
    pub(crate) fn length(&self) -> usize {
        self.bytes.len()
    }

    /// `takes` says whether it may be called.
    pub(crate) fn put(&mut self, from: &[u8], at: u64) {
        self.size = from.len();
        match self.places.get(&at) {
            Some(&place) => self.bytes[place..place + self.size].copy_from_slice(from),
            None => {
                self.places.insert(at, self.bytes.len());
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
        match self.places.get(&(at - offset as u64)) {
            Some(place) => {
                let begin = place + offset;
                into.copy_from_slice(&self.bytes[begin..begin + into.len()]);
                Holding::All
            }
            None => Holding::Nothing,
        }
    }

    /// Puts its pages over those of a piece of the file that begins at `at`, and has room for whole pages.
    pub(crate) fn lay_over(&self, piece: &mut [u8], at: u64) {
        for (page, place) in self.places.range(at..at + piece.len() as u64) {
            let begin = (page - at) as usize;
            let length = self.size.min(piece.len() - begin);
            piece[begin..begin + length].copy_from_slice(&self.bytes[*place..place + length]);
        }
    }

    /// The end of the last page; 0 when there is none.
    pub(crate) fn end(&self) -> u64 {
        let last = self.places.last_key_value();
        last.map_or(0, |(at, _)| at + self.size as u64)
    }

    /// Forgets the pages behind the new end of the file.
    pub(crate) fn cut(&mut self, size: u64) {
        self.places.split_off(&size);
    }

    pub(crate) fn clear(&mut self) {
        self.places.clear();
        self.bytes.clear();
    }

    /// Writes all pages, those that lie side by side at once.
    pub(crate) fn write(&self, disk: &mut impl Disk) -> c_int {
        let mut run = Vec::new();
        let mut begin = 0;
        for (&at, &place) in &self.places {
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
            run.extend_from_slice(&self.bytes[place..place + self.size]);
        }
        if run.is_empty() {
            OK
        } else {
            disk.write(&run, begin)
        }
    }
}

/// Writes batches in the order in which they come.
pub(crate) struct Writer {
    batches: Option<Sender<Arc<Batch>>>,
    codes: Receiver<c_int>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// None when the machine has no thread for it.
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

    /// Elsewhere SQLite has neither `pread` nor `pwrite` (see `HAVE_PREAD` in its `os_unix.c`): it moves to the place and
    /// reads or writes there, and between the two another thread may move on.
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    pub(crate) fn start<D: Disk + Send + 'static>(_: D) -> Option<Writer> {
        None
    }

    /// False when it is not there any more.
    pub(crate) fn take(&self, batch: Arc<Batch>) -> bool {
        let batches = self.batches.as_ref();
        batches.is_some_and(|batches| batches.send(batch).is_ok())
    }

    /// What became of the oldest batch that it has; waits for it.
    pub(crate) fn wait(&self) -> c_int {
        self.codes.recv().unwrap_or(SQLITE_IOERR_WRITE)
    }

    /// The same if it is already known.
    pub(crate) fn look(&self) -> Option<c_int> {
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
