//! Records with JSON in a text: fields that a program encoded before it encoded the record, and whole records so. What is
//! made of them is what would be made of the JSON itself.

use serde_json::value::RawValue;

use crate::job::encoded::{begins, inner};
use crate::job::json::Members;
use crate::render::json::{Layout, Object};

/// The members that hold JSON, in any of the stores.
const NAMES: [&str; 7] = [
    "request",
    "request_data",
    "context",
    "result",
    "result_data",
    "shots",
    "error_details",
];

/// A record whose members hold their JSON themselves.
pub(super) struct Decoded {
    pub(super) text: String,
    /// How many of them were texts.
    pub(super) count: u32,
}

/// The record with these members, decoded; None where nothing has to be.
pub(super) fn decoded(members: &Members) -> Option<Decoded> {
    let may_be = |(name, raw): &(_, &RawValue)| begins(raw.get()) && is_json(name);
    if !members.0.iter().any(may_be) {
        return None;
    }
    let mut text = String::new();
    let mut object = Object::begin(&mut text, Layout::OneLine);
    let mut count = 0;
    for (name, raw) in &members.0 {
        object.key(name);
        match inner(raw).filter(|_| is_json(name)) {
            Some(json) => {
                count += 1;
                object.out.push_str(&json);
            }
            None => object.out.push_str(raw.get()),
        }
    }
    object.end();
    (count > 0).then_some(Decoded { text, count })
}

fn is_json(name: impl AsRef<str>) -> bool {
    NAMES.contains(&name.as_ref())
}

/// The record that stands in a text where a record should.
pub(super) fn record(text: &[u8]) -> Option<String> {
    let raw = serde_json::from_slice::<&RawValue>(text).ok()?;
    inner(raw).filter(|json| json.starts_with('{'))
}
