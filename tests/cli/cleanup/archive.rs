//! The file of an archive: appended to, mended where a run was torn off, locked, and never one that it would be a pity to write into.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::process::Command;

use super::restore::{NAMES, are_equal, nasty, restored};
use super::{DAYS_100, cleanup, job, states};
use crate::export::{cells, fill};
use crate::locks::cut_short::SLOW;
use crate::locks::is_sound;
use crate::machine::skipped;
use crate::migrate::running::{Running, sleeps};
use crate::support::{A, B, C, Output, REPORT_SQL, Sandbox, hash};

/// Archives what is older than 30 days.
#[track_caller]
fn archived(sandbox: &Sandbox, name: &str) -> Output {
    cleanup(sandbox, ["--older-than", "30d", "--archive", name, "--yes"])
}

/// So many ended jobs of the service, 100 days old.
fn many(count: usize, bytes: usize) -> Sandbox {
    let sandbox = Sandbox::report();
    fill(&sandbox, count, bytes);
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET completed_at = '{DAYS_100}'"
    ));
    sandbox
}

/// The ids of what an archive gives back.
#[track_caller]
fn ids(sandbox: &Sandbox, name: &str) -> BTreeSet<String> {
    let rows = restored(sandbox, name);
    rows.into_iter().map(|row| row[0].clone()).collect()
}

/// How often these bytes stand in a file.
fn occurrences(sandbox: &Sandbox, name: &str, magic: &[u8]) -> usize {
    let bytes = fs::read(sandbox.path(name)).unwrap();
    bytes.windows(magic.len()).filter(|it| *it == magic).count()
}

#[test]
fn a_second_run_appends() {
    for name in NAMES {
        let sandbox = Sandbox::report();
        nasty(&sandbox);
        let before = cells(&sandbox.connection());
        archived(&sandbox, name).ok();
        let first = fs::read(sandbox.path(name)).unwrap();
        job(&sandbox, A, "failed", DAYS_100);
        let second = cells(&sandbox.connection());
        archived(&sandbox, name).ok();
        let both = fs::read(sandbox.path(name)).unwrap();
        assert!(both.starts_with(&first), "{name}: what was there changed");
        let mut expected = [before, second].concat();
        expected.sort();
        are_equal(&restored(&sandbox, name), &expected, name);
    }
}

#[test]
fn each_run_makes_a_frame_that_other_programs_read() {
    for (name, magic, program) in [
        ("old.jsonl.zst", &b"\x28\xb5\x2f\xfd"[..], "zstd"),
        ("old.jsonl.gz", &b"\x1f\x8b\x08"[..], "gzip"),
    ] {
        let sandbox = Sandbox::report();
        for id in [A, B, C] {
            job(&sandbox, id, "failed", DAYS_100);
            archived(&sandbox, name).ok();
        }
        assert!(occurrences(&sandbox, name, magic) >= 3, "{name}");
        let unpacked = Command::new(program)
            .arg("-dc")
            .arg(sandbox.path(name))
            .output();
        let Ok(unpacked) = unpacked else {
            skipped(&format!("there is no {program} here"));
            continue;
        };
        assert!(unpacked.status.success(), "{unpacked:?}");
        let text = String::from_utf8(unpacked.stdout).unwrap();
        let rows: Vec<&str> = text.lines().map(|line| line.get(..58).unwrap()).collect();
        assert_eq!(
            rows,
            [A, B, C].map(|id| format!("{{\"$row\": 1, \"id\": \"{id}\", "))
        );
    }
}

#[test]
fn a_file_that_is_not_ours_is_refused_and_nothing_happens() {
    let gzip = |text: &str| -> Vec<u8> {
        let sandbox = Sandbox::new();
        sandbox.write("text", text);
        let packed = Command::new("gzip")
            .arg("-c")
            .arg(sandbox.path("text"))
            .output();
        packed.unwrap().stdout
    };
    let of_the_service =
        format!("{{\"job_id\": \"{A}\", \"job_type\": \"idea2video\", \"status\": \"failed\"}}\n");
    let contents: [(&str, Vec<u8>); 9] = [
        ("text", b"Dear diary\n".to_vec()),
        ("one letter", b"x".to_vec()),
        ("other objects", b"{\"a\": 1}\n{\"a\": 2}\n".to_vec()),
        ("an array", b"[\n]\n".to_vec()),
        ("a dump of the service", of_the_service.into_bytes()),
        (
            "a half line of others",
            b"{\"level\": \"info\", \"id".to_vec(),
        ),
        ("bytes", (0..=255).cycle().take(5_000).collect()),
        ("packed text", gzip("Dear diary\n")),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
    ];
    for (what, content) in contents {
        for name in NAMES {
            let sandbox = states(&["completed", "failed"]);
            sandbox.write(name, &content);
            let before = hash(sandbox.db());
            let run = archived(&sandbox, name);
            assert_eq!(run.status, 4, "{what} as {name}{run}");
            assert!(run.stderr.contains(name), "{what} as {name}{run}");
            assert!(
                fs::read(sandbox.path(name)).unwrap() == content,
                "{what} as {name}"
            );
            assert_eq!(hash(sandbox.db()), before, "{what} as {name}");
        }
    }
}

