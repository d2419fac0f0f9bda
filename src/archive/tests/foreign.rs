//! Files that are not ours: refused, and left as they are to the last byte.

use std::io::Write;

use super::{archive, folder, noise, open, refused, row, written};
use crate::job::Column;
use crate::job::row::read::Line;

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(text, 1).unwrap()
}

/// A frame with a checksum, as the zstd tool writes it, and so like ours.
fn zstd_like_ours(text: &[u8]) -> Vec<u8> {
    let mut compressor = zstd::bulk::Compressor::new(1).unwrap();
    compressor.include_checksum(true).unwrap();
    compressor.compress(text).unwrap()
}

fn foreign_texts() -> Vec<Vec<u8>> {
    let dictionary = br#"{"7c1f": {"job_id": "7c1f", "type": "idea2video", "request": {}}}"#;
    let job_form = format!("{{\"job_id\": \"7c1f\", {}}}", "\"status\": \"queued\"");
    let without_type = row("a").replacen("\"job_type\": \"idea2video\", ", "", 1);
    let nested = row("a").replacen("\"context\": \"{\\\"a\\\": [1]}\"", "\"context\": {}", 1);
    assert_ne!(without_type, row("a"));
    assert_ne!(nested, row("a"));
    vec![
        noise(5000),
        b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20\0\0\0\0".to_vec(),
        b"SQLite format 3\0".repeat(512),
        b"some notes of mine\nand more\n".to_vec(),
        b"some notes of mine".to_vec(),
        b"\n".to_vec(),
        dictionary.to_vec(),
        [dictionary.as_slice(), b"\n"].concat(),
        b"{\n  \"a\": 1\n}\n".to_vec(),
        b"{}".to_vec(),
        b"{}\n".to_vec(),
        b"[]\n".to_vec(),
        b"[{\"id\": 1}]".to_vec(),
        b"{\"id\": [1".to_vec(),
        b"{\"id\": {\"name\": \"x\"".to_vec(),
        b"{\"id\": \"x\", \"id\": \"y".to_vec(),
        b"{\"ids\": [\"x\"]}".to_vec(),
        job_form.clone().into_bytes(),
        (job_form + "\n").into_bytes(),
        without_type.clone().into_bytes(),
        without_type.trim_end().as_bytes().to_vec(),
        nested.into_bytes(),
    ]
}

#[test]
fn foreign_files_are_refused_untouched() {
    let folder = folder();
    for text in foreign_texts() {
        refused(&written(&folder, "x.jsonl", &text), "no archive");
        refused(&written(&folder, "x.zst", &text), "no archive");
        refused(&written(&folder, "x.gz", &text), "no archive");
        for packed in [zstd(&text), zstd_like_ours(&text)] {
            refused(&written(&folder, "x.jsonl.zst", &packed), "no archive");
        }
        refused(
            &written(&folder, "x.jsonl.gz", &gzipped(&text)),
            "no archive",
        );
    }
}

/// They look like a torn end of ours by their headers; what they hold tells them apart.
#[test]
fn foreign_packed_files_that_are_cut_off_are_refused_untouched() {
    let folder = folder();
    let text = "some notes of mine\n".repeat(20_000) + &super::long_text(300_000);
    let packed = zstd_like_ours(text.as_bytes());
    assert!(packed.len() > 200_000);
    refused(
        &written(&folder, "x.zst", &packed[..packed.len() - 9]),
        "holds no row",
    );
    let gzipped = gzipped(text.as_bytes());
    refused(
        &written(&folder, "x.gz", &gzipped[..gzipped.len() - 9]),
        "not ours",
    );
    let plain_header = zstd(text.as_bytes());
    refused(
        &written(&folder, "x.zst", &plain_header[..5000]),
        "not ours",
    );
}

