//! Error messages for text that is no JSON, which help to find the fault in it.

use serde_json::Error;

/// The message for a record. It names the word that is no value, with its member, or else the byte: the line and column of
/// the error are within the record, and would be taken for those of the dump.
pub(super) fn invalid(text: &str, error: &Error) -> String {
    message(text, error, |at| format!("byte {at} of the record"))
}

/// The message for a whole document, with its line and column, as an editor shows them.
pub(crate) fn invalid_document(text: &str, error: &Error) -> String {
    let (line, column) = (error.line(), error.column());
    message(text, error, |_| format!("line {line} column {column}"))
}

fn message(text: &str, error: &Error, position: impl Fn(usize) -> String) -> String {
    let (line, column) = (error.line(), error.column());
    let lines = text.split_inclusive('\n').map(str::len);
    let before: usize = lines.take(line.saturating_sub(1)).sum();
    let at = (before + column.saturating_sub(1)).min(text.len());
    let what = error.to_string();
    let what = match what.strip_suffix(&format!(" at line {line} column {column}")) {
        Some(what) => what,
        None => &what,
    };
    let around = &text.as_bytes()[at.saturating_sub(1)..(at + 2).min(text.len())];
    if let Some(from) = around.iter().position(|byte| *byte == 0) {
        let from = at.saturating_sub(1) + from;
        let rest = text.as_bytes().get(from..).unwrap_or_default();
        let end = from + rest.iter().take_while(|byte| **byte == 0).count();
        return format!(
            "NUL bytes from byte {from} to byte {end} of the record, a block that was never written: what stood there is missing"
        );
    }
    match word(text, at) {
        Some((Some(name), word)) => format!("invalid JSON: \"{name}\" is {word}, which is no JSON"),
        Some((None, word)) if matches!(what, "expected value" | "invalid number") => {
            format!("invalid JSON: {word} at {} is no JSON", position(at))
        }
        _ => format!("invalid JSON: {what} at {}", position(at)),
    }
}

/// The word at an offset, and the name of the member that has it for a value.
fn word(text: &str, at: usize) -> Option<(Option<&str>, String)> {
    let ends = |c: char| c.is_ascii_whitespace() || ",:{}[]\"".contains(c);
    let before = &text.as_bytes()[..at];
    let from = before.iter().rposition(|byte| ends(char::from(*byte)))? + 1;
    let word: String = text
        .get(from..)?
        .split(ends)
        .next()?
        .chars()
        .take(40)
        .collect();
    let member = |before: &'_ str| {
        let name = before.trim_end().strip_suffix(':')?.trim_end();
        let quote = name.strip_suffix('"')?.rfind('"')?;
        Some(quote + 1..name.len() - 1)
    };
    let name = text.get(..from).and_then(member).map(|name| &text[name]);
    (!word.is_empty()).then_some((name, word))
}
