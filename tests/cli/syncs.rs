//! What is told as done is on disk: where a sync fails, a run says so and does not end with 0. strace makes them fail.

use std::path::Path;

use crate::args::Args;
use crate::machine::has_strace;
use crate::support::{A, B, C, Run, Sandbox};

/// The command with every sync of this file failing, or those of one that has not been made yet.
fn failing(sandbox: &Sandbox, file: &Path, error: &str, args: impl Args) -> Run {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let inject = |call: &str| format!("inject={call}:error={error}");
    let mut words = vec!["-f".to_owned(), "-qq".into(), "-o".into(), "trace".into()];
    words.extend(["-P".into(), file.display().to_string()]);
    words.extend(["-e".into(), "trace=fsync,fdatasync".into()]);
    words.extend([
        "-e".into(),
        inject("fsync"),
        "-e".into(),
        inject("fdatasync"),
    ]);
    words.push(env!("CARGO_BIN_EXE_jobctl").into());
    words.extend(args.words());
    sandbox.program("strace", words)
}

/// `jobs.db` in a folder of its own, with three jobs of which one has ended long ago.
fn jobs(mode: &str) -> Sandbox {
    let sandbox = Sandbox::report();
    for id in [A, B] {
        sandbox.job(id, &[]);
    }
    sandbox.job(
        C,
        &[
            ("status", &"completed"),
            ("completed_at", &"2025-01-10 00:00:00.000000"),
        ],
    );
    sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
    sandbox.write("dump.jsonl", ROW);
    sandbox.write("bad.jsonl", format!("{ROW}{{\"job_id\": \"\"}}\n"));
    sandbox
}

/// What brings one new job.
const ROW: &str = "{\"job_id\": \"d4444444-4444-4444-8444-444444444444\", \"job_type\": \"idea2video\", \"status\": \"queued\", \
     \"content\": \"A dog waits for the cat\", \"created_at\": \"2026-01-10T00:00:00\", \"updated_at\": \"2026-01-10T00:00:00\"}\n";

const CREATE: &str = "create --type idea2video --content 'A cat crosses the road'";

/// Every command that writes.
const WRITERS: &[&str] = &[
    CREATE,
    "update $A --title New",
    "delete $A",
    "delete --status queued --yes",
    "migrate dump.jsonl",
    "migrate dump.jsonl --atomic",
    "migrate dump.jsonl --exclusive",
    "cleanup --older-than 30d --yes",
    "cleanup --older-than 30d --yes --exclusive",
    "cleanup --older-than 30d --yes --archive old.jsonl",
];

#[test]
fn a_folder_that_cannot_be_synced_costs_the_change_and_is_named() {
    if !has_strace() {
        return;
    }
    for mode in ["DELETE", "WAL"] {
        for args in WRITERS {
            let sandbox = jobs(mode);
            let run = failing(&sandbox, &sandbox.path(""), "EIO", args).run();
            assert_eq!(run.status, 74, "{mode} {args:?}{run}");
            run.stderr_has("cannot be synced").stderr_has("hint:");
            assert_eq!(sandbox.ids(), [A, B, C], "{mode} {args:?}");
            assert_eq!(sandbox.cell(A, "project_title"), "null|");
            for suffix in ["-journal", "-wal"] {
                assert!(!sandbox.path(format!("jobs.db{suffix}")).exists());
            }
            assert_eq!(sandbox.ask("PRAGMA journal_mode"), mode.to_lowercase());
        }
    }
}

