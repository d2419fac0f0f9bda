//! The database file: what is held back of it and what has been read ahead, and when that may be.

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
    /// There is a log (WAL) that others may copy into the file whatever lock they have.
    shares_log: bool,
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

    /// Nobody else can read the file, or has it read ahead.
    fn may_hold(&self) -> bool {
        self.lock >= SQLITE_LOCK_EXCLUSIVE
    }

    /// Nobody else can write the file.
    fn may_read_ahead(&self) -> bool {
        self.lock >= SQLITE_LOCK_EXCLUSIVE || (self.lock >= SQLITE_LOCK_SHARED && !self.shares_log)
    }

    /// Writes all that is held back.
    pub(crate) fn settle(&mut self, disk: &mut impl Disk) -> c_int {
        self.held.settle(disk)
    }

    /// Where the file ends at least, when all that is held back is in it.
    pub(crate) fn end(&self) -> u64 {
        self.held.end()
    }

    /// What lies behind goes nowhere any more. The code is that of what could not be written before.
    pub(crate) fn truncated(&mut self, size: u64) -> c_int {
        self.ahead.forget();
        self.held.cut(size)
    }

    /// Nothing goes to the file any more when this has ended.
    pub(crate) fn closing(&mut self) {
        self.held.forget();
    }

    pub(crate) fn locked(&mut self, lock: c_int) {
        self.lock = lock;
    }

    /// Call it after `settle`, and before the lock is given back. What could not be written belongs to a transaction that
    /// failed, and whoever gets the lock next takes it back from the journal.
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
}
