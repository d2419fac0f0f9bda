//! The name of the journal or log, on which a commit rests beside the data. SQLite syncs the folder when it has made one,
//! and passes over an error; but nobody may be told of a success that is gone with the name.

use std::cell::Cell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::system::folder_sync;
use crate::system::identity::Identity;
use crate::system::open::{folder_of, with_suffix};

pub(in crate::repository::sqlite) struct JournalName {
    database: PathBuf,
    /// The log and the journal whose names are on disk.
    safe: Cell<[Option<Identity>; 2]>,
}

impl JournalName {
    /// Takes the names that are there before SQLite opens the file: others have brought those to disk.
    pub(in crate::repository::sqlite) fn new(path: &Path) -> JournalName {
        let database = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let [log, _] = files(&database);
        JournalName {
            database,
            safe: Cell::new([log, None]),
        }
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        let now = files(&self.database);
        let safe = self.safe.get();
        if now
            .iter()
            .zip(&safe)
            .any(|(now, safe)| now.is_some() && now != safe)
        {
            folder_sync::sync(folder_of(&self.database))?;
        }
        self.safe.set(now);
        Ok(())
    }
}

fn files(database: &Path) -> [Option<Identity>; 2] {
    ["-wal", "-journal"].map(|suffix| Identity::at(with_suffix(database, suffix)).ok())
}
