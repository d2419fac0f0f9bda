//! JSON as a database gives it back that keeps its meaning, not its text: each key once, in an order of its own, numbers without an
//! exponent.

use std::fmt::Write;

use serde_json::value::RawValue;

use super::read::Members;

/// The digits of a number behind which nobody looks for it.
const MOST_DIGITS: i64 = 16_000;

/// The most values that stand in each other. A server takes some thousands.
const MOST_LEVELS: usize = 1_000;

/// The text in that form; None for what has none: a text with U+0000 or half a surrogate pair, too large a number, too many levels.
pub(crate) fn sorted(json: &str) -> Option<String> {
    let raw: &RawValue = serde_json::from_str(json).ok()?;
    let mut out = String::with_capacity(json.len());
    value(&mut out, raw, MOST_LEVELS)?;
    Some(out)
}

fn value(out: &mut String, raw: &RawValue, levels: usize) -> Option<()> {
    let levels = levels.checked_sub(1)?;
    match raw.get().as_bytes().first()? {
        b'{' => object(out, raw, levels),
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
            out.push('[');
            for (index, item) in items.into_iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                value(out, item, levels)?;
            }
            out.push(']');
            Some(())
        }
        b'"' => string(out, &serde_json::from_str::<String>(raw.get()).ok()?),
        b't' | b'f' | b'n' => {
            out.push_str(raw.get());
            Some(())
        }
        _ => number(out, raw.get()),
    }
}

/// The shorter key first, of equally long ones that of the lesser bytes; of several the last counts.
fn object(out: &mut String, raw: &RawValue, levels: usize) -> Option<()> {
    let mut members = Members::parse_text(raw.get()).ok()?.0;
    members.sort_by(|(a, _), (b, _)| (a.len(), a.as_bytes()).cmp(&(b.len(), b.as_bytes())));
    out.push('{');
    let mut is_first = true;
    for (index, (key, member)) in members.iter().enumerate() {
        if members.get(index + 1).is_some_and(|(next, _)| next == key) {
            continue;
        }
        out.push_str(if is_first { "" } else { ", " });
        is_first = false;
        string(out, key)?;
        out.push_str(": ");
        value(out, member, levels)?;
    }
    out.push('}');
    Some(())
}

fn string(out: &mut String, text: &str) -> Option<()> {
    out.push('"');
    for c in text.chars() {
        match c {
            '\0' => return None,
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => write!(out, "\\u{:04x}", c as u32).ok()?,
            c => out.push(c),
        }
    }
    out.push('"');
    Some(())
}

/// All digits of a number, with as many behind the point as it was given.
fn number(out: &mut String, text: &str) -> Option<()> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if exponent.abs() > MOST_DIGITS {
        return None;
    }
    let digits = format!("{whole}{behind}");
    let point = whole.len() as i64 + exponent;
    let (whole, behind) = if point <= 0 {
        let zeros = usize::try_from(-point).ok()?;
        ("0".to_owned(), format!("{}{digits}", "0".repeat(zeros)))
    } else {
        let point = usize::try_from(point).ok()?;
        let digits = format!("{digits:0<point$}");
        (digits[..point].to_owned(), digits[point..].to_owned())
    };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let is_zero = digits.bytes().all(|digit| digit == b'0');
    out.push_str(if is_zero { "" } else { sign });
    out.push_str(whole);
    if !behind.is_empty() {
        out.push('.');
        out.push_str(&behind);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn keys_have_an_order_and_numbers_all_their_digits() {
        for (given, kept) in [
            ("{\"bb\":1,\"a\":2,\"bb\":3}", "{\"a\": 2, \"bb\": 3}"),
            (
                "[1.50e1, -0, 1E-3, 1e2, 0e5, 0.0e1, -0.5]",
                "[15.0, 0, 0.001, 100, 0, 0, -0.5]",
            ),
            (
                "{\"\": [], \"x\":{} , \"é\": null}",
                "{\"\": [], \"x\": {}, \"é\": null}",
            ),
            (
                "\"\\u00e9\\/\\u001f\\b\\ud83e\\udd8a\"",
                "\"é/\\u001f\\b🦊\"",
            ),
        ] {
            assert_eq!(sorted(given).as_deref(), Some(kept));
            assert_eq!(sorted(kept).as_deref(), Some(kept));
        }
        for given in ["\"\\u0000\"", "\"\\ud800\"", "1e99999", "{"] {
            assert_eq!(sorted(given), None);
        }
        let nested = |levels| "[".repeat(levels) + &"]".repeat(levels);
        assert_eq!(sorted(&nested(999)), Some(nested(999)));
        assert_eq!(sorted(&nested(100_000)), None);
    }
}