#[test]
fn a_folder_with_nothing_to_sync_is_no_error() {
    if !has_strace() {
        return;
    }
    for mode in ["DELETE", "WAL"] {
        for args in WRITERS {
            let sandbox = jobs(mode);
            failing(&sandbox, &sandbox.path(""), "EINVAL", args)
                .run()
                .ok();
            let sql =
                "SELECT count(*) || coalesce(max(project_title), '') FROM video_generation_jobs";
            assert_ne!(sandbox.ask(sql), "3", "{mode} {args:?}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_synced_is_said() {
    if !has_strace() {
        return;
    }
    for (mode, file) in [
        ("DELETE", "jobs.db"),
        ("DELETE", "jobs.db-journal"),
        ("WAL", "jobs.db-wal"),
    ] {
        for args in WRITERS {
            let sandbox = jobs(mode);
            let run = failing(&sandbox, &sandbox.path(file), "EIO", args).run();
            assert_eq!(run.status, 74, "{mode} {file} {args:?}{run}");
            run.stderr_has("jobs.db");
        }
    }
}

#[test]
fn a_new_file_whose_name_cannot_be_synced_is_said() {
    if !has_strace() {
        return;
    }
    for args in [CREATE, "migrate dump.jsonl"] {
        let sandbox = Sandbox::new();
        sandbox.write("dump.jsonl", ROW);
        let run = failing(&sandbox, &sandbox.path(""), "EIO", args).run();
        assert_eq!(run.status, 74, "{args:?}{run}");
        run.stderr_has("cannot be synced").stderr_has("jobs.db");
        failing(&sandbox, &sandbox.path(""), "EINVAL", args)
            .run()
            .ok();
    }
    let sandbox = jobs("DELETE");
    for args in [
        "export --to elsewhere/out.jsonl",
        "migrate bad.jsonl --rejects elsewhere/out.jsonl",
    ] {
        std::fs::create_dir_all(sandbox.path("elsewhere")).unwrap();
        let run = failing(&sandbox, &sandbox.path("elsewhere"), "EIO", args).run();
        assert_eq!(run.status, 74, "{args:?}{run}");
        run.stderr_has("cannot be synced")
            .stderr_has("elsewhere/out.jsonl");
        let run = failing(&sandbox, &sandbox.path("elsewhere/out.jsonl"), "EIO", args).run();
        assert!(
            args.starts_with("export") || run.status == 74,
            "{args:?}{run}"
        );
    }
}

#[test]
fn a_change_of_one_job_takes_five_syncs_and_one_of_the_folder() {
    if !has_strace() {
        return;
    }
    for mode in ["DELETE", "WAL"] {
        for args in [CREATE, "update $A --title New", "delete $A"] {
            let sandbox = jobs(mode);
            let mut words: Vec<_> = ["-f", "-qq", "-y", "-o", "trace", "-e"]
                .map(Into::into)
                .into();
            words.push("trace=fsync,fdatasync".into());
            words.push(env!("CARGO_BIN_EXE_jobctl").into());
            words.extend(args.words());
            sandbox.program("strace", words).run().ok();
            let trace = sandbox.read("trace");
            let folder = sandbox.path("").canonicalize().unwrap();
            let of_folder = format!("<{}>", folder.display());
            let folders = trace.lines().filter(|line| line.contains(&of_folder));
            assert_eq!(folders.count(), 1, "{mode} {args:?}\n{trace}");
            assert_eq!(trace.lines().count(), 5, "{mode} {args:?}\n{trace}");
            for suffix in ["-journal", "-wal"] {
                assert!(!sandbox.path(format!("jobs.db{suffix}")).exists());
            }
        }
    }
}

#[test]
fn every_folder_that_a_new_file_made_is_synced_from_above() {
    if !has_strace() {
        return;
    }
    for command in [CREATE, "migrate dump.jsonl"] {
        for above in ["", "one", "one/two"] {
            let sandbox = Sandbox::new();
            sandbox.write("dump.jsonl", ROW);
            let args = ("--db one/two/three/jobs.db", command);
            let run = failing(&sandbox, &sandbox.path(above), "EIO", args).run();
            assert_eq!(run.status, 74, "{above} {args:?}{run}");
            run.stderr_has("cannot be synced").stderr_has("jobs.db");
            assert!(!sandbox.path("one/two/three/jobs.db").exists());
            sandbox.jobctl(args).run().ok();
        }
    }
}
