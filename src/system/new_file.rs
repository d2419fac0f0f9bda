//! A file in the making. It has a temporary name in the folder of its target and gets its own when it is whole, so that
//! nobody ever sees half of one. A lock on the temporary file shows that its run still lives; the temporary files of killed
//! runs are removed by the next.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, Permissions, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use crate::system::folder_sync;
use crate::system::identity::{is_at, same_file};
use crate::system::open::{self, folder_of, with_suffix};

const ENDING: &str = ".new";

pub struct NewFile {
    target: PathBuf,
    temporary: PathBuf,
    companions: &'static [&'static str],
    /// Holds the lock as long as the file is in the making. A database is meanwhile opened by SQLite too, under a name that
    /// nobody else uses; this is opened before and closed after, so that no lock of SQLite's is ever given up.
    file: File,
}

impl NewFile {
    /// Makes an empty file beside `path`; a dangling symbolic link is followed. `companions` are the endings of further
    /// files that may appear beside it, and are removed with it.
    pub fn begin(path: &Path, companions: &'static [&'static str]) -> io::Result<NewFile> {
        let target = follow_link(path);
        let folder = folder_of(&target);
        remove_abandoned(&target, companions);
        let process = std::process::id();
        let mut attempt = 0;
        loop {
            let mut name = target.file_name().map(OsString::from).unwrap_or_default();
            name.push(match attempt {
                0 => format!(".{process}{ENDING}"),
                // A process of the same number on another machine, or in another container.
                _ => format!(".{process}.{attempt}{ENDING}"),
            });
            let temporary = folder.join(name);
            match open::new(&temporary) {
                Ok(file) => {
                    // A file system without locks is no error: a temporary file that is left there just stays.
                    let _ = file.lock();
                    if is_at(&file, &temporary) {
                        return Ok(NewFile {
                            target,
                            temporary,
                            companions,
                            file,
                        });
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => {}
                Err(error) => return Err(error),
            }
            attempt += 1;
        }
    }

    pub fn path(&self) -> &Path {
        &self.temporary
    }

    pub fn file(&self) -> &File {
        &self.file
    }

    /// The path that it gets when it is whole.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives it the owner, as far as this user may, and the rights of a file that is there.
    pub fn keep_access(&self, there: &Metadata) -> io::Result<()> {
        // Only root may give a file away; for others it becomes their own.
        let _ = fchown(&self.file, Some(there.uid()), Some(there.gid()));
        let rights = Permissions::from_mode(there.mode() & 0o777);
        self.file.set_permissions(rights)
    }

    /// Gives the file, which must be whole, its name. False when somebody else made one there meanwhile, which stays.
    pub fn publish(self) -> io::Result<bool> {
        self.file.sync_all()?;
        let named = match fs::hard_link(&self.temporary, &self.target) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            // A file system without hard links: renaming is the next best.
            Err(_) if self.target.exists() => false,
            Err(_) => {
                fs::rename(&self.temporary, &self.target)?;
                true
            }
        };
        if named {
            folder_sync::sync(folder_of(&self.target))?;
        }
        Ok(named)
    }

    /// Gives the file, which must be whole, its name; a file that has that name is replaced.
    pub fn replace(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.temporary, &self.target)?;
        folder_sync::sync(folder_of(&self.target))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        remove(&self.temporary, self.companions);
    }
}

fn remove(temporary: &Path, companions: &[&str]) {
    for suffix in companions {
        let _ = fs::remove_file(with_suffix(temporary, suffix));
    }
    let _ = fs::remove_file(temporary);
}

/// Removes the temporary files that killed runs left of this target, none of which may be open in this process. A run that
/// still lives holds the lock.
pub fn remove_abandoned(target: &Path, companions: &[&str]) {
    let Some(name) = target.file_name() else {
        return;
    };
    let Ok(entries) = fs::read_dir(folder_of(target)) else {
        return;
    };
    for entry in entries.flatten() {
        if !is_temporary(&entry.file_name(), name) {
            continue;
        }
        let path = entry.path();
        // A second name of the target, whose run was killed before it removed that. It is not opened: a database is
        // SQLite's alone.
        if same_file(&path, target) {
            remove(&path, companions);
            continue;
        }
        // Another user's file can be removed where the folder is this user's.
        let Ok(file) = open::to_write(&path).or_else(|_| open::to_read(&path)) else {
            continue;
        };
        match file.try_lock() {
            Ok(()) if is_at(&file, &path) => remove(&path, companions),
            Ok(()) | Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
}

/// Whether a file's name is that of this one in the making: `jobs.db.4711.new`.
fn is_temporary(name: &OsStr, target: &OsStr) -> bool {
    let middle = name
        .as_bytes()
        .strip_prefix(target.as_bytes())
        .and_then(|rest| rest.strip_suffix(ENDING.as_bytes()));
    middle.is_some_and(|middle| {
        middle.len() > 1
            && middle[0] == b'.'
            && middle.iter().all(|b| *b == b'.' || b.is_ascii_digit())
    })
}

/// The file that a symbolic link points to.
pub fn follow_link(path: &Path) -> PathBuf {
    match fs::read_link(path) {
        Ok(target) if target.is_absolute() => target,
        Ok(target) => path.parent().unwrap_or(Path::new("")).join(target),
        Err(_) => path.to_owned(),
    }
}
