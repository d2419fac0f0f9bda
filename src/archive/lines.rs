//! The lines of an archive one after the other, each judged: a row, blank, damaged or another. A line may be of any length.

use std::io::{self, BufRead, ErrorKind};
use std::ops::Range;

use serde::de::IgnoredAny;

use crate::job::row::read::Line;
use crate::job::row::torn;

/// The most offsets in a damaged line at which a row is looked for.
const TRIES: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    Row,
    Blank,
    /// JSON that is no row of this form.
    Other(Line),
    /// A torn line, or bytes that nobody wrote there.
    Damaged,
}

pub(super) struct ArchiveLine<'a> {
    pub verdict: LineKind,
    /// Its bytes in the file, the line break included.
    pub range: Range<u64>,
    /// The line without its line break, where it was not too long to be held.
    pub text: Option<&'a [u8]>,
    pub has_break: bool,
}

impl<'a> ArchiveLine<'a> {
    /// The row that a damaged line ends in: one that was appended behind a torn line.
    pub(super) fn last_row(&self) -> Option<&'a [u8]> {
        let text = self.text.filter(|_| self.has_break)?;
        memchr::memmem::find_iter(text, b"{\"")
            .filter(|at| *at > 0)
            .take(TRIES)
            .filter_map(|at| text.get(at..))
            .find(|rest| Line::of(rest) == Line::Row)
    }
}

pub(super) struct ArchiveLines<R> {
    input: R,
    at: u64,
    held: Vec<u8>,
    most: usize,
}

impl<R: BufRead> ArchiveLines<R> {
    /// `at` is the offset of the input in the file, `most` the bytes of the longest line whose text is held.
    pub(super) fn new(input: R, at: u64, most: usize) -> ArchiveLines<R> {
        ArchiveLines {
            input,
            at,
            held: Vec::new(),
            most,
        }
    }

    /// The next line; None at the end. An input fails only after all lines before the failure were given.
    pub(super) fn next(&mut self) -> io::Result<Option<ArchiveLine<'_>>> {
        let start = self.at;
        self.held.clear();
        let (mut has_break, mut has_control, mut last) = (false, false, None);
        while !has_break {
            let chunk = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', chunk);
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            has_break = end.is_some();
            has_control |= part.iter().any(|byte| *byte < b' ');
            last = part.last().copied().or(last);
            let room = self.most.saturating_sub(self.held.len());
            self.held
                .extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            let count = part.len() + usize::from(has_break);
            self.input.consume(count);
            self.at += count as u64;
        }
        if self.at == start {
            return Ok(None);
        }
        let length = self.at - start - u64::from(has_break);
        let is_held = length == self.held.len() as u64;
        let verdict = if is_held {
            judge(&self.held)
        } else {
            let beginning = self.held.get(..torn::MOST_READ).unwrap_or(&self.held);
            let is_row = has_break
                && !has_control
                && last == Some(b'}')
                && torn::beginning(beginning) == Line::Row;
            if is_row {
                LineKind::Row
            } else {
                LineKind::Damaged
            }
        };
        Ok(Some(ArchiveLine {
            verdict,
            range: start..self.at,
            text: is_held.then_some(self.held.as_slice()),
            has_break,
        }))
    }
}

fn judge(text: &[u8]) -> LineKind {
    if text.iter().all(u8::is_ascii_whitespace) {
        return LineKind::Blank;
    }
    match Line::of(text) {
        Line::Row => LineKind::Row,
        Line::Other if serde_json::from_slice::<IgnoredAny>(text).is_err() => LineKind::Damaged,
        other => LineKind::Other(other),
    }
}
