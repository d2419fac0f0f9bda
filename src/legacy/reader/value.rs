//! The reading of one value: where it ends, also if its brackets are open, and the bytes of it that are held.

use std::io::{self, Read};
use std::ops::Range;

use super::DumpReader;
use super::names::is_uuid;
use super::read_value::{HEAD, HeldBytes, ReadValue, ValueEnd};
use super::recognize::{
    JobLayout, LINE_AHEAD, begins_job, ends_jobs, first_name, is_no_job, job_on,
};
use super::scan::{Bracket, ScanStep, ValueForm};

/// The deepest indentation at which a layout is recognized.
const MAX_INDENT: usize = 64;

impl<R: Read> DumpReader<R> {
    /// Reads the value that begins here and holds it, unless `hold` is false.
    pub(super) fn take(
        &mut self,
        form: ValueForm,
        layout: JobLayout,
        hold: bool,
    ) -> io::Result<ReadValue> {
        self.scan
            .begin(form, self.stack.last().map(|frame| frame.kind));
        self.pass(layout, hold)
    }

    /// Reads a job, which may be damaged.
    pub(super) fn take_job(&mut self, layout: JobLayout) -> io::Result<ReadValue> {
        self.scan
            .begin(ValueForm::Nest, self.stack.last().map(|frame| frame.kind));
        self.scan
            .watch(layout == JobLayout::Unknown && !self.stack.is_empty());
        self.pass(layout, true)
    }

    fn pass(&mut self, layout: JobLayout, mut hold: bool) -> io::Result<ReadValue> {
        let position = self.window.position();
        self.before = None;
        let keep = hold;
        let (mut at, mut dropped, mut lines) = (0, 0, 0);
        // The offset of the current line, as far as it is held, and the blank space before that.
        let (mut line, mut blank) = (0, None);
        let mut fault = None;
        let (length, end) = loop {
            match self.scan.step(self.window.data(), at) {
                ScanStep::Odd(odd) => {
                    let damaged = self.pass_damaged(odd, dropped, hold)?;
                    dropped = damaged.dropped;
                    fault = Some(position + damaged.fault as u64);
                    break (damaged.length, damaged.end);
                }
                ScanStep::End(found)
                    if self.scan.is_open()
                        && !may_close(layout, self.indent(line..found, blank)) =>
                {
                    at = found + 1;
                }
                ScanStep::End(length) if self.scan.torn() => break (length, ValueEnd::Torn),
                ScanStep::End(length) => break (length, ValueEnd::Whole),
                ScanStep::Newline(found) => {
                    lines += 1;
                    if let Some(end) = self.ends_on_line(found, layout)? {
                        break (found, end);
                    }
                    at = found + 1;
                    (line, blank) = (at, Some(0));
                }
                ScanStep::More => {
                    at = self.window.data().len();
                    if !hold || at > self.max_record {
                        if hold {
                            self.keep_beginning();
                        }
                        hold = false;
                        self.before = last_byte(self.window.data()).or(self.before);
                        blank = self.indent(line..at, blank);
                        self.window.advance(at);
                        (at, line, dropped) = (0, 0, dropped + at);
                    }
                    if !self.window.fill()? {
                        let cut = self.cut_string(at, dropped);
                        break cut
                            .map_or((at, ValueEnd::Input), |length| (length, ValueEnd::LastJob));
                    }
                }
            }
        };
        let too_long = keep && (dropped > 0 || length > self.max_record);
        let mut held = HeldBytes::Head;
        if too_long {
            if dropped == 0 {
                self.keep_head();
            }
        } else if dropped == 0 {
            let length = match end {
                ValueEnd::NextJob | ValueEnd::LastJob | ValueEnd::Lost => {
                    trimmed(&self.window.data()[..length])
                }
                _ => length,
            };
            held = HeldBytes::Window {
                from: self.window.mark(),
                length,
            };
        }
        self.window.advance(length);
        Ok(ReadValue {
            held,
            end,
            too_long,
            lines,
            fault,
        })
    }

    /// The end of a job whose string is open at the end of the input, if the brackets behind it tell.
    fn cut_string(&self, at: usize, dropped: usize) -> Option<usize> {
        if !self.scan.watching() || !self.scan.in_string() || dropped + at > self.max_record {
            return None;
        }
        self.end_before_closers(self.scan.open())
    }

    pub(super) fn keep_beginning(&mut self) {
        self.keep_head();
        let first = self.first_held().unwrap_or_default().to_vec();
        self.first = first;
    }

    /// The length of a part of a line and the blank space before it; None when the part is not blank.
    fn indent(&self, part: Range<usize>, before: Option<usize>) -> Option<usize> {
        let part = &self.window.data()[part];
        let blank = part.iter().all(u8::is_ascii_whitespace);
        before.filter(|_| blank).map(|n| n + part.len())
    }

    fn keep_head(&mut self) {
        let data = self.window.data();
        let length = data.len().min(HEAD).min(self.max_record);
        self.head.clear();
        self.head.extend_from_slice(&self.window.data()[..length]);
    }

