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
    copy_in(CopyTurns::begin, sqlite, into, exclusive, copied)
}

/// The same in turns of this kind, where it is made in turns.
fn copy_in(
    turn: fn() -> CopyTurns,
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
        turn,
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
    turn: fn() -> CopyTurns,
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
            let mut turn = (self.turn)();
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use crate::repository::sqlite::backup::copy::*;
    use crate::repository::sqlite::connection::companions::COMPANIONS;
    use crate::repository::sqlite::connection::open::open;
    use crate::repository::{Access, BackupCheck};

    const FILL: &str = "PRAGMA synchronous = OFF; CREATE TABLE filler (bytes BLOB);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        INSERT INTO filler SELECT zeroblob(3000) FROM n;";

    /// A file without a log, of a dozen steps.
    fn filled(folder: &Path) -> std::path::PathBuf {
        let path = folder.join("jobs.db");
        // jobctl gives a log to what it makes, and not to an empty file.
        drop(crate::system::open::new(&path).unwrap());
        drop(
            open(
                &path,
                "by a test",
                Access::Create,
                &Patience::from(Duration::ZERO),
            )
            .unwrap(),
        );
        Connection::open(&path)
            .unwrap()
            .execute_batch(FILL)
            .unwrap();
        path
    }

    fn copied_in_turns(path: &Path, into: &NewFile, steps: &mut u32) -> Result<Contents> {
        let patience = Patience::from(Duration::from_secs(60));
        let sqlite = open(path, "by a test", Access::Read, &patience).unwrap();
        assert!(!sqlite.is_wal().unwrap());
        let contents = copy_in(CopyTurns::shortest, &sqlite, into, false, &mut |_, _| {
            *steps += 1
        });
        if let Ok(contents) = &contents {
            check_is_sound(into, contents);
        }
        contents
    }

    fn check_is_sound(copy: &NewFile, contents: &Contents) {
        let patience = Patience::from(Duration::ZERO);
        super::super::check::check(copy, BackupCheck::Full, contents, &patience).unwrap();
    }

    #[test]
    fn a_copy_is_made_in_many_turns() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        let into = NewFile::begin(&folder.path().join("copy"), &COMPANIONS).unwrap();
        let mut steps = 0;
        let contents = copied_in_turns(&path, &into, &mut steps).unwrap();
        let tables = contents.tables.unwrap();
        assert!(tables.contains(&("filler".to_owned(), 3000)), "{tables:?}");
        assert!(steps > 8, "{steps}");
    }

    #[test]
    fn a_copy_gives_up_where_others_write_in_each_turn_between() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        let into = NewFile::begin(&folder.path().join("copy"), &COMPANIONS).unwrap();
        let ends = AtomicBool::new(false);
        let mut steps = 0;
        let copied = std::thread::scope(|scope| {
            scope.spawn(|| {
                let neighbour = Connection::open(&path).unwrap();
                neighbour.busy_timeout(Duration::from_secs(60)).unwrap();
                neighbour.pragma_update(None, "synchronous", "OFF").unwrap();
                while !ends.load(Ordering::Relaxed) {
                    let sql = "INSERT INTO filler VALUES (1)";
                    neighbour.execute_batch(sql).unwrap();
                }
            });
            let copied = copied_in_turns(&path, &into, &mut steps);
            ends.store(true, Ordering::Relaxed);
            copied
        });
        let Err(Error::Own(failure)) = copied else {
            panic!("{copied:?}");
        };
        assert_eq!(failure.kind, Kind::Locked);
        assert!(failure.hint.unwrap().contains("--exclusive"));
    }
}
