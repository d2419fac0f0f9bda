//! A process that is killed leaves what it has written until then. So each write, cut and removal that a run makes is
//! recorded, and after each of them (after some, within a large transaction) the files are checked as the next process
//! finds them: they must be sound, and hold what was committed last.

#![cfg(target_os = "linux")]

mod record;
mod state;

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::record::{Event, Recording};
use crate::state::Files;

const JOURNALS: [&str; 4] = ["DELETE", "PERSIST", "TRUNCATE", "WAL"];

/// A run: its settings, and how it ends.
#[derive(Clone, Copy, Debug)]
struct Case {
    journal: &'static str,
    synchronous: &'static str,
    exclusive: bool,
    end: &'static str,
    /// Rows that a transaction writes.
    rows: u32,
    buffered: bool,
}

#[test]
fn whoever_comes_after_a_kill_finds_what_was_committed_delete() {
    all("DELETE");
}

#[test]
fn whoever_comes_after_a_kill_finds_what_was_committed_persist() {
    all("PERSIST");
}

#[test]
fn whoever_comes_after_a_kill_finds_what_was_committed_truncate() {
    all("TRUNCATE");
}

#[test]
fn whoever_comes_after_a_kill_finds_what_was_committed_wal() {
    all("WAL");
}

fn all(journal: &'static str) {
    let ends = [
        "",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ];
    let ends = match journal {
        "WAL" => &ends[..],
        _ => &ends[..2],
    };
    for synchronous in ["OFF", "NORMAL", "FULL", "EXTRA"] {
        for exclusive in [false, true] {
            for end in ends {
                // Some runs write enough to need the writer's thread.
                let rows = if end.is_empty() && synchronous == "OFF" {
                    900
                } else {
                    30
                };
                let case = Case {
                    journal,
                    synchronous,
                    exclusive,
                    end,
                    rows,
                    buffered: true,
                };
                assert_eq!(faults(case, &run(case)), Vec::<String>::new());
                let case = Case { rows: 30, ..case };
                assert_eq!(faults(case, &run(case)), Vec::<String>::new());
            }
        }
    }
}

/// A fault of the kind that the checks must find: pages written before their journal, as by a VFS that holds it too long.
#[test]
fn pages_that_come_after_the_end_of_their_journal_are_found() {
    for journal in JOURNALS {
        let case = Case {
            journal,
            synchronous: "OFF",
            exclusive: true,
            end: "",
            rows: 30,
            buffered: false,
        };
        let mut events = run(case);
        assert_eq!(faults(case, &events), Vec::<String>::new());
        // What follows the second transaction goes to the database last of all.
        let second = events
            .iter()
            .rposition(|event| matches!(event, Event::Committed(2)));
        let rest = events.split_off(second.expect("is there"));
        let (late, first): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(Event::is_page_of_database);
        events.extend(first.into_iter().chain(late));
        assert_ne!(faults(case, &events), Vec::<String>::new(), "{journal}");
    }
}

/// A folder in memory where there is one: no power is lost here.
fn scratch() -> TempDir {
    let made = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    made.expect("makes a folder")
}

/// Two transactions that are larger than the cache, a checkpoint where there is one, a third, and the end.
fn run(case: Case) -> Vec<Event> {
    let folder = scratch();
    let path = folder.path().join("jobs.db");
    let recording = Recording::begin(folder.path());
    let connection = open(&path, case.buffered);
    state::pragma(&connection, "PRAGMA auto_vacuum = INCREMENTAL");
    state::pragma(&connection, "PRAGMA page_size = 1024");
    state::pragma(
        &connection,
        &format!("PRAGMA journal_mode = {}", case.journal),
    );
    state::pragma(
        &connection,
        &format!("PRAGMA synchronous = {}", case.synchronous),
    );
    state::pragma(&connection, "PRAGMA cache_size = 10");
    if case.exclusive {
        state::pragma(&connection, "PRAGMA locking_mode = EXCLUSIVE");
    }
    connection
        .execute_batch(state::TABLE)
        .expect("makes the table");
    recording.mark(Event::Committed(0));
    for round in 1..=3 {
        recording.mark(Event::Begins);
        connection
            .execute_batch(&state::transaction(round, case.rows))
            .expect("commits");
        recording.mark(Event::Committed(round));
        if round == 2 && case.journal == "WAL" {
            state::pragma(&connection, "PRAGMA wal_checkpoint(PASSIVE)");
        }
    }
    if !case.end.is_empty() {
        state::pragma(&connection, case.end);
    }
    connection.close().expect("closes");
    recording.end()
}

fn open(path: &Path, buffered: bool) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if buffered {
        let vfs = buffered_vfs::name().expect("SQLite takes the VFS");
        Connection::open_with_flags_and_vfs(path, flags, vfs).expect("opens")
    } else {
        Connection::open_with_flags(path, flags).expect("opens")
    }
}

/// The faults of the files after each event, once there is a table.
fn faults(case: Case, events: &[Event]) -> Vec<String> {
    let folder = scratch();
    let (mut files, mut committed, mut found) = (Files::default(), None, Vec::new());
    let mut transacts = false;
    let stride = if case.rows > 30 { 50 } else { 1 };
    for (number, event) in events.iter().enumerate() {
        files.take(event);
        match event {
            Event::Begins => transacts = true,
            Event::Committed(round) => (committed, transacts) = (Some(*round), false),
            // The pages of a transaction are much alike.
            _ if transacts && event.is_write() && number % stride > 0 => continue,
            _ => {}
        }
        let Some(least) = committed else { continue };
        files.put(folder.path());
        if let Err(fault) = state::check(&folder.path().join("jobs.db"), least) {
            found.push(format!(
                "{case:?}, after event {number} of {}: {fault}",
                events.len()
            ));
        }
    }
    assert_eq!(committed, Some(3), "{case:?}");
    found
}
