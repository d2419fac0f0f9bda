//! A process that is killed, or finds the disk full, in a transaction leaves the last commit to whoever opens the file next.

use std::cell::Cell;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};

use crate::support::{TABLE, delete, insert, open, pragma, set_up};

const CHILD: &str = "BUFFERED_VFS_CHILD";

/// No test of its own, but the process that the others start. It goes on until it dies at a row, or an error stops it.
#[test]
fn goes_on_until_it_ends() {
    let Ok(words) = std::env::var(CHILD) else {
        return;
    };
    let words: Vec<&str> = words.split('|').collect();
    let [path, journal, synchronous, rows] = words[..] else {
        panic!("four words");
    };
    let connection = open(Path::new(path));
    set_up(&connection, journal, synchronous, false, 4096);
    let left = Cell::new(rows.parse::<u32>().expect("a number"));
    let step = move |_: &mut Context<'_>| {
        match left.get() {
            0 => std::process::abort(),
            some => left.set(some - 1),
        }
        Ok(0)
    };
    connection
        .create_scalar_function("step", 0, FunctionFlags::SQLITE_UTF8, step)
        .expect("takes the function");
    let ended = (0..).try_for_each(|round| transact(&connection, round));
    // As a program does that still wants to tidy up.
    let _ = connection.execute_batch("ROLLBACK");
    let _ = connection
        .prepare("PRAGMA journal_mode = DELETE")
        .and_then(|mut one| one.query([])?.next().map(|_| ()));
    panic!("{ended:?}");
}

/// Adds and removes rows, and writes down how many there are.
fn transact(connection: &Connection, round: u32) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for part in 0..3 {
        let from = (round * 977 + part * 131) % 65536;
        connection.execute_batch(&insert(from as u16, 40).replace(", i,", ", i + step(),"))?;
        connection.execute_batch(&(delete((round + part) as u8) + " AND step() = 0"))?;
        // What reads makes room in the cache, and writes changed pages for it.
        connection.query_row("SELECT sum(length(body) + step()) FROM job", [], |_| Ok(()))?;
    }
    connection.execute_batch("UPDATE total SET n = (SELECT count(*) FROM job); COMMIT")?;
    std::io::stdout()
        .write_all(b"committed\n")
        .expect("says it");
    Ok(())
}

const JOURNALS: [&str; 4] = ["DELETE", "PERSIST", "TRUNCATE", "WAL"];

#[test]
fn after_a_kill() {
    for journal in JOURNALS {
        for synchronous in ["OFF", "NORMAL", "FULL"] {
            for kill in 0..12 {
                let committed = ends(journal, synchronous, 40 + kill * 197, None);
                let expected = [(0, false), (11, true)].iter().find(|one| one.0 == kill);
                assert!(expected.is_none_or(|one| one.1 == committed), "{kill}");
            }
        }
    }
}

#[test]
fn on_a_full_disk() {
    for journal in JOURNALS {
        for synchronous in ["OFF", "FULL"] {
            for size_limit in [60, 150, 250, 330, 410, 490] {
                ends(journal, synchronous, u32::MAX, Some(size_limit));
            }
        }
    }
}

/// Whether the process committed something before it ended; what it leaves is checked. `size_limit` is that of a
/// file in KiB.
#[track_caller]
fn ends(journal: &str, synchronous: &str, rows: u32, size_limit: Option<u32>) -> bool {
    let case = format!("{journal}, {synchronous}, {rows} rows, size limit {size_limit:?}");
    let folder = tempfile::tempdir().expect("makes a folder");
    let path = folder.path().join("ours.db");
    let first = Connection::open(&path).expect("opens");
    set_up(&first, journal, "OFF", false, 4096);
    first.execute_batch(TABLE).expect("makes the table");
    first
        .execute_batch("CREATE TABLE total (n INTEGER); INSERT INTO total VALUES (0)")
        .expect("makes the other");
    drop(first);
    // Bash and dash count in blocks of 512 bytes or of 1,024: either will do.
    let limit = size_limit.map_or(String::new(), |size_limit| {
        format!("trap '' XFSZ && ulimit -f {size_limit} &&")
    });
    let child = Command::new("sh")
        .args(["-c", &format!("{limit} exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().expect("has a path"))
        .args(["--exact", "crash::goes_on_until_it_ends", "--nocapture"])
        .env(
            CHILD,
            format!("{}|{journal}|{synchronous}|{rows}", path.display()),
        )
        .stderr(Stdio::null())
        .output()
        .expect("runs");
    assert!(!child.status.success(), "{case}");
    let then = Connection::open(&path).expect("opens");
    assert_eq!(
        pragma(&then, "PRAGMA integrity_check"),
        "Text([111, 107])",
        "{case}"
    );
    let count = pragma(&then, "SELECT count(*) FROM job");
    assert_eq!(count, pragma(&then, "SELECT n FROM total"), "{case}");
    let committed = String::from_utf8_lossy(&child.stdout).contains("committed");
    assert_eq!(count != "Integer(0)", committed, "{case}");
    committed
}
