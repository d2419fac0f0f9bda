//! The content of a job's working folder on disk, for a person who looks at the job.
//!
//! The folder may be gone, locked away, enormous, or being written to this moment, and showing a job must neither fail nor
//! take long for that: what cannot be read is said, and the counting ends at a given number of entries. The files of a shot
//! lie in `shots/N`, or in `scene_N/shots/N` where a job has scenes. No file is opened, and no symbolic link followed.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Dir, FileType, OFlags};
use rustix::io::Errno;

use super::FolderStay;
use super::open::{self, Folder, No, words};
use super::path::{below, is_absolute, parts};
use crate::job::Value;
use crate::system::open::folder_at;

/// The most levels of folders that are read; the service makes four.
const DEPTH: usize = 32;

/// The endings of names that tell what a file is.
const FRAMES: [&str; 4] = ["png", "jpg", "jpeg", "webp"];
const VIDEOS: [&str; 4] = ["mp4", "mov", "webm", "mkv"];

/// The files that were found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FolderScan {
    /// The absolute path of the folder.
    pub path: PathBuf,
    pub exists: bool,
    /// Whether it was read at all.
    pub opened: bool,
    pub shots: BTreeMap<ShotName, ShotFiles>,
    /// All entries but folders, and the bytes in them.
    pub files: u64,
    pub bytes: u64,
    /// Whether everything was counted.
    pub whole: bool,
    /// The reason why the folder, or something in it, was not read.
    pub trouble: Option<String>,
}

/// The numbers that name a shot of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ShotName {
    pub scene: Option<u64>,
    pub shot: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ShotFiles {
    pub frames: u64,
    pub videos: u64,
    /// Bytes of all files in its folder.
    pub bytes: u64,
}

/// Reads the working folder that is stored, a relative one in `base`; None when none is stored. `left` is the number of
/// entries that may still be counted.
pub(crate) fn scan(base: &Path, working_dir: &Value, left: &mut u64) -> Option<FolderScan> {
    let path = match working_dir {
        Value::Null => return None,
        Value::Text(text) => text.as_bytes(),
        Value::BrokenText(bytes) => bytes,
        _ => b"\0",
    };
    if path.is_empty() {
        return None;
    }
    let full = base.join(OsStr::from_bytes(path));
    let mut found = FolderScan {
        path: std::path::absolute(&full).unwrap_or(full),
        exists: false,
        opened: false,
        shots: BTreeMap::new(),
        files: 0,
        bytes: 0,
        whole: true,
        trouble: None,
    };
    let refused = if path.contains(&0) {
        Some(FolderStay::NotAPath)
    } else if parts(path).any(|part| part == b"..") {
        Some(FolderStay::Upwards)
    } else {
        None
    };
    if let Some(why) = refused {
        found.trouble = Some(format!("it {}", why.words()));
        return Some(found);
    }
    match reach(base, path) {
        Ok(root) => {
            found.exists = true;
            found.opened = true;
            FolderWalk {
                root,
                waiting: VecDeque::from([Vec::new()]),
                left,
                found: &mut found,
            }
            .run();
        }
        Err(No::Missing) => {}
        Err(no) => {
            found.exists = true;
            found.trouble = Some(match no {
                No::Errno(errno) => words(errno),
                No::NotAFolder => format!("it {}", FolderStay::NotAFolder.words()),
                No::Missing | No::Link => format!("it {}", FolderStay::Link.words()),
            });
        }
    }
    Some(found)
}

/// Opens the working folder. One that lies in `base` is reached from there without a symbolic link, as by `cleanup`; of any
/// other path only the last part must be no link.
fn reach(base: &Path, path: &[u8]) -> Result<Folder, No> {
    let all: Vec<&[u8]> = parts(path).collect();
    let inside = if is_absolute(path) {
        std::path::absolute(base)
            .ok()
            .and_then(|base| below(&base, &all))
    } else {
        Some(all.as_slice())
    };
    let (start, rest) = match inside {
        Some(rest) => (base.to_owned(), rest),
        None => {
            let (above, last) = all.split_at(all.len().saturating_sub(1));
            let above = above.iter().map(|part| OsStr::from_bytes(part));
            let root = [OsStr::new("/")];
            (root.into_iter().chain(above).collect(), last)
        }
    };
    // The parent of a database that is named without a folder is the current folder.
    let start = if start.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        start
    };
    let start = match folder_at(CWD, &start, OFlags::empty()) {
        Ok(fd) => fd,
        Err(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG) => return Err(No::Missing),
        Err(errno) => return Err(No::Errno(errno)),
    };
    let mut folder = open::folder(&start, c".")?;
    for part in rest {
        folder = open::folder(&folder.fd, *part)?;
    }
    Ok(folder)
}

