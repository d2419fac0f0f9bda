//! The pieces in which a file is read and written.

use std::ffi::c_int;

/// Bytes of a window: as many as the largest page has, so that no page lies in two.
pub(crate) const WINDOW: usize = 64 * 1024;

/// Bytes that are written at once at most. The system's VFS takes 17 bits of a length, and for one byte more it writes
/// nothing (`seekAndWriteFd` in SQLite's `os_unix.c`).
pub(crate) const RUN: usize = 64 * 1024;

/// What SQLite calls "done".
pub(crate) const OK: c_int = libsqlite3_sys::SQLITE_OK;

/// The file itself. Codes are SQLite's.
pub(crate) trait Disk {
    /// Fills `into`; at the end of the file with zeros, and the code for a short read.
    fn read(&mut self, into: &mut [u8], at: u64) -> c_int;

    fn write(&mut self, from: &[u8], at: u64) -> c_int;
}

/// The window of an offset, and where in it that is.
pub(crate) fn place(at: u64) -> (u64, usize) {
    (at / WINDOW as u64, (at % WINDOW as u64) as usize)
}

/// Whether so many bytes from there on lie in one window.
pub(crate) fn is_in_one(at: u64, length: usize) -> bool {
    place(at).1 + length <= WINDOW
}

pub(crate) fn empty() -> Box<[u8]> {
    vec![0; WINDOW].into_boxed_slice()
}