#[test]
fn the_packing_must_fit_the_name() {
    let folder = folder();
    let lines = row("a");
    let zst = zstd(lines.as_bytes());
    let gz = gzipped(lines.as_bytes());
    for (name, bytes, words) in [
        (
            "a.zst",
            lines.as_bytes(),
            "it is not packed, and by its name it should be packed with zstd",
        ),
        (
            "a.gz",
            lines.as_bytes(),
            "it is not packed, and by its name it should be packed with gzip",
        ),
        (
            "a.jsonl",
            &zst,
            "it is packed with zstd, and by its name it should be not packed",
        ),
        ("a.gz", &zst, "it is packed with zstd"),
        ("a.zst", &gz, "it is packed with gzip"),
        ("a", &gz, "it is packed with gzip"),
    ] {
        refused(&written(&folder, name, bytes), words);
    }
}

#[test]
fn an_archive_that_other_tools_packed_is_ours() {
    let folder = folder();
    let lines = row("a") + &row("b");
    let skippable = [
        &[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3],
        zstd(lines.as_bytes()).as_slice(),
    ]
    .concat();
    let two = [gzipped(row("a").as_bytes()), gzipped(row("b").as_bytes())].concat();
    for (name, bytes) in [
        ("a.zst", zstd(lines.as_bytes())),
        ("b.ZST", skippable),
        ("c.gz", gzipped(lines.as_bytes())),
        ("d.gz", two),
    ] {
        let path = written(&folder, name, &bytes);
        archive(&path, &[row("c")]);
        archive(&path, &[row("d")]);
        let (ids, problem) = super::read_back(&path);
        assert_eq!(ids, ["a", "b", "c", "d"], "{name}");
        assert_eq!(problem, None, "{name}");
    }
}

/// Parts that are right are no damage, whoever wrote them.
#[test]
fn a_right_last_part_that_is_not_ours_is_refused() {
    let notes = b"some notes of mine\n";
    for (name, strange) in [
        ("jobs.jsonl", b"{\"job_id\": \"7c1f\"}\n".to_vec()),
        ("jobs.jsonl", b"[1]".to_vec()),
        ("jobs.jsonl.gz", gzipped(notes)),
        ("jobs.jsonl.zst", zstd(notes)),
    ] {
        let folder = folder();
        let path = folder.path().join(name);
        archive(&path, &[row("a")]);
        let bytes = [std::fs::read(&path).unwrap(), strange].concat();
        refused(&written(&folder, name, &bytes), "no archive");
    }
}

#[test]
fn what_follows_whole_parts_and_is_nothing_is_moved_away() {
    for name in super::NAMES {
        for strange in [
            &b"some notes"[..],
            b"\0\0\0x",
            b"\x28\xb5\x2fx",
            b"\x1f\x8b\x08\x00",
            b"[1",
        ] {
            let folder = folder();
            let path = folder.path().join(name);
            archive(&path, &[row("a")]);
            let before = std::fs::read(&path).unwrap();
            let bytes = [before.clone(), strange.to_vec()].concat();
            written(&folder, name, &bytes);
            let opened = open(&path).unwrap();
            assert_eq!(opened.moved().len(), 1);
            assert_eq!(std::fs::read(&opened.moved()[0].name).unwrap(), strange);
            drop(opened);
            assert_eq!(std::fs::read(&path).unwrap(), before);
        }
    }
}

#[test]
fn the_beginning_of_a_row_is_known_at_every_length() {
    let whole = row("größer \\\" id");
    let bytes = whole.trim_end().as_bytes();
    for length in 0..=bytes.len() {
        assert!(
            crate::job::row::torn::beginning(&bytes[..length]) == Line::Row,
            "{length}"
        );
    }
    let blanks = whole.replace(", ", ",").replace("\": ", "\":");
    for length in 0..blanks.len() {
        assert!(
            crate::job::row::torn::beginning(&blanks.as_bytes()[..length]) == Line::Row,
            "{length}"
        );
    }
    assert!(open(&written(&folder(), "a.jsonl", b"")).is_ok());
}

