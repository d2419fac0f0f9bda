//! A file that a flag such as `--to` names: it is written beside and appears, or is replaced, when it is whole. A
//! file of the database, or one that is not plain, is never replaced.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::error::{Failure, Kind};
use crate::system::access;
use crate::system::compression::{Codec, CompressedFile};
use crate::system::new_file::{NewFile, follow_link};
use crate::system::open::{self, folder_of};
use crate::text::shell::word;
use crate::text::visible::one_line;

/// The name of stdout where a flag names a file.
pub(crate) const STDOUT: &str = "-";

/// A file that may be written, and has not been begun.
pub(crate) struct PlannedFile {
    path: PathBuf,
    /// As messages name it.
    shown: String,
}

impl PlannedFile {
    /// Checks the file before anything is done.
    pub(crate) fn check(flag: &str, path: &Path) -> Result<PlannedFile> {
        let shown = one_line(&path.to_string_lossy()).into_owned();
        let fail = |failure: Failure| Err(failure.into());
        no_database(flag, path)?;
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                return fail(Failure::usage(format!("{flag} {shown} is a folder")));
            }
            Ok(found) if !found.is_file() => {
                let message = format!("{flag} {shown} is no plain file, which could be replaced");
                return fail(Failure::refused(message).hint(format!("redirect to it: > {shown}")));
            }
            _ => {}
        }
        if !folder_of(&follow_link(path)).is_dir() {
            let message = format!("{flag} {shown}: its folder is not there");
            return fail(
                Failure::new(Kind::NoInput, message)
                    .hint("make the folder first, or name another file"),
            );
        }
        Ok(PlannedFile {
            // What a link points to is replaced, and not the link.
            path: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
            shown,
        })
    }

    pub(crate) fn begin(self) -> Result<OutFile> {
        let new_file =
            NewFile::begin(&self.path, &[]).map_err(|error| access::explained(error, &self.path));
        Ok(OutFile {
            new_file: new_file.with_context(|| format!("writing {}", self.shown))?,
            named: self,
        })
    }
}

/// A file in the making. It is gone when dropped.
pub(crate) struct OutFile {
    named: PlannedFile,
    new_file: NewFile,
}

impl OutFile {
    /// As messages name it.
    pub(crate) fn shown(&self) -> &str {
        &self.named.shown
    }

    /// For a file that programs of other users read; one that it replaces keeps its mode.
    pub(crate) fn readable_by_all(self) -> Result<OutFile> {
        let mode = Permissions::from_mode(0o644);
        let changed = self.new_file.file().set_permissions(mode);
        changed.with_context(|| format!("writing {}", self.named.shown))?;
        Ok(self)
    }

    /// The writer of its content, packed as the name says.
    pub(crate) fn content(&self) -> Result<CompressedFile> {
        let packing = Codec::of_name(&self.named.path);
        let file = self.new_file.file().try_clone();
        let packed = file.and_then(|file| packing.begin(file));
        packed.with_context(|| format!("writing {}", self.named.shown))
    }

    /// Gives the whole file its name, and the mode and owner of the one that it replaces. Gives its size.
    pub(crate) fn finish(self) -> Result<u64> {
        let shown = self.named.shown.clone();
        self.try_finish()
            .with_context(|| format!("writing {shown}"))
    }

    fn try_finish(self) -> io::Result<u64> {
        if let Ok(there) = fs::metadata(&self.named.path) {
            self.new_file.keep_access(&there)?;
        }
        let size = self.new_file.file().metadata()?.len();
        self.new_file.replace()?;
        Ok(size)
    }
}

/// The warning about a file that holds jobs and that every user may read. One that was there keeps the mode that
/// somebody gave it; a new one is for its owner alone.
pub(crate) fn read_by_all(path: &Path) -> Option<String> {
    let found = fs::metadata(path).ok().filter(Metadata::is_file)?;
    (found.mode() & 0o004 != 0).then(|| {
        format!(
            "every user may read {}, which was there before with mode {:04o} and now holds what is in jobs: chmod o-r {}",
            one_line(&path.to_string_lossy()),
            found.mode() & 0o7777,
            word(&path.to_string_lossy())
        )
    })
}

/// Refuses a file that belongs to the database.
pub(crate) fn no_database(flag: &str, path: &Path) -> Result<(), Failure> {
    if !open::is_protected(path) {
        return Ok(());
    }
    let shown = path.to_string_lossy();
    let message = format!("{flag} {} belongs to the database", one_line(&shown));
    Err(Failure::usage(message).hint("name another file"))
}
