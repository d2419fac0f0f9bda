//! Text before the JSON of a dump: headers of an HTTP response, a guard against scripts, comments, lines of a log.

use super::json_start::begins_json;
use super::{InputFault, code};
use crate::legacy::position::Position;

/// The beginning of the JSON behind other text.
enum Start {
    /// The number of its line, from 1.
    Line(u64),
    /// The offset of its first byte, from 0.
    Byte(u64),
}

impl Start {
    fn words(&self) -> String {
        match self {
            Start::Line(line) => format!("the JSON begins in line {line}"),
            Start::Byte(byte) => format!("the JSON begins at byte {byte}"),
        }
    }

    fn kind(&self, what: &str) -> InputFault {
        let kind = InputFault::new(format!("{what}; {}", self.words()));
        match self {
            Start::Line(line) => kind.by(format!("tail -n +{line}")),
            Start::Byte(byte) => kind.by(format!("tail -c +{}", byte + 1)),
        }
    }
}

/// The first line at or behind the offset `from` that begins as JSON does.
fn json_line(text: &str, from: usize, position: Position) -> Option<Start> {
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if at >= from && begins_json(&text[at..]) && (number > 0 || at > 0) {
            return Some(Start::Line(position.line + number as u64));
        }
        at += line.len();
    }
    None
}

/// The JSON that begins at the offset `from` or behind blank space there, on a line of its own or not.
fn json_at(text: &str, from: usize, position: Position) -> Option<Start> {
    let rest = &text[from..];
    let json = rest.trim_start();
    let start = from + rest.len() - json.len();
    if !begins_json(json) {
        return None;
    }
    let blank = &text[from..start];
    Some(if blank.contains('\n') {
        let lines = text[..start].matches('\n').count();
        Start::Line(position.line + lines as u64)
    } else {
        Start::Byte(position.byte + start as u64)
    })
}

/// The kind of a dump behind HTTP headers, with or without the status line.
pub(super) fn http(text: &str, position: Position) -> Option<InputFault> {
    let first = text.lines().next()?;
    let status = first
        .strip_prefix("HTTP/")
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if status.is_none() && !is_header(first) {
        return None;
    }
    let what = "it begins with the headers of an HTTP answer (curl -i)";
    if let Some(start) = json_line(text, 0, position) {
        return Some(start.kind(what));
    }
    let code = status.and_then(|status| status.split(' ').nth(1));
    match code {
        Some(code) => Some(InputFault::new(format!(
            "it is an HTTP answer, of status {code}, without JSON"
        ))),
        None if status.is_some() => Some(InputFault::new("it is an HTTP answer without JSON")),
        None => None,
    }
}

/// Headers that responses with JSON have.
fn is_header(line: &str) -> bool {
    let Some((name, _)) = line.split_once(':') else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    [
        "content-type",
        "content-length",
        "date",
        "server",
        "cache-control",
        "x-powered-by",
    ]
    .contains(&name.as_str())
}

/// Texts that servers put before JSON so that no page can run it as a script.
const GUARDS: &[&str] = &[
    ")]}',",
    ")]}'",
    "while(1);",
    "while (1);",
    "while(true);",
    "for(;;);",
    "for (;;);",
    "throw 1; < don't be evil' >",
    "throw 1;",
    "&&&START&&&",
];

pub(super) fn guard(text: &str, position: Position) -> Option<InputFault> {
    let guard = GUARDS.iter().find(|guard| text.starts_with(**guard))?;
    let what = format!("it begins with {guard}, which keeps a page from running it");
    let start = json_at(text, guard.len(), position).or_else(|| json_line(text, 0, position))?;
    Some(start.kind(&what))
}

/// The kind of a dump behind other lines: comments, a log, a fence of Markdown, anything.
pub(super) fn lines(text: &str, position: Position) -> Option<InputFault> {
    let first = text.lines().next()?;
    if first.starts_with("```") {
        let start = json_line(text, 0, position)?;
        let what = format!(
            "it is Markdown, with the JSON in a block; {}",
            start.words()
        );
        return Some(InputFault::new(what).by("sed '/^```/d'"));
    }
    let comment = ["//", "/*", "#", "--", ";", "<!--"];
    let is_comment = comment.iter().any(|mark| first.starts_with(mark));
    if first.starts_with("/*")
        && let Some(end) = text.find("*/")
    {
        let start = json_at(text, end + 2, position).or_else(|| json_line(text, end, position))?;
        return Some(start.kind("it begins with a comment"));
    }
    let start = json_line(text, 0, position)?;
    Some(start.kind(match (is_comment, code::is_logged(first)) {
        (true, _) => "it begins with a comment",
        (false, true) => "it begins with a line of a log",
        (false, false) => "it begins with other text",
    }))
}

/// The kind of a dump behind other text on the same line.
pub(super) fn same_line(text: &str, position: Position) -> Option<InputFault> {
    let first = text.lines().next()?;
    let at = first
        .match_indices(['{', '['])
        .find(|(at, _)| begins_json(&text[*at..]))?
        .0;
    let start = Start::Byte(position.byte + at as u64);
    Some(start.kind(if code::is_logged(first) {
        "it is a line of a log"
    } else {
        "it begins with other text"
    }))
}
