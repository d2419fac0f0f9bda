//! Folders opened and examined by one name in an open folder, never through a symbolic link.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Access, AtFlags, FileType, Mode, OFlags, Stat, accessat};
use rustix::io::{Errno, retry_on_intr};
use rustix::path::Arg;
use rustix::process::geteuid;

use crate::system::identity::Identity;
use crate::system::open::folder_at;

pub(super) const EXCHANGED: &str = "was exchanged for something else meanwhile";
pub(super) const MOUNTED: &str = "another file system is mounted there";

/// An open folder, with its state when it was opened.
pub(super) struct Folder {
    pub(super) fd: OwnedFd,
    pub(super) stat: Stat,
}

/// The reason why a folder was not opened.
pub(super) enum No {
    Missing,
    Link,
    NotAFolder,
    Errno(Errno),
}

/// Opens the folder of that name. The name `..` gives the folder that this one is in now.
pub(super) fn folder(parent: impl AsFd, name: impl Arg + Copy) -> Result<Folder, No> {
    let parent = parent.as_fd();
    match folder_at(parent, name, OFlags::NOFOLLOW) {
        Ok(fd) => match rustix::fs::fstat(&fd) {
            Ok(stat) => Ok(Folder { fd, stat }),
            Err(errno) => Err(No::Errno(errno)),
        },
        // No file system has a name so long.
        Err(Errno::NOENT | Errno::NAMETOOLONG) => Err(No::Missing),
        Err(errno @ (Errno::NOTDIR | Errno::LOOP)) => Err(match stat(parent, name) {
            Ok(stat) if kind(&stat) == FileType::Symlink => No::Link,
            // It became a folder just now.
            Ok(stat) if kind(&stat) == FileType::Directory => No::Errno(errno),
            Ok(_) => No::NotAFolder,
            Err(Errno::NOENT) => No::Missing,
            Err(errno) => No::Errno(errno),
        }),
        Err(errno) => Err(No::Errno(errno)),
    }
}

/// The state of the file at that name; a symbolic link is not followed.
pub(super) fn stat(parent: impl AsFd, name: impl Arg + Copy) -> Result<Stat, Errno> {
    let parent = parent.as_fd();
    retry_on_intr(|| rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW))
}

pub(super) fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// Whether both are of one file.
pub(super) fn same(one: &Stat, other: &Stat) -> bool {
    Identity::of_stat(one) == Identity::of_stat(other)
}

/// Whether something is mounted on this folder, which may be another part of the same file system. Where the system
/// cannot tell, the device alone does.
pub(super) fn is_mount(folder: &Folder, above: &Stat) -> bool {
    folder.stat.st_dev != above.st_dev || is_mount_root(&folder.fd)
}

#[cfg(target_os = "linux")]
fn is_mount_root(fd: &OwnedFd) -> bool {
    use rustix::fs::{StatxAttributes, StatxFlags, statx};
    statx(fd, c"", AtFlags::EMPTY_PATH, StatxFlags::empty())
        .is_ok_and(|it| it.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn is_mount_root(_: &OwnedFd) -> bool {
    false
}

/// An error unless names may be removed from this folder, by its rights and its mount. Where the system cannot tell, they may.
pub(super) fn may_change(folder: BorrowedFd) -> Result<(), Errno> {
    let rights = Access::WRITE_OK | Access::EXEC_OK;
    match accessat(folder, c".", rights, AtFlags::EACCESS) {
        Err(errno @ (Errno::ACCESS | Errno::ROFS | Errno::PERM)) => Err(errno),
        _ if marks(folder, c".").is_append_only => Err(Errno::PERM),
        _ => Ok(()),
    }
}

/// The type of the file at that name, or why it may not be removed from a folder that may be changed.
pub(super) fn may_take(folder: BorrowedFd, name: &CStr) -> Result<FileType, Errno> {
    let found = match stat(folder, name) {
        Ok(found) => found,
        Err(Errno::NOENT) => return Ok(FileType::Unknown),
        Err(errno) => return Err(errno),
    };
    let marks = marks(folder, name);
    if marks.is_append_only || marks.is_immutable {
        return Err(Errno::PERM);
    }
    let kind = kind(&found);
    if marks.is_mount && kind != FileType::Directory {
        return Err(Errno::BUSY);
    }
    let own = geteuid();
    let is_own = |stat: &Stat| own.is_root() || stat.st_uid == own.as_raw();
    if !is_own(&found) {
        let above = rustix::fs::fstat(folder)?;
        // From a sticky folder only the owner of the folder or of the file removes it.
        if Mode::from_raw_mode(above.st_mode).contains(Mode::SVTX) && !is_own(&above) {
            return Err(Errno::PERM);
        }
    }
    Ok(kind)
}

#[derive(Default)]
struct Marks {
    is_append_only: bool,
    is_immutable: bool,
    is_mount: bool,
}

#[cfg(target_os = "linux")]
fn marks(folder: BorrowedFd, name: &CStr) -> Marks {
    use rustix::fs::{StatxAttributes, StatxFlags, statx};
    let found = statx(folder, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::empty());
    found.map_or_else(
        |_| Marks::default(),
        |found| Marks {
            is_append_only: found.stx_attributes.contains(StatxAttributes::APPEND),
            is_immutable: found.stx_attributes.contains(StatxAttributes::IMMUTABLE),
            is_mount: found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT),
        },
    )
}

#[cfg(not(target_os = "linux"))]
fn marks(_: BorrowedFd, _: &CStr) -> Marks {
    Marks::default()
}

/// The reason where a mount may not be written, which no right changes.
pub(crate) const READ_ONLY: &str = "its file system is read-only here";

pub(super) fn words(errno: Errno) -> String {
    match errno {
        Errno::ROFS => READ_ONLY.to_owned(),
        _ => io::Error::from(errno).to_string(),
    }
}
