//! The opening of a file for a person who is still typing: any obstacle is an error, and nothing is written, made or recovered.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::connect::uri;
use super::errors::io_error;
use super::open::Opener;
use crate::repository::Result;
use crate::system::open::{beginning, with_suffix};

impl Opener<'_> {
    pub(in crate::repository::sqlite) fn to_glance(&self) -> Result<Connection> {
        let path = self.path();
        let absolute = fs::canonicalize(path).map_err(|error| io_error(path, &error))?;
        // A reader of a WAL file makes the log when nobody has; without one nobody has it open.
        let parameter = if is_wal(&absolute) && !with_suffix(&absolute, "-wal").exists() {
            "immutable=1"
        } else {
            "readonly_shm=1"
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let opened = self.try_open(Path::new(&uri(&absolute, parameter)), flags);
        match opened.map_err(|error| self.explain(error))? {
            (connection, true) => Ok(connection),
            (connection, false) => Err(self.no_table(&connection)),
        }
    }
}

/// Whether the header of a file says that it has a log.
fn is_wal(path: &Path) -> bool {
    let mut header = [0; 20];
    beginning(path, &mut header).is_ok_and(|()| header[18..] == [2, 2])
}
