//! The system's part of a file, to which everything is written in the end.

use std::ffi::c_int;

use libsqlite3_sys::{sqlite3_file, sqlite3_int64};

use crate::window::Disk;

/// The system's part of a file, to be read and written.
#[derive(Clone, Copy)]
pub(crate) struct System(pub(crate) *mut sqlite3_file);

// SAFETY: the writer's thread only writes, and is waited for before anything else is asked of the file but to be read: a
// `pread` beside a `pwrite`, for which the system's VFS keeps nothing in the file's memory but the number of an error.
unsafe impl Send for System {}

/// Calls a method of the system's part.
macro_rules! system {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let file = $crate::head::system_file($file);
        match (*(*file).pMethods).$method {
            Some(method) => method(file $(, $argument)*),
            None => libsqlite3_sys::SQLITE_IOERR,
        }
    }};
}

pub(crate) use system;

impl Disk for System {
    fn read(&mut self, into: &mut [u8], at: u64) -> c_int {
        let length = into.len() as c_int;
        // SAFETY: the file is open as long as a callback runs, and the slice is as long as `length` says.
        unsafe {
            system!(
                self.0,
                xRead,
                into.as_mut_ptr().cast(),
                length,
                at as sqlite3_int64
            )
        }
    }

    fn write(&mut self, from: &[u8], at: u64) -> c_int {
        let length = from.len() as c_int;
        // SAFETY: as above.
        unsafe {
            system!(
                self.0,
                xWrite,
                from.as_ptr().cast(),
                length,
                at as sqlite3_int64
            )
        }
    }
}
