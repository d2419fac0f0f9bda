//! Writing transactions that follow one another, between which others find the file free: of an import into a file in use,
//! and of a sweep.

use rusqlite::Connection;

use super::pace::{Hold, Watch};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;

pub(in crate::repository::sqlite) struct Transactions {
    /// The transaction that is open.
    hold: Option<Hold>,
    /// True when one follows the other at once, so that nobody else gets to write.
    keeps_lock: bool,
    /// True when one of them was to be long, so that others are not expected to write.
    long: bool,
    watch: Watch,
}

impl Transactions {
    pub(in crate::repository::sqlite) fn begin(sqlite: &Sqlite) -> Result<Transactions> {
        Ok(Transactions {
            hold: None,
            keeps_lock: sqlite.alone && sqlite.is_wal()?,
            long: false,
            watch: Watch::new(&sqlite.path),
        })
    }

    /// Opens a transaction if none is open; waits before when there was one just now.
    pub(in crate::repository::sqlite) fn open(&mut self, sqlite: &Sqlite) -> Result<()> {
        if self.hold.is_none() {
            let explain = sqlite.explain("starting to write");
            sqlite.pace.rest();
            let quiet = self.watch.is_quiet(&sqlite.connection).map_err(&explain)?;
            sqlite.begin_immediate().map_err(&explain)?;
            self.hold = Some(sqlite.pace.hold(quiet));
            self.long |= quiet;
        }
        Ok(())
    }

    /// Opens the first where others are to be kept out from the beginning.
    pub(in crate::repository::sqlite) fn open_if_kept(&mut self, sqlite: &Sqlite) -> Result<()> {
        if self.keeps_lock {
            self.open(sqlite)
        } else {
            Ok(())
        }
    }

    pub(in crate::repository::sqlite) fn is_open(&self) -> bool {
        self.hold.is_some()
    }

    /// Whether the open transaction has gone on long enough.
    pub(in crate::repository::sqlite) fn is_over(&self) -> bool {
        self.hold.as_ref().is_some_and(Hold::is_over)
    }

    /// Whether one was to be long.
    pub(in crate::repository::sqlite) fn was_long(&self) -> bool {
        self.long
    }

    /// Whether it may stay open while something else is done for a moment.
    pub(in crate::repository::sqlite) fn may_stay_open(&self) -> bool {
        self.keeps_lock || self.hold.as_ref().is_some_and(Hold::is_long)
    }

    /// Commits, and gives the lock back if it is not to be kept. True when it committed.
    pub(in crate::repository::sqlite) fn yield_lock(
        &mut self,
        sqlite: &Sqlite,
        doing: &'static str,
    ) -> Result<bool> {
        if !self.keeps_lock {
            self.commit(sqlite, doing)?;
            return Ok(true);
        }
        if !self.is_over() {
            return Ok(false);
        }
        self.commit(sqlite, doing)?;
        self.open(sqlite)?;
        Ok(true)
    }

    /// Takes back the open transaction. One that cannot be taken back now is taken back when the file is opened next.
    pub(in crate::repository::sqlite) fn abandon(&mut self, sqlite: &Sqlite) {
        self.hold = None;
        if !sqlite.connection.is_autocommit() {
            let _ = sqlite.connection.execute_batch("ROLLBACK");
        }
    }

    /// The same at the end of one that only tried something; others then find the file free for a moment.
    pub(in crate::repository::sqlite) fn take_back(&mut self, sqlite: &Sqlite) {
        if let Some(hold) = &mut self.hold {
            hold.committing();
            if !sqlite.connection.is_autocommit() {
                let _ = sqlite.connection.execute_batch("ROLLBACK");
            }
            sqlite.pace.end(hold);
        }
        self.hold = None;
    }

    /// Commits the transaction that is open, if one is.
    pub(in crate::repository::sqlite) fn commit(
        &mut self,
        sqlite: &Sqlite,
        doing: &'static str,
    ) -> Result<()> {
        if let Some(hold) = &mut self.hold {
            hold.committing();
            sqlite.commit(doing)?;
            sqlite.pace.end(hold);
        }
        self.hold = None;
        Ok(())
    }
}

/// Keeps others from using the file from now on; in WAL mode from writing it, from the next transaction on.
pub(in crate::repository::sqlite) fn use_alone(sqlite: &mut Sqlite) -> Result<()> {
    if !sqlite.is_wal()? {
        // Under this lock the journal lies anyway, and goes with it.
        sqlite.keep_no_journal()?;
        keep_locked(&sqlite.connection)
            .map_err(sqlite.explain("keeping the database for this run alone"))?;
    }
    sqlite.alone = true;
    sqlite.pace.set_alone();
    Ok(())
}

/// Taken while others may still end what they have begun, then kept until the file is closed. In WAL mode nobody gets
/// it whose neighbours only have the file open, and a writer keeps out writers alone.
pub(in crate::repository::sqlite) fn keep_locked(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN EXCLUSIVE")?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.execute_batch("COMMIT")
}
