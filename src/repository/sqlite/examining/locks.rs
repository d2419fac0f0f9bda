//! The check of locks: another program that holds the file so long that the service's writes fail. A lock that is seen once is
//! nothing, since every write takes one for a moment.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::job::checkup::{Check, Finding, Severity};
use crate::system::locked::{RangeLock, of_others};
use crate::system::open::with_suffix;
use crate::text::visible::one_line;

/// How long a lock must be held to be told of, and the pauses between looks.
const LONG: Duration = Duration::from_millis(300);
const PAUSE: Duration = Duration::from_millis(10);

/// How often a lock is looked for before it is taken for gone.
const LOOKS: usize = 3;

/// The bytes by which SQLite locks a file: its file format says which.
const PENDING: u64 = 0x4000_0000;
const RESERVED: u64 = PENDING + 1;
const SHARED: u64 = PENDING + 2;

/// The byte of the index of a log by which a writer locks it.
const LOG_WRITER: u64 = 120;

/// What a process has locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    Writing,
    Reading,
}

/// The locks of other processes that matter; none where they cannot be known.
fn held(path: &Path) -> Vec<(RangeLock, Held)> {
    let log = with_suffix(path, "-wal");
    let index = with_suffix(path, "-shm");
    let of = |path: &Path| {
        let found = fs::metadata(path).ok()?;
        of_others(&found)
    };
    if log.exists() && index.exists() {
        let locks = of(&index).unwrap_or_default().into_iter();
        return locks
            .filter(|lock| lock.is_exclusive && lock.covers(LOG_WRITER))
            .map(|lock| (lock, Held::Writing))
            .collect();
    }
    let kind = |lock: &RangeLock| match lock.is_exclusive {
        true if [PENDING, RESERVED, SHARED]
            .iter()
            .any(|byte| lock.covers(*byte)) =>
        {
            Some(Held::Writing)
        }
        false if lock.covers(SHARED) => Some(Held::Reading),
        _ => None,
    };
    let locks = of(path).unwrap_or_default().into_iter();
    locks
        .filter_map(|lock| kind(&lock).map(|kind| (lock, kind)))
        .collect()
}

/// Whether another process is writing just now.
pub(super) fn is_being_written(path: &Path) -> bool {
    held(path).iter().any(|(_, kind)| *kind == Held::Writing)
}

pub(super) fn check(path: &Path) -> Option<Finding> {
    let mut left = processes(path);
    if left.is_empty() {
        return None;
    }
    left = (0..LOOKS).flat_map(|_| processes(path)).collect();
    left.sort_unstable();
    left.dedup();
    let begun = Instant::now();
    while !left.is_empty() && begun.elapsed() < LONG {
        thread::sleep(PAUSE);
        left.retain(|lock| is_held(path, lock));
    }
    // A writer reads as well, and keeps others from writing in any case.
    let writing = left.iter().any(|(_, kind)| *kind == Held::Writing);
    left.retain(|(_, kind)| !writing || *kind == Held::Writing);
    if left.is_empty() {
        return None;
    }
    let names = held(path);
    let example = |process: u32| {
        let lock = names.iter().find(|(lock, _)| lock.process == process);
        match lock.and_then(|(lock, _)| lock.program()) {
            Some(program) => format!("process {process} ({})", one_line(&program)),
            None => format!("process {process}"),
        }
    };
    let first = left[0].0;
    let means = if writing {
        "The program is in the middle of a write and does not end it. Until it does nobody else can write: the service waits 5 seconds each time, and then fails."
    } else {
        "The program is in the middle of a read and does not end it. Until it does nobody can finish a write: the service waits 5 seconds each time, and then fails."
    };
    Some(Finding {
        check: Check::Locks,
        severity: Severity::Warning,
        count: left.len() as u64,
        examples: left
            .iter()
            .take(3)
            .map(|(process, _)| example(*process))
            .collect(),
        means: means.to_owned(),
        mend: format!("ps -fp {first} shows the program: let it end what it does, or stop it"),
    })
}

/// Whether a process has its lock. The kernel's list is not read in one moment, and may lack one that is there.
fn is_held(path: &Path, lock: &(u32, Held)) -> bool {
    (0..LOOKS).any(|_| processes(path).contains(lock))
}

fn processes(path: &Path) -> Vec<(u32, Held)> {
    let mut found: Vec<(u32, Held)> = Vec::new();
    for (lock, kind) in held(path) {
        if !found.contains(&(lock.process, kind)) {
            found.push((lock.process, kind));
        }
    }
    found
}
