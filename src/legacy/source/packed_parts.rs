//! Unpacks a packed dump part by part: frames of zstd, members of gzip. An archive has one for each append, and of one a block
//! may be missing after a loss of power. What stands behind it in parts of its own is read all the same, where each part
//! has lines of its own; what is missing is told at the end.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, BufRead, Cursor, ErrorKind, Read};

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use super::kept_bytes::Kept;
use super::unpack::ZSTD_WINDOW;

/// A part that holds no more is handed on when it is known to be right: an append of an archive. A larger one is handed on
/// while it is unpacked.
const HELD: usize = 8 << 20;

const CHUNK: usize = 128 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::legacy) enum Packed {
    Gzip,
    Zstd,
}

impl Packed {
    fn magic(self) -> &'static [u8] {
        match self {
            Packed::Gzip => &[0x1f, 0x8b, 8],
            Packed::Zstd => &[0x28, 0xb5, 0x2f, 0xfd],
        }
    }
}

/// What could not be unpacked, by bytes of the packed file: an error that is told when all that is behind it has been read.
#[derive(Debug)]
pub(in crate::legacy) struct Gaps {
    first: (u64, u64),
    more: usize,
}

impl fmt::Display for Gaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (begin, end) = self.first;
        write!(f, "from byte {begin} to byte {end} of the file")?;
        match self.more {
            0 => Ok(()),
            1 => f.write_str(" and at 1 more place"),
            more => write!(f, " and at {more} more places"),
        }
    }
}

impl std::error::Error for Gaps {}

pub(in crate::legacy) struct Parts<R> {
    packed: Packed,
    /// None only while a decoder has it, or after the end.
    input: Option<Kept<R>>,
    /// A part that is handed on while it is unpacked.
    streamed: Option<Decoder<R>>,
    /// Text that is ready.
    ready: VecDeque<Vec<u8>>,
    taken: usize,
    /// What was handed on ends with a line, or nothing was.
    at_line: bool,
    /// Told when all that is ready has been read.
    failed: Option<io::Error>,
    gaps: Option<Gaps>,
}

enum Decoder<R> {
    Gzip(Box<GzDecoder<Kept<R>>>),
    Zstd(ZstdDecoder<'static, Kept<R>>),
}

impl<R: BufRead> Decoder<R> {
    fn begin(packed: Packed, input: Kept<R>) -> io::Result<Self> {
        Ok(match packed {
            Packed::Gzip => Decoder::Gzip(Box::new(GzDecoder::new(input))),
            Packed::Zstd => {
                let mut decoder = ZstdDecoder::with_buffer(input)?.single_frame();
                decoder.window_log_max(ZSTD_WINDOW)?;
                Decoder::Zstd(decoder)
            }
        })
    }

    fn end(self) -> Kept<R> {
        match self {
            Decoder::Gzip(decoder) => decoder.into_inner(),
            Decoder::Zstd(decoder) => decoder.finish(),
        }
    }

