//! The one way to a file that is not opened by SQLite. A process that closes any descriptor of a file gives up all the POSIX
//! locks that it has on it, SQLite's too, and without them a database is lost to whoever else writes. So what belongs to a
//! database is told before it is opened, by device and inode or by the name that it will have, and is never opened here.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
use rustix::path::Arg;

use super::identity::Identity;
use crate::text::size::spell_size;

/// What this makes is for its owner alone: it holds what is in jobs.
const PRIVATE: u32 = 0o600;

/// The rights to a file that is no program.
const NO_PROGRAM: u32 = 0o666;

/// Symbolic links that are followed one after the other.
const LINKS: usize = 40;

/// The locks are the process's, and so is the list of what they may be on.
static KEPT: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

struct Entry {
    number: u64,
    path: PathBuf,
    companions: &'static [&'static str],
    /// What a connection has open, whatever its name is by now.
    open: Option<Identity>,
}

/// A database that nothing else opens as long as this lives.
#[derive(Debug)]
pub struct Kept(u64);

/// Keeps a database, which need not be there, and what its names with these endings lead to.
pub fn keep(path: &Path, companions: &'static [&'static str]) -> Kept {
    enter(path, companions, None)
}

/// The same for a database that SQLite has open now.
pub fn keep_open(path: &Path, companions: &'static [&'static str]) -> Kept {
    enter(path, companions, Identity::at(path).ok())
}

fn enter(path: &Path, companions: &'static [&'static str], open: Option<Identity>) -> Kept {
    let mut kept = kept();
    let number = kept.last().map_or(0, |last| last.number + 1);
    kept.push(Entry {
        number,
        path: path.to_owned(),
        companions,
        open,
    });
    Kept(number)
}

impl Drop for Kept {
    fn drop(&mut self) {
        kept().retain(|entry| entry.number != self.0);
    }
}

fn kept() -> MutexGuard<'static, Vec<Entry>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Entry {
    /// Where the database and what lies beside it stand, or would.
    fn places(&self) -> impl Iterator<Item = PathBuf> + use<'_> {
        let database = place_of(&self.path).unwrap_or_else(|| self.path.clone());
        let beside = self.companions.iter().map({
            let database = database.clone();
            move |suffix| with_suffix(&database, suffix)
        });
        std::iter::once(database).chain(beside)
    }

    fn is(&self, identity: Identity) -> bool {
        self.open == Some(identity)
            || self
                .places()
                .any(|its| Identity::at(its).ok() == Some(identity))
    }

    fn is_named(&self, place: &Path) -> bool {
        self.places().any(|its| its == place)
    }
}

/// Whether a path leads to a database that is kept, or to a file of it, there already or not.
pub fn is_kept(path: &Path) -> bool {
    let kept = kept();
    if kept.is_empty() {
        return false;
    }
    let place = place_of(path);
    let identity = Identity::at(path).ok();
    kept.iter().any(|entry| {
        identity.is_some_and(|identity| entry.is(identity))
            || place.as_deref().is_some_and(|place| entry.is_named(place))
    })
}

/// Whether a descriptor, such as one that the process was given, is open for a file of a database that is kept.
pub fn has_kept(descriptor: impl AsFd) -> bool {
    let identity = Identity::of_open(descriptor);
    identity.is_ok_and(|identity| kept().iter().any(|entry| entry.is(identity)))
}

/// The path without any link; the file itself need not be there.
fn place_of(path: &Path) -> Option<PathBuf> {
    if let Ok(place) = fs::canonicalize(path) {
        return Some(place);
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

/// The folder that a file stands in.
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

/// Why a file was not opened.
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
    if is_kept(path) {
        return Err(refusal());
    }
    let file = options.open(path)?;
    // Between the look and the opening another file may have got the name.
    if has_kept(&file) {
        // To close it would be the harm.
        std::mem::forget(file);
        return Err(refusal());
    }
    Ok(file)
}

pub fn to_read(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().read(true), path)
}

/// All that is in a file, if it is no more than so many bytes: a device may give them without end.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    read_whole(to_read(path)?, most)
}

/// The same of what is open already.
pub fn read_whole(input: impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
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

/// A file that is there, to be written as it is.
pub fn to_write(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().write(true), path)
}

/// A file that is there, to be read and added to.
pub fn to_append(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().read(true).append(true), path)
}

/// A file that is not there, to be read and added to.
pub fn new_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true);
    open(options.mode(PRIVATE), path)
}

/// A file that is not there.
pub fn new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    open(options.write(true).create_new(true).mode(PRIVATE), path)
}

/// A file to be locked, made where it is not there, and left as it is where it is. One that another user has left need
/// not be written to be locked; a new one gets the owner and the mode of the file that it stands for.
pub fn to_lock(path: &Path, stands_for: &Metadata) -> io::Result<File> {
    // What is no plain file, or a link, is none of ours: it is not followed, and not waited for.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    loop {
        // Some network file systems lock only what may be written.
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

/// Gives a new file the owner and the mode of the one that it stands beside, as far as this user may. Whoever may not
/// read the one does not get to read the other.
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

/// The same of the owner alone. Only root gives a file away; others may share it with a group of theirs.
pub fn give_to_owner(file: &File, beside: &Metadata) {
    let Ok(ours) = file.metadata() else { return };
    if ours.uid() != beside.uid() && fchown(file, Some(beside.uid()), Some(beside.gid())).is_ok() {
        return;
    }
    if ours.gid() != beside.gid() {
        let _ = fchown(file, None, Some(beside.gid()));
    }
}

/// A file that is made where it is not there, and emptied where it is.
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

/// A pipe with a name. To wait until somebody reads it might be for ever, and no signal would end that.
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

/// The first bytes of a database that no connection of this process has open.
pub fn beginning(database: &Path, into: &mut [u8]) -> io::Result<()> {
    let identity = Identity::at(database)?;
    if kept().iter().any(|entry| entry.open == Some(identity)) {
        return Err(refusal());
    }
    File::open(database)?.read_exact(into)
}

/// Puts the names in a folder on disk.
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
