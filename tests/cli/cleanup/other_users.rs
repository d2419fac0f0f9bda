//! What a run of another user left or made beside the database hinders nobody: lock files, archives, files in the making.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use super::{DAYS_100, job, states};
use crate::args::Args;
use crate::machine::{is_root, skipped};
use crate::support::{Output, Run, Sandbox};

const SERVICE: u32 = 65534;
const LOCK: &str = "jobs.db.cleanup.lock";

/// A database of another user than root, in a folder of that user, with one job to be cleaned up; None but for root.
fn of_the_service(mode: u32) -> Option<Sandbox> {
    if !is_root() {
        skipped("only root can act for two users");
        return None;
    }
    let sandbox = states(&["completed"]);
    for path in [sandbox.path(""), sandbox.path("home"), sandbox.db()] {
        chown(path, Some(SERVICE), Some(SERVICE)).unwrap();
    }
    fs::set_permissions(sandbox.db(), Permissions::from_mode(mode)).unwrap();
    Some(sandbox)
}

fn cleanup(sandbox: &Sandbox, more: impl Args) -> Run {
    let args = "cleanup --older-than 30d --yes";
    sandbox.jobctl((args, more))
}

/// The same as the user whose database it is; None where that user may not reach the program.
fn as_service(sandbox: &Sandbox, run: Run) -> Option<Output> {
    let command = run.command();
    let ids = format!("{SERVICE}");
    let mut args = vec!["--reuid", &ids, "--regid", &ids, "--clear-groups", "--"];
    let program = command.get_program().to_str().unwrap().to_owned();
    args.push(&program);
    args.extend(command.get_args().map(|arg| arg.to_str().unwrap()));
    let output = sandbox.program("setpriv", args).run();
    if matches!(output.status, 126 | 127) {
        skipped("another user may not run the program here");
        return None;
    }
    Some(output)
}

fn root_leaves(path: &Path, mode: u32) {
    fs::write(path, "").unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn access(path: &Path) -> (u32, u32, u32) {
    let found = fs::metadata(path).unwrap();
    (found.uid(), found.gid(), found.mode() & 0o7777)
}

#[test]
fn a_left_lock_that_may_be_read_is_taken() {
    for mode in [0o644, 0o444, 0o640 | 0o004] {
        let Some(sandbox) = of_the_service(0o644) else {
            return;
        };
        root_leaves(&sandbox.path(LOCK), mode);
        let Some(run) = as_service(&sandbox, cleanup(&sandbox, "")) else {
            return;
        };
        run.ok();
        assert_eq!(sandbox.count(), 0);
        assert!(!sandbox.path(LOCK).exists());
    }
}

#[test]
fn a_left_lock_that_may_not_be_read_is_removed_by_the_databases_owner() {
    for mode in [0o600, 0o000] {
        let Some(sandbox) = of_the_service(0o644) else {
            return;
        };
        root_leaves(&sandbox.path(LOCK), mode);
        let Some(run) = as_service(&sandbox, cleanup(&sandbox, "")) else {
            return;
        };
        run.ok();
        assert_eq!(sandbox.count(), 0);
        assert!(!sandbox.path(LOCK).exists());
    }
}

#[test]
fn what_may_not_be_read_and_is_no_lock_stays() {
    for what in ["something in it", "two names"] {
        let Some(sandbox) = of_the_service(0o644) else {
            return;
        };
        let lock = sandbox.path(LOCK);
        root_leaves(&lock, 0o600);
        match what {
            "two names" => fs::hard_link(&lock, sandbox.path("other")).unwrap(),
            text => fs::write(&lock, text).unwrap(),
        }
        let Some(run) = as_service(&sandbox, cleanup(&sandbox, "")) else {
            return;
        };
        run.fails(74).stderr_has("remove it: rm ");
        assert!(lock.exists(), "{what}");
    }
}

#[test]
fn a_left_lock_that_may_neither_be_read_nor_removed_is_named_with_the_line_that_removes_it() {
    let Some(sandbox) = of_the_service(0o644) else {
        return;
    };
    // As /tmp is: nobody removes what is another's.
    chown(sandbox.path(""), Some(0), Some(0)).unwrap();
    fs::set_permissions(sandbox.path(""), Permissions::from_mode(0o1777)).unwrap();
    root_leaves(&sandbox.path(LOCK), 0o600);
    let Some(run) = as_service(&sandbox, cleanup(&sandbox, "")) else {
        return;
    };
    let path = sandbox.path(LOCK).canonicalize().unwrap();
    run.fails(74)
        .stderr_has(&format!("the lock {} is of no use", path.display()))
        .stderr_has("belongs to user 0, has mode 0600")
        .stderr_has(&format!("remove it: rm {}", path.display()))
        .stderr_lacks("may not be written");
    fs::remove_file(path).unwrap();
    as_service(&sandbox, cleanup(&sandbox, "")).unwrap().ok();
}

#[test]
fn what_is_no_plain_file_in_the_place_of_the_lock_is_named() {
    let make: [fn(&Path); 3] = [
        |path| fs::create_dir(path).unwrap(),
        |path| std::os::unix::fs::symlink("nowhere", path).unwrap(),
        |path| std::os::unix::fs::symlink("jobs.db", path).unwrap(),
    ];
    for make in make {
        let sandbox = states(&["completed"]);
        make(&sandbox.path(LOCK));
        let run = cleanup(&sandbox, "").run().fails(74);
        run.stderr_has("it is no plain file")
            .stderr_has("hint: when no other cleanup is at work, remove it: rm ");
        assert!(!sandbox.path("nowhere").exists());
    }
}

#[test]
fn a_lock_that_another_user_holds_is_75_and_is_waited_for() {
    for mode in [0o644, 0o600] {
        let Some(sandbox) = of_the_service(0o644) else {
            return;
        };
        root_leaves(&sandbox.path(LOCK), mode);
        let held = File::open(sandbox.path(LOCK)).unwrap();
        held.lock().unwrap();
        let Some(run) = as_service(&sandbox, cleanup(&sandbox, "")) else {
            return;
        };
        run.fails(75)
            .stderr_has("another cleanup is at work on")
            .stderr_has("--lock-wait");
        let run = cleanup(&sandbox, "--lock-wait 300ms");
        as_service(&sandbox, run)
            .unwrap()
            .fails(75)
            .stderr_has("(waited 300ms)");
        let wait = cleanup(&sandbox, "--lock-wait 60s");
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| as_service(&sandbox, wait).unwrap());
            // As the run that held it does at its end.
            fs::remove_file(sandbox.path(LOCK)).unwrap();
            drop(held);
            waiting.join().unwrap().ok();
        });
        assert_eq!(sandbox.count(), 0);
    }
}

