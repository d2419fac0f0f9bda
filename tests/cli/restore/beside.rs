//! A database that is replaced while others have it open: nothing of the old gets into the new, or the other way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;

use super::backed_up;
use crate::backup::all;
use crate::locks::is_sound;

#[test]
fn a_lock_that_is_held_is_said_and_nothing_is_changed() {
    for mode in ["delete", "wal"] {
        let (sandbox, _) = backed_up(mode, "copy.db");
        let before = all(&sandbox.db());
        let open = sandbox.connection();
        open.execute_batch("BEGIN IMMEDIATE").unwrap();
        sandbox
            .jobctl("restore copy.db --replace --yes --busy-timeout 50ms")
            .run()
            .fails(75)
            .stderr_has("is locked by another process");
        open.execute_batch("ROLLBACK").unwrap();
        drop(open);
        assert_eq!(all(&sandbox.db()), before);
        let kept = "jobs-replaced-20260115T120000Z.db";
        assert!(!sandbox.path(kept).exists());
    }
}

#[test]
fn pages_of_another_size_and_a_log_need_the_service_to_be_stopped() {
    let (sandbox, _) = backed_up("wal", "copy.db");
    let other = Connection::open(sandbox.path("copy.db")).unwrap();
    other
        .execute_batch("PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192; VACUUM")
        .unwrap();
    drop(other);
    let open = sandbox.connection();
    let before: i64 = open
        .query_row("SELECT count(*) FROM video_generation_jobs", [], |row| {
            row.get(0)
        })
        .unwrap();
    sandbox
        .jobctl("restore copy.db --replace --yes --busy-timeout 50ms")
        .run()
        .fails(75)
        .stderr_has("stop the service first");
    assert_eq!(sandbox.count(), before);
    drop(open);
    sandbox.jobctl("restore copy.db --replace --yes").run().ok();
    is_sound(&sandbox);
}

/// Ends the writer, also when a check has failed.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

#[test]
fn a_writer_s_rows_are_in_the_old_or_in_the_new_and_none_is_lost() {
    for mode in ["delete", "wal"] {
        let sandbox = crate::backup::used(mode);
        sandbox.sql("CREATE TABLE written (number INTEGER PRIMARY KEY)");
        sandbox.jobctl("backup copy.db").run().ok();
        let goes_on = AtomicBool::new(true);
        let written = std::thread::scope(|scope| {
            let ends = Ends(&goes_on);
            let writer = scope.spawn(|| {
                let connection = sandbox.connection();
                connection.busy_timeout(Duration::from_secs(60)).unwrap();
                let mut number = 0_i64;
                while goes_on.load(Ordering::Relaxed) || number < 20 {
                    number += 1;
                    connection
                        .execute("INSERT INTO written VALUES (?)", [number])
                        .unwrap();
                }
                number
            });
            for _ in 0..3 {
                sandbox
                    .jobctl("restore copy.db --replace --yes --busy-timeout 60s")
                    .run()
                    .ok();
            }
            drop(ends);
            writer.join().unwrap()
        });
        // The rows of each file follow those of the one before: each is the table since it was empty.
        let numbers = |path: &std::path::Path| -> Vec<i64> {
            let connection = Connection::open(path).unwrap();
            let sound: String = connection
                .query_row("PRAGMA integrity_check", [], |row| row.get(0))
                .unwrap();
            assert_eq!(sound, "ok");
            let mut statement = connection
                .prepare("SELECT number FROM written ORDER BY number")
                .unwrap();
            let numbers = statement.query_map([], |row| row.get(0)).unwrap();
            numbers.map(Result::unwrap).collect()
        };
        let mut found = Vec::new();
        for kept in ["", "-2", "-3"] {
            found.extend(numbers(
                &sandbox.path(format!("jobs-replaced-20260115T120000Z{kept}.db")),
            ));
        }
        found.extend(numbers(&sandbox.db()));
        assert_eq!(found, (1..=written).collect::<Vec<_>>(), "{mode}");
    }
}
