//! The check whether a file is an archive of ours, and from which offset on its end is damaged: by a run that was killed, or
//! by a loss of power, after which a block of the last append is missing.
//!
//! An archive may have gigabytes, and every append is on disk before the next begins. So only the end is read: the last part
//! of a packed archive is unpacked, the last lines of a plain one are read. Earlier damage is met by whoever reads the archive.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::ops::Range;
use std::os::unix::fs::{FileExt, PermissionsExt};

use super::lines::{ArchiveLines, LineKind};
use super::packer::Begins;
use super::piece::ArchivePiece;
use super::scan::next_piece;
use super::skip_reader::SkipReader;
use crate::job::Column;
use crate::job::row::read::Line;
use crate::job::row::torn::{self, MOST_READ};
use crate::job::row::write::VERSION;
use crate::system::compression::Codec;

/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;

/// The most bytes at the end of a plain archive that are read. An append has 3 MiB of jobs, or one job.
pub(super) const LAST: u64 = 64 << 20;

/// The most parts at the end that may be damaged: a missing block can lie in two of them.
const LAST_PIECES: usize = 8;

/// The smallest piece that a disk writes.
pub(super) const SECTOR: usize = 512;

/// Bytes of a row that are needed to know it as one, where something else follows.
const SIGN: usize = 16;

const NO_ROW: &str = "its first line is no row of a job";

/// The reason why nothing may be appended.
#[derive(Debug)]
pub(super) enum Complaint {
    /// The file is no archive of jobctl's.
    Foreign(String),
    /// Another version of jobctl made it, and writes its rows otherwise.
    OtherForm(String),
    Failed(io::Error),
}

impl From<io::Error> for Complaint {
    fn from(error: io::Error) -> Complaint {
        Complaint::Failed(error)
    }
}

impl Complaint {
    fn foreign(why: impl Into<String>) -> Complaint {
        Complaint::Foreign(why.into())
    }

    /// A complaint unless the line is a row as this version writes it.
    fn unless_row(line: &Line, otherwise: impl Into<String>) -> Result<(), Complaint> {
        match line {
            Line::Row => Ok(()),
            Line::Unmarked => Err(Complaint::OtherForm(
                "its rows are those of an earlier jobctl, without the mark that new ones have"
                    .to_owned(),
            )),
            Line::Later(version) => Err(Complaint::OtherForm(format!(
                "a newer jobctl wrote it: its rows are of version {version}, and this one writes {VERSION}"
            ))),
            Line::Other => Err(Complaint::foreign(otherwise)),
        }
    }
}

/// The offset up to which the file, which is not empty, is whole; behind it the file is damaged.
pub(super) fn whole(file: &File, packing: Codec, length: u64) -> Result<u64, Complaint> {
    let mut start = [0; 8];
    let count = file.read_at(&mut start, 0)?;
    let found = Codec::of_start(start.get(..count).unwrap_or(&[]), packing);
    if found != packing {
        let (found, named) = (found.name(), packing.name());
        return Err(Complaint::Foreign(format!(
            "it is {found}, and by its name it should be {named}"
        )));
    }
    if behind_last(file, length, |byte| byte != 0)? == 0 {
        // Its first append never came to the disk.
        return Ok(0);
    }
    match packing {
        Codec::None => whole_lines(file, length),
        Codec::Gzip | Codec::Zstd => whole_pieces(file, packing, length),
    }
}

