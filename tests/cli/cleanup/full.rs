//! No room, or no leave to write, under the archive or under the database: a clear word, nothing lost, and the next run finishes.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use super::restore::{NAMES, restored};
use super::{DAYS_100, states};
use crate::args::Args;
use crate::export::fill;
use crate::locks::cut_short::SLOW;
use crate::locks::full::{after, limit};
use crate::locks::is_sound;
use crate::machine::{Immutable, is_root, skipped};
use crate::migrate::running::Running;
use crate::support::{Output, Sandbox};

const JOBS: usize = 1_000;

/// Old jobs of which none can be packed small.
fn many(bytes: usize) -> Sandbox {
    let sandbox = Sandbox::report();
    fill(&sandbox, JOBS, bytes);
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET completed_at = '{DAYS_100}'"
    ));
    sandbox
}

fn args(archive: &str) -> String {
    format!("cleanup --older-than 30d --archive {archive} --yes")
}

/// The ids in the table and in the archive.
#[track_caller]
fn everywhere(sandbox: &Sandbox, archive: &str) -> BTreeSet<String> {
    let mut ids = archived(sandbox, archive);
    ids.extend(sandbox.ids());
    ids
}

/// The ids in the archive.
#[track_caller]
fn archived(sandbox: &Sandbox, archive: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    if sandbox.path(archive).exists() {
        let _ = fs::remove_file(sandbox.path("read.db"));
        // What was torn off in the middle is no reason to lose what is whole.
        let run = sandbox
            .jobctl(["--db", "read.db", "migrate", archive, "-q"])
            .run();
        assert!([0, 65].contains(&run.status), "{run}");
        if sandbox.path("read.db").exists() {
            let list = sandbox.jobctl("--db read.db list --all -o ids");
            ids.extend(list.run().stdout.lines().map(str::to_owned));
        }
    }
    ids
}

/// Nothing is lost, it was said clearly, and the next run finishes. Before this one so many jobs were in the table, and in all.
#[track_caller]
fn nothing_is_lost(sandbox: &Sandbox, archive: &str, run: &Output, [table, jobs]: [usize; 2]) {
    assert!(run.stderr.contains("jobctl: error: "), "{run}");
    is_sound(sandbox);
    assert_eq!(everywhere(sandbox, archive).len(), jobs, "{run}");
    let gone = table as i64 - sandbox.count();
    if gone > 0 {
        let said = run.stderr.replace(',', "");
        assert!(
            said.contains(&format!("removed {gone} job")),
            "{gone} are gone{run}"
        );
    }
    sandbox.jobctl(args(archive)).run().ok();
    assert_eq!(sandbox.count(), 0);
    assert_eq!(restored(sandbox, archive).len(), jobs);
}

/// A large archive, and a small file beside it: only the archive finds no room when files may not grow beyond it.
#[test]
fn an_archive_that_may_not_grow_is_74_and_nothing_is_lost() {
    for name in NAMES {
        let sandbox = many(3_000);
        sandbox.jobctl(args(name)).run().ok();
        sandbox.sql("VACUUM");
        fill(&sandbox, 300, 400);
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET id = 'more' || id, completed_at = '{DAYS_100}'"
        ));
        let size = fs::metadata(sandbox.path(name)).unwrap().len();
        assert!(size > 2 * fs::metadata(sandbox.db()).unwrap().len());
        for room in [0, 4, 40] {
            let limit = limit(usize::try_from(size / 1024).unwrap() + room);
            let run = after(&limit, sandbox.jobctl(args(name)));
            if run.status == 0 {
                assert!(room > 0, "{run}");
                continue;
            }
            let run = run.fails(74).stderr_has(name);
            let there = everywhere(&sandbox, name).len();
            assert_eq!(there, JOBS + 300, "{name} {room}{run}");
            is_sound(&sandbox);
        }
        sandbox.jobctl(args(name)).run().ok();
        assert_eq!(sandbox.count(), 0);
        assert_eq!(restored(&sandbox, name).len(), JOBS + 300);
    }
}

#[test]
fn an_archive_on_a_device_without_room_is_74() {
    let sandbox = states(&["completed"]);
    let run = sandbox.jobctl(args("/dev/full")).run();
    assert_ne!(run.status, 0, "{run}");
    assert_eq!(sandbox.count(), 1);
}

