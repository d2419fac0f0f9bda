//! Backups: a copy of the whole file, page by page, so that rows keep their numbers and free pages stay free.

mod check;
mod copy;
pub(in crate::repository) mod replace;
pub(in crate::repository) mod source;
mod turns;

use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::{Backup, BackupCheck, Contents, Copied, Result};
use crate::system::new_file::NewFile;

impl Backup for Sqlite {
    fn copy(&mut self, into: &NewFile, exclusive: bool, copied: Copied) -> Result<Contents> {
        copy::copy(self, into, exclusive, copied)
    }

    fn check(&self, copy: &NewFile, check: BackupCheck, contents: &Contents) -> Result<u64> {
        check::check(copy, check, contents, &self.patience)
    }
}
