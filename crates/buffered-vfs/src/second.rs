//! A file of a database, opened a second time to be synced while a connection goes on writing. SQLite opens and closes it,
//! and minds the locks of this process: any other code that closes a descriptor of a database gives all of them up.

use std::ffi::c_int;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use libsqlite3_sys::{
    SQLITE_OPEN_MAIN_DB, SQLITE_OPEN_READONLY, SQLITE_OPEN_TEMP_JOURNAL, SQLITE_SYNC_DATAONLY,
    SQLITE_SYNC_NORMAL, sqlite3_file, sqlite3_vfs_find,
};

use crate::window::OK;

pub struct Second {
    /// The memory that the system's VFS needs for a file.
    file: Box<[u64]>,
    /// The path, at an address that the system's VFS uses as long as the file is open.
    _name: Box<[u8]>,
}

impl Second {
    /// Opens a database, whose path must lead through no symbolic link.
    pub fn of_database(path: &Path) -> Option<Second> {
        Second::open(path, SQLITE_OPEN_MAIN_DB)
    }

    /// Opens a journal, on which there are no locks.
    pub fn of_journal(path: &Path) -> Option<Second> {
        Second::open(path, SQLITE_OPEN_TEMP_JOURNAL)
    }

    fn open(path: &Path, kind: c_int) -> Option<Second> {
        let mut name = path.as_os_str().as_bytes().to_vec();
        if name.contains(&0) {
            return None;
        }
        // Two zeros end a name that has no parameters behind it.
        name.extend([0, 0]);
        let name = name.into_boxed_slice();
        // SAFETY: a null name asks for the default VFS, which is the system's and never freed.
        let system = unsafe { sqlite3_vfs_find(ptr::null()) };
        // SAFETY: it is null or points to a whole VFS, which is plain data.
        let found = unsafe { system.as_ref() }?;
        let opener = found.xOpen?;
        let mut file = vec![0u64; (found.szOsFile as usize).div_ceil(8)].into_boxed_slice();
        let flags = kind | SQLITE_OPEN_READONLY;
        let memory = file.as_mut_ptr().cast();
        // SAFETY: the memory is what the VFS asks for, and the name ends in two zeros and stays as long as the file.
        let code = unsafe { opener(system, name.as_ptr().cast(), memory, flags, ptr::null_mut()) };
        let mut second = Second { file, _name: name };
        if code != OK {
            // Without methods it is not closed.
            second.file.fill(0);
            return None;
        }
        Some(second)
    }

    /// Brings what has been written so far to disk. What fails here fails again in the connection's own sync.
    pub fn sync(&mut self) -> bool {
        let file = self.file.as_mut_ptr().cast::<sqlite3_file>();
        // SAFETY: the file is open, and its methods are those of the system's VFS.
        unsafe {
            let sync = (*file).pMethods.as_ref().and_then(|methods| methods.xSync);
            sync.is_some_and(|sync| sync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) == OK)
        }
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        let file = self.file.as_mut_ptr().cast::<sqlite3_file>();
        // SAFETY: without methods the file was never opened; else this is the only time that it is closed.
        unsafe {
            if let Some(close) = (*file).pMethods.as_ref().and_then(|methods| methods.xClose) {
                close(file);
            }
        }
    }
}

// SAFETY: SQLite is built to be used by several threads; what files of one inode share, its VFS guards with mutexes.
unsafe impl Send for Second {}
