//! The checks of what lies beside the file: a journal that a killed program has left, and a log that has grown.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::locks;
use crate::job::checkup::{Check, Finding, Severity};
use crate::system::open::{beginning, with_suffix};
use crate::text::size::about;

/// The first bytes of a journal that is to be rolled back.
const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// A journal of a program that is at work has changed, or gone, after that long.
const PAUSE: Duration = Duration::from_millis(30);

/// The least size of a log that is told of, and its least share of the file.
const LEAST_LOG: u64 = 64 << 20;
const SHARE: u64 = 4;

/// A journal that nobody is writing, to be asked for before the file is opened, which undoes what it tells of.
pub(super) fn hot(path: &Path) -> Option<Finding> {
    let journal = with_suffix(path, "-journal");
    let first = state(path, &journal)?;
    thread::sleep(PAUSE);
    if state(path, &journal)? != first {
        return None;
    }
    let finding = Finding::new(Check::HotJournal, Severity::Warning)
        .example(format!("{} ({})", journal.to_string_lossy(), about(first.2)))
        .means(
            "A program was killed, or the machine went down, in the middle of a write. SQLite has kept how the file was before, and whoever opens it next undoes the \
             half of the write that is there. jobctl has just done so.",
        )
        .mend("nothing to do; see in the service's log why it was killed, and never delete a -journal file by hand");
    Some(finding)
}

/// The inode, time and size of a journal that is to be rolled back, and is nobody's.
fn state(path: &Path, journal: &Path) -> Option<(u64, i64, u64)> {
    let mut magic = [0; MAGIC.len()];
    beginning(journal, &mut magic).ok()?;
    let found = fs::metadata(journal).ok()?;
    let is_hot = magic == MAGIC && !locks::is_being_written(path);
    is_hot.then(|| {
        (
            found.ino(),
            found.mtime_nsec() ^ found.mtime(),
            found.size(),
        )
    })
}

pub(super) fn log(path: &Path) -> Option<Finding> {
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |found| found.size());
    let (file, log) = (bytes(path), with_suffix(path, "-wal"));
    let size = bytes(&log);
    if size < LEAST_LOG || size < file / SHARE {
        return None;
    }
    let finding = Finding::new(Check::LogSize, Severity::Warning)
        .example(format!("{} ({})", log.to_string_lossy(), about(size)))
        .means(
            "Changes are written to a log beside the file first, and from there into the file. That has not happened for long: most likely some program has had a read \
             open all the time. Each read becomes slower, and the log takes ever more space.",
        )
        .mend(format!(
            "find the program with: fuser {}; when it has ended, the log is emptied at the next write",
            crate::text::shell::word(&path.to_string_lossy())
        ));
    Some(finding)
}