/// Runs it with a small file system at `small`, into which this was copied and from which all is copied back; None where none can
/// be made.
fn on_a_small_disk(
    sandbox: &Sandbox,
    kilobytes: u64,
    before: &str,
    args: impl Args,
    db: &str,
) -> Option<Output> {
    fs::create_dir_all(sandbox.path("small")).unwrap();
    // The mount is the shell's alone and goes with it.
    let script = format!(
        "mkdir out; mount -t tmpfs -o size={kilobytes}k none small 2>/dev/null || exit 99
         {before}; JOBCTL_DB={db} \"$0\" \"$@\"; status=$?; cp small/* out/ 2>/dev/null; umount small; mv out/* small/ 2>/dev/null
         rmdir out; exit $status"
    );
    let run = sandbox.jobctl(args);
    let ran = run.said();
    let command = run.command();
    let mut unshare = Command::new("unshare");
    unshare
        .args(["--mount", "sh", "-c", &script])
        .arg(command.get_program())
        .args(command.get_args())
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(sandbox.path(""))
        .stdin(Stdio::null());
    let possible = Command::new("unshare").args(["--mount", "true"]).output();
    let output = possible
        .is_ok_and(|it| it.status.success())
        .then(|| unshare.output().unwrap())
        .filter(|output| output.status.code() != Some(99));
    let Some(output) = output else {
        skipped("no small file system can be made here");
        return None;
    };
    Some(Output {
        ran,
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    })
}

#[test]
fn an_archive_on_a_full_disk_is_74_and_nothing_is_lost() {
    for name in NAMES {
        for kilobytes in [4, 400] {
            let sandbox = many(3_000);
            let archive = format!("small/{name}");
            let run = on_a_small_disk(&sandbox, kilobytes, "true", args(&archive), "jobs.db");
            let Some(run) = run else { return };
            let run = run.fails(74).stderr_has(name);
            nothing_is_lost(&sandbox, &archive, &run, [JOBS, JOBS]);
        }
    }
}

#[test]
fn a_database_on_a_full_disk_is_74_and_nothing_is_lost() {
    for mode in ["delete", "wal"] {
        for room in [0, 8, 64] {
            let sandbox = many(3_000);
            sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
            let size = fs::metadata(sandbox.db()).unwrap().len() / 1024;
            let copy = "cp jobs.db small/";
            let run = on_a_small_disk(
                &sandbox,
                size + room,
                copy,
                args("old.jsonl.zst"),
                "small/jobs.db",
            );
            let Some(run) = run else { return };
            fs::remove_file(sandbox.db()).unwrap();
            for entry in fs::read_dir(sandbox.path("small")).unwrap() {
                let entry = entry.unwrap();
                fs::rename(entry.path(), sandbox.path(entry.file_name())).unwrap();
            }
            if run.status == 0 {
                assert!(room > 0, "{mode} {room}{run}");
                continue;
            }
            assert_eq!(run.status, 74, "{mode} {room}{run}");
            nothing_is_lost(&sandbox, "old.jsonl.zst", &run, [JOBS, JOBS]);
        }
    }
}

#[test]
fn a_database_that_may_not_be_written_is_74_and_nothing_goes() {
    let sandbox = states(&["completed"]);
    let Some(run) = read_only(&sandbox, ".", args("old.jsonl")) else {
        return;
    };
    run.fails(74).stderr_has("jobs.db");
    assert_eq!(sandbox.count(), 1);
}

/// Runs it where this folder may not be written, which stops root as well; None where that cannot be done.
fn read_only(sandbox: &Sandbox, folder: &str, args: impl Args) -> Option<Output> {
    let possible = Command::new("unshare")
        .args(["--mount", "mount", "--bind", "/usr", "/usr"])
        .output();
    if !is_root() || !possible.is_ok_and(|it| it.status.success()) {
        skipped("nothing can be mounted here");
        return None;
    }
    let shell = format!(
        "exec unshare --mount sh -c 'mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} || exit 99
         cd \"$PWD\" && exec \"$0\" \"$@\"' \"$0\" \"$@\""
    );
    Some(after(&shell, sandbox.jobctl(args)))
}

#[test]
fn an_archive_in_a_folder_that_may_not_be_written_is_74_and_nothing_goes() {
    for (name, there) in [("new.jsonl", false), ("old.jsonl", true)] {
        let sandbox = states(&["completed"]);
        fs::create_dir(sandbox.path("archives")).unwrap();
        let archive = format!("archives/{name}");
        if there {
            sandbox.jobctl(args(&archive)).run().ok();
            super::job(&sandbox, "another", "failed", DAYS_100);
        }
        let Some(run) = read_only(&sandbox, "archives", args(&archive)) else {
            return;
        };
        let run = run.fails(74).stderr_has(&archive);
        let run = run.stderr_has("hint: name a path that may be written");
        assert_eq!(sandbox.count(), 1, "{run}");
        nothing_is_lost(&sandbox, &archive, &run, [1, 1 + usize::from(there)]);
    }
}

