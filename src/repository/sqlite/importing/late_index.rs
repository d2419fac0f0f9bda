//! The index of ids of a file that is being made, written when its rows are in. Ids come in no order, so that each row
//! would change a page of its own of an index larger than the cache: every page would be read and written a dozen times.
//! Until then the ids are kept here, which also finds those that come twice.
//!
//! SQLite makes the index of a primary key with its table only. So it is there from the beginning, but for as long as the
//! rows come the schema has the table without its key, and in the index a table of ids and row numbers, whose pages are
//! the same. The schema is put back to the letter before anybody else sees the file.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use hashbrown::HashTable;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::job::{JobId, Value};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;

/// The most ids that are kept.
const MOST: usize = 1 << 20;

/// The number of ids from which on the table has its full size: growing takes the memory of both sizes.
const MANY: usize = 1 << 14;

/// The most bytes that ids other than UUIDs may take.
const MOST_OTHERS: usize = 4 << 20;

/// The bytes that one of them takes besides its text.
const OVERHEAD: usize = 48;

/// SQLite's cache while they are kept, in KiB (negative, as the pragma takes it): the ids take the memory, and rows and
/// other indexes need only their last pages.
pub(in crate::repository::sqlite) const SMALL_CACHE: i64 = -2 * 1024;

/// The name under which the index is a table meanwhile.
const IDS: &str = "jobctl_ids";

/// An index that waits for the rows.
pub(in crate::repository::sqlite) struct LateIndex {
    table: SchemaEntry,
    index: SchemaEntry,
    /// The UUIDs in the order of their rows, which count from 1; zero for another id.
    uuids: Vec<u128>,
    /// The indexes into them.
    indexes: HashTable<u32>,
    /// The rows of other ids.
    others: BTreeMap<Box<str>, i64>,
    others_bytes: usize,
}

pub(in crate::repository::sqlite) enum IdLookup {
    /// A new id; its row is to be written next.
    New,
    /// The id of this row.
    Present(i64),
    /// An id that cannot be kept: the index is needed.
    NotKept,
}

/// An entry of the schema.
#[derive(Clone)]
struct SchemaEntry {
    row: i64,
    kind: String,
    name: String,
    sql: Option<String>,
}

impl LateIndex {
    /// Takes the index away from a table without rows, in a file that nobody else has open. None when the schema is another
    /// than expected, and left as it is.
    pub(in crate::repository::sqlite) fn begin(sqlite: &Sqlite) -> Result<Option<LateIndex>> {
        begin(&sqlite.connection).map_err(sqlite.explain("making the database"))
    }

    /// Keeps an id for the row that is written next.
    pub(in crate::repository::sqlite) fn take(&mut self, id: &Value) -> IdLookup {
        let Value::Text(text) = id else {
            return IdLookup::NotKept;
        };
        let index = self.uuids.len();
        if index >= MOST {
            return IdLookup::NotKept;
        }
        let JobId::Uuid(uuid) = JobId::new(text) else {
            return self.take_other(text);
        };
        let id = uuid.as_u128();
        let uuids = &self.uuids;
        let is_it = |index: &u32| uuids[*index as usize] == id;
        if let Some(index) = self.indexes.find(hash(id), is_it) {
            return IdLookup::Present(i64::from(*index) + 1);
        }
        let hash_of = |index: &u32| hash(uuids[*index as usize]);
        if index >= MANY && self.indexes.capacity() < MOST {
            self.indexes.reserve(MOST - self.indexes.len(), hash_of);
        }
        self.indexes.insert_unique(hash(id), index as u32, hash_of);
        self.uuids.push(id);
        IdLookup::New
    }

    fn take_other(&mut self, text: &str) -> IdLookup {
        let bytes = self.others_bytes + text.len() + OVERHEAD;
        match self.others.entry(text.into()) {
            Entry::Occupied(row) => IdLookup::Present(*row.get()),
            Entry::Vacant(_) if bytes > MOST_OTHERS => IdLookup::NotKept,
            Entry::Vacant(entry) => {
                self.uuids.push(0);
                self.others_bytes = bytes;
                entry.insert(self.uuids.len() as i64);
                IdLookup::New
            }
        }
    }

    /// Forgets the id that was taken last, whose row is not written after all.
    pub(in crate::repository::sqlite) fn give_back(&mut self, id: &Value) {
        self.uuids.pop();
        let Value::Text(text) = id else {
            return;
        };
        match JobId::new(text) {
            JobId::Uuid(uuid) => {
                let (id, index) = (uuid.as_u128(), self.uuids.len() as u32);
                if let Ok(entry) = self.indexes.find_entry(hash(id), |other| *other == index) {
                    entry.remove();
                }
            }
            _ => {
                if self.others.remove(text.as_str()).is_some() {
                    self.others_bytes -= text.len() + OVERHEAD;
                }
            }
        }
    }

