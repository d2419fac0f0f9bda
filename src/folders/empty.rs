//! The removal of an open folder with all that is in it.
//!
//! Levels are a list and not calls, and only the deepest `OPEN` are open: of the others the device and the inode are kept.
//! A closed level is opened again as `..` of the one below it, which must give the same folder as before, and is then read
//! from its beginning, since all that was read before has been removed. So a tree may be of any depth.
//!
//! The first file that cannot be removed ends the removal. What went before stays gone, and the next run goes on from there.

use std::ffi::{CStr, CString};
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Stat};
use rustix::io::Errno;

use super::open::{self, EXCHANGED, Folder, MOUNTED, No, words};

/// The most levels that are open at a time.
pub(super) const OPEN: usize = 32;
/// The most times that folders which fill up again are read anew, in one removal.
const RETRIES: u32 = 1_000;
/// The most levels of a path that a message names.
const SHOWN: usize = 16;

#[derive(Default)]
pub(super) struct Freed {
    pub(super) bytes: u64,
    pub(super) files: u64,
}

impl Freed {
    fn file(&mut self, stat: &Stat) {
        self.files += 1;
        // While it has another name, its blocks stay.
        if stat.st_nlink == 1 {
            self.blocks(stat);
        }
    }

    fn blocks(&mut self, stat: &Stat) {
        self.bytes += u64::try_from(stat.st_blocks).unwrap_or(0) * 512;
    }
}

/// A file or folder that cannot be removed, and why.
pub(super) struct Trouble {
    pub(super) path: PathBuf,
    pub(super) why: String,
}

struct EmptyingLevel {
    /// Its name in the level above.
    name: CString,
    stat: Stat,
    /// None while it is closed.
    dir: Option<Dir>,
}

impl EmptyingLevel {
    fn new(name: &CStr, folder: Folder) -> Result<EmptyingLevel, Errno> {
        Ok(EmptyingLevel {
            name: name.to_owned(),
            stat: folder.stat,
            dir: Some(Dir::new(folder.fd)?),
        })
    }
}

/// Whether a folder that was emptied is gone.
enum Emptied {
    Gone,
    NotEmpty,
}

struct Emptying<'a> {
    /// The folder that holds the first level.
    parent: BorrowedFd<'a>,
    /// The path of the first level, for messages alone.
    path: &'a Path,
    levels: Vec<EmptyingLevel>,
    freed: Freed,
    retries: u32,
}

/// Empties the folder and removes it from its parent, if its name there still leads to it.
pub(super) fn remove(
    parent: BorrowedFd,
    name: &CStr,
    folder: Folder,
    path: &Path,
) -> Result<Freed, Trouble> {
    let first = EmptyingLevel::new(name, folder).map_err(|errno| Trouble {
        path: path.to_owned(),
        why: words(errno),
    })?;
    let mut emptying = Emptying {
        parent,
        path,
        levels: vec![first],
        freed: Freed::default(),
        retries: 0,
    };
    while !emptying.levels.is_empty() {
        match emptying.unlink_up_to_a_folder()? {
            Some(level) => emptying.enter(level),
            None => emptying.leave()?,
        }
    }
    Ok(emptying.freed)
}

