//! The kinds of texts that do not begin as JSON does, or only seem to.

use super::{FaultRemedy, InputFault, binary, code, drawn, prefix, table};
use crate::legacy::position::Position;
use crate::text::json::is_json;
use crate::text::visible::{cut, one_line};

/// The most characters of a text that a message shows.
const SHOWN: usize = 60;

/// The kind of a file whose text, behind blank space, begins with `data`.
pub(in crate::legacy) fn of_text(data: &[u8], position: Position) -> InputFault {
    if data.first() == Some(&0)
        && let Some(kind) = zeros(data)
    {
        return kind;
    }
    let text = match std::str::from_utf8(data) {
        Ok(text) => text,
        // `data` ends in the middle of a character.
        Err(error) if error.error_len().is_none() => valid(data, error.valid_up_to()),
        Err(error) if is_text(&data[..error.valid_up_to()]) && error.valid_up_to() > 64 => {
            valid(data, error.valid_up_to())
        }
        Err(_) if is_text(data) && !(0x80..=0xbf).contains(&data[0]) => {
            return InputFault::new("it is text of another encoding than UTF-8, and no JSON");
        }
        Err(_) => return binary::of_binary(data, position),
    };
    if !is_text(text.as_bytes()) {
        return binary::of_binary(data, position);
    }
    of_plain_text(text, position)
}

fn of_plain_text(text: &str, position: Position) -> InputFault {
    code::of_secret(text)
        .or_else(|| prefix::http(text, position))
        .or_else(|| markup(text))
        .or_else(|| prefix::guard(text, position))
        .or_else(|| code::javascript(text, position))
        .or_else(|| code::sql(text))
        .or_else(|| drawn::drawn(text))
        .or_else(|| tail(text))
        .or_else(|| table::base64(text))
        .or_else(|| code::events(text))
        .or_else(|| code::coloured(text))
        .or_else(|| table::csv(text))
        .or_else(|| prefix::lines(text, position))
        .or_else(|| code::literal(text))
        .or_else(|| table::yaml(text))
        .or_else(|| prefix::same_line(text, position))
        .or_else(|| word_of_json(text))
        .unwrap_or_else(|| plain_text(text))
}

/// Whether a text that begins with a bracket may be no JSON, judged by its first bytes.
pub(in crate::legacy) fn is_suspicious(start: &[u8]) -> bool {
    let inside = start
        .iter()
        .position(|b| !b.is_ascii_whitespace() && !b"[({".contains(b));
    let Some(rest) = inside.map(|at| &start[at..]) else {
        return false;
    };
    match rest[0] {
        b'\'' | b'/' | b'#' | b'_' | b'$' | b'a'..=b'z' | b'A'..=b'Z' => true,
        b'0'..=b'9' => is_dated(&String::from_utf8_lossy(&rest[..rest.len().min(8)])),
        _ => false,
    }
}

/// The kind of a file whose text begins with a bracket, as a dump does; None when it may be one.
pub(in crate::legacy) fn unlike_json(data: &[u8], position: Position) -> Option<InputFault> {
    let text = valid(data, data.len());
    if let Some(kind) = code::literal(text) {
        return Some(kind);
    }
    let inside = text.strip_prefix('[')?.trim_start();
    if is_json_word(inside) || !is_dated(inside) && !is_tag(text) {
        return None;
    }
    prefix::lines(text, position)
        .or_else(|| is_section(text).then(|| InputFault::new("it is an INI file, or TOML")))
        .or_else(|| prefix::same_line(text, position))
        .or_else(|| Some(plain_text(text)))
}

/// The kind of JSON Lines behind other text, by their beginning; None when the first line may be a damaged job.
pub(in crate::legacy) fn before_lines(data: &[u8], position: Position) -> Option<InputFault> {
    let text = valid(data, data.len());
    if let Some(kind) = prefix::guard(text, position) {
        return Some(kind);
    }
    let line = text.lines().next()?;
    let may_be_job = line.contains("\":") || line.contains("{\"") || is_json(line);
    if may_be_job || !line.contains(char::is_alphabetic) {
        return None;
    }
    prefix::http(text, position).or_else(|| prefix::lines(text, position))
}

/// Whether a text begins with a word in brackets, as a line of a log or a section of settings.
fn is_tag(text: &str) -> bool {
    let word = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix('[')?.split_once(']'));
    word.is_some_and(|(word, _)| {
        let word = word.trim();
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && !is_json_word(word)
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-.: /".contains(c))
    })
}