/// Looks at the lock while a run of root's waits for the database.
#[test]
fn a_lock_gets_the_owner_and_the_mode_of_the_database() {
    for mode in [0o600, 0o660, 0o664] {
        let Some(sandbox) = of_the_service(mode) else {
            return;
        };
        let database = sandbox.connection();
        database.execute_batch("BEGIN IMMEDIATE").unwrap();
        let run = cleanup(&sandbox, "--busy-timeout 60s");
        std::thread::scope(|scope| {
            let running = scope.spawn(|| run.run());
            let lock = sandbox.path(LOCK);
            // Made first, given then.
            while !lock.exists() || access(&lock) != (SERVICE, SERVICE, mode) {
                assert!(!running.is_finished(), "{}", running.join().unwrap());
                std::thread::yield_now();
            }
            database.execute_batch("ROLLBACK").unwrap();
            running.join().unwrap().ok();
        });
    }
}

#[test]
fn an_archive_that_root_makes_is_the_services() {
    let Some(sandbox) = of_the_service(0o644) else {
        return;
    };
    let archive = "--archive old.jsonl";
    cleanup(&sandbox, archive).run().ok();
    assert_eq!(
        access(&sandbox.path("old.jsonl")),
        (SERVICE, SERVICE, 0o600)
    );
    job(&sandbox, "another", "failed", DAYS_100);
    let Some(run) = as_service(&sandbox, cleanup(&sandbox, archive)) else {
        return;
    };
    run.ok();
    assert_eq!(sandbox.read("old.jsonl").lines().count(), 2);
}

#[test]
fn a_damaged_end_is_the_archives_in_owner_and_mode() {
    let Some(sandbox) = of_the_service(0o644) else {
        return;
    };
    let archive = "--archive old.jsonl";
    cleanup(&sandbox, archive).run().ok();
    let path = sandbox.path("old.jsonl");
    fs::write(&path, sandbox.read("old.jsonl") + "{\"$row\": 1, \"id").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    job(&sandbox, "another", "failed", DAYS_100);
    cleanup(&sandbox, archive).run().ok();
    let moved = sandbox.path("old.jsonl.damaged-1");
    assert_eq!(access(&moved), (SERVICE, SERVICE, 0o640));
}

#[test]
fn what_another_user_left_of_mending_an_archive_is_named() {
    let Some(sandbox) = of_the_service(0o644) else {
        return;
    };
    let archive = "--archive old.jsonl";
    cleanup(&sandbox, archive).run().ok();
    root_leaves(&sandbox.path("old.jsonl.mending"), 0o600);
    job(&sandbox, "another", "failed", DAYS_100);
    let Some(run) = as_service(&sandbox, cleanup(&sandbox, archive)) else {
        return;
    };
    run.fails(74)
        .stderr_has("old.jsonl.mending: it belongs to user 0 and has mode 0600")
        .stderr_has("hint: give it to the archive's owner: chown --reference=");
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn what_another_user_left_of_an_export_or_an_import_hinders_nobody() {
    for mode in [0o644, 0o600] {
        let Some(sandbox) = of_the_service(0o644) else {
            return;
        };
        for name in [
            "jobs.jsonl.4711.new",
            "jobs.db.4711.new",
            "jobs.db.4711.new-journal",
        ] {
            root_leaves(&sandbox.path(name), mode);
        }
        let export = sandbox.jobctl("export --to jobs.jsonl");
        let Some(run) = as_service(&sandbox, export) else {
            return;
        };
        run.ok();
        let import = sandbox.jobctl("migrate jobs.jsonl");
        as_service(&sandbox, import).unwrap().ok();
        let left = sandbox.path("jobs.jsonl.4711.new").exists();
        assert_eq!(left, mode == 0o600, "only what cannot be tried stays");
    }
}