impl Emptying<'_> {
    /// Unlinks what the deepest level holds, up to the first folder in it.
    fn unlink_up_to_a_folder(&mut self) -> Result<Option<EmptyingLevel>, Trouble> {
        while let Some(level) = self.levels.last_mut()
            && let Some(dir) = level.dir.as_mut()
            && let Some(entry) = dir.read()
        {
            let entry = entry.map_err(|errno| self.trouble(None, words(errno)))?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            match self.unlink(name) {
                Ok(None) => {}
                Ok(folder) => return Ok(folder),
                Err(why) => return Err(self.trouble(Some(name), why)),
            }
        }
        Ok(None)
    }

    /// Unlinks an entry of the deepest level, or opens it when it is a folder.
    fn unlink(&mut self, name: &CStr) -> Result<Option<EmptyingLevel>, String> {
        let Some(level) = self.levels.last() else {
            return Ok(None);
        };
        let above = fd(level)?;
        let stat = match open::stat(above, name) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(words(errno)),
        };
        if open::kind(&stat) != FileType::Directory {
            return match rustix::fs::unlinkat(above, name, AtFlags::empty()) {
                Ok(()) => {
                    self.freed.file(&stat);
                    Ok(None)
                }
                Err(Errno::NOENT) => Ok(None),
                Err(errno) => Err(words(errno)),
            };
        }
        match open::folder(above, name) {
            Ok(folder) if open::is_mount(&folder, &level.stat) => Err(MOUNTED.to_owned()),
            Ok(folder) => EmptyingLevel::new(name, folder).map(Some).map_err(words),
            Err(No::Missing) => Ok(None),
            // A folder that may not be read can still be removed when it is empty.
            Err(No::Errno(errno)) => {
                rustix::fs::unlinkat(above, name, AtFlags::REMOVEDIR).map_err(|_| words(errno))?;
                self.freed.blocks(&stat);
                Ok(None)
            }
            Err(No::Link | No::NotAFolder) => Err(EXCHANGED.to_owned()),
        }
    }

    fn enter(&mut self, level: EmptyingLevel) {
        self.levels.push(level);
        if let Some(upper) = self.levels.len().checked_sub(OPEN + 1)
            && let Some(level) = self.levels.get_mut(upper)
        {
            level.dir = None;
        }
    }

    /// Removes the deepest level, which has been emptied; reads it again where something has appeared in it.
    fn leave(&mut self) -> Result<(), Trouble> {
        let emptied = self.reopen_above().and_then(|()| self.remove_deepest());
        match emptied {
            Ok(Emptied::Gone) => {
                self.levels.pop();
                Ok(())
            }
            Ok(Emptied::NotEmpty) if self.retries < RETRIES => {
                self.retries += 1;
                if let Some(dir) = self.levels.last_mut().and_then(|it| it.dir.as_mut()) {
                    dir.rewind();
                }
                Ok(())
            }
            Ok(Emptied::NotEmpty) => Err(self.trouble(None, "something goes on writing to it")),
            Err(why) => Err(self.trouble(None, why)),
        }
    }

    fn reopen_above(&mut self) -> Result<(), String> {
        if let [.., above, deepest] = self.levels.as_mut_slice()
            && above.dir.is_none()
        {
            match open::folder(fd(deepest)?, c"..") {
                Ok(folder) if open::same(&folder.stat, &above.stat) => {
                    above.dir = Some(Dir::new(folder.fd).map_err(words)?);
                }
                Err(No::Errno(errno)) => return Err(words(errno)),
                _ => return Err(EXCHANGED.to_owned()),
            }
        }
        Ok(())
    }

    fn remove_deepest(&mut self) -> Result<Emptied, String> {
        let (above, level) = match self.levels.as_slice() {
            [.., above, level] => (fd(above)?, level),
            [level] => (self.parent, level),
            [] => return Ok(Emptied::Gone),
        };
        match open::stat(above, &*level.name) {
            Ok(now) if open::same(&now, &level.stat) => {}
            Err(Errno::NOENT) => return Ok(Emptied::Gone),
            Ok(_) => return Err(EXCHANGED.to_owned()),
            Err(errno) => return Err(words(errno)),
        }
        match rustix::fs::unlinkat(above, &*level.name, AtFlags::REMOVEDIR) {
            Ok(()) => {
                self.freed.blocks(&level.stat);
                Ok(Emptied::Gone)
            }
            Err(Errno::NOENT) => Ok(Emptied::Gone),
            Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(Emptied::NotEmpty),
            Err(Errno::NOTDIR) => Err(EXCHANGED.to_owned()),
            Err(errno) => Err(words(errno)),
        }
    }

    /// Trouble with an entry of the deepest level, or with that level itself.
    fn trouble(&self, entry: Option<&CStr>, why: impl Into<String>) -> Trouble {
        let below = self
            .levels
            .iter()
            .skip(1)
            .map(|level| level.name.as_c_str());
        let names: Vec<&CStr> = below.chain(entry).collect();
        named(self.path, &names, why)
    }
}

/// Trouble with what these names lead to below the first level.
pub(super) fn named(path: &Path, names: &[&CStr], why: impl Into<String>) -> Trouble {
    let hidden = names.len().saturating_sub(SHOWN);
    let mut path = path.to_owned();
    if hidden > 0 {
        path.push("...");
    }
    for name in names.iter().skip(hidden) {
        path.push(std::ffi::OsStr::from_bytes(name.to_bytes()));
    }
    Trouble {
        path,
        why: why.into(),
    }
}

fn fd(level: &EmptyingLevel) -> Result<BorrowedFd<'_>, String> {
    match &level.dir {
        Some(dir) => dir.fd().map_err(words),
        None => Err(words(Errno::BADF)),
    }
}
