//! The folder that the service runs in, and the rule that tells which folder below it is a job's own.

use std::ffi::CString;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rustix::fs::{CWD, OFlags, Stat};
use rustix::io::Errno;

use super::empty::{self, Trouble};
use super::in_use::InUse;
use super::open::{self, Folder, MOUNTED, No, words};
use super::path::{below, is_absolute, parts};
use super::{FolderStay, Removal, ahead};
use crate::error::{Failure, Kind};
use crate::job::Value;
use crate::system::access;
use crate::system::open::folder_at;
use crate::text::visible::one_line;

/// The folder that the service runs in. It is opened once: where its name leads later does not matter.
pub(crate) struct ServiceFolder {
    fd: OwnedFd,
    stat: Stat,
    /// The path as it was given, for messages.
    given: PathBuf,
    /// The absolute paths that an absolute working folder may begin with: as given, and without any link.
    pub(super) spellings: [PathBuf; 2],
}

/// The location of a stored working folder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FolderLocation<'a> {
    /// No folder is stored.
    Nowhere,
    /// At least one part of a path below the folder that the service runs in.
    Below(Vec<&'a [u8]>),
    /// A folder that may not be removed.
    Left(FolderStay),
}

/// A folder that may be removed. It is open, so that no other is removed instead.
pub(crate) struct Doomed {
    parent: OwnedFd,
    name: CString,
    folder: Folder,
    path: PathBuf,
}

