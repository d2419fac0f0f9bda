//! `--backup` of the commands that change jobs.

use std::fs;

use super::{all, names};
use crate::support::{A, B, Sandbox, hash};

/// Command lines that change something, without the flag.
const LINES: [&str; 7] = [
    "update $A --cancel",
    "delete $A",
    "delete --status queued --yes",
    "cleanup --older-than 1d --yes",
    "migrate dump.jsonl",
    "migrate dump.jsonl --on-conflict replace --atomic",
    "redact $A --fields content --yes",
];

fn sandbox(mode: &str) -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.sql(&format!("PRAGMA journal_mode = {mode};"));
    sandbox.job(A, &[]);
    sandbox.job(
        B,
        &[
            ("status", &"completed"),
            ("completed_at", &"2026-01-01 00:00:00.000000"),
        ],
    );
    sandbox.write(
        "dump.jsonl",
        r#"{"job_id": "c3333333-3333-4333-8333-333333333333", "job_type": "idea2video", "status": "failed", "content": "A cat crosses the road"}"#,
    );
    fs::create_dir(sandbox.path("kept")).unwrap();
    sandbox
}

#[test]
fn a_backup_is_made_before_the_first_change() {
    for mode in ["delete", "wal"] {
        for line in LINES {
            for (flag, file) in [
                ("--backup", "jobs-20260115T120000Z.db"),
                ("--backup=kept/", "kept/jobs-20260115T120000Z.db"),
                ("--backup=kept/before.db", "kept/before.db"),
            ] {
                let sandbox = sandbox(mode);
                let before = all(&sandbox.db());
                sandbox
                    .jobctl((line, flag))
                    .run()
                    .ok()
                    .stderr_has(&format!("backed up 2 jobs to {file} ("));
                assert_eq!(all(&sandbox.path(file)), before, "{line} {flag}");
                assert_ne!(all(&sandbox.db()), before, "{line} {flag}");
            }
        }
    }
}

#[test]
fn where_it_cannot_be_made_nothing_is_changed() {
    for line in LINES {
        let sandbox = sandbox("delete");
        sandbox.write("there.db", "x");
        let before = hash(sandbox.db());
        let there = names(&sandbox, "");
        for (flag, status, words) in [
            ("--backup=there.db", 4, "there.db exists already"),
            ("--backup=nowhere/", 66, "its folder is not there"),
            ("--backup=jobs.db", 2, "belongs to the database"),
        ] {
            let run = sandbox.jobctl((line, flag)).run().fails(status);
            run.no_stdout().stderr_has(words);
            assert_eq!(hash(sandbox.db()), before, "{line} {flag}");
            assert_eq!(names(&sandbox, ""), there, "{line} {flag}");
        }
        super::refused::damage(&sandbox);
        let before = hash(sandbox.db());
        sandbox
            .jobctl((line, "--backup"))
            .run()
            .fails(1)
            .stderr_has("nothing was changed, for lack of a backup");
        assert_eq!(hash(sandbox.db()), before, "{line}");
        assert_eq!(names(&sandbox, ""), there, "{line}");
    }
}

#[test]
fn what_changes_nothing_makes_none() {
    let sandbox = sandbox("delete");
    let there = names(&sandbox, "");
    for line in LINES {
        let line = line.replace(" --yes", "");
        sandbox.jobctl((line, "--backup --dry-run")).run().ok();
    }
    sandbox
        .jobctl("cleanup --older-than 1d --explain --backup")
        .run()
        .ok();
    sandbox.jobctl("delete - --backup").run().ok();
    sandbox.jobctl("update - --cancel --backup").run().ok();
    sandbox
        .jobctl("delete --status failed --yes --backup")
        .run()
        .ok();
    sandbox
        .jobctl("delete --status queued --backup")
        .run()
        .fails(4);
    sandbox.jobctl("update $C --cancel --backup").run().fails(3);
    for line in [
        "cleanup --older-than 900d --yes",
        "cleanup --older-than 900d --yes --archive kept/old.jsonl",
        "update $A --status queued",
        "delete $C --ignore-missing",
        "redact --status failed --yes",
    ] {
        sandbox.jobctl((line, "--backup")).run().ok();
    }
    // One of them could be changed, and the other not.
    sandbox
        .jobctl("update $A $B --cancel --backup")
        .run()
        .fails(4)
        .stderr_has("job b2222222-2222-4222-8222-222222222222: it is completed")
        .stderr_lacks("backup");
    sandbox.sql("UPDATE video_generation_jobs SET status = 'processing' WHERE status = 'queued'");
    sandbox.jobctl("delete $A $B --backup").run().fails(4);
    assert_eq!(names(&sandbox, ""), there);
}

#[test]
fn a_file_that_is_named_behind_a_space_is_hinted_at() {
    let sandbox = sandbox("delete");
    let before = hash(sandbox.db());
    for line in LINES {
        let mut status = match line.split(' ').next() {
            Some("migrate") => 66,
            Some("cleanup") => 2,
            _ => 3,
        };
        // Ids and a filter are not given together.
        if line.starts_with("delete --") {
            status = 2;
        }
        let run = sandbox.jobctl((line, "--backup before.db")).run();
        assert_eq!(run.status, status, "{line}{run}");
        if status != 2 || line.starts_with("cleanup") {
            run.stderr_has("where that is the value of --backup, write --backup=before.db")
                .stderr_lacks("begins as a flag does");
        }
        assert_eq!(hash(sandbox.db()), before, "{line}");
    }
    // What is wrong with another word is another matter.
    sandbox
        .jobctl("update $C --cancel --backup $A")
        .run()
        .fails(3)
        .stderr_lacks("--backup=");
}

#[test]
fn of_a_database_that_is_only_made_there_is_none() {
    let sandbox = sandbox("delete");
    sandbox
        .jobctl("--db new.db migrate dump.jsonl --backup")
        .run()
        .ok()
        .stderr_has("no backup was made: the database is not there yet");
    assert!(
        names(&sandbox, "")
            .iter()
            .all(|name| !name.starts_with("new-"))
    );
}
