//! Memory that does not grow with the file: 60 MB are imported in less than 64 MiB.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};

use liblzma::stream::{Check, Filters, LzmaOptions, Stream};
use liblzma::write::XzEncoder;

use crate::args::Args;
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

/// The most memory that a run takes until it ends, in KiB, and how it ends.
fn peak(sandbox: &Sandbox, args: impl Args) -> (u64, Option<i32>) {
    let mut command = sandbox.jobctl(args).command();
    let nothing = || Stdio::null();
    command.stdin(nothing()).stdout(nothing()).stderr(nothing());
    let mut child = command.spawn().unwrap();
    let mut peak = 0;
    let status = loop {
        peak = peak.max(high_water(&child).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert!(peak > 1024, "no memory was seen: {peak} KiB");
    (peak, status.code())
}

#[track_caller]
fn takes_little(sandbox: &Sandbox, args: impl Args, status: i32) {
    let (peak, ended) = peak(sandbox, &args);
    assert_eq!(ended, Some(status), "{args:?}");
    assert!(peak < LIMIT, "{peak} KiB of memory for {args:?}");
}

#[track_caller]
fn stays_small(name: &str, sandbox: &Sandbox) {
    takes_little(sandbox, ["migrate", name, "-q"], 0);
    assert_eq!(sandbox.count(), i64::try_from(RECORDS).unwrap());
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
    let args = "migrate dump.jsonl -q --dry-run -o json";
    takes_little(&sandbox, args, 0);
    assert_eq!(sandbox.count(), 0);
}

/// What is read while nothing can be written is bounded by more than the bytes of the records.
#[track_caller]
fn takes_little_while_locked(dump: &str, write_the_rest: impl FnOnce(&mut BufWriter<File>)) {
    let sandbox = Sandbox::service();
    let mut file = BufWriter::new(File::create(sandbox.path(dump)).unwrap());
    let open = if dump.ends_with(".json") { "{" } else { "" };
    write!(file, "{open}").unwrap();
    for n in 0..3_000 {
        match open {
            "" => writeln!(
                file,
                "{{\"id\": \"{n}\", \"mode\": \"idea\", \"error\": null, \"job_id\": null}}"
            )
            .unwrap(),
            _ => write!(
                file,
                "\"{n}\": {{\"mode\": \"idea\", \"error\": null, \"job_id\": null}}, "
            )
            .unwrap(),
        }
    }
    write_the_rest(&mut file);
    file.flush().unwrap();
    let holder = sandbox.connection();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let args = ["migrate", dump, "-q", "--busy-timeout", "2s"];
    takes_little(&sandbox, args, 75);
}

#[test]
fn long_keys() {
    takes_little_while_locked("dump.json", |file| {
        let long = "k".repeat(60_000);
        for n in 0..2_000 {
            write!(file, "\"{long}{n}\": 1, ").unwrap();
        }
        write!(file, "\"last\": 1}}").unwrap();
    });
}

#[test]
fn items_that_are_nothing() {
    takes_little_while_locked("dump.jsonl", |file| {
        for _ in 0..1_000_000 {
            writeln!(file, "1").unwrap();
        }
    });
}

#[test]
fn jobs_that_hold_next_to_nothing() {
    takes_little_while_locked("dump.jsonl", |file| {
        for n in 3_000..200_000 {
            writeln!(
                file,
                "{{\"id\": \"{n}\", \"mode\": \"idea\", \"error\": null, \"job_id\": null}}"
            )
            .unwrap();
        }
    });
}

/// The largest dictionary that is taken, around an archive.
#[test]
fn a_tar_of_60_mb_packed_with_xz() {
    let sandbox = Sandbox::new();
    generate(&sandbox.path("dump.jsonl"), "", "\n", "\n", false);
    let text = std::fs::read(sandbox.path("dump.jsonl")).unwrap();
    let mut options = LzmaOptions::new_preset(0).unwrap();
    options.dict_size(16 << 20);
    let stream = Stream::new_stream_encoder(Filters::new().lzma2(&options), Check::Crc64).unwrap();
    let mut xz = XzEncoder::new_stream(Vec::new(), stream);
    let archive = super::archives::tar(&[("dump.jsonl", &text)]);
    xz.write_all(&archive).unwrap();
    sandbox.write("dump.tar.xz", xz.finish().unwrap());
    stays_small("dump.tar.xz", &sandbox);
}
