//! The packing of a file while it is written, chosen by the file's name. Readers go by its first bytes instead
//! (`legacy::source`).

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use zstd::stream::write::Encoder as ZstdEncoder;

/// The zstd tool's default level, which packs as fast as jobs are read or removed.
pub const ZSTD_LEVEL: i32 = 3;

/// The packing of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    /// The packing that a name ending in `.gz` or `.zst` asks for; any other name asks for none.
    pub fn of_name(path: &Path) -> Packing {
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "gz" => Packing::Gzip,
            "zst" => Packing::Zstd,
            _ => Packing::Plain,
        }
    }

    /// A writer that packs what it is given into the file.
    pub fn begin(self, file: File) -> io::Result<Packed> {
        Ok(match self {
            Packing::Plain => Packed::Plain(file),
            Packing::Gzip => Packed::Gzip(GzEncoder::new(file, Compression::default())),
            Packing::Zstd => {
                let mut encoder = ZstdEncoder::new(file, ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                Packed::Zstd(encoder)
            }
        })
    }
}

pub enum Packed {
    Plain(File),
    Gzip(GzEncoder<File>),
    Zstd(ZstdEncoder<'static, File>),
}

impl Packed {
    /// Writes what is still held back and the packed end, without which the file is torn.
    pub fn end(self) -> io::Result<()> {
        let mut file = match self {
            Packed::Plain(file) => file,
            Packed::Gzip(encoder) => encoder.finish()?,
            Packed::Zstd(encoder) => encoder.finish()?,
        };
        file.flush()
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Packed::Plain(file) => file.write(bytes),
            Packed::Gzip(encoder) => encoder.write(bytes),
            Packed::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Packed::Plain(file) => file.flush(),
            Packed::Gzip(encoder) => encoder.flush(),
            Packed::Zstd(encoder) => encoder.flush(),
        }
    }
}
