//! What SQLite has open is opened by nothing else: a process that closes any descriptor of a file gives up its locks on it.

use std::fs::{self, File};
use std::process::Command;

use serde_json::json;

use crate::args::Args as _;
use crate::support::{A, B, C, Sandbox, hash};

fn dump(id: &str) -> String {
    json!({"job_id": id, "job_type": "idea2video", "content": "A fox learns to sail the sea",
        "status": "completed", "created_at": "2026-01-01T00:00:00"})
    .to_string()
        + "\n"
}

/// A database with a log, under several names, and a dump beside it.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    fs::hard_link(sandbox.db(), sandbox.path("hard.json")).unwrap();
    std::os::unix::fs::symlink("jobs.db", sandbox.path("soft.json")).unwrap();
    std::os::unix::fs::symlink(".", sandbox.path("here")).unwrap();
    std::os::unix::fs::symlink("jobs.db-journal", sandbox.path("to-the-journal")).unwrap();
    sandbox.write("dump.jsonl", dump(B));
    sandbox
}

/// The database and what may come to lie beside it; the last two are not there.
const NAMES: [&str; 7] = [
    "jobs.db",
    "./jobs.db",
    "here/jobs.db",
    "hard.json",
    "soft.json",
    "jobs.db-journal",
    "to-the-journal",
];

#[test]
fn a_dump_that_belongs_to_the_database_is_refused_by_name_before_anything_is_imported() {
    let sandbox = sandbox();
    let before = hash(sandbox.db());
    for database in ["jobs.db", "hard.json", "soft.json", "sqlite:///jobs.db"] {
        for name in NAMES {
            if database == "hard.json" && name.contains("journal") {
                // Its journal has another name.
                continue;
            }
            let run = sandbox.jobctl(["--db", database, "migrate", "dump.jsonl", name]);
            run.run()
                .fails(65)
                .no_stdout()
                .stderr_has(name)
                .stderr_has("belongs to the database")
                .stderr_has("nothing was imported");
            assert_eq!(hash(sandbox.db()), before, "{database} {name}");
        }
    }
    let run = sandbox.jobctl("migrate dump.jsonl jobs.db hard.json jobs.db-shm");
    run.run()
        .fails(65)
        .stderr_has("jobs.db, hard.json, jobs.db-shm belong to the database and are no dumps");
    let run = sandbox.jobctl("migrate --dry-run dump.jsonl jobs.db");
    run.run().fails(65);
}

#[test]
fn an_open_descriptor_of_the_database_is_no_dump_under_any_of_its_names() {
    let sandbox = sandbox();
    for name in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        let run = sandbox.jobctl(["migrate", "dump.jsonl", name]);
        let mut command = run.command();
        let output = command
            .stdin(File::open(sandbox.db()).unwrap())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(65), "{name}: {said}");
        assert!(said.contains("belongs to the database"), "{said}");
        assert_eq!(sandbox.count(), 1);
    }
}

