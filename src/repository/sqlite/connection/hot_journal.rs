//! The journal that a reader finds at its beginning: of a writer that was killed, or of one that gives up its transaction
//! at this very moment, which looks the same for an instant. A connection that only reads can do nothing about either, and
//! SQLite tells it that it may not write.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::OpenFlags;

use super::connect::{Driver, connect};
use super::{busy, errors, schema};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::{Error, Patience, Result};

/// The wait for a journal that this user cannot roll back: a writer that gives up removes it within that.
const LEAST: Duration = Duration::from_millis(100);

const RETRY: Duration = Duration::from_millis(2);

/// Reads, and reads again where a journal stood in the way of the beginning. Nothing has been read then, so nothing is read
/// twice.
pub(in crate::repository::sqlite) fn read_behind<T>(
    path: &Path,
    patience: &Patience,
    mut read: impl FnMut() -> Result<T>,
) -> Result<T> {
    let mut since = None;
    loop {
        let error = match read() {
            Err(error @ Error::HalfDone(_)) => error,
            other => return other,
        };
        let waited = since.get_or_insert_with(Instant::now).elapsed();
        match roll_back(path, patience) {
            Ok(()) if waited < patience.longest.max(LEAST) => {}
            Ok(()) => {
                return Err(Error::Locked {
                    database: errors::database_name(path),
                    waited: patience.longest,
                });
            }
            Err(Error::HalfDone(_) | Error::ReadOnly { .. }) if waited < LEAST => {
                thread::sleep(RETRY);
            }
            Err(Error::HalfDone(_) | Error::ReadOnly { .. }) => return Err(error),
            Err(other) => return Err(other),
        }
    }
}

/// Rolls the journal back, as SQLite does for any connection that may write.
fn roll_back(path: &Path, patience: &Patience) -> Result<()> {
    let opened = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, Driver::Own);
    let rolled_back = opened.and_then(|mut connection| {
        busy::wait(&mut connection, patience)?;
        schema::has_jobs(&connection)
    });
    rolled_back
        .map(drop)
        .map_err(|error| errors::translate(error, "opening the database", path, patience))
}

impl Sqlite {
    /// Reads behind whatever a writer has left half done.
    pub(in crate::repository::sqlite) fn settled<T>(
        &self,
        read: impl FnMut() -> Result<T>,
    ) -> Result<T> {
        read_behind(&self.path, &self.patience, read)
    }
}
