//! Backup: the capability of a backend whose whole database can be copied into one file while others use it.

use super::Result;
use crate::system::new_file::NewFile;

/// How a copy is checked before it is called a backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BackupCheck {
    /// All that the backend can check, and the rows of each table against those of the database.
    #[default]
    Full,
    /// The same without the look whether each index has what the rows have.
    Quick,
    None,
}

/// The rows that a database had at the moment of its copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Each table with its rows; None when others would have waited too long for the counting.
    pub tables: Option<Vec<(String, u64)>>,
}

/// Is told how many bytes have been copied, of how many.
pub type Copied<'a> = &'a mut dyn FnMut(u64, u64);

/// A capability that not every backend has.
pub trait Backup {
    /// Copies every table, as all of it is at one moment, into an empty file that nobody else uses. Nobody waits for that for
    /// more than 1.5 s, unless all others are to be kept from writing until it is done.
    fn copy(&mut self, into: &NewFile, exclusive: bool, copied: Copied) -> Result<Contents>;

    /// Checks a copy, and gives its number of jobs.
    fn check(&self, copy: &NewFile, check: BackupCheck, contents: &Contents) -> Result<u64>;
}
