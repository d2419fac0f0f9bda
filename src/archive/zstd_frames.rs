//! Zstd frames (RFC 8878), found by their headers alone.

use std::io::{self, Read, Seek};

use super::piece::ArchivePiece;
use super::skip_reader::SkipReader;

pub(super) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A frame before the first one of an archive, which every reader skips. It marks the file as ours, damaged or not.
pub(super) const MARK: [u8; 24] = *b"\x50\x2a\x4d\x18\x10\0\0\0jobctl archive 1";

/// The largest window of a frame that `jobctl migrate` unpacks, as a power of two.
pub(super) const WINDOW: u32 = 24;

/// The most bytes of a block, packed or not.
const MOST_IN_BLOCK: u32 = 128 << 10;

const CUT_OFF: ArchivePiece =
    ArchivePiece::Foreign("it ends in a zstd frame that is cut off and not ours");

/// Whether a frame may begin with these bytes.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC) && bytes.get(MAGIC.len()).is_none_or(|byte| byte & 0x08 == 0)
}

/// Whether these are the first bytes of a frame like ours.
pub(super) fn is_like_ours(bytes: &[u8]) -> bool {
    let descriptor = bytes.strip_prefix(&MAGIC).and_then(<[u8]>::first);
    descriptor
        .is_some_and(|descriptor| descriptor & 0x08 == 0 && Header::of(*descriptor).is_like_ours())
}

/// The piece at the input's offset.
pub(super) fn next<R: Read + Seek>(input: &mut SkipReader<R>) -> io::Result<ArchivePiece> {
    let is_first = input.at() == 0;
    let mut magic = [0; MAGIC.len()];
    let count = input.fill(&mut magic)?;
    match magic {
        _ if count < magic.len() => {
            let seen = magic.get(..count).unwrap_or(&[]);
            Ok(
                if MAGIC.starts_with(seen) || is_first && MARK.starts_with(seen) {
                    ArchivePiece::Torn
                } else {
                    ArchivePiece::Foreign("something else follows its zstd frames")
                },
            )
        }
        MAGIC => frame(input),
        [0x50..=0x5f, 0x2a, 0x4d, 0x18] => match skippable(input)? {
            // Torn so early that nothing but our mark can have stood there.
            CUT_OFF if is_first && input.length() < MARK.len() as u64 => Ok(ArchivePiece::Torn),
            piece => Ok(piece),
        },
        _ => Ok(ArchivePiece::Foreign(
            "something else follows its zstd frames",
        )),
    }
}

/// A skippable frame, as parallel compressors put them between the frames.
fn skippable<R: Read + Seek>(input: &mut SkipReader<R>) -> io::Result<ArchivePiece> {
    let Some(size) = input.array()? else {
        return Ok(CUT_OFF);
    };
    Ok(if input.skip(u32::from_le_bytes(size).into())? {
        ArchivePiece::Whole { has_data: false }
    } else {
        CUT_OFF
    })
}

fn frame<R: Read + Seek>(input: &mut SkipReader<R>) -> io::Result<ArchivePiece> {
    let Some([descriptor]) = input.array()? else {
        return Ok(ArchivePiece::Torn);
    };
    if descriptor & 0x08 != 0 {
        return Ok(ArchivePiece::Foreign(
            "it has a zstd frame of an unknown kind",
        ));
    }
    let header = Header::of(descriptor);
    let mut rest = [0; 13];
    let rest = rest.get_mut(..header.rest()).unwrap_or(&mut []);
    let is_whole = input.fill(rest)? == rest.len();
    // All frames of ours are like this, and only an end of our own is cut off.
    let unfinished = if header.is_like_ours() && (!is_whole || header.window(rest) <= 1 << WINDOW) {
        ArchivePiece::Torn
    } else {
        CUT_OFF
    };
    if !is_whole {
        return Ok(unfinished);
    }
    loop {
        let Some([low, middle, high]) = input.array()? else {
            return Ok(unfinished);
        };
        let block = u32::from_le_bytes([low, middle, high, 0]);
        let (is_last, kind, size) = (block & 1 == 1, block >> 1 & 3, block >> 3);
        let stored = match kind {
            _ if size > MOST_IN_BLOCK => return Ok(DAMAGED),
            // Raw or compressed.
            0 | 2 => size,
            // One byte, repeated.
            1 => 1,
            _ => return Ok(DAMAGED),
        };
        if !input.skip(stored.into())? {
            return Ok(unfinished);
        }
        if is_last {
            break;
        }
    }
    Ok(if !header.has_checksum || input.skip(4)? {
        ArchivePiece::Whole { has_data: true }
    } else {
        unfinished
    })
}

const DAMAGED: ArchivePiece = ArchivePiece::Foreign("it has a damaged zstd frame");

/// The properties of a frame that its descriptor tells.
struct Header {
    /// The content is its own window.
    is_single: bool,
    has_checksum: bool,
    /// Bytes of the dictionary's id, 0 when there is none.
    dictionary: usize,
    content_size: usize,
}

impl Header {
    fn of(descriptor: u8) -> Header {
        let is_single = descriptor & 0x20 != 0;
        Header {
            is_single,
            has_checksum: descriptor & 0x04 != 0,
            dictionary: match descriptor & 3 {
                3 => 4,
                size => size.into(),
            },
            content_size: match descriptor >> 6 {
                0 => is_single.into(),
                power => 1 << power,
            },
        }
    }

    /// The bytes that follow the descriptor: window, dictionary, size of the content.
    fn rest(&self) -> usize {
        usize::from(!self.is_single) + self.dictionary + self.content_size
    }

    fn is_like_ours(&self) -> bool {
        self.has_checksum && self.dictionary == 0 && self.content_size > 0
    }

    /// Bytes that must be held to unpack a frame, which must be without a dictionary.
    fn window(&self, rest: &[u8]) -> u64 {
        match rest {
            [window, ..] if !self.is_single => {
                let base = 1_u64 << (10 + (window >> 3));
                base + base / 8 * u64::from(window & 7)
            }
            size => {
                let value = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
                let value = size.iter().rev().fold(0, value);
                if size.len() == 2 { value + 256 } else { value }
            }
        }
    }
}
