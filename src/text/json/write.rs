//! JSON output. Characters that could act on a terminal are escaped, beyond what JSON itself demands, so that printing a
//! document is as harmless as printing a table.

use std::fmt::Write;

use crate::text::bytes::{self, Word};
use crate::text::visible::{acts, may_act};

/// Appends a JSON string.
pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    escaped(out, text, |out, c| match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if acts(c) => escape(out, c),
        c => out.push(c),
    });
    out.push('"');
}

/// Appends a text: each character that may need care by `write`, all between as it is.
#[inline(always)]
fn escaped(out: &mut String, text: &str, write: impl Fn(&mut String, char)) {
    bytes::escaped(out, text, may_need_care, |out, rest| {
        let Some(c) = rest.chars().next() else {
            return rest.len();
        };
        write(out, c);
        c.len_utf8()
    });
}

/// The first bytes of characters that act, or that JSON escapes. Most texts have few, and reading bytes is several times
/// faster than reading characters.
#[inline(always)]
fn may_need_care(word: Word) -> u64 {
    may_act(word) | word.equal(b'"') | word.equal(b'\\')
}

/// Appends the escape of a character that acts. All of them lie in the basic plane: one `\u` each.
fn escape(out: &mut String, c: char) {
    let _ = write!(out, "\\u{:04x}", c as u32);
}

/// Appends JSON text that is known to be valid, on one line. Characters that act can only stand inside
/// its strings, where the escape means the same; line breaks and tabs only between its tokens.
pub(crate) fn raw(out: &mut String, json: &str) {
    escaped(out, json.trim(), |out, c| match c {
        '\n' | '\r' | '\t' => out.push(' '),
        c if acts(c) => escape(out, c),
        c => out.push(c),
    });
}

/// Appends a number; one that JSON cannot say is a string.
pub(crate) fn number(out: &mut String, number: f64) {
    match serde_json::Number::from_f64(number) {
        Some(number) => {
            let _ = write!(out, "{number}");
        }
        None => string(out, &number.to_string()),
    }
}

/// The layout of an object or an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    OneLine,
    /// A member or an element a line, the whole itself indented by this many spaces.
    Lines(usize),
}

impl Layout {
    /// The layout of a value within one of this layout.
    pub(crate) fn nested(self) -> Layout {
        match self {
            Layout::OneLine => Layout::OneLine,
            Layout::Lines(indent) => Layout::Lines(indent + 2),
        }
    }
}

/// An object that is written member by member.
pub(crate) struct Object<'a> {
    pub out: &'a mut String,
    pub layout: Layout,
    first: bool,
}

impl<'a> Object<'a> {
    pub(crate) fn begin(out: &'a mut String, layout: Layout) -> Object<'a> {
        out.push('{');
        Object {
            out,
            layout,
            first: true,
        }
    }

    /// Begins a member; its value is to be appended to `out`.
    pub(crate) fn key(&mut self, key: &str) {
        if !self.first {
            self.out.push(',');
        }
        match self.layout {
            Layout::OneLine if self.first => {}
            Layout::OneLine => self.out.push(' '),
            Layout::Lines(indent) => break_line(self.out, indent + 2),
        }
        self.first = false;
        string(self.out, key);
        self.out.push_str(": ");
    }

    pub(crate) fn string(&mut self, key: &str, text: &str) {
        self.key(key);
        string(self.out, text);
    }

    /// Writes a member whose displayed form is JSON: a number or a boolean.
    pub(crate) fn literal(&mut self, key: &str, value: impl std::fmt::Display) {
        self.key(key);
        let _ = write!(self.out, "{value}");
    }

    pub(crate) fn end(self) {
        if let Layout::Lines(indent) = self.layout
            && !self.first
        {
            break_line(self.out, indent);
        }
        self.out.push('}');
    }
}

fn break_line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// An array that is written element by element.
#[derive(Debug)]
pub(crate) struct Array {
    /// The indents of the elements and of the end; None for an array on one line.
    indents: Option<(usize, usize)>,
    begun: bool,
}

impl Array {
    pub(crate) fn new(layout: Layout) -> Array {
        let indents = match layout {
            Layout::OneLine => None,
            Layout::Lines(indent) => Some((indent + 2, indent)),
        };
        let begun = false;
        Array { indents, begun }
    }

    /// An array whose elements begin their lines, which are then nearly those of JSON Lines.
    pub(crate) fn flush_left() -> Array {
        Array {
            indents: Some((0, 0)),
            begun: false,
        }
    }

    /// Begins an element, which is to be appended to `out`.
    pub(crate) fn next(&mut self, out: &mut String) {
        out.push_str(match (self.begun, self.indents) {
            (false, _) => "[",
            (true, None) => ", ",
            (true, Some(_)) => ",",
        });
        self.begun = true;
        if let Some((indent, _)) = self.indents {
            break_line(out, indent);
        }
    }

    pub(crate) fn end(self, out: &mut String) {
        match self.indents {
            _ if !self.begun => out.push('['),
            Some((_, indent)) => break_line(out, indent),
            None => {}
        }
        out.push(']');
    }
}

/// Appends an array.
pub(crate) fn array<T>(
    out: &mut String,
    layout: Layout,
    items: impl IntoIterator<Item = T>,
    mut element: impl FnMut(&mut String, T),
) {
    let mut array = Array::new(layout);
    for item in items {
        array.next(out);
        element(out, item);
    }
    array.end(out);
}

/// `{"error": {"code", "message", "hint"}}`
pub(crate) fn error(code: &str, message: &str, hint: Option<&str>) -> String {
    let mut out = String::from("{\"error\": ");
    let mut object = Object::begin(&mut out, Layout::OneLine);
    object.string("code", code);
    object.string("message", message);
    object.key("hint");
    match hint {
        Some(hint) => string(object.out, hint),
        None => object.out.push_str("null"),
    }
    object.end();
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::{acts, string};

    /// Bytes are tested in blocks, so each index in a block has its turn.
    #[test]
    fn a_character_that_acts_is_seen_at_any_index() {
        for before in 0..40 {
            for c in ['"', '\0', '\u{202e}'] {
                let text = format!("{}{c}{}", "x".repeat(before), "y".repeat(40 - before));
                let mut json = String::new();
                string(&mut json, &text);
                assert!(!json[1..json.len() - 1].contains([c]) || c == '"');
                let read = serde_json::from_str::<String>(&json).ok();
                assert_eq!(read.as_deref(), Some(text.as_str()));
            }
        }
    }

    #[test]
    fn a_string_is_read_back_as_it_was() {
        let text = "plain \"quoted\" \\ \n\t\r\0\u{7f}\u{85}\u{202e}\u{feff} é 海 \u{2019} end";
        let mut json = String::new();
        string(&mut json, text);
        assert!(!json.contains(acts));
        assert_eq!(
            serde_json::from_str::<String>(&json).ok().as_deref(),
            Some(text)
        );
    }
}
