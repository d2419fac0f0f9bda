//! JSON that was encoded once more than it should have been: an object or an array that stands in a text.

use serde_json::value::RawValue;

/// The most times that it may have been encoded again.
const TIMES: usize = 3;

/// The object or array in a text, or in a text in it. Any other text is one: a number, a word, and what only begins like JSON.
pub fn inner(raw: &RawValue) -> Option<String> {
    if !begins(raw.get()) {
        return None;
    }
    let mut text: String = serde_json::from_str(raw.get()).ok()?;
    for _ in 0..TIMES {
        let json = text.trim();
        match json.as_bytes().first()? {
            b'{' | b'[' => {
                serde_json::from_str::<&RawValue>(json).ok()?;
                return Some(if json.len() == text.len() {
                    text
                } else {
                    json.to_owned()
                });
            }
            b'"' => text = serde_json::from_str(json).ok()?,
            _ => return None,
        }
    }
    None
}

/// Whether a value may be an encoded object or array, by its first characters.
pub fn begins(json: &str) -> bool {
    matches!(json.as_bytes(), [b'"', b'{' | b'[' | b'\\' | b' ', ..])
}
