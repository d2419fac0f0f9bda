//! The file of rejected records: JSON Lines with the position, the reason and the record as it stood. Once corrected, it is
//! imported like any dump.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use crate::job::row::write::BLOB;
use crate::text::json::{self, Layout, Members, Object, raw, string};

/// A line: `{"source", "position", "line", "key", "reason", "record"}`. A record that is no JSON is a string of its text,
/// or its bytes in base64; so is JSON that would be taken for one of these.
pub fn line(
    source: &str,
    position: u64,
    line: u64,
    key: Option<&str>,
    reason: &str,
    record: &[u8],
) -> String {
    let mut out = String::new();
    let mut object = Object::begin(&mut out, Layout::OneLine);
    object.string("source", source);
    object.literal("position", position);
    object.literal("line", line);
    object.key("key");
    match key {
        Some(key) => string(object.out, key),
        None => object.out.push_str("null"),
    }
    object.string("reason", reason);
    object.key("record");
    match std::str::from_utf8(record) {
        Ok(text) if stands_for_itself(text) => raw(object.out, text),
        Ok(text) => string(object.out, text),
        Err(_) => {
            let bytes = STANDARD.encode(record);
            object.out.push_str(&format!("{{\"{BLOB}\": \"{bytes}\"}}"));
        }
    }
    object.end();
    out
}

fn stands_for_itself(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text)
        .is_ok_and(|json| !json.get().starts_with('"') && blob(json).is_none())
}

/// A record taken out of its line.
#[derive(Clone, Debug)]
pub struct RejectedRecord {
    pub record: Vec<u8>,
    pub key: Option<String>,
}

/// The member of a line that holds the record.
pub(super) const RECORD: &str = "record";

/// The members of a line.
pub(super) const MEMBERS: [&str; 6] = ["source", "position", "line", "key", "reason", RECORD];

/// The record of a rejects line; None for any other object.
pub(super) fn unwrap(members: &Members) -> Result<Option<RejectedRecord>, String> {
    let ours = members.has("source")
        && members.has("reason")
        && members
            .0
            .iter()
            .all(|(key, _)| MEMBERS.contains(&key.as_ref()));
    let Some(record) = members.peek("record").filter(|_| ours) else {
        return Ok(None);
    };
    let key = match members.peek("key") {
        Some(key) => json::text("key", key)?,
        None => None,
    };
    let record = match record.get().as_bytes().first() {
        Some(b'"') => json::text("record", record)?
            .unwrap_or_default()
            .into_bytes(),
        _ => match blob(record) {
            Some(bytes) => bytes,
            None => record.get().as_bytes().to_vec(),
        },
    };
    Ok(Some(RejectedRecord { record, key }))
}

fn blob(record: &RawValue) -> Option<Vec<u8>> {
    let members = Members::parse(record.get().as_bytes()).ok()?;
    if members.0.len() != 1 {
        return None;
    }
    let text = json::text(BLOB, members.peek(BLOB)?).ok()??;
    STANDARD.decode(text).ok()
}
