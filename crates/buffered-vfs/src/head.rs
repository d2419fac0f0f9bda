//! The two parts of a file in the memory that SQLite gives to it: our head, and behind it the system's own file.

use libsqlite3_sys::sqlite3_file;

use crate::database::Database;
use crate::tail::Tail;

/// Our part of a file.
#[repr(C)]
pub(crate) struct Head {
    pub(crate) base: sqlite3_file,
    pub(crate) role: *mut Role,
}

/// Bytes of our part.
pub(crate) const HEAD: usize = size_of::<Head>();

pub(crate) enum Role {
    /// A database, with its journal's file while that is open.
    Database(Box<Database>, *mut sqlite3_file),
    /// A journal, with its database's file.
    Journal(Tail, *mut sqlite3_file),
}

/// The role that our part keeps; None for a null pointer.
///
/// # Safety
/// `file` is null or one of ours, and nothing else borrows its role.
pub(crate) unsafe fn role_of<'a>(file: *mut sqlite3_file) -> Option<&'a mut Role> {
    // SAFETY: SQLite uses a connection from one thread at a time, and a callback borrows a role only while it runs.
    unsafe { (!file.is_null()).then(|| &mut *(*file.cast::<Head>()).role) }
}

/// The system's part of a file.
///
/// # Safety
/// `file` is one of ours.
pub(crate) unsafe fn system_file(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: the room behind our head is the system's (see `szOsFile`); the head's size keeps it aligned.
    unsafe { file.byte_add(HEAD) }
}
