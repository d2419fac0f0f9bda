//! Passing one value: how far it goes, what of it is kept, and where it stops though its brackets are open.

use std::io::{self, Read};

use super::Reader;
use super::look::{LINE_AHEAD, Layout, begins_job, is_uuid};
use super::scan::{Bracket, Form, Step};

/// How much is kept of a value that is too long.
pub(super) const HEAD: usize = 4 << 10;
/// Deeper than this no layout is recognised.
const MAX_INDENT: usize = 64;

#[derive(Clone, Copy)]
pub(super) enum Held {
    Window { from: usize, length: usize },
    Head,
}

/// A value that has been passed.
pub(super) struct Taken {
    pub(super) held: Held,
    pub(super) end: End,
    pub(super) too_long: bool,
    /// The lines that ended within it.
    pub(super) lines: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    Torn,
    /// The next job began on a new line.
    NextJob,
    Input,
}

impl<R: Read> Reader<R> {
    /// Passes the value that begins here and keeps it, unless `hold` is false.
    pub(super) fn take(&mut self, form: Form, layout: Layout, mut hold: bool) -> io::Result<Taken> {
        self.scan
            .begin(form, self.stack.last().map(|frame| frame.kind));
        self.before = None;
        let keep = hold;
        let (mut at, mut dropped, mut lines) = (0, false, 0);
        let (length, end) = loop {
            match self.scan.step(self.window.data(), at) {
                Step::End(length) if self.scan.torn() => break (length, End::Torn),
                Step::End(length) => break (length, End::Whole),
                Step::Newline(found) => {
                    lines += 1;
                    if self.ends_job(found, layout)? {
                        break (found, End::NextJob);
                    }
                    at = found + 1;
                }
                Step::More => {
                    at = self.window.data().len();
                    if !hold || at > self.max_record {
                        if hold {
                            self.keep_head();
                        }
                        (hold, dropped) = (false, true);
                        self.before = last_byte(self.window.data()).or(self.before);
                        self.window.advance(at);
                        at = 0;
                    }
                    if !self.window.fill()? {
                        break (at, End::Input);
                    }
                }
            }
        };
        let too_long = keep && (dropped || length > self.max_record);
        let mut held = Held::Head;
        if too_long {
            if !dropped {
                self.keep_head();
            }
        } else if !dropped {
            let length = match end {
                End::NextJob => trimmed(&self.window.data()[..length]),
                _ => length,
            };
            held = Held::Window {
                from: self.window.mark(),
                length,
            };
        }
        self.window.advance(length);
        Ok(Taken {
            held,
            end,
            too_long,
            lines,
        })
    }

    fn keep_head(&mut self) {
        let data = self.window.data();
        let length = data.len().min(HEAD).min(self.max_record);
        self.head.clear();
        self.head.extend_from_slice(&self.window.data()[..length]);
    }

    /// Whether the line that ends at `newline` is the last one of the job, though its brackets are open.
    fn ends_job(&mut self, newline: usize, layout: Layout) -> io::Result<bool> {
        let (indent, opening) = match layout {
            Layout::Unknown => return Ok(false),
            Layout::Lines => return Ok(true),
            Layout::Bare { indent, .. } => (indent, b'{'),
            Layout::Keyed { indent, .. } => (indent, b'"'),
        };
        let line = newline + 1;
        if !self.window.ensure(line + indent + 1)? || self.window.data()[line + indent] != opening {
            return Ok(false);
        }
        if !self.scan.in_string() && self.may_nest(newline, layout) {
            return Ok(false);
        }
        self.window.ensure(line + indent + LINE_AHEAD)?;
        Ok(begins_job(&self.window.data()[line..], layout))
    }

    /// Whether a line within a job may begin the way a job does.
    fn may_nest(&self, newline: usize, layout: Layout) -> bool {
        match layout {
            Layout::Keyed { within, .. } => within,
            Layout::Bare { within, .. } => {
                match last_byte(&self.window.data()[..newline]).or(self.before) {
                    Some(b':' | b'[') => true,
                    Some(b',') => within && self.scan.innermost() == Some(Bracket::Square),
                    _ => false,
                }
            }
            Layout::Unknown | Layout::Lines => true,
        }
    }

    pub(super) fn layout(&self, indent: Option<usize>) -> Layout {
        let Some(indent) = indent.filter(|n| *n <= MAX_INDENT) else {
            return Layout::Unknown;
        };
        let next = self.window.data()[1..]
            .iter()
            .find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        let within = indent == 0 && next == Some(&b'\n');
        match self.stack.last().map(|frame| frame.kind) {
            None if indent > 0 => Layout::Unknown,
            None | Some(Bracket::Square) => Layout::Bare { indent, within },
            Some(Bracket::Brace) if is_uuid(self.key.as_bytes()) => {
                Layout::Keyed { indent, within }
            }
            Some(Bracket::Brace) => Layout::Unknown,
        }
    }
}

fn last_byte(text: &[u8]) -> Option<u8> {
    text.trim_ascii_end().last().copied()
}

/// The length without the blank space and the comma at the end.
fn trimmed(text: &[u8]) -> usize {
    let text = text.trim_ascii_end();
    text.strip_suffix(b",")
        .unwrap_or(text)
        .trim_ascii_end()
        .len()
}
