//! The compression of a file while it is written, chosen by the file's name. Readers go by its first bytes instead: those
//! of dumps, which may be damaged, in `legacy::source`; a file that is to be whole or nothing is decompressed here.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use zstd::stream::read::Decoder as ZstdDecoder;
use zstd::stream::write::Encoder as ZstdEncoder;

/// The zstd tool's default level, which compresses as fast as jobs are read or removed.
pub const ZSTD_LEVEL: i32 = 3;

/// Bytes of a compressed file that are read at once.
const BLOCK: usize = 256 << 10;

/// The compression of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    None,
    Gzip,
    Zstd,
}

impl Codec {
    /// The compression that a name ending in `.gz` or `.zst` asks for; any other name asks for none.
    pub fn of_name(path: &Path) -> Codec {
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "gz" => Codec::Gzip,
            "zst" => Codec::Zstd,
            _ => Codec::None,
        }
    }

    /// The compression that the first bytes of a file tell.
    pub fn of_content(start: &[u8]) -> Codec {
        match start {
            [0x1f, 0x8b, ..] => Codec::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Codec::Zstd,
            _ => Codec::None,
        }
    }

    /// A reader of the content of a file, from its offset on. Whatever is missing or damaged is an error.
    pub fn decompressed(self, file: File) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Codec::None => Box::new(file),
            Codec::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(BLOCK, file))),
            Codec::Zstd => {
                let input = BufReader::with_capacity(BLOCK, file);
                Box::new(ZstdDecoder::with_buffer(input)?)
            }
        })
    }

    /// A writer that compresses what it is given into the file.
    pub fn begin(self, file: File) -> io::Result<CompressedFile> {
        Ok(match self {
            Codec::None => CompressedFile::None(file),
            Codec::Gzip => CompressedFile::Gzip(GzEncoder::new(file, Compression::default())),
            Codec::Zstd => {
                let mut encoder = ZstdEncoder::new(file, ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                CompressedFile::Zstd(encoder)
            }
        })
    }
}

pub enum CompressedFile {
    None(File),
    Gzip(GzEncoder<File>),
    Zstd(ZstdEncoder<'static, File>),
}

impl CompressedFile {
    /// Writes what is still held back and the end of the compressed data, without which the file is torn.
    pub fn end(self) -> io::Result<()> {
        let mut file = match self {
            CompressedFile::None(file) => file,
            CompressedFile::Gzip(encoder) => encoder.finish()?,
            CompressedFile::Zstd(encoder) => encoder.finish()?,
        };
        file.flush()
    }
}

impl Write for CompressedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            CompressedFile::None(file) => file.write(bytes),
            CompressedFile::Gzip(encoder) => encoder.write(bytes),
            CompressedFile::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            CompressedFile::None(file) => file.flush(),
            CompressedFile::Gzip(encoder) => encoder.flush(),
            CompressedFile::Zstd(encoder) => encoder.flush(),
        }
    }
}
