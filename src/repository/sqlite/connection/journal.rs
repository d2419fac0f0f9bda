//! The end of a journal that lay between transactions.

use std::time::Duration;

use super::journal_mode;
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;

impl Sqlite {
    /// Sets the journal back to what it was before.
    pub(in crate::repository::sqlite) fn keep_no_journal(&mut self) -> Result<()> {
        if std::mem::take(&mut self.keeps_journal) {
            let removed = self.remove_journal();
            removed.map_err(self.explain("preparing to write"))?;
        }
        Ok(())
    }

    fn remove_journal(&self) -> rusqlite::Result<()> {
        let reading = self.connection.unchecked_transaction()?;
        let _: i64 = reading.pragma_query_value(None, "schema_version", |row| row.get(0))?;
        journal_mode::remove(&reading)?;
        reading.commit()
    }

    /// Takes the journal away, as far as it can now.
    fn end_journal(&mut self) {
        if std::mem::take(&mut self.keeps_journal) {
            // A transaction that is still open is one that failed.
            if !self.connection.is_autocommit() {
                let _ = self.connection.execute_batch("ROLLBACK");
            }
            // The next writer removes it if this cannot.
            let _ = self.connection.busy_timeout(Duration::ZERO);
            let _ = self.remove_journal();
        }
    }

    /// Ends the use of the file by a process that is about to end: the system takes its locks and its memory back more quickly
    /// than SQLite gives them. A log is copied into the file when it is closed, and is.
    pub(in crate::repository::sqlite) fn leave_behind(mut self) {
        let is_all = self.claim.is_none() && self.syncing.is_none() && self.unpublished.is_none();
        if is_all && self.keeps_journal {
            self.end_journal();
            std::mem::forget(self);
        }
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.end_journal();
    }
}