struct FolderWalk<'a> {
    root: Folder,
    /// Folders to be read, by their names below the first; those of shots come first.
    waiting: VecDeque<Vec<CString>>,
    left: &'a mut u64,
    found: &'a mut FolderScan,
}

impl FolderWalk<'_> {
    fn run(&mut self) {
        while let Some(path) = self.waiting.pop_front() {
            if *self.left == 0 {
                self.found.whole = false;
                return;
            }
            match self.folder(&path) {
                // It was removed meanwhile.
                Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                Err(errno) => {
                    let names = path.iter().map(|name| OsStr::from_bytes(name.as_bytes()));
                    let path: PathBuf = names.collect();
                    let why = if path.as_os_str().is_empty() {
                        words(errno)
                    } else {
                        format!("{}: {}", path.display(), words(errno))
                    };
                    self.found.trouble.get_or_insert(why);
                    self.found.whole = false;
                }
            }
        }
    }

    fn folder(&mut self, path: &[CString]) -> Result<(), Errno> {
        let mut folder = open(&self.root.fd, c".")?;
        for name in path {
            folder = open(&folder.fd, name)?;
        }
        let shot = shot_of(path);
        if let Some(name) = shot {
            self.found.shots.entry(name).or_default();
        }
        let mut dir = Dir::new(folder.fd)?;
        while let Some(entry) = dir.read() {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            if *self.left == 0 {
                self.found.whole = false;
                return Ok(());
            }
            *self.left -= 1;
            let stat = match entry.file_type() {
                FileType::Directory => None,
                _ => match open::stat(dir.fd()?, name) {
                    Ok(stat) => Some(stat),
                    Err(_) => continue,
                },
            };
            match stat.filter(|stat| open::kind(stat) != FileType::Directory) {
                Some(stat) => self.file(name, &stat, shot),
                None => self.wait(path, name),
            }
        }
        Ok(())
    }

    fn file(&mut self, name: &CStr, stat: &rustix::fs::Stat, shot: Option<ShotName>) {
        let bytes = u64::try_from(stat.st_size).unwrap_or(0);
        self.found.files += 1;
        self.found.bytes += bytes;
        let Some(shot) = shot.and_then(|name| self.found.shots.get_mut(&name)) else {
            return;
        };
        shot.bytes += bytes;
        let ends_in = |endings: &[&str]| {
            let ending = Path::new(OsStr::from_bytes(name.to_bytes())).extension();
            ending.is_some_and(|ending| endings.iter().any(|it| ending.eq_ignore_ascii_case(it)))
        };
        if open::kind(stat) == FileType::RegularFile {
            shot.frames += u64::from(ends_in(&FRAMES));
            shot.videos += u64::from(ends_in(&VIDEOS));
        }
    }

    fn wait(&mut self, path: &[CString], name: &CStr) {
        if path.len() == DEPTH {
            self.found.whole = false;
            return;
        }
        let mut path = path.to_vec();
        path.push(name.to_owned());
        let first = path[0].as_bytes();
        if first == b"shots" || scene_of(first).is_some() {
            self.waiting.push_front(path)
        } else {
            self.waiting.push_back(path)
        }
    }
}

/// Opens a folder; a name that leads elsewhere by now counts as missing.
fn open(parent: impl std::os::fd::AsFd, name: &CStr) -> Result<Folder, Errno> {
    open::folder(parent, name).map_err(|no| match no {
        No::Missing | No::Link | No::NotAFolder => Errno::NOENT,
        No::Errno(errno) => errno,
    })
}

/// The shot to which a folder belongs, by its names below the working folder.
fn shot_of(path: &[CString]) -> Option<ShotName> {
    let names: Vec<&[u8]> = path.iter().map(|name| name.as_bytes()).collect();
    match names.as_slice() {
        [b"shots", shot, ..] => Some(ShotName {
            scene: None,
            shot: number(shot)?,
        }),
        [scene, b"shots", shot, ..] => Some(ShotName {
            scene: Some(scene_of(scene)?),
            shot: number(shot)?,
        }),
        _ => None,
    }
}

fn scene_of(name: &[u8]) -> Option<u64> {
    number(name.strip_prefix(b"scene_")?)
}

fn number(name: &[u8]) -> Option<u64> {
    let digits = name.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(name).ok().filter(|_| digits)?;
    text.parse().ok()
}
