//! The archive, a file to which ended jobs are appended before they are deleted: JSON Lines in the row form, packed as its
//! name says.
//!
//! Each append is a frame or a member of its own and is on disk before a job in it is deleted. So a killed run or a loss of
//! power damages only the last append, whose rows are in the table as well. All the same nothing is thrown away: the damaged
//! end is moved into a file beside the archive, and whole rows in it are appended again. A file that is not known for an
//! archive is never touched.

mod damage;
mod durable;
mod gzip_members;
mod last_rows;
mod lines;
mod lock;
mod packer;
mod piece;
mod repair;
mod salvage;
mod scan;
mod skip_reader;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod zstd_frames;

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};

use self::damage::Complaint;
use self::durable::write;
use self::last_rows::LastRows;
use self::lock::LockedFile;
use self::packer::Packer;

pub(crate) use self::repair::Moved;
use self::repair::RepairFiles;
use crate::error::{Failure, Kind};
use crate::system::access::hint_of_write;
use crate::system::compression::Codec;
use crate::system::open;

/// An archive that is open for appending, locked as long as it lives.
pub(crate) struct Archive {
    file: File,
    path: PathBuf,
    /// The path as messages name it.
    shown: String,
    /// Whether this run made it.
    created: bool,
    length: u64,
    added: u64,
    moved: Vec<Moved>,
    packer: Packer,
    packing: Codec,
    /// The rows at its end when this run began; None until they are needed.
    last: Option<LastRows>,
    /// Whether the last line lacks its line break, which is then written before the next append.
    lacks_break: bool,
    /// Whether an append failed, so that the end of the file is not known for certain.
    failed: bool,
}

