//! Tar archives, read as a stream: the members one after the other, and nothing of them held. Only the name, the size and the
//! type of a member are read from its header.

use std::io::{self, ErrorKind, Read};

const BLOCK: usize = 512;

/// The most bytes of an extended header, which a member with a long name or further fields has.
const LONGEST_EXTENSION: u64 = 64 << 10;

pub(in crate::legacy) struct Tar<R> {
    input: R,
    /// Bytes of the member that are left, and those that fill its last block.
    left: u64,
    padding: u64,
    /// Whether the archive ended in the middle of a member.
    cut_off: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::legacy) struct Member {
    pub(in crate::legacy) name: String,
    pub(in crate::legacy) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::legacy) enum What {
    File,
    Folder,
    /// A link, a device and the like, with the word for it.
    Other(&'static str),
}

/// The properties of a member that headers before its own tell.
#[derive(Default)]
struct Extended {
    name: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

impl<R: Read> Tar<R> {
    pub(in crate::legacy) fn new(input: R) -> Tar<R> {
        Tar {
            input,
            left: 0,
            padding: 0,
            cut_off: false,
        }
    }

    pub(in crate::legacy) fn is_cut_off(&self) -> bool {
        self.cut_off
    }

    /// Goes to the next member, past the rest of the one before. None at the end of the archive.
    pub(in crate::legacy) fn next(&mut self) -> io::Result<Option<Member>> {
        let mut extended = Extended::default();
        loop {
            self.skip()?;
            let Some(block) = self.header()? else {
                return Ok(None);
            };
            let size = number(&block[124..136]).ok_or_else(|| damaged("a size is no number"))?;
            self.hold(size);
            match block[156] {
                b'x' => extended.read_pax(&self.extension()?),
                b'L' => {
                    let name = self.extension()?;
                    let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
                    extended.name = Some(String::from_utf8_lossy(&name[..end]).into_owned());
                }
                // Fields of all members, and the target of a link.
                b'g' | b'K' => {}
                kind => {
                    if let Some(size) = extended.size {
                        self.hold(size);
                    }
                    return Ok(Some(Member {
                        name: extended.name.unwrap_or_else(|| name(&block)),
                        what: match kind {
                            _ if extended.sparse => What::Other("a sparse file"),
                            b'0' | 0 | b'7' => What::File,
                            b'5' => What::Folder,
                            b'1' | b'2' => What::Other("a link"),
                            b'S' => What::Other("a sparse file"),
                            b'3' | b'4' | b'6' => What::Other("a device"),
                            _ => What::Other("of no known kind"),
                        },
                    }));
                }
            }
        }
    }

    fn hold(&mut self, size: u64) {
        self.left = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    /// The next header. The archive ends with blocks of zeros; another one may follow.
    fn header(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let mut ended = false;
        loop {
            let mut block = [0; BLOCK];
            let length = fill(&mut self.input, &mut block)?;
            if length < BLOCK {
                return if ended {
                    Ok(None)
                } else {
                    Err(ErrorKind::UnexpectedEof.into())
                };
            }
            if is_header(&block) {
                return Ok(Some(block));
            }
            if block.iter().any(|byte| *byte != 0) {
                if ended {
                    // Other data is read to the end, so that a checksum of the packing is compared.
                    io::copy(&mut self.input, &mut io::sink())?;
                    return Ok(None);
                }
                return Err(damaged("the header of a member is none"));
            }
            ended = true;
        }
    }

    /// The first bytes of the member.
    fn extension(&mut self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        self.by_ref()
            .take(LONGEST_EXTENSION)
            .read_to_end(&mut text)?;
        Ok(text)
    }

    fn skip(&mut self) -> io::Result<()> {
        let rest = self.left.saturating_add(self.padding);
        (self.left, self.padding) = (0, 0);
        let skipped = io::copy(&mut self.input.by_ref().take(rest), &mut io::sink())?;
        if skipped == rest {
            Ok(())
        } else {
            Err(ErrorKind::UnexpectedEof.into())
        }
    }
}

/// The content of the member.
impl<R: Read> Read for Tar<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.input.read(&mut buffer[..most])?;
        if count == 0 {
            self.cut_off = true;
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.left -= count as u64;
        Ok(count)
    }
}

fn fill(input: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < block.len() {
        match input.read(&mut block[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

fn damaged(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

/// Whether a block is the header of a member, by its checksum.
pub(in crate::legacy) fn is_header(block: &[u8]) -> bool {
    if block.len() != BLOCK {
        return false;
    }
    let sum = |signed: bool| {
        let byte = |(index, byte): (usize, &u8)| match index {
            148..156 => i64::from(b' '),
            _ if signed => i64::from(byte.cast_signed()),
            _ => i64::from(*byte),
        };
        block.iter().enumerate().map(byte).sum::<i64>()
    };
    let said = number(&block[148..156]).and_then(|said| i64::try_from(said).ok());
    said.is_some_and(|said| said > 0 && (said == sum(false) || said == sum(true)))
}

/// A number in octal digits, or in at most 64 bits of bytes, which GNU tar marks with a first byte of 0x80. A field may have
/// any length: many blocks that are read are no headers.
fn number(field: &[u8]) -> Option<u64> {
    if let [0x80, bytes @ ..] = field {
        return bytes.iter().try_fold(0_u64, |sum, b| {
            sum.checked_mul(256)?.checked_add(u64::from(*b))
        });
    }
    let text = std::str::from_utf8(field).ok()?;
    let digits = text.trim_matches(|c| c == ' ' || c == '\0');
    if digits.is_empty() {
        Some(0)
    } else {
        u64::from_str_radix(digits, 8).ok()
    }
}

fn name(block: &[u8]) -> String {
    let field = |from: usize, to: usize| {
        let field = &block[from..to];
        let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
        String::from_utf8_lossy(&field[..end]).into_owned()
    };
    // The older format of GNU has other fields where the prefix is.
    let prefix = match &block[257..263] {
        b"ustar\0" => field(345, 500),
        _ => String::new(),
    };
    if prefix.is_empty() {
        field(0, 100)
    } else {
        format!("{prefix}/{}", field(0, 100))
    }
}

impl Extended {
    /// Records of `LENGTH NAME=VALUE`, each with a line feed.
    fn read_pax(&mut self, mut text: &[u8]) {
        while let Some(blank) = text.iter().position(|b| *b == b' ') {
            let length = std::str::from_utf8(&text[..blank]).ok();
            let length = length.and_then(|length| length.parse::<usize>().ok());
            let Some(record) = length.and_then(|length| text.get(blank + 1..length)) else {
                return;
            };
            text = &text[blank + 1 + record.len()..];
            let record = String::from_utf8_lossy(record.strip_suffix(b"\n").unwrap_or(record));
            match record.split_once('=') {
                Some(("path", value)) => self.name = Some(value.to_owned()),
                Some(("size", value)) => self.size = value.parse().ok(),
                Some((name, _)) => self.sparse |= name.starts_with("GNU.sparse."),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::legacy::source::tar::*;

    /// A block of some other file may have any bytes, also those that mark a number.
    #[test]
    fn a_block_of_any_bytes_is_looked_at_without_a_panic() {
        for byte in 0..=u8::MAX {
            for mark in 0..=u8::MAX {
                let mut block = [byte; BLOCK];
                (block[124], block[148]) = (mark, mark);
                let _ = (is_header(&block), number(&block[124..136]), name(&block));
            }
        }
    }

    #[test]
    fn a_number_is_octal_or_bytes_of_at_most_64_bits() {
        assert_eq!(number(b"0000017\0"), Some(15));
        assert_eq!(number(b" 17 \0\0\0\0"), Some(15));
        assert_eq!(number(b"\0\0\0\0\0\0\0\0"), Some(0));
        assert_eq!(number(b"\x80\0\0\0\0\0\x01\x02"), Some(258));
        assert_eq!(
            number(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"),
            Some(u64::MAX)
        );
        assert_eq!(number(b"\x80\0\0\x01\0\0\0\0\0\0\0\0"), None);
        assert_eq!(number(b"\xff\xff\xff\xff\xff\xff\xff\xff"), None);
        assert_eq!(number(b"0000018\0"), None);
    }
}
