//! The copy of a file that others write. With a log (WAL) one snapshot serves, and keeps nobody from anything. Without one a
//! reader keeps others from committing, so that the copy is made at once where that is soon done, and in turns where not.

use std::ffi::c_int;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::ffi::{self, ErrorCode};
use rusqlite::{Connection, OpenFlags};

use super::turns::CopyTurns;
use crate::error::{Failure, Kind};
use crate::repository::sqlite::connection::connect::{Driver, connect};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::deadline::was_stopped;
use crate::repository::sqlite::connection::errors::{self, shown};
use crate::repository::sqlite::connection::refusal::code;
use crate::repository::sqlite::reading::transaction::{begin_at_once, end_reading};
use crate::repository::{Contents, Copied, Error, Patience, Result};
use crate::system::new_file::NewFile;

/// Pages that are copied between two looks at the clock.
pub(super) const STEP: c_int = 256;

/// Times that a copy is begun before it gives up.
const STARTS: u32 = 3;

const COPYING: &str = "copying the database";

/// SQLite's cache for the copy, in KiB (negative, as the pragma takes it): no page is needed twice.
const CACHE: i64 = -256;

pub(super) fn copy(
    sqlite: &Sqlite,
    into: &NewFile,
    exclusive: bool,
    copied: Copied,
) -> Result<Contents> {
    let fails = |error| explain(error, &sqlite.path, into.target(), &sqlite.patience);
    let page: i64 = sqlite
        .connection
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .map_err(fails)?;
    let has_log = sqlite.is_wal()?;
    let mut target = new_target(into.path()).map_err(fails)?;
    let backup = Backup::new(&sqlite.connection, &mut target).map_err(fails)?;
    let mut copying = Copying {
        sqlite,
        into,
        backup,
        page: u64::try_from(page).unwrap_or(0),
        left: None,
        starts: 1,
        copied,
    };
    let contents = if exclusive || has_log {
        copying.at_once()
    } else {
        copying.in_turns()
    }?;
    drop(copying);
    target.close().map_err(|(_, error)| fails(error))?;
    Ok(contents)
}

/// A file that is thrown away when anything goes wrong, and synced as a whole at the end.
pub(super) fn new_target(path: &Path) -> rusqlite::Result<Connection> {
    let target = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, Driver::Buffered)?;
    target.pragma_update(None, "cache_size", CACHE)?;
    target.pragma_update(None, "synchronous", "OFF")?;
    target.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    target.query_row("PRAGMA journal_mode = OFF", [], |_| Ok(()))?;
    Ok(target)
}

/// An error of the file that is copied, or of the one that is written.
fn explain(error: rusqlite::Error, from: &Path, into: &Path, patience: &Patience) -> Error {
    let is_of_writing = code(&error).is_some_and(|found| {
        found.code == ErrorCode::DiskFull
            || matches!(
                found.extended_code,
                ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_TRUNCATE | ffi::SQLITE_IOERR_CLOSE
            )
    });
    let path = if is_of_writing { into } else { from };
    errors::translate(error, COPYING, path, patience)
}

struct Copying<'a, 'b> {
    sqlite: &'a Sqlite,
    into: &'a NewFile,
    backup: Backup<'a, 'b>,
    /// The bytes of a page.
    page: u64,
    /// The pages that were left after the last step.
    left: Option<c_int>,
    /// SQLite begins anew by itself when it finds that somebody else has written.
    starts: u32,
    copied: Copied<'a>,
}

impl Copying<'_, '_> {
    /// All of it in one read.
    fn at_once(&mut self) -> Result<Contents> {
        let sqlite = self.sqlite;
        let reading = sqlite.settled(|| begin_at_once(sqlite))?;
        while !self.step()? {}
        let contents = contents(sqlite)?;
        end_reading(sqlite, reading)?;
        Ok(contents)
    }

    /// In reads that are as short as others need them to be.
    fn in_turns(&mut self) -> Result<Contents> {
        let sqlite = self.sqlite;
        loop {
            let reading = sqlite.settled(|| begin_at_once(sqlite))?;
            let mut turn = CopyTurns::begin();
            loop {
                let done = self.step()?;
                if done {
                    let set = sqlite.deadline.set(turn.left());
                    let contents = contents(sqlite)?;
                    drop(set);
                    end_reading(sqlite, reading)?;
                    return Ok(contents);
                }
                let progress = self.backup.progress();
                if turn.is_over(STEP, progress.remaining) {
                    break;
                }
            }
            end_reading(sqlite, reading)?;
            if self.starts > STARTS {
                return Err(self.gives_up());
            }
            turn.rest();
        }
    }

    /// Copies some pages; true when that was the last of them.
    fn step(&mut self) -> Result<bool> {
        if self.sqlite.patience.has_ended() {
            return Err(Error::Own(interrupted()));
        }
        let step = self.backup.step(STEP);
        let done = match step.map_err(|error| self.explain(error))? {
            StepResult::Done => true,
            StepResult::More => false,
            _ => return Err(self.explain(busy())),
        };
        let progress = self.backup.progress();
        if self
            .left
            .is_some_and(|left| progress.remaining > left - STEP)
            && !done
        {
            self.starts += 1;
        }
        self.left = Some(progress.remaining);
        let bytes = |pages: c_int| u64::try_from(pages).unwrap_or(0) * self.page;
        let [all, left] = [progress.pagecount, progress.remaining].map(bytes);
        (self.copied)(all.saturating_sub(left), all);
        Ok(done)
    }

    fn explain(&self, error: rusqlite::Error) -> Error {
        explain(
            error,
            &self.sqlite.path,
            self.into.target(),
            &self.sqlite.patience,
        )
    }

    fn gives_up(&self) -> Error {
        let message = format!(
            "others write {} so often that no copy was whole, {STARTS} times",
            shown(&self.sqlite.path)
        );
        let hint = "try again when less is written; or jobctl backup --exclusive, which keeps others from writing until it is done";
        Error::Own(Failure::new(Kind::Locked, message).hint(hint))
    }
}

fn interrupted() -> Failure {
    Failure::new(Kind::Interrupted, "interrupted; no backup was made").hint("run it again")
}

pub(super) fn busy() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)
}

/// The rows of each table in the read that is open; None when the deadline passes.
fn contents(sqlite: &Sqlite) -> Result<Contents> {
    match tables(&sqlite.connection) {
        Ok(tables) => Ok(Contents {
            tables: Some(tables),
        }),
        Err(error) if was_stopped(&error) => Ok(Contents::default()),
        Err(error) => Err(sqlite.explain("counting rows")(error)),
    }
}

pub(super) fn tables(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    // A virtual table has no page, and its rows are in others.
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut tables = Vec::new();
    for name in names {
        let name = name?;
        let sql = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
        let rows: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        tables.push((name, u64::try_from(rows).unwrap_or(0)));
    }
    Ok(tables)
}
