//! The program itself on damaged dumps: it always ends by itself, its counts add up and are those of the file, a dry
//! run tells them beforehand, and a second run finds nothing new.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use crate::any_input::{Input, input};
use crate::cases;

/// How long a run of a few milliseconds may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

struct Folder(TempDir);

/// What a run said: its exit status and its summary.
struct Told {
    status: i32,
    summary: Value,
    /// Read, inserted, updated, skipped, rejected.
    counts: [u64; 5],
}

fn counts(summary: &Value) -> [u64; 5] {
    ["read", "inserted", "updated", "skipped", "rejected"].map(|key| {
        let count = summary[key].as_u64();
        count.unwrap_or_else(|| panic!("no {key} in {summary}"))
    })
}

impl Folder {
    /// In memory where there is such a folder: hundreds of files are made and synced.
    fn new() -> Folder {
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new());
        Folder(folder.unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn migrate(&self, arguments: &[&str]) -> Told {
        let child = Command::new(env!("CARGO_BIN_EXE_jobctl"))
            .args(["migrate", "--db", "jobs.db", "-o", "json"])
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .env("HOME", self.0.path())
            .env("TZ", "Asia/Shanghai")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || sender.send(child.wait_with_output()));
        let output = ended.recv_timeout(PATIENCE);
        let output = output.expect("it does not end").unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let told = format!("{}: {stderr}", output.status);
        assert!(!stderr.contains("panicked"), "{told}");
        let status = output.status.code().expect(&told);
        assert!([0, 65].contains(&status), "{told}");
        let summary: Value = serde_json::from_slice(&output.stdout).expect(&told);
        let counts = counts(&summary);
        Told {
            status,
            summary,
            counts,
        }
    }

    fn rows(&self) -> u64 {
        // Where nothing was good there is none.
        if !self.path("jobs.db").exists() {
            return 0;
        }
        let connection = Connection::open(self.path("jobs.db")).unwrap();
        let sql = "SELECT count(*) FROM video_generation_jobs";
        let rows: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        u64::try_from(rows).unwrap()
    }
}

/// The counts add up, in all and by store, and the exit status says whether anything was bad.
fn check(told: &Told) -> Result<(), TestCaseError> {
    let sums = |counts: [u64; 5]| counts[0] == counts[1..].iter().sum::<u64>();
    let mut total = [0; 5];
    for store in told.summary["stores"].as_object().unwrap().values() {
        let counts = counts(store);
        prop_assert!(sums(counts), "{}", store);
        total = std::array::from_fn(|n| total[n] + counts[n]);
    }
    prop_assert!(sums(told.counts), "{}", told.summary);
    prop_assert_eq!(total, told.counts);
    let problems = told.summary["problems"].as_array().unwrap();
    let bad = told.counts[4] > 0 || !problems.is_empty();
    prop_assert_eq!(told.status, if bad { 65 } else { 0 }, "{}", told.summary);
    Ok(())
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| Value::from(line)))
        .collect()
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn the_counts_are_right(
        files in prop::collection::vec(input(), 1..3),
        policy in prop::sample::select(&["skip", "newer", "replace"][..]),
    ) {
        let folder = Folder::new();
        let mut arguments = vec!["--on-conflict", policy];
        for ((name, Input(bytes)), number) in ["one.json", "two.json"].into_iter().zip(&files).zip(0..) {
            fs::write(folder.path(name), bytes).unwrap();
            arguments.insert(number, name);
        }
        let with = |more: &[&'static str]| [&arguments[..], more].concat();
        let dry = folder.migrate(&with(&["--dry-run"]));
        prop_assert!(!folder.path("jobs.db").exists());
        let first = folder.migrate(&with(&["--rejects", "bad.jsonl"]));
        let rows = folder.rows();
        let second = folder.migrate(&arguments);
        for told in [&dry, &first, &second] {
            check(told)?;
        }
        prop_assert_eq!(dry.counts, first.counts, "{} {}", dry.summary, first.summary);
        prop_assert_eq!(&dry.summary["stores"], &first.summary["stores"]);
        prop_assert_eq!(&dry.summary["problems"], &first.summary["problems"]);
        prop_assert_eq!(first.counts[1], rows);
        prop_assert_eq!(second.counts[1], 0, "{}", second.summary);
        prop_assert_eq!((second.counts[0], second.counts[4], folder.rows()), (first.counts[0], first.counts[4], rows));
        let rejects = lines(&folder.path("bad.jsonl"));
        prop_assert_eq!(rejects.len() as u64, first.counts[4]);
        if !rejects.is_empty() {
            let again = folder.migrate(&["bad.jsonl"]);
            check(&again)?;
            prop_assert_eq!(again.counts[0], first.counts[4], "{}", again.summary);
            prop_assert_eq!(&again.summary["problems"], &Value::Array(Vec::new()));
        }
    }
}
