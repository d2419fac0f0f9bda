//! The reason why a file may not be written or read: its file system is read-only, which no right changes, or a right is
//! missing; and whether that is of the file, of its folder, or of a file beside it. The system's error tells none of that.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::io::Errno;

use super::open::{folder_of, with_suffix};
use crate::text::shell::word;
use crate::text::visible::one_line;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PathPart {
    File,
    Folder,
    /// A file that goes with it, such as a log.
    Beside,
}

/// The file or folder that keeps this user from writing or reading.
#[derive(Clone, Debug)]
pub struct Hindrance {
    part: PathPart,
    path: PathBuf,
    /// The path that must become writable on a read-only file system.
    writable: PathBuf,
    /// The file itself, whose owner the file beside it must get.
    file: PathBuf,
    pub reads: bool,
    errno: Errno,
}

/// The reason why a file, or one beside it with one of these endings, may not be written. The file need not exist.
pub fn of_writing(path: &Path, companions: &[&str]) -> Option<Hindrance> {
    find(path, companions, false)
}

/// The reason why a file, or one beside it with one of these endings, may not be read.
pub fn of_reading(path: &Path, companions: &[&str]) -> Option<Hindrance> {
    find(path, companions, true)
}

fn find(path: &Path, companions: &[&str], reads: bool) -> Option<Hindrance> {
    let file = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut folder = folder_of(&file).to_owned();
    // Of folders that are to be made, or that cannot be reached, the nearest one above that exists.
    while let Err(Errno::NOENT | Errno::ACCESS) = access(&folder, Access::EXISTS) {
        match folder.parent() {
            Some(above) if !above.as_os_str().is_empty() => folder = above.to_owned(),
            _ => folder = PathBuf::from("."),
        }
    }
    let folder = fs::canonicalize(&folder).unwrap_or(folder);
    let wanted = if reads {
        Access::READ_OK
    } else {
        Access::READ_OK | Access::WRITE_OK
    };
    let within = if reads {
        Access::EXEC_OK
    } else {
        Access::EXEC_OK | Access::WRITE_OK
    };
    let folders = access(&folder, within).err();
    let make = |part, path: &Path, errno| Hindrance {
        part,
        path: path.to_owned(),
        writable: match folders {
            Some(Errno::ROFS) => folder.clone(),
            _ => path.to_owned(),
        },
        file: file.clone(),
        reads,
        errno,
    };
    if access(&folder, Access::EXEC_OK).is_ok() {
        if let Err(errno) = access(&file, wanted)
            && errno != Errno::NOENT
        {
            return Some(make(PathPart::File, &file, errno));
        }
        for suffix in companions {
            let beside = with_suffix(&file, suffix);
            if let Err(errno) = access(&beside, wanted)
                && errno != Errno::NOENT
                && errno != Errno::ROFS
            {
                return Some(make(PathPart::Beside, &beside, errno));
            }
        }
    }
    folders.map(|errno| make(PathPart::Folder, &folder, errno))
}

/// The error of writing or making a file, with the reason where a right or the file system is that.
pub fn explained(error: io::Error, path: &Path) -> io::Error {
    with(error, || of_writing(path, &[]))
}

/// The error of reading a file or a folder, with the reason where a right or the file system is that.
pub fn explained_reading(error: io::Error, path: &Path) -> io::Error {
    with(error, || of_reading(path, &[]))
}

fn with(error: io::Error, find: impl Fn() -> Option<Hindrance>) -> io::Error {
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => match find() {
            Some(hindrance) => io::Error::new(error.kind(), hindrance),
            None => error,
        },
        _ => error,
    }
}

/// The next step after an error that was explained.
pub fn hint_of(error: &io::Error) -> Option<String> {
    let found = error.get_ref()?.downcast_ref::<Hindrance>()?;
    Some(found.hint())
}

impl Hindrance {
    pub fn is_read_only_system(&self) -> bool {
        self.errno == Errno::ROFS
    }

    /// Whether no other user could write there either: the file system is read-only, or a mark forbids it.
    fn is_no_right(&self) -> bool {
        matches!(self.errno, Errno::ROFS | Errno::PERM)
    }

    /// The next step.
    pub fn hint(&self) -> String {
        let path = word(&self.path.to_string_lossy());
        match (self.part, self.errno) {
            (_, Errno::ROFS) => format!(
                "name a path that may be written, or mount this file system for writing; a systemd service with ProtectSystem=strict needs ReadWritePaths={}",
                one_line(&self.writable.to_string_lossy())
            ),
            (_, Errno::PERM) => format!("take the mark away first: chattr -i {path}"),
            (PathPart::Beside, _) => format!(
                "run as a user who may, or give it to the database's owner: chown --reference={} {path}",
                word(&self.file.to_string_lossy())
            ),
            _ if self.reads => "run as a user who may read the file and its folder".to_owned(),
            _ => "run as a user who may write the file and its folder".to_owned(),
        }
    }
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.to_string_lossy();
        let path = one_line(&path);
        match self.part {
            PathPart::File => f.write_str("it")?,
            PathPart::Folder => write!(f, "its folder {path}")?,
            PathPart::Beside => write!(f, "{path} beside it")?,
        }
        match (self.errno, fs::metadata(&self.path)) {
            (Errno::ROFS, _) => f.write_str(" is on a read-only file system"),
            (Errno::PERM, _) => f.write_str(" is marked as one that nobody may change"),
            (Errno::ACCESS, Ok(found)) => write!(
                f,
                " belongs to user {} and has mode {:04o}, which keep this user out",
                found.uid(),
                found.mode() & 0o7777
            ),
            (errno, _) => write!(f, ": {}", io::Error::from(errno)),
        }
    }
}

impl std::error::Error for Hindrance {}

/// The next step where something could not be written.
pub fn hint_of_write(error: &io::Error) -> Option<String> {
    let found = error.get_ref().and_then(|inner| inner.downcast_ref());
    if let Some(hindrance) = found.filter(|it: &&Hindrance| it.is_no_right()) {
        return Some(hindrance.hint());
    }
    let hint = match error.kind() {
        _ if error.raw_os_error() == Some(Errno::PERM.raw_os_error()) => {
            "lsattr shows whether it or its folder is marked as immutable or append-only, and chattr -ia takes that away; else run as a user who may write there, or name another path"
        }
        ErrorKind::PermissionDenied => "run as a user who may write there, or name another path",
        ErrorKind::ReadOnlyFilesystem => {
            "name a path that may be written; a systemd service with ProtectSystem=strict needs ReadWritePaths= for it"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "make room there, or name another path"
        }
        ErrorKind::FileTooLarge => "raise the limit on the size of files (ulimit -f)",
        _ => return None,
    };
    Some(hint.to_owned())
}