#[test]
fn the_database_is_no_archive() {
    for name in ["jobs.db", "./jobs.db", "link"] {
        let sandbox = states(&["completed"]);
        std::os::unix::fs::symlink("jobs.db", sandbox.path("link")).unwrap();
        let before = hash(sandbox.db());
        let run = archived(&sandbox, name);
        assert!([2, 4].contains(&run.status), "{run}");
        assert_eq!(hash(sandbox.db()), before, "{run}");
    }
}

#[test]
fn what_keeps_nothing_is_no_archive() {
    let sandbox = states(&["completed"]);
    fs::create_dir(sandbox.path("folder")).unwrap();
    let fifo = Command::new("mkfifo").arg(sandbox.path("fifo")).status();
    assert!(fifo.unwrap().success());
    for name in [
        "/dev/null",
        "/dev/full",
        "/dev/stdout",
        "folder",
        "fifo",
        "",
    ] {
        let run = sandbox.jobctl(["cleanup", "--older-than", "30d", "--archive", name, "--yes"]);
        let run = Running::start(run).outcome();
        assert_ne!(run.status, 0, "{name}{run}");
        assert_eq!(sandbox.count(), 1, "{name}{run}");
    }
}

#[test]
fn stdout_is_no_archive_and_no_file_is_named_so() {
    for more in ["--yes", "--dry-run"] {
        let sandbox = states(&["completed"]);
        let args = ["--older-than", "30d", "--archive", "-", more];
        let run = cleanup(&sandbox, args).fails(2).no_stdout();
        run.stderr_has("--archive -")
            .stderr_has("hint: name a file")
            .stderr_has("jobctl export");
        assert_eq!(sandbox.count(), 1);
        assert!(!sandbox.path("-").exists());
    }
}

#[test]
fn another_packing_than_the_name_says_is_refused_or_comes_back_whole() {
    for written in NAMES {
        for name in NAMES {
            let sandbox = states(&["completed"]);
            archived(&sandbox, written).ok();
            if name != written {
                fs::rename(sandbox.path(written), sandbox.path(name)).unwrap();
            }
            job(&sandbox, A, "failed", DAYS_100);
            let before = hash(sandbox.path(name));
            let run = archived(&sandbox, name);
            match run.status {
                4 => assert_eq!(hash(sandbox.path(name)), before, "{run}"),
                _ => drop(run.ok()),
            }
            let mut all: BTreeSet<String> = sandbox.ids().into_iter().collect();
            for id in restored(&sandbox, name) {
                all.insert(id[0].trim_matches(|c| "Text(\")".contains(c)).to_owned());
            }
            assert_eq!(all.len(), 2, "{written} as {name}: {all:?}");
        }
    }
}

#[test]
fn an_empty_file_is_an_archive_without_jobs() {
    for name in NAMES {
        let sandbox = states(&["completed"]);
        sandbox.write(name, "");
        archived(&sandbox, name).ok();
        assert_eq!(ids(&sandbox, name).len(), 1);
    }
}

#[test]
fn what_export_wrote_is_an_archive_too() {
    for name in NAMES {
        let sandbox = states(&["completed"]);
        let before = cells(&sandbox.connection());
        sandbox.jobctl(["export", "--to", name]).run().ok();
        archived(&sandbox, name).ok();
        are_equal(&restored(&sandbox, name), &before, name);
    }
}

#[test]
fn a_last_line_that_lacks_its_line_break_is_not_lost() {
    let sandbox = states(&["completed", "failed"]);
    archived(&sandbox, "old.jsonl").ok();
    let text = sandbox.read("old.jsonl");
    sandbox.write("old.jsonl", text.trim_end());
    job(&sandbox, A, "failed", DAYS_100);
    archived(&sandbox, "old.jsonl").ok();
    assert_eq!(ids(&sandbox, "old.jsonl").len(), 3);
}