    /// Writes the index, in the transaction that is open.
    pub(in crate::repository::sqlite) fn write(&mut self, sqlite: &Sqlite) -> Result<()> {
        self.indexes = HashTable::new();
        self.fill(&sqlite.connection)
            .map_err(sqlite.explain("writing the index of ids"))
    }

    fn fill(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = format!("INSERT INTO {IDS} (id, job) VALUES (?, ?)");
        let mut statement = connection.prepare(&sql)?;
        let order = self.in_order();
        let mut others = std::mem::take(&mut self.others).into_iter().peekable();
        let mut buffer = Uuid::encode_buffer();
        for (_, index) in order {
            let uuid = Uuid::from_u128(self.uuids[index as usize]);
            let id = &*uuid.hyphenated().encode_lower(&mut buffer);
            while let Some((other, row)) = others.next_if(|(other, _)| **other < *id) {
                statement.execute(params![other, row])?;
            }
            statement.execute(params![id, i64::from(index) + 1])?;
        }
        for (other, row) in others {
            statement.execute(params![other, row])?;
        }
        Ok(())
    }

    /// The beginnings and indexes of the UUIDs in ascending order, which is that of their text.
    fn in_order(&self) -> Vec<(u32, u32)> {
        let others: HashSet<i64> = self.others.values().copied().collect();
        let mut order = Vec::with_capacity(self.uuids.len() - others.len());
        for (uuid, index) in self.uuids.iter().zip(0..) {
            if !others.contains(&(i64::from(index) + 1)) {
                order.push(((uuid >> 96) as u32, index));
            }
        }
        let whole = |index: u32| self.uuids[index as usize];
        order.sort_unstable_by(|one, other| {
            let by_beginning = one.0.cmp(&other.0);
            by_beginning.then_with(|| whole(one.1).cmp(&whole(other.1)))
        });
        order
    }

    /// Gives the index back to its table; no transaction is open.
    pub(in crate::repository::sqlite) fn end(self, sqlite: &Sqlite) -> Result<()> {
        change(&sqlite.connection, &[self.table, self.index])
            .map_err(sqlite.explain("writing the index of ids"))
    }
}

/// The hash of an id. Ids are random, or count up: each of their bits changes all of the result's.
fn hash(id: u128) -> u64 {
    const ODD: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];
    let [high, low] = [(id >> 64) as u64 ^ ODD[0], id as u64 ^ ODD[1]];
    let product = u128::from(high) * u128::from(low);
    (product >> 64) as u64 ^ product as u64
}

fn begin(connection: &Connection) -> rusqlite::Result<Option<LateIndex>> {
    let entered = |row: &Row<'_>| {
        Ok(SchemaEntry {
            row: row.get(0)?,
            kind: row.get(1)?,
            name: row.get(2)?,
            sql: row.get(3)?,
        })
    };
    let of_table = |condition: &str| {
        let sql = format!(
            "SELECT rowid, type, name, sql FROM sqlite_schema WHERE tbl_name = ? AND {condition}"
        );
        connection.query_row(&sql, [TABLE], entered).optional()
    };
    let (Some(table), Some(index)) = (
        of_table("type = 'table'")?,
        of_table("type = 'index' AND sql IS NULL")?,
    ) else {
        return Ok(None);
    };
    let sql = table.sql.as_deref().unwrap_or_default();
    let without_key = sql.replacen(" PRIMARY KEY", "", 1);
    if without_key == sql {
        return Ok(None);
    }
    let keyless = SchemaEntry {
        sql: Some(without_key),
        ..table.clone()
    };
    let ids = SchemaEntry {
        kind: "table".to_owned(),
        name: IDS.to_owned(),
        sql: Some(format!(
            "CREATE TABLE {IDS}(id, job, PRIMARY KEY(id, job)) WITHOUT ROWID"
        )),
        ..index.clone()
    };
    change(connection, &[keyless, ids])?;
    Ok(Some(LateIndex {
        table,
        index,
        // Memory that is not written yet takes none.
        uuids: Vec::with_capacity(MOST),
        indexes: HashTable::new(),
        others: BTreeMap::new(),
        others_bytes: 0,
    }))
}

/// Writes entries over those of the schema in their rows, and has it read anew.
fn change(connection: &Connection, entries: &[SchemaEntry]) -> rusqlite::Result<()> {
    connection.pragma_update(None, "writable_schema", true)?;
    for entry in entries {
        // A table is its own, an index that of the jobs.
        let of = match entry.kind.as_str() {
            "table" => &entry.name,
            _ => TABLE,
        };
        connection.execute(
            "UPDATE sqlite_schema SET type = ?, name = ?, tbl_name = ?, sql = ? WHERE rowid = ?",
            params![entry.kind, entry.name, of, entry.sql, entry.row],
        )?;
    }
    connection.flush_prepared_statement_cache();
    connection.pragma_update(None, "writable_schema", "RESET")
}
