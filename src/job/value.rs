//! A value exactly as SQLite stores it, and the ways in which it may be read.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::text::utf8;
use crate::time::{self, Instant};

/// One stored value. Text that is not UTF-8 is kept apart, so that nothing is replaced on the way.
#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// A value of type text whose bytes are not UTF-8.
    BrokenText(Vec<u8>),
    Blob(Vec<u8>),
}

impl PartialEq for Value {
    /// Equality bit for bit: a real equals a real of the same bits and never an integer.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Integer(a), Value::Integer(b)) => a == b,
            (Value::Real(a), Value::Real(b)) => a.to_bits() == b.to_bits(),
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::BrokenText(a), Value::BrokenText(b)) | (Value::Blob(a), Value::Blob(b)) => {
                a == b
            }
            _ => false,
        }
    }
}

/// A value as a database hands it over, before anybody looks at it: a text may be no UTF-8.
#[derive(Clone, Copy, Debug)]
pub enum StoredValue<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

impl From<StoredValue<'_>> for Value {
    fn from(value: StoredValue<'_>) -> Self {
        match value {
            StoredValue::Null => Value::Null,
            StoredValue::Integer(number) => Value::Integer(number),
            StoredValue::Real(number) => Value::Real(number),
            StoredValue::Text(bytes) => match utf8::text(bytes) {
                Some(text) => Value::Text(text.to_owned()),
                None => Value::BrokenText(bytes.to_vec()),
            },
            StoredValue::Blob(bytes) => Value::Blob(bytes.to_vec()),
        }
    }
}

/// The most bytes for which the memory of a value is kept for the next one.
const KEPT: usize = 64 << 10;

impl Value {
    pub fn stored(&self) -> StoredValue<'_> {
        match self {
            Value::Null => StoredValue::Null,
            Value::Integer(number) => StoredValue::Integer(*number),
            Value::Real(number) => StoredValue::Real(*number),
            Value::Text(text) => StoredValue::Text(text.as_bytes()),
            Value::BrokenText(bytes) => StoredValue::Text(bytes),
            Value::Blob(bytes) => StoredValue::Blob(bytes),
        }
    }

    /// Puts a stored value in the place of this one, in the memory that this one has.
    pub fn refill(&mut self, found: StoredValue<'_>) {
        if let (Value::Text(text), StoredValue::Text(bytes)) = (&mut *self, found)
            && text.capacity() <= KEPT
            && let Some(new) = utf8::text(bytes)
        {
            text.clear();
            text.push_str(new);
        } else {
            *self = found.into();
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The bytes of text or blob that it holds.
    pub fn length(&self) -> usize {
        match self {
            Value::Null | Value::Integer(_) | Value::Real(_) => 0,
            Value::Text(text) => text.len(),
            Value::BrokenText(bytes) | Value::Blob(bytes) => bytes.len(),
        }
    }

    /// The bytes of text or blob that it has memory for.
    pub fn capacity(&self) -> usize {
        match self {
            Value::Null | Value::Integer(_) | Value::Real(_) => 0,
            Value::Text(text) => text.capacity(),
            Value::BrokenText(bytes) | Value::Blob(bytes) => bytes.capacity(),
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn time(&self) -> Option<Instant> {
        time::parse_stored(self.as_str()?)
    }

    /// The value of a JSON column as JSON text. SQL NULL and the text `null` are both None inside Some:
    /// `Some(None)` is "nothing there", `None` is "not JSON". A number can be stored as such, because
    /// a column declared JSON has numeric affinity.
    pub fn json(&self) -> Option<Option<Cow<'_, str>>> {
        match self {
            Value::Null => Some(None),
            Value::Integer(i) => Some(Some(Cow::Owned(i.to_string()))),
            Value::Real(r) => serde_json::Number::from_f64(*r).map(|n| Some(n.to_string().into())),
            Value::Text(text) if text.trim() == "null" => Some(None),
            Value::Text(text) => serde_json::from_str::<&serde_json::value::RawValue>(text)
                .is_ok()
                .then_some(Some(Cow::Borrowed(text))),
            Value::BrokenText(_) | Value::Blob(_) => None,
        }
    }

    /// The order in which SQLite sorts values: NULL, numbers, text, blobs.
    pub fn sort_cmp(&self, other: &Value) -> Ordering {
        let class = |value: &Value| match value {
            Value::Null => 0,
            Value::Integer(_) | Value::Real(_) => 1,
            Value::Text(_) | Value::BrokenText(_) => 2,
            Value::Blob(_) => 3,
        };
        let number = |value: &Value| match value {
            Value::Integer(i) => *i as f64,
            Value::Real(r) => *r,
            _ => 0.0,
        };
        let bytes = |value: &'_ Value| match value {
            Value::Text(text) => text.clone().into_bytes(),
            Value::BrokenText(bytes) | Value::Blob(bytes) => bytes.clone(),
            _ => Vec::new(),
        };
        class(self)
            .cmp(&class(other))
            .then_with(|| match (self, other) {
                (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
                (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
                _ if class(self) == 1 => number(self).total_cmp(&number(other)),
                _ => bytes(self).cmp(&bytes(other)),
            })
    }

    /// The value as text for people: text as it is, numbers in decimal, bytes as `x'…'`.
    pub fn display(&self) -> Cow<'_, str> {
        match self {
            Value::Null => Cow::Borrowed(""),
            Value::Integer(i) => Cow::Owned(i.to_string()),
            Value::Real(r) => Cow::Owned(r.to_string()),
            Value::Text(text) => Cow::Borrowed(text),
            Value::BrokenText(bytes) => String::from_utf8_lossy(bytes),
            Value::Blob(bytes) => Cow::Owned(format!("x'{}'", hex(bytes))),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Integer(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Real(number)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
