//! A loss of power at any moment, simulated, and a ledger of what was told beside processes that are killed. The Python here does it
//! (`run.py` says how) on the binary of the build; this is the short form, and README has the long one.
//!
//! The Python is `JOBCTL_PYTHON`, else `python3`. Without it, or without strace, the tests say so and pass, unless
//! `JOBCTL_REQUIRE_STRACE=1`.

#![allow(unreachable_pub, clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};

fn python() -> String {
    std::env::var("JOBCTL_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Whether a program runs to a good end.
fn runs(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    let ended = command.args(args).stdin(Stdio::null()).output();
    ended.is_ok_and(|output| output.status.success())
}

/// None, after one line on standard error, where something is missing.
fn run(script: &str, args: &[&str]) -> Option<Output> {
    // One after the other: each of them uses more than one processor.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let traces = runs("strace", &["-qq", "-e", "trace=none", "true"]);
    if !traces || !runs(&python(), &["-c", "import sqlite3"]) {
        let missing = "strace that may trace, or Python with sqlite3, is not here";
        let required = std::env::var("JOBCTL_REQUIRE_STRACE").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "{missing}, and JOBCTL_REQUIRE_STRACE=1 asks for it"
        );
        // Written past the test runner's capture, which would hide it.
        use std::io::Write as _;
        let line = format!("skipped: {missing}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/power")
        .join(script);
    let mut command = Command::new(python());
    command
        .arg(script)
        .args(args)
        .stdin(Stdio::null())
        .env("JOBCTL", env!("CARGO_BIN_EXE_jobctl"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    for name in ["JOBCTL_DB", "DATABASE_URL", "TRANSACT"] {
        command.env_remove(name);
    }
    Some(command.output().unwrap())
}

#[track_caller]
fn passes(script: &str, args: &[&str]) {
    if let Some(output) = run(script, args) {
        let told = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script} {args:?}\n{told}{errors}");
    }
}

/// Without syncs, or with those of one file left out, faults are found; with them none.
#[test]
fn the_simulation_tells_what_sqlite_promises() {
    passes("run.py", &["--short", "--quick", "sqlite"]);
}

#[test]
fn single_jobs_survive_a_loss_of_power_once_they_are_told() {
    passes(
        "run.py",
        &["--short", "--quick", "create", "update", "delete"],
    );
}

#[test]
fn an_import_survives_a_loss_of_power() {
    passes("run.py", &["--short", "--quick", "migrate"]);
}

#[test]
fn a_cleanup_loses_no_job_and_no_archive() {
    passes("run.py", &["--short", "--quick", "cleanup"]);
}

#[test]
fn a_change_and_its_history_survive_a_loss_of_power_both_or_neither() {
    passes("run.py", &["--short", "--quick", "history"]);
}

#[test]
fn a_backup_is_whole_after_a_loss_of_power_and_so_is_what_a_restore_replaced() {
    passes(
        "run.py",
        &["--short", "--quick", "restore", "backup", "update after"],
    );
}

#[test]
fn a_simulation_of_nothing_is_an_error() {
    if let Some(output) = run("run.py", &["no such workload"]) {
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn what_was_told_beside_killed_runs_is_so_in_journal_mode_delete() {
    passes("torture.py", &["delete", "5"]);
}

#[test]
fn what_was_told_beside_killed_runs_is_so_in_journal_mode_wal() {
    passes("torture.py", &["wal", "5"]);
}
