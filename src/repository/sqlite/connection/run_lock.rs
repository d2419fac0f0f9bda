//! The lock that lets one run of a kind at a time work on a file. It is on a small file beside it: a lock on the database itself
//! would be given up with the first descriptor of it that this process closes, and SQLite's own with it.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::error::Kind;
use crate::repository::sqlite::connection::errors::{
    database_name, io_error, own, read_only, shown,
};
use crate::repository::{Error, Result};
use crate::system::identity::is_at;
use crate::system::lock_wait::{INTERVAL, LockWait};
use crate::system::{locked, open};
use crate::text::shell::word;

/// The time within which a new lock file has its owner.
const OWNED: Duration = Duration::from_millis(200);

/// A lock that is held as long as this lives; its file is gone afterwards.
pub(in crate::repository::sqlite) struct Claim {
    path: PathBuf,
    file: File,
}

impl Claim {
    pub(in crate::repository::sqlite) fn take(
        database: &Path,
        run: &'static str,
        wait: Duration,
        gives_up: &dyn Fn() -> bool,
    ) -> Result<Claim> {
        // Other names of the same file share the lock.
        let database = fs::canonicalize(database).map_err(|error| io_error(database, &error))?;
        let mut name = OsString::from(&database);
        name.push(format!(".{run}.lock"));
        let path = PathBuf::from(name);
        let owner = fs::metadata(&database).map_err(|error| io_error(&database, &error))?;
        let wait = LockWait::new(wait);
        loop {
            match open::to_lock(&path, &owner) {
                Ok(file) => match file.try_lock() {
                    // The one before may have removed it meanwhile.
                    Ok(()) if is_at(&file, &path) => return Ok(Claim { path, file }),
                    Ok(()) => continue,
                    Err(TryLockError::WouldBlock) => {}
                    // Where locks are unknown, runs cannot be kept apart; they do no harm to each other.
                    Err(TryLockError::Error(_)) => return Ok(Claim { path, file }),
                },
                Err(error) => match fs::symlink_metadata(&path) {
                    Ok(found) if locked::is_locked(&found) => {}
                    // It may be new, and not yet given to the database's owner.
                    Ok(_) if wait.elapsed() < OWNED && !gives_up() => {
                        thread::sleep(INTERVAL);
                        continue;
                    }
                    // The file beside the database is its owner's to remove, whoever left it.
                    Ok(found) if is_user(&owner) && locked::remove_left(&path, &found) => continue,
                    Ok(found) => return Err(left_over(run, &path, &found, &error)),
                    Err(_) => return Err(not_made(&database, &path, &error)),
                },
            }
            if gives_up() || !wait.sleep() {
                return Err(Error::Running {
                    run,
                    database: database_name(&database),
                    waited: wait.longest,
                });
            }
        }
    }
}

fn is_user(owner: &Metadata) -> bool {
    rustix::process::geteuid().as_raw() == owner.uid()
}

/// The error for a lock file that cannot even be opened.
fn left_over(run: &str, path: &Path, found: &Metadata, error: &io::Error) -> Error {
    let why = if found.is_file() {
        format!(
            "it belongs to user {}, has mode {:04o}, and cannot be opened: {error}",
            found.uid(),
            found.mode() & 0o7777
        )
    } else {
        "it is no plain file".to_owned()
    };
    let message = format!("the lock {} is of no use: {why}", shown(path));
    let path = word(&path.to_string_lossy());
    let hint = format!("when no other {run} is at work, remove it: rm {path}");
    own(Kind::Io, message, hint)
}

fn not_made(database: &Path, path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => read_only(database),
        _ => io_error(path, error),
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}
