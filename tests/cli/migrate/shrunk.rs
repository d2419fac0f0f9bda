//! A dump that gets shorter while it is read, as one does that is written anew or on a disk that fails: what had been read is in, and
//! the message says that it ended early, also where it ends exactly behind a record.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::Command;

use super::running::{Ground, Running, descriptor, impatient, seen};
use crate::locks::{dump, is_sound};
use crate::support::{Output, Sandbox};

/// Much more than is read ahead.
const MANY: usize = 12_000;
const KEPT: usize = 9_000;

fn shorten(path: &Path, length: usize) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(length as u64).unwrap();
}

/// How far it has read.
fn position(running: &Running, descriptor: &str) -> usize {
    let path = format!("/proc/{}/fdinfo/{descriptor}", running.pid());
    let info = fs::read_to_string(path).unwrap();
    let line = info.lines().find_map(|line| line.strip_prefix("pos:"));
    line.unwrap().trim().parse().unwrap()
}

/// It reads on threads of their own, which it starts when it has opened all dumps and asked for their sizes.
fn is_reading(pid: u32) -> bool {
    fs::read_dir(format!("/proc/{pid}/task")).unwrap().count() > 1
}

#[track_caller]
fn says_that_it_ended_early(run: Output, records: usize) -> Output {
    let run = run.fails(65);
    assert_eq!(run.json()["inserted"], records, "{run}");
    run.stderr_has("dump.jsonl").stderr_has("ended early")
}

/// Imports a dump that is shortened to this length when a part of it is in, while the run waits for a lock.
#[track_caller]
fn shortened_half_way(ground: Ground, length: impl Fn(&str) -> usize) {
    let (sandbox, text) = (ground.sandbox(), dump(MANY));
    let path = sandbox.write("dump.jsonl", &text);
    let args = "migrate dump.jsonl -o json --busy-timeout 60s";
    let mut running = Running::start(sandbox.jobctl(args));
    let other = impatient(&sandbox);
    running.until("a part is in", || {
        if other.execute_batch("BEGIN IMMEDIATE").is_err() {
            return false;
        }
        let there = seen(&other) > ground.jobs();
        if !there {
            other.execute_batch("ROLLBACK").unwrap();
        }
        there
    });
    let length = length(&text);
    let descriptor = descriptor(running.pid(), &path).unwrap();
    shorten(&path, length);
    let read = position(&running, &descriptor);
    assert!(read < length, "{read} bytes had been read");
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    let run = says_that_it_ended_early(running.end(), KEPT);
    assert_eq!(sandbox.count(), KEPT as i64 + ground.jobs());
    ground.is_free(&sandbox, &run);
}

/// Where the records end that are kept.
fn line_break(text: &str) -> usize {
    let (at, _) = text.match_indices('\n').nth(KEPT - 1).unwrap();
    at + 1
}

#[test]
fn a_dump_that_is_shortened_in_a_record() {
    for ground in Ground::EXISTING {
        shortened_half_way(ground, |text| line_break(text) + 700);
    }
}

#[test]
fn a_dump_that_is_shortened_behind_a_record() {
    for ground in Ground::EXISTING {
        shortened_half_way(ground, line_break);
    }
}

/// Imports `-` and then `dump.jsonl`, which is shortened before its turn; gives the sandbox too.
#[track_caller]
fn shortened_before_its_turn(ground: Ground, text: &[u8], length: usize) -> (Sandbox, Output) {
    let sandbox = ground.sandbox();
    let path = sandbox.write("dump.jsonl", text);
    let args = "migrate - dump.jsonl -o json";
    let mut running = Running::start(sandbox.jobctl(args));
    running.feed("[]");
    let pid = running.pid();
    running.until("the sizes are known", || is_reading(pid));
    shorten(&path, length);
    (sandbox, running.end())
}

#[test]
fn a_dump_that_is_shortened_before_its_turn() {
    let text = dump(8);
    let line = text.len() / 8;
    for ground in Ground::ALL {
        for (length, records) in [(5 * line, 5), (5 * line - 1, 5), (5 * line + 100, 5)] {
            let (sandbox, run) = shortened_before_its_turn(ground, text.as_bytes(), length);
            let run = says_that_it_ended_early(run, records);
            assert_eq!(sandbox.count(), records as i64 + ground.jobs());
            ground.is_free(&sandbox, &run);
        }
    }
}

#[test]
fn a_dump_that_is_emptied_before_its_turn() {
    for ground in Ground::EXISTING {
        let (sandbox, run) = shortened_before_its_turn(ground, dump(8).as_bytes(), 0);
        let run = run.fails(65).stderr_has("dump.jsonl");
        assert_eq!(sandbox.count(), ground.jobs(), "{run}");
    }
}

#[test]
fn a_compressed_dump_that_is_shortened_between_two_of_its_parts() {
    let parts = [dump(4), dump(8)[dump(4).len()..].to_owned()];
    let [first, second] = parts.map(|part| zstd::encode_all(part.as_bytes(), 3).unwrap());
    let text = [&first[..], &second].concat();
    let (sandbox, run) = shortened_before_its_turn(Ground::Service, &text, first.len());
    says_that_it_ended_early(run, 4);
    assert_eq!(sandbox.count(), 5);
}

#[test]
fn a_dump_that_breaks_long_before_its_end_has_not_ended_early() {
    let text = format!("[{}] garbage\n{}", dump(1).trim_end(), dump(5_000));
    let sandbox = Sandbox::report();
    sandbox.write("dump.jsonl", text);
    let run = sandbox.jobctl("migrate dump.jsonl").run().fails(65);
    assert_eq!(sandbox.count(), 1);
    run.stderr_has("dump.jsonl")
        .stderr_lacks("early")
        .stderr_lacks("shorter");
}

#[test]
fn under_atomic_nothing_of_it_is_in() {
    let text = dump(8);
    let sandbox = Ground::Service.sandbox();
    let path = sandbox.write("dump.jsonl", &text);
    let args = "migrate - dump.jsonl -o json --atomic";
    let mut running = Running::start(sandbox.jobctl(args));
    running.feed(dump(4));
    let pid = running.pid();
    running.until("the sizes are known", || is_reading(pid));
    shorten(&path, text.len() / 8 * 5);
    let run = running.end();
    let run = says_that_it_ended_early(run, 0);
    Ground::Service.is_untouched(&sandbox, &run);
}

#[test]
fn a_pipe_with_a_name_whose_writer_is_gone_ends_like_a_file() {
    let sandbox = Sandbox::report();
    let path = sandbox.path("dump.jsonl");
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let running = Running::start(sandbox.jobctl("migrate dump.jsonl -o json"));
    let text = dump(1_500);
    let cut = text.len() - 700;
    fs::write(&path, &text[..cut]).unwrap();
    let run = running.outcome().fails(65);
    assert_eq!(run.json()["inserted"], 1_499, "{run}");
    assert_eq!(sandbox.count(), 1_499);
    is_sound(&sandbox);
    // A pipe has no size that it could fall short of: whole records are a whole dump.
    let running = Running::start(sandbox.jobctl("migrate dump.jsonl -o json"));
    fs::write(&path, &text).unwrap();
    running.outcome().ok();
    assert_eq!(sandbox.count(), 1_500);
}
