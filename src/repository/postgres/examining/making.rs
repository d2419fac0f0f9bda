//! The making of an index beside those who write. A table in partitions takes none that way: it is made for each partition, and the
//! table's own then takes these over, for which it needs a moment's lock alone.

use super::damage::CHECKING;
use super::indexes::{keys_of, serves};
use super::wanted_index::WantedIndex;
use crate::job::Value;
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::stored_column::quoted;
use crate::repository::postgres::connection::values::{Argument, text, value};

const MAKING: &str = "making an index";

/// The partitions that hold rows, each with its schema and its name; a single row of NULL where the table has none yet, and no row where
/// it is no table in partitions.
const PARTS: &str = "SELECT c.oid::regclass::text, n.nspname::text, c.relname::text
    FROM pg_class j LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace)
        ON c.relkind = 'r' AND c.oid IN (SELECT t.relid FROM pg_partition_tree(j.oid) t)
    WHERE j.oid = to_regclass('video_generation_jobs') AND j.relkind = 'p' ORDER BY 1";

/// Whether an index of this name is there by half.
const IS_BROKEN: &str = "SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)";

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
    /// The name of its index, in its schema, which the server would make of the same two.
    fn index(&self, index: &WantedIndex) -> String {
        let mut name = format!("{}_{}", index.name, self.name);
        if name.len() > LONGEST_NAME {
            let hash = xxhash_rust::xxh64::xxh64(self.name.as_bytes(), 0);
            name = format!("{}_{hash:016x}", index.name);
        }
        name
    }
}

/// Makes an index that the table lacks. Gives false where it was stopped between two partitions; those that have theirs are not
/// done again.
pub(super) fn make(
    postgres: &Postgres,
    index: &WantedIndex,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<bool> {
    let Some(parts) = parts(postgres)? else {
        concurrently(postgres, index, index.name, index.name, TABLE)?;
        return Ok(true);
    };
    for part in parts {
        if !goes_on() {
            return Ok(false);
        }
        let found = keys_of(postgres, &part.table)?;
        // The table's own takes over none of more columns.
        let mut found = found.values().filter(|keys| keys.len() == index.keys.len());
        if found.any(|keys| serves(keys, index)) {
            continue;
        }
        let name = part.index(index);
        let full = format!("{}.{}", quoted(&part.schema), quoted(&name));
        let rows = postgres
            .session
            .rows(CHECKING, IS_BROKEN, &[Argument::text(&*full)])?;
        if rows.first().map(|row| value(row, 0)) == Some(Value::Integer(1)) {
            postgres.session.run(MAKING, &drop_sql(&full))?;
        }
        concurrently(postgres, index, &quoted(&name), &full, &part.table)?;
    }
    // It finds those of the partitions, and reads no row.
    let sql = format!("CREATE INDEX {} ON {TABLE} ({})", index.name, index.list());
    postgres.session.rows(MAKING, &sql, &[])?;
    Ok(true)
}

/// None of a table that is not in partitions.
fn parts(postgres: &Postgres) -> Result<Option<Vec<Part>>> {
    let rows = postgres.session.rows(CHECKING, PARTS, &[])?;
    let parts = rows.iter().filter_map(|row| {
        Some(Part {
            table: text(row, 0)?,
            schema: text(row, 1)?,
            name: text(row, 2)?,
        })
    });
    Ok((!rows.is_empty()).then(|| parts.collect()))
}

fn concurrently(
    postgres: &Postgres,
    index: &WantedIndex,
    name: &str,
    full: &str,
    table: &str,
) -> Result<()> {
    let list = index.list();
    let sql = format!("CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({list})");
    postgres.session.run(MAKING, &sql).inspect_err(|_| {
        // One that was broken off is of no use, and would be taken for one that is there.
        let _ = postgres.session.clear_up(&drop_sql(full));
    })
}

fn drop_sql(name: &str) -> String {
    format!("DROP INDEX CONCURRENTLY IF EXISTS {name}")
}