impl Archive {
    /// Opens or makes the archive, locks it, checks that it is ours, and moves a damaged end away.
    pub(crate) fn open(
        path: &Path,
        lock_wait: Duration,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Archive> {
        let packing = Codec::of_name(path);
        let LockedFile { file, created } = lock::hold(path, lock_wait, interrupted)?;
        let shown = lock::shown(path);
        let failed = |error| io_failure(format!("cannot read the archive {shown}: {error}"));
        let length = file.metadata().map_err(failed)?.len();
        let packer = Packer::new(packing).map_err(failed)?;
        let mut archive = Archive {
            file,
            path: path.to_owned(),
            shown,
            created,
            length,
            added: 0,
            moved: Vec::new(),
            packer,
            packing,
            last: None,
            lacks_break: false,
            failed: false,
        };
        archive.finish_repair(packing)?;
        if archive.length > 0 {
            archive.repair(packing)?;
            if packing == Codec::None && archive.length > 0 {
                let mut last = [0];
                let read = archive.file.read_exact_at(&mut last, archive.length - 1);
                read.map_err(|error| {
                    let shown = &archive.shown;
                    io_failure(format!("cannot read the archive {shown}: {error}"))
                })?;
                archive.lacks_break = last != *b"\n";
            }
        }
        // The name must be on disk before the first job is deleted.
        if archive.length == 0 {
            lock::sync_folder(path)?;
        }
        Ok(archive)
    }

    /// Gives an archive that this run made to the database's owner, whose own runs go on with it.
    pub(crate) fn give_to_owner_of(&self, database: &Path) {
        if let (true, Ok(database)) = (self.created, std::fs::metadata(database)) {
            open::give_to_owner(&self.file, &database);
        }
    }

    /// The number of damaged bytes at the end of an archive; nothing is changed. None where all is well, the file is missing,
    /// or a run is writing to it; an error where it is no archive.
    pub(crate) fn damaged_bytes(path: &Path) -> Result<Option<u64>> {
        let Some(file) = lock::to_check(path)? else {
            return Ok(None);
        };
        let shown = lock::shown(path);
        let failed = |error| io_failure(format!("cannot read the archive {shown}: {error}"));
        let length = file.metadata().map_err(failed)?.len();
        let left = RepairFiles::of(path)
            .and_then(|names| names.left())
            .map_err(failed)?;
        if let Some(left) = left {
            return Ok(Some(left.metadata().map_err(failed)?.len()));
        }
        if length == 0 {
            return Ok(None);
        }
        let whole = damage::whole(&file, Codec::of_name(path), length)
            .map_err(|complaint| failure_of(complaint, &shown))?;
        Ok(Some(length - whole).filter(|bytes| *bytes > 0))
    }

    /// Appends whole lines (each ends with \n) as one frame (zst) / member (gz) / plain bytes; they are on disk when this
    /// returns. After an error the file is cut back to its length before (best effort), and no further append is possible.
    pub(crate) fn append(&mut self, lines: &[u8]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        ensure!(
            lines.ends_with(b"\n"),
            "what goes into an archive are whole lines"
        );
        if self.failed {
            let message = format!("the archive {} could not be written before", self.shown);
            return Err(io_failure(message).into());
        }
        let written = self.check_unchanged().and_then(|()| {
            if self.lacks_break {
                write(&self.file, b"\n")?;
                self.lacks_break = false;
                self.length += 1;
                self.added += 1;
            }
            let packed = self.packer.pack(lines, self.length == 0)?;
            write(&self.file, packed).inspect_err(|_| {
                cut_back(&self.file, self.length, packed.len() as u64);
            })?;
            Ok(packed.len() as u64)
        });
        match written {
            Ok(count) => {
                self.length += count;
                self.added += count;
                Ok(())
            }
            Err(error) => {
                self.failed = true;
                Err(self.cannot_write(&error).into())
            }
        }
    }

    /// Appends the lines that are not at the end already, left by a run that could not delete their jobs. All are on disk
    /// when this returns.
    pub(crate) fn append_missing(&mut self, lines: &[u8]) -> Result<()> {
        let (file, packing, length) = (&self.file, self.packing, self.length);
        let last = self
            .last
            .get_or_insert_with(|| LastRows::read(file, packing, length));
        if last.is_empty() {
            return self.append(lines);
        }
        let missing = last.missing(lines);
        if !missing.is_empty() || lines.is_empty() || self.failed {
            return self.append(&missing);
        }
        // The run that appended them may have been killed before they were on disk.
        let on_disk = self.check_unchanged().and_then(|()| write(&self.file, b""));
        on_disk.map_err(|error| {
            self.failed = true;
            self.cannot_write(&error).into()
        })
    }

    fn cannot_write(&self, error: &io::Error) -> Failure {
        let shown = &self.shown;
        let message = format!(
            "cannot write the archive {shown}: {error}; no job was deleted whose row is not in it"
        );
        io_failure(message).hint("see to it and run it again; what is in the archive stays")
    }

    /// Bytes added to the file by this run.
    pub(crate) fn added(&self) -> u64 {
        self.added
    }

    /// The damaged ends that were moved away.
    pub(crate) fn moved(&self) -> &[Moved] {
        &self.moved
    }

    /// The offset up to which the archive is whole.
    fn whole(&self, packing: Codec) -> Result<u64> {
        damage::whole(&self.file, packing, self.length)
            .map_err(|complaint| failure_of(complaint, &self.shown).into())
    }

    fn repair(&mut self, packing: Codec) -> Result<()> {
        let whole = self.whole(packing)?;
        if whole == self.length {
            return Ok(());
        }
        let moved = RepairFiles::of(&self.path).and_then(|names| {
            let moved = names.move_away(&self.file, whole, self.length)?;
            names.keep_rows(&self.file, &moved, packing, &mut self.packer)
        });
        self.note_moved(moved)
    }

    /// Finishes the repair of a run that was killed in it.
    fn finish_repair(&mut self, packing: Codec) -> Result<()> {
        let names = RepairFiles::of(&self.path).map_err(|error| self.cannot_repair(&error))?;
        let left = names.left().map_err(|error| {
            let failure = self.cannot_repair(&error);
            match error.kind() {
                ErrorKind::PermissionDenied => failure.hint(names.give()),
                _ => failure,
            }
        });
        let Some(left) = left? else {
            return Ok(());
        };
        let cut = names.cut(&self.file, &left);
        self.length = cut.map_err(|error| self.cannot_repair(&error))?;
        if self.length > 0 {
            let whole = self.whole(packing)?;
            if whole < self.length {
                // These rows were being brought back, and will be again.
                let cut = self.file.set_len(whole);
                cut.map_err(|error| self.cannot_repair(&error))?;
            }
        }
        let moved = names.keep_rows(&self.file, &left, packing, &mut self.packer);
        self.note_moved(moved)
    }

    fn note_moved(&mut self, moved: io::Result<Moved>) -> Result<()> {
        let moved = moved.and_then(|moved| Ok((moved, self.file.metadata()?.len())));
        let (moved, length) = moved.map_err(|error| self.cannot_repair(&error))?;
        self.moved.push(moved);
        self.length = length;
        Ok(())
    }

    fn cannot_repair(&self, error: &io::Error) -> Failure {
        let shown = &self.shown;
        let message = format!(
            "cannot move the damaged end of the archive {shown} into a file beside it: {error}"
        );
        let hint = hint_of_write(error)
            .unwrap_or_else(|| "see to it and run it again; nothing is lost".to_owned());
        io_failure(message).hint(hint)
    }

    /// An error if the file was changed meanwhile: the lock keeps only runs of jobctl away.
    fn check_unchanged(&self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        if length == self.length {
            Ok(())
        } else {
            Err(io::Error::other(format!(
                "something else has changed it: it has {length} bytes, and had {}",
                self.length
            )))
        }
    }
}

/// Cuts off what a failed append wrote, if at most `most` bytes were added. Otherwise the next run judges the end.
fn cut_back(file: &File, before: u64, most: u64) {
    let length = file.metadata().map_or(before, |metadata| metadata.len());
    if length > before && length - before <= most {
        // The first error is the one that is reported.
        let _ = file.set_len(before).and_then(|()| file.sync_data());
    }
}

impl Drop for Archive {
    /// Removes a file that this run made and left empty.
    fn drop(&mut self) {
        let is_empty = |file: &File| file.metadata().is_ok_and(|metadata| metadata.len() == 0);
        if self.created
            && is_empty(&self.file)
            && lock::names(&self.path, &self.file).unwrap_or(false)
        {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The error that a complaint means.
fn failure_of(complaint: Complaint, shown: &str) -> Failure {
    match complaint {
        Complaint::Foreign(why) => {
            let message = format!("{shown} is no archive that jobctl can append to: {why}");
            Failure::refused(message)
                .hint("it was left as it is; name another file, or move this one away")
        }
        Complaint::OtherForm(why) => {
            let message = format!("{shown} is no archive that jobctl can append to: {why}");
            Failure::refused(message)
                .hint("move it away, and a new one is begun; it was left as it is")
        }
        Complaint::Failed(error) => io_failure(format!("cannot read the archive {shown}: {error}")),
    }
}

fn io_failure(message: String) -> Failure {
    Failure::new(Kind::Io, message)
}
