//! Folders that should go and do not keep the rows of their jobs; and what must not go with a folder that lies around it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::folders::{fill, service, swept, told, working};
use super::{DAYS_100, job};
use crate::args::Args;
use crate::locks::full::after;
use crate::machine::{is_root, skipped};
use crate::support::{A, B, C, Output, Sandbox};

/// Cleans up where the folder of A holds something that cannot be removed; None where no such thing can be made.
fn stubborn(sandbox: &Sandbox, more: impl Args) -> Option<Output> {
    let inner = format!("service/w/{A}/shots/0");
    let args = "cleanup --older-than 30d --files-under service --yes";
    let run = sandbox.jobctl((args, more));
    if !is_root() {
        let mode = |mode| {
            fs::set_permissions(sandbox.path(&inner), fs::Permissions::from_mode(mode)).unwrap()
        };
        mode(0o555);
        let output = run.run();
        mode(0o755);
        return Some(output);
    }
    let mount = Command::new("unshare")
        .args(["--mount", "mount", "--bind", "/usr", "/usr"])
        .output();
    if !mount.is_ok_and(|it| it.status.success()) {
        skipped("nothing can be mounted here");
        return None;
    }
    fs::create_dir_all(sandbox.path("victim")).unwrap();
    fs::write(sandbox.path("victim/kept"), "kept").unwrap();
    // The mount is the shell's alone and goes with it.
    let shell = format!(
        "exec unshare --mount sh -c 'mount --bind victim {inner} || exit 99; exec \"$0\" \"$@\"' \"$0\" \"$@\""
    );
    let output = after(&shell, run);
    assert!(sandbox.path("victim/kept").exists(), "{output}");
    Some(output)
}

#[test]
fn a_folder_that_cannot_be_removed_keeps_its_row_and_the_others_go() {
    let sandbox = service();
    for id in [B, C] {
        fill(&sandbox.path(format!("service/w/{id}")));
        working(&sandbox, id, &format!("w/{id}"));
    }
    let row = sandbox.row(A);
    let Some(run) = stubborn(&sandbox, "--archive old.jsonl") else {
        return;
    };
    let run = run.fails(1).stderr_has(&format!("service/w/{A}"));
    assert_eq!(sandbox.ids(), [A], "{run}");
    assert_eq!(sandbox.changed(A, &row), [""; 0]);
    for id in [B, C] {
        assert!(!sandbox.path(format!("service/w/{id}")).exists(), "{run}");
    }
    swept(&sandbox, "--archive old.jsonl").ok();
    assert_eq!(sandbox.count(), 0);
    let restore = sandbox.jobctl("migrate old.jsonl -o json").run().ok();
    assert_eq!(sandbox.count(), 3, "{restore}");
    assert_eq!(sandbox.changed(A, &row), [""; 0]);
}

#[test]
fn a_folder_that_cannot_be_removed_is_an_error_under_quiet_and_in_json() {
    for more in ["-q", "-o json"] {
        let sandbox = service();
        let Some(run) = stubborn(&sandbox, more) else {
            return;
        };
        let run = run.fails(1);
        assert!(run.stderr.contains(&format!("service/w/{A}")), "{run}");
        if more == "-o json" {
            let told = told(&run);
            assert_eq!(told["failed"], 1, "{run}");
            assert_eq!(told["failed_named"][0]["job_id"], A, "{run}");
            assert_eq!(run.json()["deleted"], 0, "{run}");
        }
        assert_eq!(sandbox.ids(), [A], "{run}");
    }
}

