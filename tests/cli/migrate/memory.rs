//! Memory that does not grow with the file: 60 MB are imported in less than 64 MiB.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::support::Sandbox;

const LIMIT: u64 = 64 * 1024;
const RECORDS: usize = 29_000;

/// A record of 2 KB of which most is the content.
fn record(n: usize) -> String {
    let content = "Rain beats against the window.\\n\\\"You said\\\" \\u7b2c\\u4e00 ".repeat(32);
    format!(
        r#"{{"job_id": "{n:08x}-0000-4000-8000-000000000000", "job_type": "idea2video", "status": "failed", "content": "{content}", "error": "it broke", "created_at": "2025-12-28T11:30:14.482913", "updated_at": "2025-12-28T11:52:40.019377"}}"#
    )
}

fn generate(path: &Path, first: &str, between: &str, last: &str, keyed: bool) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    file.write_all(first.as_bytes()).unwrap();
    for n in 0..RECORDS {
        let key = if keyed {
            format!("\"{n:08x}-0000-4000-8000-000000000000\": ")
        } else {
            String::new()
        };
        let between = if n > 0 { between } else { "" };
        write!(file, "{between}{key}{}", record(n)).unwrap();
    }
    file.write_all(last.as_bytes()).unwrap();
    file.flush().unwrap();
    assert!(
        path.metadata().unwrap().len() > 60_000_000,
        "{} bytes",
        path.metadata().unwrap().len()
    );
}

/// The most memory that a program has had so far, in KiB; none once it has ended. Linux keeps the mark itself, so that
/// looking now and then misses nothing but the last moment.
fn high_water(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

#[track_caller]
fn stays_small(name: &str, sandbox: &Sandbox) {
    let mut command = sandbox.jobctl(["migrate", name, "-q"]).command();
    let mut child = command.stdin(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    let status = loop {
        peak = peak.max(high_water(&child).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::yield_now();
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert!(status.success(), "{status}");
    assert_eq!(sandbox.count(), i64::try_from(RECORDS).unwrap());
    assert!(peak > 1024, "no memory was seen: {peak} KiB");
    assert!(peak < LIMIT, "{peak} KiB of memory for {name}");
}

#[test]
fn json_lines_of_60_mb() {
    let sandbox = Sandbox::new();
    generate(&sandbox.path("dump.jsonl"), "", "\n", "\n", false);
    stays_small("dump.jsonl", &sandbox);
}

#[test]
fn an_object_of_60_mb_keyed_by_id() {
    let sandbox = Sandbox::new();
    generate(&sandbox.path("dump.json"), "{", ", ", "}", true);
    stays_small("dump.json", &sandbox);
}

#[test]
fn an_array_of_60_mb_in_a_store_by_name() {
    let sandbox = Sandbox::new();
    generate(
        &sandbox.path("dump.json"),
        "{\"jobs\": [",
        ", ",
        "]}",
        false,
    );
    stays_small("dump.json", &sandbox);
}

#[test]
fn a_dry_run_of_60_mb() {
    let sandbox = Sandbox::report();
    generate(&sandbox.path("dump.jsonl"), "", "\n", "\n", false);
    let mut command = sandbox
        .jobctl(["migrate", "dump.jsonl", "-q", "--dry-run", "-o", "json"])
        .command();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(high_water(&child).unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    assert!((1024..LIMIT).contains(&peak), "{peak} KiB of memory");
    assert_eq!(sandbox.count(), 0);
}
