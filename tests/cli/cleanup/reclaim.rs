//! `--reclaim` and `--vacuum`: the room that jobs leave goes back to the system where the file allows it, and else is said.

use std::fs;

use super::{DAYS_100, cleanup};
use crate::args::Args;
use crate::export::{cells, fill};
use crate::locks::is_sound;
use crate::migrate::running::files;
use crate::support::{A, Output, REPORT_SQL, Sandbox};

const MODES: [&str; 2] = ["delete", "wal"];

/// A file of some megabytes with this `auto_vacuum`, of which all jobs but A go.
fn large(auto_vacuum: &str, journal_mode: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.sql(&format!(
        "PRAGMA auto_vacuum = {auto_vacuum}; PRAGMA journal_mode = {journal_mode}; {REPORT_SQL}"
    ));
    fill(&sandbox, 1_500, 2_000);
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET completed_at = '{DAYS_100}'"
    ));
    sandbox.job(A, &[]);
    assert_eq!(sandbox.ask("PRAGMA journal_mode"), journal_mode);
    sandbox.ask("PRAGMA wal_checkpoint(TRUNCATE)");
    sandbox
}

fn size(sandbox: &Sandbox) -> u64 {
    fs::metadata(sandbox.db()).unwrap().len()
}

#[track_caller]
fn cleaned(sandbox: &Sandbox, more: impl Args) -> Output {
    let row = sandbox.row(A);
    let run = cleanup(sandbox, ("--older-than 30d --yes", more)).ok();
    is_sound(sandbox);
    assert_eq!(sandbox.ids(), [A], "{run}");
    assert_eq!(sandbox.changed(A, &row), [""; 0]);
    run
}

#[test]
fn without_it_the_file_keeps_its_size_and_says_what_is_free() {
    let sandbox = large("INCREMENTAL", "delete");
    let before = size(&sandbox);
    cleaned(&sandbox, "").stderr_has("free");
    assert_eq!(size(&sandbox), before);
}

#[test]
fn a_file_that_gives_room_back_in_steps_shrinks() {
    for mode in MODES {
        let sandbox = large("INCREMENTAL", mode);
        let before = size(&sandbox);
        let run = cleaned(&sandbox, "--reclaim");
        let after = size(&sandbox);
        assert!(after < before / 10, "{before} to {after} in {mode}{run}");
        assert_eq!(sandbox.ask("PRAGMA freelist_count"), "0");
        assert_eq!(sandbox.ask("PRAGMA journal_mode"), mode);
        assert_eq!(sandbox.ask("PRAGMA auto_vacuum"), "2");
        assert_eq!(files(&sandbox), ["jobs.db"]);
    }
}

#[test]
fn json_has_the_bytes_that_went_back() {
    let sandbox = large("INCREMENTAL", "delete");
    let before = size(&sandbox);
    let run = cleaned(&sandbox, "--reclaim -o json");
    assert_eq!(
        run.json()["reclaimed_bytes"],
        before - size(&sandbox),
        "{run}"
    );
}

#[test]
fn room_that_an_earlier_run_left_goes_back_too() {
    let sandbox = large("INCREMENTAL", "delete");
    cleaned(&sandbox, "");
    let before = size(&sandbox);
    cleaned(&sandbox, "--reclaim");
    assert!(size(&sandbox) < before / 10);
}

#[test]
fn a_reader_in_wal_is_not_disturbed() {
    let sandbox = large("INCREMENTAL", "wal");
    let before = size(&sandbox);
    let reader = sandbox.connection();
    reader.execute_batch("BEGIN").unwrap();
    let rows = cells(&reader);
    assert_eq!(rows.len(), 1_501);
    cleaned(&sandbox, "--reclaim");
    assert!(cells(&reader) == rows, "its snapshot has changed");
    reader.execute_batch("ROLLBACK").unwrap();
    sandbox.ask("PRAGMA wal_checkpoint(TRUNCATE)");
    drop(reader);
    assert!(size(&sandbox) < before / 10);
    is_sound(&sandbox);
}

#[test]
fn a_reader_in_delete_mode_ends_it_with_75_and_a_sound_file() {
    let sandbox = large("INCREMENTAL", "delete");
    cleaned(&sandbox, "");
    let before = size(&sandbox);
    let reader = sandbox.connection();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM video_generation_jobs")
        .unwrap();
    let args = "--older-than 30d --yes --reclaim --busy-timeout 100ms";
    let run = cleanup(&sandbox, args);
    assert_eq!(run.status, 75, "{run}");
    reader.execute_batch("ROLLBACK").unwrap();
    is_sound(&sandbox);
    assert_eq!(size(&sandbox), before);
    cleaned(&sandbox, "--reclaim");
    assert!(size(&sandbox) < before / 10);
}

#[test]
fn a_file_that_cannot_says_what_a_vacuum_would_free_and_need() {
    for mode in MODES {
        let sandbox = large("NONE", mode);
        let before = size(&sandbox);
        let run = cleaned(&sandbox, "--reclaim");
        assert_eq!(size(&sandbox), before, "{run}");
        let run = run
            .stderr_has(" MB free in the file")
            .stderr_lacks("given back");
        let run = run
            .stderr_has("--vacuum")
            .stderr_has("MB")
            .stderr_has("takes");
        run.stderr_has("keeps the service out");
    }
}

