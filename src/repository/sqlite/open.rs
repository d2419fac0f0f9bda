//! Opening the service's file without changing more than was asked: to read, to write, or to create.

use std::cell::Cell;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::pace::Pace;
use super::{Sqlite, errors, functions, schema};
use crate::repository::{Error, Location, Result};

/// What a command is going to do with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
    /// Read, and take a file that is not there, or is empty, for one without jobs.
    Preview,
    /// Write, and make the file, or the table in an empty one, when it is not there.
    Create,
}

/// What SQLite can count, in milliseconds.
const LONGEST_WAIT: Duration = Duration::from_millis(i32::MAX as u64);

/// SQLite's cache for a writing command, in KiB (negative, as the pragma takes it): a short transaction over
/// many pages should not have to write some of them before its commit.
const WRITE_CACHE: i64 = -16 * 1024;

/// Opens the file for a command. `busy` is how long a lock is waited for.
pub fn open(location: &Location, access: Access, busy: Duration) -> Result<Sqlite> {
    let path = &location.path;
    let created = match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            return Err(Error::NotADatabase {
                path: path.clone(),
                origin: location.origin,
            });
        }
        Ok(_) => false,
        Err(error) if error.kind() == io::ErrorKind::NotFound && access == Access::Create => {
            create_file(path, busy)?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && access == Access::Preview => {
            return in_memory(location, busy);
        }
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Err(Error::Missing {
                path: path.clone(),
                origin: location.origin,
            });
        }
        Err(error) => return Err(io_error(path, &error)),
    };
    let opener = Opener { location, busy };
    let connection = match access {
        Access::Read => opener.to_read()?,
        Access::Preview => match opener.to_read() {
            Err(Error::NoTable { others: false, .. }) => return in_memory(location, busy),
            other => other?,
        },
        Access::Write | Access::Create => opener.to_write(access == Access::Create)?,
    };
    opener.finish(connection, access, created)
}

/// A database without jobs that is gone at the end; nothing of it reaches the path.
fn in_memory(location: &Location, busy: Duration) -> Result<Sqlite> {
    let opener = Opener { location, busy };
    let made = Connection::open_in_memory().and_then(|connection| {
        connection.pragma_update(None, "foreign_keys", false)?;
        schema::create(&connection)?;
        Ok(connection)
    });
    let connection = made.map_err(|error| opener.explain(error))?;
    opener.finish(connection, Access::Preview, true)
}

struct Opener<'a> {
    location: &'a Location,
    busy: Duration,
}

