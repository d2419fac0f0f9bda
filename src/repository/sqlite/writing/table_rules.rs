//! The rules of the table itself: some refuse a row (UNIQUE, CHECK, NOT NULL, a trigger that raises), some ignore it
//! without a word, and some take a whole transaction back. Each costs the row that it is about.

use rusqlite::Connection;
use rusqlite::ffi::{self, ErrorCode};

use crate::job::{Column, JobId};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::refusal::reason;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::reading::values::{Bound, quoted};

/// The reason for a row that the table left as it was without an error.
pub(in crate::repository::sqlite) const IGNORED: &str =
    "a rule of the table leaves it out, without saying why";
pub(in crate::repository::sqlite) const KEPT: &str =
    "a rule of the table keeps it as it is, without saying why";

/// The hint at the rules for which the table did not do what was asked.
pub(in crate::repository::sqlite) const RULES: &str = "the triggers of the table, its own rules and the tables that refer to it decide that; see: sqlite3 FILE .schema";

/// The outcome for one row.
#[derive(Debug)]
pub(in crate::repository::sqlite) enum Tried {
    /// The number of rows changed: 0 where a rule ignores it.
    Done(usize),
    /// No change, for this reason.
    Refused(String),
    /// The same, and all of the transaction was taken back with it.
    TookBack(String),
}

impl Sqlite {
    /// Whether a write of a row may do more, or less, than change it or fail: the table has triggers, or rules with an
    /// answer of their own to a conflict.
    pub(in crate::repository::sqlite) fn has_triggers(&self) -> Result<bool> {
        const SQL: &str = "SELECT 1 FROM sqlite_schema WHERE tbl_name = ? COLLATE NOCASE
            AND (type = 'trigger' OR type = 'table' AND sql LIKE '%ON%CONFLICT%')";
        self.asks(SQL)
    }

    /// Whether removing a row may be refused: by a trigger, or for another table that refers to it.
    pub(in crate::repository::sqlite) fn may_refuse_removal(&self) -> Result<bool> {
        const REFERRED: &str = "SELECT 1 FROM pragma_foreign_keys, sqlite_schema AS tables,
            pragma_foreign_key_list(tables.name) AS keys
            WHERE foreign_keys AND tables.type = 'table' AND keys.\"table\" = ? COLLATE NOCASE";
        Ok(self.has_triggers()? || self.asks(REFERRED)?)
    }

    /// Fails where another table refers to this job, which is gone, and would refuse that only at the commit, which does not
    /// tell the job.
    pub(in crate::repository::sqlite) fn ask_referrers(&self, id: &JobId) -> rusqlite::Result<()> {
        let referrers = match self.referrers.get() {
            Some(referrers) => referrers,
            None => {
                let found = late_referrers(&self.connection)?;
                self.referrers.get_or_init(|| found)
            }
        };
        for sql in referrers {
            let mut statement = self.connection.prepare_cached(sql)?;
            if statement.exists([Bound(&id.to_value())])? {
                let error = ffi::Error {
                    code: ErrorCode::ConstraintViolation,
                    extended_code: ffi::SQLITE_CONSTRAINT_FOREIGNKEY,
                };
                return Err(rusqlite::Error::SqliteFailure(error, None));
            }
        }
        Ok(())
    }

    /// Whether a new row may be refused for more than what the report's table demands.
    pub(in crate::repository::sqlite) fn may_refuse_rows(&self) -> Result<bool> {
        const SQL: &str = "SELECT 1 FROM sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE
            AND (type = 'trigger' OR sql LIKE '%UNIQUE%'
                OR type = 'table' AND (sql LIKE '%CHECK%' OR sql LIKE '%STRICT%' OR sql LIKE '%ON%CONFLICT%'))
            UNION ALL SELECT 1 FROM pragma_table_info(?1)
            WHERE \"notnull\" AND name COLLATE NOCASE NOT IN ('id', 'job_type')
                OR name = 'id' COLLATE NOCASE AND type = 'INTEGER' COLLATE NOCASE";
        self.asks(SQL)
    }

    /// Whether two rows may not have something in common beside their id.
    pub(in crate::repository::sqlite) fn may_refuse_pairs(&self) -> Result<bool> {
        const SQL: &str = "SELECT 1 FROM sqlite_schema WHERE tbl_name = ? COLLATE NOCASE
            AND (type = 'trigger' OR sql LIKE '%UNIQUE%')";
        self.asks(SQL)
    }

    fn asks(&self, sql: &str) -> Result<bool> {
        self.connection
            .prepare(sql)
            .and_then(|mut statement| statement.exists([TABLE]))
            .map_err(self.explain("reading the schema"))
    }

    /// Writes a row in the transaction that is open. Where the table has triggers (`careful`), one may have done half of
    /// its work before it refuses, which then is taken back.
    pub(in crate::repository::sqlite) fn attempt(
        &self,
        careful: bool,
        doing: &'static str,
        write: impl FnOnce() -> rusqlite::Result<usize>,
    ) -> Result<Tried> {
        if self.recorder.is_full() {
            self.save_history()?;
        }
        let mark = self.recorder.mark();
        if careful {
            self.point("SAVEPOINT jobctl_row", doing)?;
        }
        let error = match write() {
            Ok(count) => {
                if careful {
                    self.point("RELEASE jobctl_row", doing)?;
                }
                return Ok(Tried::Done(count));
            }
            Err(error) => error,
        };
        self.recorder.cut(mark);
        match reason(&error) {
            None => Err(self.explain(doing)(error)),
            Some(why) if self.connection.is_autocommit() => Ok(Tried::TookBack(why)),
            Some(why) => {
                if careful {
                    self.point("ROLLBACK TO jobctl_row", doing)?;
                    self.point("RELEASE jobctl_row", doing)?;
                }
                Ok(Tried::Refused(why))
            }
        }
    }

    fn point(&self, sql: &str, doing: &'static str) -> Result<()> {
        let mut statement = self
            .connection
            .prepare_cached(sql)
            .map_err(self.explain(doing))?;
        statement.execute([]).map(drop).map_err(self.explain(doing))
    }
}

/// The question to each table that refers to jobs and lets one go until the end of the transaction: does it name a job that
/// is gone?
fn late_referrers(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    const SQL: &str = "SELECT tables.name, keys.\"from\" FROM pragma_foreign_keys, sqlite_schema AS tables,
        pragma_foreign_key_list(tables.name) AS keys
        WHERE foreign_keys AND tables.type = 'table' AND tables.sql LIKE '%DEFERR%'
        AND keys.\"table\" = ? COLLATE NOCASE AND coalesce(keys.\"to\", 'id') = 'id' COLLATE NOCASE";
    let mut statement = connection.prepare(SQL)?;
    let named = statement.query_map([TABLE], |row| {
        let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
        Ok(format!(
            "SELECT 1 FROM {} WHERE {} = ?1 AND NOT EXISTS (SELECT 1 FROM {TABLE} WHERE {} = ?1)",
            quoted(&table),
            quoted(&column),
            Column::Id.name()
        ))
    })?;
    named.collect()
}

/// The outcome for one row of several that are changed together, or not at all.
pub(in crate::repository::sqlite) fn done_or(
    tried: Tried,
    ignored: &str,
) -> std::result::Result<(), String> {
    match tried {
        Tried::Done(0) => Err(ignored.to_owned()),
        Tried::Done(_) => Ok(()),
        Tried::Refused(why) | Tried::TookBack(why) => Err(why),
    }
}
