//! The shape of the job table as another program may have left it: checked once, when the file is opened, so that no command
//! meets it in the middle of its work. Most of it is in memory when the schema has been read.

use rusqlite::Connection;

use crate::job::Column;
use crate::repository::sqlite::connection::schema::TABLE;

/// The name of the row number; or the difference from a table that jobctl can work on, as the end of a sentence.
pub(in crate::repository::sqlite) fn check(
    connection: &Connection,
) -> rusqlite::Result<std::result::Result<&'static str, String>> {
    // SQLite does not know the columns of such a table as long as no statement has named it, and may not be asked.
    if is_virtual(connection)? {
        return Ok(Err("is a virtual table".to_owned()));
    }
    if let Some(what) = lacks(connection)? {
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
    Ok(match difference(connection)? {
        Some(what) => Err(what),
        None => Ok(rowid),
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

fn lacks(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut missing = Vec::new();
    for column in Column::ALL {
        if !connection.column_exists(Some("main"), TABLE, column.name())? {
            missing.push(column.name());
        }
    }
    Ok(match missing.as_slice() {
        [] => None,
        [one] => Some(format!("lacks the column {one}")),
        [most @ .., last] => Some(format!("lacks the columns {} and {last}", most.join(", "))),
    })
}

fn difference(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut keys = Vec::new();
    for column in Column::ALL {
        let (_, _, _, is_key, _) =
            connection.column_metadata(Some("main"), TABLE, column.name())?;
        if is_key {
            keys.push(*column);
        }
    }
    if keys != [Column::Id] {
        let text = if keys.contains(&Column::Id) {
            "has a primary key of more columns than id"
        } else {
            "has no primary key on id"
        };
        return Ok(Some(text.to_owned()));
    }
    // A column that nobody knows may be part of it; one that the table computes may not be written.
    const SQL: &str = "SELECT name, pk > 0 FROM pragma_table_xinfo(?) WHERE pk > 0 OR hidden > 1";
    let mut statement = connection.prepare(SQL)?;
    let mut rows = statement.query([TABLE])?;
    while let Some(row) = rows.next()? {
        let (name, is_key): (String, bool) = (row.get(0)?, row.get(1)?);
        let known = Column::ALL
            .iter()
            .any(|column| column.name().eq_ignore_ascii_case(&name));
        match is_key {
            true if !name.eq_ignore_ascii_case(Column::Id.name()) => {
                return Ok(Some("has a primary key of more columns than id".to_owned()));
            }
            false if known => {
                return Ok(Some(format!(
                    "computes the column {name}, which is to be written"
                )));
            }
            _ => {}
        }
    }
    Ok(None)
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
