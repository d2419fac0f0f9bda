//! A record of SQLite's system calls: its VFS can be told to call other functions.

use std::collections::HashMap;
use std::ffi::{c_char, c_int, c_void};
use std::fs::{self, File};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once};
use std::{ffi, ptr, slice};

use libsqlite3_sys::{SQLITE_OK, sqlite3_syscall_ptr, sqlite3_vfs_find};

/// An event of a file, by the file's name, or of the run.
#[derive(Clone, Debug)]
pub enum Event {
    Written(String, u64, Vec<u8>),
    Cut(String, u64),
    Removed(String),
    /// A transaction begins.
    Begins,
    /// The number of transactions committed so far.
    Committed(u32),
}

impl Event {
    pub fn is_write(&self) -> bool {
        matches!(self, Event::Written(..))
    }

    pub fn is_page_of_database(&self) -> bool {
        matches!(self, Event::Written(name, _, _) if name == "jobs.db")
    }
}

/// The events of each folder that is recorded.
static EVENTS: Mutex<Option<HashMap<PathBuf, Vec<Event>>>> = Mutex::new(None);

pub struct Recording(PathBuf);

impl Recording {
    pub fn begin(folder: &Path) -> Recording {
        static HOOKED: Once = Once::new();
        HOOKED.call_once(hook);
        let folder = folder.canonicalize().expect("is there");
        events()
            .get_or_insert_default()
            .insert(folder.clone(), Vec::new());
        Recording(folder)
    }

    pub fn mark(&self, event: Event) {
        let mut events = events();
        let events = events.as_mut().and_then(|all| all.get_mut(&self.0));
        events.expect("is recorded").push(event);
    }

    pub fn end(self) -> Vec<Event> {
        let recorded = events().as_mut().and_then(|all| all.remove(&self.0));
        recorded.expect("is recorded")
    }
}

fn events() -> MutexGuard<'static, Option<HashMap<PathBuf, Vec<Event>>>> {
    EVENTS.lock().expect("nobody panicked with it")
}

/// Does something to a file and writes it down, nothing else coming between.
fn record<T>(
    path: Option<PathBuf>,
    act: impl FnOnce() -> T,
    event: impl FnOnce(String, &T) -> Option<Event>,
) -> T {
    let mut events = events();
    let done = act();
    let path = path.unwrap_or_default();
    if let (Some(folder), Some(name)) = (path.parent(), path.file_name())
        && let Some(events) = events.as_mut().and_then(|all| all.get_mut(folder))
    {
        events.extend(event(name.to_string_lossy().into_owned(), &done));
    }
    done
}

fn hook() {
    let calls: [(&ffi::CStr, *const c_void); 3] = [
        (c"pwrite", pwrite as *const c_void),
        (c"ftruncate", ftruncate as *const c_void),
        (c"unlink", unlink as *const c_void),
    ];
    // SAFETY: a null name asks for the default VFS, which is never freed; the functions have the form of those that they
    // stand for.
    unsafe {
        let vfs = sqlite3_vfs_find(ptr::null());
        let set = (*vfs).xSetSystemCall.expect("is SQLite's own");
        for (name, call) in calls {
            let call: sqlite3_syscall_ptr = std::mem::transmute(call);
            assert_eq!(set(vfs, name.as_ptr(), call), SQLITE_OK, "{name:?}");
        }
    }
}

/// The file stays open.
fn file(number: c_int) -> ManuallyDrop<File> {
    // SAFETY: SQLite has it open while it calls.
    ManuallyDrop::new(unsafe { File::from_raw_fd(number) })
}

fn path(number: c_int) -> Option<PathBuf> {
    fs::read_link(format!("/proc/self/fd/{number}")).ok()
}

/// # Safety
/// As the system's.
unsafe extern "C" fn pwrite(number: c_int, from: *const c_void, length: usize, at: i64) -> isize {
    // SAFETY: `length` bytes are there.
    let bytes = unsafe { slice::from_raw_parts(from.cast::<u8>(), length) };
    let write = || file(number).write_at(bytes, at as u64);
    let written = record(path(number), write, |name, written| {
        let count = *written.as_ref().ok()?;
        Some(Event::Written(name, at as u64, bytes[..count].to_vec()))
    });
    written.map_or(-1, |count| count as isize)
}

unsafe extern "C" fn ftruncate(number: c_int, size: i64) -> c_int {
    let cut = || file(number).set_len(size as u64);
    let cut = record(path(number), cut, |name, done| {
        done.is_ok().then_some(Event::Cut(name, size as u64))
    });
    if cut.is_ok() { 0 } else { -1 }
}

/// # Safety
/// As the system's.
unsafe extern "C" fn unlink(name: *const c_char) -> c_int {
    // SAFETY: it is a text that ends with a zero.
    let name = unsafe { ffi::CStr::from_ptr(name) };
    let path = PathBuf::from(ffi::OsStr::from_bytes(name.to_bytes()));
    let remove = || fs::remove_file(&path);
    let removed = record(Some(path.clone()), remove, |name, done| {
        done.is_ok().then_some(Event::Removed(name))
    });
    if removed.is_ok() { 0 } else { -1 }
}
