//! The replacing of a database that others may have open. Its content is replaced, and not the file: a process that goes on with
//! a file that was moved away writes where nobody sees it, and finds the journal of the new one beside the old. SQLite does
//! that in one transaction, so that others see the old content or the new, and a killed run leaves the old.
//!
//! A file that SQLite cannot read gives no transaction. It gets another name, with all that lies beside it, while nobody
//! else has it open.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags};

use super::copy::{STEP, busy, new_target};
use super::source::{BackupSource, interrupted};
use crate::error::{Failure, Kind};
use crate::repository::sqlite::connection::busy as lock;
use crate::repository::sqlite::connection::companions::COMPANIONS;
use crate::repository::sqlite::connection::connect::{Driver, connect};
use crate::repository::sqlite::connection::errors::{self, database_name, io_error, shown};
use crate::repository::sqlite::connection::refusal::code;
use crate::repository::sqlite::writing::transactions::keep_locked;
use crate::repository::{Copied, Error, Patience, Result};
use crate::system::folder_sync;
use crate::system::new_file::NewFile;
use crate::system::open::{self, folder_of, with_suffix};

const RESTORING: &str = "restoring the database";

/// SQLite's cache, in KiB (negative, as the pragma takes it): what does not fit is written before the commit, behind a sync
/// of the journal.
const CACHE: i64 = -64 * 1024;

/// The pause between two tries to get a lock.
const PAUSE: Duration = Duration::from_millis(10);

/// A database that is to be replaced.
struct Old<'a> {
    path: &'a Path,
    /// The name under which it is kept.
    kept: &'a Path,
    patience: &'a Patience,
}

/// The reason why its content was not replaced.
enum NotReplaced {
    /// SQLite cannot read it.
    Unreadable,
    Failed(Error),
}

/// Copies the source into an empty file that nobody else uses.
pub(in crate::repository) fn copy_into(
    source: &BackupSource,
    into: &NewFile,
    patience: &Patience,
    copied: Copied,
) -> Result<()> {
    let explain = |error| errors::translate(error, RESTORING, into.target(), patience);
    let mut target = new_target(into.path()).map_err(explain)?;
    let backup = Backup::new(&source.connection, &mut target).map_err(explain)?;
    to_the_end(&backup, patience, &mut in_bytes(source, copied), &explain)?;
    drop(backup);
    target.close().map_err(|(_, error)| explain(error))
}

/// Replaces the database at `path`, which is there, and keeps what was there.
pub(in crate::repository) fn replace(
    source: &BackupSource,
    path: &Path,
    kept: &Path,
    patience: &Patience,
    copied: Copied,
) -> Result<()> {
    let old = Old {
        path,
        kept,
        patience,
    };
    // Where SQLite opens one that it cannot read, it may take away what lies beside it.
    if !is_database(path).map_err(|error| io_error(path, &error))? {
        return old.replace_file(source, copied);
    }
    match old.replace_content(source, copied) {
        Ok(()) => {
            let synced = folder_sync::sync(folder_of(path));
            synced.map_err(|error| io_error(path, &error))
        }
        Err(NotReplaced::Failed(error)) => Err(error),
        Err(NotReplaced::Unreadable) => old.replace_file(source, copied),
    }
}