impl ServiceFolder {
    pub(crate) fn open(dir: &Path) -> Result<ServiceFolder> {
        let shown = dir.to_string_lossy();
        let shown = one_line(&shown);
        let fail = |kind, message| Failure::new(kind, message).hint(HINT);
        let failed = |errno| match errno {
            Errno::NOENT => fail(Kind::NoInput, format!("no folder at {shown}")),
            Errno::NOTDIR => fail(Kind::NoInput, format!("{shown} is not a folder")),
            errno => {
                let error = access::explained_reading(errno.into(), dir);
                let failure = fail(Kind::Io, format!("cannot open {shown}: {error}"));
                match access::hint_of(&error) {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            }
        };
        let fd = folder_at(CWD, dir, OFlags::empty()).map_err(failed)?;
        let stat = rustix::fs::fstat(&fd).map_err(failed)?;
        let io = |error: std::io::Error| fail(Kind::Io, format!("cannot open {shown}: {error}"));
        let canonical = fs::canonicalize(dir).map_err(io)?;
        if !is_at(&canonical, &stat) {
            let message = format!("{shown} was exchanged while it was opened");
            return Err(fail(Kind::Io, message).into());
        }
        if canonical == Path::new("/") || is_at(Path::new("/"), &stat) {
            return Err(fail(
                Kind::Usage,
                format!("{shown} is too broad: it is all there is"),
            )
            .into());
        }
        Ok(ServiceFolder {
            fd,
            stat,
            given: dir.to_owned(),
            spellings: [std::path::absolute(dir).map_err(io)?, canonical],
        })
    }

    /// The location that a stored path names, without asking the file system.
    pub(crate) fn locate<'a>(&self, working_dir: &'a Value) -> FolderLocation<'a> {
        let path = match working_dir {
            Value::Null => return FolderLocation::Nowhere,
            Value::Text(text) => text.as_bytes(),
            Value::BrokenText(bytes) => bytes,
            _ => return FolderLocation::Left(FolderStay::NotAPath),
        };
        if path.is_empty() {
            return FolderLocation::Nowhere;
        }
        if path.contains(&0) {
            return FolderLocation::Left(FolderStay::NotAPath);
        }
        let all: Vec<&[u8]> = parts(path).collect();
        if all.contains(&&b".."[..]) {
            return FolderLocation::Left(FolderStay::Upwards);
        }
        match self.below(is_absolute(path), &all) {
            None => FolderLocation::Left(FolderStay::Outside),
            Some([]) => FolderLocation::Left(FolderStay::Itself),
            Some(rest) => FolderLocation::Below(rest.to_vec()),
        }
    }

    /// The parts of a path below this folder; the path is relative to it, or begins with it.
    pub(super) fn below<'p, 'a>(
        &self,
        absolute: bool,
        path: &'p [&'a [u8]],
    ) -> Option<&'p [&'a [u8]]> {
        if !absolute {
            return Some(path);
        }
        let rests = self.spellings.iter().filter_map(|dir| below(dir, path));
        rests.min_by_key(|rest| rest.len())
    }

    /// An empty record of the folders in use, for jobs to be added.
    pub(crate) fn in_use(&self) -> InUse {
        InUse::below(self.spellings.clone())
    }

    /// The folder of a job to be deleted, if the rule lets it go too; else what `remove` would answer. Nothing is changed.
    pub(crate) fn examine(
        &self,
        job_id: &str,
        working_dir: &Value,
        in_use: &InUse,
    ) -> Result<Doomed, Removal> {
        let path = match self.locate(working_dir) {
            FolderLocation::Nowhere => return Err(Removal::Nothing),
            FolderLocation::Below(path) => path,
            FolderLocation::Left(why) => {
                let path = working_dir.display().into_owned();
                return Err(Removal::Left { path, why });
            }
        };
        let why = if path.last() != Some(&job_id.as_bytes()) {
            Some(FolderStay::Shared)
        } else if in_use.holds(&path) {
            Some(FolderStay::InUse)
        } else {
            None
        };
        let found = self.walk(&path);
        match (found, why) {
            (Err(Removal::Nothing), _) => Err(Removal::Nothing),
            (_, Some(why)) => Err(Removal::Left {
                path: spell(&self.path(&path)),
                why,
            }),
            (found, None) => found,
        }
    }

    /// The path that would keep the folder of a job from being removed, and why, as far as that can be told before.
    pub(crate) fn obstacle(
        &self,
        job_id: &str,
        working_dir: &Value,
        in_use: &InUse,
    ) -> Option<(String, String)> {
        match self.examine(job_id, working_dir, in_use) {
            Ok(doomed) => doomed.obstacle(true),
            Err(Removal::Failed { path, why }) => Some((path, why)),
            Err(_) => None,
        }
    }

    /// Whether `obstacle` would find one; no folder is tried.
    pub(crate) fn is_stuck(&self, job_id: &str, working_dir: &Value, in_use: &InUse) -> bool {
        match self.examine(job_id, working_dir, in_use) {
            Ok(doomed) => doomed.obstacle(false).is_some(),
            Err(removal) => matches!(removal, Removal::Failed { .. }),
        }
    }

    /// Removes the folder of a job to be deleted, if the rule lets it.
    pub(crate) fn remove(&self, job_id: &str, working_dir: &Value, in_use: &InUse) -> Removal {
        match self.examine(job_id, working_dir, in_use) {
            Ok(doomed) => doomed.remove(),
            Err(removal) => removal,
        }
    }

    /// Opens the folders of a path one after the other, without following a symbolic link.
    fn walk(&self, path: &[&[u8]]) -> Result<Doomed, Removal> {
        let failed = |length: usize, why: String| Removal::Failed {
            path: spell(&self.path(path.get(..length).unwrap_or(path))),
            why,
        };
        let mut parent = Folder {
            fd: self.fd.try_clone().map_err(|e| failed(0, e.to_string()))?,
            stat: self.stat,
        };
        let mut parts = path.iter().enumerate().peekable();
        while let Some((index, part)) = parts.next() {
            let left = |why| Removal::Left {
                path: spell(&self.path(path)),
                why,
            };
            let folder = open::folder(&parent.fd, *part).map_err(|no| match no {
                No::Missing => Removal::Nothing,
                No::Link => left(FolderStay::Link),
                No::NotAFolder => left(FolderStay::NotAFolder),
                No::Errno(errno) => failed(index + 1, words(errno)),
            })?;
            if parts.peek().is_some() {
                parent = folder;
                continue;
            }
            if open::is_mount(&folder, &parent.stat) {
                return Err(failed(path.len(), MOUNTED.to_owned()));
            }
            return Ok(Doomed {
                parent: parent.fd,
                name: CString::new(*part).map_err(|_| left(FolderStay::NotAPath))?,
                folder,
                path: self.path(path),
            });
        }
        Err(Removal::Nothing)
    }

    fn path(&self, parts: &[&[u8]]) -> PathBuf {
        let parts = parts.iter().map(|part| std::ffi::OsStr::from_bytes(part));
        self.given.iter().chain(parts).collect()
    }
}

impl Doomed {
    pub(crate) fn path(&self) -> String {
        spell(&self.path)
    }

    /// The path that would keep it from being removed, and why. Nothing is changed, but for `may_try`: then a folder in it
    /// that may not be read is removed if it is empty.
    pub(crate) fn obstacle(&self, may_try: bool) -> Option<(String, String)> {
        let (parent, name) = (self.parent.as_fd(), &*self.name);
        let found = ahead::obstacle(parent, name, &self.folder, &self.path, may_try);
        found.map(|Trouble { path, why }| (spell(&path), why))
    }

    pub(crate) fn remove(self) -> Removal {
        match empty::remove(self.parent.as_fd(), &self.name, self.folder, &self.path) {
            Ok(freed) => Removal::Gone {
                bytes: freed.bytes,
                files: freed.files,
            },
            Err(Trouble { path, why }) => Removal::Failed {
                path: spell(&path),
                why,
            },
        }
    }
}

const HINT: &str = "give --files-under the folder that the service runs in";

fn is_at(path: &Path, stat: &Stat) -> bool {
    rustix::fs::stat(path).is_ok_and(|there| open::same(&there, stat))
}

fn spell(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
