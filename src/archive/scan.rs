//! The search for the next piece in a damaged part of an archive.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::{gzip_members, zstd_frames};
use crate::system::compression::Codec;

/// Bytes that are read at once.
const CHUNK: usize = 256 << 10;

/// The offset at which the next piece may begin; the end of the part where none does.
pub(super) fn next_piece(file: &File, packing: Codec, part: Range<u64>) -> io::Result<u64> {
    let end = part.end;
    let (first, may_begin): (u8, fn(&[u8]) -> bool) = match packing {
        Codec::Gzip => (gzip_members::MAGIC[0], gzip_members::may_begin),
        Codec::None | Codec::Zstd => (zstd_frames::MAGIC[0], zstd_frames::may_begin),
    };
    let found = scan(file, part, gzip_members::BEGINNING_LENGTH, |at, chunk| {
        memchr::memchr_iter(first, chunk)
            .find(|index| chunk.get(*index..).is_some_and(may_begin))
            .map(|index| at + index as u64)
    })?;
    Ok(found.unwrap_or(end))
}

/// Reads a part of the file in chunks, each with the last `overlap` bytes of the one before, until `find` finds something.
pub(super) fn scan<T>(
    file: &File,
    part: Range<u64>,
    overlap: usize,
    mut find: impl FnMut(u64, &[u8]) -> Option<T>,
) -> io::Result<Option<T>> {
    let mut chunk = vec![0; CHUNK];
    let mut at = part.start;
    while at < part.end {
        let left = usize::try_from(part.end - at).unwrap_or(usize::MAX);
        let chunk = chunk.get_mut(..left.min(CHUNK)).unwrap_or_default();
        file.read_exact_at(chunk, at)?;
        if let Some(found) = find(at, chunk) {
            return Ok(Some(found));
        }
        if left <= CHUNK {
            break;
        }
        at += (CHUNK - overlap) as u64;
    }
    Ok(None)
}