fn whole_pieces(file: &File, packing: Codec, length: u64) -> Result<u64, Complaint> {
    let mut input = SkipReader::new(file, length)?;
    let mut whole = 0;
    let mut last = VecDeque::with_capacity(LAST_PIECES);
    let mut stop = None;
    while whole < length && stop.is_none() {
        match packing.next(&mut input)? {
            ArchivePiece::Whole { has_data } => {
                if has_data {
                    last.truncate(LAST_PIECES - 1);
                    last.push_front(whole..input.at());
                }
                whole = input.at();
            }
            other => stop = Some(other),
        }
    }
    let first = first_line(packing.unpack(file, 0..length)?)?;
    if first.is_empty() {
        if whole == 0 && stop == Some(ArchivePiece::Torn) {
            // The file is torn so early that nothing can be unpacked.
            return Ok(0);
        }
        let is_ours = match packing.begins(file)? {
            Begins::Ours => true,
            Begins::LikeOurs => is_private(file)? || has_row_piece(file, packing, length)?,
            // A packed file that begins with zeros is of no use to anybody.
            Begins::Otherwise => zeros_at_start(file, length)? >= SECTOR as u64,
        };
        if is_ours {
            return whole_of_last(file, packing, last, whole);
        }
        return Err(Complaint::foreign(match stop {
            Some(ArchivePiece::Foreign(what)) if whole == 0 => what,
            _ => NO_ROW,
        }));
    }
    if !is_damaged_row(&first) {
        let otherwise = match stop {
            Some(ArchivePiece::Torn) if whole == 0 => "its end is cut off, and holds no row",
            Some(ArchivePiece::Foreign(what)) if whole == 0 => what,
            _ => NO_ROW,
        };
        Complaint::unless_row(&torn::first(&first), otherwise)?;
    }
    whole_of_last(file, packing, last, whole)
}

/// The end of the last sound piece of these, which come in reverse order; the first one ends at `whole`.
fn whole_of_last(
    file: &File,
    packing: Codec,
    last: VecDeque<Range<u64>>,
    mut whole: u64,
) -> Result<u64, Complaint> {
    for piece in last {
        let start = piece.start;
        let checked = check(file, packing, piece)?;
        if checked.is_sound {
            // No loss of power made a sound piece.
            Complaint::unless_row(&checked.first, "its last part holds no row of a job")?;
            return Ok(whole);
        }
        whole = start;
    }
    Ok(whole)
}

/// Whether nobody but its owner may read a file, as jobctl makes archives.
fn is_private(file: &File) -> io::Result<bool> {
    Ok(file.metadata()?.permissions().mode() & 0o777 == 0o600)
}

/// Whether any piece of the file is sound and has rows.
fn has_row_piece(file: &File, packing: Codec, length: u64) -> io::Result<bool> {
    let mut at = 0;
    while at < length {
        let mut input = SkipReader::new(file, length)?;
        input.skip_to(at)?;
        if let ArchivePiece::Whole { has_data: true } = packing.next(&mut input)? {
            let checked = check(file, packing, at..input.at())?;
            if checked.is_sound && checked.first == Line::Row {
                return Ok(true);
            }
        }
        at = next_piece(file, packing, at + 1..length)?;
    }
    Ok(false)
}

/// The state of a piece.
pub(super) struct Checked {
    /// It could be unpacked, and its checksum is right.
    pub is_right: bool,
    /// It is right, and ends with a whole line.
    pub is_sound: bool,
    /// It could be unpacked, and its checksum is wrong.
    pub is_wrong: bool,
    pub first: Line,
    pub lines: u64,
}

/// Unpacks a piece to its end, so that the checksum is compared too.
pub(super) fn check(file: &File, packing: Codec, piece: Range<u64>) -> io::Result<Checked> {
    let mut input = packing.unpack(file, piece)?;
    let mut chunk = vec![0; CHUNK];
    let (mut first, mut lines, mut last) = (Vec::new(), 0, None);
    let mut has_first = false;
    let mut is_wrong = false;
    let is_right = loop {
        match read(&mut input, &mut chunk) {
            Ok([]) => break true,
            Ok(read) => {
                lines += memchr::memchr_iter(b'\n', read).count() as u64;
                last = read.last().copied();
                if !has_first {
                    first.extend_from_slice(read);
                    has_first = first.len() >= MOST_READ || lines > 0;
                }
            }
            Err(error) if error.raw_os_error().is_some() => return Err(error),
            Err(error) => {
                is_wrong = error.to_string().contains("checksum");
                break false;
            }
        }
    };
    Ok(Checked {
        is_right,
        is_sound: is_right && last == Some(b'\n'),
        is_wrong,
        first: if first.is_empty() {
            Line::Other
        } else {
            torn::first(&first)
        },
        lines,
    })
}

