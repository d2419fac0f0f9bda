//! The whole rows in the damaged end of an archive. Only certain ones are taken: a packed part as it is where its checksum is
//! right, and of another part the lines before the damage, where it is known where that begins.

use std::fs::File;
use std::io::{self, BufReader};
use std::ops::Range;

use super::damage::{SECTOR, check};
use super::lines::{ArchiveLines, LineKind};
use super::packer::Packer;
use super::piece::ArchivePiece;
use super::scan::{next_piece, scan};
use super::skip_reader::SkipReader;
use crate::job::row::read::Line;
use crate::system::compression::Codec;

/// Bytes that are read and written at once.
const CHUNK: usize = 256 << 10;

/// Bytes of lines that are packed together.
const BATCH: usize = 1 << 20;

/// Bytes of the longest line that is taken out of a damaged packed part.
const LONGEST: usize = 64 << 20;

pub(super) struct Salvage<'a> {
    from: &'a File,
    packing: Codec,
    length: u64,
    packer: &'a mut Packer,
    /// Takes what is whole, packed.
    write: &'a mut dyn FnMut(&[u8]) -> io::Result<()>,
    rows: u64,
}

impl<'a> Salvage<'a> {
    pub(super) fn new(
        from: &'a File,
        packing: Codec,
        packer: &'a mut Packer,
        write: &'a mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<Salvage<'a>> {
        Ok(Salvage {
            from,
            packing,
            length: from.metadata()?.len(),
            packer,
            write,
            rows: 0,
        })
    }

    /// Writes what is whole, and gives the number of rows.
    pub(super) fn run(mut self) -> io::Result<u64> {
        match self.packing {
            Codec::None => self.lines()?,
            Codec::Gzip | Codec::Zstd => self.pieces()?,
        }
        Ok(self.rows)
    }

    fn lines(&mut self) -> io::Result<()> {
        let input = self.packing.unpack(self.from, 0..self.length)?;
        let mut lines = ArchiveLines::new(BufReader::with_capacity(CHUNK, input), 0, LONGEST);
        let mut batch = Vec::new();
        while let Some(line) = lines.next()? {
            let row = match &line.verdict {
                LineKind::Blank => continue,
                LineKind::Row | LineKind::Other(_) => line.text,
                LineKind::Damaged => match line.last_row() {
                    None => continue,
                    row => row,
                },
            };
            match row {
                Some(row) => {
                    batch.extend_from_slice(row);
                    batch.push(b'\n');
                }
                None => {
                    (self.write)(&batch)?;
                    batch.clear();
                    copy(self.from, line.range.clone(), self.write)?;
                    if !line.has_break {
                        batch.push(b'\n');
                    }
                }
            }
            self.rows += u64::from(!matches!(line.verdict, LineKind::Other(_)));
            if batch.len() >= BATCH {
                (self.write)(&batch)?;
                batch.clear();
            }
        }
        (self.write)(&batch)
    }

    fn pieces(&mut self) -> io::Result<()> {
        let mut at = 0;
        while at < self.length {
            let mut input = SkipReader::new(self.from, self.length)?;
            input.skip_to(at)?;
            let piece = self.packing.next(&mut input)?;
            let end = input.at();
            if piece == (ArchivePiece::Whole { has_data: false }) {
                // Bytes that another program put between the frames.
                at = end;
                continue;
            }
            let mut checked = None;
            if let ArchivePiece::Whole { .. } = piece {
                let piece = check(self.from, self.packing, at..end)?;
                if piece.is_sound && piece.first == Line::Row {
                    copy(self.from, at..end, self.write)?;
                    self.rows += piece.lines;
                    at = end;
                    continue;
                }
                checked = Some(piece);
            }
            let next = next_piece(self.from, self.packing, at + 1..self.length)?;
            let is_certain = match checked {
                Some(checked) if checked.is_right => true,
                Some(checked) if checked.is_wrong => false,
                // The file ends in it, and the beginning is right.
                None if piece == ArchivePiece::Torn && next == self.length => true,
                // Zstd notices a block that does not end where it should. Gzip would unpack bytes that nobody wrote.
                _ => self.packing == Codec::Zstd,
            };
            self.before_damage(at..next, is_certain)?;
            at = next;
        }
        Ok(())
    }

    /// Writes the certain lines of a damaged piece: those before a missing block, or else, where `is_certain`, those that can
    /// be unpacked.
    fn before_damage(&mut self, piece: Range<u64>, is_certain: bool) -> io::Result<()> {
        let hole = self.zeros(piece.clone())?;
        if hole.is_none() && !is_certain {
            return Ok(());
        }
        let part = piece.start..hole.unwrap_or(piece.end);
        let Ok(input) = self.packing.unpack(self.from, part) else {
            return Ok(());
        };
        let mut lines = ArchiveLines::new(BufReader::with_capacity(CHUNK, input), 0, LONGEST);
        let mut batch = Vec::new();
        loop {
            let line = match lines.next() {
                Err(error) if error.raw_os_error().is_some() => return Err(error),
                Err(_) | Ok(None) => break,
                Ok(Some(line)) => line,
            };
            // A piece holds rows alone: behind a line that is no row, nothing is certain.
            let (LineKind::Row, Some(row), true) = (line.verdict, line.text, line.has_break) else {
                break;
            };
            batch.extend_from_slice(row);
            batch.push(b'\n');
            self.rows += 1;
            if batch.len() >= BATCH {
                (self.write)(self.packer.pack(&batch, false)?)?;
                batch.clear();
            }
        }
        if batch.is_empty() {
            Ok(())
        } else {
            (self.write)(self.packer.pack(&batch, false)?)
        }
    }

    /// The offset of a whole sector of zeros, which no packer makes: it never came to the disk.
    fn zeros(&self, part: Range<u64>) -> io::Result<Option<u64>> {
        let mut run = 0;
        scan(self.from, part, 0, |at, chunk| {
            for (index, byte) in chunk.iter().enumerate() {
                run = if *byte == 0 { run + 1 } else { 0 };
                if run == SECTOR {
                    return Some(at + index as u64 + 1 - SECTOR as u64);
                }
            }
            None
        })
    }
}

/// Writes a part of the file as it is.
fn copy(
    file: &File,
    part: Range<u64>,
    write: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut failed = Ok(());
    scan(file, part, 0, |_, chunk| {
        failed = write(chunk);
        failed.is_err().then_some(())
    })?;
    failed
}
