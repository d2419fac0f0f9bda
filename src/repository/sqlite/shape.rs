//! The shape of the job table as another program may have left it: told once, when the file is opened, so that no command
//! meets it in the middle of its work. Most of what is asked stands in memory when the schema has been read.

use rusqlite::Connection;

use super::TABLE;
use crate::job::Column;

/// How the table differs from what jobctl can work on, in the end of a sentence; None when it does not.
pub(super) fn difference(
    connection: &Connection,
    writes: bool,
) -> rusqlite::Result<Option<String>> {
    // SQLite does not know the columns of such a table as long as no statement has named it, and may not be asked.
    if is_virtual(connection)? {
        return Ok(Some("is a virtual table".to_owned()));
    }
    let mut missing = Vec::new();
    for column in Column::ALL {
        if !connection.column_exists(Some("main"), TABLE, column.name())? {
            missing.push(column.name());
        }
    }
    match missing.as_slice() {
        [] => {}
        [one] => return Ok(Some(format!("lacks the column {one}"))),
        [most @ .., last] => {
            return Ok(Some(format!(
                "lacks the columns {} and {last}",
                most.join(", ")
            )));
        }
    }
    if !connection.column_exists(Some("main"), TABLE, "rowid")? {
        return Ok(Some("is a table WITHOUT ROWID".to_owned()));
    }
    let mut keys = Vec::new();
    for column in Column::ALL {
        let (_, _, _, is_key, _) =
            connection.column_metadata(Some("main"), TABLE, column.name())?;
        if is_key {
            keys.push(*column);
        }
    }
    if keys != [Column::Id] {
        let text = match keys.contains(&Column::Id) {
            true => "has a primary key of more columns than id",
            false => "has no primary key on id",
        };
        return Ok(Some(text.to_owned()));
    }
    // A column that nobody knows may be part of it.
    if writes {
        const SQL: &str = "SELECT count(*) FROM pragma_table_info(?) WHERE pk > 0";
        let columns: i64 = connection.query_row(SQL, [TABLE], |row| row.get(0))?;
        if columns != 1 {
            return Ok(Some("has a primary key of more columns than id".to_owned()));
        }
    }
    Ok(None)
}

/// Whether a view has the name of the table.
pub(super) fn is_view(connection: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = ? COLLATE NOCASE";
    connection.prepare(SQL)?.exists([TABLE])
}

fn is_virtual(connection: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND rootpage = 0 AND name = ? COLLATE NOCASE";
    connection.prepare(SQL)?.exists([TABLE])
}