impl Old<'_> {
    fn explain(&self, error: rusqlite::Error) -> Error {
        errors::translate(error, RESTORING, self.path, self.patience)
    }

    fn failed(&self, error: rusqlite::Error) -> NotReplaced {
        NotReplaced::Failed(self.explain(error))
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let mut connection = connect(self.path, flags, Driver::Buffered)?;
        lock::wait(&mut connection, self.patience)?;
        connection.pragma_update(None, "cache_size", CACHE)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(connection)
    }

    fn replace_content(
        &self,
        source: &BackupSource,
        copied: Copied,
    ) -> std::result::Result<(), NotReplaced> {
        // The first look into the file, at which a killed writer's journal is rolled back.
        let opened = self.open().and_then(|live| {
            pragma::<i64>(&live, "schema_version")?;
            Ok(live)
        });
        let mut live = opened.map_err(|error| match code(&error).map(|found| found.code) {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => NotReplaced::Unreadable,
            _ => self.failed(error),
        })?;
        let fails = |error| self.failed(error);
        let mut has_log = pragma::<String>(&live, "journal_mode").map_err(fails)? == "wal";
        if has_log {
            let [new, old] = [&source.connection, &live].map(|one| pragma::<i64>(one, "page_size"));
            if new.map_err(fails)? != old.map_err(fails)? {
                // A log has pages of one size.
                self.leave_log(&live)?;
                has_log = false;
            }
        }
        if has_log {
            self.behind_log(source, &mut live, copied)
        } else {
            self.alone(source, &mut live, copied)
        }
    }

    fn leave_log(&self, live: &Connection) -> std::result::Result<(), NotReplaced> {
        let left = live.query_row("PRAGMA journal_mode = DELETE", [], |row| {
            row.get::<_, String>(0)
        });
        match left {
            Ok(mode) if mode == "delete" => Ok(()),
            Err(error) if code(&error).is_none_or(|code| code.code != ErrorCode::DatabaseBusy) => {
                Err(self.failed(error))
            }
            _ => {
                let message = format!(
                    "{} is open in another program, and the backup has pages of another size",
                    shown(self.path)
                );
                let hint = "nothing was changed; stop the service first";
                Err(NotReplaced::Failed(Error::Own(
                    Failure::new(Kind::Locked, message).hint(hint),
                )))
            }
        }
    }

    /// Under a lock that keeps everybody else out, from before the old content is copied until the new one is in place.
    fn alone(
        &self,
        source: &BackupSource,
        live: &mut Connection,
        copied: Copied,
    ) -> std::result::Result<(), NotReplaced> {
        let fails = |error| self.failed(error);
        keep_locked(live).map_err(fails)?;
        self.keep(live)?;
        let done = (|| {
            let backup =
                Backup::new(&source.connection, live).map_err(|error| self.explain(error))?;
            let copied = &mut in_bytes(source, copied);
            to_the_end(&backup, self.patience, copied, &|error| self.explain(error))
        })();
        self.or_as_before(done)?;
        // The journal goes with the lock.
        let _ = live.pragma_update(None, "locking_mode", "NORMAL");
        let _ = pragma::<i64>(live, "schema_version");
        Ok(())
    }

    /// Others go on reading what was there. The lock to write is taken by the first page, and given back with the last.
    fn behind_log(
        &self,
        source: &BackupSource,
        live: &mut Connection,
        copied: Copied,
    ) -> std::result::Result<(), NotReplaced> {
        let fails = |error| self.failed(error);
        let backup = Backup::new(&source.connection, live).map_err(fails)?;
        match backup.step(1).map_err(fails)? {
            StepResult::More => {}
            // A table has more pages than the schema's.
            _ => return Err(fails(busy())),
        }
        let reader = self.open().map_err(fails)?;
        self.keep(&reader)?;
        drop(reader);
        let done = to_the_end(&backup, self.patience, copied, &|error| self.explain(error));
        drop(backup);
        self.or_as_before(done)?;
        // What is in the log counts; copying it into the file only saves room, and waits for nobody.
        let _ = live.busy_timeout(Duration::ZERO);
        let _ = live.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(())
    }

    /// Copies the old content to its name.
    fn keep(&self, live: &Connection) -> std::result::Result<(), NotReplaced> {
        let keep = || -> Result<()> {
            let explain = |error: &io::Error| io_error(self.kept, error);
            let kept = NewFile::begin(self.kept, &COMPANIONS).map_err(|error| explain(&error))?;
            let mut target = new_target(kept.path()).map_err(|error| self.explain(error))?;
            let backup = Backup::new(live, &mut target).map_err(|error| self.explain(error))?;
            to_the_end(&backup, self.patience, &mut |_, _| {}, &|error| {
                errors::translate(error, "keeping the old database", self.kept, self.patience)
            })?;
            drop(backup);
            target.close().map_err(|(_, error)| self.explain(error))?;
            let there = fs::metadata(self.path).map_err(|error| explain(&error))?;
            kept.keep_access(&there).map_err(|error| explain(&error))?;
            if kept.publish().map_err(|error| explain(&error))? {
                Ok(())
            } else {
                Err(Error::Own(taken(self.kept)))
            }
        };
        keep().map_err(NotReplaced::Failed)
    }

    /// Where the old content was not replaced, it need not be kept.
    fn or_as_before(&self, done: Result<()>) -> std::result::Result<(), NotReplaced> {
        done.map_err(|error| {
            let _ = fs::remove_file(self.kept);
            NotReplaced::Failed(error)
        })
    }

    /// Puts a new file in the place of one that SQLite cannot read. Whatever lies beside that goes with it, before: nothing of
    /// it may be taken for a part of the new one, after a loss of power either.
    fn replace_file(&self, source: &BackupSource, copied: Copied) -> Result<()> {
        let explain = |error: io::Error| io_error(self.path, &error);
        let new = NewFile::begin(self.path, &COMPANIONS).map_err(explain)?;
        copy_into(source, &new, self.patience, copied)?;
        new.keep_access(&fs::metadata(self.path).map_err(explain)?)
            .map_err(explain)?;
        new.file().sync_all().map_err(explain)?;
        let begun = Instant::now();
        let lock = loop {
            if let Some(lock) = open::alone(self.path).map_err(explain)? {
                break lock;
            }
            if self.patience.has_ended() {
                return Err(Error::Own(interrupted()));
            }
            if begun.elapsed() >= self.patience.longest {
                return Err(Error::Locked {
                    database: database_name(self.path),
                    waited: self.patience.longest,
                });
            }
            thread::sleep(PAUSE);
        };
        fs::hard_link(self.path, self.kept).map_err(|error| io_error(self.kept, &error))?;
        for suffix in COMPANIONS {
            let moved = fs::rename(
                with_suffix(self.path, suffix),
                with_suffix(self.kept, suffix),
            );
            match moved {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                moved => moved.map_err(explain)?,
            }
        }
        folder_sync::sync(folder_of(self.path)).map_err(explain)?;
        new.replace().map_err(explain)?;
        drop(lock);
        Ok(())
    }
}

