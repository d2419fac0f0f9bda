//! The bytes of a packed dump. Those of the current part are kept: if it is damaged, the next part is searched for in them and
//! behind them, also in a pipe.

use std::io::{self, BufRead, ErrorKind, Read};

use memchr::memmem::Finder;

/// The most bytes of a part that are kept.
const KEPT: usize = 4 << 20;

/// Bytes of a sector. No packer makes this many zeros: they never came to the disk.
const SECTOR: usize = 512;

/// A reader that keeps what was read of the current part, so that it can be read again.
pub(in crate::legacy) struct RereadableInput<R> {
    input: R,
    /// The bytes of `kept` before this index have been read, those behind it are to be read again.
    kept: Vec<u8>,
    again: usize,
    keeps: bool,
    position: u64,
}

impl<R: BufRead> RereadableInput<R> {
    pub(in crate::legacy) fn new(input: R) -> Self {
        RereadableInput {
            input,
            kept: Vec::new(),
            again: 0,
            keeps: false,
            position: 0,
        }
    }

    pub(in crate::legacy) fn position(&self) -> u64 {
        self.position
    }

    /// Begins a part here.
    pub(in crate::legacy) fn begin(&mut self) {
        self.kept.drain(..self.again);
        self.again = 0;
        self.keeps = true;
    }

    /// Stops keeping the part, which will not be read again.
    pub(in crate::legacy) fn forget(&mut self) {
        self.begin();
        self.keeps = false;
    }

    /// Whether the part begins with these bytes; true where it is not kept.
    pub(in crate::legacy) fn has_magic(&self, magic: &[u8]) -> bool {
        self.kept.is_empty() || self.kept.starts_with(magic)
    }

    /// The bytes of the part before a missing sector, if there is one.
    pub(in crate::legacy) fn before_hole(&self) -> Option<&[u8]> {
        let hole = Finder::new(&[0; SECTOR]).find(self.kept.get(..self.again)?)?;
        self.kept.get(..hole)
    }

    /// Moves to the next occurrence of `magic` behind the first byte of the part; false where there is none.
    pub(in crate::legacy) fn find(&mut self, magic: &[u8]) -> io::Result<bool> {
        if self.keeps {
            // A decoder that fails at once has read nothing.
            self.position -= self.again as u64;
            self.again = 0;
            let count = self.fill_buf()?.len().min(1);
            self.consume(count);
        }
        self.forget();
        loop {
            let buffer = self.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let length = buffer.len();
            if let Some(offset) = memchr::memmem::find(buffer, magic) {
                self.consume(offset);
                return Ok(true);
            }
            // It may lie across the end of the buffer.
            let tail = (1..magic.len())
                .rev()
                .find(|tail| *tail <= length && magic.starts_with(&buffer[length - tail..]));
            let Some(tail) = tail else {
                self.consume(length);
                continue;
            };
            self.consume(length - tail);
            // Read on beyond the end, and search both together.
            self.begin();
            while self.again < magic.len() && self.more_kept()? {}
            self.position -= self.again as u64;
            self.again = 0;
            self.keeps = false;
            let is_here = self.kept.starts_with(magic);
            if is_here {
                return Ok(true);
            }
            self.consume(1);
        }
    }

    /// Reads some bytes and keeps them; false at the end.
    fn more_kept(&mut self) -> io::Result<bool> {
        let count = self.fill_buf()?.len();
        self.consume(count);
        Ok(count > 0)
    }

    pub(in crate::legacy) fn pass_zeros(&mut self) -> io::Result<()> {
        self.forget();
        loop {
            let buffer = self.fill_buf()?;
            let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
            self.consume(zeros);
            if zeros == 0 {
                return Ok(());
            }
        }
    }
}

impl<R: BufRead> Read for RereadableInput<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for RereadableInput<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.again < self.kept.len() {
            Ok(self.kept.get(self.again..).unwrap_or_default())
        } else {
            loop {
                match self.input.fill_buf() {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                    Ok(_) => break self.input.fill_buf(),
                }
            }
        }
    }

    fn consume(&mut self, count: usize) {
        self.position += count as u64;
        let left = self.kept.len() - self.again;
        if left > 0 {
            self.again += count.min(left);
            if !self.keeps && self.again == self.kept.len() {
                self.kept.clear();
                self.again = 0;
            }
            return;
        }
        if self.keeps {
            if self.kept.len() + count <= KEPT {
                // It has just been given out.
                let given = self.input.fill_buf().unwrap_or_default();
                self.kept
                    .extend_from_slice(given.get(..count).unwrap_or_default());
                self.again = self.kept.len();
            } else {
                self.keeps = false;
                self.kept = Vec::new();
                self.again = 0;
            }
        }
        self.input.consume(count);
    }
}
