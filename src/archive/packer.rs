//! The packing of an archive in pieces, one for each append. The archive's name says how it is packed, and its content must
//! agree.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use flate2::bufread::MultiGzDecoder;
use flate2::{Compress, Compression};
use zstd::bulk::Compressor;
use zstd::stream::read::Decoder;
use zstd::zstd_safe::compress_bound;

use super::piece::ArchivePiece;
use super::skip_reader::SkipReader;
use super::{gzip_members, zstd_frames};
use crate::system::compression::{Codec, ZSTD_LEVEL};

/// The program that the beginning of a packed file points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    Ours,
    /// Files of other programs may begin so too.
    LikeOurs,
    Otherwise,
}

impl Codec {
    /// The packing that the first bytes of a file tell; a file that begins with zeros goes by its name.
    pub fn of_start(start: &[u8], named: Codec) -> Codec {
        let begins = |magic: &[u8]| {
            let common = start.len().min(magic.len());
            start.get(..common) == magic.get(..common)
        };
        match start {
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Codec::Zstd,
            _ if begins(&zstd_frames::MAGIC) || begins(&zstd_frames::MARK) => Codec::Zstd,
            _ if begins(&gzip_members::MAGIC) => Codec::Gzip,
            [0, ..] => named,
            _ => Codec::None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Codec::None => "not packed",
            Codec::Gzip => "packed with gzip",
            Codec::Zstd => "packed with zstd",
        }
    }

    /// Whether the first bytes are those of an archive of ours.
    pub(super) fn begins(self, file: &File) -> io::Result<Begins> {
        let mut start = [0; zstd_frames::MARK.len()];
        let count = file.read_at(&mut start, 0)?;
        let start = start.get(..count).unwrap_or_default();
        Ok(match self {
            Codec::Gzip if gzip_members::is_ours(start) => Begins::Ours,
            Codec::Zstd if start.starts_with(&zstd_frames::MARK) => Begins::Ours,
            Codec::Zstd if zstd_frames::is_like_ours(start) => Begins::LikeOurs,
            _ => Begins::Otherwise,
        })
    }

    /// The piece at the input's offset, which is moved behind it.
    pub(super) fn next<R: Read + Seek>(
        self,
        input: &mut SkipReader<R>,
    ) -> io::Result<ArchivePiece> {
        match self {
            Codec::None => Ok(ArchivePiece::Foreign("it is not packed")),
            Codec::Gzip => gzip_members::next(input),
            Codec::Zstd => zstd_frames::next(input),
        }
    }

    /// A reader of the lines in a part of the file.
    pub(super) fn unpack(
        self,
        mut file: &File,
        part: Range<u64>,
    ) -> io::Result<Box<dyn Read + '_>> {
        file.seek(SeekFrom::Start(part.start))?;
        let input = BufReader::new(file.take(part.end.saturating_sub(part.start)));
        Ok(match self {
            Codec::None => Box::new(input),
            Codec::Gzip => Box::new(MultiGzDecoder::new(input)),
            Codec::Zstd => {
                let mut decoder = Decoder::with_buffer(input)?;
                decoder.window_log_max(zstd_frames::WINDOW)?;
                Box::new(decoder)
            }
        })
    }
}

/// A compressor that packs each batch of lines for itself.
pub(super) enum Packer {
    None,
    Gzip(Box<Compress>, Vec<u8>),
    Zstd(Compressor<'static>, Vec<u8>),
}

impl Packer {
    pub(super) fn new(packing: Codec) -> io::Result<Packer> {
        Ok(match packing {
            Codec::None => Packer::None,
            Codec::Gzip => {
                let deflate = Compress::new(Compression::default(), false);
                Packer::Gzip(Box::new(deflate), Vec::new())
            }
            Codec::Zstd => {
                let mut compressor = Compressor::new(ZSTD_LEVEL)?;
                compressor.include_checksum(true)?;
                compressor.include_contentsize(true)?;
                Packer::Zstd(compressor, Vec::new())
            }
        })
    }

    /// The bytes to be written for the lines, which are the first of an archive or not.
    pub(super) fn pack<'a>(&'a mut self, lines: &'a [u8], is_first: bool) -> io::Result<&'a [u8]> {
        match self {
            Packer::None => Ok(lines),
            Packer::Gzip(deflate, member) => {
                gzip_members::pack(deflate, lines, member)?;
                Ok(member)
            }
            Packer::Zstd(compressor, frame) => {
                frame.clear();
                frame.reserve(zstd_frames::MARK.len() + compress_bound(lines.len()));
                let mut behind = Cursor::new(frame);
                if is_first {
                    behind.write_all(&zstd_frames::MARK)?;
                }
                compressor.compress_to_buffer(lines, &mut behind)?;
                Ok(behind.into_inner())
            }
        }
    }
}
