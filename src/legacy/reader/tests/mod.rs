//! Tests of the reader through its public items, and what they share.

mod containers;
mod damage;
mod dumps;

use std::io::Read;

use super::{BUFFER, DumpReader, Item, MAX_RECORD};

#[derive(Clone, Debug, PartialEq)]
enum SeenItem {
    Record {
        store: Option<String>,
        key: Option<String>,
        text: Vec<u8>,
        position: u64,
        line: u64,
    },
    Bad {
        key: Option<String>,
        text: Vec<u8>,
        position: u64,
        line: u64,
        reason: String,
    },
    Broken {
        position: u64,
        line: u64,
        reason: String,
    },
}

fn read_with(input: impl Read, buffer: usize, max_record: usize) -> Vec<SeenItem> {
    let mut reader = DumpReader::with_limits(input, buffer, max_record);
    let mut seen = Vec::new();
    while let Some(item) = reader.next().unwrap() {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        seen.push(match item {
            Item::Record(raw) => SeenItem::Record {
                store: owned(raw.store),
                key: owned(raw.key),
                text: raw.bytes.to_vec(),
                position: raw.position,
                line: raw.line,
            },
            Item::Bad { raw, reason } => SeenItem::Bad {
                key: owned(raw.key),
                text: raw.bytes.to_vec(),
                position: raw.position,
                line: raw.line,
                reason,
            },
            Item::Broken {
                position,
                line,
                reason,
            } => SeenItem::Broken {
                position,
                line,
                reason,
            },
        });
    }
    assert!(reader.next().unwrap().is_none());
    seen
}

fn read(input: impl AsRef<[u8]>) -> Vec<SeenItem> {
    read_with(input.as_ref(), BUFFER, MAX_RECORD)
}

/// One line for each item: `store/key text`, `bad: text: reason`, `broken at position: reason`.
fn told(input: impl AsRef<[u8]>) -> Vec<String> {
    let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let line = |seen| match seen {
        SeenItem::Record {
            store,
            key,
            text: t,
            ..
        } => {
            format!(
                "{}/{} {}",
                store.unwrap_or_default(),
                key.unwrap_or_default(),
                text(&t)
            )
        }
        SeenItem::Bad {
            text: t, reason, ..
        } => format!("bad: {}: {reason}", text(&t)),
        SeenItem::Broken {
            position, reason, ..
        } => format!("broken at {position}: {reason}"),
    };
    read(input).into_iter().map(line).collect()
}

const A: &str = "8ef94495-c32e-4022-8080-803a0d321948";
const B: &str = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

/// `A` and `B` in the text stand for two ids.
fn with_ids(text: &str) -> String {
    text.replace('A', A).replace('B', B)
}

#[track_caller]
fn check(input: &str, expected: &[&str]) {
    let expected: Vec<String> = expected.iter().map(|line| with_ids(line)).collect();
    assert_eq!(told(with_ids(input)), expected, "{input}");
}
