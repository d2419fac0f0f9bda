//! `-o csv`: CSV as spreadsheets read it (RFC 4180), without letting a stored text become a formula in one. NULL and an
//! empty text look the same.

use super::emitter::{Document, Emitter, Head, RecordForm, Style};
use super::separated::{Rules, Separated};

pub(super) struct Csv;

impl Emitter for Csv {
    fn word(&self) -> &'static str {
        "csv"
    }

    fn form(&self) -> RecordForm {
        RecordForm::Cells
    }

    fn is_for_excel(&self) -> bool {
        true
    }

    fn begin<'a>(&self, head: Head<'a>, style: Style) -> Box<dyn Document + 'a> {
        // Excel takes a file without this mark to be in an old encoding.
        let (mark, line_end) = if style.excel {
            ("\u{feff}", "\r\n")
        } else {
            ("", "\n")
        };
        Box::new(Separated {
            mark,
            headings: head.headings,
            rules: Rules {
                separator: ',',
                null: "",
                line_end,
                harmless: style.harmless,
                text: field,
            },
        })
    }
}

/// The beginnings by which a spreadsheet takes a text for a formula, or which it passes over before one; Japanese and
/// Chinese ones know the wide signs too.
const FORMULA: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// The bytes for which a text is put in quotation marks.
const QUOTED: [u8; 5] = *b"\",\n\r\t";

/// Appends a text. One that a spreadsheet would run as a formula gets an apostrophe before it, and so does one that looks
/// as if it had got one: taking an apostrophe from before any such text gives all of them back.
fn field(out: &mut String, text: &str) {
    let guard = if text.trim_start_matches('\'').starts_with(FORMULA) {
        "'"
    } else {
        ""
    };
    if !text.bytes().any(|byte| QUOTED.contains(&byte)) {
        out.push_str(guard);
        out.push_str(text);
        return;
    }
    out.push('"');
    out.push_str(guard);
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'"', rest.as_bytes()) {
        out.push_str(&rest[..=at]);
        out.push('"');
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}
