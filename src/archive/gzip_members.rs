//! Members of a gzip file. A plain member does not say how long it is, and would have to be unpacked to be skipped. So
//! ours carry their length in an extra field of the header, as those of BGZF do, which every reader of gzip ignores:
//! the subfield `JC`, whose 8 bytes are the size of the whole member, header and trailer included, the lowest byte first.

use std::io::{self, ErrorKind, Read, Seek};

use flate2::bufread::GzDecoder;
use flate2::{Compress, Crc, FlushCompress, Status};

use super::piece::ArchivePiece;
use super::skip_reader::SkipReader;

pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The beginning of our members: deflated, an extra field, no time, no system; 12 bytes of extra field, 8 of them in `JC`.
const BEGINNING: [u8; 16] = [
    0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 12, 0, b'J', b'C', 8, 0,
];

/// Bytes that tell whether a member may begin.
pub(super) const BEGINNING_LENGTH: usize = BEGINNING.len();

/// The beginning and the size.
const HEADER: usize = BEGINNING.len() + 8;

/// Checksum and length of the content.
const TRAILER: usize = 8;

/// Bytes by which the buffer grows while a member is packed.
const ROOM: usize = 64 << 10;

/// Makes a member of the lines.
pub(super) fn pack(deflate: &mut Compress, lines: &[u8], member: &mut Vec<u8>) -> io::Result<()> {
    member.clear();
    member.extend(BEGINNING);
    member.extend([0; HEADER - BEGINNING.len()]);
    deflate.reset();
    let mut rest = lines;
    loop {
        member.reserve(ROOM);
        let before = deflate.total_in();
        let status = deflate.compress_vec(rest, member, FlushCompress::Finish)?;
        let taken = usize::try_from(deflate.total_in() - before).unwrap_or(usize::MAX);
        rest = rest.get(taken..).unwrap_or(&[]);
        if status == Status::StreamEnd {
            break;
        }
    }
    let mut crc = Crc::new();
    crc.update(lines);
    member.extend(crc.sum().to_le_bytes());
    // Modulo 2^32, as the format has it.
    member.extend((lines.len() as u32).to_le_bytes());
    let size = (member.len() as u64).to_le_bytes();
    if let Some(field) = member.get_mut(BEGINNING.len()..HEADER) {
        field.copy_from_slice(&size);
    }
    Ok(())
}

/// Whether these are the first bytes of a member of ours.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    bytes.starts_with(&BEGINNING)
}

/// Whether a member may begin with these bytes: one of ours, or one as other packers make them.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    bytes.starts_with(&BEGINNING)
        || matches!(bytes, [0x1f, 0x8b, 8, flags, _, _, _, _, 0 | 2 | 4, 0..=13 | 255, ..] if flags & 0xe0 == 0)
}

/// The piece at the input's offset.
pub(super) fn next<R: Read + Seek>(input: &mut SkipReader<R>) -> io::Result<ArchivePiece> {
    let start = input.at();
    let mut header = [0; HEADER];
    let count = input.fill(&mut header)?;
    let (beginning, size) = header.split_at(BEGINNING.len());
    if beginning == BEGINNING && count == HEADER {
        let size = u64::from_le_bytes(size.try_into().unwrap_or_default());
        return Ok(match size.checked_sub(HEADER as u64) {
            Some(rest) if rest > TRAILER as u64 => {
                if input.skip(rest)? {
                    ArchivePiece::Whole { has_data: true }
                } else {
                    ArchivePiece::Torn
                }
            }
            _ => ArchivePiece::Foreign("it has a damaged gzip member"),
        });
    }
    let seen = header.get(..count).unwrap_or(&[]);
    let common = seen.len().min(BEGINNING.len());
    if count < HEADER && seen.get(..common) == BEGINNING.get(..common) {
        return Ok(ArchivePiece::Torn);
    }
    if !header.starts_with(&MAGIC) {
        return Ok(ArchivePiece::Foreign(
            "something else follows its gzip members",
        ));
    }
    input.skip_to(start)?;
    let through = input.lend(|input| io::copy(&mut GzDecoder::new(input), &mut io::sink()));
    match through {
        Ok(_) => Ok(ArchivePiece::Whole { has_data: true }),
        Err(error) if error.raw_os_error().is_some() => Err(error),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(ArchivePiece::Foreign(
            "it ends in a gzip member that is cut off and not ours",
        )),
        Err(_) => Ok(ArchivePiece::Foreign("it has a damaged gzip member")),
    }
}