/// Whether a file begins as a database does; an empty one becomes one.
fn is_database(path: &Path) -> io::Result<bool> {
    let mut start = [0; 16];
    match open::beginning(path, &mut start) {
        Ok(()) => Ok(start == *b"SQLite format 3\0"),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Ok(fs::metadata(path)?.len() == 0)
        }
        Err(error) => Err(error),
    }
}

fn taken(path: &Path) -> Failure {
    let message = format!("another process made {}", shown(path));
    Failure::refused(message).hint("nothing was changed; run it again")
}

fn pragma<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> rusqlite::Result<T> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// Told in pages, it tells in bytes.
fn in_bytes<'a>(source: &'a BackupSource, copied: Copied<'a>) -> impl FnMut(u64, u64) + 'a {
    move |pages, of| copied(pages * source.page, of * source.page)
}

/// Copies all that is left; tells how many pages of how many are.
fn to_the_end(
    backup: &Backup,
    patience: &Patience,
    copied: Copied,
    explain: &dyn Fn(rusqlite::Error) -> Error,
) -> Result<()> {
    loop {
        if patience.has_ended() {
            return Err(Error::Own(interrupted()));
        }
        match backup.step(STEP).map_err(explain)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {
                let progress = backup.progress();
                let pages = |pages: i32| u64::try_from(pages).unwrap_or(0);
                let [all, left] = [progress.pagecount, progress.remaining].map(pages);
                copied(all.saturating_sub(left), all);
            }
            _ => return Err(explain(busy())),
        }
    }
}
