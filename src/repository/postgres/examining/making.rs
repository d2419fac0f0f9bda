//! The making of an index beside those who write. A table in partitions takes none that way: it is made for each partition, and the
//! table's own then takes these over, for which it needs a moment's lock alone.

use super::damage::CHECKING;
use super::indexes::{equal, keys_of};
use super::wanted_index::WantedIndex;
use crate::job::Value;
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::limited::limited;
use crate::repository::postgres::connection::session::Session;
use crate::repository::postgres::connection::stored_column::quoted;
use crate::repository::postgres::connection::values::{Argument, text, value};

const MAKING: &str = "making an index";

/// The partitions that hold rows, each with its schema and its name; a single row of NULL where the table has none yet, and no row where
/// it is no table in partitions.
const PARTS: &str = "SELECT c.oid::regclass::text, n.nspname::text, c.relname::text
    FROM pg_class j LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace)
        ON c.relkind = 'r' AND c.oid IN (SELECT t.relid FROM pg_partition_tree(j.oid) t)
    WHERE j.oid = to_regclass('video_generation_jobs') AND j.relkind = 'p' ORDER BY 1";

/// The partitions of the table itself, which may be in partitions in turn.
const CHILDREN: &str = "SELECT c.oid::regclass::text, n.nspname::text, c.relname::text
    FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE h.inhparent = to_regclass('video_generation_jobs') ORDER BY 1";

/// Whether an index of this name is there by half, and nobody is at work on it.
const IS_BROKEN: &str = "SELECT NOT i.indisvalid FROM pg_index i WHERE i.indexrelid = to_regclass($1)
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)";

/// The index of a table, `$1`, that an index of a table in partitions, `$2`, has taken over.
const TAKEN_OVER: &str = "SELECT i.indexrelid::regclass::text FROM pg_inherits h JOIN pg_index i ON i.indexrelid = h.inhrelid
    WHERE i.indrelid = to_regclass($1) AND h.inhparent = to_regclass($2)";

/// The most bytes of a name.
const LONGEST_NAME: usize = 63;

/// A table in which an index is made.
struct Part {
    /// The table as SQL names it.
    table: String,
    schema: String,
    name: String,
}

impl Part {
    /// The name of its index, which the server would make of the same two.
    fn index(&self, index: &WantedIndex) -> String {
        let mut name = format!("{}_{}", index.name, self.name);
        if name.len() > LONGEST_NAME {
            let hash = xxhash_rust::xxh64::xxh64(self.name.as_bytes(), 0);
            name = format!("{}_{hash:016x}", index.name);
        }
        quoted(&name)
    }

    /// An index of it as SQL names it.
    fn full(&self, index: &str) -> String {
        format!("{}.{index}", quoted(&self.schema))
    }
}

