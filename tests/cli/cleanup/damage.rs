//! An archive of which a block never came to the disk, as a loss of power leaves it: the next run mends it, says so, and goes on.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use super::restore::{NAMES, are_equal, restored};
use super::{DAYS_100, cleanup};
use crate::args::Args;
use crate::export::{cells, fill};
use crate::locks::full::{after, limit};
use crate::support::{Output, Sandbox};

const ARGS: &str = "--older-than 30d --yes --archive";

fn run(sandbox: &Sandbox, name: &str, more: impl Args) -> Output {
    cleanup(sandbox, (ARGS, name, more))
}

struct Ground {
    sandbox: Sandbox,
    name: &'static str,
    /// The table as it was before the append that power cut, and all rows there were.
    table: Vec<u8>,
    rows: Vec<Vec<String>>,
    archive: Vec<u8>,
    second: usize,
}

/// An archive of two appends; the rows of the second are in the table still.
fn two_appends(name: &'static str) -> Ground {
    let sandbox = Sandbox::report();
    let ended = format!("UPDATE video_generation_jobs SET completed_at = '{DAYS_100}'");
    fill(&sandbox, 60, 700);
    sandbox.sql(&ended);
    let mut rows = cells(&sandbox.connection());
    run(&sandbox, name, "").ok();
    let second = fs::read(sandbox.path(name)).unwrap().len();
    fill(&sandbox, 90, 700);
    sandbox.sql(&format!("{ended}, id = 'second' || id"));
    rows.extend(cells(&sandbox.connection()));
    rows.sort();
    let table = fs::read(sandbox.db()).unwrap();
    run(&sandbox, name, "").ok();
    let archive = fs::read(sandbox.path(name)).unwrap();
    fs::write(sandbox.db(), &table).unwrap();
    Ground {
        sandbox,
        name,
        table,
        rows,
        archive,
        second,
    }
}

impl Ground {
    /// The archive with zeros in the middle of its last append.
    fn with_hole(&self) -> Vec<u8> {
        let mut bytes = self.archive.clone();
        let at = self.second + (bytes.len() - self.second) / 2;
        bytes[at..at + 512].fill(0);
        fs::write(self.sandbox.path(self.name), &bytes).unwrap();
        bytes
    }

    fn moved_to(&self, number: usize) -> std::path::PathBuf {
        self.sandbox.path(format!("{}.damaged-{number}", self.name))
    }
}

#[test]
fn a_block_that_never_arrived_is_moved_away_and_no_job_is_lost() {
    for name in NAMES {
        let ground = two_appends(name);
        let damaged = ground.with_hole();
        // Told also to who wants to hear of nothing else.
        let run = run(&ground.sandbox, name, "-q").ok();
        let beside = ground.moved_to(1);
        for part in [
            "the end of the archive was damaged",
            beside.to_str().unwrap(),
        ] {
            assert!(run.stderr.contains(part), "{run}");
        }
        let moved = fs::read(&beside).unwrap();
        assert!(damaged.ends_with(&moved) && !moved.is_empty());
        let mode = fs::metadata(&beside).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(ground.sandbox.count(), 0);
        are_equal(&restored(&ground.sandbox, name), &ground.rows, name);
        // And never again.
        let again = super::cleanup(
            &ground.sandbox,
            ["--older-than", "30d", "--yes", "-q", "--archive", name],
        );
        again.ok().no_stderr();
    }
}

#[test]
fn the_next_damage_gets_the_next_name() {
    for name in NAMES {
        let ground = two_appends(name);
        for number in 1..=3 {
            fs::write(ground.sandbox.db(), &ground.table).unwrap();
            ground.with_hole();
            run(&ground.sandbox, name, "").ok();
            assert!(ground.moved_to(number).exists());
        }
        assert_eq!(
            fs::read(ground.moved_to(1)).unwrap(),
            fs::read(ground.moved_to(3)).unwrap()
        );
    }
}

