//! The functions that SQLite calls for a file of ours. Each does our part, and then calls the system's.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::slice;

use libsqlite3_sys::{
    SQLITE_FCNTL_CKPT_DONE, SQLITE_FCNTL_SYNC, SQLITE_IOCAP_BATCH_ATOMIC, SQLITE_IOERR,
    SQLITE_OPEN_MAIN_DB, SQLITE_SHM_LOCK, SQLITE_SHM_SHARED, sqlite3_database_file_object,
    sqlite3_file, sqlite3_int64, sqlite3_io_methods,
};

use crate::head::{Head, Role, role_of, system_file};
use crate::system::{System, system};
use crate::tail::Tail;
use crate::window::{Disk, OK};

/// Makes our head, before the system's file is opened behind it.
///
/// # Safety
/// `file` has room for both; `name` is one that SQLite made for `flags`.
pub(crate) unsafe fn begin(file: *mut sqlite3_file, name: *const c_char, flags: c_int) {
    // SAFETY: the pager has one database and at most one journal at a time, in one piece of memory, and closes the
    // journal first. A database that was opened by another VFS has other methods.
    unsafe {
        let role = if flags & SQLITE_OPEN_MAIN_DB != 0 {
            Role::Database(Box::default(), ptr::null_mut())
        } else {
            let database = sqlite3_database_file_object(name);
            let known = !database.is_null() && ptr::eq((*database).pMethods, &METHODS);
            let database = if known { database } else { ptr::null_mut() };
            if let Some(Role::Database(_, journal)) = role_of(database) {
                *journal = file;
            }
            Role::Journal(Tail::default(), database)
        };
        let head = Head {
            base: sqlite3_file { pMethods: &METHODS },
            role: Box::into_raw(Box::new(role)),
        };
        file.cast::<Head>().write(head);
        // A system's VFS that fails may leave this field as it is.
        (*system_file(file)).pMethods = ptr::null();
    }
}

/// Takes back what `begin` did, since SQLite does not close a file that was not opened.
///
/// # Safety
/// `file` is one of ours, and the system's part is closed.
pub(crate) unsafe fn abandon(file: *mut sqlite3_file) {
    // SAFETY: the role was boxed in `begin`, and is let go of only here.
    unsafe {
        if let Some(Role::Journal(_, database)) = role_of(file)
            && let Some(Role::Database(_, journal)) = role_of(*database)
        {
            *journal = ptr::null_mut();
        }
        let head = file.cast::<Head>();
        drop(Box::from_raw((*head).role));
        (*head).role = ptr::null_mut();
        (*head).base.pMethods = ptr::null();
    }
}

/// Writes all that is held back of a file; of a database its journal first.
///
/// # Safety
/// `file` is null or one of ours.
unsafe fn settle(file: *mut sqlite3_file) -> c_int {
    // SAFETY: a database and its journal are two files, so that each role is borrowed once.
    unsafe {
        match role_of(file) {
            None => OK,
            Some(Role::Journal(tail, _)) => tail.write_all(&mut System(file)),
            Some(Role::Database(database, journal)) => match settle(*journal) {
                OK => database.settle(&mut System(file)),
                code => code,
            },
        }
    }
}

/// The first of the locks that readers of a log share (`WAL_READ_LOCK(0)` in SQLite's `wal.c`).
const FIRST_READ_LOCK: c_int = 3;

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // Without the third version's memory mapping, which would go past what is held back.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

