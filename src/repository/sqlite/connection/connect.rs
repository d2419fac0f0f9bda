//! The driver under a connection, and the connection itself.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::OpenFlags;

use crate::repository::Access;

/// The driver by which SQLite reaches the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::sqlite) enum Driver {
    /// SQLite's own VFS.
    Own,
    /// The VFS that spares a long read or transaction most of its system calls.
    Buffered,
}

impl Driver {
    pub(super) fn of(access: Access) -> Driver {
        match access {
            Access::WriteMany | Access::Import => Driver::Buffered,
            _ => Driver::Own,
        }
    }
}

pub(in crate::repository::sqlite) fn connect(
    path: &Path,
    flags: OpenFlags,
    driver: Driver,
) -> rusqlite::Result<Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    match buffered_vfs::name().filter(|_| driver == Driver::Buffered) {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
        None => Connection::open_with_flags(path, flags),
    }
}

/// The URI that tells SQLite a parameter beside the path.
pub(in crate::repository::sqlite) fn uri(absolute: &Path, parameter: &str) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut uri = String::from("file:");
    for byte in absolute.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri + "?" + parameter
}
