//! No room: a limit on the size of files, a small file system, a stdout that takes nothing. The answer is 74 and a sound file.

use std::process::{Command, Stdio};

use super::{dump, is_sound};
use crate::machine::skipped;
use crate::support::{A, Output, Run, Sandbox};

/// Runs a command in a shell that prepares the ground first.
#[track_caller]
pub fn after(preparation: &str, run: Run) -> Output {
    let ran = run.said();
    let command = run.command();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("{preparation} && exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args());
    shell.env_clear().envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = shell
        .current_dir(command.get_current_dir().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    let status = output
        .status
        .code()
        .unwrap_or_else(|| panic!("{}: {stderr}", output.status));
    assert!(!stderr.contains("panicked at"), "a panic: {stderr}");
    Output {
        ran,
        status,
        stdout,
        stderr,
    }
}

/// No file may grow beyond so many KiB. The system would kill who writes beyond, as it does nothing about the signal
/// itself; jobctl does.
pub fn limit(kilobytes: usize) -> String {
    // A shell counts in blocks of 512 bytes or of 1,024.
    format!("ulimit -f {kilobytes}")
}

fn jobs() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("status", &"failed")]);
    sandbox.write("dump.jsonl", dump(2_000));
    sandbox
}

#[track_caller]
fn inserted(run: &Output) -> i64 {
    let document: serde_json::Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("no summary{run}"));
    document["inserted"].as_i64().unwrap()
}

#[test]
fn an_import_that_finds_no_room_ends_with_74_and_reports_what_is_there() {
    let sandbox = jobs();
    let run = after(&limit(1_000), sandbox.jobctl("migrate dump.jsonl")).fails(74);
    is_sound(&sandbox);
    let there = sandbox.count() - 1;
    assert!(there < 2_000, "{run}");
    let said = run.stderr.replace(',', "");
    if said.contains("inserted") {
        assert!(
            said.contains(&format!("inserted {there} "))
                || said.contains(&format!("inserted {there}\n")),
            "{there} are there{run}"
        );
    }
    assert!(run.stderr.contains("jobctl: error: "), "{run}");
}

#[test]
fn an_import_that_finds_no_room_reports_what_is_there_in_json() {
    let sandbox = jobs();
    let run = after(&limit(1_000), sandbox.jobctl("migrate dump.jsonl -o json")).fails(74);
    if !run.stdout.is_empty() {
        assert_eq!(inserted(&run), sandbox.count() - 1, "{run}");
    }
    is_sound(&sandbox);
}

#[test]
fn an_import_that_found_no_room_is_finished_by_a_second_run() {
    let sandbox = jobs();
    after(&limit(1_000), sandbox.jobctl("migrate dump.jsonl")).fails(74);
    sandbox.jobctl("migrate dump.jsonl").run().ok();
    assert_eq!(sandbox.count(), 2_001);
}

#[test]
fn an_import_into_a_new_file_that_finds_no_room_ends_with_74() {
    let sandbox = Sandbox::new();
    sandbox.write("dump.jsonl", dump(2_000));
    after(&limit(1_000), sandbox.jobctl("migrate dump.jsonl")).fails(74);
    is_sound(&sandbox);
    sandbox.jobctl("migrate dump.jsonl").run().ok();
    assert_eq!(sandbox.count(), 2_000);
}

#[test]
fn changes_that_find_no_room_end_with_74_and_change_nothing() {
    let changes: [&str; 4] = [
        "create --type idea2video --content 'A cat crosses the road'",
        "update $A --title New",
        "delete $A",
        "cleanup --older-than 1d --yes",
    ];
    for args in changes {
        let sandbox = jobs();
        let before = sandbox.row(A);
        let run = after(&limit(1), sandbox.jobctl(args)).fails(74).no_stdout();
        assert!(run.stderr.contains("jobctl: error: "), "{run}");
        is_sound(&sandbox);
        assert_eq!(sandbox.ids(), [A], "{args:?}");
        assert_eq!(sandbox.changed(A, &before), [""; 0], "{args:?}");
    }
}

#[test]
fn a_new_file_that_finds_no_room_ends_with_74_and_no_id() {
    let sandbox = Sandbox::new();
    let create = sandbox.jobctl("create --type idea2video --content 'A cat crosses the road'");
    after(&limit(1), create).fails(74).no_stdout();
    sandbox
        .jobctl("create --type idea2video --content 'A cat crosses the road'")
        .run()
        .ok();
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn rejects_that_find_no_room_end_with_74() {
    let sandbox = Sandbox::service();
    sandbox.write(
        "dump.jsonl",
        dump(100).replace("failed\"", "failed\", \"progress\": 120"),
    );
    after(
        &limit(20),
        sandbox.jobctl("migrate dump.jsonl --rejects bad.jsonl"),
    )
    .fails(74)
    .stderr_has("bad.jsonl");
}

#[test]
fn a_full_file_system_ends_with_74_and_a_sound_file() {
    let sandbox = jobs();
    std::fs::create_dir(sandbox.path("small")).unwrap();
    std::fs::create_dir(sandbox.path("out")).unwrap();
    // The mount is the shell's alone and goes with it.
    let script = "mount -t tmpfs -o size=1m none small 2>/dev/null || exit 99
        cp jobs.db small/ && JOBCTL_DB=small/jobs.db \"$0\" migrate dump.jsonl -o json; status=$?; cp small/* out/; exit $status";
    let command = sandbox.jobctl([""; 0]).command();
    let mut unshare = Command::new("unshare");
    unshare
        .args(["--mount", "sh", "-c", script])
        .arg(command.get_program())
        .current_dir(sandbox.path(""))
        .stdin(Stdio::null());
    let output = unshare.output();
    let Some(output) = output
        .ok()
        .filter(|output| ![Some(99), Some(1)].contains(&output.status.code()))
    else {
        skipped("no small file system can be made here");
        return;
    };
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(74), "{stderr}");
    for name in std::fs::read_dir(sandbox.path("out")).unwrap() {
        let name = name.unwrap();
        std::fs::rename(name.path(), sandbox.path(name.file_name())).unwrap();
    }
    is_sound(&sandbox);
    let stdout = String::from_utf8(output.stdout).unwrap();
    if let Ok(summary) = serde_json::from_str::<serde_json::Value>(&stdout) {
        assert_eq!(
            summary["inserted"].as_i64().unwrap(),
            sandbox.count() - 1,
            "{stderr}"
        );
    }
}

#[test]
fn a_stdout_that_takes_nothing_ends_with_74() {
    let sandbox = jobs();
    for args in [
        "list",
        "list -o json",
        "show $A",
        "list -o csv",
        "list -o ids",
        "show $A -o json",
        "stats",
        "stats -o prometheus",
        "export",
        "wait $A --for any -o jsonl",
        "update $A --title New -o json",
        "create --content 'A fox learns to sail the sea' --type idea2video",
        "migrate dump.jsonl -o json",
        "cleanup --older-than 0s --dry-run",
        "cleanup --older-than 0s --yes -o json",
        "delete $A --ignore-missing -o json",
        "completions bash",
        "man",
        "--help",
        "list --help",
        "--version",
    ] {
        let run = after("exec >/dev/full", sandbox.jobctl(args));
        assert_eq!(run.status, 74, "{args:?}{run}");
        assert!(run.stderr.contains("writing to stdout: "), "{args:?}{run}");
        assert!(run.stderr.contains("make room"), "{args:?}{run}");
    }
}
