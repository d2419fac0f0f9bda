//! The pieces in which a file is read and written.

use std::ffi::c_int;

/// Bytes of a window: those of SQLite's largest page, so that no page lies in two windows.
pub(crate) const WINDOW: usize = 64 * 1024;

/// The most bytes of one write. The system's VFS takes 17 bits of a length: of 128 KiB it would write nothing
/// (`seekAndWriteFd` in SQLite's `os_unix.c`).
pub(crate) const RUN: usize = 64 * 1024;

/// SQLite's code for success.
pub(crate) const OK: c_int = libsqlite3_sys::SQLITE_OK;

/// The file itself. Its methods give SQLite's codes.
pub(crate) trait Disk {
    /// Fills `into`. Behind the end of the file it gives zeros and the code for a short read.
    fn read(&mut self, into: &mut [u8], at: u64) -> c_int;

    fn write(&mut self, from: &[u8], at: u64) -> c_int;
}

/// The number of the window that an offset of the file lies in, and the offset within that window.
pub(crate) fn locate(at: u64) -> (u64, usize) {
    (at / WINDOW as u64, (at % WINDOW as u64) as usize)
}

/// Whether the `length` bytes that begin at `at` lie in one window.
pub(crate) fn is_in_one(at: u64, length: usize) -> bool {
    locate(at).1 + length <= WINDOW
}

pub(crate) fn empty() -> Box<[u8]> {
    vec![0; WINDOW].into_boxed_slice()
}