#[test]
fn json_has_it_and_a_dry_run_says_it_and_changes_nothing() {
    for name in NAMES {
        let ground = two_appends(name);
        let damaged = ground.with_hole();
        let args = ["--older-than", "30d", "--dry-run", "--archive", name];
        let dry = cleanup(&ground.sandbox, args).ok();
        let words = "would move that into a file beside it";
        assert!(dry.stderr.contains(words), "{dry}");
        assert!(fs::read(ground.sandbox.path(name)).unwrap() == damaged);
        assert!(!ground.moved_to(1).exists());
        let told = run(&ground.sandbox, name, "-o json").ok().json();
        let moved = &told["moved_aside"][0];
        let beside = ground.moved_to(1).canonicalize().unwrap();
        assert_eq!(moved["file"], beside.to_str().unwrap());
        assert_eq!(moved["bytes"], fs::metadata(&beside).unwrap().len());
        assert!(moved["rows_kept"].is_u64(), "{told}");
        let args = ["--older-than", "30d", "--dry-run", "--archive", name, "-q"];
        cleanup(&ground.sandbox, args).ok().no_stderr();
    }
}

/// Killed in the middle of it, with the end copied and the archive cut.
#[test]
fn what_a_killed_run_left_is_finished() {
    for name in NAMES {
        let ground = two_appends(name);
        let tail = ground.with_hole()[ground.second..].to_vec();
        let mending = ground.sandbox.write(&format!("{name}.mending"), tail);
        fs::write(ground.sandbox.path(name), &ground.archive[..ground.second]).unwrap();
        run(&ground.sandbox, name, "").ok();
        assert!(!mending.exists());
        assert!(ground.moved_to(1).exists());
        are_equal(&restored(&ground.sandbox, name), &ground.rows, name);
    }
}

#[test]
fn the_first_append_that_never_arrived_is_begun_anew() {
    for name in NAMES {
        let ground = two_appends(name);
        fs::write(ground.sandbox.path(name), vec![0; 9000]).unwrap();
        run(&ground.sandbox, name, "").ok();
        assert_eq!(restored(&ground.sandbox, name).len(), 90, "{name}");
    }
}

/// Nobody has mended it: what stands behind the damage is read, and what is missing is said.
#[test]
fn migrate_reads_on_behind_damage_and_says_what_is_missing() {
    for name in ["old.jsonl.zst", "old.jsonl.gz"] {
        let ground = two_appends(name);
        let whole = &ground.archive;
        let mut in_first = whole.clone();
        in_first[ground.second / 2..ground.second / 2 + 64].fill(0x55);
        let torn = [&whole[..ground.second / 2], &whole[ground.second..]].concat();
        // Without a beginning that a decoder takes, and nothing but the last bytes of a header at the end.
        let behind = [&in_first[..], &[0x28, 0xb5, 0x2f]].concat();
        for bytes in [in_first, torn, behind] {
            ground.sandbox.write("damaged", bytes);
            let args = "--db back.db migrate damaged";
            let run = ground.sandbox.jobctl(args).run().fails(65);
            assert!(run.stderr.contains("reading went on behind it"), "{run}");
            let path = ground.sandbox.path("back.db");
            let back = cells(&rusqlite::Connection::open(&path).unwrap());
            assert!(back.len() >= 90, "{name}: {}", back.len());
            for row in &back {
                assert!(ground.rows.contains(row), "{name}: {row:?}");
            }
            fs::remove_file(path).unwrap();
        }
    }
}

/// The same of the last part: the bytes that are missing are said, and nothing that nobody vouches for comes in.
#[test]
fn damage_in_the_last_part_is_told_in_bytes() {
    for name in ["old.jsonl.zst", "old.jsonl.gz"] {
        let ground = two_appends(name);
        let (begin, end) = (ground.second, ground.archive.len());
        let middle = begin + (end - begin) / 2;
        for (byte, length) in [(0, 512), (0x55, 64)] {
            let mut bytes = ground.archive.clone();
            bytes[middle..middle + length].fill(byte);
            ground.sandbox.write("damaged", bytes);
            let args = "--db back.db migrate damaged";
            let run = ground.sandbox.jobctl(args).run().fails(65);
            let run = run
                .stderr_has(&format!(
                    "from byte {begin} to byte {end} of the file: what cannot be unpacked there is missing"
                ))
                .stderr_lacks("nothing behind it")
                .stderr_lacks("reading went on");
            let path = ground.sandbox.path("back.db");
            let back = cells(&rusqlite::Connection::open(&path).unwrap());
            assert!(back.len() >= 60, "{run}");
            for row in &back {
                assert!(ground.rows.contains(row), "{name}: {row:?}");
            }
            fs::remove_file(path).unwrap();
        }
    }
}

