//! A dump that comes with long pauses, into a file that nobody else has written for long, where a transaction may be long: what has
//! come is final and the file free while nothing comes.

use std::fs::File;
use std::time::{Duration, SystemTime};

use super::running::{Running, impatient, is_locked, seen};
use crate::locks::line;
use crate::support::Sandbox;

#[track_caller]
fn is_free_while_nothing_comes(sandbox: &Sandbox) {
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    let file = File::options().write(true).open(sandbox.db()).unwrap();
    file.set_modified(hour_ago).unwrap();
    drop(file);
    let mut running = Running::start(sandbox.jobctl("migrate -"));
    let reader = impatient(sandbox);
    let mut before = 0;
    for part in [0..5_000, 5_000..10_000] {
        running.feed(part.map(line).collect::<String>());
        running.until("what has come is final", || seen(&reader) > before);
        running.until("the file is free", || !is_locked(sandbox));
        before = seen(&reader);
    }
    running.close();
    running.end().ok();
    assert_eq!(sandbox.count(), 10_000);
}

#[test]
fn the_service_s_file_is_free() {
    is_free_while_nothing_comes(&Sandbox::service());
}

#[test]
fn a_file_in_wal_is_free() {
    let sandbox = Sandbox::service();
    let mode = "PRAGMA journal_mode = wal";
    let connection = sandbox.connection();
    connection.query_row(mode, [], |_| Ok(())).unwrap();
    drop(connection);
    is_free_while_nothing_comes(&sandbox);
}
