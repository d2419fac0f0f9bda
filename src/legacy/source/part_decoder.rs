//! The decoder of one part of a packed file, a frame of zstd or a member of gzip. It gives back the input behind the part.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use super::kept_bytes::RereadableInput;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartFormat {
    Gzip,
    Zstd,
}

impl PartFormat {
    pub(super) fn magic(self) -> &'static [u8] {
        match self {
            PartFormat::Gzip => &[0x1f, 0x8b, 8],
            PartFormat::Zstd => &[0x28, 0xb5, 0x2f, 0xfd],
        }
    }
}

pub(super) enum PartDecoder<R> {
    Gzip(Box<GzDecoder<RereadableInput<R>>>),
    Zstd(ZstdDecoder<'static, RereadableInput<R>>),
}

impl<R: BufRead> PartDecoder<R> {
    pub(super) fn begin(packed: PartFormat, input: RereadableInput<R>) -> io::Result<Self> {
        Ok(match packed {
            PartFormat::Gzip => PartDecoder::Gzip(Box::new(GzDecoder::new(input))),
            PartFormat::Zstd => {
                let mut decoder = ZstdDecoder::with_buffer(input)?.single_frame();
                decoder.window_log_max(ZSTD_WINDOW)?;
                PartDecoder::Zstd(decoder)
            }
        })
    }

    pub(super) fn end(self) -> RereadableInput<R> {
        match self {
            PartDecoder::Gzip(decoder) => decoder.into_inner(),
            PartDecoder::Zstd(decoder) => decoder.finish(),
        }
    }

    pub(super) fn input(&mut self) -> &mut RereadableInput<R> {
        match self {
            PartDecoder::Gzip(decoder) => decoder.get_mut(),
            PartDecoder::Zstd(decoder) => decoder.get_mut(),
        }
    }
}

impl<R: BufRead> Read for PartDecoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            PartDecoder::Gzip(decoder) => decoder.read(buffer),
            PartDecoder::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// The largest window of a zstd frame that is unpacked, as a power of two: 16 MiB. Levels up to 19 use 8 MiB; what
/// `--ultra` and `--long` make can need 128 MiB and more.
pub(in crate::legacy) const ZSTD_WINDOW: u32 = 24;
