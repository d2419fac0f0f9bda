//! Opening the service's file without changing more than was asked: to read, to write, or to create.

use std::cell::{Cell, OnceCell, RefCell};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags, Transaction};

use super::connect::{Driver, connect, uri};
use super::deadline::Deadline;
use super::errors::{self, database_name, io_error, own, shown, stands_in_the_way};
use super::followed::FollowedFile;
use super::hot_journal::read_behind;
use super::journal_name::JournalName;
use super::regular_files::{check_companions, kind_of};
use super::schema::Age;
use super::table_shape::TableShape;
use super::turns::Turns;
use super::{busy, create, functions, journal_mode, refusal, schema, table_shape};
use crate::error::Kind;
use crate::repository::sqlite::connection::companions::COMPANIONS;
use crate::repository::sqlite::connection::database::{Sqlite, WRITE_CACHE};
use crate::repository::sqlite::hints;
use crate::repository::sqlite::history::recorder::Recorder;
use crate::repository::sqlite::writing::pace::Pace;
use crate::repository::{Access, Error, Patience, Result};
use crate::system::access;
use crate::system::new_file::{NewFile, remove_abandoned};
use crate::system::open::{protect_open, with_suffix};

/// Opens the file for a command; `origin` says where its path came from.
pub(in crate::repository) fn open(
    path: &Path,
    origin: &'static str,
    access: Access,
    patience: &Patience,
) -> Result<Sqlite> {
    let mut found = None;
    let there = fs::metadata(path);
    if there.as_ref().is_ok_and(Metadata::is_file) || access.creates() {
        check_companions(path)?;
    }
    let created = match there {
        // Opening a pipe would wait for somebody at its other end.
        Ok(metadata) if !metadata.is_file() => {
            let what = kind_of(metadata.file_type());
            let message = format!("{} is {what} and no database ({origin})", shown(path));
            return Err(own(Kind::NoInput, message, hints::NAME_SERVICE.to_owned()));
        }
        Ok(metadata) => {
            found = Some(metadata);
            if access == Access::Import {
                remove_abandoned(path, &COMPANIONS);
            }
            false
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && access == Access::Create => {
            create::create(path, patience)?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && access == Access::Import => {
            let (unpublished, connection) = create::begin(path, patience)?;
            return Opener::new(path, origin, patience).finish(
                connection,
                access,
                Some(unpublished),
                true,
            );
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && access == Access::Preview => {
            return in_memory(path, origin, patience);
        }
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Err(Error::Missing {
                database: database_name(path),
                origin,
                hint: hints::NAME_OR_MAKE,
            });
        }
        Err(error) => return Err(io_error(path, &error)),
    };
    let names = access.writes().then(|| JournalName::new(path));
    let opener = Opener::new(path, origin, patience);
    let connection = match access {
        Access::Read | Access::ReadAll | Access::DryRun => opener.to_read()?,
        Access::Glance => opener.to_glance()?,
        Access::Preview => match opener.to_read() {
            Err(Error::NoTable { others: false, .. }) => return in_memory(path, origin, patience),
            other => other?,
        },
        Access::Write | Access::WriteMany => opener.to_write(Driver::of(access), false)?,
        Access::Create | Access::Import => opener.to_write(Driver::of(access), true)?,
    };
    let immutable = opener.immutable.get();
    let mut sqlite = opener.finish(connection, access, None, created)?;
    sqlite.names = names;
    if matches!(access, Access::Read | Access::ReadAll | Access::DryRun) {
        sqlite.followed = found.map(|metadata| FollowedFile::new(path, &metadata, immutable));
    }
    Ok(sqlite)
}

/// A database without jobs that is gone at the end; nothing of it reaches the path.
fn in_memory(path: &Path, origin: &'static str, patience: &Patience) -> Result<Sqlite> {
    let opener = Opener::new(path, origin, patience);
    let made = Connection::open_in_memory().and_then(|connection| {
        connection.pragma_update(None, "foreign_keys", false)?;
        schema::create(&connection)?;
        Ok(connection)
    });
    let connection = made.map_err(|error| opener.explain(error))?;
    opener.finish(connection, Access::Preview, None, true)
}

/// What is known of a file that has been opened.
struct Inspected {
    steps: &'static [&'static str],
    shape: TableShape,
    /// Whether both tables that a job may point to are there; None where nothing is written.
    parents: Option<bool>,
    keeps_journal: bool,
}

pub(in crate::repository::sqlite) struct Opener<'a> {
    path: &'a Path,
    origin: &'static str,
    patience: &'a Patience,
    /// True when the file was opened as one that nobody changes.
    immutable: Cell<bool>,
}

