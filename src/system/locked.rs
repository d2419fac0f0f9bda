//! Whether a file is locked that may not be opened, so that its lock cannot be tried. The kernel lists all locks.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::identity::Identity;
use super::open;

const LIST: &str = "/proc/locks";

/// Some hundred thousand locks.
const MOST: usize = 32 << 20;

/// False also where it cannot be known.
pub fn is_locked(file: &Metadata) -> bool {
    look(file).unwrap_or(false)
}

/// Removes an empty file that somebody has left to be locked, and nobody has locked; false where that cannot be known or
/// done. Whoever opened it before and locks it now finds that it has gone from its place.
pub fn remove_left(path: &Path, found: &Metadata) -> bool {
    let is_lock = found.is_file() && found.len() == 0 && found.nlink() == 1;
    let is_free = || look(found) == Some(false);
    let is_there = || {
        let there = fs::symlink_metadata(path);
        there.is_ok_and(|there| Identity::of(&there) == Identity::of(found))
    };
    is_lock && is_free() && is_there() && fs::remove_file(path).is_ok()
}

fn look(file: &Metadata) -> Option<bool> {
    let device = file.dev();
    let place = format!(
        "{:02x}:{:02x}:{}",
        rustix::fs::major(device),
        rustix::fs::minor(device),
        file.ino()
    );
    let list = open::read(Path::new(LIST), MOST).ok()?;
    // 1: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF; one that waits has an arrow in the second place.
    let is_locked = String::from_utf8_lossy(&list).lines().any(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        words.get(1) == Some(&"FLOCK") && words.get(5) == Some(&place.as_str())
    });
    Some(is_locked)
}
