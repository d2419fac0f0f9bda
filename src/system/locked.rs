//! Whether a file is locked that may not be opened, so that its lock cannot be tried. The kernel lists all locks.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::open;

const LIST: &str = "/proc/locks";

/// Some hundred thousand locks.
const MOST: usize = 32 << 20;

/// False also where it cannot be known.
pub fn is_locked(file: &Metadata) -> bool {
    let device = file.dev();
    let place = format!(
        "{:02x}:{:02x}:{}",
        rustix::fs::major(device),
        rustix::fs::minor(device),
        file.ino()
    );
    let list = open::read(Path::new(LIST), MOST).unwrap_or_default();
    // 1: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF; one that waits has an arrow in the second place.
    String::from_utf8_lossy(&list).lines().any(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        words.get(1) == Some(&"FLOCK") && words.get(5) == Some(&place.as_str())
    })
}
