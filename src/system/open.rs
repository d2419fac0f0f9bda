//! The one way to open a file by other means than SQLite. A process that closes any descriptor of a file gives up all its
//! POSIX locks on that file, SQLite's too, and without them another writer destroys a database. So files that belong to a
//! database are recognized before they are opened, by device and inode or by name, and are never opened here.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{CWD, FileType, FlockOperation, Mode, OFlags, fcntl_lock};
use rustix::io::{Errno, retry_on_intr};
use rustix::path::Arg;

use super::identity::Identity;
use crate::text::size::spell_size;

/// The mode of new files, which hold jobs: for their owner alone.
const PRIVATE: u32 = 0o600;

/// All rights but those of programs.
const NO_PROGRAM: u32 = 0o666;

/// The most symbolic links that are followed one after the other.
const LINKS: usize = 40;

/// The databases that nothing else opens: one list a process, since locks are the process's.
static PROTECTED: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

struct Entry {
    number: u64,
    path: PathBuf,
    companions: &'static [&'static str],
    /// The file that a connection has open, whatever its name is by now.
    open: Option<Identity>,
}

/// A database that nothing else opens as long as this lives.
#[derive(Debug)]
pub struct Protection(u64);

/// Protects a database, which need not exist, and the files beside it with these endings.
pub fn protect(path: &Path, companions: &'static [&'static str]) -> Protection {
    enter(path, companions, None)
}

/// The same for a database that SQLite has open now.
pub fn protect_open(path: &Path, companions: &'static [&'static str]) -> Protection {
    enter(path, companions, Identity::at(path).ok())
}

fn enter(path: &Path, companions: &'static [&'static str], open: Option<Identity>) -> Protection {
    let mut protected = protected();
    let number = protected.last().map_or(0, |last| last.number + 1);
    protected.push(Entry {
        number,
        path: path.to_owned(),
        companions,
        open,
    });
    Protection(number)
}

impl Drop for Protection {
    fn drop(&mut self) {
        protected().retain(|entry| entry.number != self.0);
    }
}

fn protected() -> MutexGuard<'static, Vec<Entry>> {
    PROTECTED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Entry {
    /// The paths of the database and of the files beside it, whether they exist or not.
    fn paths(&self) -> impl Iterator<Item = PathBuf> + use<'_> {
        let database = resolved(&self.path).unwrap_or_else(|| self.path.clone());
        let beside = self.companions.iter().map({
            let database = database.clone();
            move |suffix| with_suffix(&database, suffix)
        });
        std::iter::once(database).chain(beside)
    }

    fn is(&self, identity: Identity) -> bool {
        self.open == Some(identity)
            || self
                .paths()
                .any(|its| Identity::at(its).ok() == Some(identity))
    }

    fn is_named(&self, path: &Path) -> bool {
        self.paths().any(|its| its == path)
    }
}

/// Whether a path leads to a database that is protected or to a file beside it, whether that exists yet or not.
pub fn is_protected(path: &Path) -> bool {
    let protected = protected();
    if protected.is_empty() {
        return false;
    }
    let resolved = resolved(path);
    let identity = Identity::at(path).ok();
    protected.iter().any(|entry| {
        identity.is_some_and(|identity| entry.is(identity))
            || resolved.as_deref().is_some_and(|path| entry.is_named(path))
    })
}

/// Whether a descriptor, such as one that the process was given, is open for a file of a database that is protected.
pub fn is_protected_descriptor(descriptor: impl AsFd) -> bool {
    // What is no file, as a terminal, belongs to no database.
    let Ok(stat) = rustix::fs::fstat(descriptor) else {
        return false;
    };
    FileType::from_raw_mode(stat.st_mode).is_file()
        && protected()
            .iter()
            .any(|entry| entry.is(Identity::of_stat(&stat)))
}

/// The path without any link; the file itself need not exist.
fn resolved(path: &Path) -> Option<PathBuf> {
    if let Ok(path) = fs::canonicalize(path) {
        return Some(path);
    }
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            Err(_) => break,
        }
    }
    let folder = fs::canonicalize(folder_of(&path)).ok()?;
    Some(folder.join(path.file_name()?))
}

/// The folder of a file.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

pub fn with_suffix(path: &Path, suffix: impl AsRef<OsStr>) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The error of opening a file that belongs to a database.
#[derive(Debug)]
struct BelongsToDatabase;

impl fmt::Display for BelongsToDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it belongs to the database, and SQLite alone opens it")
    }
}

impl std::error::Error for BelongsToDatabase {}

/// Whether a file was not opened because it belongs to a database.
pub fn is_refusal(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<BelongsToDatabase>())
}

fn refusal() -> io::Error {
    io::Error::other(BelongsToDatabase)
}

fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    if is_protected(path) {
        return Err(refusal());
    }
    let file = options.open(path)?;
    // Another file may have got the name since.
    if is_protected_descriptor(&file) {
        // Closing it would give up the locks.
        std::mem::forget(file);
        return Err(refusal());
    }
    Ok(file)
}

pub fn to_read(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().read(true), path)
}

/// The content of a file of at most `most` bytes; an error where it is longer, since a device may have no end.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    /// More than that is asked for in pieces, as what a file says of its size may be anything.
    const AT_ONCE: u64 = 64 << 10;
    let file = to_read(path)?;
    let size = file.metadata().map_or(0, |found| found.len());
    // With a little more than its size, one read has all, and the next one finds the end.
    read_into(
        Vec::with_capacity(size.min(AT_ONCE) as usize + 64),
        file,
        most,
    )
}

