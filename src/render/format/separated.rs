//! Records as lines of values with a separator between them, under a line of headings: the shape of csv and tsv.

use std::fmt::{Display, Write};

use super::emitter::Document;
use crate::render::record::{Cells, Record};
use crate::text::visible::one_line;

/// The rules by which a format writes values and lines.
pub(super) struct Rules {
    pub(super) separator: char,
    pub(super) null: &'static str,
    pub(super) line_end: &'static str,
    /// For a terminal: no control character reaches it.
    pub(super) harmless: bool,
    /// Appends a text.
    pub(super) text: fn(&mut String, &str),
}

pub(super) struct Separated {
    /// The beginning of the file and its headings, until they have been written.
    pub(super) mark: &'static str,
    pub(super) headings: Vec<String>,
    pub(super) rules: Rules,
}

impl Separated {
    fn begin(&mut self, out: &mut String) {
        out.push_str(std::mem::take(&mut self.mark));
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

    fn line<'a>(&'a self, out: &'a mut String) -> SeparatedLine<'a> {
        SeparatedLine {
            out,
            is_first: true,
            rules: &self.rules,
        }
    }
}

impl Document for Separated {
    fn record(&mut self, out: &mut String, record: &dyn Record) {
        self.begin(out);
        record.cells(&mut self.line(out));
    }

    fn end(mut self: Box<Self>, out: &mut String, _: &str) {
        if !self.headings.is_empty() {
            self.begin(out);
        }
    }
}

struct SeparatedLine<'a> {
    out: &'a mut String,
    is_first: bool,
    rules: &'a Rules,
}

impl SeparatedLine<'_> {
    fn next(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.push(self.rules.separator);
        }
    }
}

impl Cells for SeparatedLine<'_> {
    fn text(&mut self, text: &str) {
        self.next();
        let begin = self.out.len();
        (self.rules.text)(self.out, text);
        if self.rules.harmless {
            let shown = one_line(&self.out[begin..]).into_owned();
            self.out.truncate(begin);
            self.out.push_str(&shown);
        }
    }

    fn number(&mut self, number: &dyn Display) {
        self.next();
        // A text takes everything.
        let _ = write!(self.out, "{number}");
    }

    fn null(&mut self) {
        self.next();
        self.out.push_str(self.rules.null);
    }

    fn end_line(&mut self) {
        self.out.push_str(self.rules.line_end);
        self.is_first = true;
    }
}
