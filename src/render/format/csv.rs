//! `-o csv`: CSV as spreadsheets read it (RFC 4180), without letting a stored text become a formula in one. NULL and an
//! empty text look the same.

use super::emitter::{Document, Emitter, Head, RecordForm, Style};
use super::separated::{Rules, Separated};
use crate::text::bytes::{self, Word};

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

/// Whether a text begins with the first byte of one of them, or with an apostrophe.
fn may_be_formula(text: &str) -> bool {
    let first = text.bytes().next();
    first.is_some_and(|byte| {
        matches!(
            byte,
            b'\'' | b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n' | 0xef
        )
    })
}

/// The bytes for which a text is put in quotation marks.
#[inline(always)]
fn is_quoted(word: Word) -> u64 {
    let breaks = word.equal(b'\n') | word.equal(b'\r') | word.equal(b'\t');
    breaks | word.equal(b'"') | word.equal(b',')
}

/// Appends a text. One that a spreadsheet would run as a formula gets an apostrophe before it, and so does one that looks
/// as if it had got one: taking an apostrophe from before any such text gives all of them back.
fn field(out: &mut String, text: &str) {
    let guard = if may_be_formula(text) && text.trim_start_matches('\'').starts_with(FORMULA) {
        "'"
    } else {
        ""
    };
    if bytes::first(text.as_bytes(), is_quoted).is_none() {
        out.push_str(guard);
        out.push_str(text);
        return;
    }
    out.push('"');
    out.push_str(guard);
    bytes::escaped(
        out,
        text,
        |word| word.equal(b'"'),
        |out, _| {
            out.push_str("\"\"");
            1
        },
    );
    out.push('"');
}