#[test]
fn an_archive_that_nobody_may_change_is_74_and_nothing_goes() {
    let sandbox = states(&["completed"]);
    sandbox.jobctl(args("old.jsonl.zst")).run().ok();
    super::job(&sandbox, "another", "failed", DAYS_100);
    let Some(kept) = Immutable::make(sandbox.path("old.jsonl.zst")) else {
        return;
    };
    let run = sandbox.jobctl(args("old.jsonl.zst")).run();
    drop(kept);
    let run = run.fails(74).stderr_has("old.jsonl.zst");
    let run = run.stderr_has("it is marked as one that nobody may change");
    let run = run.stderr_has("hint: take the mark away first: chattr -i /");
    assert_eq!(sandbox.ids(), ["another"]);
    nothing_is_lost(&sandbox, "old.jsonl.zst", &run, [1, 2]);
}

#[test]
fn a_run_that_finds_no_room_removes_no_folder_whose_job_is_not_in_the_archive() {
    let sandbox = many(3_000);
    sandbox.sql("UPDATE video_generation_jobs SET working_dir = 'w/' || id");
    let ids = sandbox.ids();
    for id in &ids {
        sandbox.write(&format!("service/w/{id}/video.mp4"), "a video");
    }
    let args = args("small/old.jsonl") + " --files-under service";
    let Some(run) = on_a_small_disk(&sandbox, 800, "true", &args, "jobs.db") else {
        return;
    };
    let run = run.fails(74);
    let text = fs::read_to_string(sandbox.path("small/old.jsonl")).unwrap_or_default();
    let archived: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.ends_with('}'))
        .filter_map(|line| line.get(8..44))
        .collect();
    for id in &ids {
        let there = sandbox.path(format!("service/w/{id}/video.mp4")).exists();
        assert!(there || archived.contains(id.as_str()), "{id}{run}");
    }
    sandbox.jobctl(&args).run().ok();
    assert_eq!(sandbox.count(), 0);
    assert_eq!(fs::read_dir(sandbox.path("service/w")).unwrap().count(), 0);
    assert_eq!(restored(&sandbox, "small/old.jsonl").len(), JOBS);
}

/// Each job is in the table or in the archive, and its folder is gone only if its row is in the archive.
#[test]
fn an_archive_that_nobody_may_change_any_more_while_it_runs_is_74_and_nothing_is_lost() {
    for name in NAMES {
        let sandbox = Sandbox::report();
        fill(&sandbox, JOBS, 16_000);
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET completed_at = '{DAYS_100}', working_dir = 'w/' || id; {SLOW}"
        ));
        let ids = sandbox.ids();
        for id in &ids {
            sandbox.write(&format!("service/w/{id}/video.mp4"), "a video");
        }
        let archive = format!("archives/{name}");
        fs::create_dir(sandbox.path("archives")).unwrap();
        let args = args(&archive) + " --files-under service";
        let mut running = Running::start(sandbox.jobctl(&args));
        let file = sandbox.path(&archive);
        running.until("the archive grows", || {
            fs::metadata(&file).is_ok_and(|it| it.len() > 0)
        });
        let kept = Immutable::make(file.clone());
        let folder = Immutable::make(sandbox.path("archives"));
        if kept.is_none() || folder.is_none() {
            return;
        }
        let run = running.outcome();
        drop((kept, folder));
        let run = run.fails(74).stderr_has(&archive);
        is_sound(&sandbox);
        let there = sandbox.count() as usize;
        assert!(0 < there && there < JOBS, "{run}");
        assert_eq!(everywhere(&sandbox, &archive).len(), JOBS, "{run}");
        let archived = archived(&sandbox, &archive);
        for id in &ids {
            let folder = sandbox.path(format!("service/w/{id}/video.mp4")).exists();
            assert!(folder || archived.contains(id), "{id}{run}");
        }
        sandbox.jobctl(&args).run().ok();
        assert_eq!(sandbox.count(), 0);
        assert_eq!(fs::read_dir(sandbox.path("service/w")).unwrap().count(), 0);
        assert_eq!(restored(&sandbox, &archive).len(), JOBS);
    }
}