/// They hold rows, and would be of two kinds if more went into them.
#[test]
fn archives_of_an_earlier_or_later_jobctl_are_refused_untouched() {
    let folder = folder();
    let earlier = |row: String| row.replacen("\"$row\": 1, ", "", 1);
    let later = |row: String| row.replacen("\"$row\": 1", "\"$row\": 2", 1);
    let strange = "{\"$row\": 12, \"job\": [{\"anything\": true}]}\n".to_owned();
    for (lines, words) in [
        (earlier(row("a")) + &earlier(row("b")), "an earlier jobctl"),
        (
            later(row("a")) + &later(row("b")),
            "a newer jobctl wrote it",
        ),
        (strange, "version 12"),
        (row("a") + &earlier(row("b")), "an earlier jobctl"),
        (row("a") + &later(row("b")), "a newer jobctl wrote it"),
    ] {
        let two_kinds = lines.starts_with(&row("a"));
        let whole = lines.as_bytes();
        for (end, is_last_line) in [(0, false), (1, false), (whole.len() / 4, true)] {
            let text = &whole[..whole.len() - end];
            if two_kinds && is_last_line {
                continue;
            }
            refused(&written(&folder, "a.jsonl", text), words);
            if end == 0 && !two_kinds {
                refused(&written(&folder, "a.zst", &zstd(text)), words);
                refused(&written(&folder, "a.gz", &gzipped(text)), words);
            }
        }
    }
}

/// Rows without one of the columns, and with an unknown one instead.
#[test]
fn a_row_may_have_a_column_more_or_less() {
    let others = Column::ALL.iter().filter(|column| !column.is_demanded());
    for column in others {
        let name = format!("\"{}\": ", column.name());
        for new in ["", "\"owner\": "] {
            let other = |id: &str| {
                let row = row(id);
                let begin = row.find(&name).unwrap();
                let rest = &row[begin + name.len()..];
                let next = Column::ALL.get(*column as usize + 1);
                let end = next.and_then(|next| rest.find(&format!(", \"{}\": ", next.name())));
                let end = end.unwrap_or(rest.len() - 2);
                match new {
                    "" => format!("{}{}", row[..begin].trim_end_matches(", "), &rest[end..]),
                    new => format!("{}{new}{rest}", &row[..begin]),
                }
            };
            let whole = other("a");
            assert_eq!(Line::of(whole.trim_end().as_bytes()), Line::Row, "{whole}");
            for length in 0..whole.len() {
                let begun = crate::job::row::torn::beginning(&whole.as_bytes()[..length]);
                assert_eq!(begun, Line::Row, "{length}: {whole}");
            }
            let folder = folder();
            for cut in [0, 9, whole.len() - 30] {
                let text = other("a") + &other("b")[..other("b").len() - cut];
                let opened = open(&written(&folder, "a.jsonl", text.as_bytes())).unwrap();
                assert_eq!(super::moved_bytes(&opened) > 0, cut > 0, "{text}");
            }
            let unmarked = whole.replacen("\"$row\": 1, ", "", 1);
            let expected = if new.is_empty() {
                Line::Unmarked
            } else {
                Line::Other
            };
            assert_eq!(Line::of(unmarked.trim_end().as_bytes()), expected);
        }
    }
}

#[test]
fn without_the_columns_that_every_row_has_it_is_no_row() {
    for column in Column::DEMANDED {
        let line = row("a").replacen(&format!("\"{}\"", column.name()), "\"owner\"", 1);
        assert_eq!(Line::of(line.trim_end().as_bytes()), Line::Other);
        assert_eq!(
            crate::job::row::torn::beginning(line.trim_end().as_bytes()),
            Line::Other
        );
        refused(
            &written(&folder(), "a.jsonl", line.as_bytes()),
            "no archive",
        );
    }
}

#[test]
fn a_row_may_have_columns_behind_its_own() {
    let folder = folder();
    let more = ", \"owner\": \"x\", \"a \\\"b\\\" {,}\": null, \"größe\": {\"$real\": \"inf\"}}\n";
    let wide = |id: &str| row(id).replace("}\n", more);
    let whole = wide("a");
    for length in 0..whole.len() {
        let begun = crate::job::row::torn::beginning(&whole.as_bytes()[..length]);
        assert_eq!(begun, Line::Row, "{length}");
    }
    let path = written(
        &folder,
        "a.jsonl",
        (wide("a") + &wide("b")[..wide("b").len() - 9]).as_bytes(),
    );
    assert!(super::moved_bytes(&open(&path).unwrap()) > 0);
}
