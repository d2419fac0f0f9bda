//! The syncs of folders. SQLite syncs the folder of a new journal or log, and passes over an error; whoever has to know that
//! the name is on disk syncs the folder itself, and spares SQLite from doing it again.

use std::cell::Cell;
use std::ffi::{c_char, c_int};
use std::mem::transmute;
use std::ptr;
use std::sync::OnceLock;

use libsqlite3_sys::{SQLITE_CANTOPEN, sqlite3_vfs_find};

/// The function of the system's VFS that opens a folder to sync it.
type OpenFolder = unsafe extern "C" fn(*const c_char, *mut c_int) -> c_int;

/// SQLite's own.
static SYSTEM: OnceLock<OpenFolder> = OnceLock::new();

thread_local! {
    static SYNCED: Cell<bool> = const { Cell::new(false) };
}

/// Does this work without the syncs of folders that SQLite would do in this thread: the caller has just done them.
pub fn with_folders_synced<T>(work: impl FnOnce() -> T) -> T {
    static REPLACED: OnceLock<()> = OnceLock::new();
    REPLACED.get_or_init(|| {
        // Without, folders are synced twice.
        let _ = replace();
    });
    let _guard = FoldersSynced;
    SYNCED.set(true);
    work()
}

/// Ends it, also where the work panics.
struct FoldersSynced;

impl Drop for FoldersSynced {
    fn drop(&mut self) {
        SYNCED.set(false);
    }
}

fn replace() -> Option<()> {
    const NAME: *const c_char = c"openDirectory".as_ptr();
    // SAFETY: a null name asks for the default VFS, which SQLite never frees; it is plain data, and has these functions from
    // its third version on. What has this name is a function of the type that it is taken for, on both ways.
    unsafe {
        let vfs = sqlite3_vfs_find(ptr::null());
        let found = vfs.as_ref().filter(|found| found.iVersion >= 3)?;
        let (get, set) = (found.xGetSystemCall?, found.xSetSystemCall?);
        let system = get(vfs, NAME)?;
        SYSTEM.get_or_init(|| transmute::<unsafe extern "C" fn(), OpenFolder>(system));
        let ours = transmute::<OpenFolder, unsafe extern "C" fn()>(open_folder);
        set(vfs, NAME, Some(ours));
    }
    Some(())
}

/// Opens the folder of a file to sync it. Where it cannot be opened, SQLite goes on without.
///
/// # Safety
/// As SQLite calls it.
unsafe extern "C" fn open_folder(file: *const c_char, descriptor: *mut c_int) -> c_int {
    match SYSTEM.get() {
        // SAFETY: SQLite called us with what it would call its own function with.
        Some(system) if !SYNCED.get() => unsafe { system(file, descriptor) },
        _ => SQLITE_CANTOPEN,
    }
}