#[test]
fn the_log_and_its_index_are_no_dumps() {
    let sandbox = sandbox();
    let neighbour = sandbox.connection();
    neighbour
        .pragma_update(None, "journal_mode", "wal")
        .unwrap();
    neighbour
        .execute_batch("DELETE FROM video_generation_jobs")
        .unwrap();
    fs::hard_link(sandbox.path("jobs.db-shm"), sandbox.path("other")).unwrap();
    for name in ["jobs.db-wal", "jobs.db-shm", "other"] {
        let run = sandbox.jobctl(["migrate", "dump.jsonl", name]);
        run.run().fails(65).stderr_has(name);
    }
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn another_database_is_told_as_what_it_is_and_the_dumps_are_imported() {
    let sandbox = sandbox();
    rusqlite::Connection::open(sandbox.path("other.db"))
        .unwrap()
        .execute_batch("CREATE TABLE notes (text)")
        .unwrap();
    let run = sandbox.jobctl("migrate other.db dump.jsonl");
    run.run()
        .fails(65)
        .stderr_has("other.db: it is a SQLite database");
    assert_eq!(sandbox.count(), 2);
}

/// A database that is not there yet, and what will lie beside it.
#[test]
fn what_a_new_database_will_be_called_is_no_dump_and_no_file_of_a_flag() {
    let sandbox = Sandbox::new();
    sandbox.write("dump.jsonl", dump(B));
    sandbox.write("jobs.db-journal", dump(C));
    let run = sandbox.jobctl("migrate dump.jsonl jobs.db-journal");
    run.run().fails(65).stderr_has("jobs.db-journal");
    for name in ["jobs.db", "jobs.db-wal", "jobs.db-shm"] {
        let run = sandbox.jobctl(["migrate", "dump.jsonl", "--rejects", name]);
        run.run().fails(2).stderr_has("belongs to the database");
    }
    assert!(!sandbox.db().exists());
}

#[test]
fn no_flag_takes_its_text_from_the_database() {
    let sandbox = sandbox();
    let before = hash(sandbox.db());
    for name in [
        "jobs.db",
        "hard.json",
        "soft.json",
        "/proc/self/cwd/jobs.db",
    ] {
        for arguments in [
            "create --json",
            "create --type idea2video --content",
            "create --type idea2video --content 'A fox at sea' --context",
            "create --type idea2video --content 'A fox at sea' --request",
            "update $A --complete",
            "update $A --result",
            "update $A --content",
            "update $A --request",
            "update $A --context",
        ] {
            let run = sandbox.jobctl(arguments).arg(format!("@{name}"));
            run.run()
                .fails(2)
                .no_stdout()
                .stderr_has(name)
                .stderr_has("belongs to the database");
        }
    }
    for arguments in [
        "create --json -",
        "update $A --result -",
        "update - --requeue --yes",
        "delete - --yes",
        "show -",
    ] {
        let mut command = sandbox.jobctl(arguments).command();
        let output = command
            .stdin(File::open(sandbox.db()).unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn no_flag_writes_to_the_database() {
    let sandbox = sandbox();
    sandbox.write("bad.jsonl", "{\"no\": \"job\"}\n");
    let before = hash(sandbox.db());
    for name in NAMES {
        for arguments in [
            &["export", "--to", name][..],
            &["stats", "--to", name],
            &["migrate", "bad.jsonl", "--rejects", name],
            &["cleanup", "--older-than", "1d", "--yes", "--archive", name],
        ] {
            let run = sandbox.jobctl(arguments);
            run.run()
                .fails(2)
                .no_stdout()
                .stderr_has(name)
                .stderr_has("belongs to the database");
            assert_eq!(hash(sandbox.db()), before, "{arguments:?}");
        }
    }
    let out = File::options().append(true).open(sandbox.db()).unwrap();
    let mut command = sandbox.jobctl("list -o jsonl").command();
    let output = command.stdout(out).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output is"));
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn no_message_is_written_into_the_database() {
    let sandbox = sandbox();
    let before = hash(sandbox.db());
    for both in [false, true] {
        for arguments in [
            "list",
            "show nosuch",
            "-v list",
            "list --since x",
            "delete --status failed --yes",
            "migrate jobs.db",
        ] {
            let end = || File::options().append(true).open(sandbox.db()).unwrap();
            let mut command = sandbox.jobctl(arguments).command();
            command.stderr(end());
            if both {
                command.stdout(end());
            }
            let status = command.output().unwrap().status.code();
            assert!(matches!(status, Some(2 | 65)), "{arguments:?}: {status:?}");
            assert_eq!(hash(sandbox.db()), before, "{arguments:?}");
        }
    }
}

/// Calls of one process on the files of a database, as strace tells them: no descriptor of a file is closed while there are
/// locks on it that were taken through another.
fn closes_under_locks(trace: &str) -> Vec<String> {
    let mut locked: Vec<(String, String)> = Vec::new();
    let mut broken = Vec::new();
    for line in trace.lines() {
        let Some((call, path)) = line
            .split_once('<')
            .map(|(call, rest)| (call, rest.split('>').next().unwrap_or_default().to_owned()))
        else {
            continue;
        };
        let descriptor = |name: &str| {
            let digits = call.rsplit_once(name)?.1;
            Some(digits.to_owned())
        };
        if let Some(number) = descriptor("fcntl(") {
            let is_all = line.contains("l_start=0, l_len=0");
            let key = (path, number);
            if line.contains("F_UNLCK") && is_all {
                locked.retain(|other| *other != key);
            } else if line.contains("F_SETLK") && !line.contains("F_UNLCK") && line.contains("= 0")
            {
                locked.retain(|other| *other != key);
                locked.push(key);
            }
        } else if let Some(number) = descriptor("close(") {
            if locked
                .iter()
                .any(|(other, by)| *other == path && *by != number)
            {
                broken.push(line.to_owned());
            }
            locked.retain(|other| *other != (path.clone(), number.clone()));
        }
    }
    broken
}

#[test]
#[allow(clippy::print_stderr)]
fn a_long_import_closes_nothing_that_there_are_locks_on() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed");
        return;
    }
    let sandbox = Sandbox::report();
    let dump: String = (0..20_000)
        .map(|n| dump(&format!("a1111111-1111-4111-8111-{n:012}")))
        .collect();
    sandbox.write("dump.jsonl", dump);
    let run = "migrate dump.jsonl --exclusive";
    let binary = env!("CARGO_BIN_EXE_jobctl");
    let traced = sandbox
        .program(
            "strace",
            ["-f", "-y", "-e", "trace=fcntl,close", "-o", "trace", binary],
        )
        .command()
        .args(run.words())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&traced.stderr);
    if said.contains("ptrace") {
        eprintln!("skipped: {said}");
        return;
    }
    assert!(traced.status.success(), "{said}");
    let trace = sandbox.read("trace");
    assert!(trace.contains("F_SETLK"), "{trace}");
    assert_eq!(closes_under_locks(&trace), Vec::<String>::new());
}

#[test]
fn the_reader_of_traces_knows_a_descriptor_that_is_closed_under_locks() {
    let lock = "7 fcntl(3</w/jobs.db>, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=1073741825, l_len=1}) = 0\n";
    let free = "7 fcntl(3</w/jobs.db>, F_SETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = 0\n";
    let other = "8 close(6</w/jobs.db>) = 0\n";
    assert_eq!(closes_under_locks(&[lock, other].concat()).len(), 1);
    assert_eq!(closes_under_locks(&[lock, free, other].concat()).len(), 0);
    assert_eq!(
        closes_under_locks(&[lock, "8 close(6</w/dump>) = 0\n"].concat()).len(),
        0
    );
    assert_eq!(
        closes_under_locks(&[lock, "7 close(3</w/jobs.db>) = 0\n"].concat()).len(),
        0
    );
}
