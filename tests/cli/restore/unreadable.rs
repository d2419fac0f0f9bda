//! A database that SQLite cannot read any more: it is moved away with all that lies beside it.

use std::fs;

use super::backed_up;
use crate::backup::{all, names};
use crate::locks::{end, is_sound, start};

const KEPT: &str = "jobs-replaced-20260115T120000Z.db";

#[test]
fn a_database_that_cannot_be_read_is_kept_as_it_is() {
    for damage in ["garbage", "cut", "header"] {
        let (sandbox, before) = backed_up("delete", "copy.db");
        let mut bytes = fs::read(sandbox.db()).unwrap();
        match damage {
            "garbage" => bytes = b"not a database ".repeat(1_000),
            "cut" => bytes.truncate(8_192),
            _ => bytes[..100].fill(0),
        }
        fs::write(sandbox.db(), &bytes).unwrap();
        // Of one that it can open, SQLite itself takes away a log that is none.
        if damage != "cut" {
            fs::write(sandbox.path("jobs.db-wal"), "an old log").unwrap();
        }
        sandbox.jobctl("restore copy.db --replace --yes").run().ok();
        assert_eq!(all(&sandbox.db()), before, "{damage}");
        is_sound(&sandbox);
        assert_eq!(fs::read(sandbox.path(KEPT)).unwrap(), bytes);
        let log = format!("{KEPT}-wal");
        let mut expected = vec!["copy.db", KEPT, "jobs.db"];
        if damage != "cut" {
            assert_eq!(fs::read(sandbox.path(&log)).unwrap(), b"an old log");
            expected.insert(2, &log);
        }
        assert_eq!(names(&sandbox, ""), expected);
    }
}

#[test]
fn it_stays_where_another_program_has_a_lock_on_it() {
    let (sandbox, _) = backed_up("delete", "copy.db");
    // A reader, in whose time the file is damaged.
    let open = sandbox.connection();
    open.execute_batch("BEGIN; SELECT count(*) FROM series")
        .unwrap();
    let file = fs::OpenOptions::new()
        .write(true)
        .open(sandbox.db())
        .unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &[0; 100], 0).unwrap();
    // To close it here would give up the lock.
    std::mem::forget(file);
    let before = hash_without_closing(&sandbox.db());
    let mut child = start(sandbox.jobctl("restore copy.db --replace --yes --busy-timeout 50ms"));
    assert_eq!(end(&mut child).code(), Some(75));
    assert_eq!(hash_without_closing(&sandbox.db()), before);
    assert_eq!(names(&sandbox, ""), ["copy.db", "jobs.db"]);
    drop(open);
    sandbox.jobctl("restore copy.db --replace --yes").run().ok();
    is_sound(&sandbox);
}

/// By another process, since closing the file in this one gives up its locks.
fn hash_without_closing(path: &std::path::Path) -> Vec<u8> {
    std::process::Command::new("cksum")
        .arg(path)
        .output()
        .unwrap()
        .stdout
}
