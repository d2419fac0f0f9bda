//! The name of a job. Nearly all are UUIDs, which take 16 bytes here; what foreign rows hold instead
//! is kept as it is.

use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::value::{Value, hex};
use crate::text::json;

/// A job's primary key as stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobId {
    /// A UUID in its canonical spelling: lower case, with hyphens.
    Uuid(Uuid),
    Text(Box<str>),
    /// Bytes: a blob, or (with `true`) text that is not UTF-8.
    Bytes(Box<[u8]>, bool),
}

/// A set of ids: whether one is in it, which any thread may ask.
pub type IdSet = Arc<dyn Fn(&JobId) -> bool + Send + Sync>;

impl JobId {
    pub fn new(text: &str) -> JobId {
        JobId::canonical(text.as_bytes()).map_or_else(|| JobId::Text(text.into()), JobId::Uuid)
    }

    /// The UUID that is spelled so.
    pub fn canonical(text: &[u8]) -> Option<Uuid> {
        // Of its spellings the one with hyphens alone has this length.
        let may_be = text.len() == 36 && !text.iter().any(u8::is_ascii_uppercase);
        may_be.then(|| Uuid::try_parse_ascii(text).ok()).flatten()
    }

    pub fn from_value(value: &Value) -> JobId {
        match value {
            Value::Text(text) => JobId::new(text),
            Value::BrokenText(bytes) => JobId::Bytes(bytes.as_slice().into(), true),
            Value::Blob(bytes) => JobId::Bytes(bytes.as_slice().into(), false),
            other => JobId::Text(other.display().into()),
        }
    }

    pub fn to_value(&self) -> Value {
        match self {
            JobId::Uuid(uuid) => Value::Text(uuid.to_string()),
            JobId::Text(text) => Value::Text(text.to_string()),
            JobId::Bytes(bytes, true) => Value::BrokenText(bytes.to_vec()),
            JobId::Bytes(bytes, false) => Value::Blob(bytes.to_vec()),
        }
    }

    /// The reason why a program that reads the id, bare on a line of its own, would take it for something else; None when
    /// it would not. With `null` ids end with NUL, and only an id that is no text, or empty, cannot be told.
    pub fn unsafe_bare(&self, null: bool) -> Option<&'static str> {
        let text = match self {
            JobId::Uuid(_) => return None,
            JobId::Bytes(..) => return Some("its bytes are no text"),
            JobId::Text(text) => text,
        };
        let breaks = |c: char| matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
        let blank_at_end =
            || text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
        if text.is_empty() {
            Some("it is empty")
        } else if text.contains('\0') {
            Some("a NUL character")
        } else if null {
            None
        } else if text.contains(breaks) {
            Some("a line break")
        } else if text.contains(char::is_control) {
            Some("a control character")
        } else if blank_at_end() {
            Some("a blank at an end")
        } else if text.starts_with('-') {
            Some("it begins with -")
        } else {
            None
        }
    }

    /// The first characters, for a table in a terminal: eight of a UUID, all of anything else.
    pub fn short(&self) -> String {
        match self {
            JobId::Uuid(uuid) => uuid.to_string()[..8].to_owned(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JobId::Uuid(uuid) => uuid.fmt(f),
            JobId::Text(text) => f.write_str(text),
            JobId::Bytes(bytes, true) => f.write_str(&String::from_utf8_lossy(bytes)),
            JobId::Bytes(bytes, false) => write!(f, "x'{}'", hex(bytes)),
        }
    }
}

/// Whether a text has letters, digits and hyphens alone, and no hyphen first: then any program reads it as it is.
pub(crate) fn needs_no_quotes(text: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-');
    // Every byte is looked at, which the compiler does many at a time.
    let are_safe = text.bytes().fold(true, |all, byte| all & is_safe(byte));
    are_safe && !text.is_empty() && !text.starts_with('-')
}

/// The id of a record: its own, which must be the key under which it stands.
pub(crate) fn checked_id(own: Option<&RawValue>, key: Option<&str>) -> Result<String, String> {
    let own = match own {
        Some(raw) => json::text("job_id", raw)?,
        None => None,
    };
    checked(own, key)
}

pub(crate) fn checked(own: Option<String>, key: Option<&str>) -> Result<String, String> {
    let id = match (own, key) {
        (Some(own), Some(key)) if own != key => {
            return Err(format!(
                "its key \"{key}\" differs from its own id \"{own}\"; if the keys are no ids, give the records alone: \
                 jq '.[]' FILE | jobctl migrate -"
            ));
        }
        (Some(id), _) => id,
        (None, Some(key)) => key.to_owned(),
        (None, None) => return Err("it has no id".to_owned()),
    };
    if let Some(c) = id.chars().find(|c| c.is_control()) {
        return Err(format!(
            "its id holds a control character (U+{:04X})",
            c as u32
        ));
    }
    match id.chars().count() {
        0 => Err("its id is empty".to_owned()),
        1..=36 => Ok(id),
        length => Err(format!(
            "its id has {length} characters; at most 36 are stored"
        )),
    }
}