/// A part that is too large to be held is handed on while it is unpacked; what follows its damage is read all the same.
#[test]
fn what_stands_behind_a_damaged_part_that_is_large_is_read() {
    let line = |number: usize, length: usize| {
        let noise = (0..length as u64).map(|at| {
            let mixed = (at + 1 + number as u64 * 7_919).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            char::from(b'a' + (mixed >> 59) as u8 % 26)
        });
        let id = format!("{number:08}-1111-4111-8111-111111111111");
        let content: String = noise.collect();
        format!(
            "{{\"id\": \"{id}\", \"job_type\": \"idea2video\", \"status\": \"failed\", \"content\": \"{content}\", \"created_at\": \"2025-01-01 00:00:00\", \"updated_at\": \"2025-01-01 00:00:00\"}}\n"
        )
    };
    let text = |numbers: std::ops::Range<usize>, length| -> String {
        numbers.map(|number| line(number, length)).collect()
    };
    let parts = [text(0..3, 400), text(3..603, 20_000), text(603..605, 400)];
    let zst = |text: &String| {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let gz = |text: &String| {
        let level = flate2::Compression::fast();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    for packed in [
        parts.iter().map(zst).collect::<Vec<_>>(),
        parts.iter().map(gz).collect(),
    ] {
        let sandbox = Sandbox::new();
        let [first, large] = [&packed[0], &packed[1]].map(Vec::len);
        let at = first + large - large / 20;
        for last in [true, false] {
            let mut bytes = packed[..if last { 2 } else { 3 }].concat();
            bytes[at..at + 600].fill(0);
            sandbox.write("damaged", bytes);
            let args = "--db back.db migrate damaged";
            let run = sandbox.jobctl(args).run().fails(65);
            let run = run
                .stderr_has(&format!(" to byte {} of the file: what", first + large))
                .stderr_lacks("nothing behind it");
            assert_eq!(
                !run.stderr.contains("reading went on behind it"),
                last,
                "{run}"
            );
            let path = sandbox.path("back.db");
            let back = rusqlite::Connection::open(&path).unwrap();
            let count = |text: &str| -> i64 {
                let sql = format!("SELECT count(*) FROM video_generation_jobs WHERE {text}");
                back.query_row(&sql, [], |row| row.get(0)).unwrap()
            };
            assert_eq!(count("id < '00000003'"), 3);
            assert_eq!(count("id >= '00000603'"), if last { 0 } else { 2 }, "{run}");
            assert!(count("length(content) = 20000") > 400, "{run}");
            drop(back);
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn no_room_for_what_is_moved_away_changes_nothing() {
    for name in NAMES {
        let ground = two_appends(name);
        let damaged = ground.with_hole();
        let args = ("cleanup", ARGS, name);
        let run = after(&limit(1), ground.sandbox.jobctl(args));
        let run = run.fails(74).stderr_has(name);
        let there = fs::read(ground.sandbox.path(name)).unwrap();
        assert!(there == damaged, "{run}");
        assert!(!ground.moved_to(1).exists(), "{run}");
        assert_eq!(ground.sandbox.count(), 90);
        self::run(&ground.sandbox, name, "").ok();
        assert!(damaged.ends_with(&fs::read(ground.moved_to(1)).unwrap()));
        assert!(!ground.moved_to(2).exists());
        are_equal(&restored(&ground.sandbox, name), &ground.rows, name);
    }
}

#[test]
fn two_at_once_mend_it_once() {
    for name in NAMES {
        let ground = two_appends(name);
        let damaged = ground.with_hole();
        ground.sandbox.write("other.db", &ground.table);
        let mut both = Vec::new();
        for db in ["jobs.db", "other.db"] {
            let args = format!("--db {db} cleanup {ARGS} {name} --lock-wait 5m");
            let mut command = ground.sandbox.jobctl(args).command();
            both.push(std::thread::spawn(move || command.output().unwrap()));
        }
        for run in both {
            let output = run.join().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        assert!(damaged.ends_with(&fs::read(ground.moved_to(1)).unwrap()));
        assert!(!ground.moved_to(2).exists());
        are_equal(&restored(&ground.sandbox, name), &ground.rows, name);
    }
}
