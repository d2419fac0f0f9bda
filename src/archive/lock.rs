//! The archive's file, found or made, and locked, so that two runs never write at once. A run that is killed leaves no lock
//! behind.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::error::{Failure, Kind};
use crate::system::access::hint_of_write;
use crate::system::identity::Identity;
use crate::system::lock_wait::LockWait;
use crate::system::open::{self, folder_of};
use crate::system::{access, folder_sync};
use crate::text::visible::one_line;

/// A file that is open and locked.
pub(super) struct LockedFile {
    pub file: File,
    /// This run made it.
    pub created: bool,
}

/// The path as messages name it.
pub(super) fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy()).into_owned()
}

pub(super) fn hold(
    path: &Path,
    lock_wait: Duration,
    interrupted: &dyn Fn() -> bool,
) -> Result<LockedFile> {
    let wait = LockWait::new(lock_wait);
    loop {
        if let Some(held) = find(path)? {
            lock(&held.file, path, &wait, interrupted)?;
            // Between the two somebody may have moved it away, or removed it as empty.
            if names(path, &held.file).map_err(|error| cannot_open(path, &error))? {
                return Ok(held);
            }
        }
        if interrupted() {
            return Err(Failure::interrupted().into());
        }
    }
}

/// Whether the path leads to this very file.
pub(super) fn names(path: &Path, file: &File) -> io::Result<bool> {
    let ours = Identity::of_open(file)?;
    match Identity::at(path) {
        Ok(named) => Ok(named == ours),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Puts the name of a new file on disk.
pub(super) fn sync_folder(path: &Path) -> Result<()> {
    let synced = fs::canonicalize(path).and_then(|path| folder_sync::sync(folder_of(&path)));
    synced.map_err(|error| {
        let message = format!("the archive {}: {error}", shown(path));
        Failure::new(Kind::Io, message)
            .hint("name an archive in another folder; no job was removed that is not safe there")
            .into()
    })
}

/// None when the file vanished or was made meanwhile.
fn find(path: &Path) -> Result<Option<LockedFile>> {
    let held = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(is_folder(path).into()),
        // Opening a pipe would wait, and nothing can be read back from a device.
        Ok(metadata) if !metadata.is_file() => {
            let message = format!(
                "the archive {} is a device or a pipe, not a file",
                shown(path)
            );
            return Err(Failure::refused(message)
                .hint("name a file, which is made when it is not there")
                .into());
        }
        Ok(_) => open::to_append(path).map(|file| LockedFile {
            file,
            created: false,
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if fs::symlink_metadata(path).is_ok_and(|link| link.is_symlink()) {
                let message = format!("the archive {} is a link to nothing", shown(path));
                return Err(Failure::new(Kind::NoInput, message)
                    .hint("make what it leads to, or name another file")
                    .into());
            }
            match open::new_to_append(path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    return Err(no_folder(path).into());
                }
                created => created.map(|file| LockedFile {
                    file,
                    created: true,
                }),
            }
        }
        Err(error) => Err(error),
    };
    match held {
        Ok(held) => Ok(Some(held)),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::AlreadyExists => Ok(None),
            ErrorKind::NotADirectory => Err(no_folder(path).into()),
            ErrorKind::IsADirectory => Err(is_folder(path).into()),
            _ => Err(cannot_open(path, &access::explained(error, path)).into()),
        },
    }
}

/// The archive, opened to be read; None when it is missing, or another run is writing to it.
pub(super) fn to_check(path: &Path) -> Result<Option<File>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Ok(metadata) if !metadata.is_file() => return Ok(None),
        _ => {}
    }
    let file = open::to_read(path).map_err(|error| {
        let error = access::explained_reading(error, path);
        let failure = cannot_open(path, &error);
        match access::hint_of(&error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })?;
    Ok(file.try_lock_shared().is_ok().then_some(file))
}

fn lock(file: &File, path: &Path, wait: &LockWait, interrupted: &dyn Fn() -> bool) -> Result<()> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => {
                let message = format!("cannot lock the archive {}: {error}", shown(path));
                return Err(Failure::new(Kind::Io, message)
                    .hint("name a file on a disk of this machine")
                    .into());
            }
            Err(TryLockError::WouldBlock) => {
                if interrupted() {
                    return Err(Failure::interrupted().into());
                }
                if !wait.sleep() {
                    let message = format!("another run is writing to the archive {}", shown(path));
                    return Err(Failure::new(Kind::Locked, message)
                        .hint("wait for it with --lock-wait 10m, or name another file")
                        .into());
                }
            }
        }
    }
}

fn is_folder(path: &Path) -> Failure {
    Failure::refused(format!(
        "the archive {} is a folder, not a file",
        shown(path)
    ))
    .hint("name a file in it, such as jobs.jsonl.zst")
}

fn no_folder(path: &Path) -> Failure {
    let message = if path.as_os_str().is_empty() {
        "the archive has no name".to_owned()
    } else {
        format!("the archive {}: its folder is not there", shown(path))
    };
    Failure::new(Kind::NoInput, message).hint("make the folder first, or name another file")
}

fn cannot_open(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot open the archive {}: {error}", shown(path));
    let hint = hint_of_write(error).unwrap_or_else(|| "name another file".to_owned());
    Failure::new(Kind::Io, message).hint(hint)
}
