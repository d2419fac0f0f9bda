//! The version of the file, which differs when somebody else has written it or put another one at its path. Asking for it
//! reads a few bytes, and holds no lock when it has them.

use std::fs::{self};

use rusqlite::Connection;

use super::followed::{FollowedFile, found};
use super::{errors, open};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::hints;
use crate::repository::{Access, Error, Result, Version};

pub(in crate::repository::sqlite) fn version(sqlite: &mut Sqlite) -> Result<Version> {
    if let Some(followed) = sqlite.followed {
        let metadata = fs::metadata(&sqlite.path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => missing(sqlite),
            _ => errors::io_error(&sqlite.path, &error),
        })?;
        let now = found(&sqlite.path, &metadata, followed.immutable);
        if followed.closed || followed.found != now {
            reopen(sqlite, followed)?;
        }
    }
    let asked = match (data_version(&sqlite.connection), sqlite.followed) {
        // A writer was killed; opening the file undoes what it left behind.
        (Err(error), Some(followed)) if errors::wants_writer(&error) => {
            reopen(sqlite, followed)?;
            data_version(&sqlite.connection)
        }
        (asked, _) => asked,
    };
    let content = asked.map_err(sqlite.explain("looking for changes"))?;
    let (replaced, reopened) = match sqlite.followed {
        Some(followed) => (followed.replaced, followed.reopened),
        None => (0, 0),
    };
    // A connection counts from 1 again.
    Ok(Version::new(replaced, reopened << 32 | u64::from(content)))
}

const THERE_BEFORE: &str = "it was there before";

fn missing(sqlite: &Sqlite) -> Error {
    Error::Missing {
        database: errors::database_name(&sqlite.path),
        origin: THERE_BEFORE,
        hint: hints::NAME_OR_MAKE,
    }
}

fn data_version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

/// Opens the file that is there now.
fn reopen(sqlite: &mut Sqlite, before: FollowedFile) -> Result<()> {
    sqlite.followed = Some(FollowedFile {
        closed: true,
        ..before
    });
    // Closed first: closing a file gives up the locks that the process has on it through another connection.
    let nothing = Connection::open_in_memory().map_err(sqlite.explain("opening the database"))?;
    sqlite.connection = nothing;
    sqlite.others.take();
    let (path, patience) = (sqlite.path.clone(), sqlite.patience.clone());
    *sqlite = open::open(&path, THERE_BEFORE, Access::Read, &patience)?;
    if let Some(followed) = &mut sqlite.followed {
        let is_another = before.found.file != followed.found.file;
        followed.reopened = before.reopened + 1;
        followed.replaced = before.replaced + u64::from(is_another);
    }
    Ok(())
}
