//! JSON in the texts of records: fields that a program encoded before it encoded the record, and whole records so encoded.
//! They are converted as the JSON itself would be.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{job_manager, shape, tables};
use crate::job::Column;
use crate::job::encoded::{begins, inner};
use crate::legacy::Store;
use crate::text::json::{self, Layout, Members, Object};

/// A record after its texts have been decoded.
pub(in crate::legacy) struct Decoded {
    pub(in crate::legacy) text: String,
    /// The number of texts that were decoded.
    pub(in crate::legacy) count: u32,
}

/// The decoded record with these members, of this store; None where nothing has to be decoded.
pub(in crate::legacy) fn decoded(members: &Members, store: Store) -> Option<Decoded> {
    let may_be = |(name, raw): &(Cow<str>, &RawValue)| begins(raw.get()) && tables::is_json(name);
    if !members.0.iter().any(may_be) {
        return None;
    }
    // The table has JSON in texts, so a dump of it is encoded once.
    let of_table = store == Store::JobManager && job_manager::is_of_table(members);
    let is_once = |name: &str, raw: &RawValue| of_table && is_column(name) && holds_json(raw);
    let is_more = |one: &(Cow<str>, &RawValue)| may_be(one) && !is_once(&one.0, one.1);
    if !members.0.iter().any(is_more) {
        return None;
    }
    let encoded =
        |name: &str, raw| inner(raw).filter(|_| tables::is_json(name) && !is_once(name, raw));
    let mut text = String::new();
    let mut object = Object::begin(&mut text, Layout::OneLine);
    let mut count = 0;
    for (name, raw) in &members.0 {
        object.key(name);
        match encoded(name, raw) {
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

/// Whether the text holds an object or array itself, and not within another text.
fn holds_json(raw: &RawValue) -> bool {
    let json = raw.get().trim_start_matches(['"', ' ']);
    let decoded = || json::text("", raw).ok().flatten();
    let is_one = |text: &str| text.trim_start().starts_with(['{', '[']);
    // Before the bracket hardly anything is ever escaped.
    is_one(json) || json.starts_with('\\') && decoded().is_some_and(|text| is_one(&text))
}

/// Whether the name is that of a column that holds JSON.
fn is_column(name: &str) -> bool {
    Column::of_name(name).is_some_and(Column::is_json)
}

/// The record in a text that stands where a record should.
pub(in crate::legacy) fn record(text: &[u8]) -> Option<String> {
    if text.first() != Some(&b'"') {
        return None;
    }
    let raw = serde_json::from_slice::<&RawValue>(text).ok()?;
    inner(raw).filter(|json| json.starts_with('{'))
}

/// The most levels of objects in which a record in a text is looked for.
const LEVELS: usize = 3;

/// An object that is no record, with the records in its texts decoded.
pub(in crate::legacy) fn opened(members: &Members) -> Option<Decoded> {
    let mut text = String::new();
    let count = open(members, LEVELS, &mut text);
    (count > 0).then_some(Decoded { text, count })
}

/// The message about an object that is no record and has JSON in a text, which may be a whole dump.
pub(in crate::legacy) fn hint(members: &Members) -> Option<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let holds = |(name, raw): &&(Cow<str>, &RawValue)| {
        name.chars().all(is_word) && inner(raw).is_some_and(|json| holds_record(&json))
    };
    let (name, _) = members.0.iter().find(holds)?;
    Some(format!(
        "its \"{name}\" is JSON in a text; if the jobs are there: jq '.\"{name}\" | fromjson' FILE | jobctl migrate -"
    ))
}

fn open(members: &Members, levels: usize, out: &mut String) -> u32 {
    let mut object = Object::begin(out, Layout::OneLine);
    let mut count = 0;
    for (name, raw) in &members.0 {
        object.key(name);
        if let Some(json) = inner(raw).filter(|json| is_record(json)) {
            count += 1;
            object.out.push_str(&json);
            continue;
        }
        let within = (levels > 1 && json::is_object(raw)).then(|| Members::parse_text(raw.get()));
        match within {
            Some(Ok(members)) => count += open(&members, levels - 1, object.out),
            _ => object.out.push_str(raw.get()),
        }
    }
    object.end();
    count
}

fn holds_record(json: &str) -> bool {
    match Members::parse_text(json) {
        Ok(members) => members.0.iter().any(|(_, raw)| is_record(raw.get())),
        Err(_) => serde_json::from_str::<Vec<&RawValue>>(json)
            .is_ok_and(|values| values.iter().any(|raw| is_record(raw.get()))),
    }
}

fn is_record(json: &str) -> bool {
    json.starts_with('{')
        && Members::parse_text(json).is_ok_and(|members| shape::of(&members).is_ok())
}
