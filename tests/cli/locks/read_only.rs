//! Why a file may not be written: a read-only file system, the file, its folder, or what lies beside it, each with a next step.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use super::full::after;
use crate::machine::{is_root, skipped};
use crate::support::{A, Output, Run, Sandbox};

const SERVICE: u32 = 65534;

const WRITES: [&str; 5] = [
    "update $A --title New",
    "delete $A",
    "delete --status failed --yes",
    "cleanup --older-than 1d --yes",
    "migrate dump.jsonl",
];

fn jobs(mode: &str) -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
    sandbox.job(A, &[("status", &"failed")]);
    sandbox.write("dump.jsonl", super::dump(3));
    sandbox
}

/// Runs it where these are read-only, for root too; None where that cannot be done.
fn read_only(places: &[&str], run: Run) -> Option<Output> {
    let possible = Command::new("unshare")
        .args(["--mount", "mount", "--bind", "/usr", "/usr"])
        .output();
    if !is_root() || !possible.is_ok_and(|it| it.status.success()) {
        skipped("nothing can be mounted here");
        return None;
    }
    let mounts: String = places
        .iter()
        .map(|place| {
            format!("mount --bind {place} {place} && mount -o remount,ro,bind {place} || exit 99; ")
        })
        .collect();
    let shell = format!(
        "exec unshare --mount sh -c '{mounts} cd \"$PWD\" && exec \"$0\" \"$@\"' \"$0\" \"$@\""
    );
    Some(after(&shell, run))
}

/// Runs it as another user than root, to whom the folder belongs unless it is changed; None where that cannot be done.
fn as_service(sandbox: &Sandbox, run: Run) -> Option<Output> {
    let command = run.command();
    let ids = SERVICE.to_string();
    let mut args = vec!["--reuid", &ids, "--regid", &ids, "--clear-groups", "--"];
    args.push(command.get_program().to_str().unwrap());
    args.extend(command.get_args().map(|arg| arg.to_str().unwrap()));
    let output = sandbox.program("setpriv", args).run();
    let reached = !matches!(output.status, 126 | 127);
    if !reached {
        skipped("another user may not run the program here");
    }
    reached.then_some(output)
}

fn is_for_root() -> bool {
    if !is_root() {
        skipped("only root can act for two users");
    }
    is_root()
}

