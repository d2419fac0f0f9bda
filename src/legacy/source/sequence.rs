//! JSON text sequences (RFC 7464): a record separator stands before each record. No JSON has that byte in it, so that it is
//! made the beginning of a line, which tells where the next record begins when one does not end. Bytes are counted as they
//! stand in the file, and lines too where a record ends with a line feed.

use std::io::{self, Read};

pub(in crate::legacy) const SEPARATOR: u8 = 0x1e;

/// Whether the first bytes of a file are those of a sequence.
pub(in crate::legacy) fn begins(start: &[u8]) -> bool {
    start.trim_ascii_start().first() == Some(&SEPARATOR)
}

pub(in crate::legacy) struct Records<R> {
    input: R,
    /// The byte before those that are read next.
    before: u8,
}

impl<R: Read> Records<R> {
    pub(in crate::legacy) fn new(input: R) -> Self {
        Records {
            input,
            before: b'\n',
        }
    }
}

impl<R: Read> Read for Records<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        let text = &mut buffer[..count];
        let mut from = 0;
        while let Some(at) = memchr::memchr(SEPARATOR, &text[from..]).map(|n| from + n) {
            match at.checked_sub(1).map(|before| text[before]) {
                // The line feed before it is moved behind it.
                Some(b'\n') => (text[at - 1], text[at]) = (b' ', b'\n'),
                // It is passed as the beginning of a line is.
                None if self.before == b'\n' => {}
                _ => text[at] = b'\n',
            }
            from = at + 1;
        }
        self.before = text.last().copied().unwrap_or(self.before);
        Ok(count)
    }
}
