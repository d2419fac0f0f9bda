//! What is no file where one is read, in the place of the database and of what SQLite keeps beside it.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::support::{A, Sandbox};

const CREATE: &str = "create --type a --content 'A fox learns to sail the sea'";

/// Puts something that is no file at a path.
fn put(kind: &str, path: &std::path::Path) -> Option<UnixListener> {
    match kind {
        "a pipe" => {
            let made = Command::new("mkfifo").arg(path).status().unwrap();
            assert!(made.success());
        }
        "a folder" => std::fs::create_dir(path).unwrap(),
        "a socket" => return Some(UnixListener::bind(path).unwrap()),
        "a device" => symlink("/dev/null", path).unwrap(),
        "a link to nothing" => symlink("nothing", path).unwrap(),
        other => panic!("{other}"),
    }
    None
}

const KINDS: [&str; 5] = [
    "a pipe",
    "a folder",
    "a socket",
    "a device",
    "a link to nothing",
];

#[test]
fn what_is_no_file_beside_the_database_is_named_and_not_waited_for() {
    for mode in ["delete", "wal"] {
        for suffix in ["-journal", "-wal", "-shm"] {
            for kind in KINDS {
                let sandbox = Sandbox::report();
                sandbox.job(A, &[]);
                sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
                let path = sandbox.path(format!("jobs.db{suffix}"));
                let _socket = put(kind, &path);
                sandbox.write("rows.jsonl", "[]");
                symlink(sandbox.db(), sandbox.path("link.db")).unwrap();
                for args in [
                    "list",
                    "show $A",
                    CREATE,
                    "update $A --title x",
                    "delete $A",
                    "cleanup --older-than 1d --yes",
                    "migrate rows.jsonl",
                    "migrate rows.jsonl --dry-run",
                    "--db link.db list",
                ] {
                    let said = format!("jobs.db{suffix} is {kind}, where SQLite keeps a file");
                    let run = sandbox.jobctl(args).run().fails(74);
                    run.stderr_has(&said).stderr_has("hint: move it away: mv");
                }
                let complete = "complete zsh -- jobctl show ''";
                sandbox.jobctl(complete).run().ok().no_stdout();
                assert!(path.symlink_metadata().is_ok());
            }
        }
    }
}

#[test]
fn a_new_database_is_not_made_beside_what_is_no_file() {
    for kind in KINDS {
        let sandbox = Sandbox::new();
        let _socket = put(kind, &sandbox.path("jobs.db-journal"));
        sandbox.write("rows.jsonl", "[]");
        for args in [CREATE, "migrate rows.jsonl"] {
            let run = sandbox.jobctl(args).run().fails(74);
            run.stderr_has(&format!("jobs.db-journal is {kind}, where"));
            assert!(!sandbox.db().exists());
        }
    }
}

#[test]
fn what_is_no_file_in_the_database_s_place_is_named() {
    for kind in KINDS {
        let sandbox = Sandbox::new();
        let _socket = put(kind, &sandbox.db());
        let said = match kind {
            "a link to nothing" => "no database at",
            kind => kind,
        };
        for args in ["list", "delete $A"] {
            let run = sandbox.jobctl(args).run();
            run.fails(66).stderr_has(said);
        }
    }
}