    /// Whether the line that ends at `newline` is the last one of the job, although brackets are open.
    fn ends_job(&mut self, newline: usize, layout: JobLayout) -> io::Result<bool> {
        let Some((indent, opening)) = layout.opening() else {
            return Ok(layout == JobLayout::Lines);
        };
        let line = newline + 1;
        if !self.window.ensure(line + indent + 1)? || self.window.data()[line + indent] != opening {
            return Ok(false);
        }
        self.window.ensure(line + indent + LINE_AHEAD)?;
        Ok(begins_job(&self.window.data()[line..], layout)
            && (self.scan.in_string() || !self.may_nest(newline, layout)))
    }

    /// Whether the job ends with that line: the next job begins, or the container ends while a string is open, since no string
    /// of JSON goes on behind its line.
    fn ends_on_line(&mut self, newline: usize, layout: JobLayout) -> io::Result<Option<ValueEnd>> {
        Ok(if self.ends_job(newline, layout)? {
            Some(ValueEnd::NextJob)
        } else if self.scan.in_string() && self.ends_jobs(newline, layout)? {
            Some(ValueEnd::LastJob)
        } else {
            None
        })
    }

    /// Whether the line behind `newline` closes the container.
    fn ends_jobs(&mut self, newline: usize, layout: JobLayout) -> io::Result<bool> {
        let (Some(frame), Some((indent, _))) = (self.stack.last(), layout.opening()) else {
            return Ok(false);
        };
        let closer = frame.kind.closer();
        let line = newline + 1;
        self.window.ensure(line + indent + LINE_AHEAD)?;
        Ok(ends_jobs(&self.window.data()[line..], layout, closer))
    }

    /// Whether a line within a job may begin as a job does: an object may follow the text before it, and by its first member
    /// it is no job.
    fn may_nest(&self, newline: usize, layout: JobLayout) -> bool {
        let data = self.window.data();
        let before = last_byte(&data[..newline]).or(self.before);
        let value = || job_on(&data[newline + 1..], layout);
        match layout {
            JobLayout::Bare { within, .. } => match before {
                Some(b':' | b'[') => true,
                Some(b',') if self.scan.innermost() == Some(Bracket::Square) => {
                    let other = || value().and_then(first_name);
                    within || self.first().is_some_and(|first| other() != Some(first))
                }
                _ => false,
            },
            JobLayout::Keyed { within, .. } => {
                within
                    || matches!(before, Some(b',' | b'{'))
                        && self.scan.innermost() == Some(Bracket::Brace)
                        && value().is_some_and(is_no_job)
            }
            JobLayout::Unknown | JobLayout::Lines => true,
        }
    }

    /// The name of the first member of the value that is being read.
    pub(super) fn first(&self) -> Option<&[u8]> {
        match self.before {
            Some(_) => Some(self.first.as_slice()).filter(|name| !name.is_empty()),
            None => self.first_held(),
        }
    }

    fn first_held(&self) -> Option<&[u8]> {
        let data = self.window.data();
        first_name(&data[..data.len().min(self.max_record)])
    }

    /// The end of the value that begins here, or of the line before the next job, within `looked` bytes.
    pub(super) fn runs_into_next(
        &mut self,
        looked: usize,
        layout: JobLayout,
    ) -> io::Result<Option<usize>> {
        self.scan.begin(ValueForm::Nest, None);
        self.before = None;
        let mut at = 0;
        loop {
            match self.scan.step(&self.window.data()[..looked], at) {
                ScanStep::Newline(found) if self.ends_on_line(found, layout)?.is_some() => {
                    return Ok(Some(found));
                }
                ScanStep::Newline(found) => at = found + 1,
                ScanStep::Odd(found) => at = found,
                ScanStep::End(found) if found < looked => return Ok(Some(found)),
                ScanStep::End(_) | ScanStep::More => return Ok(None),
            }
        }
    }

    /// The layout of a job that begins here, on a line of this indentation.
    pub(super) fn layout(&mut self, indent: Option<usize>) -> io::Result<JobLayout> {
        let Some(indent) = indent.filter(|n| *n <= MAX_INDENT) else {
            return Ok(JobLayout::Unknown);
        };
        let within = indent == 0 && self.ends_line()?;
        Ok(match self.stack.last().map(|frame| frame.kind) {
            None if indent > 0 => JobLayout::Unknown,
            None | Some(Bracket::Square) => JobLayout::Bare { indent, within },
            Some(Bracket::Brace) if is_uuid(self.key.as_bytes()) => {
                JobLayout::Keyed { indent, within }
            }
            Some(Bracket::Brace) => JobLayout::Unknown,
        })
    }
}

/// Whether a bracket within a job can be that of the container: jobs on lines are not closed by one in the middle of a line,
/// nor by one that is indented as far as they are.
fn may_close(layout: JobLayout, indent: Option<usize>) -> bool {
    layout
        .opening()
        .is_none_or(|(job, _)| indent.is_some_and(|indent| indent < job.max(1)))
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