fn give(path: &Path, mode: u32) {
    chown(path, Some(SERVICE), Some(SERVICE)).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_read_only_file_system_is_named_with_what_systemd_needs() {
    for mode in ["delete", "wal"] {
        for args in WRITES {
            let sandbox = jobs(mode);
            let folder = fs::canonicalize(sandbox.path("")).unwrap();
            let Some(run) = read_only(&["."], sandbox.jobctl(args)) else {
                return;
            };
            run.fails(74)
                .stderr_has("jobs.db may not be written: it is on a read-only file system")
                .stderr_has(&format!("ReadWritePaths={}\n", folder.display()));
            assert_eq!(sandbox.count(), 1, "{args:?}");
        }
    }
}

#[test]
fn a_file_that_alone_is_on_a_read_only_file_system_is_what_is_named() {
    let sandbox = jobs("delete");
    let path = fs::canonicalize(sandbox.db()).unwrap();
    let run = sandbox.jobctl(WRITES[0]);
    let Some(run) = read_only(&["jobs.db"], run) else {
        return;
    };
    run.fails(74)
        .stderr_has("it is on a read-only file system")
        .stderr_has(&format!("ReadWritePaths={}\n", path.display()));
}

#[test]
fn a_new_database_where_nothing_can_be_made() {
    for args in [
        "--db ro/new.db migrate dump.jsonl",
        "--db ro/deep/er/new.db migrate dump.jsonl",
        "--db ro/new.db create --type idea2video --content 'A cat crosses the road'",
    ] {
        let sandbox = jobs("delete");
        fs::create_dir(sandbox.path("ro")).unwrap();
        let folder = fs::canonicalize(sandbox.path("ro")).unwrap();
        let Some(run) = read_only(&["ro"], sandbox.jobctl(args)) else {
            return;
        };
        let folder = folder.display();
        run.fails(74)
            .stderr_has(&format!(
                "its folder {folder} is on a read-only file system"
            ))
            .stderr_has(&format!("ReadWritePaths={folder}\n"));
    }
}

#[test]
fn what_a_flag_names_on_a_read_only_file_system() {
    for args in [
        "export --to ro/out.jsonl",
        "cleanup --older-than 1d --yes --archive ro/old.jsonl",
        "migrate bad.jsonl --rejects ro/bad.jsonl",
    ] {
        let sandbox = jobs("delete");
        sandbox.write("bad.jsonl", "{\"id\": 1}\n");
        fs::create_dir(sandbox.path("ro")).unwrap();
        let folder = fs::canonicalize(sandbox.path("ro")).unwrap();
        let Some(run) = read_only(&["ro"], sandbox.jobctl(args)) else {
            return;
        };
        let folder = folder.display();
        run.fails(74)
            .stderr_has(&format!(
                "its folder {folder} is on a read-only file system"
            ))
            .stderr_has(&format!("ReadWritePaths={folder}\n"));
        assert_eq!(sandbox.count(), 1);
    }
}

#[test]
fn a_right_that_is_missing_is_told_from_that_of_the_file_and_of_the_folder() {
    if !is_for_root() {
        return;
    }
    for mode in ["delete", "wal"] {
        for (folder, file, said) in [
            (
                0o755,
                0o444,
                "jobs.db may not be written: it belongs to user 65534 and has mode 0444",
            ),
            (0o555, 0o644, "belongs to user 65534 and has mode 0555"),
            (
                0o755,
                0o000,
                "jobs.db may not be read: it belongs to user 65534 and has mode 0000",
            ),
        ] {
            let sandbox = jobs(mode);
            give(&sandbox.db(), file);
            give(&sandbox.path(""), folder);
            for args in WRITES {
                let Some(run) = as_service(&sandbox, sandbox.jobctl(args)) else {
                    return;
                };
                let run = run
                    .fails(74)
                    .stderr_has(said)
                    .stderr_has("hint: run as a user who may");
                run.stderr_lacks("ReadWritePaths").stderr_lacks("os error");
            }
        }
    }
}

#[test]
fn a_wal_file_that_may_not_be_opened_says_why() {
    if !is_for_root() {
        return;
    }
    let sandbox = jobs("wal");
    give(&sandbox.path(""), 0o755);
    give(&sandbox.db(), 0o644);
    // A log with something in it, of root alone.
    let open = sandbox.connection();
    open.execute_batch("UPDATE video_generation_jobs SET style = 'x'")
        .unwrap();
    for suffix in ["-wal", "-shm"] {
        for other in ["-wal", "-shm"] {
            give(&sandbox.path(format!("jobs.db{other}")), 0o644);
        }
        let beside = sandbox.path(format!("jobs.db{suffix}"));
        chown(&beside, Some(0), Some(0)).unwrap();
        fs::set_permissions(&beside, Permissions::from_mode(0o600)).unwrap();
        let beside = fs::canonicalize(beside).unwrap();
        for args in ["list", "update $A --title New"] {
            let Some(run) = as_service(&sandbox, sandbox.jobctl(args)) else {
                return;
            };
            run.fails(74)
                .stderr_has(&format!("{} beside it belongs to user 0 and has mode 0600", beside.display()))
                .stderr_has("hint: run as a user who may, or give it to the database's owner: chown --reference=");
        }
    }
}

#[test]
fn a_log_that_cannot_be_read_in_a_folder_of_others_says_why_and_stays() {
    if !is_for_root() {
        return;
    }
    let sandbox = jobs("wal");
    let open = sandbox.connection();
    open.execute_batch("UPDATE video_generation_jobs SET style = 'x'")
        .unwrap();
    // As a copy without its shared memory has it.
    let folder = sandbox.path("copy");
    fs::create_dir(&folder).unwrap();
    for name in ["jobs.db", "jobs.db-wal"] {
        let copy = folder.join(name);
        fs::copy(sandbox.path(name), &copy).unwrap();
        give(&copy, 0o644);
    }
    give(&folder, 0o555);
    fs::set_permissions(sandbox.path(""), Permissions::from_mode(0o755)).unwrap();
    let list = sandbox.jobctl("--db copy/jobs.db list");
    let Some(run) = as_service(&sandbox, list) else {
        return;
    };
    run.fails(74)
        .stderr_has("its folder ")
        .stderr_has("copy belongs to user 65534 and has mode 0555");
    let list = sandbox.jobctl("--db copy/jobs.db list");
    let Some(run) = read_only(&["copy"], list) else {
        return;
    };
    run.fails(74).stderr_has("is on a read-only file system");
}

#[test]
fn a_file_that_may_not_be_read_is_told_as_one_that_may_not_be_written() {
    if !is_for_root() {
        return;
    }
    let sandbox = jobs("delete");
    for path in [sandbox.path(""), sandbox.path("home"), sandbox.db()] {
        give(&path, if path == sandbox.db() { 0o600 } else { 0o755 });
    }
    for folder in ["shut", "shut/in"] {
        fs::create_dir(sandbox.path(folder)).unwrap();
    }
    for name in ["secret", "shut/in/secret"] {
        sandbox.write(name, "{}");
        fs::set_permissions(sandbox.path(name), Permissions::from_mode(0o600)).unwrap();
    }
    fs::set_permissions(sandbox.path("shut"), Permissions::from_mode(0o700)).unwrap();
    let shut = fs::canonicalize(sandbox.path("shut")).unwrap();
    let shut = format!(
        ": its folder {} belongs to user 0 and has mode 0700, which keep",
        shut.display()
    );
    let file = ": it belongs to user 0 and has mode 0600, which keep";
    for (args, why) in [
        ("cleanup --older-than 1d --dry-run --archive secret", file),
        (
            "cleanup --older-than 1d --dry-run --archive shut/in/secret",
            &shut,
        ),
        (
            "cleanup --older-than 1d --dry-run --files-under shut",
            ": it belongs to user 0 and has mode 0700, which keep",
        ),
        (
            "cleanup --older-than 1d --dry-run --files-under shut/in",
            &shut,
        ),
        ("migrate secret", file),
        ("migrate shut/in/secret --dry-run", &shut),
        ("create --json @secret", file),
        ("create --content @shut/in/secret", &shut),
        ("--db shut/in/secret list", &shut),
    ] {
        let Some(run) = as_service(&sandbox, sandbox.jobctl(args)) else {
            return;
        };
        run.fails(74).stderr_has(why).stderr_lacks("os error");
    }
}

#[test]
fn a_copy_of_a_file_and_its_log_is_not_told_as_what_a_killed_process_left() {
    let sandbox = jobs("wal");
    let open = sandbox.connection();
    open.execute_batch("UPDATE video_generation_jobs SET error_message = 'new'")
        .unwrap();
    fs::create_dir(sandbox.path("copy")).unwrap();
    for name in ["jobs.db", "jobs.db-wal"] {
        fs::copy(sandbox.path(name), sandbox.path(format!("copy/{name}"))).unwrap();
    }
    let folder = fs::canonicalize(sandbox.path("copy")).unwrap();
    for args in ["list", "show $A", "stats"] {
        let args = ("--db copy/jobs.db", args);
        let Some(run) = read_only(&["copy"], sandbox.jobctl(args)) else {
            return;
        };
        run.fails(74)
            .stderr_has("a part of copy/jobs.db may lie in its log copy/jobs.db-wal")
            .stderr_has(&format!(
                "copy/jobs.db-shm, which is not there and cannot be made: its folder {} is on a read-only",
                folder.display()
            ))
            .stderr_has("hint: copy both files to a folder that may be written")
            .stderr_lacks("killed");
    }
    sandbox
        .jobctl("--db copy/jobs.db show $A")
        .run()
        .ok()
        .stdout_has("new");
}