fn whole_lines(file: &File, length: u64) -> Result<u64, Complaint> {
    let part = |start: u64, end: u64| Codec::None.unpack(file, start..end);
    let first = first_line(part(0, length)?)?;
    let zeros = zeros_at_start(file, length)?;
    let has_rows = || -> io::Result<bool> {
        Ok(is_rest_of_row(&first_line(part(zeros, length)?)?)
            || has_row(part(zeros, length.min(zeros + LAST))?)?)
    };
    let is_damaged = is_damaged_row(&first) || zeros >= SECTOR as u64 && has_rows()?;
    if !is_damaged {
        Complaint::unless_row(&torn::first(&first), NO_ROW)?;
    }
    let begin = match length.checked_sub(LAST) {
        Some(at) if at > 0 => behind_last(file, at, |byte| byte == b'\n')?,
        _ => 0,
    };
    let input = BufReader::with_capacity(CHUNK, part(begin, length)?);
    let mut lines = ArchiveLines::new(input, begin, MOST_READ);
    let mut last = Line::Row;
    while let Some(found) = lines.next()? {
        match found.verdict {
            LineKind::Damaged => return Ok(found.range.start),
            LineKind::Blank => {}
            LineKind::Row => last = Line::Row,
            LineKind::Other(line) => last = line,
        }
    }
    Complaint::unless_row(&last, "its last line is no row of a job")?;
    Ok(length)
}

/// Whether a line begins as a row and goes on with something that is no text.
fn is_damaged_row(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let valid = match std::str::from_utf8(line) {
        Ok(text) => text.len(),
        Err(error) => error.valid_up_to(),
    };
    let text = line.get(..valid).unwrap_or_default();
    let control = text.iter().position(|byte| *byte < b' ');
    let text = text.get(..control.unwrap_or(valid)).unwrap_or_default();
    text.len() >= SIGN && text.len() < line.len() && torn::beginning(text) == Line::Row
}

/// Whether a line could be the end of a row: it has the names of at least 3 columns.
fn is_rest_of_row(line: &[u8]) -> bool {
    let has = |column: &Column| {
        let member = format!("\"{}\": ", column.name());
        memchr::memmem::find(line, member.as_bytes()).is_some()
    };
    line.ends_with(b"}\n") && Column::ALL.iter().filter(|column| has(column)).count() >= 3
}

fn has_row(input: impl Read) -> io::Result<bool> {
    let mut lines = ArchiveLines::new(BufReader::with_capacity(CHUNK, input), 0, MOST_READ);
    while let Some(line) = lines.next()? {
        if line.verdict == LineKind::Row {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The first line with its end, or about the first `MOST_READ` bytes of it, as far as they can be unpacked.
fn first_line(mut input: impl Read) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut chunk = [0; 4 << 10];
    while line.len() < MOST_READ {
        let read = match read(&mut input, &mut chunk) {
            Err(error) if error.raw_os_error().is_some() => return Err(error),
            Err(_) => break,
            Ok(read) => read,
        };
        line.extend_from_slice(read);
        if let Some(end) = memchr::memchr(b'\n', &line) {
            line.truncate(end + 1);
            break;
        }
        if read.is_empty() {
            break;
        }
    }
    Ok(line)
}

/// The next bytes; none at the end.
fn read<'a>(input: &mut impl Read, chunk: &'a mut [u8]) -> io::Result<&'a [u8]> {
    loop {
        match input.read(chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            count => return Ok(chunk.get(..count?).unwrap_or(&[])),
        }
    }
}

fn zeros_at_start(file: &File, length: u64) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK];
    let mut at = 0;
    while at < length {
        let count = file.read_at(&mut chunk, at)?;
        let read = chunk.get(..count).unwrap_or_default();
        if let Some(zeros) = read.iter().position(|byte| *byte != 0) {
            return Ok(at + zeros as u64);
        }
        if count == 0 {
            break;
        }
        at += count as u64;
    }
    Ok(length)
}

/// The offset behind the last byte before `end` that is `wanted`; 0 when there is none.
fn behind_last(file: &File, mut end: u64, wanted: impl Fn(u8) -> bool) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK];
    while end > 0 {
        let count = usize::try_from(end).map_or(CHUNK, |end| end.min(CHUNK));
        let chunk = chunk.get_mut(..count).unwrap_or(&mut []);
        let start = end - count as u64;
        file.read_exact_at(chunk, start)?;
        if let Some(last) = chunk.iter().rposition(|byte| wanted(*byte)) {
            return Ok(start + last as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}
