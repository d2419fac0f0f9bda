//! The index of ids of a file that is being made, written when its rows are in. Ids come in no order, so that each row
//! would change a page of its own of an index larger than the cache: every page would be read and written a dozen times.
//! Until then the ids are kept here, which also tells those that come twice.
//!
//! SQLite makes the index of a primary key with its table only. So it is there from the beginning, but for as long as the
//! rows come the schema has the table without its key, and in the index a table of ids and row numbers, whose pages are
//! the same. What the schema says is put back to the letter before anybody else sees the file.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use hashbrown::HashTable;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::job::{JobId, Value};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;

/// Ids that are kept at most.
const MOST: usize = 1 << 20;

/// From how many on there is room for all of them at once: growing takes the old room and the new.
const MANY: usize = 1 << 14;

/// What the ids that are no UUIDs may take, in bytes.
const MOST_OTHERS: usize = 4 << 20;

/// What one of them takes besides its text.
const OVERHEAD: usize = 48;

/// SQLite's cache while they are kept, in KiB (negative, as the pragma takes it): the memory is theirs, and what the rows
/// and the other indexes need are their last pages.
pub(in crate::repository::sqlite) const SMALL_CACHE: i64 = -2 * 1024;

/// The table that the index is taken for.
const IDS: &str = "jobctl_ids";

/// An index that waits.
pub(in crate::repository::sqlite) struct LateIndex {
    table: Entered,
    index: Entered,
    /// UUIDs in the order of their rows, which count from 1; zero for an id that is none.
    uuids: Vec<u128>,
    /// The places of UUIDs in that order.
    places: HashTable<u32>,
    /// The rows of other ids.
    others: BTreeMap<Box<str>, i64>,
    others_bytes: usize,
}

pub(in crate::repository::sqlite) enum Taken {
    /// It was not there; its row is to be written next.
    New,
    /// It is the id of this row.
    There(i64),
    /// The index is needed.
    Not,
}

/// An entry of the schema.
#[derive(Clone)]
struct Entered {
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
    pub(in crate::repository::sqlite) fn take(&mut self, id: &Value) -> Taken {
        let Value::Text(text) = id else {
            return Taken::Not;
        };
        let place = self.uuids.len();
        if place >= MOST {
            return Taken::Not;
        }
        let JobId::Uuid(uuid) = JobId::new(text) else {
            return self.take_other(text);
        };
        let id = uuid.as_u128();
        let uuids = &self.uuids;
        let is_it = |place: &u32| uuids[*place as usize] == id;
        if let Some(place) = self.places.find(hash(id), is_it) {
            return Taken::There(i64::from(*place) + 1);
        }
        let hash_of = |place: &u32| hash(uuids[*place as usize]);
        if place >= MANY && self.places.capacity() < MOST {
            self.places.reserve(MOST - self.places.len(), hash_of);
        }
        self.places.insert_unique(hash(id), place as u32, hash_of);
        self.uuids.push(id);
        Taken::New
    }

    fn take_other(&mut self, text: &str) -> Taken {
        let bytes = self.others_bytes + text.len() + OVERHEAD;
        match self.others.entry(text.into()) {
            Entry::Occupied(row) => Taken::There(*row.get()),
            Entry::Vacant(_) if bytes > MOST_OTHERS => Taken::Not,
            Entry::Vacant(entry) => {
                self.uuids.push(0);
                self.others_bytes = bytes;
                entry.insert(self.uuids.len() as i64);
                Taken::New
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
                let (id, place) = (uuid.as_u128(), self.uuids.len() as u32);
                if let Ok(entry) = self.places.find_entry(hash(id), |other| *other == place) {
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
        self.places = HashTable::new();
        self.fill(&sqlite.connection)
            .map_err(sqlite.explain("writing the index of ids"))
    }

    fn fill(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = format!("INSERT INTO {IDS} (id, job) VALUES (?, ?)");
        let mut statement = connection.prepare(&sql)?;
        let order = self.in_order();
        let mut others = std::mem::take(&mut self.others).into_iter().peekable();
        let mut buffer = Uuid::encode_buffer();
        for (_, place) in order {
            let uuid = Uuid::from_u128(self.uuids[place as usize]);
            let id = &*uuid.hyphenated().encode_lower(&mut buffer);
            while let Some((other, row)) = others.next_if(|(other, _)| **other < *id) {
                statement.execute(params![other, row])?;
            }
            statement.execute(params![id, i64::from(place) + 1])?;
        }
        for (other, row) in others {
            statement.execute(params![other, row])?;
        }
        Ok(())
    }

    /// The beginnings and places of the UUIDs, as these ascend: in the order of their text.
    fn in_order(&self) -> Vec<(u32, u32)> {
        let others: HashSet<i64> = self.others.values().copied().collect();
        let mut order = Vec::with_capacity(self.uuids.len() - others.len());
        for (uuid, place) in self.uuids.iter().zip(0..) {
            if !others.contains(&(i64::from(place) + 1)) {
                order.push(((uuid >> 96) as u32, place));
            }
        }
        let whole = |place: u32| self.uuids[place as usize];
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

/// Ids are random, or count up: all their bits come into all of the result's.
fn hash(id: u128) -> u64 {
    const ODD: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];
    let [high, low] = [(id >> 64) as u64 ^ ODD[0], id as u64 ^ ODD[1]];
    let product = u128::from(high) * u128::from(low);
    (product >> 64) as u64 ^ product as u64
}

fn begin(connection: &Connection) -> rusqlite::Result<Option<LateIndex>> {
    let entered = |row: &Row<'_>| {
        Ok(Entered {
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
    let keyless = Entered {
        sql: Some(without_key),
        ..table.clone()
    };
    let ids = Entered {
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
        // Memory that is not written yet is none.
        uuids: Vec::with_capacity(MOST),
        places: HashTable::new(),
        others: BTreeMap::new(),
        others_bytes: 0,
    }))
}

/// Writes entries over what the schema has in their rows, and has it read anew.
fn change(connection: &Connection, entries: &[Entered]) -> rusqlite::Result<()> {
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