/// The content of an open file of at most `most` bytes.
pub fn read_whole(input: impl Read, most: usize) -> io::Result<Vec<u8>> {
    read_into(Vec::new(), input, most)
}

fn read_into(mut bytes: Vec<u8>, input: impl Read, most: usize) -> io::Result<Vec<u8>> {
    input
        .take((most as u64).saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() <= most {
        Ok(bytes)
    } else {
        let why = format!("it is longer than {}", spell_size(most as u64));
        Err(io::Error::new(ErrorKind::FileTooLarge, why))
    }
}

/// Opens an existing file to be written.
pub fn to_write(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().write(true), path)
}

/// Opens an existing file to be read and appended to.
pub fn to_append(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().read(true).append(true), path)
}

/// Makes a file to be read and appended to.
pub fn new_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true);
    open(options.mode(PRIVATE), path)
}

/// A file without a name in the folder for temporary files (`TMPDIR`, else `/tmp`), which is gone with its last descriptor.
pub fn nameless() -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(PRIVATE);
    Ok(rustix::fs::open(std::env::temp_dir(), flags, mode)?.into())
}

/// Makes a file to be written.
pub fn new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    open(options.write(true).create_new(true).mode(PRIVATE), path)
}

/// Opens a file to be locked, and makes it where it is missing. The file of another user need not be writable for that; a
/// new one gets the owner and the mode of the file that it stands for.
pub fn to_lock(path: &Path, stands_for: &Metadata) -> io::Result<File> {
    // A link is not followed, and a pipe is not waited for: neither is ours.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    loop {
        // Some network file systems lock only files that are open to be written.
        let mut both = OpenOptions::new();
        both.read(true).write(true).custom_flags(flags);
        let there = open(&both, path).or_else(|error| match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                open(OpenOptions::new().read(true).custom_flags(flags), path)
            }
            _ => Err(error),
        });
        match there {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            there => return there,
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        match open(options.mode(stands_for.mode() & NO_PROGRAM), path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => {
                let made = made?;
                give(&made, stands_for);
                return Ok(made);
            }
        }
    }
}

/// Gives a new file the owner and the mode of the one that it stands beside, as far as this user may. A user who may not
/// read the one cannot read the other.
pub fn give(file: &File, beside: &Metadata) {
    give_to_owner(file, beside);
    let Ok(ours) = file.metadata() else { return };
    let mut mode = beside.mode() & NO_PROGRAM;
    if ours.gid() != beside.gid() {
        mode &= !0o070;
    }
    if ours.mode() & 0o777 != mode {
        let _ = file.set_permissions(Permissions::from_mode(mode));
    }
}

/// Gives a new file the owner of the one that it stands beside. Only root may; others can give it to a group of theirs.
pub fn give_to_owner(file: &File, beside: &Metadata) {
    let Ok(ours) = file.metadata() else { return };
    if ours.uid() != beside.uid() && fchown(file, Some(beside.uid()), Some(beside.gid())).is_ok() {
        return;
    }
    if ours.gid() != beside.gid() {
        let _ = fchown(file, None, Some(beside.gid()));
    }
}

/// Opens a file to be written, made where it is missing and emptied where it exists.
pub fn emptied(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|found| found.file_type().is_fifo()) {
        return to_fifo(path);
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = open(options.mode(PRIVATE), path)?;
    // A pipe or a device has nothing to be emptied.
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    Ok(file)
}

/// Opens a named pipe; an error where nobody reads it, since a wait for a reader might last for ever and no signal ends it.
fn to_fifo(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = open(options.write(true).custom_flags(flags), path).map_err(|error| {
        if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) {
            io::Error::other("nobody reads this pipe")
        } else {
            error
        }
    })?;
    let flags = rustix::fs::fcntl_getfl(&file)?;
    rustix::fs::fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
    Ok(file)
}

/// Reads the first bytes of a database, which no connection of this process may have open.
pub fn beginning(database: &Path, into: &mut [u8]) -> io::Result<()> {
    let identity = Identity::at(database)?;
    if protected().iter().any(|entry| entry.open == Some(identity)) {
        return Err(refusal());
    }
    File::open(database)?.read_exact(into)
}

/// Locks a database that no connection of this process may have open, against everybody who has it open, until the file is
/// dropped. None when somebody else has a lock on it.
pub fn alone(database: &Path) -> io::Result<Option<File>> {
    let identity = Identity::at(database)?;
    if protected().iter().any(|entry| entry.open == Some(identity)) {
        return Err(refusal());
    }
    let file = OpenOptions::new().read(true).write(true).open(database)?;
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Brings the names in a folder to disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::from(folder_at(CWD, folder, OFlags::empty())?).sync_all()
}

/// Opens a folder and nothing else, which no database is.
pub fn folder_at(
    parent: impl AsFd,
    name: impl Arg + Copy,
    flags: OFlags,
) -> Result<OwnedFd, Errno> {
    let parent = parent.as_fd();
    let flags = flags | OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    retry_on_intr(|| rustix::fs::openat(parent, name, flags, Mode::empty()))
}
