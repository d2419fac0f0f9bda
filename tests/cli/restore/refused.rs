//! What is no sound backup, and no place for one. Nothing is changed.

use std::fs;

use rusqlite::Connection;

use super::backed_up;
use crate::backup::names;
use crate::support::{Sandbox, hash};

/// Every way to name the target.
const WAYS: [&str; 2] = ["--to new.db", "--replace --yes"];

#[track_caller]
fn is_refused(sandbox: &Sandbox, file: &str, words: &str) {
    let (before, there) = (hash(sandbox.db()), names(sandbox, ""));
    for way in WAYS {
        sandbox
            .jobctl((["restore", file], way))
            .run()
            .fails(65)
            .no_stdout()
            .stderr_has(&format!("{file} is no sound backup: "))
            .stderr_has(words);
        assert_eq!(hash(sandbox.db()), before);
        assert_eq!(names(sandbox, ""), there, "{file}");
    }
}

#[test]
fn a_truncated_or_damaged_backup_is_refused() {
    for (name, end) in [
        ("copy.db", "copy.cut"),
        ("copy.db.zst", "cut.zst"),
        ("copy.db.gz", "cut.gz"),
    ] {
        let (sandbox, _) = backed_up("delete", name);
        let bytes = fs::read(sandbox.path(name)).unwrap();
        for part in [
            bytes.len() / 2,
            bytes.len() - 1,
            bytes.len() - 4096.min(bytes.len() / 3),
            100,
            20,
            5,
        ] {
            sandbox.write(end, &bytes[..part]);
            is_refused(&sandbox, end, "");
        }
        let mut damaged = bytes.clone();
        for byte in damaged.iter_mut().skip(bytes.len() / 2).take(5_000) {
            *byte ^= 0x55;
        }
        sandbox.write(end, &damaged);
        is_refused(&sandbox, end, "damaged");
    }
}

#[test]
fn what_is_no_backup_is_refused() {
    let (sandbox, _) = backed_up("delete", "copy.db");
    sandbox.write("empty", "");
    is_refused(&sandbox, "empty", "no SQLite database");
    sandbox.write("dump.json", "[]".repeat(100));
    is_refused(&sandbox, "dump.json", "no SQLite database");
    let packed = sandbox.write("dump.json.gz", [0x1f, 0x8b].repeat(50));
    is_refused(&sandbox, "dump.json.gz", "packed data are damaged");
    fs::remove_file(packed).unwrap();
    let other = Connection::open(sandbox.path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE songs (id)").unwrap();
    is_refused(&sandbox, "other.db", "no table video_generation_jobs");
    other
        .execute_batch("CREATE TABLE video_generation_jobs (id TEXT PRIMARY KEY)")
        .unwrap();
    is_refused(&sandbox, "other.db", "lacks the columns");
}

#[test]
fn what_a_newer_jobctl_made_is_refused() {
    let (sandbox, _) = backed_up("delete", "copy.db");
    let copy = Connection::open(sandbox.path("copy.db")).unwrap();
    copy.execute_batch("PRAGMA application_id = 1785684579; PRAGMA user_version = 99")
        .unwrap();
    drop(copy);
    is_refused(&sandbox, "copy.db", "a newer jobctl made it");
}

#[test]
fn a_file_with_a_log_or_a_journal_of_its_own_is_refused() {
    let (sandbox, _) = backed_up("delete", "copy.db");
    for suffix in ["-wal", "-journal"] {
        let path = sandbox.write(&format!("copy.db{suffix}"), "something");
        is_refused(&sandbox, "copy.db", "a part of it lies in copy.db-");
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn what_cannot_be_the_target_is_said() {
    let (sandbox, _) = backed_up("delete", "copy.db");
    sandbox.write("there.db", "x");
    sandbox.write("left.db-wal", "x");
    fs::create_dir(sandbox.path("folder")).unwrap();
    let before = (hash(sandbox.db()), names(&sandbox, ""));
    for (args, status, words) in [
        ("restore copy.db", 4, "jobs.db exists already"),
        (
            "restore copy.db --to there.db",
            4,
            "there.db exists already",
        ),
        ("restore copy.db --to left.db", 4, "left.db-wal lies where"),
        (
            "restore copy.db --to folder --replace -y",
            4,
            "no regular file",
        ),
        (
            "restore copy.db --to nowhere/new.db",
            66,
            "its folder is not there",
        ),
        ("restore none.db --to new.db", 66, "no backup at none.db"),
        ("restore folder --to new.db", 66, "no regular file"),
        ("restore jobs.db --to new.db", 2, "belongs to the database"),
        (
            "restore copy.db --to copy.db --replace -y",
            2,
            "belongs to the database",
        ),
    ] {
        sandbox
            .jobctl(args)
            .run()
            .fails(status)
            .no_stdout()
            .stderr_has(words);
        assert_eq!((hash(sandbox.db()), names(&sandbox, "")), before, "{args}");
    }
}

#[test]
fn a_limit_on_the_size_of_files_changes_nothing() {
    let (sandbox, _) = backed_up("delete", "copy.db.gz");
    let before = hash(sandbox.db());
    for way in ["--to new.db", "--replace --yes"] {
        let line = format!("ulimit -f 200; exec \"$0\" restore copy.db.gz {way}");
        sandbox
            .program("sh", ["-c", &line, env!("CARGO_BIN_EXE_jobctl")])
            .run()
            .fails(74);
        assert_eq!(hash(sandbox.db()), before);
        assert_eq!(names(&sandbox, ""), ["copy.db.gz", "jobs.db"]);
    }
}
