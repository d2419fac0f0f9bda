//! New databases: made whole under their name at once, or without it, for an import to fill first.

use std::io;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::connect::{self, Driver};
use super::errors::{self, io_error};
use super::schema;
use crate::repository::sqlite::connection::companions::COMPANIONS;
use crate::repository::{Patience, Result};
use crate::system::folder_sync;
use crate::system::new_file::{NewFile, follow_link};
use crate::system::open::folder_of;

/// Makes a database without jobs. False when another process was faster.
pub(in crate::repository::sqlite) fn create(path: &Path, patience: &Patience) -> Result<bool> {
    let (new_file, connection) = make(path, patience, Driver::Own, |connection| {
        schema::prepare_new(connection)?;
        schema::use_wal(connection)
    })?;
    connection
        .close()
        .map_err(|(_, error)| errors::translate(error, DOING, path, patience))?;
    new_file.publish().map_err(|error| io_error(path, &error))
}

/// Makes a database to be filled before it has its name. Nobody else opens it, and it is thrown away when
/// anything goes wrong: so it has no journal, and reaches the disk at the end. Loading a million jobs takes
/// a tenth longer with pages of 8 KiB, and a quarter longer with 4 KiB, where most rows need a chain of pages.
pub(in crate::repository::sqlite) fn begin(
    path: &Path,
    patience: &Patience,
) -> Result<(NewFile, Connection)> {
    make(path, patience, Driver::Buffered, |connection| {
        connection.pragma_update(None, "page_size", 16 * 1024)?;
        schema::prepare_new(connection)?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.query_row("PRAGMA journal_mode = OFF", [], |_| Ok(()))
    })
}

/// Gives a database that was filled under no name its journal mode and its name.
pub(in crate::repository::sqlite) fn publish(
    new_file: NewFile,
    connection: Connection,
    path: &Path,
    patience: &Patience,
) -> Result<bool> {
    let explain = |error| errors::translate(error, DOING, path, patience);
    connection.close().map_err(|(_, error)| explain(error))?;
    let connection = connect(new_file.path(), Driver::Own).map_err(explain)?;
    schema::use_wal(&connection).map_err(explain)?;
    connection.close().map_err(|(_, error)| explain(error))?;
    new_file.publish().map_err(|error| io_error(path, &error))
}

const DOING: &str = "making the database";

fn make(
    path: &Path,
    patience: &Patience,
    driver: Driver,
    prepare: impl Fn(&Connection) -> rusqlite::Result<()>,
) -> Result<(NewFile, Connection)> {
    let new_file = begin_file(path).map_err(|error| io_error(path, &error))?;
    let made = || -> rusqlite::Result<Connection> {
        let connection = connect(new_file.path(), driver)?;
        prepare(&connection)?;
        schema::create(&connection)?;
        Ok(connection)
    };
    let connection = made().map_err(|error| errors::translate(error, DOING, path, patience))?;
    Ok((new_file, connection))
}

/// The new file, its folders made where they are not there.
fn begin_file(path: &Path) -> io::Result<NewFile> {
    folder_sync::make_all(folder_of(&follow_link(path)))?;
    NewFile::begin(path, &COMPANIONS)
}

fn connect(path: &Path, driver: Driver) -> rusqlite::Result<Connection> {
    let connection = connect::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, driver)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    Ok(connection)
}
