//! The long texts of a page: what was asked, the result, the error. Line breaks are kept, other control characters made
//! visible, and a JSON object is shown with a line for each member.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{JobPage, label};
use crate::job::columns::Content;
use crate::job::{Column, Value};
use crate::render::table::marked;
use crate::text::signs;
use crate::text::visible::{block, step, width};

/// Lines of a text that a screen shows without `--full`.
const LINES: usize = 6;

/// The same of an error or a result, which a person came to read.
const LINES_OF_OUTCOME: usize = 16;

impl JobPage<'_> {
    /// A text of several lines, indented under its label.
    pub(super) fn long(&mut self, column: Column, value: &Value) {
        let text = match (column.content(), value.json()) {
            (Content::Json, Some(None)) => return,
            (Content::Json, Some(Some(json))) => readable(&json),
            (Content::Json, None) => marked(value),
            _ if value.is_null() || value.as_str() == Some("") => return,
            _ if column.understands(value) => value.display().into_owned(),
            _ => marked(value),
        };
        self.section(label(column));
        let most = match (column, self.options.width, self.options.full) {
            (_, None, _) | (_, _, true) => usize::MAX,
            (Column::Error | Column::Result, ..) => LINES_OF_OUTCOME,
            _ => LINES,
        };
        let columns = match self.options.width {
            Some(columns) => columns.saturating_sub(4).max(10),
            None => usize::MAX,
        };
        let shown = block(&text);
        let wrapped: Vec<String> = shown.lines().flat_map(|line| wrap(line, columns)).collect();
        for line in wrapped.iter().take(most) {
            self.lines.push(format!("    {line}").trim_end().to_owned());
        }
        if wrapped.len() > most {
            let more = wrapped.len() - most;
            self.lines.push(format!(
                "    {} {more} more lines: --full",
                signs::ellipsis()
            ));
        }
    }
}

/// JSON for people: an object a member a line, and texts without their escapes, for the service writes all but ASCII
/// as `\uXXXX`.
fn readable(json: &str) -> String {
    let mut reader = serde_json::Deserializer::from_str(json);
    match reader.deserialize_map(MemberLines) {
        Ok(members) if !members.is_empty() => members.join("\n"),
        _ => readable_value(json),
    }
}

/// A text as it reads, anything else as it is written.
fn readable_value(json: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(json) {
        Ok(serde_json::Value::String(text)) if !text.is_empty() => text,
        Ok(value) if json.contains("\\u") => value.to_string(),
        _ => json.to_owned(),
    }
}

/// Reads an object as lines of `key: value`, the members in their order.
struct MemberLines;

impl<'de> Visitor<'de> for MemberLines {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Vec<String>, M::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
            members.push(format!("{key}: {}", readable_value(value.get())));
        }
        Ok(members)
    }
}

/// Breaks a line at spaces where it can, by columns of the screen.
fn wrap(line: &str, columns: usize) -> Vec<String> {
    if width(line) <= columns {
        return vec![line.to_owned()];
    }
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut used = 0;
    let mut last_space = None;
    for c in line.chars() {
        let size = step(current.chars().next_back(), c);
        if used + size > columns {
            let rest = match last_space {
                Some(space) if c != ' ' => current.split_off(space),
                _ => String::new(),
            };
            lines.push(current.trim_end().to_owned());
            current = rest.trim_start().to_owned();
            used = width(&current);
            last_space = None;
        }
        if c == ' ' {
            if current.is_empty() {
                continue;
            }
            last_space = Some(current.len());
        }
        current.push(c);
        used += size;
    }
    lines.push(current);
    lines
}