/// Makes indexes that the table lacks.
pub(super) struct Maker<'a> {
    postgres: &'a Postgres,
    /// Waits for others no longer than it may; None where there is no such session, and they are waited for until they end.
    limited: Option<Session>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(postgres: &'a Postgres) -> Maker<'a> {
        let limited = limited(&postgres.parameters, postgres.label());
        Maker { postgres, limited }
    }

    fn session(&self) -> &Session {
        self.limited.as_ref().unwrap_or(&self.postgres.session)
    }

    /// Gives false where it was stopped between two partitions; those that have theirs are not done again.
    pub(super) fn make(
        &self,
        index: &WantedIndex,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<bool> {
        let postgres = self.postgres;
        let Some(parts) = self.tables(PARTS)? else {
            let own = postgres.table.beside(index.name);
            self.concurrently(index, index.name, &own, TABLE)?;
            return Ok(true);
        };
        // One that somebody began takes over those of the partitions too.
        let found = keys_of(postgres, TABLE, false)?;
        let begun = equal(&found, index).map(|name| postgres.table.beside(&quoted(name)));
        for part in parts {
            if !goes_on() {
                return Ok(false);
            }
            if equal(&keys_of(postgres, &part.table, true)?, index).is_some() {
                continue;
            }
            match self.taken_over(&part, begun.as_deref())? {
                Some(name) => {
                    let sql = format!("REINDEX INDEX CONCURRENTLY {name}");
                    self.session().run(MAKING, &sql)?;
                }
                None => {
                    let name = part.index(index);
                    self.concurrently(index, &name, &part.full(&name), &part.table)?;
                }
            }
        }
        match begun {
            Some(begun) => self.take_over(index, &begun)?,
            None => self.run(&create(index, index.name, TABLE))?,
        }
        Ok(true)
    }

    /// A statement that reads no row and needs a moment's lock alone.
    fn run(&self, sql: &str) -> Result<()> {
        self.postgres.session.rows(MAKING, sql, &[]).map(drop)
    }

    /// Has an index of the table that was begun take over those of the partitions, by which it becomes whole.
    fn take_over(&self, index: &WantedIndex, begun: &str) -> Result<()> {
        for part in self.tables(CHILDREN)?.unwrap_or_default() {
            let name = match self.taken_over(&part, Some(begun))? {
                // It is looked at once more.
                Some(name) => name,
                None => {
                    let found = keys_of(self.postgres, &part.table, true)?;
                    match equal(&found, index) {
                        Some(name) => part.full(&quoted(name)),
                        None => {
                            let name = part.index(index);
                            self.run(&create(index, &name, &part.table))?;
                            part.full(&name)
                        }
                    }
                }
            };
            self.run(&format!("ALTER INDEX {begun} ATTACH PARTITION {name}"))?;
        }
        Ok(())
    }

    /// The index of a partition that one of the table has taken over.
    fn taken_over(&self, part: &Part, begun: Option<&str>) -> Result<Option<String>> {
        let Some(begun) = begun else { return Ok(None) };
        let arguments = [Argument::text(&*part.table), Argument::text(begun)];
        let rows = self
            .postgres
            .session
            .rows(CHECKING, TAKEN_OVER, &arguments)?;
        Ok(rows.first().and_then(|row| text(row, 0)))
    }

    /// None where there is no row.
    fn tables(&self, sql: &str) -> Result<Option<Vec<Part>>> {
        let rows = self.postgres.session.rows(CHECKING, sql, &[])?;
        let parts = rows.iter().filter_map(|row| {
            Some(Part {
                table: text(row, 0)?,
                schema: text(row, 1)?,
                name: text(row, 2)?,
            })
        });
        Ok((!rows.is_empty()).then(|| parts.collect()))
    }

    /// Makes it anew where there is half of it.
    fn concurrently(&self, index: &WantedIndex, name: &str, full: &str, table: &str) -> Result<()> {
        let session = self.session();
        if self.is_broken(full)? {
            session.run(MAKING, &drop_sql(full))?;
        }
        let list = index.list();
        let sql = format!("CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({list})");
        session.run(MAKING, &sql).inspect_err(|_| {
            // One that was broken off is of no use. Where others are in the way of that too, the next run does it. After Ctrl-C nothing
            // is asked any more.
            if self.is_broken(full).unwrap_or(true) {
                let _ = session.clear_up(&drop_sql(full));
            }
        })
    }

    /// Whether an index of this name is there by half, and nobody is at work on it.
    fn is_broken(&self, full: &str) -> Result<bool> {
        let arguments = [Argument::text(full)];
        let session = &self.postgres.session;
        let rows = session.rows(CHECKING, IS_BROKEN, &arguments)?;
        Ok(rows.first().map(|row| value(row, 0)) == Some(Value::Integer(1)))
    }
}

fn create(index: &WantedIndex, name: &str, table: &str) -> String {
    format!("CREATE INDEX {name} ON {table} ({})", index.list())
}

fn drop_sql(name: &str) -> String {
    format!("DROP INDEX CONCURRENTLY IF EXISTS {name}")
}
