//! The database file: the pages held back and those read ahead, and the locks under which either may be.

use std::ffi::c_int;

use libsqlite3_sys::{SQLITE_LOCK_EXCLUSIVE, SQLITE_LOCK_NONE, SQLITE_LOCK_SHARED};

use crate::ahead::Ahead;
use crate::batch::Holding;
use crate::held::Held;
use crate::window::{Disk, OK, is_in_one};

#[derive(Default)]
pub(crate) struct Database {
    held: Held,
    ahead: Ahead,
    /// The lock that this connection has.
    lock: c_int,
    /// Whether there is a log (WAL), which others may copy into the file whatever lock they have.
    shares_log: bool,
    /// Whether this connection reads a snapshot of file and log. What others copy into the file meanwhile are pages that the
    /// snapshot has in the log: `walCheckpoint` in SQLite's `wal.c` stops at the frame of the oldest reader.
    reads_log: bool,
}

impl Database {
    pub(crate) fn read(&mut self, disk: &mut impl Disk, into: &mut [u8], at: u64) -> c_int {
        match self.held.get(into, at) {
            Holding::All => return OK,
            Holding::Nothing => {}
            Holding::Part => {
                let code = self.held.settle(disk);
                if code != OK {
                    return code;
                }
            }
        }
        if self.may_read_ahead() {
            let Database { held, ahead, .. } = self;
            let read = |piece: &mut [u8], at| held.lay_over(piece, at);
            if ahead.get(disk, into, at, read) {
                return OK;
            }
        }
        disk.read(into, at)
    }

    pub(crate) fn write<D: Disk + Clone + Send + 'static>(
        &mut self,
        disk: &mut D,
        from: &[u8],
        at: u64,
    ) -> c_int {
        let is_page = is_in_one(at, from.len()) && Held::takes(at, from.len());
        let code = if is_page && self.may_hold() {
            self.held.put(disk, from, at)
        } else {
            match self.held.settle(disk) {
                OK => disk.write(from, at),
                code => code,
            }
        };
        match code {
            OK => self.ahead.put(from, at),
            _ => self.ahead.forget(),
        }
        code
    }

    /// Whether nobody else can read the file, or has read it ahead.
    fn may_hold(&self) -> bool {
        self.lock >= SQLITE_LOCK_EXCLUSIVE
    }

    /// Whether nobody else can change what this connection reads in the file.
    fn may_read_ahead(&self) -> bool {
        self.lock >= SQLITE_LOCK_EXCLUSIVE
            || (self.lock >= SQLITE_LOCK_SHARED && (!self.shares_log || self.reads_log))
    }

    /// Writes all that is held back.
    pub(crate) fn settle(&mut self, disk: &mut impl Disk) -> c_int {
        self.held.settle(disk)
    }

    /// The least size of the file once all that is held back is in it.
    pub(crate) fn end(&self) -> u64 {
        self.held.end()
    }

    /// Forgets what lies behind the new end of the file. The code is that of an earlier write that failed.
    pub(crate) fn truncated(&mut self, size: u64) -> c_int {
        self.ahead.forget();
        self.held.cut(size)
    }

    /// Waits for the writer and forgets the rest, so that nothing is written to the file from now on.
    pub(crate) fn closing(&mut self) {
        self.held.forget();
    }

    pub(crate) fn locked(&mut self, lock: c_int) {
        self.lock = lock;
    }

    /// Forgets what `settle` could not write, before the lock is given back: it belongs to a transaction that failed, which
    /// whoever gets the lock next takes back from the journal.
    pub(crate) fn unlocking(&mut self, lock: c_int) {
        self.held.forget();
        if lock == SQLITE_LOCK_NONE {
            self.ahead.forget();
        }
        self.lock = lock;
    }

    pub(crate) fn shares_log(&mut self) {
        self.shares_log = true;
        self.ahead.forget();
    }

    /// A snapshot of file and log begins or ends.
    pub(crate) fn reads_log(&mut self, reads: bool) {
        self.reads_log = reads;
        self.ahead.forget();
    }
}
