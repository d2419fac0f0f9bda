//! `--max-record`: a record that is longer costs itself alone, and no memory; 64 MiB unless told otherwise.

use serde_json::Value;

use super::running::Running;
use super::{counts, lines, manager};
use crate::support::{A, B, C, D, Output, Sandbox};

/// Of a run with the default limit and a record of 200 MB, in KiB.
const MEMORY: u64 = 160 * 1024;

/// A record that is exactly so long.
fn long(id: &str, bytes: usize) -> String {
    let record = manager(id).to_string();
    let more = bytes - record.len();
    let record = record.replace("Small Gods", &format!("Small Gods{}", "x".repeat(more)));
    assert_eq!(record.len(), bytes);
    record
}

fn migrate(sandbox: &Sandbox, size: &str) -> Output {
    let size = format!("--max-record={size}");
    let args = ["migrate", "dump.json", "-o", "json", &size];
    sandbox.jobctl(args).arg("--rejects").arg("bad.jsonl").run()
}

/// Whether a record of this size is taken; its neighbours always are.
#[track_caller]
fn is_taken(size: &str, bytes: usize) -> bool {
    let text = format!("{}\n{}\n{}\n", manager(B), long(A, bytes), manager(C));
    let sandbox = Sandbox::new();
    sandbox.write("dump.json", text);
    let run = migrate(&sandbox, size);
    let taken = sandbox.ids() == [A, B, C];
    let expected = if taken {
        [3, 3, 0, 0, 0]
    } else {
        assert_eq!(sandbox.ids(), [B, C], "{run}");
        [3, 2, 0, 0, 1]
    };
    let run = run.fails(if taken { 0 } else { 65 });
    assert_eq!(counts(&run.json()), expected, "{run}");
    taken
}

#[test]
fn the_limit_is_the_longest_record_that_is_taken() {
    for bytes in [1_000, 5_000, 100_000, 6_000_000] {
        assert!(is_taken(&bytes.to_string(), bytes), "{bytes}");
        assert!(!is_taken(&bytes.to_string(), bytes + 1), "{bytes}");
    }
}

#[test]
fn a_size_may_have_a_unit_in_any_case() {
    for size in ["500k", "500K", "500kB", "500KB", "500KiB", "500kib"] {
        assert!(is_taken(size, 490_000), "{size}");
        assert!(!is_taken(size, 520_000), "{size}");
    }
    for size in ["1MB", "1mb"] {
        assert!(is_taken(size, 1_000_000), "{size}");
        assert!(!is_taken(size, 1_050_000), "{size}");
    }
    for size in ["1MiB", "1mib", "1MIB"] {
        assert!(is_taken(size, 1 << 20), "{size}");
        assert!(!is_taken(size, (1 << 20) + 1), "{size}");
    }
    for size in ["10MB", "64MiB", "64mib", "1m", "256MiB", "268435456"] {
        assert!(is_taken(size, 900_000), "{size}");
    }
}

#[test]
fn a_size_that_is_none_is_a_usage_error() {
    let sizes = [
        "",
        "0",
        "0k",
        "0MiB",
        "-1",
        "many",
        "MB",
        "k",
        "10XB",
        "10 apples",
        "1..5MB",
        "5MB5",
        "0x10",
        "99999999999999999999",
        "18446744073709551616",
        "1e3",
        "NaN",
        "\u{661}0MB",
    ];
    for size in sizes {
        is_usage_error(size);
    }
}

#[test]
fn a_size_above_256_mib_is_a_usage_error_that_says_so() {
    for size in ["1g", "1GB", "1GiB", "257MiB", "300MB", "268435457"] {
        let run = is_usage_error(size);
        assert!(run.stderr.contains("256"), "{size}{run}");
    }
}

#[track_caller]
fn is_usage_error(size: &str) -> Output {
    let sandbox = Sandbox::new();
    sandbox.write("dump.json", manager(A).to_string());
    let run = migrate(&sandbox, size);
    assert_eq!(run.status, 2, "{size:?}{run}");
    assert!(run.stderr.contains("--max-record"), "{size:?}{run}");
    assert!(!sandbox.db().exists(), "{size:?}");
    run
}

#[test]
fn a_record_that_is_too_long_is_named_with_its_place() {
    let (record, sandbox) = (long(B, 3_000), Sandbox::new());
    let text = format!(
        "{{\"{A}\": {},\n\"{B}\": {record},\n\"{C}\": {}}}\n",
        manager(A),
        manager(C)
    );
    let byte = text.find(&record).unwrap();
    sandbox.write("dump.json", &text);
    let run = migrate(&sandbox, "2000").fails(65);
    assert_eq!(counts(&run.json()), [3, 2, 0, 0, 1], "{run}");
    assert_eq!(sandbox.ids(), [A, C]);
    for part in ["dump.json", "line 2", &format!("byte {byte}"), B, "2000"] {
        let said = run.stderr.replace("2,000", "2000");
        assert!(said.contains(part), "{part}{run}");
    }
    assert!(run.stderr.contains("--max-record"), "{run}");
    let rejects = sandbox.read("bad.jsonl");
    assert_eq!(rejects.lines().count(), 1);
    let reject: Value = serde_json::from_str(&rejects).unwrap();
    assert_eq!(reject["source"], "dump.json");
    assert_eq!(reject["key"], B);
    assert_eq!(reject["line"], 2);
    assert_eq!(reject["position"], byte);
    assert!(reject["reason"].as_str().unwrap().contains("long"));
}

