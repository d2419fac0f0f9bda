//! Whole dumps, cut and changed anywhere, and read in pieces of any size.

use std::io::{self, ErrorKind, Read};

use proptest::prelude::*;

use super::{A, BUFFER, DumpReader, Item, MAX_RECORD, SeenItem, read, read_with};

/// Hands the input out in pieces of changing sizes, with an interruption now and then.
struct Pieces<'a> {
    rest: &'a [u8],
    sizes: Vec<usize>,
    reads: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        if self.reads % 5 == 2 {
            return Err(ErrorKind::Interrupted.into());
        }
        let size = self.sizes[self.reads % self.sizes.len()]
            .min(buffer.len())
            .min(self.rest.len());
        buffer[..size].copy_from_slice(&self.rest[..size]);
        self.rest = &self.rest[size..];
        Ok(size)
    }
}

/// Dumps of each kind that are whole, as they are written in the field.
fn dumps() -> Vec<String> {
    let id = |n: usize| format!("{n:08x}-22da-4152-8b4d-b5aa923cea37");
    let job = |n: usize, line: &str| {
        let id = id(n);
        format!(
            r#"{{{line}  "job_id": "{id}", "x": {{"{id}":{{"a": [1, "}}]"]}}}},{line}  "request": {{"idea": "say \"{n}\" \\",{line}    "t": "\n\u00e9é"}}{line}}}"#
        )
    };
    let each = |with: &dyn Fn(usize) -> String, between: &str| {
        (0..4).map(with).collect::<Vec<_>>().join(between)
    };
    let keyed =
        |between: &str, line: &str| each(&|n| format!("\"{}\": {}", id(n), job(n, line)), between);
    vec![
        format!("{{{}}}", keyed(", ", "")),
        format!("\u{feff}{{\n{}\n}}\n", keyed(",\n", "")),
        format!("{{\r\n  {}\r\n}}\r\n", keyed(",\r\n  ", "\r\n  ")),
        format!("[{}]", each(&|n| job(n, ""), ",")),
        format!(
            "{{\n  \"jobs\": [\n    {}\n  ],\n  \"pagination\": {{\"total\": 4}}\n}}",
            each(&|n| job(n, "\n    "), ",\n    ")
        ),
        each(&|n| job(n, ""), "\n") + "\n",
        each(&|n| job(n, "\n"), "\n"),
        format!(
            "{{\"jobs\": {{{}}}, \"pipeline_jobs\": [{}]}}",
            keyed(",\n", ""),
            each(&|n| job(n, ""), ",")
        ),
    ]
}

#[test]
fn whole_dumps() {
    for dump in dumps() {
        let seen = read(&dump);
        assert_eq!(
            seen.len(),
            if dump.contains("pipeline") { 8 } else { 4 },
            "{dump}\n{seen:?}"
        );
        assert!(
            seen.iter()
                .all(|seen| matches!(seen, SeenItem::Record { .. })),
            "{dump}\n{seen:?}"
        );
        places_are_right(dump.as_bytes(), &seen);
    }
}

fn places_are_right(input: &[u8], seen: &[SeenItem]) {
    for seen in seen {
        let (text, position, line) = match seen {
            SeenItem::Record {
                text,
                position,
                line,
                ..
            }
            | SeenItem::Bad {
                text,
                position,
                line,
                ..
            } => (&text[..], position, line),
            SeenItem::Broken { position, line, .. } => (&b""[..], position, line),
        };
        let at = *position as usize;
        assert_eq!(&input[at..at + text.len()], text);
        assert_eq!(
            *line,
            1 + input[..at].iter().filter(|b| **b == b'\n').count() as u64
        );
    }
}

#[test]
fn cut_anywhere() {
    for dump in dumps() {
        let whole = read(&dump);
        for cut in 0..dump.len() {
            let seen = read(&dump.as_bytes()[..cut]);
            let ended = |seen: &&SeenItem| matches!(seen, SeenItem::Record { text, position, .. } if *position as usize + text.len() <= cut);
            let count = whole.iter().take_while(ended).count();
            assert_eq!(seen[..count], whole[..count], "cut at {cut} of {dump}");
            let rest = &seen[count..];
            assert!(
                matches!(rest, [] | [SeenItem::Broken { .. }]),
                "cut at {cut} of {dump}\n{rest:?}"
            );
            places_are_right(dump.as_bytes(), &seen);
        }
    }
}

