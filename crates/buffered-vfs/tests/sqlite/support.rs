//! A file with a table of jobs.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

pub fn open(path: &Path) -> Connection {
    let vfs = buffered_vfs::name().expect("SQLite takes the VFS");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags_and_vfs(path, flags, vfs).expect("opens")
}

pub fn pragma(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(sql).expect("prepares");
    let mut rows = statement.query([]).expect("runs");
    match rows.next().expect("steps") {
        Some(row) => format!("{:?}", row.get_ref(0).expect("has a column")),
        None => String::new(),
    }
}

pub fn set_up(
    connection: &Connection,
    journal: &str,
    synchronous: &str,
    exclusive: bool,
    page: u32,
) {
    pragma(connection, &format!("PRAGMA page_size = {page}"));
    pragma(connection, "PRAGMA auto_vacuum = INCREMENTAL");
    pragma(connection, &format!("PRAGMA journal_mode = {journal}"));
    pragma(connection, &format!("PRAGMA synchronous = {synchronous}"));
    // So small that most pages are written before a commit.
    pragma(connection, "PRAGMA cache_size = 10");
    if exclusive {
        pragma(connection, "PRAGMA locking_mode = EXCLUSIVE");
    }
}

pub const TABLE: &str =
    "CREATE TABLE job (id TEXT PRIMARY KEY, n INTEGER, body TEXT); CREATE INDEX job_n ON job (n)";

/// SQL that adds `count` rows, or replaces those that have their ids.
pub fn insert(from: u16, count: u16) -> String {
    format!(
        "WITH RECURSIVE k(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM k WHERE i + 1 < {from} + {count}) \
             INSERT OR REPLACE INTO job SELECT printf('%08x', (i * 2654435761) & 4294967295), i, \
             printf('%.*c', 100 + (i * 7919) % 3000, 'x') FROM k"
    )
}

pub fn delete(part: u8) -> String {
    format!("DELETE FROM job WHERE n % 7 = {part} % 7")
}