impl Opener<'_> {
    fn path(&self) -> &Path {
        &self.location.path
    }

    fn explain(&self, error: rusqlite::Error) -> Error {
        match errors::translate(error, "opening the database", self.path(), self.busy) {
            Error::NotADatabase { path, .. } => Error::NotADatabase {
                path,
                origin: self.location.origin,
            },
            other => other,
        }
    }

    fn connect(&self, path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
        let connection =
            Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(self.busy.min(LONGEST_WAIT))?;
        Ok(connection)
    }

    /// Connects and reads the schema, which is when SQLite first looks into the file.
    fn try_open(&self, path: &Path, flags: OpenFlags) -> rusqlite::Result<(Connection, bool)> {
        let connection = self.connect(path, flags)?;
        let there = schema::has_jobs(&connection)?;
        Ok((connection, there))
    }

    fn to_read(&self) -> Result<Connection> {
        let opened = match self.try_open(self.path(), OpenFlags::SQLITE_OPEN_READ_ONLY) {
            Err(error) if errors::wants_writer(&error) => self.to_read_after_recovery(error),
            other => other.map_err(|error| self.explain(error)),
        };
        let (connection, there) = opened?;
        match there {
            true => Ok(connection),
            false => Err(self.no_table(&connection)),
        }
    }

    /// A connection that may write rolls back what a killed process left behind; where the file may not
    /// be written, a WAL file without a log beside it can be read as it lies.
    fn to_read_after_recovery(&self, first: rusqlite::Error) -> Result<(Connection, bool)> {
        let writer = self.try_open(self.path(), OpenFlags::SQLITE_OPEN_READ_WRITE);
        if let Ok((connection, there)) = writer {
            // Mended; what reads may go on reading only.
            if let Ok(reader) = self.try_open(self.path(), OpenFlags::SQLITE_OPEN_READ_ONLY) {
                return Ok(reader);
            }
            let guarded = connection.pragma_update(None, "query_only", true);
            guarded.map_err(|error| self.explain(error))?;
            return Ok((connection, there));
        }
        let path = self.path().to_owned();
        let absolute = fs::canonicalize(&path).map_err(|error| io_error(&path, &error))?;
        if beside(&absolute, "-journal").is_some() || beside(&absolute, "-wal").is_some() {
            return Err(match self.explain(first) {
                locked @ Error::Locked { .. } => locked,
                _ => Error::NeedsRecovery { path },
            });
        }
        let uri = immutable_uri(&absolute);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        self.try_open(Path::new(&uri), flags)
            .map_err(|error| self.explain(error))
    }

    fn to_write(&self, create: bool) -> Result<Connection> {
        let explain = |error| self.explain(error);
        let (connection, there) = self
            .try_open(self.path(), OpenFlags::SQLITE_OPEN_READ_WRITE)
            .map_err(explain)?;
        if there {
            return Ok(connection);
        }
        if !create || schema::has_any_table(&connection).map_err(explain)? {
            return Err(self.no_table(&connection));
        }
        schema::create(&connection).map_err(explain)?;
        Ok(connection)
    }

    fn no_table(&self, connection: &Connection) -> Error {
        Error::NoTable {
            path: self.path().to_owned(),
            origin: self.location.origin,
            others: schema::has_any_table(connection).unwrap_or(false),
        }
    }

    fn finish(self, connection: Connection, access: Access, created: bool) -> Result<Sqlite> {
        let explain = |error| self.explain(error);
        let mut parents = None;
        if access != Access::Read {
            functions::register(&connection).map_err(explain)?;
            connection
                .pragma_update(None, "cache_size", WRITE_CACHE)
                .map_err(explain)?;
            let there = schema::has_parents(&connection).map_err(explain)?;
            parents = Some(there);
            connection
                .pragma_update(None, "foreign_keys", there)
                .map_err(explain)?;
        }
        Ok(Sqlite {
            connection,
            path: self.location.path.clone(),
            busy: self.busy,
            pace: Pace::new(created),
            parents,
            ready_to_scan: Cell::new(access != Access::Read),
        })
    }
}

/// Makes the whole database under a temporary name and gives it its own at the end, so that nobody
/// ever sees half of one. False when another process was faster.
fn create_file(path: &Path, busy: Duration) -> Result<bool> {
    let failed = |error: &io::Error| io_error(path, error);
    let path = &follow_link(path);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| failed(&error))?;
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(format!(".{}.new", std::process::id()));
    let temporary = folder.join(name);
    let made = make_database(&temporary).map_err(|error| match error {
        Make::Io(error) => failed(&error),
        Make::Sqlite(error) => errors::translate(error, "making the database", path, busy),
    });
    let named = made.and_then(|()| match fs::hard_link(&temporary, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // A file system without hard links: renaming is the next best.
        Err(_) => fs::rename(&temporary, path)
            .map(|()| true)
            .map_err(|error| failed(&error)),
    });
    for suffix in ["", "-wal", "-shm", "-journal"] {
        // What is not there need not be removed.
        let _ = fs::remove_file(with_suffix(&temporary, suffix));
    }
    named
}

enum Make {
    Io(io::Error),
    Sqlite(rusqlite::Error),
}

fn make_database(path: &Path) -> std::result::Result<(), Make> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(Make::Io)?;
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(Make::Sqlite)?;
    let made = || -> rusqlite::Result<()> {
        connection.pragma_update(None, "foreign_keys", false)?;
        schema::prepare_new(&connection)?;
        schema::create(&connection)?;
        Ok(())
    };
    made().map_err(Make::Sqlite)?;
    connection.close().map_err(|(_, error)| Make::Sqlite(error))
}

/// The file that a dangling symbolic link points to.
fn follow_link(path: &Path) -> PathBuf {
    match fs::read_link(path) {
        Ok(target) if target.is_absolute() => target,
        Ok(target) => path.parent().unwrap_or(Path::new("")).join(target),
        Err(_) => path.to_owned(),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A companion file with something in it.
fn beside(path: &Path, suffix: &str) -> Option<PathBuf> {
    let companion = with_suffix(path, suffix);
    fs::metadata(&companion)
        .is_ok_and(|found| found.len() > 0)
        .then_some(companion)
}

fn immutable_uri(absolute: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut uri = String::from("file:");
    for byte in absolute.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

fn io_error(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull => Error::Full {
            path: path.to_owned(),
        },
        _ => Error::Io {
            path: path.to_owned(),
            detail: error.to_string(),
        },
    }
}