#[test]
fn an_error_of_the_input_is_passed_on() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::PermissionDenied.into())
        }
    }
    let mut reader = DumpReader::new(b"[{\"id\":1},".chain(Failing));
    assert!(matches!(reader.next(), Ok(Some(Item::Record(_)))));
    assert_eq!(
        reader.next().unwrap_err().kind(),
        ErrorKind::PermissionDenied
    );
}

fn changed(dump: usize, changes: &[(usize, u8)]) -> Vec<u8> {
    let mut input = dumps()[dump].clone().into_bytes();
    for (at, byte) in changes {
        let length = input.len();
        input[at % length] = *byte;
    }
    input
}

fn any_byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        proptest::sample::select(&b"{}[]\",:\\\n x1"[..]),
        any::<u8>()
    ]
}

const WORDS: [&str; 20] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\n",
    " ",
    "\\",
    "1",
    "null",
    "x",
    "\"A\":",
    "\"A\": {\"id\":1}",
    "\n\"A\": {\"id\":1},",
    "{\"id\":1}",
    "\n{\"id\":2}",
    "\"jobs\":",
    "\"status\": \"\n\",",
];

/// What acts in a dump, one sign each.
const SIGNS: [&str; 14] = [
    "[", "]", "{", "}", "\"", ":", ",", "\\", "\n", " ", "1", "a", "\0", "\u{feff}",
];

#[test]
fn each_short_text_is_read_in_any_buffer() {
    for count in 0..=4 {
        for number in 0..SIGNS.len().pow(count) {
            let signs = (0..count).map(|n| SIGNS[number / SIGNS.len().pow(n) % SIGNS.len()]);
            let input = signs.collect::<String>().into_bytes();
            let seen = read_with(&input[..], 64, MAX_RECORD);
            assert_eq!(seen, read_with(&input[..], 1, MAX_RECORD), "{input:?}");
            places_are_right(&input, &seen);
        }
    }
}

proptest! {
    #[test]
    fn the_size_of_pieces_and_buffers_changes_nothing(
        dump in 0..8usize,
        changes in prop::collection::vec((any::<usize>(), any_byte()), 0..4),
        sizes in prop::collection::vec(1..40usize, 1..6),
        buffer in prop::sample::select(&[1, 2, 3, 7, 64][..]),
        max_record in prop::sample::select(&[10, 100, 150, MAX_RECORD][..]),
    ) {
        let input = changed(dump, &changes);
        let pieces = Pieces { rest: &input, sizes, reads: 0 };
        let seen = read_with(pieces, buffer, max_record);
        prop_assert_eq!(&seen, &read_with(&input[..], BUFFER, max_record));
        places_are_right(&input, &seen);
        prop_assert!(seen.len() <= input.len());
    }

    #[test]
    fn any_text_at_all(
        words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..60),
        buffer in prop::sample::select(&[1, 3, 64][..]),
    ) {
        let input = words.concat().replace('A', A).into_bytes();
        let pieces = Pieces { rest: &input, sizes: vec![1, 9], reads: 0 };
        let seen = read_with(pieces, buffer, 50);
        prop_assert_eq!(&seen, &read_with(&input[..], BUFFER, 50));
        places_are_right(&input, &seen);
    }

    #[test]
    fn one_bad_line_costs_one_job(changes in prop::collection::vec((any::<usize>(), any_byte()), 1..9), line in 0..4usize) {
        let dump = &dumps()[5];
        let lines: Vec<&str> = dump.lines().collect();
        let mut bad = lines[line].as_bytes().to_vec();
        for (at, byte) in changes.iter().filter(|(_, byte)| *byte != b'\n') {
            let length = bad.len();
            bad[1 + at % (length - 1)] = *byte;
        }
        // An array may go on behind the end of the first line, when that does not say otherwise.
        prop_assume!(line > 0 || !b"[:,".contains(&bad[bad.len() - 1]));
        let mut input: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        input[line] = &bad;
        let input = input.join(&b'\n');
        let whole = read(dump);
        let seen = read(&input);
        // A damaged first line may look like the beginning of a store.
        let record = |seen: &SeenItem| match seen {
            SeenItem::Record { text, position, .. } => Some((text.clone(), *position)),
            _ => None,
        };
        let records: Vec<_> = seen.iter().filter_map(record).collect();
        for (n, job) in whole.iter().enumerate().filter(|(n, _)| *n != line) {
            let job = record(job).unwrap();
            prop_assert!(records.contains(&job), "job {n} is lost: {seen:?}");
        }
    }
}
