//! What of a stored value counts when two tables are compared. Two backends store the same value in their own ways: a time in
//! another spelling, a JSON `3` as a number.

use crate::job::Value;
use crate::job::columns::Content;
use crate::text::json::is_json;

/// The part of a value that counts. Two values are the same where these are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted<'a> {
    Nothing,
    Whole(i64),
    /// The bits of a number that is not whole.
    Broken(u64),
    /// Microseconds since 1970.
    At(i64),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
}

/// The most that a real number can be and still be compared as a whole one.
const MOST_WHOLE: f64 = 9.2e18;

impl<'a> Counted<'a> {
    /// Of a value in a column of this content: JSON counts by its text, times as instants, numbers by value.
    pub(super) fn of(content: Content, value: &'a Value) -> Counted<'a> {
        match (content, value) {
            (Content::Time, value) => Counted::time(value),
            (Content::Json, Value::Text(text)) => {
                number_of_json(text).unwrap_or(Counted::Text(text.as_bytes()))
            }
            (_, value) => Counted::plain(value),
        }
    }

    /// Of a value in a column whose content nobody knows: what reads as a time counts as one.
    pub(super) fn of_other(value: &'a Value) -> Counted<'a> {
        Counted::time(value)
    }

    fn time(value: &'a Value) -> Counted<'a> {
        match value.time() {
            Some(at) => Counted::At(at.and_utc().timestamp_micros()),
            None => Counted::plain(value),
        }
    }

    fn plain(value: &'a Value) -> Counted<'a> {
        match value {
            Value::Null => Counted::Nothing,
            Value::Integer(whole) => Counted::Whole(*whole),
            Value::Real(number) => Counted::number(*number),
            Value::Text(text) => Counted::Text(text.as_bytes()),
            Value::BrokenText(bytes) => Counted::Text(bytes),
            Value::Blob(bytes) => Counted::Bytes(bytes),
        }
    }

    fn number(number: f64) -> Counted<'a> {
        if number.fract() == 0.0 && number.abs() < MOST_WHOLE {
            Counted::Whole(number as i64)
        } else if number.is_nan() {
            Counted::Broken(f64::NAN.to_bits())
        } else {
            Counted::Broken(number.to_bits())
        }
    }

    /// Appends bytes that no other value has, and that no other follows: a kind, a length, a content.
    pub(super) fn append(self, out: &mut Vec<u8>) {
        let number;
        let (kind, bytes): (u8, &[u8]) = match self {
            Counted::Nothing => (b'0', &[]),
            Counted::Whole(whole) => {
                number = whole.to_le_bytes();
                (b'w', &number)
            }
            Counted::Broken(bits) => {
                number = bits.to_le_bytes();
                (b'f', &number)
            }
            Counted::At(micros) => {
                number = micros.to_le_bytes();
                (b't', &number)
            }
            Counted::Text(bytes) => (b's', bytes),
            Counted::Bytes(bytes) => (b'b', bytes),
        };
        out.push(kind);
        out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        out.extend_from_slice(bytes);
    }
}

/// The number that a JSON text is, if it is nothing else: a column of SQLite turns such a text into a number.
fn number_of_json(text: &str) -> Option<Counted<'static>> {
    let text = text.trim_ascii();
    if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) || !is_json(text) {
        return None;
    }
    if let Ok(whole) = text.parse() {
        return Some(Counted::Whole(whole));
    }
    let number: f64 = text.parse().ok()?;
    number.is_finite().then(|| Counted::number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(content: Content, one: impl Into<Value>, other: impl Into<Value>) -> bool {
        let (one, other) = (one.into(), other.into());
        let (one, other) = (Counted::of(content, &one), Counted::of(content, &other));
        let bytes = |counted: Counted| {
            let mut bytes = Vec::new();
            counted.append(&mut bytes);
            bytes
        };
        assert_eq!(one == other, bytes(one) == bytes(other));
        one == other
    }

    #[test]
    fn json_counts_by_its_text_and_numbers_by_their_value() {
        assert!(same(Content::Json, "3", 3_i64));
        assert!(same(Content::Json, " 3.0 ", 3_i64));
        assert!(same(Content::Json, "0.5", 0.5));
        assert!(!same(Content::Json, "{\"a\":1}", "{\"a\": 1}"));
        assert!(!same(Content::Json, "null", Value::Null));
        assert!(!same(Content::Json, "\"3\"", 3_i64));
        assert!(!same(Content::Json, "1e400", "2e400"));
        assert!(same(Content::Real, 1.0, 1_i64));
        assert!(same(Content::Integer, 3_i64, 3.0));
        assert!(!same(Content::Integer, 3_i64, 3.5));
        assert!(same(Content::Real, -0.0, 0_i64));
        assert!(same(Content::Real, f64::NAN, f64::NAN));
        assert!(!same(Content::Real, f64::INFINITY, f64::MAX));
    }

    #[test]
    fn times_count_as_instants_and_texts_by_their_bytes() {
        let stored = "2026-01-02 00:00:00.000000";
        assert!(same(Content::Time, "2026-01-02T08:00+08:00", stored));
        assert!(!same(Content::Time, "2026-01-02 00:00:00.000001", stored));
        assert!(!same(Content::Time, "yesterday", stored));
        assert!(same(Content::Time, "yesterday", "yesterday"));
        assert!(!same(Content::Text(0), "a", "a "));
        assert!(!same(Content::Text(0), "3", 3_i64));
        assert!(!same(Content::Text(0), "", Value::Null));
        assert!(!same(Content::Text(0), "a", Value::Blob(b"a".to_vec())));
        let at = Value::from("2026-01-02T00:00:00Z");
        assert_eq!(Counted::of_other(&at), Counted::of_other(&stored.into()));
    }
}