#[test]
fn a_file_that_cannot_shrinks_with_vacuum() {
    for more in ["--reclaim --vacuum", "--vacuum"] {
        for mode in MODES {
            let sandbox = large("NONE", mode);
            let before = size(&sandbox);
            let run = cleanup(&sandbox, ("--older-than 30d --yes", more));
            if run.status == 2 && more == "--vacuum" {
                continue;
            }
            let run = run.ok();
            let after = size(&sandbox);
            assert!(after < before / 10, "{before} to {after} in {mode}{run}");
            is_sound(&sandbox);
            assert_eq!(sandbox.ids(), [A]);
            assert_eq!(sandbox.ask("PRAGMA journal_mode"), mode);
            assert_eq!(sandbox.ask("PRAGMA auto_vacuum"), "0");
            assert_eq!(files(&sandbox), ["jobs.db"]);
        }
    }
}

#[test]
fn a_vacuum_that_another_keeps_out_is_75_and_is_done_by_the_next_run() {
    let sandbox = large("NONE", "delete");
    cleaned(&sandbox, "");
    let before = size(&sandbox);
    let holder = sandbox.connection();
    let read = "BEGIN; SELECT count(*) FROM video_generation_jobs";
    holder.execute_batch(read).unwrap();
    let args = "--older-than 30d --yes --reclaim --vacuum";
    let wait = "--busy-timeout 100ms";
    cleanup(&sandbox, (args, wait))
        .fails(75)
        .stderr_has("locked");
    holder.execute_batch("ROLLBACK").unwrap();
    is_sound(&sandbox);
    assert_eq!(
        (sandbox.ids(), size(&sandbox)),
        (vec![A.to_owned()], before)
    );
    cleaned(&sandbox, "--reclaim --vacuum");
    assert!(size(&sandbox) < before / 10);
}

#[test]
fn a_file_that_shrinks_by_itself_is_fine() {
    for more in ["", "--reclaim", "--reclaim --vacuum"] {
        let sandbox = large("FULL", "delete");
        let before = size(&sandbox);
        cleaned(&sandbox, more);
        assert!(size(&sandbox) < before / 10);
        assert_eq!(sandbox.ask("PRAGMA auto_vacuum"), "1");
    }
}

#[test]
fn nothing_to_give_back_is_no_error() {
    for auto_vacuum in ["NONE", "FULL", "INCREMENTAL"] {
        for more in ["--reclaim", "--reclaim --vacuum"] {
            let sandbox = large(auto_vacuum, "delete");
            sandbox.sql("UPDATE video_generation_jobs SET status = 'queued'; VACUUM");
            let before = size(&sandbox);
            let run = cleanup(&sandbox, ("--older-than 30d --yes", more));
            run.ok();
            assert_eq!(sandbox.count(), 1_501);
            assert!(size(&sandbox) <= before);
        }
    }
}

#[test]
fn quiet_says_nothing_when_room_went_back() {
    let sandbox = large("INCREMENTAL", "delete");
    cleaned(&sandbox, "--reclaim -q").no_stdout().no_stderr();
}

#[test]
fn json_has_what_a_vacuum_would_free_and_quiet_says_nothing_of_it() {
    for more in ["-o json", "-o json -q", "-q"] {
        let sandbox = large("NONE", "delete");
        let run = cleaned(&sandbox, ("--reclaim", more));
        if more.contains("-q") {
            assert_eq!(run.stderr, "", "{run}");
        }
        if more.contains("json") {
            let free = sandbox.ask(
                "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size",
            );
            let document = run.json();
            assert_eq!(document["reclaimed_bytes"], 0, "{run}");
            assert_eq!(document["vacuum_would_free_bytes"].to_string(), free);
        }
    }
    for (auto_vacuum, more) in [("NONE", "--reclaim --vacuum"), ("INCREMENTAL", "--reclaim")] {
        let sandbox = large(auto_vacuum, "delete");
        let run = cleaned(&sandbox, (more, "-o json"));
        assert!(run.json()["vacuum_would_free_bytes"].is_null(), "{run}");
        assert!(run.json()["reclaimed_bytes"].as_u64().unwrap() > 1_000_000);
    }
}

#[test]
fn a_dry_run_says_about_how_much_room_would_go_back() {
    for (auto_vacuum, more, words, goes_back) in [
        ("NONE", "--reclaim", "(--vacuum)", false),
        ("NONE", "--reclaim --vacuum", "written anew", true),
        ("NONE", "--vacuum", "written anew", true),
        ("INCREMENTAL", "--reclaim", "up to about", true),
        ("FULL", "--reclaim", "by itself", true),
    ] {
        for flag in ["--dry-run", "--explain"] {
            let sandbox = large(auto_vacuum, "delete");
            let args = (&["--older-than", "30d", flag], more);
            let run = cleanup(&sandbox, args).ok();
            run.stderr_has("about 6.").stderr_has(words);
            cleanup(&sandbox, (args, "-q")).ok().no_stderr();
            let run = cleanup(&sandbox, (args, "-o json")).ok();
            let document = run.json();
            let about = |key: &str| document[key].as_u64().unwrap();
            let back = about("would_reclaim_bytes");
            let told = if goes_back {
                back
            } else {
                about("vacuum_would_free_bytes")
            };
            assert_eq!(back > 0, goes_back, "{run}");
            let before = size(&sandbox);
            cleaned(&sandbox, "--vacuum");
            let went = before - size(&sandbox);
            assert!(told.abs_diff(went) < went / 10, "{went}{run}");
        }
    }
    let sandbox = large("NONE", "delete");
    let args = "--older-than 30d --dry-run -o json";
    let run = cleanup(&sandbox, args).ok();
    assert!(run.json()["would_reclaim_bytes"].is_null(), "{run}");
    assert!(!run.stderr.contains("MB"), "{run}");
}
