//! An import that is killed or interrupted in the middle. It reads from a pipe that the test holds, so the middle is where it stands.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{dump, end, interrupt, is_sound, line, start, until};
use crate::support::{Run, Sandbox};

const HALF: usize = 3_000;

/// Starts an import and gives it half of the records.
fn half_way(run: Run) -> (Child, std::process::ChildStdin) {
    let mut child = start(run);
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(dump(HALF).as_bytes()).unwrap();
    (child, pipe)
}

fn rows(sandbox: &Sandbox) -> i64 {
    if !sandbox.db().exists() {
        return 0;
    }
    let count =
        sandbox
            .connection()
            .query_row("SELECT count(*) FROM video_generation_jobs", [], |row| {
                row.get(0)
            });
    count.unwrap_or(0)
}

/// The whole dump, imported once more: nothing is lost and nothing is there twice.
#[track_caller]
fn is_finished_by_a_second_run(sandbox: &Sandbox) {
    is_sound(sandbox);
    let there = u64::try_from(sandbox.count()).unwrap();
    let run = sandbox
        .jobctl("migrate - -o json")
        .stdin(dump(2 * HALF))
        .run()
        .ok();
    let summary = run.json();
    assert_eq!(summary["skipped"], there, "{run}");
    assert_eq!(summary["inserted"], 2 * HALF as u64 - there, "{run}");
    assert_eq!(sandbox.count(), 2 * HALF as i64);
    is_sound(sandbox);
}

#[test]
fn an_import_into_the_service_s_file_that_is_killed_leaves_a_sound_one() {
    let sandbox = Sandbox::service();
    let (mut child, pipe) = half_way(sandbox.jobctl("migrate -"));
    until("a batch is there", || rows(&sandbox) > 0);
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None);
    drop(pipe);
    is_finished_by_a_second_run(&sandbox);
}

/// A file that an import makes has a name of its own until it is whole.
fn is_in_the_making(sandbox: &Sandbox) -> bool {
    fs::read_dir(sandbox.db().parent().unwrap())
        .unwrap()
        .any(|entry| {
            entry
                .unwrap()
                .file_name()
                .to_string_lossy()
                .ends_with(".new")
        })
}

#[test]
fn an_import_into_a_new_file_that_is_killed_leaves_nothing_half_done() {
    let sandbox = Sandbox::new();
    let (mut child, pipe) = half_way(sandbox.jobctl("migrate -"));
    until("the file is in the making", || is_in_the_making(&sandbox));
    child.kill().unwrap();
    child.wait().unwrap();
    drop(pipe);
    assert!(!sandbox.db().exists());
    sandbox.jobctl("migrate -").stdin(dump(1)).run().ok();
    assert!(!is_in_the_making(&sandbox));
    is_finished_by_a_second_run(&sandbox);
}

/// Interrupts an import of which something is in, and gives what it said.
#[track_caller]
fn interrupted(sandbox: &Sandbox, go_on: bool) -> String {
    let (mut child, mut pipe) = half_way(sandbox.jobctl("migrate - --utc"));
    until("a batch is there", || rows(sandbox) > 0);
    interrupt(&child);
    if go_on {
        // A pipe that is closed at the other end is what this waits for.
        for n in HALF..2 * HALF {
            if pipe.write_all(line(n).as_bytes()).is_err() {
                break;
            }
        }
    }
    let status = end(&mut child);
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(status.code(), Some(130), "{said}");
    said
}

/// The number that stands behind this word.
pub(super) fn number(said: &str, word: &str) -> i64 {
    let rest = &said[said
        .find(word)
        .unwrap_or_else(|| panic!("no {word} in {said}"))
        + word.len()..];
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits
        .parse()
        .unwrap_or_else(|_| panic!("no number behind {word} in {said}"))
}

#[test]
fn an_import_that_is_interrupted_says_what_is_in_and_is_finished_by_a_second_run() {
    let sandbox = Sandbox::service();
    let said = interrupted(&sandbox, true);
    assert_eq!(number(&said, "inserted"), sandbox.count(), "{said}");
    is_finished_by_a_second_run(&sandbox);
}

#[test]
fn an_import_that_waits_for_its_pipe_can_be_interrupted() {
    let sandbox = Sandbox::service();
    let said = interrupted(&sandbox, false);
    assert_eq!(number(&said, "inserted"), sandbox.count(), "{said}");
    is_finished_by_a_second_run(&sandbox);
}

#[test]
fn an_import_into_a_new_file_can_be_interrupted() {
    let sandbox = Sandbox::new();
    let (mut child, mut pipe) = half_way(sandbox.jobctl("migrate -"));
    until("the file is in the making", || is_in_the_making(&sandbox));
    interrupt(&child);
    for n in HALF..2 * HALF {
        if pipe.write_all(line(n).as_bytes()).is_err() {
            break;
        }
    }
    assert_eq!(end(&mut child).code(), Some(130));
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(number(&said, "inserted"), sandbox.count(), "{said}");
    is_finished_by_a_second_run(&sandbox);
}

/// Gives an import bad records without an end, and interrupts it when it has taken a good many of them.
#[track_caller]
fn interrupted_among_bad_records(rejects: Option<&str>) {
    const MANY: usize = 2_000;
    let sandbox = Sandbox::service();
    let more = rejects.map(|file| ["--rejects", file]);
    let more = more.as_ref().map_or(&[][..], |words| words);
    let mut child = start(sandbox.jobctl(("migrate -", more)));
    let mut pipe = child.stdin.take().unwrap();
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let writer = thread::spawn(move || {
        for n in 0..400_000 {
            let bad = format!(
                "{{\"job_id\": \"job-{n}\", \"mode\": \"idea\", \"status\": \"queued\", \"progress\": 120, \"content\": \"A cat crosses the road\"}}\n"
            );
            if pipe.write_all(bad.as_bytes()).is_err() {
                break;
            }
            counter.store(n, Ordering::Relaxed);
        }
    });
    until("bad records are taken", || {
        taken.load(Ordering::Relaxed) > MANY
    });
    interrupt(&child);
    let status = end(&mut child);
    writer.join().unwrap();
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(status.code(), Some(130), "{said}");
    assert_eq!(sandbox.count(), 0);
    if let Some(file) = rejects {
        let text = sandbox.read(file);
        assert!(text.ends_with('\n'), "the last reject is cut off");
        assert_eq!(
            text.lines().count() as i64,
            number(&said, ", rejected"),
            "{said}"
        );
    }
}

#[test]
fn an_import_that_only_rejects_can_be_interrupted() {
    interrupted_among_bad_records(None);
}

#[test]
fn an_import_that_only_rejects_can_be_interrupted_and_has_written_what_it_rejected() {
    interrupted_among_bad_records(Some("bad.jsonl"));
}
