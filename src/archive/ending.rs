//! Whether a file is an archive of ours, and where its last whole part ends. What follows is cut away only if a run
//! of ours that was killed could have left it so.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileExt;

use super::hopper::Hopper;
use super::line::{self, LOOKED_AT};
use super::packing::Piece;
use crate::legacy::Line;
use crate::packing::Packing;
use crate::render::row::VERSION;

/// What is read at once.
const CHUNK: usize = 64 << 10;

const NO_ROW: &str = "its first line is no row of a job";

/// Why nothing may be appended.
#[derive(Debug)]
pub(super) enum Complaint {
    /// It is not ours.
    Foreign(String),
    /// It is, and of another jobctl, which writes its rows otherwise.
    OtherForm(String),
    /// It is, and what is wrong with it is not a torn end.
    Damaged(String),
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

    /// That the line is a row as it is written here.
    fn unless_row(line: Line, otherwise: Complaint) -> Result<(), Complaint> {
        match line {
            Line::Row => Ok(()),
            Line::Unmarked => Err(Complaint::OtherForm(
                "its rows are those of an earlier jobctl, without the mark that new ones have"
                    .to_owned(),
            )),
            Line::Later(version) => Err(Complaint::OtherForm(format!(
                "a newer jobctl wrote it: its rows are of version {version}, and this one writes {VERSION}"
            ))),
            Line::Other => Err(otherwise),
        }
    }

    /// What cannot be unpacked; unless it was the disk.
    fn damaged(what: &str, error: io::Error) -> Complaint {
        match error.raw_os_error() {
            Some(_) => Complaint::Failed(error),
            None => Complaint::Damaged(format!("{what} cannot be unpacked: {error}")),
        }
    }
}

/// How far the file is whole. It is not empty.
pub(super) fn whole(file: &File, packing: Packing, length: u64) -> Result<u64, Complaint> {
    let mut start = [0; 8];
    let count = file.read_at(&mut start, 0)?;
    let found = Packing::of_start(start.get(..count).unwrap_or(&[]), packing);
    if found != packing {
        let (found, named) = (found.name(), packing.name());
        return Err(Complaint::Foreign(format!(
            "it is {found}, and by its name it should be {named}"
        )));
    }
    match packing {
        Packing::Plain => whole_lines(file, length),
        Packing::Gzip | Packing::Zstd => whole_pieces(file, packing, length),
    }
}

fn whole_pieces(file: &File, packing: Packing, length: u64) -> Result<u64, Complaint> {
    let mut input = Hopper::new(file, length)?;
    let mut whole = 0;
    let mut last = None;
    while whole < length {
        match packing.next(&mut input)? {
            Piece::Whole { has_data } => {
                if has_data {
                    last = Some(whole..input.at());
                }
                whole = input.at();
            }
            Piece::Torn => {
                let torn = packing.unpack(file, whole..length)?;
                let no_row = Complaint::foreign("its end is cut off, and holds no row");
                Complaint::unless_row(torn_line(torn)?, no_row)?;
                break;
            }
            // The file was made longer, and the machine went down before the disk had what was written.
            Piece::Foreign(_)
                if whole > 0 && behind_last(file, length, |byte| byte != 0)? <= whole =>
            {
                break;
            }
            Piece::Foreign(what) => return Err(Complaint::foreign(what)),
        }
    }
    if whole == 0 {
        return Ok(0);
    }
    let first = first_line(packing.unpack(file, 0..whole)?)
        .map_err(|error| Complaint::damaged("its beginning", error))?;
    check_first(&first)?;
    let last = last.unwrap_or(0..whole);
    let end = last_byte(packing.unpack(file, last)?)
        .map_err(|error| Complaint::damaged("its last part", error))?;
    match end {
        Some(b'\n') => Ok(whole),
        _ => Err(Complaint::Damaged(
            "its last part does not end with a whole line".to_owned(),
        )),
    }
}

fn check_first(text: &[u8]) -> Result<(), Complaint> {
    let line = match text {
        [] => Line::Other,
        text => line::first(text),
    };
    Complaint::unless_row(line, Complaint::foreign(NO_ROW))
}

/// What can be unpacked of a torn piece; what cannot is of no use to anybody.
fn torn_line(torn: impl Read) -> io::Result<Line> {
    let mut text = Vec::new();
    match fill_line(torn, &mut text) {
        Err(error) if error.raw_os_error().is_some() => Err(error),
        _ => Ok(line::first(&text)),
    }
}

fn whole_lines(file: &File, length: u64) -> Result<u64, Complaint> {
    let part = |start: u64, end: u64| Packing::Plain.unpack(file, start..end);
    let end = behind_last(file, length, |byte| byte != 0)?;
    let first = first_line(part(0, end)?)?;
    check_first(&first)?;
    let whole = behind_last(file, end, |byte| byte == b'\n')?;
    let rest = first_line(part(whole, end)?)?;
    if Line::of(&rest) == Line::Row {
        // Whole, but for the line break that some editor took away.
        return Ok(end);
    }
    let other = Complaint::foreign("something else follows its last line");
    Complaint::unless_row(line::beginning(&rest), other)?;
    if whole > 0 {
        let start = behind_last(file, whole - 1, |byte| byte == b'\n')?;
        let last = line::first(&first_line(part(start, whole)?)?);
        let no_row = Complaint::Damaged("its last line is no row of a job".to_owned());
        Complaint::unless_row(last, no_row)?;
    }
    Ok(whole)
}

/// The first line with its end, or as much of it as is looked at.
fn first_line(input: impl Read) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    fill_line(input, &mut line)?;
    Ok(line)
}

/// What came before an error is there all the same.
fn fill_line(mut input: impl Read, line: &mut Vec<u8>) -> io::Result<()> {
    let mut chunk = [0; 4 << 10];
    while line.len() < LOOKED_AT {
        let read = read(&mut input, &mut chunk)?;
        line.extend_from_slice(read);
        if read.is_empty() || memchr::memchr(b'\n', read).is_some() {
            break;
        }
    }
    Ok(())
}

/// Reads to the end, so that the checksum is compared too.
fn last_byte(mut input: impl Read) -> io::Result<Option<u8>> {
    let mut chunk = vec![0; CHUNK];
    let mut last = None;
    loop {
        match read(&mut input, &mut chunk)? {
            [] => return Ok(last),
            [.., byte] => last = Some(*byte),
        }
    }
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

/// The place behind the last such byte before `end`; 0 when there is none.
fn behind_last(file: &File, mut end: u64, wanted: impl Fn(u8) -> bool) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK];
    while end > 0 {
        let count = usize::try_from(end).map_or(CHUNK, |end| end.min(CHUNK));
        let chunk = chunk.get_mut(..count).unwrap_or(&mut []);
        let start = end - count as u64;
        file.read_exact_at(chunk, start)?;
        if let Some(place) = chunk.iter().rposition(|byte| wanted(*byte)) {
            return Ok(start + place as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}
