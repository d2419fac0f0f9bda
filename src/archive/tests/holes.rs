//! Blocks that never came to the disk, and runs that are killed in a repair.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::{
    NAMES, archive, folder, moved_bytes, noise, open, read_back, refused, row, row_with, written,
};
use crate::system::open::with_suffix;

/// Rows that pack badly, so that each block has some of them.
fn rows(from: usize, to: usize) -> String {
    let text = super::long_text(60_000);
    let content = |n: usize| text.get(n * 100..n * 100 + 700).unwrap().to_owned();
    (from..to)
        .map(|n| row_with(&format!("{n:03}"), &content(n)))
        .collect()
}

fn ids(path: &Path) -> BTreeSet<String> {
    let (ids, problem) = read_back(path);
    assert_eq!(problem, None, "{path:?}");
    ids.into_iter().collect()
}

/// An archive of two appends, with its rows and the offset of the second append.
fn two_appends(path: &Path) -> (Vec<u8>, usize) {
    let ends = archive(path, &[rows(0, 100), rows(100, 300)]);
    (fs::read(path).unwrap(), ends[1] as usize)
}

fn with_hole(bytes: &[u8], at: usize, length: usize, garbage: bool) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let end = bytes.len().min(at + length);
    let filling = if garbage {
        noise(end - at)
    } else {
        vec![0; end - at]
    };
    bytes[at..end].copy_from_slice(&filling);
    bytes
}

#[test]
fn a_hole_in_the_last_append_is_moved_away_and_what_is_whole_is_kept() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let (whole, second) = two_appends(&path);
        for length in [512, 4096, 1 << 16] {
            let middle = second + (whole.len() - second) / 2;
            let offsets = [
                second,
                middle / 512 * 512,
                whole.len() - length.min(whole.len() - second),
                second - 256,
            ];
            for (at, garbage) in offsets.into_iter().flat_map(|at| [(at, false), (at, true)]) {
                let what = format!("{name}: {length} at {at}, garbage: {garbage}");
                let bytes = with_hole(&whole, at, length, garbage);
                fs::write(&path, &bytes).unwrap();
                let mut opened = open(&path).unwrap_or_else(|error| panic!("{what}: {error}"));
                let moved = opened.moved().to_vec();
                assert_eq!(moved.len(), 1, "{what}");
                let copied = fs::read(&moved[0].name).unwrap();
                assert!(bytes.ends_with(&copied), "{what}");
                let mode = fs::metadata(&moved[0].name).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "{what}");
                opened.append(row("more").as_bytes()).unwrap();
                drop(opened);
                // Nothing is made up, and nothing of the first append is lost that had no hole.
                let kept = ids(&path);
                assert!(kept.contains("more"), "{what}");
                let first = kept.iter().filter(|id| id.as_str() < "100").count();
                assert!(first == 100 || at < second, "{what}: {first}");
                let text = unpacked(&path);
                let written = rows(0, 300);
                for line in text.lines().filter(|line| !line.contains("\"more\"")) {
                    assert!(written.contains(line), "{what}: {line}");
                }
                if name == "jobs.jsonl" {
                    let most_lost = length / 1000 + 3;
                    assert!(kept.len() > 300 - most_lost, "{what}: {}", kept.len());
                }
                // The next run has nothing to do.
                assert!(open(&path).unwrap().moved().is_empty(), "{what}");
                fs::remove_file(&moved[0].name).unwrap();
            }
        }
    }
}

fn unpacked(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let mut text = String::new();
    let mut input: Box<dyn std::io::Read> = match path.extension().unwrap().to_str().unwrap() {
        "zst" => Box::new(zstd::stream::read::Decoder::new(bytes.as_slice()).unwrap()),
        "gz" => Box::new(flate2::read::MultiGzDecoder::new(bytes.as_slice())),
        _ => Box::new(bytes.as_slice()),
    };
    input.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn appends_behind_a_damaged_one_are_kept_as_they_are() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let ends = archive(&path, &[rows(0, 100), rows(100, 200), rows(200, 300)]);
        let whole = fs::read(&path).unwrap();
        let (second, third) = (ends[1] as usize, ends[2] as usize);
        // A frame that is torn, and a good one behind it; and one whose header is not there.
        for bytes in [
            [
                &whole[..second + (third - second) / 2 + 77],
                &whole[third..],
            ]
            .concat(),
            with_hole(&whole, second, 512, false),
        ] {
            fs::write(&path, &bytes).unwrap();
            let opened = open(&path).unwrap();
            assert_eq!(opened.moved().len(), 1, "{name}");
            drop(opened);
            let kept = ids(&path);
            let of = |from: &str, to: &str| {
                kept.iter()
                    .filter(|id| from <= id.as_str() && id.as_str() < to)
                    .count()
            };
            assert_eq!(of("000", "100"), 100, "{name}");
            assert_eq!(of("200", "300"), 100, "{name}");
        }
    }
}

