//! Locks of files that may not be opened, so that their locks cannot be tried: the kernel's list tells of them.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::identity::Identity;
use super::open;

const LIST: &str = "/proc/locks";

/// The most bytes of the list that are read: some hundred thousand locks.
const MOST: usize = 32 << 20;

/// Whether a file is locked; false also where that cannot be known.
pub fn is_locked(file: &Metadata) -> bool {
    listed(file).unwrap_or(false)
}

/// Removes an empty file that was made to be locked, if nobody has it locked; false where that cannot be known or done. A
/// process that opened it before and locks it now finds that the name leads elsewhere.
pub fn remove_left(path: &Path, found: &Metadata) -> bool {
    let is_lock = found.is_file() && found.len() == 0 && found.nlink() == 1;
    let is_free = || listed(found) == Some(false);
    let is_there = || {
        let there = fs::symlink_metadata(path);
        there.is_ok_and(|there| Identity::of(&there) == Identity::of(found))
    };
    is_lock && is_free() && is_there() && fs::remove_file(path).is_ok()
}

/// Whether the kernel's list has a lock of the file; None where there is no list.
fn listed(file: &Metadata) -> Option<bool> {
    let is_locked = lines_of(file)?.iter().any(|words| words[1] == "FLOCK");
    Some(is_locked)
}

/// The lines of the kernel's list about a file, in words: `1: FLOCK ADVISORY WRITE 4711 08:01:131 0 EOF`. Of a lock that is
/// waited for the second word is an arrow.
fn lines_of(file: &Metadata) -> Option<Vec<Vec<String>>> {
    let device = file.dev();
    let inode = format!(
        "{:02x}:{:02x}:{}",
        rustix::fs::major(device),
        rustix::fs::minor(device),
        file.ino()
    );
    let list = open::read(Path::new(LIST), MOST).ok()?;
    let list = String::from_utf8_lossy(&list);
    let lines = list.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let is_of_file = words.len() >= 8 && words[5] == inode;
        is_of_file.then(|| words.into_iter().map(str::to_owned).collect())
    });
    Some(lines.collect())
}

/// A lock that another process has on a range of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeLock {
    pub process: u32,
    /// Nobody else may have one there.
    pub is_exclusive: bool,
    pub first: u64,
    pub last: u64,
}

impl RangeLock {
    pub fn covers(&self, byte: u64) -> bool {
        (self.first..=self.last).contains(&byte)
    }

    /// The name of the program that has it, where it is told.
    pub fn program(&self) -> Option<String> {
        let path = format!("/proc/{}/comm", self.process);
        let name = open::read(Path::new(&path), 4096).ok()?;
        Some(String::from_utf8_lossy(&name).trim().to_owned())
    }
}

/// The locks of ranges of a file that other processes have; None where there is no list.
pub fn of_others(file: &Metadata) -> Option<Vec<RangeLock>> {
    let lock = |words: &Vec<String>| {
        let process = words[4].parse().ok()?;
        let is_ours = process == std::process::id();
        (words[1] == "POSIX" && !is_ours).then_some(RangeLock {
            process,
            is_exclusive: words[3] == "WRITE",
            first: words[6].parse().ok()?,
            last: words[7].parse().unwrap_or(u64::MAX),
        })
    };
    Some(lines_of(file)?.iter().filter_map(lock).collect())
}
