//! `-o tsv`: a line for each record and tabs between its values, escaped as PostgreSQL's COPY writes its text format, so
//! that COPY reads every value back as it was and `cut` and `awk` see a line as one record. NULL is `\N`: an empty text is
//! another value, and `cut` tells them apart. No formula is guarded, since a spreadsheet is not what this is for.

use super::emitter::{Document, Emitter, Form, Head, Style};
use crate::render::record::{Cells, Record};
use crate::text::visible::one_line;

pub(super) struct Tsv;

impl Emitter for Tsv {
    fn word(&self) -> &'static str {
        "tsv"
    }

    fn form(&self) -> Form {
        Form::Cells
    }

    fn begin<'a>(&self, head: Head<'a>, style: Style) -> Box<dyn Document + 'a> {
        Box::new(Table {
            headings: head.headings,
            harmless: style.harmless,
        })
    }
}

struct Table {
    /// Those that have not been written.
    headings: Vec<String>,
    harmless: bool,
}

impl Table {
    fn begin(&mut self, out: &mut String) {
        let headings = std::mem::take(&mut self.headings);
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
            out,
            is_first: true,
            harmless: self.harmless,
        }
    }
}

impl Document for Table {
    fn record(&mut self, out: &mut String, record: &dyn Record) {
        self.begin(out);
        record.cells(&mut self.line(out));
    }

    fn end(mut self: Box<Self>, out: &mut String, _: &str) {
        self.begin(out);
    }
}

struct Line<'a> {
    out: &'a mut String,
    is_first: bool,
    harmless: bool,
}

impl Line<'_> {
    fn next(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.push('\t');
        }
    }
}

impl Cells for Line<'_> {
    fn text(&mut self, text: &str) {
        self.next();
        let begin = self.out.len();
        escaped(self.out, text);
        if self.harmless {
            let shown = one_line(&self.out[begin..]).into_owned();
            self.out.truncate(begin);
            self.out.push_str(&shown);
        }
    }

    fn number(&mut self, number: &str) {
        self.next();
        self.out.push_str(number);
    }

    fn null(&mut self) {
        self.next();
        self.out.push_str("\\N");
    }

    fn end_line(&mut self) {
        self.out.push('\n');
        self.is_first = true;
    }
}

fn escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(place) = rest.find(|c| escape(c).is_some()) {
        out.push_str(&rest[..place]);
        // All of them are ASCII.
        let (special, behind) = rest[place..].split_at(1);
        out.extend(special.chars().filter_map(escape));
        rest = behind;
    }
    out.push_str(rest);
}

/// What COPY writes for a character that it does not take as it is.
fn escape(c: char) -> Option<&'static str> {
    Some(match c {
        '\\' => "\\\\",
        '\t' => "\\t",
        '\n' => "\\n",
        '\r' => "\\r",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\u{b}' => "\\v",
        // COPY writes none, and takes a bare one for the end of its value; this it refuses.
        '\0' => "\\000",
        _ => return None,
    })
}
