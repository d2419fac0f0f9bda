//! What a killed service leaves behind, and files that may be read alone.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use rusqlite::Connection;

use super::{is_sound, start, until};
use crate::machine::is_root;
use crate::migrate::running::impatient;
use crate::support::{A, Output, Run, Sandbox};

/// Nobody.
const NOBODY: u32 = 65_534;

/// A file in the middle of a change, as a killed service leaves it: pages of the change in it, and the journal that takes them back.
pub fn hot() -> Sandbox {
    let from = Sandbox::service();
    from.job(A, &[("project_title", &"before")]);
    from.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
         INSERT INTO video_generation_jobs (id, job_type, status, content) SELECT 'job-' || i, 'idea2video', 'queued', hex(zeroblob(100)) FROM n",
    );
    let writer = from.connection();
    writer
        .execute_batch("PRAGMA cache_size = 5; BEGIN IMMEDIATE")
        .unwrap();
    let sql =
        "UPDATE video_generation_jobs SET project_title = 'after', content = hex(zeroblob(1000))";
    writer.execute(sql, []).unwrap();
    let sandbox = Sandbox::new();
    for name in ["jobs.db", "jobs.db-journal"] {
        fs::copy(from.path(name), sandbox.path(name)).unwrap();
    }
    let bytes = fs::read(sandbox.db()).unwrap();
    assert!(
        bytes.windows(5).any(|window| window == b"after"),
        "the change has not reached the file"
    );
    sandbox
}

/// Runs it as one who may read the folder and everything in it, and write nothing.
#[track_caller]
fn powerless(sandbox: &Sandbox, run: Run) -> Output {
    let mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap()
    };
    let program = sandbox.path("program");
    let ran = run.said();
    let command = run.command();
    fs::copy(command.get_program(), &program).unwrap();
    mode(&program, 0o555);
    for name in ["jobs.db", "jobs.db-journal", "jobs.db-wal", "jobs.db-shm"] {
        let path = sandbox.path(name);
        if path.exists() {
            mode(&path, 0o444);
        }
    }
    let folder = sandbox.path("");
    mode(&folder, 0o555);
    let mut again = std::process::Command::new(&program);
    again.args(command.get_args()).env_clear().envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    again.current_dir(&folder).stdin(Stdio::null());
    if is_root() {
        again.uid(NOBODY).gid(NOBODY);
    }
    // A test beside this one that starts a program has the copy open for writing until that has begun.
    let output = loop {
        match again.output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
            ended => break ended,
        }
    };
    mode(&folder, 0o755);
    let output = output.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Output {
        ran,
        status: output.status.code().unwrap(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

#[test]
fn a_reading_command_rolls_back_a_hot_journal() {
    for args in ["show $A", "list --search before", "list -o json --all"] {
        let sandbox = hot();
        sandbox
            .jobctl(args)
            .run()
            .ok()
            .stdout_has("before")
            .stdout_lacks("after");
        assert!(!sandbox.path("jobs.db-journal").exists());
        is_sound(&sandbox);
    }
}

/// Copies of a file and its journal in the middle of a change of every job.
fn half_changed(sandbox: &Sandbox, writer: &Connection) -> [Vec<u8>; 2] {
    let sql = "PRAGMA cache_size = 5; UPDATE video_generation_jobs SET project_title = 'after'";
    writer.execute_batch(sql).unwrap();
    ["jobs.db", "jobs.db-journal"].map(|name| fs::read(sandbox.path(name)).unwrap())
}

/// Between two pages of its read nothing keeps the service from writing, and nobody from killing the service.
#[test]
fn a_long_read_rolls_back_the_journal_of_a_writer_that_is_killed_under_it() {
    for args in [
        "list --all -o jsonl",
        "list --all -o jsonl --sort style",
        "list --all -o jsonl --search before",
        "export -o jsonl",
        "export -o jsonl --status queued",
        "export -o csv --search before",
    ] {
        let sandbox = Sandbox::report();
        sandbox.sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
             INSERT INTO video_generation_jobs (id, job_type, project_title, content)
             SELECT 'job-' || i, 'idea2video', 'before', hex(zeroblob(1000)) FROM n",
        );
        let run = sandbox.jobctl(args).arg("--busy-timeout").arg("10m");
        let mut child = start(run);
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        stdout.read_line(&mut said).unwrap();
        // What is not taken from the pipe keeps it from its end.
        let writer = impatient(&sandbox);
        until("it stops without a lock", || {
            signal(&child, "STOP");
            until("it stops", || has_stopped(&child));
            let begun = writer.execute_batch("BEGIN EXCLUSIVE").is_ok();
            if !begun {
                signal(&child, "CONT");
            }
            begun
        });
        let [file, journal] = half_changed(&sandbox, &writer);
        writer.execute_batch("ROLLBACK").unwrap();
        drop(writer);
        fs::write(sandbox.db(), file).unwrap();
        fs::write(sandbox.path("jobs.db-journal"), journal).unwrap();
        signal(&child, "CONT");
        stdout.read_to_string(&mut said).unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {stderr}");
        assert_eq!(said.matches("before").count(), 3000, "{args:?}");
        assert!(!sandbox.path("jobs.db-journal").exists(), "{args:?}");
        is_sound(&sandbox);
    }
}

fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill")
        .args([format!("-{name}"), child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

fn has_stopped(child: &Child) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let state = stat.rsplit_once(") ").unwrap().1;
    state.starts_with('T')
}

#[test]
fn a_writing_command_rolls_back_a_hot_journal_first() {
    let sandbox = hot();
    sandbox.jobctl("update $A --stage mended").run().ok();
    assert_eq!(
        [
            sandbox.cell(A, "project_title"),
            sandbox.cell(A, "current_stage")
        ],
        ["text|before", "text|mended"]
    );
    is_sound(&sandbox);
}

#[test]
fn a_hot_journal_that_may_not_be_rolled_back_is_said() {
    for args in ["show $A", "list"] {
        let sandbox = hot();
        let run = powerless(&sandbox, sandbox.jobctl(args));
        assert_eq!(run.status, 74, "{run}");
        assert!(
            run.stdout.is_empty()
                && run.stderr.contains("killed")
                && run.stderr.contains("jobs.db"),
            "{run}"
        );
        assert!(run.stderr.contains("hint:"), "{run}");
        assert!(sandbox.path("jobs.db-journal").exists());
    }
}

#[test]
fn a_file_that_may_not_be_written_is_read() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    for args in ["show $A", "list", "cleanup --older-than 1d --dry-run"] {
        let run = powerless(&sandbox, sandbox.jobctl(args));
        assert_eq!(run.status, 0, "{args:?}{run}");
    }
}

#[test]
fn a_file_that_may_not_be_written_is_not_changed_and_says_so() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    let run = powerless(&sandbox, sandbox.jobctl("update $A --title New"));
    assert!(![0, 75].contains(&run.status), "{run}");
    assert!(run.stderr.contains("jobs.db"), "{run}");
}