#[test]
fn several_holes_are_moved_away_at_once_and_later_ones_get_a_name_of_their_own() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let (whole, second) = two_appends(&path);
        let third = second + (whole.len() - second) / 3;
        let bytes = with_hole(
            &with_hole(&whole, third, 512, false),
            whole.len() - 2000,
            600,
            true,
        );
        for number in 1..=3 {
            fs::write(&path, &bytes).unwrap();
            let opened = open(&path).unwrap();
            let name = with_suffix(&path, format!(".damaged-{number}"))
                .canonicalize()
                .unwrap();
            assert_eq!(opened.moved()[0].name, name);
        }
    }
}

#[test]
fn an_archive_of_zeros_and_one_whose_first_sector_is_not_there_are_begun_anew() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        archive(&path, &[rows(0, 30)]);
        let whole = fs::read(&path).unwrap();
        for bytes in [vec![0; 9000], vec![0; 1], with_hole(&whole, 0, 512, false)] {
            fs::write(&path, &bytes).unwrap();
            let opened = open(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(moved_bytes(&opened), bytes.len() as u64, "{name}");
        }
    }
}

#[test]
fn zeros_in_a_file_of_somebody_else_change_nothing() {
    let notes = "some notes of mine\n".repeat(3000);
    let zstd = zstd::bulk::compress(super::long_text(50_000).as_bytes(), 1).unwrap();
    for (name, bytes) in [
        ("x.jsonl", notes.into_bytes()),
        (
            "x.jsonl",
            "{\"job_id\": \"7c1f\"}\n".repeat(3000).into_bytes(),
        ),
        ("x.zst", zstd),
        ("x.zst", noise(20_000)),
        ("x.gz", noise(20_000)),
    ] {
        let folder = folder();
        for at in [bytes.len() / 2, 600, bytes.len() - 512] {
            let length = 512;
            let path = written(&folder, name, &with_hole(&bytes, at, length, false));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            refused(&path, "no archive");
        }
    }
}

/// All states that a run can leave which is killed in a repair.
#[test]
fn mending_that_was_cut_short_is_finished_by_the_next_run() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let (whole, second) = two_appends(&path);
        let middle = second + (whole.len() - second) / 2;
        let damaged = with_hole(&whole, middle, 512, false);
        fs::write(&path, &damaged).unwrap();
        let opened = open(&path).unwrap();
        let beside = opened.moved()[0].name.clone();
        drop(opened);
        let (tail, mended) = (fs::read(&beside).unwrap(), fs::read(&path).unwrap());
        let expected = ids(&path);
        let begin = damaged.len() - tail.len();
        let (copying, mending) = (
            with_suffix(&path, ".mending.new"),
            with_suffix(&path, ".mending"),
        );
        let states = [
            (&damaged[..], Some(&tail[..tail.len() / 2]), None),
            (&damaged[..], None, Some(&tail[..])),
            (&damaged[..begin], None, Some(&tail[..])),
            (
                &mended[..begin + (mended.len() - begin) / 2],
                None,
                Some(&tail[..]),
            ),
            (&mended[..], None, Some(&tail[..])),
        ];
        for (number, (archived, copied, moved)) in states.into_iter().enumerate() {
            fs::remove_file(&beside).unwrap();
            fs::write(&path, archived).unwrap();
            if let Some(bytes) = copied {
                fs::write(&copying, bytes).unwrap()
            }
            if let Some(bytes) = moved {
                fs::write(&mending, bytes).unwrap()
            }
            let opened = open(&path).unwrap_or_else(|error| panic!("{name} {number}: {error}"));
            assert_eq!(opened.moved().len(), 1, "{name} {number}");
            drop(opened);
            assert_eq!(ids(&path), expected, "{name} {number}");
            assert_eq!(fs::read(&beside).unwrap(), tail, "{name} {number}");
            assert!(!mending.exists(), "{name} {number}");
            assert!(!copying.exists(), "{name} {number}");
        }
    }
}

#[test]
fn looking_says_the_same_and_changes_nothing() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let (whole, second) = two_appends(&path);
        assert_eq!(super::Archive::damaged_bytes(&path).unwrap(), None);
        let bytes = with_hole(&whole, second + 3000, 512, false);
        fs::write(&path, &bytes).unwrap();
        let changed = fs::metadata(&path).unwrap().ctime_nsec();
        let would = super::Archive::damaged_bytes(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().ctime_nsec(), changed);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(would, Some(moved_bytes(&open(&path).unwrap())), "{name}");
    }
}