impl<'a> Opener<'a> {
    fn new(path: &'a Path, origin: &'static str, patience: &'a Patience) -> Self {
        Opener {
            path,
            origin,
            patience,
            immutable: Cell::new(false),
        }
    }

    pub(in crate::repository::sqlite) fn path(&self) -> &Path {
        self.path
    }

    pub(in crate::repository::sqlite) fn explain(&self, error: rusqlite::Error) -> Error {
        match refusal::code(&error) {
            Some(found) if found.code == ErrorCode::NotADatabase => {
                errors::not_a_database(self.path, self.origin)
            }
            _ => errors::translate(error, "opening the database", self.path, self.patience),
        }
    }

    fn connect(
        &self,
        path: &Path,
        flags: OpenFlags,
        driver: Driver,
    ) -> rusqlite::Result<Connection> {
        let mut connection = connect(path, flags, driver)?;
        busy::wait(&mut connection, self.patience)?;
        Ok(connection)
    }

    /// Connects and reads the schema, which is when SQLite first looks into the file.
    pub(in crate::repository::sqlite) fn try_open(
        &self,
        path: &Path,
        flags: OpenFlags,
    ) -> rusqlite::Result<(Connection, bool)> {
        self.try_open_by(Driver::Own, path, flags)
    }

    fn try_open_by(
        &self,
        driver: Driver,
        path: &Path,
        flags: OpenFlags,
    ) -> rusqlite::Result<(Connection, bool)> {
        let connection = self.connect(path, flags, driver)?;
        let there = schema::has_jobs(&connection)?;
        Ok((connection, there))
    }

    fn to_read(&self) -> Result<Connection> {
        let (connection, there) = read_behind(self.path(), self.patience, || {
            match self.try_open_by(
                Driver::Buffered,
                self.path(),
                OpenFlags::SQLITE_OPEN_READ_ONLY,
            ) {
                Err(error) if errors::wants_writer(&error) => self.to_read_after_recovery(error),
                other => other.map_err(|error| self.explain(error)),
            }
        })?;
        if there {
            Ok(connection)
        } else {
            Err(self.no_table(&connection))
        }
    }

    /// A connection that may write rolls back what a killed process left behind; where the file may not
    /// be written, a WAL file without a log beside it can be read as it lies.
    fn to_read_after_recovery(&self, first: rusqlite::Error) -> Result<(Connection, bool)> {
        let writer = self.try_open(self.path(), OpenFlags::SQLITE_OPEN_READ_WRITE);
        if let Ok((connection, there)) = writer {
            // Recovered; what reads may go on reading only.
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
            if let Ok(reader) = self.try_open_by(Driver::Buffered, self.path(), flags) {
                return Ok(reader);
            }
            let guarded = connection.pragma_update(None, "query_only", true);
            guarded.map_err(|error| self.explain(error))?;
            return Ok((connection, there));
        }
        let path = self.path().to_owned();
        if stands_in_the_way(&first) {
            return Err(self.explain(first));
        }
        let absolute = fs::canonicalize(&path).map_err(|error| io_error(&path, &error))?;
        if beside(&absolute, "-journal").is_some() || beside(&absolute, "-wal").is_some() {
            return Err(match self.explain(first) {
                locked @ Error::Locked { .. } => locked,
                _ => match access::of_reading(&path, &COMPANIONS) {
                    Some(why) => errors::no_access(&path, &why),
                    None if lacks_index(&absolute) => errors::log_alone(&path, &absolute),
                    None => errors::needs_recovery(&path),
                },
            });
        }
        self.immutable.set(true);
        let uri = uri(&absolute, "immutable=1");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        self.try_open(Path::new(&uri), flags)
            .map_err(|error| self.explain(error))
    }

    fn to_write(&self, driver: Driver, create: bool) -> Result<Connection> {
        let explain = |error| self.explain(error);
        let (connection, there) = self
            .try_open_by(driver, self.path(), OpenFlags::SQLITE_OPEN_READ_WRITE)
            .map_err(explain)?;
        if there {
            return Ok(connection);
        }
        let is_taken = schema::has_any_table(&connection).map_err(explain)?
            || table_shape::is_view(&connection).map_err(explain)?;
        if !create || is_taken {
            return Err(self.no_table(&connection));
        }
        schema::create(&connection).map_err(explain)?;
        Ok(connection)
    }

