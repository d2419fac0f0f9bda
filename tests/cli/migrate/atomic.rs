//! `--atomic`: one transaction, so that a run which does not come to its end leaves the file as it was, and no file where there was
//! none. Each case runs on the service's file, on one in WAL, and without a file.

use std::path::Path;

use serde_json::json;

use super::running::{
    Ground, Running, files, impatient, is_locked, is_undone, rows, seen, temporary,
};
use super::{counts, import, lines, manager, with};
use crate::args::Args;
use crate::locks::full::{after, limit};
use crate::locks::{dump, is_sound, line};
use crate::machine::skipped;
use crate::support::{A, B, C, D, Output, Sandbox};

/// More than one batch, by number and by size.
const MANY: usize = 2_500;

const ATOMIC: &str = "migrate --atomic -o json";

/// Runs it on each ground with these further arguments; nothing may be left, and the run says so.
#[track_caller]
fn leaves_nothing(status: i32, more: impl Args, prepare: impl Fn(&Sandbox)) {
    for ground in Ground::ALL {
        let sandbox = ground.sandbox();
        prepare(&sandbox);
        let run = sandbox.jobctl((ATOMIC, &more)).run();
        let run = run.fails(status);
        is_undone(&run);
        ground.is_untouched(&sandbox, &run);
    }
}

fn cut_off(text: &str) -> &str {
    &text[..text.len() - 60]
}

#[test]
fn a_cut_off_file_leaves_nothing() {
    leaves_nothing(65, ["dump.jsonl"], |sandbox| {
        sandbox.write("dump.jsonl", cut_off(&dump(MANY)));
    });
}

#[test]
fn a_cut_off_array_leaves_nothing() {
    leaves_nothing(65, ["dump.json"], |sandbox| {
        let text = format!("[{}]", dump(MANY).trim_end().replace('\n', ","));
        sandbox.write("dump.json", cut_off(&text));
    });
}

#[test]
fn several_files_are_one_transaction() {
    leaves_nothing(65, ["one.jsonl", "two.jsonl"], |sandbox| {
        sandbox.write("one.jsonl", dump(MANY));
        sandbox.write("two.jsonl", cut_off(&lines(&[manager(B), manager(C)])));
    });
}

#[test]
fn a_cut_off_file_before_a_whole_one_leaves_nothing() {
    leaves_nothing(65, ["one.jsonl", "two.jsonl"], |sandbox| {
        sandbox.write("one.jsonl", cut_off(&lines(&[manager(B), manager(C)])));
        sandbox.write("two.jsonl", dump(MANY));
    });
}

#[test]
fn a_conflict_under_fail_leaves_nothing() {
    for ground in Ground::ALL {
        let sandbox = ground.sandbox();
        // A is there already, or comes twice.
        let text = format!("{}\n", manager(A)).repeat(2 - ground.jobs() as usize);
        sandbox.write("dump.jsonl", dump(MANY) + &text + &line(MANY));
        let run = sandbox.jobctl(ATOMIC).arg("dump.jsonl");
        let run = run.arg("--on-conflict").arg("fail").run().fails(4);
        is_undone(&run);
        assert!(run.stderr.contains(A), "{run}");
        ground.is_untouched(&sandbox, &run);
    }
}

#[test]
fn a_full_disk_leaves_nothing() {
    for ground in Ground::ALL {
        let sandbox = ground.sandbox();
        sandbox.write("dump.jsonl", dump(MANY));
        let run = sandbox.jobctl(ATOMIC).arg("dump.jsonl");
        let run = after(&limit(1_000), run).fails(74);
        is_undone(&run);
        ground.is_untouched(&sandbox, &run);
        sandbox.jobctl(ATOMIC).arg("dump.jsonl").run().ok();
        assert_eq!(sandbox.count(), MANY as i64 + ground.jobs());
    }
}

#[test]
fn a_file_that_cannot_be_read_on_leaves_nothing() {
    // Its first page is never there, and reading it an input/output error.
    const UNREADABLE: &str = "/proc/self/mem";
    if !Path::new(UNREADABLE).exists() {
        skipped("no file here that opens and cannot be read");
        return;
    }
    leaves_nothing(74, ["dump.jsonl", UNREADABLE], |sandbox| {
        sandbox.write("dump.jsonl", dump(MANY));
    });
}

/// Starts it and gives it so much that it holds the lock, or has begun the file that is to be.
fn half_way(ground: Ground, sandbox: &Sandbox) -> Running {
    let mut running = Running::start(sandbox.jobctl(ATOMIC).arg("-"));
    running.feed(dump(MANY));
    let temporary = sandbox.path(temporary(&running));
    running.until("it writes", || match ground {
        Ground::Fresh => temporary.exists(),
        _ => is_locked(sandbox),
    });
    running
}

#[test]
fn an_interruption_leaves_nothing() {
    for ground in Ground::ALL {
        let sandbox = ground.sandbox();
        let mut running = half_way(ground, &sandbox);
        running.interrupt();
        running.feed(line(MANY));
        let run = running.outcome().fails(130);
        is_undone(&run);
        ground.is_untouched(&sandbox, &run);
    }
}

#[test]
fn an_interruption_while_it_waits_for_its_pipe_leaves_nothing() {
    for ground in Ground::ALL {
        let sandbox = ground.sandbox();
        let running = half_way(ground, &sandbox);
        running.interrupt();
        let run = running.outcome().fails(130);
        is_undone(&run);
        ground.is_untouched(&sandbox, &run);
    }
}