/// An archive with a whole run in it and a second one, of which so much was written; the jobs of the second are in the table still.
#[track_caller]
fn is_mended(name: &str, tear: impl Fn(&[u8], &[u8]) -> Vec<Vec<u8>>) {
    let sandbox = many(20, 200);
    archived(&sandbox, name).ok();
    let first = fs::read(sandbox.path(name)).unwrap();
    fill(&sandbox, 60, 200);
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET completed_at = '{DAYS_100}', id = 'second' || id"
    ));
    let table = fs::read(sandbox.db()).unwrap();
    archived(&sandbox, name).ok();
    let both = fs::read(sandbox.path(name)).unwrap();
    for torn in tear(&first, &both) {
        fs::write(sandbox.db(), &table).unwrap();
        fs::write(sandbox.path(name), &torn).unwrap();
        let run = archived(&sandbox, name);
        assert_eq!(
            run.status,
            0,
            "{name} torn at {} of {}{run}",
            torn.len(),
            both.len()
        );
        assert_eq!(sandbox.count(), 0);
        let there = ids(&sandbox, name).len();
        assert_eq!(there, 80, "{name} torn at {} of {}", torn.len(), both.len());
    }
}

#[test]
fn an_end_that_was_torn_off_is_mended() {
    for name in NAMES {
        is_mended(name, |first, both| {
            let length = both.len() - first.len();
            let ends = (0..12).map(|n| first.len() + length * n / 12);
            let ends = ends.chain([first.len() + 1, first.len() + 3, both.len() - 1, both.len()]);
            ends.map(|end| both[..end].to_vec()).collect()
        });
    }
}

#[test]
fn a_file_that_was_torn_off_in_its_first_run_is_mended() {
    for name in NAMES {
        let sandbox = many(60, 200);
        let table = fs::read(sandbox.db()).unwrap();
        archived(&sandbox, name).ok();
        let whole = fs::read(sandbox.path(name)).unwrap();
        for end in [0, 1, 2, 5, 12, 40, whole.len() / 2, whole.len() - 1] {
            fs::write(sandbox.db(), &table).unwrap();
            fs::write(sandbox.path(name), &whole[..end]).unwrap();
            let run = archived(&sandbox, name);
            assert_eq!(run.status, 0, "{name} torn at {end}{run}");
            assert_eq!(ids(&sandbox, name).len(), 60, "{name} torn at {end}");
        }
    }
}

/// What a file holds whose length was written by the system and whose data was not.
#[test]
fn an_end_of_zeros_loses_nothing() {
    for name in NAMES {
        let sandbox = many(20, 200);
        archived(&sandbox, name).ok();
        let mut bytes = fs::read(sandbox.path(name)).unwrap();
        bytes.resize(bytes.len() + 5_000, 0);
        fs::write(sandbox.path(name), &bytes).unwrap();
        job(&sandbox, A, "failed", DAYS_100);
        let run = archived(&sandbox, name);
        if run.status == 0 {
            assert_eq!(ids(&sandbox, name).len(), 21, "{name}{run}");
        } else {
            let run = run.fails(4);
            assert!(
                fs::read(sandbox.path(name)).unwrap() == bytes,
                "{name}{run}"
            );
            assert_eq!(sandbox.ids(), [A]);
        }
    }
}

#[test]
fn an_archive_that_another_holds_is_left_to_it() {
    for wait in ["", "--lock-wait 50ms"] {
        let sandbox = states(&["completed"]);
        archived(&sandbox, "old.jsonl.zst").ok();
        job(&sandbox, A, "failed", DAYS_100);
        let held = File::open(sandbox.path("old.jsonl.zst")).unwrap();
        held.lock().unwrap();
        let before = [hash(sandbox.db()), hash(sandbox.path("old.jsonl.zst"))];
        let args = "--older-than 30d --archive old.jsonl.zst --yes";
        let run = cleanup(&sandbox, (args, wait)).fails(75);
        run.stderr_has("old.jsonl.zst");
        let after = [hash(sandbox.db()), hash(sandbox.path("old.jsonl.zst"))];
        assert_eq!(after, before);
        drop(held);
        archived(&sandbox, "old.jsonl.zst").ok();
        assert_eq!(ids(&sandbox, "old.jsonl.zst").len(), 2);
    }
}

