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
    let device = file.dev();
    let inode = format!(
        "{:02x}:{:02x}:{}",
        rustix::fs::major(device),
        rustix::fs::minor(device),
        file.ino()
    );
    let list = open::read(Path::new(LIST), MOST).ok()?;
    // 1: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF; of a waiting one the second word is an arrow.
    let is_locked = String::from_utf8_lossy(&list).lines().any(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        words.get(1) == Some(&"FLOCK") && words.get(5) == Some(&inode.as_str())
    });
    Some(is_locked)
}