    /// What is to be known of the file before anything is done with it, asked in one transaction: all steps of the schema
    /// where an earlier jobctl made it, and the shape of the table; the error where jobctl cannot work on it.
    ///
    /// The journal of what is to be written, if any, is kept from then on.
    fn inspect(
        &self,
        connection: &Connection,
        access: Access,
        has_journal: bool,
    ) -> Result<Inspected> {
        let (age, shape, parents, keeps_journal) = read_behind(self.path(), self.patience, || {
            let inspected = || {
                let is_alone = connection.is_autocommit();
                let reading = is_alone.then(|| connection.unchecked_transaction());
                let reading = reading.transpose()?;
                let age = Age::of(connection, schema::STEPS.len())?;
                let shape = table_shape::check(connection)?;
                let has_parents = || schema::has_parents(connection);
                let parents = (!access.only_reads()).then(has_parents).transpose()?;
                let keeps_journal = has_journal && shape.is_ok() && journal_mode::keep(connection)?;
                reading.map_or(Ok(()), Transaction::commit)?;
                Ok((age, shape, parents, keeps_journal))
            };
            inspected().map_err(|error| self.explain(error))
        })?;
        let steps = match age {
            Age::Newer(version) => return Err(errors::newer(self.path, self.origin, version)),
            Age::Older => schema::STEPS,
            Age::Current => &[],
        };
        Ok(Inspected {
            steps,
            shape: shape.map_err(|what| self.other_table(what))?,
            parents,
            keeps_journal,
        })
    }

    fn other_table(&self, what: String) -> Error {
        Error::OtherTable {
            database: database_name(self.path),
            origin: self.origin,
            what,
            hint: hints::OTHER_TABLE.into(),
        }
    }

    pub(in crate::repository::sqlite) fn no_table(&self, connection: &Connection) -> Error {
        if table_shape::is_view(connection).unwrap_or(false) {
            return self.other_table("is a view, not a table".to_owned());
        }
        let others = schema::has_any_table(connection).unwrap_or(false);
        Error::NoTable {
            database: database_name(self.path),
            origin: self.origin,
            others,
            hint: if others {
                hints::OTHER_PROGRAM
            } else {
                hints::NAME_SERVICE
            },
        }
    }

    fn finish(
        self,
        mut connection: Connection,
        access: Access,
        unpublished: Option<NewFile>,
        created: bool,
    ) -> Result<Sqlite> {
        let explain = |error| self.explain(error);
        // A file without a name is thrown away when anything goes wrong.
        let has_journal = access.writes() && unpublished.is_none();
        let inspected = self.inspect(&connection, access, has_journal)?;
        if let Some(there) = inspected.parents {
            functions::register(&connection).map_err(explain)?;
            connection
                .pragma_update(None, "cache_size", WRITE_CACHE)
                .map_err(explain)?;
            connection
                .pragma_update(None, "foreign_keys", there)
                .map_err(explain)?;
        }
        let path = unpublished.as_ref().map_or(self.path(), NewFile::path);
        let protection = protect_open(path, &COMPANIONS);
        let deadline = Deadline::watch(&mut connection).map_err(explain)?;
        Ok(Sqlite {
            connection,
            syncing: None,
            keeps_journal: inspected.keeps_journal,
            names: None,
            unpublished,
            claim: None,
            followed: None,
            path: self.path.to_owned(),
            patience: self.patience.clone(),
            deadline,
            turns: Turns::default(),
            _protection: protection,
            pace: Pace::new(created),
            alone: false,
            steps: inspected.steps,
            parents: inspected.parents,
            ready_to_scan: Cell::new(!access.only_reads()),
            careful: None,
            rowid: inspected.shape.rowid,
            referrers: OnceCell::new(),
            recorder: Recorder::default(),
            others: RefCell::new(Some(inspected.shape.others)),
        })
    }
}

/// A companion file with something in it.
fn beside(path: &Path, suffix: &str) -> Option<PathBuf> {
    let companion = with_suffix(path, suffix);
    fs::metadata(&companion)
        .is_ok_and(|found| found.len() > 0)
        .then_some(companion)
}

/// Whether what lies beside the file is a log alone, as in a copy of the two.
fn lacks_index(path: &Path) -> bool {
    beside(path, "-journal").is_none() && !with_suffix(path, "-shm").exists()
}
