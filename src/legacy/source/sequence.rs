//! JSON text sequences (RFC 7464), in which a record separator precedes each record. No JSON has that byte in it: it is turned
//! into the beginning of a line, at which the next record begins even if one does not end. Offsets are those in the file, and
//! so are lines where records end with a line feed.

use std::io::{self, Read};

pub(in crate::legacy) const SEPARATOR: u8 = 0x1e;

/// Whether the first bytes of a file are those of a sequence.
pub(in crate::legacy) fn begins(start: &[u8]) -> bool {
    start.trim_ascii_start().first() == Some(&SEPARATOR)
}

pub(in crate::legacy) struct Records<R> {
    input: R,
    /// The byte before the next one.
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
                // The line feed before the separator is moved behind it.
                Some(b'\n') => (text[at - 1], text[at]) = (b' ', b'\n'),
                // The reader skips a separator at the beginning of a line.
                None if self.before == b'\n' => {}
                _ => text[at] = b'\n',
            }
            from = at + 1;
        }
        self.before = text.last().copied().unwrap_or(self.before);
        Ok(count)
    }
}
