//! The check whether a folder can be removed with all that is in it, made before anything is: a job whose folder stays is
//! not archived again every night, nor does it lose half of its folder.
//!
//! Obstacles that only the attempt shows are not found: what is exchanged or written meanwhile, a rule of the system's own.
//! Levels are a list, of which the deepest few are open, as in `empty`; the folders in a level are listed when it is entered.

use std::ffi::{CStr, CString};
use std::os::fd::BorrowedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Stat};
use rustix::io::Errno;

use super::empty::{OPEN, Trouble, named};
use super::open::{self, EXCHANGED, Folder, MOUNTED, No, words};

struct CheckLevel {
    name: CString,
    stat: Stat,
    /// None while it is closed.
    dir: Option<Dir>,
    /// The folders in it that have not been checked.
    folders: Vec<CString>,
}

/// The check, before its removal, that a folder can be emptied.
struct RemovalCheck<'a> {
    path: &'a Path,
    levels: Vec<CheckLevel>,
    may_try: bool,
}

/// The first obstacle that can be told before. With `may_try` an inner folder that may not be read is tried: it is removed
/// if it is empty, and is the obstacle if it is not.
pub(super) fn obstacle(
    parent: BorrowedFd,
    name: &CStr,
    folder: &Folder,
    path: &Path,
    may_try: bool,
) -> Option<Trouble> {
    let mut check = RemovalCheck {
        path,
        levels: Vec::new(),
        may_try,
    };
    check.all(parent, name, folder).err()
}

impl RemovalCheck<'_> {
    fn all(&mut self, parent: BorrowedFd, name: &CStr, folder: &Folder) -> Result<(), Trouble> {
        let whole = |errno| named(self.path, &[], words(errno));
        open::may_change(parent).map_err(whole)?;
        open::may_take(parent, name).map_err(whole)?;
        // Opened anew, since reading a folder moves the offset of its descriptor.
        match open::folder(&folder.fd, c".") {
            Ok(again) => self.enter(name, again)?,
            Err(No::Errno(errno)) => return Err(whole(errno)),
            Err(_) => return Ok(()),
        }
        while let Some(level) = self.levels.last_mut() {
            match level.folders.pop() {
                Some(next) => self.go_down(&next)?,
                None => self.go_up()?,
            }
        }
        Ok(())
    }

    /// Checks every entry of a folder.
    fn enter(&mut self, name: &CStr, folder: Folder) -> Result<(), Trouble> {
        let stat = folder.stat;
        let mut dir = Dir::new(folder.fd).map_err(|errno| self.trouble(Some(name), errno))?;
        let mut folders = Vec::new();
        let mut has_entries = false;
        while let Some(entry) = dir.read() {
            let entry = entry.map_err(|errno| self.trouble(Some(name), errno))?;
            let inner = entry.file_name();
            if inner == c"." || inner == c".." {
                continue;
            }
            let fd = dir.fd().map_err(|errno| self.trouble(Some(name), errno))?;
            // An empty folder can be removed whatever its rights.
            if !std::mem::replace(&mut has_entries, true) {
                open::may_change(fd).map_err(|errno| self.trouble(Some(name), errno))?;
            }
            let kind = match open::may_take(fd, inner) {
                Ok(kind) => kind,
                Err(errno) => {
                    let within = self.below().chain([name, inner]).skip(1);
                    return Err(named(self.path, &within.collect::<Vec<_>>(), words(errno)));
                }
            };
            if kind == FileType::Directory {
                folders.push(inner.to_owned());
            }
        }
        self.levels.push(CheckLevel {
            name: name.to_owned(),
            stat,
            dir: Some(dir),
            folders,
        });
        if let Some(upper) = self.levels.len().checked_sub(OPEN + 1)
            && let Some(level) = self.levels.get_mut(upper)
        {
            level.dir = None;
        }
        Ok(())
    }

    fn go_down(&mut self, name: &CStr) -> Result<(), Trouble> {
        let Some(level) = self.levels.last() else {
            return Ok(());
        };
        let Some(Ok(above)) = level.dir.as_ref().map(Dir::fd) else {
            return Ok(());
        };
        match open::folder(above, name) {
            Ok(folder) if open::is_mount(&folder, &level.stat) => {
                let within: Vec<_> = self.below().skip(1).chain([name]).collect();
                Err(named(self.path, &within, MOUNTED.to_owned()))
            }
            Ok(folder) => self.enter(name, folder),
            Err(No::Errno(errno)) => {
                if self.may_try && rustix::fs::unlinkat(above, name, AtFlags::REMOVEDIR).is_ok() {
                    return Ok(());
                }
                Err(self.trouble(Some(name), errno))
            }
            // It was removed or exchanged just now.
            Err(_) => Ok(()),
        }
    }

    /// Leaves the deepest level, and opens the one above again where that was closed.
    fn go_up(&mut self) -> Result<(), Trouble> {
        let Some(done) = self.levels.pop() else {
            return Ok(());
        };
        let Some(above) = self.levels.last_mut() else {
            return Ok(());
        };
        if above.dir.is_some() {
            return Ok(());
        }
        let Some(Ok(fd)) = done.dir.as_ref().map(Dir::fd) else {
            return Ok(());
        };
        match open::folder(fd, c"..") {
            Ok(folder) if open::same(&folder.stat, &above.stat) => {
                match Dir::new(folder.fd) {
                    Ok(dir) => above.dir = Some(dir),
                    Err(errno) => return Err(self.trouble(None, errno)),
                }
                Ok(())
            }
            Err(No::Errno(errno)) => Err(self.trouble(None, errno)),
            _ => {
                let within: Vec<_> = self.below().skip(1).collect();
                Err(named(self.path, &within, EXCHANGED.to_owned()))
            }
        }
    }

    fn below(&self) -> impl Iterator<Item = &CStr> {
        self.levels.iter().map(|level| level.name.as_c_str())
    }

    /// Trouble with a folder in the deepest level, or with that level itself.
    fn trouble(&self, folder: Option<&CStr>, errno: Errno) -> Trouble {
        let within: Vec<_> = self.below().chain(folder).skip(1).collect();
        named(self.path, &within, words(errno))
    }
}
