//! A reader that skips: it reads the few bytes that say how long the next part is, and moves over it, so that an archive of
//! gigabytes is walked without being read.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

/// Bytes that are read at once: several headers that lie close together, and no more than a page for one.
const BUFFER: usize = 4 << 10;

pub(super) struct SkipReader<R> {
    input: BufReader<R>,
    at: u64,
    length: u64,
}

impl<R: Read + Seek> SkipReader<R> {
    /// A reader at the beginning of an input of `length` bytes.
    pub(super) fn new(mut input: R, length: u64) -> io::Result<SkipReader<R>> {
        input.seek(SeekFrom::Start(0))?;
        Ok(SkipReader {
            input: BufReader::with_capacity(BUFFER, input),
            at: 0,
            length,
        })
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Reads the next bytes; fewer of them at the end.
    pub(super) fn fill(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        while let Some(room) = into.get_mut(count..)
            && !room.is_empty()
        {
            match self.input.read(room) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.at += count as u64;
        Ok(count)
    }

    /// The next `N` bytes; None where fewer are left.
    pub(super) fn array<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut array = [0; N];
        let count = self.fill(&mut array)?;
        Ok((count == N).then_some(array))
    }

    /// Moves over `count` bytes; false where fewer are left.
    pub(super) fn skip(&mut self, count: u64) -> io::Result<bool> {
        if count > self.length.saturating_sub(self.at) {
            return Ok(false);
        }
        let Ok(offset) = i64::try_from(count) else {
            return Ok(false);
        };
        self.input.seek_relative(offset)?;
        self.at += count;
        Ok(true)
    }

    pub(super) fn skip_to(&mut self, at: u64) -> io::Result<()> {
        self.input.seek(SeekFrom::Start(at))?;
        self.at = at;
        Ok(())
    }

    /// Lets `read` read on from here, and goes on where that stopped.
    pub(super) fn lend<T>(
        &mut self,
        read: impl FnOnce(&mut dyn BufRead) -> io::Result<T>,
    ) -> io::Result<T> {
        let result = read(&mut self.input);
        self.at = self.input.stream_position()?;
        result
    }
}
