//! `-o csv`: CSV as spreadsheets read it (RFC 4180), without letting a stored text become a formula in one. NULL and an
//! empty text look the same.

use super::emitter::{Document, Emitter, Form, Head, Style};
use crate::render::record::{Cells, Record};
use crate::text::visible::one_line;

pub(super) struct Csv;

impl Emitter for Csv {
    fn word(&self) -> &'static str {
        "csv"
    }

    fn form(&self) -> Form {
        Form::Cells
    }

    fn is_for_excel(&self) -> bool {
        true
    }

    fn begin<'a>(&self, head: Head<'a>, style: Style) -> Box<dyn Document + 'a> {
        Box::new(Table {
            headings: Some(head.headings),
            style,
        })
    }
}

struct Table {
    /// Until they have been written.
    headings: Option<Vec<String>>,
    style: Style,
}

impl Table {
    fn begin(&mut self, out: &mut String) {
        let Some(headings) = self.headings.take() else {
            return;
        };
        // Excel takes a file without this mark to be in an old encoding.
        if self.style.excel {
            out.push('\u{feff}');
        }
        if headings.is_empty() {
            return;
        }
        let mut line = self.line(out);
        for heading in &headings {
            line.text(heading);
        }
        line.end_line();
    }

    fn line<'a>(&self, out: &'a mut String) -> Line<'a> {
        Line {
            begin: out.len(),
            is_first: true,
            out,
            harmless: self.style.harmless,
            line_end: if self.style.excel { "\r\n" } else { "\n" },
        }
    }
}

impl Document for Table {
    fn record(&mut self, out: &mut String, record: &dyn Record) {
        self.begin(out);
        record.cells(&mut self.line(out));
    }

    fn end(mut self: Box<Self>, out: &mut String, _: &str) {
        if self.headings.as_ref().is_some_and(|all| !all.is_empty()) {
            self.begin(out);
        }
    }
}

struct Line<'a> {
    out: &'a mut String,
    begin: usize,
    is_first: bool,
    harmless: bool,
    line_end: &'static str,
}

impl Line<'_> {
    fn next(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.push(',');
        }
    }
}

impl Cells for Line<'_> {
    fn text(&mut self, text: &str) {
        self.next();
        field(self.out, text);
    }

    fn number(&mut self, number: &str) {
        self.next();
        self.out.push_str(number);
    }

    fn null(&mut self) {
        self.next();
    }

    fn end_line(&mut self) {
        if self.harmless {
            let line = one_line(&self.out[self.begin..]).into_owned();
            self.out.truncate(self.begin);
            self.out.push_str(&line);
        }
        self.out.push_str(self.line_end);
        self.begin = self.out.len();
        self.is_first = true;
    }
}

/// What makes a spreadsheet take a text for a formula, or may be passed over before that; Japanese and Chinese ones know
/// the wide signs too.
const FORMULA: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Appends a text. One that a spreadsheet would run as a formula gets an apostrophe before it, and so does one that looks
/// as if it had got one: taking an apostrophe from before any such text gives all of them back.
fn field(out: &mut String, text: &str) {
    let guard = if text.trim_start_matches('\'').starts_with(FORMULA) {
        "'"
    } else {
        ""
    };
    let quoted = text.contains(['"', ',', '\n', '\r', '\t']);
    if quoted {
        out.push('"');
    }
    out.push_str(guard);
    for (place, part) in text.split('"').enumerate() {
        if place > 0 {
            out.push_str("\"\"");
        }
        out.push_str(part);
    }
    if quoted {
        out.push('"');
    }
}
