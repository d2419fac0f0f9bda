//! The ends of archives that killed runs and power cuts leave.

use std::fs;
use std::path::Path;

use super::{
    NAMES, archive, folder, long_text, moved_bytes, open, read_back, row, row_with, written,
};
use crate::system::open::with_suffix;

/// Cuts the archive at `length`. It must be repaired to its last whole batch and the whole rows of the next one, take one more
/// batch, and be read; the damaged end must lie beside it.
fn cut_and_repair(path: &Path, bytes: &[u8], length: usize, ends: &[u64], batches: &[&[&str]]) {
    fs::write(path, &bytes[..length]).unwrap();
    let moved = with_suffix(path, ".damaged-1");
    let _ = fs::remove_file(&moved);
    // A line is whole without its line break too.
    let spare = u64::from(path.extension().is_some_and(|it| it == "jsonl"));
    let length = length as u64;
    let whole = ends.iter().rposition(|end| *end <= length + spare).unwrap();
    let stays = ends[whole].min(length);
    // The frame that marks an archive as ours stays too.
    let has_mark = path.extension().is_some_and(|it| it == "zst");
    let stays = match stays {
        0 if has_mark && length >= 24 => 24,
        stays => stays,
    };
    let mut archive = open(path).unwrap_or_else(|error| panic!("cut at {length}: {error}"));
    assert_eq!(moved_bytes(&archive), length - stays, "cut at {length}");
    if length == stays {
        assert!(!moved.exists())
    } else {
        assert_eq!(
            fs::read(&moved).unwrap(),
            &bytes[stays as usize..length as usize]
        )
    }
    archive.append(row("more").as_bytes()).unwrap();
    let rows: u64 = archive.moved().iter().map(|moved| moved.rows).sum();
    drop(archive);
    let mut expected = batches[..whole].concat();
    let next = batches.get(whole).copied().unwrap_or_default();
    expected.extend(&next[..rows as usize]);
    expected.push("more");
    let (ids, problem) = read_back(path);
    assert_eq!(ids, expected, "cut at {length}");
    assert_eq!(problem, None, "cut at {length}");
}

/// In a plain archive each line counts for itself, not each batch.
fn by_line(ends: &mut Vec<u64>, bytes: &[u8]) {
    *ends = vec![0];
    ends.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at as u64 + 1));
}

#[test]
fn an_archive_cut_anywhere_is_mended_to_its_last_whole_batch() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let mut ends = archive(&path, &[row("a"), row("b") + &row("c"), row("d")]);
        let bytes = fs::read(&path).unwrap();
        let mut batches: Vec<&[&str]> = vec![&["a"], &["b", "c"], &["d"]];
        if name == "jobs.jsonl" {
            by_line(&mut ends, &bytes);
            batches = vec![&["a"], &["b"], &["c"], &["d"]];
        }
        // Headers and trailers are cut at each byte, the content at every 13th.
        let is_near = |length: &usize| {
            length.is_multiple_of(13) || ends.iter().any(|end| length.abs_diff(*end as usize) < 32)
        };
        for length in (0..=bytes.len()).filter(is_near) {
            cut_and_repair(&path, &bytes, length, &ends, &batches);
        }
    }
}

#[test]
fn a_batch_of_many_blocks_is_mended_too() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let text = long_text(300_000);
        let many: String = (0..2000).map(|_| row("b")).collect();
        let ids = vec!["b"; 2000];
        let mut ends = archive(&path, &[row_with("a", &text), many]);
        let bytes = fs::read(&path).unwrap();
        let mut batches: Vec<&[&str]> = vec![&["a"], &ids];
        if name == "jobs.jsonl" {
            by_line(&mut ends, &bytes);
            batches = vec![&["b"]; 2001];
            batches[0] = &["a"];
        }
        let step = bytes.len() / 40;
        for length in (0..bytes.len()).step_by(step) {
            cut_and_repair(&path, &bytes, length, &ends, &batches);
        }
    }
}

#[test]
fn zeros_that_a_power_cut_left_are_moved_away() {
    for name in NAMES {
        for zeros in [1, 2, 3, 4, 23, 24, 5000, 70_000] {
            let folder = folder();
            let path = folder.path().join(name);
            let ends = archive(&path, &[row("a"), row("b")]);
            let whole = fs::read(&path).unwrap();
            let mut bytes = whole.clone();
            bytes.resize(bytes.len() + zeros, 0);
            written(&folder, name, &bytes);
            let archive = open(&path).unwrap();
            assert_eq!(moved_bytes(&archive), zeros as u64);
            drop(archive);
            assert_eq!(fs::read(&path).unwrap(), whole);
            // A batch of which only the beginning came to the disk.
            let cut = ends[1] as usize + 30;
            let mut bytes = whole[..cut].to_vec();
            bytes.resize(cut + zeros, 0);
            written(&folder, name, &bytes);
            let archive = open(&path).unwrap();
            assert_eq!(moved_bytes(&archive), (bytes.len() as u64) - ends[1]);
            drop(archive);
            assert_eq!(read_back(&path), (vec!["a".to_owned()], None));
        }
    }
}

#[test]
fn a_torn_line_longer_than_what_is_looked_at_is_moved_away() {
    let folder = folder();
    let path = folder.path().join("jobs.jsonl");
    let long = row_with("b", &long_text(2 << 20));
    let ends = archive(&path, &[row("a"), long]);
    let bytes = fs::read(&path).unwrap();
    for length in [ends[2] - 2, ends[2] - 1000, ends[1] + (2 << 20)] {
        fs::write(&path, &bytes[..length as usize]).unwrap();
        assert_eq!(super::moved_bytes(&open(&path).unwrap()), length - ends[1]);
    }
}