#[test]
fn a_wal_file_in_a_folder_that_may_not_be_written_is_read() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("project_title", &"in the file")]);
    sandbox.ask("PRAGMA journal_mode = WAL");
    assert!(!sandbox.path("jobs.db-wal").exists());
    for args in ["show $A", "list --all"] {
        powerless(&sandbox, sandbox.jobctl(args))
            .ok()
            .stdout_has("in the file");
    }
}

/// A WAL file whose one job stands in the WAL alone, which lies beside it.
fn unfinished_wal() -> Sandbox {
    let from = Sandbox::report();
    from.ask("PRAGMA journal_mode = WAL");
    let reader = from.connection();
    let none: i64 = reader
        .query_row("SELECT count(*) FROM video_generation_jobs", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(none, 0);
    // The last one to leave writes the WAL back; `reader` stays.
    from.job(A, &[("project_title", &"in the wal")]);
    let sandbox = Sandbox::new();
    for name in ["jobs.db", "jobs.db-wal"] {
        fs::copy(from.path(name), sandbox.path(name)).unwrap();
    }
    sandbox
}

#[test]
fn what_stands_in_a_wal_is_shown_or_an_error_but_never_passed_over() {
    let sandbox = unfinished_wal();
    let run = powerless(&sandbox, sandbox.jobctl("list"));
    assert!(
        run.status == 74 || run.stdout.contains("in the wal"),
        "{run}"
    );
    assert!(run.status == 0 || run.stderr.contains("jobs.db"), "{run}");
}

#[test]
fn what_stands_in_a_wal_is_shown_where_the_folder_may_be_written() {
    let sandbox = unfinished_wal();
    sandbox.jobctl("list").run().ok().stdout_has("in the wal");
}

#[test]
fn a_file_that_may_not_be_read_is_an_error_that_names_it() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    fs::set_permissions(sandbox.db(), fs::Permissions::from_mode(0o000)).unwrap();
    let run = if is_root() {
        unreadable(&sandbox)
    } else {
        sandbox.jobctl("list").run()
    };
    assert!([66, 74].contains(&run.status), "{run}");
    assert!(run.stderr.contains("jobs.db"), "{run}");
}

/// As one who may not read the file.
fn unreadable(sandbox: &Sandbox) -> Output {
    let elsewhere = sandbox.path("jobs.db.away");
    fs::rename(sandbox.db(), &elsewhere).unwrap();
    // `powerless` makes readable what is named as a database; this one it does not know.
    let run = powerless(sandbox, sandbox.jobctl("list --db jobs.db.away"));
    fs::rename(&elsewhere, sandbox.db()).unwrap();
    run
}

#[test]
fn a_file_that_is_no_database_is_an_error_that_names_it() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "jobs.db",
        "this is no database, but a text that is long enough to be taken for one at first sight\n"
            .repeat(50),
    );
    let run = sandbox.jobctl("list").run();
    assert_ne!(run.status, 0, "{run}");
    assert!(
        run.stderr.contains("jobs.db") && run.stderr.contains("not a"),
        "{run}"
    );
}

#[test]
fn a_dry_run_of_an_import_works_on_a_hot_journal() {
    let sandbox = hot();
    sandbox.write("dump.jsonl", super::dump(2));
    let run = sandbox
        .jobctl("migrate dump.jsonl --dry-run -o json")
        .run()
        .ok();
    assert_eq!(run.json()["inserted"], 2, "{run}");
    assert_eq!(sandbox.cell(A, "project_title"), "text|before");
    assert_eq!(sandbox.count(), 2_001);
    is_sound(&sandbox);
}
