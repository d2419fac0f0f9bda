//! An input that is no dump from its first byte on, what it is instead; and blocks of zeros in one, as they are left where the
//! power failed.

use std::io::{self, Read};

use super::containers::{Slot, What};
use super::held::Held;
use super::recognize::AHEAD;
use super::scan::Form;
use super::{Mode, Reader, frame};
use crate::legacy::kinds::{self, Kind, Place};

/// What is looked at of a text that begins as a dump does.
const GLANCE: usize = 64;

impl<R: Read> Reader<R> {
    /// What the input is if it is no dump, of which this is the first byte but blank space.
    pub(super) fn no_dump(&mut self, byte: u8) -> io::Result<Option<Slot>> {
        let opens = matches!(byte, b'{' | b'[');
        if opens {
            // No more is read than it takes: the records before an error of the input are not lost.
            for wanted in 2..GLANCE {
                self.window.ensure(wanted)?;
                let next = self.window.data().get(wanted - 1).copied();
                match next {
                    // An error of the input is met again behind what is held.
                    Some(b'0'..=b'9' | b'"') => self.window.ensure(GLANCE).unwrap_or(false),
                    Some(b'{' | b'[' | b'(' | b' ' | b'\t' | b'\r' | b'\n') => continue,
                    _ => break,
                };
                break;
            }
            let data = self.window.data();
            let start = &data[..data.len().min(GLANCE)];
            if !kinds::is_suspicious(start) && !frame::may_be(start) {
                return Ok(None);
            }
        }
        let ended = !self.window.ensure(AHEAD)?;
        let data = self.window.data();
        let data = &data[..data.len().min(AHEAD)];
        let place = Place {
            position: self.window.position(),
            line: self.window.line(),
        };
        if !ended && data.iter().all(|byte| *byte == 0) {
            return self.many_zeros().map(Some);
        }
        let kind = if opens {
            match frame::of(data) {
                Some(frame) => Some(frame.kind()),
                None => kinds::unlike_json(data, place),
            }
        } else {
            Some(kinds::of_text(data, place))
        };
        let Some(kind) = kind else {
            return Ok(None);
        };
        if byte == b'[' && self.first_of_lines()? {
            // A line of a log before the jobs costs itself alone.
            self.mode = Mode::Lines;
            return self.first_line(byte);
        }
        let found = self.broken(kind.what.clone());
        self.kind = Some(kind);
        Ok(Some(found))
    }

    /// Passes the first line of JSON Lines, which begins no job. What it is instead is told with the end of the file too.
    pub(super) fn first_line(&mut self, byte: u8) -> io::Result<Option<Slot>> {
        self.window.ensure(AHEAD)?;
        let data = self.window.data();
        let place = Place {
            position: self.window.position(),
            line: self.window.line(),
        };
        let Some(kind) = kinds::before_lines(&data[..data.len().min(AHEAD)], place) else {
            return self.bad_line(byte);
        };
        self.kind = Some(kind);
        let reason = "no job, but a line before the first".to_owned();
        self.bad(Form::Line, false, reason)
    }

    /// How many zeros begin here, and passes them.
    fn pass_zeros(&mut self) -> io::Result<usize> {
        let mut count = 0;
        loop {
            let data = self.window.data();
            let zeros = data.iter().take_while(|byte| **byte == 0).count();
            let more = zeros == data.len();
            self.window.advance(zeros);
            count += zeros;
            if !more || !self.window.fill()? {
                break;
            }
        }
        self.window.blank()?;
        Ok(count)
    }

    /// Passes zeros at the beginning of which no end can be seen. Lines behind them are read, as behind fewer.
    fn many_zeros(&mut self) -> io::Result<Slot> {
        let (position, line) = (self.window.position(), self.window.line());
        let count = self.pass_zeros()?;
        let begins = self.window.peek()? == Some(b'{') && self.first_of_lines()?;
        if !begins {
            let kind = match self.window.peek()? {
                Some(_) => Kind::begins_with_zeros(count),
                None => kinds::of_text(b"\0", Place { position, line }),
            };
            let broken = self.broken(kind.what.clone());
            self.kind = Some(kind);
            return Ok(broken);
        }
        self.mode = Mode::Lines;
        self.kind = Some(Kind::has_zeros(count, Place { position, line }, false));
        Ok(Slot {
            what: What::Bad(kinds::zeros(count)),
            held: Held::Window {
                from: self.window.mark(),
                length: 0,
            },
            keyed: false,
            position,
            line,
        })
    }

    /// Passes the zeros that begin here. Behind the last job they are told as the end of the file.
    pub(super) fn zeros(&mut self) -> io::Result<Slot> {
        let (position, line) = (self.window.position(), self.window.line());
        let count = self.pass_zeros()?;
        let what = kinds::zeros(count);
        if self.stack.is_empty() && self.window.peek()?.is_none() {
            let kind = Kind::ends_with_zeros(count);
            let broken = self.broken(kind.what.clone());
            self.kind.get_or_insert(kind);
            return Ok(Slot {
                position,
                line,
                ..broken
            });
        }
        let place = Place { position, line };
        self.kind
            .get_or_insert_with(|| Kind::has_zeros(count, place, false));
        Ok(Slot {
            what: What::Bad(what),
            held: Held::Window {
                from: self.window.mark(),
                length: 0,
            },
            keyed: false,
            position,
            line,
        })
    }
}
