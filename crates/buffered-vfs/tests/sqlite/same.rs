//! SQLite on this VFS beside SQLite on the system's own: the same rows and a sound file.

use proptest::prelude::*;
use rusqlite::Connection;

use crate::support::{TABLE, delete, insert, open, pragma, set_up};

fn rows(connection: &Connection) -> Vec<(String, i64, i64)> {
    let mut statement = connection
        .prepare("SELECT id, n, length(body) FROM job ORDER BY id")
        .expect("prepares");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.expect("runs").map(|row| row.expect("reads")).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u16, u16),
    Delete(u8),
    Update(u8),
    Begin,
    Commit,
    Rollback,
    Savepoint,
    BackTo,
    GiveBack,
    /// A statement that fails after it has changed rows.
    Fail,
    Reopen,
    Reader,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<u16>(), 1..400u16).prop_map(|(from, count)| Step::Insert(from, count)),
        3 => any::<u8>().prop_map(Step::Delete),
        2 => any::<u8>().prop_map(Step::Update),
        2 => Just(Step::Begin),
        2 => Just(Step::Commit),
        1 => Just(Step::Rollback),
        1 => Just(Step::Savepoint),
        1 => Just(Step::BackTo),
        1 => Just(Step::GiveBack),
        1 => Just(Step::Fail),
        1 => Just(Step::Reopen),
        2 => Just(Step::Reader),
    ]
}

/// The SQL of a step; steps that are not possible just now fail in both files.
fn sql(step: &Step) -> String {
    match step {
        Step::Insert(from, count) => insert(*from, *count),
        Step::Delete(part) => delete(*part),
        Step::Update(part) => {
            format!("UPDATE job SET n = n + 1, body = body || 'yy' WHERE n % 11 = {part} % 11")
        }
        Step::Begin => "BEGIN IMMEDIATE".to_owned(),
        Step::Commit => "COMMIT".to_owned(),
        Step::Rollback => "ROLLBACK".to_owned(),
        Step::Savepoint => "SAVEPOINT one".to_owned(),
        Step::BackTo => "ROLLBACK TO one".to_owned(),
        Step::GiveBack => "PRAGMA incremental_vacuum".to_owned(),
        Step::Fail => "INSERT INTO job SELECT id || 'z', n, body FROM job UNION ALL SELECT id, n, body FROM job".to_owned(),
        Step::Reopen | Step::Reader => String::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn the_same_rows_as_without_it(
        journal in prop_oneof![3 => Just("DELETE"), 2 => Just("PERSIST"), 1 => Just("TRUNCATE"), 2 => Just("WAL"), 1 => Just("MEMORY")],
        synchronous in prop_oneof![Just("OFF"), Just("NORMAL"), Just("FULL"), Just("EXTRA")],
        exclusive in any::<bool>(),
        page in prop_oneof![Just(512u32), Just(4096), Just(65536)],
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let folder = tempfile::tempdir().expect("makes a folder");
        let (ours_path, theirs_path) = (folder.path().join("ours.db"), folder.path().join("theirs.db"));
        let mut ours = open(&ours_path);
        let theirs = Connection::open(&theirs_path).expect("opens");
        for connection in [&ours, &theirs] {
            set_up(connection, journal, synchronous, exclusive, page);
            connection.execute_batch(TABLE).expect("makes the table");
        }
        for step in &steps {
            let sql = sql(step);
            let (done, expected) = (ours.execute_batch(&sql), theirs.execute_batch(&sql));
            prop_assert_eq!(done.is_ok(), expected.is_ok(), "{:?}: {:?}, not {:?}", step, done, expected);
            if !ours.is_autocommit() {
                continue;
            }
            match step {
                Step::Reopen => {
                    drop(ours);
                    ours = open(&ours_path);
                    set_up(&ours, journal, synchronous, exclusive, page);
                }
                // By the system's own VFS, as another process would.
                Step::Reader if !exclusive => {
                    let reader = Connection::open(&ours_path).expect("opens");
                    prop_assert_eq!(rows(&reader), rows(&theirs));
                    reader.execute_batch("UPDATE job SET n = n + 1 WHERE n % 5 = 0").expect("writes");
                    theirs.execute_batch("UPDATE job SET n = n + 1 WHERE n % 5 = 0").expect("writes");
                }
                _ => {}
            }
            prop_assert_eq!(rows(&ours), rows(&theirs));
        }
        let _ = (ours.execute_batch("COMMIT"), theirs.execute_batch("COMMIT"));
        drop(ours);
        let again = Connection::open(&ours_path).expect("opens");
        prop_assert_eq!(pragma(&again, "PRAGMA integrity_check"), "Text([111, 107])");
        prop_assert_eq!(rows(&again), rows(&theirs));
    }
}
