//! An import in one transaction: into a file that this run makes, where the index of ids waits for the rows, or one that is all
//! or nothing.

use super::late_index::IdLookup;
use super::state::{ImportState, LOAD_CACHE, STARTING};
use super::upsert::{IMPORTING, execute, renew};
use crate::job::{Column, Job};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::writing::table_rules::Tried;
use crate::repository::sqlite::writing::write::insert_sql;
use crate::repository::{Imported, OnConflict, Result};

impl ImportState {
    /// Writes rows of a new file while the index of ids can wait.
    pub(in crate::repository::sqlite) fn load(
        &mut self,
        sqlite: &Sqlite,
        jobs: &[Job],
        outcomes: &mut Vec<Imported>,
    ) -> Result<()> {
        let Some(late_index) = &mut self.late_index else {
            return Ok(());
        };
        let explain = sqlite.explain(IMPORTING);
        let mut statement = sqlite
            .connection
            .prepare_cached(&insert_sql(&[]))
            .map_err(&explain)?;
        for job in jobs {
            match late_index.take(job.get(Column::Id)) {
                IdLookup::New => {
                    let write = || execute(&mut statement, job);
                    outcomes.push(match sqlite.attempt(false, IMPORTING, write)? {
                        Tried::Done(_) => Imported::Inserted,
                        Tried::Refused(why) | Tried::TookBack(why) => {
                            late_index.give_back(job.get(Column::Id));
                            Imported::Refused(why.into())
                        }
                    });
                }
                // Of one run the newest record counts.
                IdLookup::Present(row) if self.on_conflict != OnConflict::Fail => {
                    outcomes.push(match renew(sqlite, row, job)? {
                        Tried::Done(0) => Imported::Skipped,
                        Tried::Done(_) => Imported::Updated,
                        Tried::Refused(why) | Tried::TookBack(why) => Imported::Refused(why.into()),
                    });
                }
                IdLookup::Present(_) | IdLookup::NotKept => {
                    drop(statement);
                    self.write_ids(sqlite)?;
                    sqlite.set_cache(LOAD_CACHE)?;
                    return begin_whole(sqlite);
                }
            }
        }
        Ok(())
    }

    /// Writes the index of ids, if it has waited until now, and commits.
    pub(in crate::repository::sqlite) fn write_ids(&mut self, sqlite: &Sqlite) -> Result<()> {
        match self.late_index.take() {
            None => commit_whole(sqlite),
            Some(mut late_index) => {
                late_index.write(sqlite)?;
                commit_whole(sqlite)?;
                late_index.end(sqlite)
            }
        }
    }
}

pub(in crate::repository::sqlite) fn begin_whole(sqlite: &Sqlite) -> Result<()> {
    sqlite.begin_immediate().map_err(sqlite.explain(STARTING))
}

fn commit_whole(sqlite: &Sqlite) -> Result<()> {
    sqlite.commit("finishing an import")
}
