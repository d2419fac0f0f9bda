//! The rows at the end of an archive. A run that appended rows and could not delete their jobs, as the database was locked or
//! its disk full, has the same rows again the next night: they are not appended a second time.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use super::piece::ArchivePiece;
use super::skip_reader::SkipReader;
use crate::system::compression::Codec;

/// The most parts at the end that are read: a run has no more on their way when it ends.
const PARTS: usize = 4;

/// The most bytes of their content that are read.
const MOST: u64 = 16 << 20;

/// The text behind the id of a row that jobctl wrote; within a JSON string its quotes would be escaped.
const BEHIND_ID: &[u8] = b", \"job_type\": ";

/// The last row of each job, as far as it is among those that were read.
pub(super) struct LastRows(HashSet<Vec<u8>>);

impl LastRows {
    /// Reads the end of an archive. A part that cannot be read has no rows: at worst a row is appended twice.
    pub(super) fn read(file: &File, packing: Codec, length: u64) -> LastRows {
        let mut last: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
        let mut left = MOST;
        'parts: for part in parts(file, packing, length).unwrap_or_default() {
            let Ok(text) = text(file, packing, part, left) else {
                break;
            };
            left -= text.len() as u64;
            for line in text.rsplit(|byte| *byte == b'\n') {
                match key(line) {
                    Some(key) => drop(
                        last.entry(key.to_owned())
                            .or_insert_with(|| line.to_owned()),
                    ),
                    None if line.is_empty() => {}
                    // It may be the last row of any job.
                    None => break 'parts,
                }
            }
        }
        LastRows(last.into_values().collect())
    }

    /// The lines that are not among these rows.
    pub(super) fn missing(&self, lines: &[u8]) -> Vec<u8> {
        let lines = lines.split_inclusive(|byte| *byte == b'\n');
        let missing =
            lines.filter(|line| !self.0.contains(line.strip_suffix(b"\n").unwrap_or(line)));
        missing.flatten().copied().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The beginning of a row, up to the end of the id.
fn key(line: &[u8]) -> Option<&[u8]> {
    let is_row = line.starts_with(b"{\"$row\": ") && line.ends_with(b"}");
    let end = memchr::memmem::find(line, BEHIND_ID).filter(|_| is_row)?;
    line.get(..end)
}

/// The last parts of an archive, in reverse order.
fn parts(file: &File, packing: Codec, length: u64) -> io::Result<Vec<Range<u64>>> {
    if packing == Codec::None {
        return Ok(std::iter::once(length.saturating_sub(MOST)..length).collect());
    }
    let mut input = SkipReader::new(file, length)?;
    let mut last = VecDeque::with_capacity(PARTS);
    while input.at() < length {
        let begin = input.at();
        match packing.next(&mut input)? {
            ArchivePiece::Whole { has_data: true } => {
                last.truncate(PARTS - 1);
                last.push_front(begin..input.at());
            }
            ArchivePiece::Whole { has_data: false } => {}
            ArchivePiece::Torn | ArchivePiece::Foreign(_) => break,
        }
    }
    Ok(last.into())
}

/// The content of a part, with its checksum compared; of a plain archive only whole lines.
fn text(mut file: &File, packing: Codec, part: Range<u64>, most: u64) -> io::Result<Vec<u8>> {
    let begin = part.start;
    let mut text = Vec::new();
    packing
        .unpack(file, part)?
        .take(most + 1)
        .read_to_end(&mut text)?;
    file.seek(SeekFrom::End(0))?;
    if text.len() as u64 > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    if packing == Codec::None && begin > 0 {
        let first = memchr::memchr(b'\n', &text).map_or(text.len(), |end| end + 1);
        text.drain(..first);
    }
    Ok(text)
}
