//! The repair of an archive: its damaged end is moved into a file beside it, and whole rows in that are appended again.
//!
//! The end is copied to `ARCHIVE.mending.new`, which is renamed to `ARCHIVE.mending` when it is on disk. Then the archive is
//! cut, the whole rows are appended to it, and the file gets its last name, `ARCHIVE.damaged-1` or the next that is free. If
//! a run is killed meanwhile, the next one goes on: bytes that are not in the archive are in that file.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::durable::write;
use super::lock::shown;
use super::packer::Packer;
use super::salvage::Salvage;
use crate::system::access;
use crate::system::compression::Codec;
use crate::system::folder_sync;
use crate::system::open::{self, folder_of, with_suffix};
use crate::text::shell::word;

const CHUNK: usize = 256 << 10;

/// A damaged end that was moved away.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    /// The path of its file.
    pub name: PathBuf,
    pub bytes: u64,
    /// Whole rows in it, which are in the archive again.
    pub rows: u64,
}

/// The paths of the files that a repair needs.
pub(super) struct RepairFiles {
    copying: PathBuf,
    mending: PathBuf,
    archive: PathBuf,
}

impl RepairFiles {
    /// The paths beside the archive's own file, whatever links lead to that.
    pub(super) fn of(archive: &Path) -> io::Result<RepairFiles> {
        let archive = fs::canonicalize(archive)?;
        Ok(RepairFiles {
            copying: with_suffix(&archive, ".mending.new"),
            mending: with_suffix(&archive, ".mending"),
            archive,
        })
    }

    /// The command that gives the file of an unfinished repair to the archive's owner.
    pub(super) fn give(&self) -> String {
        let [archive, mending] =
            [&self.archive, &self.mending].map(|path| word(&path.to_string_lossy()));
        format!("give it to the archive's owner: chown --reference={archive} {mending}")
    }

    /// The damaged end that a run left which was killed in a repair.
    pub(super) fn left(&self) -> io::Result<Option<File>> {
        match fs::symlink_metadata(&self.mending) {
            Ok(found) if found.is_file() => open::to_read(&self.mending)
                .map(Some)
                .map_err(|error| access::explained_reading(error, &self.mending))
                .map_err(|error| named(&self.mending, &error)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The first free name for a damaged end.
    fn free(&self) -> io::Result<PathBuf> {
        for number in 1_u64.. {
            let name = with_suffix(&self.archive, format!(".damaged-{number}"));
            match fs::symlink_metadata(&name) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(name),
                Err(error) => return Err(error),
                Ok(_) => {}
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    fn sync_folder(&self) -> io::Result<()> {
        match open::sync_folder(folder_of(&self.archive)) {
            // Some file systems have nothing to sync in a folder.
            Err(error) if !folder_sync::is_unknown(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Moves the bytes behind `whole` away. The archive is not changed before they are on disk elsewhere.
    pub(super) fn move_away(&self, archive: &File, whole: u64, length: u64) -> io::Result<File> {
        let copied = self.copy(archive, whole, length);
        if copied.is_err() {
            let _ = fs::remove_file(&self.copying);
        }
        let copied = copied?;
        fs::rename(&self.copying, &self.mending)?;
        self.sync_folder()?;
        archive.set_len(whole)?;
        archive.sync_data()?;
        Ok(copied)
    }

    fn copy(&self, archive: &File, whole: u64, length: u64) -> io::Result<File> {
        match fs::remove_file(&self.copying) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(named(&self.copying, &error));
            }
            _ => {}
        }
        let copy = open::new_to_append(&self.copying);
        let mut copy = copy.map_err(|error| named(&self.copying, &error))?;
        // A user who may read the archive may read its damaged end.
        open::give(&copy, &archive.metadata()?);
        let mut chunk = vec![0; CHUNK];
        let mut at = whole;
        while at < length {
            let count = usize::try_from(length - at).map_or(CHUNK, |left| left.min(CHUNK));
            let chunk = chunk.get_mut(..count).unwrap_or_default();
            archive.read_exact_at(chunk, at)?;
            copy.write_all(chunk)?;
            at += count as u64;
        }
        copy.sync_all()?;
        Ok(copy)
    }

    /// Cuts the archive, if the run that was killed had not done so. Gives its length.
    pub(super) fn cut(&self, archive: &File, left: &File) -> io::Result<u64> {
        let length = archive.metadata()?.len();
        let bytes = left.metadata()?.len();
        let Some(whole) = length.checked_sub(bytes).filter(|_| bytes > 0) else {
            return Ok(length);
        };
        if ends_alike(archive, whole, left, bytes)? {
            archive.set_len(whole)?;
            archive.sync_data()?;
            Ok(whole)
        } else {
            Ok(length)
        }
    }

    /// Appends the whole rows of the damaged end, and gives that its last name.
    pub(super) fn keep_rows(
        &self,
        mut archive: &File,
        moved: &File,
        packing: Codec,
        packer: &mut Packer,
    ) -> io::Result<Moved> {
        let mut append = |bytes: &[u8]| archive.write_all(bytes);
        let rows = Salvage::new(moved, packing, packer, &mut append)?.run()?;
        write(archive, b"")?;
        let bytes = moved.metadata()?.len();
        let name = self.free()?;
        fs::rename(&self.mending, &name)?;
        self.sync_folder()?;
        Ok(Moved { name, bytes, rows })
    }
}

/// An error about a file beside the archive, with that file's name: another user may have left it.
fn named(file: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", shown(file)))
}

/// Whether the archive has, behind `whole`, exactly the bytes of the other file.
fn ends_alike(archive: &File, whole: u64, other: &File, bytes: u64) -> io::Result<bool> {
    let (mut ours, mut theirs) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut at = 0;
    while at < bytes {
        let count = usize::try_from(bytes - at).map_or(CHUNK, |left| left.min(CHUNK));
        let ours = ours.get_mut(..count).unwrap_or_default();
        let theirs = theirs.get_mut(..count).unwrap_or_default();
        archive.read_exact_at(ours, whole + at)?;
        other.read_exact_at(theirs, at)?;
        if ours != theirs {
            return Ok(false);
        }
        at += count as u64;
    }
    Ok(true)
}