#[test]
fn folders_that_cannot_be_removed_are_all_named_up_to_ten() {
    for (count, rest) in [(3, None), (10, None), (12, Some("; and 2 more"))] {
        let sandbox = Sandbox::report();
        let ids: Vec<String> = (0..count)
            .map(|place| format!("{place:08}-1111-4111-8111-111111111111"))
            .collect();
        for id in &ids {
            fill(&sandbox.path(format!("service/w/{id}")));
            working(&sandbox, id, &format!("w/{id}"));
        }
        let Some(run) = all_stubborn(&sandbox) else {
            return;
        };
        let run = run.fails(1).stderr_has(&format!(
            "{count} working folders could not be removed, and the jobs stay: "
        ));
        let named = ids.iter().filter(|id| run.stderr.contains(*id)).count();
        assert_eq!(named, count.min(10), "{run}");
        match rest {
            Some(rest) => drop(run.stderr_has(rest)),
            None => drop(run.stderr_lacks(" more")),
        }
        assert_eq!(sandbox.count(), count as i64);
    }
}

#[test]
fn a_folder_on_a_read_only_mount_says_how_it_is_made_writable() {
    let possible = Command::new("unshare")
        .args(["--mount", "mount", "--bind", "/usr", "/usr"])
        .output();
    if !is_root() || !possible.is_ok_and(|it| it.status.success()) {
        skipped("nothing can be mounted here");
        return;
    }
    let sandbox = Sandbox::report();
    fill(&sandbox.path(format!("service/w/{A}")));
    working(&sandbox, A, &format!("w/{A}"));
    let shell = "exec unshare --mount sh -c 'mount --bind service service && mount -o remount,ro,bind service || exit 99; exec \"$0\" \"$@\"' \"$0\" \"$@\"";
    let args = "cleanup --older-than 30d --files-under service --yes";
    after(shell, sandbox.jobctl(args))
        .fails(1)
        .stderr_has("its file system is read-only here")
        .stderr_has(
            "hint: mount it for writing, or name it in ReadWritePaths= of the systemd unit",
        );
    assert_eq!(sandbox.ids(), [A]);
}

/// Cleans up where no folder of any job can be removed.
fn all_stubborn(sandbox: &Sandbox) -> Option<Output> {
    let run = sandbox.jobctl("cleanup --older-than 30d --files-under service --yes");
    if !is_root() {
        let shell = "chmod 555 service/w/*/shots/0; \"$0\" \"$@\"; status=$?; chmod 755 service/w/*/shots/0; exit $status";
        return Some(after(shell, run));
    }
    let mount = Command::new("unshare")
        .args(["--mount", "mount", "--bind", "/usr", "/usr"])
        .output();
    if !mount.is_ok_and(|it| it.status.success()) {
        skipped("nothing can be mounted here");
        return None;
    }
    fs::create_dir_all(sandbox.path("victim")).unwrap();
    fs::write(sandbox.path("victim/kept"), "kept").unwrap();
    let shell = "exec unshare --mount sh -c 'for inner in service/w/*/shots/0; do mount --bind victim \"$inner\" || exit 99; done; exec \"$0\" \"$@\"' \"$0\" \"$@\"";
    Some(after(shell, run))
}

#[test]
fn a_run_that_could_remove_no_folder_says_so() {
    let Some(run) = stubborn(&service(), "") else {
        return;
    };
    run.fails(1)
        .stderr_has("removed 0 jobs; no folder removed")
        .stderr_has("1 working folder could not be removed");
}

#[test]
fn an_archive_in_a_folder_that_goes_is_not_lost() {
    let sandbox = service();
    let archive = format!("service/w/{A}/old.jsonl");
    let run = swept(&sandbox, ["--archive", &archive]);
    let there = fs::read_to_string(sandbox.path(&archive)).unwrap_or_default();
    assert!(
        sandbox.count() == 1 || there.contains(A),
        "the job is in neither{run}"
    );
}

#[test]
fn a_database_in_a_folder_that_goes_is_not_lost() {
    let sandbox = service();
    let db = sandbox.path(format!("service/w/{A}/jobs.db"));
    job(&sandbox, B, "queued", DAYS_100);
    fs::rename(sandbox.db(), &db).unwrap();
    let run = sandbox.jobctl("cleanup --older-than 30d --files-under service --yes");
    let run = run.env("JOBCTL_DB", &db).run();
    assert!(db.exists(), "the database is gone{run}");
}
