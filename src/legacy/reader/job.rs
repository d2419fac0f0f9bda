//! One place of a job: the record or the bad value that stands there, and what is passed over after it.

use std::io::{self, Read};

use super::containers::{Expect, Slot, What};
use super::held::{End, Taken};
use super::inside::{AroundJobs, around_jobs, is_beside, is_encoded_job};
use super::recognize::{AHEAD, LINE_AHEAD, Layout, Verdict, begins_job, ends_jobs, judge};
use super::scan::{Form, end_of, goes_on, leaves_line};
use super::{Mode, Reader};

/// Stray text between jobs that is passed over; more of it breaks the structure.
const MAX_STRAY: usize = 4 << 10;

/// Blank space that is looked at behind a bracket.
const ALONE: usize = 64;

pub(super) const CUT_OFF: &str = "the file ends in the middle of a job";

impl<R: Read> Reader<R> {
    /// Judges the object or array that begins here, in `lines` by its line alone. What is not closed where the
    /// next job begins, by the layout that this one would have, is a job: it is not looked for behind that.
    pub(super) fn verdict(
        &mut self,
        lines: bool,
        layout: Layout,
        among_jobs: bool,
    ) -> io::Result<Verdict> {
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
            // One before which no job has stood may be an answer around jobs.
            let around = match verdict {
                Verdict::Record if !among_jobs => around_jobs(object),
                _ => AroundJobs::DECIDED,
            };
            let wanted = data.len() * 2;
            let full = data.len() == AHEAD || line.is_some();
            if !lines && let Some(end) = self.runs_into_next(looked, layout)? {
                return Ok(match judge(&self.window.data()[..end], among_jobs).0 {
                    Verdict::Undecided { nested: true } => Verdict::Container,
                    _ => Verdict::Record,
                });
            }
            let is_settled = !matches!(verdict, Verdict::Undecided { .. });
            if is_settled && around.is_decided
                || full
                || !self.window.ensure(wanted.min(AHEAD))? && self.window.data().len() * 2 == wanted
            {
                return Ok(match verdict {
                    _ if around.is_around => Verdict::Container,
                    Verdict::Undecided { nested: true } => Verdict::Container,
                    Verdict::Undecided { nested: false } if full => Verdict::Record,
                    verdict => verdict,
                });
            }
        }
    }

    /// Whether what begins here goes on behind the end of its line, as far as can be seen.
    pub(super) fn leaves_line(&mut self) -> io::Result<bool> {
        self.window.ensure(AHEAD)?;
        let data = self.window.data();
        Ok(leaves_line(&data[..data.len().min(AHEAD)]))
    }

    /// Whether the string that begins here is rather the name of a member: a part of a job that was closed early.
    pub(super) fn is_name(&mut self) -> io::Result<bool> {
        self.window.ensure(AHEAD)?;
        let data = self.window.data();
        let data = &data[..data.len().min(AHEAD)];
        let behind = end_of(data, 0).map_or(&[][..], |end| data[end..].trim_ascii_start());
        Ok(behind.first() == Some(&b':'))
    }

    /// Whether what begins here can be passed in a container.
    pub(super) fn is_beside(&mut self) -> io::Result<bool> {
        self.window.ensure(AHEAD)?;
        let data = self.window.data();
        Ok(is_beside(&data[..data.len().min(AHEAD)]))
    }

    /// Whether the first line of the file, though it is no JSON by itself, is one of JSON Lines: the next
    /// one begins a job, and is not a part of what this one began.
    pub(super) fn first_of_lines(&mut self) -> io::Result<bool> {
        self.window.ensure(AHEAD)?;
        let data = self.window.data();
        let data = &data[..data.len().min(AHEAD)];
        let Some(newline) = memchr::memchr(b'\n', data) else {
            return Ok(false);
        };
        let layout = Layout::Bare {
            indent: 0,
            within: false,
        };
        let behind = &data[newline..];
        let blank = |b: &u8| matches!(b, b'\n' | b'\r');
        let next = behind.iter().take_while(|b| blank(b)).count();
        Ok(begins_job(&behind[next..], layout) && !goes_on(&data[..newline]))
    }

    /// Whether the bracket stands alone on its line, so that its value goes on behind it: in a file of lines
    /// a value that is not one line, unless the next line is a job of its own.
    pub(super) fn opens_alone(&mut self) -> io::Result<bool> {
        Ok(self.end_of_line()?.is_some_and(|next| next != Some(b'{')))
    }

    /// Whether nothing stands behind the bracket on its line.
    pub(super) fn ends_line(&mut self) -> io::Result<bool> {
        Ok(self.end_of_line()?.is_some())
    }

    /// What the next line begins with, when nothing stands behind the bracket on this one. No more is read than
    /// that takes: the records before an error of the input are not lost.
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

    /// The record that begins here, itself on a line of the layout `own`, and read by `layout`.
    pub(super) fn record(
        &mut self,
        keyed: bool,
        own: Layout,
        layout: Layout,
    ) -> io::Result<Option<Slot>> {
        // The first that stands on a line tells it; what comes behind damage may be a part of a job.
        if let Some(frame) = self.stack.last_mut() {
            if frame.layout == Layout::Unknown {
                frame.layout = own;
            }
            frame.jobs = true;
            self.forget_closed(own);
        } else {
            self.jobs = true;
        }
        let (position, line) = (self.window.position(), self.window.line());
        let Taken {
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
        let what = match end {
            End::Input => return Ok(Some(self.cut_off(position, line))),
            End::Lost => {
                let reason = string();
                let broken = self.broken(format!("a job does not end: {reason}"));
                self.last = Some(Slot {
                    position,
                    line,
                    ..broken
                });
                What::Bad(reason)
            }
            _ if too_long => What::Bad(self.too_long()),
            End::Whole => What::Record,
            End::Torn => What::Bad("its brackets do not match".to_owned()),
            End::NextJob | End::LastJob if layout == Layout::Unknown => What::Bad(string()),
            End::NextJob if layout == Layout::Lines => {
                What::Bad("the line is not one whole JSON object".to_owned())
            }
            End::NextJob => What::Bad("the job does not end before the next one begins".to_owned()),
            End::LastJob => What::Bad("the job does not end before its container does".to_owned()),
        };
        if end == End::NextJob {
            self.expect(Expect::Value);
        }
        if self.stack.is_empty() {
            self.comma = true;
            if self.mode == Mode::Undecided {
                self.mode = match newlines {
                    0 => Mode::OneLine,
                    1 if end == End::NextJob => Mode::Lines,
                    _ => Mode::Free,
                };
            }
        }
        Ok(Some(Slot {
            what,
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
        self.window.ensure(AHEAD)?;
        let data = self.window.data();
        Ok(is_encoded_job(&data[..data.len().min(AHEAD)]))
    }

    /// Passes a text under a name that holds a job.
    pub(super) fn encoded_job(&mut self) -> io::Result<Option<Slot>> {
        if let Some(frame) = self.stack.last_mut() {
            frame.jobs = true;
            frame.beside.begun += 1;
        }
        self.whole(Form::Nest, true, What::Record)
    }

    /// Passes a value that is no job.
    pub(super) fn bad(
        &mut self,
        form: Form,
        keyed: bool,
        reason: String,
    ) -> io::Result<Option<Slot>> {
        self.whole(form, keyed, What::Bad(reason))
    }

    fn whole(&mut self, form: Form, keyed: bool, what: What) -> io::Result<Option<Slot>> {
        let (position, line) = (self.window.position(), self.window.line());
        let layout = match self.stack.last() {
            None if self.mode == Mode::Lines => Layout::Lines,
            None => Layout::Unknown,
            Some(frame) => frame.layout,
        };
        let Taken {
            held,
            end,
            too_long,
            ..
        } = self.take(form, layout, true)?;
        let what = match end {
            End::Input if form != Form::Line => return Ok(Some(self.cut_off(position, line))),
            _ if too_long => What::Bad(self.too_long()),
            _ => what,
        };
        if end == End::NextJob {
            self.expect(Expect::Value);
        }
        Ok(Some(Slot {
            what,
            held,
            keyed,
            position,
            line,
        }))
    }

    /// Passes a line that begins no job.
    pub(super) fn bad_line(&mut self, byte: u8) -> io::Result<Option<Slot>> {
        let reason = self.not_a_job(byte)?;
        self.bad(Form::Line, false, reason)
    }

    /// How far it is to the end of the line before the one where the next job begins, or the container ends;
    /// and what to expect there.
    pub(super) fn next_line(&mut self, layout: Layout) -> io::Result<Option<(usize, Expect)>> {
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
            // Not to look as far again for every piece of what is damaged here.
            frame.layout = Layout::Unknown;
        }
        Ok(found)
    }

    /// Passes stray text: up to the next punctuation, or up to the line where the next job begins, which is
    /// tried first where the text has quotes or brackets of its own to be expected (`by_line`).
    pub(super) fn stray(&mut self, byte: u8, by_line: bool) -> io::Result<Option<Slot>> {
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
        self.window.ensure(MAX_STRAY)?;
        let data = self.window.data();
        let data = &data[..data.len().min(MAX_STRAY)];
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
        self.expect(match data[length] {
            b'{' | b'[' | b'"' => Expect::Value,
            _ => Expect::Comma,
        });
        Ok(Some(self.note(length, &reason)))
    }

    /// Says what stands here instead of a job.
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

    fn cut_off(&mut self, position: u64, line: u64) -> Slot {
        Slot {
            position,
            line,
            ..self.ends_early(CUT_OFF.to_owned())
        }
    }
}

pub(super) fn form(byte: u8) -> Form {
    match byte {
        b'"' | b'{' | b'[' => Form::Nest,
        _ => Form::Plain,
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
