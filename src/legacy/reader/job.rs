//! One job of a container: the record or the bad value that is found, and stray text behind it that is skipped.

use std::io::{self, Read};

use super::containers::{Expect, FoundItem, FoundKind};
use super::inside::{AroundJobs, around_jobs, is_beside, is_encoded_job};
use super::read_value::{ReadValue, ValueEnd};
use super::recognize::{AHEAD, JobLayout, LINE_AHEAD, Recognized, begins_job, ends_jobs, judge};
use super::scan::{ValueForm, end_of, goes_on, leaves_line};
use super::{DumpReader, Mode};

/// The most bytes of stray text between jobs that are skipped; more of it breaks the structure.
const MAX_STRAY: usize = 4 << 10;

/// The most blank space that is read behind a bracket.
const ALONE: usize = 64;

pub(super) const CUT_OFF: &str = "the file ends in the middle of a job";

impl<R: Read> DumpReader<R> {
    /// Judges the object or array that begins here, in `lines` by its line alone. One that is open where, by `layout`, the next
    /// job begins is a damaged job: nothing behind that counts.
    pub(super) fn verdict(
        &mut self,
        lines: bool,
        layout: JobLayout,
        among_jobs: bool,
    ) -> io::Result<Recognized> {
        loop {
            let data = self.window.data();
            let data = &data[..data.len().min(AHEAD)];
            let line = if lines {
                memchr::memchr(b'\n', data)
            } else {
                None
            };
            let object = &data[..line.unwrap_or(data.len())];
            let (verdict, looked) = judge(object, among_jobs);
            // The first object may be a response around jobs.
            let around = match verdict {
                Recognized::Record if !among_jobs => around_jobs(object),
                _ => AroundJobs::DECIDED,
            };
            let wanted = data.len() * 2;
            let full = data.len() == AHEAD || line.is_some();
            if !lines && let Some(end) = self.runs_into_next(looked, layout)? {
                return Ok(match judge(&self.window.data()[..end], among_jobs).0 {
                    Recognized::Undecided { nested: true } => Recognized::Container,
                    _ => Recognized::Record,
                });
            }
            let is_settled = !matches!(verdict, Recognized::Undecided { .. });
            if is_settled && around.is_decided
                || full
                || !self.window.ensure(wanted.min(AHEAD))? && self.window.data().len() * 2 == wanted
            {
                return Ok(match verdict {
                    _ if around.is_around => Recognized::Container,
                    Recognized::Undecided { nested: true } => Recognized::Container,
                    Recognized::Undecided { nested: false } if full => Recognized::Record,
                    verdict => verdict,
                });
            }
        }
    }

    /// Whether the value that begins here goes on behind the end of its line, as far as is held.
    pub(super) fn leaves_line(&mut self) -> io::Result<bool> {
        Ok(leaves_line(self.window.ahead(AHEAD)?))
    }

    /// Whether the string that begins here is the name of a member, and so a part of a job that was closed early.
    pub(super) fn is_name(&mut self) -> io::Result<bool> {
        let data = self.window.ahead(AHEAD)?;
        let behind = end_of(data, 0).map_or(&[][..], |end| data[end..].trim_ascii_start());
        Ok(behind.first() == Some(&b':'))
    }

    /// Whether the value that begins here can be skipped in a container.
    pub(super) fn is_beside(&mut self) -> io::Result<bool> {
        Ok(is_beside(self.window.ahead(AHEAD)?))
    }

    /// Whether the first line of the file, though it is no JSON by itself, is one of JSON Lines: the next line begins a job
    /// that is no part of the first line's value.
    pub(super) fn first_of_lines(&mut self) -> io::Result<bool> {
        let data = self.window.ahead(AHEAD)?;
        let Some(newline) = memchr::memchr(b'\n', data) else {
            return Ok(false);
        };
        let layout = JobLayout::Bare {
            indent: 0,
            within: false,
        };
        let behind = &data[newline..];
        let blank = |b: &u8| matches!(b, b'\n' | b'\r');
        let next = behind.iter().take_while(|b| blank(b)).count();
        Ok(begins_job(&behind[next..], layout) && !goes_on(&data[..newline]))
    }

    /// Whether the bracket is alone on its line, so that its value goes on behind that, unless the next line is a job of its
    /// own.
    pub(super) fn opens_alone(&mut self) -> io::Result<bool> {
        Ok(self.end_of_line()?.is_some_and(|next| next != Some(b'{')))
    }

    /// Whether the bracket is the last on its line.
    pub(super) fn ends_line(&mut self) -> io::Result<bool> {
        Ok(self.end_of_line()?.is_some())
    }

