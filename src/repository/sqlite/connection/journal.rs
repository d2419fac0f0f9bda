//! The journal of a run that writes many transactions: it may lie between them, and goes at the end.

use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;

impl Sqlite {
    /// Lets the journal lie between transactions. A commit is then a sync of the journal's beginning, which stays whatever
    /// becomes of names; and making one, and its name safe on disk, takes longer than what a short transaction writes.
    /// Nothing of this is kept in the file, and the journal goes when this is dropped. A file with a log has none.
    pub(in crate::repository::sqlite) fn keep_journal(&mut self) -> Result<()> {
        self.keeps_journal = self
            .set_journal("PERSIST")
            .map_err(self.explain("preparing to write"))?;
        Ok(())
    }

    /// Sets the journal back to what it was before.
    pub(in crate::repository::sqlite) fn keep_no_journal(&mut self) -> Result<()> {
        if std::mem::take(&mut self.keeps_journal) {
            let set = self.set_journal("DELETE");
            set.map_err(self.explain("preparing to write"))?;
        }
        Ok(())
    }

    /// False for a file with a log, which keeps it: no other mode than that of a file is set behind a lock that keeps
    /// others from changing it.
    pub(in crate::repository::sqlite) fn set_journal(&self, mode: &str) -> rusqlite::Result<bool> {
        let reading = self.connection.unchecked_transaction()?;
        let _: i64 = reading.pragma_query_value(None, "schema_version", |row| row.get(0))?;
        let has_log = self.wal_mode()?;
        if !has_log {
            let sql = format!("PRAGMA journal_mode = {mode}");
            reading.prepare(&sql)?.query_row([], |_| Ok(()))?;
        }
        reading.commit()?;
        Ok(!has_log)
    }
}
