//! The members of a job's JSON. They stay raw until a reader knows which type they should have, so that an error can name
//! the key, and a member without a column can be kept as it stood.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::invalid::invalid;
use crate::time::{self, Spelled};

/// The members of an object in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(24);
                while let Some(MemberKey(key)) = map.next_key()? {
                    members.push((key, map.next_value::<&'de RawValue>()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// A key, borrowed where it has no escapes.
pub(crate) struct MemberKey<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for MemberKey<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = MemberKey<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(MemberKey(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(MemberKey(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A value of the type that is asked for; `wrong` is the error where it is of another.
pub(crate) fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue, wrong: &str) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| {
        if error.is_data() {
            wrong.to_owned()
        } else {
            invalid(raw.get(), &error)
        }
    })
}

impl<'a> Members<'a> {
    /// The members of a text that is an object; the error says what is wrong.
    pub(crate) fn parse(json: &'a [u8]) -> Result<Members<'a>, String> {
        let text = simdutf8::basic::from_utf8(json).or_else(|_| std::str::from_utf8(json));
        let text =
            text.map_err(|error| format!("invalid UTF-8 at byte {}", error.valid_up_to()))?;
        Self::parse_text(text)
    }

    pub(crate) fn parse_text(json: &'a str) -> Result<Members<'a>, String> {
        serde_json::from_str(json).map_err(|error| invalid(json, &error))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// The value of a key without taking it; of several, the last, as Python reads them.
    pub(crate) fn peek(&self, name: &str) -> Option<&'a RawValue> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, raw)| *raw)
    }

    /// Takes the value of a key out; of several, the last one counts.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let found = self.peek(name);
        if found.is_some() {
            self.0.retain(|(key, _)| key != name);
        }
        found
    }
}

/// The kind of value that raw JSON is, for error messages.
pub(crate) fn kind(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'"') => "text",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

pub(crate) fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

pub(crate) fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

fn wrong(key: &str, wanted: &str, raw: &RawValue) -> String {
    format!("\"{key}\" must be {wanted}, not {}", kind(raw))
}

/// Text, or None for null.
pub(crate) fn text(key: &str, raw: &RawValue) -> Result<Option<String>, String> {
    if is_null(raw) {
        return Ok(None);
    }
    if !raw.get().starts_with('"') {
        return Err(wrong(key, "text", raw));
    }
    serde_json::from_str(raw.get())
        .map(Some)
        .map_err(|error| format!("\"{key}\" is not sound text: {error}"))
}

/// The text of a string that has no escapes.
pub(crate) fn bare_text(raw: &RawValue) -> Option<&str> {
    let text = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then_some(text)
}

/// A number from 0 to `most`, or None for null.
pub(crate) fn real(key: &str, raw: &RawValue, most: f64) -> Result<Option<f64>, String> {
    if is_null(raw) {
        return Ok(None);
    }
    let wanted = || format!("a number from 0 to {most}");
    if kind(raw) != "a number" {
        return Err(wrong(key, &wanted(), raw));
    }
    match serde_json::from_str::<f64>(raw.get()) {
        Ok(number) if (0.0..=most).contains(&number) => Ok(Some(number)),
        _ => Err(format!(
            "\"{key}\" must be {}, not {}",
            wanted(),
            short(raw)
        )),
    }
}

fn short(raw: &RawValue) -> String {
    raw.get().chars().take(40).collect()
}

/// A whole number from 0, or None for null.
pub(crate) fn integer(key: &str, raw: &RawValue) -> Result<Option<i64>, String> {
    if is_null(raw) {
        return Ok(None);
    }
    if kind(raw) != "a number" {
        return Err(wrong(key, "a whole number", raw));
    }
    let number = serde_json::from_str::<i64>(raw.get()).ok().or_else(|| {
        let real = serde_json::from_str::<f64>(raw.get()).ok()?;
        (real.fract() == 0.0 && real.abs() < 9e15).then_some(real as i64)
    });
    match number {
        Some(number) if number >= 0 => Ok(Some(number)),
        _ => Err(format!(
            "\"{key}\" must be a whole number from 0, not {}",
            short(raw)
        )),
    }
}

/// A time as spelled, or None for null.
pub(crate) fn time(key: &str, raw: &RawValue) -> Result<Option<Spelled>, String> {
    let Some(text) = text(key, raw)? else {
        return Ok(None);
    };
    match time::parse_spelled(&text) {
        Some(spelled) if spelled.utc().is_some_and(time::storable) => Ok(Some(spelled)),
        _ => {
            let text: String = text.chars().take(40).collect();
            Err(format!("\"{key}\" is no date and time: \"{text}\""))
        }
    }
}

/// The most levels that JSON may be nested. Python's reader, and so the service's list of jobs, gives up at about 1,000 levels
/// with its own calls among them; SQLite's functions do at 1,000.
pub(crate) const DEEPEST: usize = 512;

/// JSON text for a JSON column, or None for null. Line breaks between tokens are taken out; a lone
/// surrogate, which no reader could decode, is an error, and so is a nesting that none could follow.
pub(crate) fn document<'a>(key: &str, raw: &'a RawValue) -> Result<Option<Cow<'a, str>>, String> {
    if is_null(raw) {
        return Ok(None);
    }
    let json = raw.get();
    if has_lone_surrogate(json.as_bytes()) {
        return Err(format!("\"{key}\" has half a character (a lone surrogate)"));
    }
    if is_deeper_than(json.as_bytes(), DEEPEST) {
        return Err(format!(
            "\"{key}\" is nested deeper than {DEEPEST} levels, which the service could not read"
        ));
    }
    Ok(Some(if json.contains('\n') {
        Cow::Owned(one_line(json))
    } else {
        Cow::Borrowed(json)
    }))
}

/// Whether `document` takes this JSON; a part of it, such as a string that `text` reads, may be given too.
pub(crate) fn is_sound(json: &[u8]) -> bool {
    !has_lone_surrogate(json) && !is_deeper_than(json, DEEPEST)
}

/// Whether a `\uD800` lacks its other half. The parser does not see that in what it only skips.
fn has_lone_surrogate(bytes: &[u8]) -> bool {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &bytes[at..]) {
        at += next;
        at += match unit(at) {
            Some(0xD800..=0xDBFF) => match unit(at + 6) {
                Some(0xDC00..=0xDFFF) => 12,
                _ => return true,
            },
            Some(0xDC00..=0xDFFF) => return true,
            Some(_) => 6,
            None => 2,
        };
        if at >= bytes.len() {
            break;
        }
    }
    false
}

fn is_deeper_than(json: &[u8], levels: usize) -> bool {
    // Few texts have more brackets than `levels`, and only those are read. `[` and `{` differ in one bit, and a count up to
    // 255 fits a byte, so that the compiler can add many at once.
    let opening = |byte: &u8| u8::from(*byte | 0x20 == b'{');
    let count = |part: &[u8]| usize::from(part.iter().map(opening).sum::<u8>());
    if json.chunks(255).map(count).sum::<usize>() <= levels {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > levels {
            return true;
        }
    }
    false
}

/// JSON without the white space between its tokens, but for one blank after `:` and `,`.
fn one_line(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string {
            out.push(c);
            match (escaped, c) {
                (true, _) => escaped = false,
                (false, '\\') => escaped = true,
                (false, '"') => in_string = false,
                _ => {}
            }
            continue;
        }
        match c {
            ' ' | '\n' | '\r' | '\t' => {}
            ':' | ',' => {
                out.push(c);
                out.push(' ');
            }
            c => {
                in_string = c == '"';
                out.push(c);
            }
        }
    }
    out
}