#[test]
fn the_rejects_have_its_beginning_and_it_is_imported_with_a_higher_limit() {
    let (record, sandbox) = (long(B, 5_000_000), Sandbox::new());
    sandbox.write("dump.json", format!("{}\n{record}\n", manager(A)));
    migrate(&sandbox, "1MB").fails(65);
    let rejects = sandbox.read("bad.jsonl");
    assert!(rejects.len() < 64 << 10, "{} bytes", rejects.len());
    let reject: Value = serde_json::from_str(&rejects).unwrap();
    let kept = reject["record"].as_str().unwrap();
    assert!(!kept.is_empty() && record.starts_with(kept), "{kept}");
    // A beginning is no record: nothing that was cut is imported in its place.
    let run = sandbox.jobctl("migrate bad.jsonl").run();
    run.fails(65);
    assert_eq!(sandbox.ids(), [A]);
    let run = migrate(&sandbox, "5MB").ok();
    assert_eq!(counts(&run.json()), [2, 1, 0, 1, 0], "{run}");
    assert_eq!(sandbox.ids(), [A, B]);
}

#[test]
fn several_that_are_too_long_and_the_last_one_too() {
    let [a, b, c, d] = [
        manager(A).to_string(),
        long(B, 9_000),
        long(C, 900_000),
        manager(D).to_string(),
    ];
    for (text, ids) in [
        (format!("[{a},{b},{c},{d}]"), vec![A, D]),
        (format!("{c}\n{a}\n{b}"), vec![A]),
        (format!("[\n{b}\n]"), vec![]),
    ] {
        let sandbox = Sandbox::report();
        sandbox.write("dump.json", &text);
        let run = migrate(&sandbox, "2k").fails(65);
        assert_eq!(sandbox.ids(), ids, "{run}");
        let rejected = [&b, &c].iter().filter(|it| text.contains(**it)).count();
        assert_eq!(run.json()["rejected"], rejected, "{run}");
    }
}

#[test]
fn a_limit_above_the_default_takes_what_the_default_does_not() {
    let sandbox = Sandbox::report();
    sandbox.write("dump.json", long(A, 65 << 20));
    let run = sandbox.jobctl("migrate dump.json").run();
    run.fails(65).stderr_has("--max-record");
    assert_eq!(sandbox.count(), 0);
    migrate(&sandbox, "66MiB").ok();
    assert_eq!(sandbox.ids(), [A]);
}

/// What stands around a text of 200 MB, in the middle of which it may be cut in two.
fn around() -> (String, String) {
    let text = lines(&[manager(A), manager(B), manager(C)]);
    let at = text.find(B).unwrap();
    let at = at + text[at..].find("Gods").unwrap();
    (text[..at].to_owned(), text[at..].to_owned())
}

#[track_caller]
fn is_rejected_by_itself(sandbox: &Sandbox, running: Running) {
    let (peak, run) = running.end_with_peak();
    let run = run.fails(65);
    assert_eq!(counts(&run.json()), [3, 2, 0, 0, 1], "{run}");
    assert_eq!(sandbox.ids(), [A, C]);
    assert!(run.stderr.contains("line 2"), "{run}");
    assert!((1024..MEMORY).contains(&peak), "{peak} KiB of memory");
    assert!(sandbox.path("bad.jsonl").metadata().unwrap().len() < 64 << 10);
}

const STREAM: &str = "migrate - -o json --rejects bad.jsonl";

#[test]
fn a_text_of_200_mb_is_rejected_by_itself_and_takes_no_memory() {
    let (sandbox, (begin, end)) = (Sandbox::new(), around());
    let mut running = Running::start(sandbox.jobctl(STREAM));
    running.feed(begin);
    let megabyte = "x".repeat(1_000_000);
    for _ in 0..200 {
        running.feed(&megabyte);
    }
    running.feed(end);
    is_rejected_by_itself(&sandbox, running);
}

#[test]
fn a_compressed_text_of_200_mb_is_rejected_by_itself_and_takes_no_memory() {
    // One frame after another: a megabyte is compressed once.
    let frame = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
    let (sandbox, (begin, end)) = (Sandbox::new(), around());
    let mut running = Running::start(sandbox.jobctl(STREAM));
    running.feed(frame(&begin));
    running.feed(frame(&"x".repeat(1_000_000)).repeat(200));
    running.feed(frame(&end));
    is_rejected_by_itself(&sandbox, running);
}
