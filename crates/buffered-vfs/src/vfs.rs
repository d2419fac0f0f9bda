//! The VFS as SQLite knows it: a copy of the system's own, with another function that opens files.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

use libsqlite3_sys::{
    SQLITE_OPEN_MAIN_DB, SQLITE_OPEN_MAIN_JOURNAL, sqlite3_file, sqlite3_vfs, sqlite3_vfs_find,
    sqlite3_vfs_register,
};

use crate::callbacks;
use crate::head::{HEAD, system_file};
use crate::window::OK;

const NAME: &CStr = c"buffered";

/// The system's own VFS, which outlives every connection.
static SYSTEM: AtomicPtr<sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// The name of the VFS, for opening a connection; None when SQLite refuses the VFS. Other connections are not affected.
pub fn name() -> Option<&'static CStr> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    REGISTERED.get_or_init(register).then_some(NAME)
}

fn register() -> bool {
    // SAFETY: a null name asks for the default VFS, which SQLite never frees.
    let system = unsafe { sqlite3_vfs_find(ptr::null()) };
    // SAFETY: it is null or points to a whole VFS, which is plain data.
    let Some(found) = (unsafe { system.as_ref() }) else {
        return false;
    };
    let ours = Box::new(sqlite3_vfs {
        szOsFile: found.szOsFile + HEAD as c_int,
        pNext: ptr::null_mut(),
        zName: NAME.as_ptr(),
        xOpen: Some(open),
        ..*found
    });
    SYSTEM.store(system, Ordering::Release);
    // SAFETY: the VFS is leaked, so that it is there as long as SQLite is. All its other functions are those of the
    // system's VFS, of which it is a copy.
    unsafe { sqlite3_vfs_register(Box::leak(ours), 0) == OK }
}

/// Opens a database or its journal as a file of ours, and everything else as one of the system's.
///
/// # Safety
/// As SQLite calls it: `file` has room for `szOsFile` bytes.
unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let system = SYSTEM.load(Ordering::Acquire);
    // SAFETY: it was stored before the VFS was registered, and is never freed.
    let opener = unsafe { (*system).xOpen };
    let Some(opener) = opener else {
        return libsqlite3_sys::SQLITE_CANTOPEN;
    };
    let ours = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL) != 0 && !name.is_null();
    if !ours {
        // SAFETY: the memory is more than the system's own file needs, whose methods are called from now on.
        return unsafe { opener(system, name, file, flags, flags_out) };
    }
    // SAFETY: there is room for both heads, and the name is one that SQLite made.
    unsafe {
        callbacks::begin(file, name, flags);
        let code = opener(system, name, system_file(file), flags, flags_out);
        if code != OK {
            callbacks::abandon(file);
        }
        code
    }
}
