//! The tables of an earlier version, which get what they lack when a run is written, in its transaction. They are read as they
//! are until then.

use rusqlite::{Connection, OptionalExtension};

use super::tables::{CHANGES, INDEX, MAKE_INDEX, RUNS, has_column};

/// The columns that runs have got since the first version.
const LATER: [(&str, &str); 1] = [("indexes", "TEXT")];

/// The most changes of which the index is made anew, in about ten milliseconds. Those of more are found more slowly until they
/// have gone with their age.
const FEW: i64 = 5000;

/// Adds the columns that are missing. Gives whether there were any.
pub(super) fn add_columns(connection: &Connection) -> rusqlite::Result<bool> {
    let mut added = false;
    for (name, kind) in LATER {
        if !has_column(connection, name)? {
            let sql = format!("ALTER TABLE main.{RUNS} ADD COLUMN {name} {kind}");
            connection.execute_batch(&sql)?;
            added = true;
        }
    }
    Ok(added)
}

/// Makes an index of an earlier version anew, which has the jobs without the filters. Gives whether it has been. What stands in
/// the way of that keeps no run from being written.
pub(super) fn renew_index(connection: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str =
        "SELECT sql FROM main.sqlite_schema WHERE type = 'index' AND name = ?1 AND tbl_name = ?2";
    let made: Option<Option<String>> = connection
        .query_row(SQL, [INDEX, CHANGES], |row| row.get(0))
        .optional()?;
    let is_old = made
        .flatten()
        .is_some_and(|sql| sql.trim_end().ends_with("(job)"));
    if !is_old {
        return Ok(false);
    }
    let sql = format!("SELECT 1 FROM main.{CHANGES} LIMIT 1 OFFSET {FEW}");
    if connection.prepare(&sql)?.exists([])? {
        return Ok(false);
    }
    connection.execute_batch("SAVEPOINT jobctl_index")?;
    let made = connection.execute_batch(&format!("DROP INDEX main.{INDEX}; {MAKE_INDEX}"));
    if made.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK TO jobctl_index")?;
    }
    if connection.is_autocommit() {
        return made.map(|()| true);
    }
    connection.execute_batch("RELEASE jobctl_index")?;
    Ok(made.is_ok())
}
