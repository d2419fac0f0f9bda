//! The content of an archive after good runs and failed ones.

use std::fs::{self, OpenOptions};
use std::io::Write;

use super::{NAMES, archive, folder, open, read_back, row, row_with};
use crate::error::{Failure, Kind};

#[test]
fn every_batch_of_every_run_is_read_back() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        archive(&path, &[row("a") + &row("b"), row("c")]);
        let before = fs::metadata(&path).unwrap().len();
        let mut again = open(&path).unwrap();
        assert_eq!((again.added(), super::moved_bytes(&again)), (0, 0));
        again.append(row("d").as_bytes()).unwrap();
        again.append(b"").unwrap();
        let after = fs::metadata(&path).unwrap().len();
        assert_eq!(again.added(), after - before, "{name}");
        drop(again);
        let (ids, problem) = read_back(&path);
        assert_eq!(ids, ["a", "b", "c", "d"], "{name}");
        assert_eq!(problem, None, "{name}");
    }
}

#[test]
fn the_tools_of_the_system_read_it_too() {
    for (name, tool) in [("jobs.jsonl.gz", "gzip"), ("jobs.jsonl.zst", "zstd")] {
        let folder = folder();
        let path = folder.path().join(name);
        archive(&path, &[row("a"), row("b")]);
        let Ok(output) = std::process::Command::new(tool)
            .arg("-dc")
            .arg(&path)
            .output()
        else {
            continue;
        };
        assert!(output.status.success(), "{output:?}");
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            row("a") + &row("b")
        );
    }
}

#[test]
fn large_batches_are_packed_and_hopped_over() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let text = super::long_text(600_000);
        let many: String = (0..3000).map(|n| row(&format!("job-{n}"))).collect();
        archive(&path, &[row_with("long", &text), many, row("last")]);
        let mut again = open(&path).unwrap();
        assert_eq!(super::moved_bytes(&again), 0);
        again.append(row("more").as_bytes()).unwrap();
        drop(again);
        assert_eq!(read_back(&path).0.len(), 3003, "{name}");
    }
}

#[test]
fn only_whole_lines_are_taken() {
    let folder = folder();
    let path = folder.path().join("jobs.jsonl");
    let mut archive = open(&path).unwrap();
    assert!(archive.append(b"{\"id\": 1}").is_err());
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
}

#[test]
fn what_somebody_else_appends_is_neither_cut_nor_followed() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let mut archive = open(&path).unwrap();
        archive.append(row("a").as_bytes()).unwrap();
        let mut other = OpenOptions::new().append(true).open(&path).unwrap();
        other.write_all(b"strange").unwrap();
        let before = fs::read(&path).unwrap();
        for words in [
            "something else has changed it",
            "could not be written before",
        ] {
            let error = archive.append(row("b").as_bytes()).unwrap_err();
            let failure: Failure = error.downcast().unwrap();
            assert_eq!(failure.kind, Kind::Io);
            assert!(failure.message.contains(words), "{failure}");
        }
        drop(archive);
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn an_archive_that_vanished_takes_nothing_more() {
    let folder = folder();
    let path = folder.path().join("jobs.jsonl");
    let mut archive = open(&path).unwrap();
    archive.append(row("a").as_bytes()).unwrap();
    fs::remove_file(&path).unwrap();
    let error = archive.append(row("b").as_bytes()).unwrap_err();
    assert!(error.to_string().contains("removed it"), "{error}");
    drop(archive);
    assert!(!path.exists());
}

#[test]
fn a_failed_write_is_cut_back_and_nothing_more() {
    let folder = folder();
    let path = super::written(&folder, "x", b"0123456789");
    let file = OpenOptions::new().append(true).open(&path).unwrap();
    // More than was written is somebody else's; less than before is nothing to cut.
    super::super::cut_back(&file, 4, 5);
    super::super::cut_back(&file, 12, 5);
    assert_eq!(fs::read(&path).unwrap(), b"0123456789");
    super::super::cut_back(&file, 4, 6);
    assert_eq!(fs::read(&path).unwrap(), b"0123");
}

/// A device that is always full stands in for the disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_with_the_name_of_the_file() {
    let folder = folder();
    let path = folder.path().join("jobs.jsonl.zst");
    let mut archive = open(&path).unwrap();
    archive.append(row("a").as_bytes()).unwrap();
    let length = fs::metadata(&path).unwrap().len();
    let real = std::mem::replace(
        &mut archive.file,
        OpenOptions::new().append(true).open("/dev/full").unwrap(),
    );
    archive.length = 0;
    let error = archive.append(row("b").as_bytes()).unwrap_err();
    let failure: Failure = error.downcast().unwrap();
    assert_eq!(failure.kind, Kind::Io);
    assert!(
        failure.message.contains("jobs.jsonl.zst: No space left"),
        "{failure}"
    );
    assert!(
        failure
            .message
            .contains("no job was deleted whose row is not in it"),
        "{failure}"
    );
    assert!(failure.hint.is_some());
    assert!(archive.append(row("b").as_bytes()).is_err());
    drop(archive);
    drop(real);
    assert_eq!(fs::metadata(&path).unwrap().len(), length);
}

#[test]
fn a_row_that_stands_at_the_end_is_not_appended_once_more() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        archive(&path, &[row("a") + &row("b"), row("c")]);
        let before = fs::metadata(&path).unwrap().len();
        let mut again = open(&path).unwrap();
        again
            .append_missing((row("b") + &row("c")).as_bytes())
            .unwrap();
        again.append_missing(b"").unwrap();
        assert_eq!(again.added(), 0, "{name}");
        assert_eq!(fs::metadata(&path).unwrap().len(), before);
        let other = row_with("b", "other");
        again
            .append_missing((row("a") + &other).as_bytes())
            .unwrap();
        drop(again);
        // Only the last row of a job counts, not an earlier one.
        let mut again = open(&path).unwrap();
        again
            .append_missing((row("b") + &row("d")).as_bytes())
            .unwrap();
        drop(again);
        let (ids, problem) = read_back(&path);
        assert_eq!(ids, ["a", "b", "c", "b", "b", "d"], "{name}");
        assert_eq!(problem, None, "{name}");
    }
}

#[test]
fn rows_before_a_line_of_another_form_are_appended_once_more() {
    for end in ["{\"id\": \"b\"}\n", "{}\n"] {
        let folder = folder();
        let path = folder.path().join("jobs.jsonl");
        archive(&path, &[row("a")]);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all((end.to_owned() + &row("b")).as_bytes())
            .unwrap();
        let mut again = open(&path).unwrap();
        again
            .append_missing((row("a") + &row("b")).as_bytes())
            .unwrap();
        assert_eq!(again.added(), row("a").len() as u64);
    }
}
