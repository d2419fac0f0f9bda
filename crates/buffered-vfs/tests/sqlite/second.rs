//! A file that is opened a second time beside a connection, which keeps its locks.

use buffered_vfs::Second;
use rusqlite::Connection;

use crate::support::{TABLE, insert, open};

#[test]
fn the_connection_keeps_its_locks_when_the_second_opening_ends() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let folder = std::fs::canonicalize(folder.path()).expect("is there");
    let path = folder.join("jobs.db");
    let connection = open(&path);
    connection.execute_batch(TABLE).expect("makes the table");
    let work = format!("BEGIN IMMEDIATE; {}", insert(0, 100));
    connection.execute_batch(&work).expect("writes");
    let mut second = Second::of_database(&path).expect("opens");
    assert!(second.sync());
    drop(second);
    // Locks of one process do not hinder itself; another one is asked.
    let asked = std::process::Command::new("python3")
        .args(["-c", ASK, path.to_str().expect("is text")])
        .output();
    if let Ok(asked) = asked.as_ref()
        && asked.status.success()
    {
        assert_eq!(asked.stdout, b"database is locked\n");
    }
    connection.execute_batch("COMMIT").expect("commits");
    let reader = Connection::open(&path).expect("opens");
    let count = reader.query_row("SELECT count(*) FROM job", [], |row| row.get::<_, i64>(0));
    assert_eq!(count.expect("counts"), 100);
}

const ASK: &str = "import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0)
try: connection.execute('BEGIN IMMEDIATE'); print('it is free')
except sqlite3.OperationalError as error: print(error)";

#[test]
fn what_is_not_there_is_not_opened() {
    let folder = tempfile::tempdir().expect("makes a folder");
    assert!(Second::of_database(&folder.path().join("jobs.db")).is_none());
    assert!(Second::of_journal(&folder.path().join("jobs.db-journal")).is_none());
}
