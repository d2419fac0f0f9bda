//! Removal where the table has rules about it: a trigger, or another table that refers to jobs. Each job that a rule keeps
//! is told with the reason, and keeps no other.

use super::sweep_state::{REMOVING, SweepState, data_version, removed};
use super::table_rules::{KEPT, RULES, Tried};
use crate::repository::change_log::buffer::ChangeCounts;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::{self, TABLE};
use crate::repository::{Found, KeptByTable, Result, Swept};

/// Fails where no job can be removed at all: before anything is archived.
pub(in crate::repository::sqlite) fn check(sqlite: &Sqlite) -> Result<()> {
    let sql = format!("DELETE FROM {TABLE} WHERE {} = ?", sqlite.rowid);
    let prepared = sqlite.connection.prepare_cached(&sql);
    prepared.map(drop).map_err(sqlite.explain(REMOVING))
}

/// Whether removals may be refused, for a dry run, which only reads: foreign keys are judged as for a writer.
pub(in crate::repository::sqlite) fn may_be_refused(sqlite: &Sqlite) -> Result<bool> {
    if sqlite.parents.is_none() {
        schema::has_parents(&sqlite.connection)
            .and_then(|there| sqlite.connection.pragma_update(None, "foreign_keys", there))
            .map_err(sqlite.explain(REMOVING))?;
    }
    check(sqlite)?;
    sqlite.may_refuse_removal()
}

impl SweepState {
    pub(in crate::repository::sqlite) fn try_removal(
        &mut self,
        sqlite: &Sqlite,
        swept: &mut Swept,
    ) -> Result<()> {
        let mut rest = swept.take_all();
        self.commit(sqlite)?;
        while !rest.is_empty() {
            self.transactions.open(sqlite)?;
            while !self.transactions.is_over()
                && let Some(found) = rest.pop_front()
            {
                match self.remove_one(sqlite, &found)? {
                    Tried::Done(0) if sqlite.is_there(&found.job().id())? => {
                        self.keep(&found, KEPT.to_owned());
                    }
                    // Or a trigger has removed it with another.
                    Tried::Done(_) => swept.push(found),
                    Tried::Refused(why) => self.keep(&found, why),
                    Tried::TookBack(why) => {
                        self.keep(&found, why);
                        break;
                    }
                }
            }
            self.transactions.take_back(sqlite);
        }
        self.transactions.open_if_kept(sqlite)
    }

    fn keep(&mut self, found: &Found, why: String) {
        self.told.kept.push(KeptByTable {
            id: found.job().id(),
            why,
            see: RULES,
        });
    }

    fn remove_one(&self, sqlite: &Sqlite, found: &Found) -> Result<Tried> {
        let sql = format!("DELETE FROM {TABLE} WHERE {} = ?", sqlite.rowid);
        let mut statement = sqlite
            .connection
            .prepare_cached(&sql)
            .map_err(sqlite.explain(REMOVING))?;
        sqlite.attempt(self.careful, REMOVING, || {
            let count = statement.execute([found.key()])?;
            sqlite.ask_referrers(&found.job().id())?;
            Ok(count)
        })
    }

    /// As `remove`, where the table has rules about removal: one transaction, which a rule may take back. Then all jobs
    /// before that one go once more, without it.
    pub(in crate::repository::sqlite) fn remove_carefully(
        &mut self,
        sqlite: &Sqlite,
        swept: &mut Swept,
    ) -> Result<u64> {
        let mut changed = 0;
        let mut done: Vec<Found> = Vec::new();
        self.transactions.open(sqlite)?;
        let same = data_version(sqlite).map_err(sqlite.explain(REMOVING))? == swept.seen();
        while let Some(found) = self.take_unchanged(sqlite, swept, same, &mut changed)? {
            match self.remove_one(sqlite, &found)? {
                Tried::Done(0) if sqlite.is_there(&found.job().id())? => {
                    self.keep(&found, KEPT.to_owned());
                }
                Tried::Done(_) => done.push(found),
                Tried::Refused(why) => self.keep(&found, why),
                Tried::TookBack(why) => {
                    self.keep(&found, why);
                    self.transactions.abandon(sqlite);
                    // Without the one that cost the others they come first.
                    swept.put_back(done);
                    return Ok(changed);
                }
            }
        }
        let deleted = ChangeCounts::of_deleted(done.len() as i64);
        sqlite.recorder.count(deleted);
        self.pending.extend(done.iter().map(removed));
        self.commit(sqlite)?;
        self.transactions.open_if_kept(sqlite)?;
        Ok(changed)
    }
}
