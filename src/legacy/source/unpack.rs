//! The formats that a dump may be packed with. They are recognized by its first bytes and unpacked while it is read, with
//! memory that has a limit whatever the file asks for.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use bzip2::bufread::BzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::Stream;

use super::gaps::Gaps;
use super::packed_parts::Parts;
use super::part_decoder::PartFormat;
use super::part_decoder::ZSTD_WINDOW;

/// Bytes of a packed file that are read at once.
const BLOCK: usize = 256 << 10;

/// The most memory for unpacking xz: a dictionary of 16 MiB, and what is needed beside it. Levels up to 7 have no larger one;
/// 8 and 9 have 32 and 64 MiB.
const XZ_MEMORY: u64 = (16 << 20) + (1 << 20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::legacy) enum PackedFormat {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}

impl PackedFormat {
    /// The format that the first bytes of a file tell.
    pub(in crate::legacy) fn of(start: &[u8]) -> Option<PackedFormat> {
        Some(match start {
            [0x1f, 0x8b, ..] => PackedFormat::Gzip,
            // A frame, or a skippable one, which parallel compressors put first.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
                PackedFormat::Zstd
            }
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => PackedFormat::Xz,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, 0x41 | 0x72, ..] => PackedFormat::Bzip2,
            _ => return None,
        })
    }

    /// The name of the format, which is also that of its program.
    pub(in crate::legacy) fn name(self) -> &'static str {
        match self {
            PackedFormat::Gzip => "gzip",
            PackedFormat::Zstd => "zstd",
            PackedFormat::Xz => "xz",
            PackedFormat::Bzip2 => "bzip2",
        }
    }

    pub(in crate::legacy) fn unpack(
        self,
        input: impl Read + Send + 'static,
    ) -> io::Result<Box<dyn Read + Send>> {
        let input = BufReader::with_capacity(BLOCK, input);
        Ok(match self {
            PackedFormat::Gzip => Box::new(Parts::new(PartFormat::Gzip, input)),
            PackedFormat::Zstd => Box::new(Parts::new(PartFormat::Zstd, input)),
            PackedFormat::Bzip2 => Box::new(Streams::new(input)),
            PackedFormat::Xz => {
                let stream = Stream::new_stream_decoder(XZ_MEMORY, liblzma::stream::CONCATENATED)?;
                Box::new(XzDecoder::new_stream(input, stream))
            }
        })
    }

    /// The fault of the file that an error in unpacking means.
    pub(in crate::legacy) fn damage(self, error: &io::Error) -> Damage {
        let name = self.name();
        let text = error.to_string();
        if let Some(gaps) = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Gaps>())
        {
            return Damage::Gaps(format!("its {name} data are damaged {gaps}"));
        }
        match error.kind() {
            ErrorKind::UnexpectedEof => Damage::CutOff(format!("its {name} data are cut off")),
            _ if text.contains("too much memory") => Damage::TooLarge {
                what: format!(
                    "its {name} window is larger than {} MiB",
                    1 << (ZSTD_WINDOW - 20)
                ),
                program: "zstd -dc --long=31",
            },
            _ if self == PackedFormat::Xz && text.contains("memory") => Damage::TooLarge {
                what: format!(
                    "its {name} dictionary is larger than {} MiB",
                    XZ_MEMORY >> 20 & !1
                ),
                program: "xz -dc",
            },
            _ => Damage::Other(format!("its {name} data are damaged: {error}")),
        }
    }
}

/// A fault of packed data.
#[derive(Debug)]
pub(in crate::legacy) enum Damage {
    CutOff(String),
    /// Damaged in the middle; the data behind was read.
    Gaps(String),
    /// Needs more memory than is taken here, but not than this program takes.
    TooLarge {
        what: String,
        program: &'static str,
    },
    Other(String),
}

/// A reader of the streams of a bzip2 file, with the zeros that tapes leave behind them.
struct Streams<R> {
    /// The decoder of a stream; None only between two streams.
    decoder: Option<BzDecoder<R>>,
}

impl<R: BufRead> Streams<R> {
    fn new(input: R) -> Self {
        Streams {
            decoder: Some(BzDecoder::new(input)),
        }
    }
}

impl<R: BufRead> Read for Streams<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.decoder else {
                return Ok(0);
            };
            let count = decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let Some(mut input) = self.decoder.take().map(BzDecoder::into_inner) else {
                return Ok(0);
            };
            match next_but_zeros(&mut input)? {
                None => return Ok(0),
                Some(b'B') => self.decoder = Some(BzDecoder::new(input)),
                Some(_) => {
                    let message = "something else follows its end";
                    return Err(io::Error::new(ErrorKind::InvalidData, message));
                }
            }
        }
    }
}

fn next_but_zeros(input: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let block = input.fill_buf()?;
        let Some(first) = block.first().copied() else {
            return Ok(None);
        };
        if first != 0 {
            return Ok(Some(first));
        }
        let zeros = block.iter().take_while(|byte| **byte == 0).count();
        input.consume(zeros);
    }
}