#[test]
fn a_killed_run_leaves_nothing() {
    for ground in Ground::ALL {
        let sandbox = ground.sandbox();
        let mut running = half_way(ground, &sandbox);
        assert!(running.kill());
        if ground == Ground::Fresh {
            assert!(!sandbox.db().exists());
        } else {
            assert!(!is_locked(&sandbox));
            assert_eq!(rows(&sandbox), rows(&ground.sandbox()));
            is_sound(&sandbox);
        }
        // What a kill leaves behind goes with the next run.
        sandbox.jobctl(ATOMIC).arg("-").stdin(dump(1)).run().ok();
        assert_eq!(sandbox.count(), ground.jobs() + 1);
        ground.is_free(&sandbox, &"");
    }
}

#[test]
fn others_see_all_of_it_or_nothing_and_cannot_write_until_its_end() {
    for ground in Ground::EXISTING {
        let sandbox = ground.sandbox();
        let mut running = half_way(ground, &sandbox);
        for n in MANY..2 * MANY {
            running.feed(line(n));
            if n % 100 == 0 {
                assert!(is_locked(&sandbox), "the lock was given up on the way");
                assert!(seen(&impatient(&sandbox)) <= 1, "half of it can be seen");
            }
        }
        let run = running.end().ok();
        assert_eq!(run.json()["inserted"], 2 * MANY, "{run}");
        assert_eq!(sandbox.count(), 2 * MANY as i64 + 1);
        ground.is_free(&sandbox, &run);
    }
}

#[test]
fn a_file_that_is_not_there_yet_appears_with_all_of_it() {
    let sandbox = Sandbox::new();
    let running = half_way(Ground::Fresh, &sandbox);
    assert!(!sandbox.db().exists());
    let run = running.end().ok();
    assert_eq!(sandbox.count(), MANY as i64);
    Ground::Fresh.is_free(&sandbox, &run);
}

#[test]
fn a_rejected_record_alone_undoes_nothing() {
    for ground in Ground::ALL {
        let sandbox = ground.sandbox();
        let bad = with(manager(C), json!({"progress": 120}));
        let text = lines(&[manager(B), bad, manager(D)]);
        let run = import(&sandbox, text, "--atomic --rejects bad.jsonl").fails(65);
        assert_eq!(counts(&run.json()), [3, 2, 0, 0, 1], "{run}");
        assert_eq!(run.json()["undone"], false, "{run}");
        assert!(!run.stderr.contains("nothing was imported"), "{run}");
        assert_eq!(sandbox.count(), ground.jobs() + 2);
        assert_eq!(sandbox.read("bad.jsonl").lines().count(), 1);
        ground.is_free(&sandbox, &run);
    }
}

#[test]
fn what_was_overwritten_is_there_again() {
    for ground in Ground::EXISTING {
        for policy in ["newer", "replace"] {
            let sandbox = ground.sandbox();
            let other = with(manager(A), json!({"updated_at": "2026-01-14T00:00:00"}));
            let text = lines(&[other, manager(B), manager(C)]);
            let more = ["--atomic", "--on-conflict", policy];
            let run = import(&sandbox, cut_off(&text), more).fails(65);
            is_undone(&run);
            ground.is_untouched(&sandbox, &run);
        }
    }
}

/// The summary of an import, without what the run is not about.
#[track_caller]
fn summary(ground: Ground, more: impl Args) -> (String, usize) {
    let sandbox = ground.sandbox();
    let again = with(manager(B), json!({"updated_at": "2026-01-14T00:00:00"}));
    let bad = with(manager(C), json!({"progress": 120}));
    sandbox.write("one.jsonl", lines(&[manager(A), manager(B), bad]));
    sandbox.write("two.jsonl", lines(&[again, manager(D)]) + &dump(MANY));
    let args = "migrate -o json one.jsonl two.jsonl --on-conflict newer";
    let run: Output = sandbox.jobctl((args, more)).run().fails(65);
    assert_eq!(run.json()["undone"], false, "{run}");
    assert_eq!(files(&sandbox), ["jobs.db"]);
    (run.stdout, rows(&sandbox).len())
}

#[test]
fn a_run_that_comes_to_its_end_counts_the_same() {
    for ground in Ground::ALL {
        assert_eq!(summary(ground, "--atomic"), summary(ground, ""));
    }
}

#[test]
fn whether_a_run_was_undone_is_always_said() {
    for (text, status) in [
        (manager(B).to_string(), 0),
        ("[]".into(), 0),
        (manager(B).to_string()[..60].to_owned(), 65),
    ] {
        for more in ["", "--dry-run"] {
            let run = import(&Sandbox::report(), &text, more).fails(status);
            assert_eq!(run.json()["undone"], false, "{more:?}{run}");
        }
    }
}

#[test]
fn that_nothing_was_imported_is_said_without_json_and_with_quiet_too() {
    for more in ["", "-q"] {
        let sandbox = Sandbox::report();
        sandbox.write("dump.jsonl", cut_off(&lines(&[manager(B), manager(C)])));
        let run = sandbox.jobctl(("migrate --atomic dump.jsonl", more));
        let run = run.run().fails(65).no_stdout();
        let run = run
            .stderr_has("nothing was imported")
            .stderr_has("dump.jsonl");
        assert!(!run.stderr.contains("inserted 1"), "{run}");
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn a_lock_that_is_held_ends_it_with_75() {
    for ground in Ground::EXISTING {
        let sandbox = ground.sandbox();
        sandbox.write("dump.jsonl", dump(3));
        let held = sandbox.connection();
        held.execute_batch("BEGIN IMMEDIATE").unwrap();
        let run = sandbox.jobctl(ATOMIC).arg("dump.jsonl");
        let run = run.arg("--busy-timeout").arg("100ms").run().fails(75);
        assert!(run.stderr.contains("locked"), "{run}");
        assert!(!run.stderr.contains("is kept"), "nothing is{run}");
        drop(held);
        ground.is_untouched(&sandbox, &run);
    }
}
