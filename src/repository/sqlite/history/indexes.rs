//! The indexes that a run has made: taking it back drops them, and taking that back makes them again.

use rusqlite::Connection;

use super::tables;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::examining::wished::{WISHED, Wished};
use crate::repository::sqlite::reading::values::quoted;

/// Takes back what a run did to indexes, in the transaction that is open, and gives their number. What is not there any more
/// has been dropped by somebody else.
pub(super) fn take_back(sqlite: &Sqlite, run: i64) -> rusqlite::Result<u64> {
    let connection = &sqlite.connection;
    let notes = tables::indexes_of(connection, run)?;
    let mut count = 0;
    for note in notes.split_ascii_whitespace().rev() {
        let reversed = match (note.strip_prefix('+'), note.strip_prefix('-')) {
            (Some(name), _) if is_there(connection, name)? => {
                let sql = format!("DROP INDEX main.{}", quoted(name));
                connection.execute_batch(&sql)?;
                format!("-{name}")
            }
            (_, Some(name)) => match WISHED.iter().find(|it| it.name == name) {
                Some(wished) if !is_there(connection, name)? => {
                    connection.execute_batch(&Wished::sql(wished))?;
                    format!("+{name}")
                }
                _ => continue,
            },
            _ => continue,
        };
        sqlite.recorder.note_index(reversed);
        count += 1;
    }
    Ok(count)
}

fn is_there(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM main.sqlite_schema WHERE type = 'index' AND name = ?")?
        .exists([name])
}
