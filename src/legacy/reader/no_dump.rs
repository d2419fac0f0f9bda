//! Inputs that are no dumps from their first byte on, and blocks of zeros in dumps, as a loss of power leaves them.

use std::io::{self, Read};

use super::containers::FoundItem;
use super::recognize::AHEAD;
use super::scan::ValueForm;
use super::{DumpReader, Mode, frame};
use crate::legacy::kinds::{self, InputFault};
use crate::legacy::position::Position;

/// The bytes that are read of a text that begins as a dump does.
const GLANCE: usize = 64;

impl<R: Read> DumpReader<R> {
    /// The item for an input that is no dump; None for one that may be. `byte` is the first one that is no blank space.
    pub(super) fn no_dump(&mut self, byte: u8) -> io::Result<Option<FoundItem>> {
        let opens = matches!(byte, b'{' | b'[');
        if opens {
            // No more is read than needed, so that an error of the input loses no records before it.
            for wanted in 2..GLANCE {
                self.window.ensure(wanted)?;
                let next = self.window.data().get(wanted - 1).copied();
                match next {
                    // An error of the input comes again behind the bytes that are held.
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
        let position = self.here();
        if !ended && data.iter().all(|byte| *byte == 0) {
            return self.many_zeros().map(Some);
        }
        let kind = if opens {
            match frame::of(data) {
                Some(frame) => Some(frame.kind()),
                None => kinds::unlike_json(data, position),
            }
        } else {
            Some(kinds::of_text(data, position))
        };
        let Some(kind) = kind else {
            return Ok(None);
        };
        if byte == b'[' && self.first_of_lines()? {
            // A line of a log before the jobs costs only itself.
            self.mode = Mode::Lines;
            return self.first_line(byte);
        }
        let found = self.broken(kind.what.clone());
        self.kind = Some(kind);
        Ok(Some(found))
    }

    /// Reads the first line of JSON Lines, which begins no job. What it is instead is reported with the end of the file too.
    pub(super) fn first_line(&mut self, byte: u8) -> io::Result<Option<FoundItem>> {
        let position = self.here();
        let Some(kind) = kinds::before_lines(self.window.ahead(AHEAD)?, position) else {
            return self.bad_line(byte);
        };
        self.kind = Some(kind);
        let reason = "no job, but a line before the first".to_owned();
        self.bad(ValueForm::Line, false, reason)
    }

    fn here(&self) -> Position {
        Position {
            byte: self.window.position(),
            line: self.window.line(),
        }
    }

    /// Skips the zeros that begin here, and gives their number.
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

    /// Skips more zeros at the beginning than are held. Lines behind them are read, as behind fewer.
    fn many_zeros(&mut self) -> io::Result<FoundItem> {
        let at = self.here();
        let count = self.pass_zeros()?;
        let begins = self.window.peek()? == Some(b'{') && self.first_of_lines()?;
        if !begins {
            let kind = match self.window.peek()? {
                Some(_) => InputFault::begins_with_zeros(count),
                None => kinds::of_text(b"\0", at),
            };
            let broken = self.broken(kind.what.clone());
            self.kind = Some(kind);
            return Ok(broken);
        }
        self.mode = Mode::Lines;
        self.kind = Some(InputFault::has_zeros(count, at, false));
        Ok(FoundItem {
            position: at.byte,
            line: at.line,
            ..self.note(0, &kinds::zeros(count))
        })
    }

    /// Skips the zeros that begin here. Behind the last job they are reported as the end of the file.
    pub(super) fn zeros(&mut self) -> io::Result<FoundItem> {
        let at = self.here();
        let count = self.pass_zeros()?;
        if self.stack.is_empty() && self.window.peek()?.is_none() {
            let kind = InputFault::ends_with_zeros(count);
            let broken = self.broken(kind.what.clone());
            self.kind.get_or_insert(kind);
            return Ok(FoundItem {
                position: at.byte,
                line: at.line,
                ..broken
            });
        }
        self.kind
            .get_or_insert_with(|| InputFault::has_zeros(count, at, false));
        Ok(FoundItem {
            position: at.byte,
            line: at.line,
            ..self.note(0, &kinds::zeros(count))
        })
    }
}
