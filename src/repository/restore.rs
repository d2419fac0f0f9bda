//! Restoring: a backup is checked as a whole, and then becomes a new database, or takes the place of one that others may
//! have open.

use std::path::Path;
use std::time::Duration;

use super::sqlite::backup::replace;
use super::sqlite::backup::source::{self, BackupSource};
use super::{Copied, Patience, Result};
use crate::system::new_file::NewFile;

/// The time in which a byte of the old content is copied, or one of the new is written, where the disk is as fast as memory: a
/// neighbour of two files of 1.0 GB waited 2.7 s.
const NANOS: f64 = 1.35;

/// A file that holds a whole database of jobs.
pub struct SoundBackup {
    source: BackupSource,
    patience: Patience,
}

impl SoundBackup {
    /// Opens and checks it; one that is not sound is bad data. `named` is what the user calls it.
    pub fn open(path: &Path, named: &Path, patience: Patience) -> Result<SoundBackup> {
        Ok(SoundBackup {
            source: source::open(path, named, &patience)?,
            patience,
        })
    }

    pub fn jobs(&self) -> u64 {
        self.source.jobs
    }

    /// Copies all of it into an empty file that nobody else uses.
    pub fn copy_into(&self, into: &NewFile, copied: Copied) -> Result<()> {
        replace::copy_into(&self.source, into, &self.patience, copied)
    }

    /// About how long nobody else can write while it takes the place of a database; longer on a slow disk.
    pub fn time_to_replace(&self, database: &Path) -> Duration {
        let old = std::fs::metadata(database).map_or(0, |found| found.len());
        Duration::from_nanos(((old + self.source.bytes) as f64 * NANOS) as u64)
    }

    /// Puts it in the place of a database that is there, all at once, whoever has that open. What was there is kept, with all
    /// that was written until then; an error changes nothing.
    pub fn replace(&self, database: &Path, kept: &Path, copied: Copied) -> Result<()> {
        replace::replace(&self.source, database, kept, &self.patience, copied)
    }
}
