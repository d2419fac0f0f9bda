//! The sliding window: the part of the input that is held, with its position.

use std::io::{self, ErrorKind, Read};

use crate::legacy::source::sequence::SEPARATOR;

const BOM: &[u8] = b"\xef\xbb\xbf";

pub(super) struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes of the buffer, and the most to which it grows for what must be held in one piece.
    size: usize,
    limit: usize,
    position: u64,
    line: u64,
    ended: bool,
}

impl<R: Read> Window<R> {
    pub(super) fn new(input: R, size: usize, limit: usize) -> Self {
        let size = size.max(1);
        Self {
            input,
            buffer: vec![0; size],
            start: 0,
            end: 0,
            size,
            limit,
            position: 0,
            line: 1,
            ended: false,
        }
    }

    pub(super) fn data(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The index of the unread bytes in the buffer, valid until the next `fill`.
    pub(super) fn mark(&self) -> usize {
        self.start
    }

    /// Bytes that have been read but not yet overwritten.
    pub(super) fn passed(&self, from: usize, length: usize) -> &[u8] {
        &self.buffer[from..from + length]
    }

    pub(super) fn advance(&mut self, count: usize) {
        let passed = &self.buffer[self.start..self.start + count];
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.position += count as u64;
        self.start += count;
    }

    /// Reads once; false at the end of the input. Offsets into `data` stay right, `mark`s do not.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.buffer.len() > self.size {
                self.buffer = vec![0; self.size];
            }
        }
        if self.end == self.buffer.len() {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else {
                let size = self.buffer.len();
                let larger = (size * 2).min(self.limit).max(size + 64);
                self.buffer.resize(larger, 0);
            }
        }
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    self.ended = count == 0;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Holds at least `count` bytes, or all that are left; false when there are fewer.
    pub(super) fn ensure(&mut self, count: usize) -> io::Result<bool> {
        while self.end - self.start < count {
            if !self.fill()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        self.ensure(1)?;
        Ok(self.data().first().copied())
    }

    /// At most the next `count` bytes, fewer where the input ends.
    pub(super) fn ahead(&mut self, count: usize) -> io::Result<&[u8]> {
        self.ensure(count)?;
        let data = self.data();
        Ok(&data[..data.len().min(count)])
    }

    /// Skips a UTF-8 byte order mark.
    pub(super) fn byte_order_mark(&mut self) -> io::Result<bool> {
        let found = self.ensure(BOM.len())? && self.data().starts_with(BOM);
        if found {
            self.advance(BOM.len());
        }
        Ok(found)
    }

    /// Skips blank space, and gives the indentation if that is at the beginning of a line.
    pub(super) fn blank(&mut self) -> io::Result<Option<usize>> {
        let mut indent = None;
        if self.position == 0 {
            self.byte_order_mark()?;
            indent = Some(0);
        }
        loop {
            let data = self.data();
            let mut count = 0;
            for byte in data {
                match *byte {
                    b'\n' | SEPARATOR => indent = Some(0),
                    b' ' | b'\t' | b'\r' => indent = indent.map(|n| n + 1),
                    _ => break,
                }
                count += 1;
            }
            let more = count == data.len();
            self.advance(count);
            if !more || !self.fill()? {
                return Ok(indent);
            }
        }
    }
}
