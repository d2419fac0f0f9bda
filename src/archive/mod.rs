//! The file to which ended jobs go before they are deleted: JSON Lines in the row form, packed as its name says.
//!
//! Each append is a frame or a member of its own and is on disk before a row of it is deleted. So whatever a killed
//! run leaves torn at the end holds no row that is not in the table as well, and may be cut away. What is not known
//! for an archive is never touched.

mod ending;
mod frames;
mod hopper;
mod line;
mod members;
mod packing;
mod place;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};

use self::ending::Complaint;
use self::packing::Packer;
use self::place::Held;
use crate::error::{Failure, Kind};
use crate::packing::Packing;

/// An archive that is open for appending, locked as long as it lives.
pub struct Archive {
    file: File,
    path: PathBuf,
    /// As messages name it.
    shown: String,
    /// This run made it.
    created: bool,
    length: u64,
    added: u64,
    mended: u64,
    packer: Packer,
    /// The last line lacks its line break, which goes before what is appended.
    lacks_break: bool,
    /// An append failed; how the file ends is not known for certain.
    failed: bool,
}

impl Archive {
    /// Opens or makes the archive, takes its lock, checks that it is ours, and mends an end that a killed run left torn.
    pub fn open(
        path: &Path,
        lock_wait: Duration,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Archive> {
        let packing = Packing::of_name(path);
        let Held { file, created } = place::hold(path, lock_wait, interrupted)?;
        let shown = place::shown(path);
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
            mended: 0,
            packer,
            lacks_break: false,
            failed: false,
        };
        if length > 0 {
            archive.mend(packing)?;
            if packing == Packing::Plain && archive.length > 0 {
                let mut last = [0];
                let read = archive.file.read_exact_at(&mut last, archive.length - 1);
                read.map_err(|error| {
                    let shown = &archive.shown;
                    io_failure(format!("cannot read the archive {shown}: {error}"))
                })?;
                archive.lacks_break = last != *b"\n";
            }
        }
        // The name must be on disk before the first row is deleted for what stands under it.
        if archive.length == 0 {
            place::sync_folder(path)?;
        }
        Ok(archive)
    }

    /// Appends whole lines (each ends with \n) as one frame (zst) / member (gz) / plain bytes; they are on disk when this
    /// returns. After an error the file is cut back to where it was before (best effort), and no further append is possible.
    pub fn append(&mut self, lines: &[u8]) -> Result<()> {
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
            let packed = self.packer.pack(lines)?;
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
                let shown = &self.shown;
                let message = format!(
                    "cannot write the archive {shown}: {error}; no job was deleted whose row is not in it"
                );
                Err(io_failure(message)
                    .hint("see to it and run it again; what is in the archive stays")
                    .into())
            }
        }
    }

    /// Bytes added to the file by this run.
    pub fn added(&self) -> u64 {
        self.added
    }

    /// What a killed run left torn and was cut away, in bytes (0 when nothing).
    pub fn mended(&self) -> u64 {
        self.mended
    }

    fn mend(&mut self, packing: Packing) -> Result<()> {
        let shown = &self.shown;
        let whole = match ending::whole(&self.file, packing, self.length) {
            Ok(whole) => whole,
            Err(Complaint::Foreign(why)) => {
                let message = format!("{shown} is no archive that jobctl can append to: {why}");
                return Err(Failure::refused(message)
                    .hint("it was left as it is; name another file, or move this one away")
                    .into());
            }
            Err(Complaint::OtherForm(why)) => {
                let message = format!("{shown} is no archive that jobctl can append to: {why}");
                return Err(Failure::refused(message)
                    .hint("move it away, and a new one is begun; it was left as it is")
                    .into());
            }
            Err(Complaint::Damaged(why)) => {
                return Err(
                    Failure::refused(format!("the archive {shown} is damaged: {why}"))
                        .hint("move it away; jobctl migrate reads what is whole")
                        .into(),
                );
            }
            Err(Complaint::Failed(error)) => {
                let message = format!("cannot read the archive {shown}: {error}");
                return Err(io_failure(message).into());
            }
        };
        if whole < self.length {
            let cut = self
                .file
                .set_len(whole)
                .and_then(|()| self.file.sync_data());
            cut.map_err(|error| {
                io_failure(format!(
                    "cannot cut the torn end off the archive {shown}: {error}"
                ))
            })?;
            self.mended = self.length - whole;
            self.length = whole;
        }
        Ok(())
    }

    /// The lock keeps other runs away, and nobody else.
    fn check_unchanged(&self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        match length == self.length {
            true => Ok(()),
            false => Err(io::Error::other(format!(
                "something else has changed it: it has {length} bytes, and had {}",
                self.length
            ))),
        }
    }
}

/// Writes to the end of the file, which is where the file is open for, and waits for the disk.
fn write(mut file: &File, packed: &[u8]) -> io::Result<()> {
    file.write_all(packed)?;
    file.sync_data()?;
    match file.metadata()?.nlink() {
        0 => Err(io::Error::other("something else has removed it")),
        _ => Ok(()),
    }
}

/// Takes away what a failed append wrote, if that and no more was added. Otherwise the next run judges the end.
fn cut_back(file: &File, before: u64, most: u64) {
    let length = file.metadata().map_or(before, |metadata| metadata.len());
    if length > before && length - before <= most {
        // What went wrong first is what is told.
        let _ = file.set_len(before).and_then(|()| file.sync_data());
    }
}

impl Drop for Archive {
    /// A file that this run made for nothing goes again.
    fn drop(&mut self) {
        let is_empty = |file: &File| file.metadata().is_ok_and(|metadata| metadata.len() == 0);
        if self.created
            && is_empty(&self.file)
            && place::names(&self.path, &self.file).unwrap_or(false)
        {
            // An empty archive is as good as none.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn io_failure(message: String) -> Failure {
    Failure::new(Kind::Io, message)
}