    fn input(&mut self) -> &mut Kept<R> {
        match self {
            Decoder::Gzip(decoder) => decoder.get_mut(),
            Decoder::Zstd(decoder) => decoder.get_mut(),
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Decoder::Gzip(decoder) => decoder.read(buffer),
            Decoder::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// What came of a part.
enum Part<R> {
    /// All of it is right.
    Right(VecDeque<Vec<u8>>),
    /// It is too large to be held.
    Large(VecDeque<Vec<u8>>, Decoder<R>),
    Damaged(VecDeque<Vec<u8>>, io::Error),
}

impl<R: BufRead> Parts<R> {
    pub(in crate::legacy) fn new(packed: Packed, input: R) -> Self {
        Parts {
            packed,
            input: Some(Kept::new(input)),
            streamed: None,
            ready: VecDeque::new(),
            taken: 0,
            at_line: true,
            failed: None,
            gaps: None,
        }
    }

    /// Hands on what is ready; 0 when nothing is.
    fn hand_on(&mut self, buffer: &mut [u8]) -> usize {
        while let Some(first) = self.ready.front() {
            let rest = first.get(self.taken..).unwrap_or_default();
            if rest.is_empty() {
                self.ready.pop_front();
                self.taken = 0;
                continue;
            }
            let count = rest.len().min(buffer.len());
            if let (Some(into), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
                into.copy_from_slice(from);
            }
            self.taken += count;
            return count;
        }
        0
    }

    /// Unpacks the next part. False at the end.
    fn step(&mut self) -> io::Result<bool> {
        let Some(mut input) = self.input.take() else {
            return Ok(false);
        };
        let begin = input.position();
        if self.packed == Packed::Gzip && begin > 0 {
            // Tapes leave zeros behind the members.
            input.pass_zeros()?;
        }
        if input.fill_buf()?.is_empty() {
            return Ok(false);
        }
        match self.part(input)? {
            Part::Right(text) => self.give(text),
            Part::Large(text, decoder) => {
                self.give(text);
                self.streamed = Some(decoder);
            }
            Part::Damaged(text, error) => self.read_on(begin, text, error)?,
        }
        Ok(true)
    }

    fn give(&mut self, text: VecDeque<Vec<u8>>) {
        if let Some(last) = text.back().and_then(|last| last.last()) {
            self.at_line = *last == b'\n';
        }
        self.ready.extend(text);
    }

    /// What the input has at its place. The input comes back unless it is needed for the rest.
    fn part(&mut self, mut input: Kept<R>) -> io::Result<Part<R>> {
        input.begin();
        let mut decoder = Decoder::begin(self.packed, input)?;
        let mut text = VecDeque::new();
        let mut held = 0;
        let ended = loop {
            let mut chunk = vec![0; CHUNK];
            let mut length = 0;
            let ended = loop {
                if length == CHUNK {
                    break None;
                }
                match decoder.read(chunk.get_mut(length..).unwrap_or_default()) {
                    Ok(0) => break Some(Ok(())),
                    Ok(count) => length += count,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => break Some(Err(error)),
                }
            };
            chunk.truncate(length);
            held += length;
            if length > 0 {
                text.push_back(chunk);
            }
            match ended {
                Some(ended) => break ended,
                None if held >= HELD => {
                    decoder.input().forget();
                    return Ok(Part::Large(text, decoder));
                }
                None => {}
            }
        };
        self.input = Some(decoder.end());
        Ok(match ended {
            Ok(()) => Part::Right(text),
            Err(error) => Part::Damaged(text, error),
        })
    }

    /// Behind a part that is damaged: goes on with the next one that is right, if both have lines of their own. Else all
    /// ends here, with what could be unpacked.
    fn read_on(&mut self, begin: u64, text: VecDeque<Vec<u8>>, error: io::Error) -> io::Result<()> {
        let Some(mut input) = self.input.take() else {
            return Err(error);
        };
        let certain = self.certain(&input, &text, &error);
        let is_strange = self.packed == Packed::Gzip && begin > 0 && !input.has_magic(&[0x1f]);
        let is_at_line = self.at_line;
        while is_at_line && input.find(self.packed.magic())? {
            let end = input.position();
            let (found, rest) = match self.part(input)? {
                Part::Damaged(..) => (None, None),
                Part::Right(found) => (Some(found), None),
                Part::Large(found, decoder) => (Some(found), Some(decoder)),
            };
            let has_lines = |text: &VecDeque<Vec<u8>>| {
                text.front().is_some_and(|first| first.starts_with(b"{\""))
            };
            if let Some(found) = found.filter(has_lines) {
                match &mut self.gaps {
                    Some(gaps) => gaps.more += 1,
                    None => {
                        self.gaps = Some(Gaps {
                            first: (begin, end),
                            more: 0,
                        });
                    }
                }
                self.give(certain);
                self.give(found);
                self.streamed = rest;
                return Ok(());
            }
            if rest.is_some() {
                break;
            }
            let Some(again) = self.input.take() else {
                break;
            };
            input = again;
        }
        self.give(text);
        self.failed = Some(match is_strange {
            true => io::Error::new(ErrorKind::InvalidData, "something else follows its end"),
            false => error,
        });
        Ok(())
    }

    /// The whole lines of a damaged part that are certain: those before a sector that is missing; and of zstd, which notices
    /// a damaged block, those that it unpacked.
    fn certain(
        &self,
        input: &Kept<R>,
        text: &VecDeque<Vec<u8>>,
        error: &io::Error,
    ) -> VecDeque<Vec<u8>> {
        let mut all = Vec::new();
        match input.before_hole() {
            Some(before) => {
                if let Ok(mut decoder) =
                    Decoder::begin(self.packed, Kept::new(Cursor::new(before.to_vec())))
                {
                    // It breaks off; what came before that counts.
                    let _ = decoder.by_ref().take(HELD as u64).read_to_end(&mut all);
                }
            }
            None if self.packed == Packed::Zstd && !error.to_string().contains("checksum") => {
                all = text.iter().flatten().copied().collect();
            }
            None => {}
        }
        let end = memchr::memrchr(b'\n', &all).map_or(0, |end| end + 1);
        all.truncate(end);
        VecDeque::from([all])
    }
}

impl<R: BufRead> Read for Parts<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.hand_on(buffer);
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            if let Some(error) = self.failed.take() {
                self.input = None;
                return Err(match self.gaps.take() {
                    Some(gaps) => io::Error::other(format!(
                        "{gaps}, where reading went on behind it, and then: {error}"
                    )),
                    None => error,
                });
            }
            if let Some(mut decoder) = self.streamed.take() {
                match decoder.read(buffer) {
                    Ok(0) => self.input = Some(decoder.end()),
                    Ok(count) => {
                        self.at_line = buffer.get(count - 1) == Some(&b'\n');
                        self.streamed = Some(decoder);
                        return Ok(count);
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {
                        self.streamed = Some(decoder);
                        return Err(error);
                    }
                    // Some of it was handed on, and nobody knows how much of that was right.
                    Err(error) => return Err(error),
                }
                continue;
            }
            if !self.step()? {
                return match self.gaps.take() {
                    Some(gaps) => Err(io::Error::other(gaps)),
                    None => Ok(0),
                };
            }
        }
    }
}
