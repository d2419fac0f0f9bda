//! What is no place for a backup, and copies that are not sound.

use std::fs;

use rusqlite::Connection;

use super::{names, used};
use crate::support::{A, Sandbox, hash};

/// Takes entries out of an index, so that rows are missing there.
pub(super) fn damage(sandbox: &Sandbox) {
    let connection = sandbox.connection();
    connection
        .execute_batch(
            "CREATE INDEX by_title ON video_generation_jobs(project_title);
             CREATE TABLE other (x); CREATE INDEX by_x ON other(x);
             PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'by_x')
             WHERE name = 'by_title'",
        )
        .unwrap();
}

#[test]
fn a_copy_that_is_not_sound_is_no_backup() {
    let sandbox = used("delete");
    damage(&sandbox);
    let run = sandbox.jobctl("backup copy.db").run().fails(1);
    run.no_stdout()
        .stderr_has("the copy is not sound, so that no backup was made: ")
        .stderr_has("--check none");
    assert_eq!(names(&sandbox, ""), ["jobs.db"]);
    sandbox
        .jobctl("backup copy.db --check none")
        .run()
        .ok()
        .stderr_has("not checked");
    assert!(Connection::open(sandbox.path("copy.db")).is_ok());
}

#[test]
fn a_file_that_is_there_is_replaced_only_when_that_is_said() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let path = sandbox.write("copy.db", "something");
    sandbox
        .jobctl("backup copy.db")
        .run()
        .fails(4)
        .stderr_has("copy.db exists already")
        .stderr_has("--replace");
    assert_eq!(fs::read(&path).unwrap(), b"something");
    sandbox.jobctl("backup copy.db --replace").run().ok();
    assert!(fs::read(&path).unwrap().starts_with(b"SQLite format 3\0"));
}

#[test]
fn what_cannot_be_one_is_said_before_anything_is_read() {
    let sandbox = Sandbox::report();
    sandbox.write("left.db-journal", "");
    std::os::unix::fs::symlink("jobs.db", sandbox.path("link.db")).unwrap();
    for (args, status, message) in [
        ("backup jobs.db --replace", 2, "belongs to the database"),
        ("backup link.db --replace", 2, "belongs to the database"),
        ("backup jobs.db-wal", 2, "belongs to the database"),
        ("backup nowhere/copy.db", 66, "its folder is not there"),
        ("backup nowhere/", 66, "its folder is not there"),
        ("backup left.db", 4, "left.db-journal lies where SQLite"),
        ("backup /dev/null --replace", 4, "no regular file"),
        ("--db none.db backup copy.db", 66, "no database at none.db"),
    ] {
        let before = hash(sandbox.db());
        sandbox.jobctl(args).run().fails(status).stderr_has(message);
        assert_eq!(hash(sandbox.db()), before);
        assert_eq!(
            names(&sandbox, ""),
            ["jobs.db", "left.db-journal", "link.db"],
            "{args}"
        );
    }
}

#[test]
fn a_limit_on_the_size_of_files_leaves_nothing() {
    let sandbox = used("delete");
    for name in ["copy.db", "copy.db.gz"] {
        let limited = sandbox
            .program(
                "sh",
                [
                    "-c",
                    "ulimit -f 200; exec \"$0\" backup \"$1\"",
                    env!("CARGO_BIN_EXE_jobctl"),
                    name,
                ],
            )
            .run()
            .fails(74);
        limited.stderr_has(name);
        assert_eq!(names(&sandbox, ""), ["jobs.db"]);
    }
}
