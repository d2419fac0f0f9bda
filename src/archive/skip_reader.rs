//! Reads a file by leaps: the few bytes that say how long the next part is, and over it. An archive of gigabytes is
//! looked through without being read.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

/// Headers that stand close together are read at once; those far apart cost no more than a page.
const BUFFER: usize = 4 << 10;

pub(super) struct SkipReader<R> {
    input: BufReader<R>,
    at: u64,
    length: u64,
}

impl<R: Read + Seek> SkipReader<R> {
    /// Stands at the beginning. `length` is how far the input goes.
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

    /// The next bytes; fewer of them at the end.
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

    /// The next bytes, if there are so many.
    pub(super) fn array<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut array = [0; N];
        let count = self.fill(&mut array)?;
        Ok((count == N).then_some(array))
    }

    /// Leaps over so many bytes, if there are so many.
    pub(super) fn hop(&mut self, count: u64) -> io::Result<bool> {
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

    pub(super) fn hop_to(&mut self, at: u64) -> io::Result<()> {
        self.input.seek(SeekFrom::Start(at))?;
        self.at = at;
        Ok(())
    }

    /// Lets somebody else read on from here, and stands where that stopped.
    pub(super) fn lend<T>(
        &mut self,
        read: impl FnOnce(&mut dyn BufRead) -> io::Result<T>,
    ) -> io::Result<T> {
        let result = read(&mut self.input);
        self.at = self.input.stream_position()?;
        result
    }
}