    /// The first byte of the next line, if the bracket is the last on this one. No more is read than that takes, so that an
    /// error of the input loses no records before it.
    fn end_of_line(&mut self) -> io::Result<Option<Option<u8>>> {
        for n in 1..ALONE {
            self.window.ensure(n + 1)?;
            match self.window.data().get(n) {
                Some(b' ' | b'\t' | b'\r') => {}
                Some(b'\n') => {
                    self.window.ensure(n + 2)?;
                    return Ok(Some(self.window.data().get(n + 1).copied()));
                }
                _ => break,
            }
        }
        Ok(None)
    }

    /// Reads the record that begins here by `layout`; its own line has the layout `own`.
    pub(super) fn record(
        &mut self,
        keyed: bool,
        own: JobLayout,
        layout: JobLayout,
    ) -> io::Result<Option<FoundItem>> {
        // The first layout counts: behind damage, a part of a job may seem to be one.
        if let Some(frame) = self.stack.last_mut() {
            if frame.layout == JobLayout::Unknown {
                frame.layout = own;
            }
            frame.jobs = true;
            self.forget_closed(own);
        } else {
            self.jobs = true;
        }
        let (position, line) = (self.window.position(), self.window.line());
        let ReadValue {
            held,
            end,
            too_long,
            lines: newlines,
            fault,
        } = self.take_job(layout)?;
        let string = || match fault {
            Some(at) => format!("a string in it, at byte {at}, does not end where it should"),
            None => "a string in it does not end".to_owned(),
        };
        let kind = match end {
            ValueEnd::Input => return Ok(Some(self.cut_off(position, line))),
            ValueEnd::Lost => {
                let reason = string();
                let broken = self.broken(format!("a job does not end: {reason}"));
                self.last = Some(FoundItem {
                    position,
                    line,
                    ..broken
                });
                FoundKind::Bad(reason)
            }
            _ if too_long => FoundKind::Bad(self.too_long()),
            ValueEnd::Whole => FoundKind::Record,
            ValueEnd::Torn => FoundKind::Bad("its brackets do not match".to_owned()),
            ValueEnd::NextJob | ValueEnd::LastJob if layout == JobLayout::Unknown => {
                FoundKind::Bad(string())
            }
            ValueEnd::NextJob if layout == JobLayout::Lines => {
                FoundKind::Bad("the line is not one whole JSON object".to_owned())
            }
            ValueEnd::NextJob => {
                FoundKind::Bad("the job does not end before the next one begins".to_owned())
            }
            ValueEnd::LastJob => {
                FoundKind::Bad("the job does not end before its container does".to_owned())
            }
        };
        if end == ValueEnd::NextJob {
            self.expect(Expect::Value);
        }
        if self.stack.is_empty() {
            self.comma = true;
            if self.mode == Mode::Undecided {
                self.mode = match newlines {
                    0 => Mode::OneLine,
                    1 if end == ValueEnd::NextJob => Mode::Lines,
                    _ => Mode::Free,
                };
            }
        }
        Ok(Some(FoundItem {
            kind,
            held,
            keyed,
            position,
            line,
        }))
    }

    fn too_long(&self) -> String {
        format!(
            "it is longer than the {} bytes that a job may have (--max-record)",
            self.max_record
        )
    }

    /// Whether the text that begins here holds a job.
    pub(super) fn is_encoded_job(&mut self) -> io::Result<bool> {
        self.window.ensure(2)?;
        let start = self.window.data().get(1).copied();
        if !matches!(start, Some(b'{' | b'\\' | b' ')) {
            return Ok(false);
        }
        Ok(is_encoded_job(self.window.ahead(AHEAD)?))
    }

    /// Reads a text that holds a job, under a name.
    pub(super) fn encoded_job(&mut self) -> io::Result<Option<FoundItem>> {
        if let Some(frame) = self.stack.last_mut() {
            frame.jobs = true;
            frame.beside.begun += 1;
        }
        self.whole(ValueForm::Nest, true, FoundKind::Record)
    }

    /// Reads a value that is no job.
    pub(super) fn bad(
        &mut self,
        form: ValueForm,
        keyed: bool,
        reason: String,
    ) -> io::Result<Option<FoundItem>> {
        self.whole(form, keyed, FoundKind::Bad(reason))
    }

    fn whole(
        &mut self,
        form: ValueForm,
        keyed: bool,
        kind: FoundKind,
    ) -> io::Result<Option<FoundItem>> {
        let (position, line) = (self.window.position(), self.window.line());
        let layout = match self.stack.last() {
            None if self.mode == Mode::Lines => JobLayout::Lines,
            None => JobLayout::Unknown,
            Some(frame) => frame.layout,
        };
        let ReadValue {
            held,
            end,
            too_long,
            ..
        } = self.take(form, layout, true)?;
        let kind = match end {
            ValueEnd::Input if form != ValueForm::Line => {
                return Ok(Some(self.cut_off(position, line)));
            }
            _ if too_long => FoundKind::Bad(self.too_long()),
            _ => kind,
        };
        if end == ValueEnd::NextJob {
            self.expect(Expect::Value);
        }
        Ok(Some(FoundItem {
            kind,
            held,
            keyed,
            position,
            line,
        }))
    }

