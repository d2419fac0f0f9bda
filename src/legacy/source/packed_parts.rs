//! The unpacking of a dump part by part: frames of zstd, members of gzip. An archive has one for each append, and a block of
//! one may be missing after a loss of power. Where each part holds whole lines, later parts are read all the same; what is
//! missing is reported at the end.

use std::collections::VecDeque;
use std::io::{self, BufRead, Cursor, ErrorKind, Read};

use super::gaps::Gaps;
use super::kept_bytes::RereadableInput;
use super::part_decoder::{PartDecoder, PartFormat};

/// The most bytes of a part that is handed on only when it is known to be right, as an append of an archive is. A larger one
/// is handed on while it is unpacked.
const HELD: usize = 8 << 20;

const CHUNK: usize = 128 << 10;

pub(super) struct Parts<R> {
    packed: PartFormat,
    /// The packed bytes; None only while a decoder has them, or after the end.
    input: Option<RereadableInput<R>>,
    /// A part that is handed on while it is unpacked.
    streamed: Option<Streamed<R>>,
    /// Text that is ready to be handed on.
    ready: VecDeque<Vec<u8>>,
    taken: usize,
    /// Whether the text that was handed on ends with a line, or is empty.
    at_line: bool,
    /// The error to be given when all ready text has been read.
    failed: Option<io::Error>,
    gaps: Option<Gaps>,
}

struct Streamed<R> {
    decoder: PartDecoder<R>,
    /// Whether it has lines of its own, each a record.
    has_lines: bool,
    /// The offset in the file at which it begins, and the one up to which it has been handed on.
    begin: u64,
    handed_on: u64,
}

/// The next part behind a damaged one.
enum NextPart<R> {
    /// Its offset, and its text as far as that is held.
    Lines(u64, VecDeque<Vec<u8>>, Option<PartDecoder<R>>),
    /// No other part up to the end of the file.
    End(u64),
    Other,
}

fn begins_with_object(text: &VecDeque<Vec<u8>>) -> bool {
    text.front().is_some_and(|first| first.starts_with(b"{\""))
}

/// Whether the first line is a whole object.
fn has_lines(text: &VecDeque<Vec<u8>>) -> bool {
    let first = text.front().map_or(&[][..], Vec::as_slice);
    let line = memchr::memchr(b'\n', first).and_then(|end| first.get(..end));
    begins_with_object(text) && line.is_some_and(|line| line.ends_with(b"}"))
}

/// The outcome of unpacking a part.
enum UnpackedPart<R> {
    /// The whole part is right.
    Right(VecDeque<Vec<u8>>),
    /// The part is too large to be held.
    Large(VecDeque<Vec<u8>>, PartDecoder<R>),
    Damaged(VecDeque<Vec<u8>>, io::Error),
}

impl<R: BufRead> Parts<R> {
    pub(super) fn new(packed: PartFormat, input: R) -> Self {
        Parts {
            packed,
            input: Some(RereadableInput::new(input)),
            streamed: None,
            ready: VecDeque::new(),
            taken: 0,
            at_line: true,
            failed: None,
            gaps: None,
        }
    }

