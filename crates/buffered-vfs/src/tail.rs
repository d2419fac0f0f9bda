//! The end of a journal, held back: SQLite writes a journal in three pieces for each page, two of them of four bytes.

use std::ffi::c_int;

use crate::window::{Disk, OK, RUN};

#[derive(Default)]
pub(crate) struct Tail {
    bytes: Vec<u8>,
    /// The offset of `bytes` in the file.
    at: u64,
    /// Whether the journal has been synced since its beginning was written.
    synced: bool,
}

impl Tail {
    /// Holds a piece that follows on the last one. The beginning of a journal, which says whether the journal counts, is
    /// written at once.
    pub(crate) fn put(&mut self, disk: &mut impl Disk, from: &[u8], at: u64) -> c_int {
        let follows = !self.bytes.is_empty() && at == self.at + self.bytes.len() as u64;
        if !follows || self.bytes.len() + from.len() > RUN {
            let code = self.write_all(disk);
            if code != OK {
                return code;
            }
            self.synced &= at != 0;
            if at == 0 || from.len() > RUN {
                return disk.write(from, at);
            }
            self.at = at;
        }
        self.bytes.extend_from_slice(from);
        OK
    }

    /// Writes all that is held, which after an error is held still.
    pub(crate) fn write_all(&mut self, disk: &mut impl Disk) -> c_int {
        if self.bytes.is_empty() {
            return OK;
        }
        let code = disk.write(&self.bytes, self.at);
        if code == OK {
            self.bytes.clear();
        }
        code
    }

    /// Takes note that the journal has been synced.
    pub(crate) fn synced(&mut self) {
        self.synced = true;
    }

    /// Writes what must be there before something is written to the database. SQLite syncs a journal before that, if it
    /// syncs anything, and what it has added since is about pages that it will not write before the next sync.
    pub(crate) fn before_database(&mut self, disk: &mut impl Disk) -> c_int {
        if self.synced {
            OK
        } else {
            self.write_all(disk)
        }
    }

    /// The end of what is held; 0 when nothing is.
    pub(crate) fn end(&self) -> u64 {
        match self.bytes.len() {
            0 => 0,
            length => self.at + length as u64,
        }
    }

    /// Forgets what lies behind the new end of the file.
    pub(crate) fn cut(&mut self, size: u64) {
        let left = size.saturating_sub(self.at) as usize;
        self.bytes.truncate(left);
    }
}
