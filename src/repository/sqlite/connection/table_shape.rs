//! The shape of the job table as another program may have left it: checked once, when the file is opened, so that no command
//! meets it in the middle of its work. Most of it is in memory when the schema has been read.

use rusqlite::Connection;

use super::seen_columns::{self, Declared, UnknownColumns};
use crate::job::Column;
use crate::repository::sqlite::connection::schema::TABLE;

/// A table that jobctl can work on.
pub(in crate::repository::sqlite) struct TableShape {
    /// The name of the row number.
    pub(in crate::repository::sqlite) rowid: &'static str,
    pub(in crate::repository::sqlite) others: UnknownColumns,
}

/// The shape; or the difference from a table that jobctl can work on, as the end of a sentence. All questions are asked in
/// the transaction that is open.
pub(in crate::repository::sqlite) fn check(
    connection: &Connection,
) -> rusqlite::Result<std::result::Result<TableShape, String>> {
    // SQLite does not know the columns of such a table as long as no statement has named it, and may not be asked.
    if is_virtual(connection)? {
        return Ok(Err("is a virtual table".to_owned()));
    }
    let columns = seen_columns::declared(connection)?;
    if let Some(what) = lacks(&columns) {
        return Ok(Err(what));
    }
    let Some(rowid) = rowid(connection)? else {
        let what = if connection.column_exists(Some("main"), TABLE, "rowid")? {
            "has columns named rowid, _rowid_ and oid, which hide the number of a row"
        } else {
            "is a table WITHOUT ROWID"
        };
        return Ok(Err(what.to_owned()));
    };
    Ok(match difference(&columns) {
        Some(what) => Err(what),
        None => Ok(TableShape {
            rowid,
            others: UnknownColumns::of(seen_columns::schema(connection)?, &columns),
        }),
    })
}

/// A name of the row number that no column has: else that column would be read, and rows removed, by its values.
fn rowid(connection: &Connection) -> rusqlite::Result<Option<&'static str>> {
    for name in ["rowid", "_rowid_", "oid"] {
        if !connection.column_exists(Some("main"), TABLE, name)? {
            continue;
        }
        // SQLite says of the row number that it is the key, of a column named so that it is not.
        let (_, _, _, is_key, _) = connection.column_metadata(Some("main"), TABLE, name)?;
        if is_key {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn lacks(columns: &[Declared]) -> Option<String> {
    let is_missing = |column: &&Column| !columns.iter().any(|it| it.is(**column));
    let missing: Vec<&str> = Column::ALL
        .iter()
        .filter(is_missing)
        .map(|column| column.name())
        .collect();
    match missing.as_slice() {
        [] => None,
        [one] => Some(format!("lacks the column {one}")),
        [most @ .., last] => Some(format!("lacks the columns {} and {last}", most.join(", "))),
    }
}

fn difference(columns: &[Declared]) -> Option<String> {
    let keys = columns.iter().filter(|column| column.is_key);
    // A column that nobody knows may be part of it.
    match (keys.clone().any(|key| key.is(Column::Id)), keys.count()) {
        (true, 1) => {}
        (true, _) => return Some("has a primary key of more columns than id".to_owned()),
        (false, _) => return Some("has no primary key on id".to_owned()),
    }
    let computed = columns
        .iter()
        .find(|column| column.is_computed && column.is_known())?;
    let name = &computed.name;
    Some(format!(
        "computes the column {name}, which is to be written"
    ))
}

/// Whether a view has the name of the table.
pub(in crate::repository::sqlite) fn is_view(connection: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = ? COLLATE NOCASE";
    connection.prepare(SQL)?.exists([TABLE])
}

fn is_virtual(connection: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND rootpage = 0 AND name = ? COLLATE NOCASE";
    connection.prepare(SQL)?.exists([TABLE])
}
