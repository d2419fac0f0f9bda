//! A backup beside a service that writes: whole transactions, all of those that were there before, and no failure.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;

use super::used;
use crate::locks::is_sound;

/// Ends the writer, also when a check has failed.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

#[test]
fn a_backup_beside_a_writer_holds_whole_transactions() {
    for mode in ["delete", "wal"] {
        let sandbox = used(mode);
        sandbox.sql("CREATE TABLE pairs (number INTEGER PRIMARY KEY, filler BLOB)");
        let goes_on = AtomicBool::new(true);
        std::thread::scope(|scope| {
            let ends = Ends(&goes_on);
            let writer = scope.spawn(|| {
                let connection = sandbox.connection();
                connection.busy_timeout(Duration::from_secs(60)).unwrap();
                while goes_on.load(Ordering::Relaxed) {
                    connection
                        .execute_batch(
                            "BEGIN; INSERT INTO pairs (filler) VALUES (zeroblob(3000));
                             INSERT INTO pairs (filler) VALUES (zeroblob(3000)); COMMIT",
                        )
                        .unwrap();
                }
            });
            let reader = sandbox.connection();
            reader.busy_timeout(Duration::from_secs(60)).unwrap();
            for number in 0..4 {
                let sql = "SELECT count(*) FROM pairs";
                let before: i64 = reader.query_row(sql, [], |row| row.get(0)).unwrap();
                let name = format!("copy{number}.db");
                sandbox
                    .jobctl(["backup", &name, "--busy-timeout", "60s"])
                    .run()
                    .ok();
                let copy = Connection::open(sandbox.path(&name)).unwrap();
                let (pairs, last): (i64, i64) = copy
                    .query_row(
                        "SELECT count(*), coalesce(max(number), 0) FROM pairs",
                        [],
                        |row| Ok((row.get(0)?, row.get(1)?)),
                    )
                    .unwrap();
                assert!(
                    pairs >= before && pairs % 2 == 0 && last == pairs,
                    "{mode} {before} {pairs} {last}"
                );
            }
            drop(ends);
            writer.join().unwrap();
        });
        is_sound(&sandbox);
    }
}