// SAFETY of all that follow: SQLite calls them with a file that `begin` made and the system's VFS opened, with buffers of
// the length it says, from one thread at a time.

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: see above.
    unsafe {
        let held = settle(file);
        // Where the journal could not be written nothing more goes to the database. The writer's batches must be done
        // first: once this file is closed, another may get its descriptor's number.
        if let Some(Role::Database(database, _)) = role_of(file) {
            database.closing();
        }
        let code = system!(file, xClose);
        abandon(file);
        if code == OK { held } else { code }
    }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: see above.
    unsafe {
        let into = slice::from_raw_parts_mut(into.cast::<u8>(), length as usize);
        let disk = &mut System(file);
        match role_of(file) {
            Some(Role::Database(database, _)) => database.read(disk, into, at as u64),
            Some(Role::Journal(tail, _)) => match tail.write_all(disk) {
                OK => disk.read(into, at as u64),
                code => code,
            },
            None => SQLITE_IOERR,
        }
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: see above.
    unsafe {
        let from = slice::from_raw_parts(from.cast::<u8>(), length as usize);
        let disk = &mut System(file);
        match role_of(file) {
            Some(Role::Database(database, journal)) => {
                let code = match role_of(*journal) {
                    Some(Role::Journal(tail, _)) => tail.before_database(&mut System(*journal)),
                    _ => OK,
                };
                match code {
                    OK => database.write(disk, from, at as u64),
                    code => code,
                }
            }
            Some(Role::Journal(tail, _)) => tail.put(disk, from, at as u64),
            None => SQLITE_IOERR,
        }
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: see above.
    unsafe {
        match role_of(file) {
            Some(Role::Database(database, journal)) => {
                if let Some(Role::Journal(tail, _)) = role_of(*journal) {
                    let code = tail.before_database(&mut System(*journal));
                    if code != OK {
                        return code;
                    }
                }
                let code = database.truncated(size as u64);
                if code != OK {
                    return code;
                }
            }
            Some(Role::Journal(tail, _)) => tail.cut(size as u64),
            None => {}
        }
        system!(file, xTruncate, size)
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: see above.
    unsafe {
        let held = settle(file);
        if held != OK {
            return held;
        }
        let code = system!(file, xSync, flags);
        if let (OK, Some(Role::Journal(tail, _))) = (code, role_of(file)) {
            tail.synced();
        }
        code
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    // SAFETY: see above.
    unsafe {
        let held = match role_of(file) {
            Some(Role::Database(database, _)) => database.end(),
            Some(Role::Journal(tail, _)) => tail.end(),
            None => 0,
        };
        let code = system!(file, xFileSize, size);
        if code == OK {
            *size = (*size).max(held as sqlite3_int64);
        }
        code
    }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: see above.
    unsafe {
        let code = system!(file, xLock, level);
        if let (OK, Some(Role::Database(database, _))) = (code, role_of(file)) {
            database.locked(level);
        }
        code
    }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: see above.
    unsafe {
        // What still cannot be written is of a transaction that failed, which was told before. To say it again here would
        // mean that the lock may not have been given back.
        let _ = settle(file);
        if let Some(Role::Database(database, _)) = role_of(file) {
            database.unlocking(level);
        }
        system!(file, xUnlock, level)
    }
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, is: *mut c_int) -> c_int {
    // SAFETY: see above.
    unsafe { system!(file, xCheckReservedLock, is) }
}

unsafe extern "C" fn file_control(
    file: *mut sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: see above.
    unsafe {
        // Told at every commit, and when a log has been copied into the database, also where nothing is synced. SQLite
        // passes over an error of the latter; it is told again when the file is cut to its size, which comes next.
        if matches!(operation, SQLITE_FCNTL_SYNC | SQLITE_FCNTL_CKPT_DONE) {
            let code = settle(file);
            if code != OK {
                return code;
            }
        }
        system!(file, xFileControl, operation, argument)
    }
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: see above.
    unsafe { system!(file, xSectorSize) }
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: see above.
    unsafe { system!(file, xDeviceCharacteristics) & !SQLITE_IOCAP_BATCH_ATOMIC }
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    memory: *mut *mut c_void,
) -> c_int {
    // SAFETY: see above.
    unsafe {
        if let Some(Role::Database(database, _)) = role_of(file) {
            database.shares_log();
        }
        system!(file, xShmMap, region, size, extend, memory)
    }
}

unsafe extern "C" fn shm_lock(
    file: *mut sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: see above.
    unsafe {
        let is_reading = offset >= FIRST_READ_LOCK && flags & SQLITE_SHM_SHARED != 0;
        let begins = flags & SQLITE_SHM_LOCK != 0;
        let code = system!(file, xShmLock, offset, count, flags);
        if let (true, Some(Role::Database(database, _))) = (is_reading, role_of(file)) {
            database.reads_log(begins && code == OK);
        }
        code
    }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: see above.
    unsafe {
        let file = system_file(file);
        if let Some(method) = (*(*file).pMethods).xShmBarrier {
            method(file);
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: see above.
    unsafe { system!(file, xShmUnmap, delete) }
}