    /// Hands on text that is ready; 0 when there is none.
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
        if self.packed == PartFormat::Gzip && begin > 0 {
            // Tapes leave zeros behind the members of an archive.
            input.pass_zeros()?;
        }
        if input.fill_buf()?.is_empty() {
            return Ok(false);
        }
        match self.part(input)? {
            UnpackedPart::Right(text) => self.give(text),
            UnpackedPart::Large(text, decoder) => {
                let has_lines = self.at_line && has_lines(&text);
                self.give(text);
                self.stream(begin, decoder, has_lines);
            }
            UnpackedPart::Damaged(text, error) => self.read_on(begin, text, error)?,
        }
        Ok(true)
    }

    fn give(&mut self, text: VecDeque<Vec<u8>>) {
        if let Some(last) = text.back().and_then(|last| last.last()) {
            self.at_line = *last == b'\n';
        }
        self.ready.extend(text);
    }

    /// Unpacks the part that begins here. The input is given back unless it is needed for the rest.
    fn part(&mut self, mut input: RereadableInput<R>) -> io::Result<UnpackedPart<R>> {
        input.begin();
        let mut decoder = PartDecoder::begin(self.packed, input)?;
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
                    return Ok(UnpackedPart::Large(text, decoder));
                }
                None => {}
            }
        };
        self.input = Some(decoder.end());
        Ok(match ended {
            Ok(()) => UnpackedPart::Right(text),
            Err(error) => UnpackedPart::Damaged(text, error),
        })
    }

    fn stream(&mut self, begin: u64, mut decoder: PartDecoder<R>, has_lines: bool) {
        let handed_on = decoder.input().position();
        self.streamed = Some(Streamed {
            decoder,
            has_lines,
            begin,
            handed_on,
        });
    }

    /// Goes on behind a damaged part with the next one that is right, if both have lines of their own. Else the dump ends
    /// here, with what could be unpacked.
    fn read_on(&mut self, begin: u64, text: VecDeque<Vec<u8>>, error: io::Error) -> io::Result<()> {
        let Some(input) = self.input.take() else {
            return Err(error);
        };
        let certain = self.certain(&input, &text, &error);
        let is_strange = self.packed == PartFormat::Gzip && begin > 0 && !input.has_magic(&[0x1f]);
        let is_cut_off = error.kind() == ErrorKind::UnexpectedEof;
        let next = if self.at_line {
            self.next_lines(input)?
        } else {
            NextPart::Other
        };
        match next {
            NextPart::Lines(end, found, rest) => {
                self.gap(begin, end, true);
                self.give(certain);
                self.give(found);
                if let Some(rest) = rest {
                    self.stream(end, rest, true);
                }
            }
            // The text before it is whole lines, as in an archive.
            NextPart::End(end) if begin > 0 && !is_strange && !is_cut_off => {
                self.gap(begin, end, false);
                self.give(certain);
            }
            _ => {
                self.give(text);
                self.failed = Some(if is_strange {
                    io::Error::new(ErrorKind::InvalidData, "something else follows its end")
                } else {
                    error
                });
            }
        }
        Ok(())
    }

    /// Goes on behind a damaged part of which some was handed on. The line in which that ended becomes one that is no record.
    fn read_on_behind(&mut self, streamed: Streamed<R>, error: io::Error) -> io::Result<()> {
        if !streamed.has_lines || error.kind() == ErrorKind::UnexpectedEof {
            return Err(error);
        }
        // Zstd notices a damaged block when it meets it, unless only the checksum of the frame shows the damage.
        let is_doubtful = self.packed == PartFormat::Gzip || error.to_string().contains("checksum");
        let begin = if is_doubtful {
            streamed.begin
        } else {
            streamed.handed_on
        };
        let next = self.next_lines(streamed.decoder.end())?;
        if !self.at_line && !matches!(next, NextPart::Other) {
            self.give(VecDeque::from([vec![b'\n']]));
        }
        match next {
            NextPart::Lines(end, found, rest) => {
                self.gap(begin, end, true);
                self.give(found);
                if let Some(rest) = rest {
                    self.stream(end, rest, true);
                }
            }
            NextPart::End(end) => self.gap(begin, end, false),
            NextPart::Other => return Err(error),
        }
        if let (Some(gaps), true) = (&mut self.gaps, is_doubtful) {
            gaps.doubt();
        }
        Ok(())
    }

    fn gap(&mut self, begin: u64, end: u64, goes_on: bool) {
        match &mut self.gaps {
            Some(gaps) => gaps.add_one(),
            None => self.gaps = Some(Gaps::new(begin, end)),
        }
        if let (Some(gaps), true) = (&mut self.gaps, goes_on) {
            gaps.go_on();
        }
    }

    /// Searches behind a damaged part for the next one that has lines.
    fn next_lines(&mut self, mut input: RereadableInput<R>) -> io::Result<NextPart<R>> {
        loop {
            if !input.find(self.packed.magic())? {
                return Ok(NextPart::End(input.position()));
            }
            let end = input.position();
            let (found, rest) = match self.part(input)? {
                UnpackedPart::Damaged(..) => (None, None),
                UnpackedPart::Right(found) => (Some(found), None),
                UnpackedPart::Large(found, decoder) => (Some(found), Some(decoder)),
            };
            if let Some(found) = found.filter(begins_with_object) {
                return Ok(NextPart::Lines(end, found, rest));
            }
            if rest.is_some() {
                return Ok(NextPart::Other);
            }
            let Some(again) = self.input.take() else {
                return Ok(NextPart::Other);
            };
            input = again;
        }
    }

    /// The certain lines of a damaged part: those before a missing sector; and of zstd, which notices a damaged block, those
    /// that it unpacked.
    fn certain(
        &self,
        input: &RereadableInput<R>,
        text: &VecDeque<Vec<u8>>,
        error: &io::Error,
    ) -> VecDeque<Vec<u8>> {
        let mut all = Vec::new();
        match input.before_hole() {
            Some(before) => {
                if let Ok(mut decoder) = PartDecoder::begin(
                    self.packed,
                    RereadableInput::new(Cursor::new(before.to_vec())),
                ) {
                    // It breaks off; the lines before that count.
                    let _ = decoder.by_ref().take(HELD as u64).read_to_end(&mut all);
                }
            }
            None if self.packed == PartFormat::Zstd && !error.to_string().contains("checksum") => {
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
                    Some(gaps) => io::Error::other(format!("{gaps}; and then: {error}")),
                    None => error,
                });
            }
            if let Some(mut streamed) = self.streamed.take() {
                match streamed.decoder.read(buffer) {
                    Ok(0) => self.input = Some(streamed.decoder.end()),
                    Ok(count) => {
                        self.at_line = buffer.get(count - 1) == Some(&b'\n');
                        streamed.handed_on = streamed.decoder.input().position();
                        self.streamed = Some(streamed);
                        return Ok(count);
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {
                        self.streamed = Some(streamed);
                        return Err(error);
                    }
                    // Nobody knows how much of the text that was handed on is right.
                    Err(error) => self.read_on_behind(streamed, error)?,
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