/// Whether a text is a number or a word of JSON.
fn is_json_word(text: &str) -> bool {
    let end = text.find(|c: char| c == ',' || c == ']' || c.is_whitespace());
    let word = &text[..end.unwrap_or(text.len())];
    matches!(
        word,
        "true" | "false" | "null" | "NaN" | "Infinity" | "-Infinity"
    ) || word.parse::<f64>().is_ok()
}

/// Whether a text is a time, which logs often have in brackets.
fn is_dated(inside: &str) -> bool {
    let head: String = inside.chars().take(8).collect();
    head.starts_with(|c: char| c.is_ascii_digit()) && head.contains(['-', ':', '/'])
}

fn is_section(text: &str) -> bool {
    let mut lines = text.lines();
    let name = lines
        .next()
        .and_then(|line| line.strip_prefix('[')?.trim_end().strip_suffix(']'));
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-. ".contains(c))
    };
    name.is_some_and(is_name) && lines.any(|line| line.contains('='))
}

/// The kind of a file that begins with a block of zeros, before the dump or instead of it.
fn zeros(data: &[u8]) -> Option<InputFault> {
    let count = data.iter().take_while(|byte| **byte == 0).count();
    let rest = data[count..].trim_ascii();
    if rest.is_empty() {
        return Some(InputFault::new(
            "it holds nothing but NUL bytes: what was written to it never arrived on the disk",
        ));
    }
    // Many formats begin with a few zeros.
    let is_other = count < 4 && !matches!(rest[0], b'{' | b'[' | b'"');
    let is_dump = !is_other && is_text(&rest[..rest.len().min(512)]);
    is_dump.then(|| InputFault::begins_with_zeros(count))
}

fn valid(data: &[u8], length: usize) -> &str {
    let data = &data[..length];
    match std::str::from_utf8(data) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&data[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// Whether data has no more control characters than text.
fn is_text(data: &[u8]) -> bool {
    let control =
        |byte: &&u8| matches!(byte, 0..=8 | 0x0e..=0x1f | 0x7f) && **byte != 0x1b && **byte != 0x1e;
    data.iter().take(512).filter(control).count() == 0
}

fn markup(text: &str) -> Option<InputFault> {
    let rest = text.strip_prefix('<')?;
    let head: String = rest
        .chars()
        .take(12)
        .collect::<String>()
        .to_ascii_lowercase();
    if head.starts_with("?xml") {
        return Some(InputFault::new("it is XML"));
    }
    if !head.starts_with(['!', '/', '?']) && !head.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let from = at + lower[at..].find('>')? + 1;
        let to = from + lower[from..].find('<')?;
        Some(text[from..to].trim()).filter(|title| !title.is_empty())
    });
    let what = match title {
        Some(title) => format!(
            "it is HTML, a page called \"{}\"",
            cut(&one_line(title), SHOWN)
        ),
        None => "it is HTML, a page and not the data".to_owned(),
    };
    Some(InputFault::new(what).advice(
        "fetch it again: curl -fsS shows why, and fails, where the answer is a page of an error",
    ))
}

/// The kind of a dump without its beginning: it closes a bracket before it opens one, or names a field of a job outside of
/// any object.
fn tail(text: &str) -> Option<InputFault> {
    let missing = || {
        let what = "it begins in the middle of a dump: the beginning is missing";
        InputFault {
            what: what.to_owned(),
            remedy: FaultRemedy::Whole,
        }
    };
    let opens = text.find(['{', '[']).unwrap_or(text.len());
    let before = &text[..opens];
    let closes = before.contains(['}', ']']) && text.contains("\":");
    if closes || before.contains("\":") {
        return Some(missing());
    }
    None
}

/// The kind of JSON that is no object and no list.
fn word_of_json(text: &str) -> Option<InputFault> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let what = match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "true or false",
        serde_json::Value::Number(_) => "a number",
        _ => "a text",
    };
    Some(InputFault::new(format!(
        "it is JSON, but only {what}, and holds no job"
    )))
}

fn plain_text(text: &str) -> InputFault {
    let line = text.lines().next().unwrap_or_default().trim_end();
    InputFault::new(format!(
        "it is plain text, no JSON; it begins \"{}\"",
        cut(&one_line(line), SHOWN)
    ))
}
