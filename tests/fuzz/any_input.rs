//! What holds for every input: the reader ends, says where things stand, holds little, and does not depend on how
//! the input is cut.

use std::fmt;

use jobctl::job::columns::Content;
use jobctl::job::{Column, Value};
use jobctl::legacy::{self, ConvertedRecord, Store, reader::MAX_RECORD};
use jobctl::time::{self, Zone};
use proptest::prelude::*;
use serde::de::IgnoredAny;

use crate::cases;
use crate::damage::{damaged, spliced};
use crate::dump::{Dump, Shape, dump};
use crate::reading::{Cuts, Seen, read, read_with, whole};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    dump().prop_map(|dump| dump.text.into_bytes())
}

/// The bytes of a file, shown as text.
#[derive(Clone)]
pub struct Input(pub Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// A dump, two mixed, or no dump at all, with damages.
pub fn input() -> impl Strategy<Value = Input> {
    let mixed = spliced(bytes(), bytes());
    let noise = prop::collection::vec(prop::sample::select(&WORDS[..]), 0..60)
        .prop_map(|words| words.concat().into_bytes());
    prop_oneof![
        6 => damaged(bytes(), 4),
        2 => damaged(mixed, 2),
        2 => damaged(noise, 2),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ]
    .prop_map(Input)
}

const WORDS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\n",
    " ",
    "\r\n",
    "\\",
    "1",
    "null",
    "x",
    "\"x\": ",
    "\"8ef94495-c32e-4022-8080-803a0d321948\": ",
    "\"8ef94495-c32e-4022-8080-803a0d321948\": {\"job_id\": 1}",
    "\n  \"8ef94495-c32e-4022-8080-803a0d321948\": {\"job_id\": 1},",
    "{\"id\": 1}",
    "\n{\"id\": 2}",
    "\"jobs\": ",
    "\"pagination\": ",
    "\"status\": \"\n\",",
    "\u{feff}",
];

fn cuts() -> impl Strategy<Value = Cuts> {
    let sizes = prop_oneof![
        prop::collection::vec(1..40_usize, 2..6),
        Just(vec![1, 1]),
        prop::collection::vec(1..5000_usize, 2..6),
    ];
    let buffer = prop::sample::select(&[1, 2, 3, 7, 64, 1000, 4096][..]);
    let most = prop::sample::select(&[1, 10, 100, 300, 1000, 5000, MAX_RECORD][..]);
    (sizes, buffer, most).prop_map(|(sizes, buffer, max_record)| Cuts {
        sizes,
        buffer,
        max_record,
    })
}

/// What the service and every command take for granted of a job that is not restored as it was.
fn check_job(record: &ConvertedRecord) -> Result<(), TestCaseError> {
    let ConvertedRecord { job, store, .. } = record;
    if *store == Store::Jobctl {
        return Ok(());
    }
    let id = job.get(Column::Id).as_str().unwrap().chars().count();
    prop_assert!((1..=36).contains(&id), "{:?}", job);
    prop_assert!((0.0..=100.0).contains(&job.number(Column::Progress).unwrap()));
    for column in Column::ALL.iter().copied() {
        match (column.content(), job.get(column)) {
            (_, Value::Null) => {}
            (Content::Json, Value::Text(json)) => {
                let sound = serde_json::from_str::<IgnoredAny>(json).is_ok();
                prop_assert!(sound && !json.contains('\n'), "{:?}: {}", column, json);
            }
            (Content::Time, Value::Text(time)) => {
                prop_assert_eq!(
                    time::parse_stored(time).map(time::stored),
                    Some(time.clone())
                );
            }
            (Content::Text(_), Value::Text(_)) | (Content::Real, Value::Real(_)) => {}
            (Content::Integer, Value::Integer(count)) => prop_assert!(*count >= 0),
            (_, other) => prop_assert!(false, "{:?}: {:?}", column, other),
        }
    }
    Ok(())
}

/// What is read of the dump, or of a part of it; without keys where names may be those of wrappers, which shows further on.
fn told(dump: &Dump, items: Vec<Seen>) -> Vec<Seen> {
    match dump.plan.shape {
        Shape::Named => items.into_iter().map(Seen::without_key).collect(),
        _ => items,
    }
}

proptest! {
    #![proptest_config(cases(768))]

    /// `read_with` checks the places, the end and the memory.
    #[test]
    fn neither_pieces_nor_buffers_change_what_is_read(input in input(), cuts in cuts()) {
        let seen = read_with(&input.0, &cuts);
        prop_assert_eq!(&seen, &read_with(&input.0, &whole(cuts.max_record)));
    }

    /// A limit changes nothing but the records that are longer.
    #[test]
    fn a_record_that_is_too_long_costs_itself_alone(dump in dump(), limit in 0..2000_usize) {
        let input = dump.text.as_bytes();
        let limited = told(&dump, read_with(input, &whole(limit)));
        let free = told(&dump, read(input));
        prop_assert_eq!(limited.len(), free.len());
        for (limited, free) in limited.iter().zip(&free) {
            if free.place().bytes.len() <= limit {
                prop_assert_eq!(limited, free);
                continue;
            }
            let (Seen::Bad { key, store, place, reason }, Seen::Record { key: free_key, store: free_store, place: free }) = (limited, free) else {
                return Err(TestCaseError::fail(format!("{limited:?} instead of {free:?}")));
            };
            prop_assert!(reason.contains("longer than"), "{}", reason);
            prop_assert_eq!((key, store, place.position, place.line), (free_key, free_store, free.position, free.line));
        }
    }

    /// A dump that is cut off gives what stands before the cut, and says where it broke.
    #[test]
    fn a_cut_costs_what_stands_behind_it(dump in dump(), at in any::<prop::sample::Index>()) {
        let input = dump.text.as_bytes();
        let input = &input[..at.index(input.len() + 1)];
        let whole = told(&dump, read(dump.text.as_bytes()));
        let seen = told(&dump, read(input));
        let before = |seen: &&Seen| seen.place().position + seen.place().bytes.len() <= input.len();
        let count = whole.iter().take_while(before).count();
        prop_assert!(seen.len() >= count, "{} of {} are left", seen.len(), count);
        prop_assert_eq!(&seen[..count], &whole[..count]);
        let is_told = match &seen[count..] {
            [] | [Seen::Broken { .. }] => true,
            // Cut off behind brackets in a text, as if nothing but its quote were missing.
            [Seen::Bad { reason, .. }] => reason.contains("a string") && input.trim_ascii_end().ends_with(b"}"),
            _ => false,
        };
        prop_assert!(is_told, "{:?}", &seen[count..]);
    }

    /// Whatever stands in a record's place becomes a job or is refused with a reason.
    #[test]
    fn any_bytes_become_a_job_or_a_reason(input in input(), key in prop::option::of("\\PC{0,40}")) {
        let zone = Zone::parse("Europe/Berlin", &Zone::UTC, jobctl::system::open::read).expect("a known zone");
        let mut all = vec![input.0.clone()];
        all.extend(read(&input.0).into_iter().map(|seen| seen.place().bytes.clone()));
        for bytes in all {
            match legacy::convert(&bytes, key.as_deref(), &zone) {
                Ok(record) => check_job(&record)?,
                Err(reject) => prop_assert!(!reject.reason.is_empty()),
            }
        }
    }
}