    /// Reads a line that begins no job.
    pub(super) fn bad_line(&mut self, byte: u8) -> io::Result<Option<FoundItem>> {
        let reason = self.not_a_job(byte)?;
        self.bad(ValueForm::Line, false, reason)
    }

    /// The bytes up to the end of the line before the next job or before the end of the container, and what to expect there.
    pub(super) fn next_line(&mut self, layout: JobLayout) -> io::Result<Option<(usize, Expect)>> {
        if layout.opening().is_none() {
            return Ok(None);
        }
        self.window.ensure(AHEAD + LINE_AHEAD)?;
        let data = self.window.data();
        let ahead = &data[..data.len().min(AHEAD)];
        let closer = self.stack.last().map(|frame| frame.kind.closer());
        let found = memchr::memchr_iter(b'\n', ahead).find_map(|n| {
            let line = &data[n + 1..];
            if begins_job(line, layout) {
                return Some((n, Expect::Value));
            }
            closer
                .is_some_and(|closer| ends_jobs(line, layout, closer))
                .then_some((n, Expect::Comma))
        });
        if found.is_none()
            && let Some(frame) = self.stack.last_mut()
        {
            // Else every piece of the damage here would be searched as far again.
            frame.layout = JobLayout::Unknown;
        }
        Ok(found)
    }

    /// Skips stray text up to the next punctuation or, `by_line`, up to the line where the next job begins, for text that may
    /// have quotes and brackets of its own.
    pub(super) fn stray(&mut self, byte: u8, by_line: bool) -> io::Result<Option<FoundItem>> {
        let Some(frame) = self.stack.last() else {
            return Ok(None);
        };
        let (kind, expect, layout) = (frame.kind, frame.expect, frame.layout);
        let closer = char::from(kind.closer());
        let reason = match expect {
            Expect::First => format!("expected a job or \"{closer}\", found {}", found(byte)),
            Expect::Comma => format!(
                "expected \",\" or \"{closer}\" after a job, found {}",
                found(byte)
            ),
            Expect::Value => format!("expected a job after the comma, found {}", found(byte)),
        };
        if by_line && let Some((length, expect)) = self.next_line(layout)? {
            self.expect(expect);
            return Ok(Some(self.note(length, &reason)));
        }
        let data = self.window.ahead(MAX_STRAY)?;
        let from = match byte {
            b'"' => end_of(data, 0)
                .filter(|end| !data[..*end].contains(&b'\n'))
                .unwrap_or(1),
            _ => 1,
        };
        let stops = |b: &u8| matches!(b, b',' | b'}' | b']' | b'{' | b'[' | b'"' | b'\n');
        let Some(length) = data[from..].iter().position(stops).map(|n| from + n) else {
            return Ok(Some(self.broken(reason)));
        };
        let next = data[length];
        self.expect(match next {
            b'{' | b'[' | b'"' => Expect::Value,
            _ => Expect::Comma,
        });
        Ok(Some(self.note(length, &reason)))
    }

    /// The reason for a value that is no job.
    pub(super) fn not_a_job(&mut self, byte: u8) -> io::Result<String> {
        self.window.ensure(b"false".len())?;
        let data = self.window.data();
        let kind = match byte {
            b'"' => "a string".to_owned(),
            b'-' | b'0'..=b'9' => "a number".to_owned(),
            b't' | b'f' if data.starts_with(b"true") || data.starts_with(b"false") => {
                "true or false".to_owned()
            }
            b'n' if data.starts_with(b"null") => "null".to_owned(),
            _ => found(byte),
        };
        Ok(format!("a job must be an object, found {kind}"))
    }

    fn cut_off(&mut self, position: u64, line: u64) -> FoundItem {
        FoundItem {
            position,
            line,
            ..self.ends_early(CUT_OFF.to_owned())
        }
    }
}

pub(super) fn form(byte: u8) -> ValueForm {
    match byte {
        b'"' | b'{' | b'[' => ValueForm::Nest,
        _ => ValueForm::Scalar,
    }
}

/// A byte as a message names it.
pub(super) fn found(byte: u8) -> String {
    match byte {
        b'"' => "a quotation mark".to_owned(),
        0 => "NUL bytes".to_owned(),
        0x21..=0x7e => format!("\"{}\"", char::from(byte)),
        _ => format!("the byte 0x{byte:02x}"),
    }
}