#[test]
fn an_archive_that_another_holds_is_waited_for() {
    let sandbox = states(&["completed"]);
    archived(&sandbox, "old.jsonl").ok();
    job(&sandbox, A, "failed", DAYS_100);
    let held = File::open(sandbox.path("old.jsonl")).unwrap();
    held.lock().unwrap();
    let run = sandbox.jobctl("cleanup --older-than 30d --archive old.jsonl");
    let run = run.arg("--yes").arg("--lock-wait").arg("10m");
    let mut running = Running::start(run);
    let pid = running.pid();
    running.until("it waits", || sleeps(pid) >= 10);
    assert_eq!(sandbox.ids(), [A]);
    drop(held);
    running.outcome().ok();
    assert_eq!(ids(&sandbox, "old.jsonl").len(), 2);
}

#[test]
fn two_databases_take_turns_with_one_archive() {
    let sandbox = many(2_000, 500);
    sandbox.sql(SLOW);
    let other = rusqlite::Connection::open(sandbox.path("other.db")).unwrap();
    other.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    other.execute_batch(REPORT_SQL).unwrap();
    let insert = format!(
        "INSERT INTO video_generation_jobs (id, job_type, status, completed_at) VALUES ('{A}', 'idea2video', 'failed', '{DAYS_100}')"
    );
    other.execute_batch(&insert).unwrap();
    let args = "cleanup --older-than 30d --archive old.jsonl.zst --yes";
    let mut first = Running::start(sandbox.jobctl(args));
    let archive = sandbox.path("old.jsonl.zst");
    first.until("it writes", || {
        archive.metadata().is_ok_and(|it| it.len() > 0)
    });
    first.signal("STOP");
    let second = || sandbox.jobctl(args).env("JOBCTL_DB", "other.db");
    second().run().fails(75).stderr_has("old.jsonl.zst");
    first.signal("CONT");
    first.outcome().ok();
    second().run().ok();
    assert_eq!(ids(&sandbox, "old.jsonl.zst").len(), 2_001);
}

#[test]
fn a_folder_that_is_not_there_is_66_and_is_not_made() {
    let sandbox = states(&["completed"]);
    archived(&sandbox, "nowhere/old.jsonl")
        .fails(66)
        .stderr_has("nowhere");
    assert!(!sandbox.path("nowhere").exists());
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn no_file_is_made_where_nothing_goes() {
    for name in NAMES {
        for args in [
            "--older-than 30d --dry-run",
            "--older-than 30d --explain",
            "--older-than 30d",
            "--older-than 30d --max 0 --yes",
            "--older-than 900d --yes",
        ] {
            let sandbox = states(&["completed", "queued"]);
            let run = cleanup(&sandbox, (args, &["--archive", name]));
            assert!([0, 4].contains(&run.status), "{run}");
            assert!(!sandbox.path(name).exists(), "{args:?}{run}");
            assert_eq!(sandbox.count(), 2, "{args:?}{run}");
        }
    }
}

#[test]
fn an_archive_stays_as_it_is_where_nothing_goes() {
    for name in NAMES {
        let sandbox = states(&["completed", "queued"]);
        archived(&sandbox, name).ok();
        let before = hash(sandbox.path(name));
        archived(&sandbox, name).ok();
        assert_eq!(hash(sandbox.path(name)), before, "{name}");
    }
}

#[test]
fn a_link_to_an_archive_is_followed_and_stays() {
    let sandbox = states(&["completed"]);
    fs::create_dir(sandbox.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere/real.jsonl", sandbox.path("old.jsonl")).unwrap();
    sandbox.write("elsewhere/real.jsonl", "");
    archived(&sandbox, "old.jsonl").ok();
    assert!(sandbox.path("old.jsonl").is_symlink());
    assert_eq!(ids(&sandbox, "elsewhere/real.jsonl").len(), 1);
}

#[test]
fn a_job_that_cannot_be_removed_is_in_both_and_the_next_run_finishes() {
    let sandbox = states(&["completed", "failed", "cancelled"]);
    let before = cells(&sandbox.connection());
    sandbox.sql(
        "CREATE TRIGGER no BEFORE DELETE ON video_generation_jobs WHEN old.id = 'failed'
         BEGIN SELECT raise(ABORT, 'not this one'); END",
    );
    let run = archived(&sandbox, "old.jsonl.zst").fails(1);
    run.stderr_has("not this one");
    is_sound(&sandbox);
    assert!(sandbox.ids().contains(&"failed".to_owned()));
    sandbox.sql("DROP TRIGGER no");
    archived(&sandbox, "old.jsonl.zst").ok();
    assert_eq!(sandbox.count(), 0);
    are_equal(&restored(&sandbox, "old.jsonl.zst"), &before, "both runs");
}
