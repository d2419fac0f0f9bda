//! The pieces of the history as they are read: those that may hold a job, one by its number, and the numbers of a run.

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, TransactionState, params};

use crate::job::Value;
use crate::repository::change_log::key_filter::may_hold;
use crate::repository::change_log::numbers::{pieces_of, run_of};
use crate::repository::change_log::piece::{self, Piece};
use crate::repository::change_log::told::unreadable;
use crate::repository::change_log::unpacking::{Unpacker, unpack};
use crate::repository::sqlite::connection::database::{SCAN_CACHE, Sqlite};
use crate::repository::sqlite::reading::values::Bound;
use crate::repository::{Result, RunId};

pub(super) const READING: &str = "reading the history";

/// The pieces that may hold a change of this job, newest first.
pub(in crate::repository::sqlite) fn pieces_with(
    sqlite: &Sqlite,
    id: &Value,
    found: &mut dyn FnMut(i64, Piece) -> Result<bool>,
) -> Result<()> {
    let explain = sqlite.explain(READING);
    let key = piece::key(id.stored());
    // The pieces of this job alone, of which the last is the newest.
    let mut own: Vec<i64> = Vec::new();
    if !id.is_null() {
        let sql = "SELECT id FROM main.jobctl_change WHERE job = ? ORDER BY id";
        let mut statement = sqlite.connection.prepare(sql).map_err(&explain)?;
        let mut rows = statement.query(params![Bound(id)]).map_err(&explain)?;
        while let Some(row) = rows.next().map_err(&explain)? {
            own.push(row.get(0).map_err(&explain)?);
        }
    }
    let mut reader = PieceReader::new(sqlite, id);
    let sql = "SELECT id, keys FROM main.jobctl_change WHERE job IS NULL ORDER BY id DESC";
    let mut statement = sqlite.connection.prepare(sql).map_err(&explain)?;
    let mut rows = statement.query([]).map_err(&explain)?;
    let mut filters = 0;
    while let Some(row) = rows.next().map_err(&explain)? {
        filters += 1;
        if filters == MANY {
            limit_cache(sqlite)?;
        }
        let keys = match row.get_ref(1).map_err(&explain)? {
            ValueRef::Blob(keys) => keys,
            _ => &[],
        };
        // One without is of a single job that has no id.
        if !keys.is_empty() && !may_hold(keys, key) {
            continue;
        }
        let shared: i64 = row.get(0).map_err(&explain)?;
        while let Some(number) = own.pop_if(|number| *number > shared) {
            if !reader.give(number, found)? {
                return Ok(());
            }
        }
        if !reader.give(shared, found)? {
            return Ok(());
        }
    }
    while let Some(number) = own.pop() {
        if !reader.give(number, found)? {
            break;
        }
    }
    Ok(())
}

/// The number of filters from which on they are not kept in SQLite's cache.
const MANY: usize = 64;

/// Makes the cache of a command that reads as small as that of a scan. One that writes needs its own.
fn limit_cache(sqlite: &Sqlite) -> Result<()> {
    let state = sqlite
        .connection
        .transaction_state(Some("main"))
        .map_err(sqlite.explain(READING))?;
    match state {
        TransactionState::Write => Ok(()),
        _ => sqlite.set_cache(SCAN_CACHE),
    }
}

/// The changes of one job in one piece after another.
struct PieceReader<'a> {
    sqlite: &'a Sqlite,
    id: &'a Value,
    unpacker: Unpacker,
}

impl<'a> PieceReader<'a> {
    fn new(sqlite: &'a Sqlite, id: &'a Value) -> PieceReader<'a> {
        PieceReader {
            sqlite,
            id,
            unpacker: Unpacker::default(),
        }
    }

    fn give(
        &mut self,
        number: i64,
        found: &mut dyn FnMut(i64, Piece) -> Result<bool>,
    ) -> Result<bool> {
        let read = |data: &[u8]| self.unpacker.unpack_of(data, self.id);
        match piece_at(self.sqlite, number, read)? {
            Some(piece) => found(number, piece),
            None => Ok(true),
        }
    }
}

pub(in crate::repository::sqlite) fn read_piece(
    sqlite: &Sqlite,
    number: i64,
) -> Result<Option<Piece>> {
    piece_at(sqlite, number, unpack)
}

/// The piece of this number, if it is there, as `read` makes it of its bytes.
fn piece_at(
    sqlite: &Sqlite,
    number: i64,
    read: impl FnOnce(&[u8]) -> Option<Piece>,
) -> Result<Option<Piece>> {
    let sql = "SELECT data FROM main.jobctl_change WHERE id = ?";
    let piece = sqlite
        .connection
        .prepare_cached(sql)
        .and_then(|mut statement| {
            let piece = statement.query_row([number], |row| Ok(read(row.get_ref(0)?.as_blob()?)));
            piece.optional()
        })
        .map_err(sqlite.explain(READING))?;
    match piece {
        None => Ok(None),
        Some(Some(piece)) => Ok(Some(piece)),
        Some(None) => Err(unreadable(RunId(run_of(number)))),
    }
}

/// The numbers of the pieces of a run, in their order.
pub(in crate::repository::sqlite) fn piece_numbers(
    sqlite: &Sqlite,
    run: RunId,
) -> Result<Vec<i64>> {
    let read = || {
        let sql = "SELECT id FROM main.jobctl_change WHERE id >= ? AND id < ? ORDER BY id";
        let mut statement = sqlite.connection.prepare(sql)?;
        let pieces = pieces_of(run.0);
        statement
            .query_map([pieces.start, pieces.end], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<i64>>>()
    };
    read().map_err(sqlite.explain(READING))
}
