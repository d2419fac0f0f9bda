//! The pace of writing: the time for which the write lock is held, and then left free. The service waits 5 s for a lock
//! and sleeps up to 100 ms between its tries, so a gap of microseconds would starve it (DESIGN section 1).

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::system::open::with_suffix;

/// The time for which the lock is held, the commit included: a little less than the 50 ms of the design.
const HOLD: Duration = Duration::from_millis(45);

/// The time for which it is then left free.
const REST: Duration = Duration::from_millis(25);

/// The same two while nobody else writes: a newcomer then waits once for this time, of the 5 s that the service has. After
/// that long it sleeps 100 ms between two tries, and must find the lock free at one of them.
const LONG_HOLD: Duration = Duration::from_millis(1500);
const LONG_REST: Duration = Duration::from_millis(110);

/// The first long one, whose commit tells how much the disk takes in a second.
const FIRST_LONG_HOLD: Duration = Duration::from_millis(160);

/// The longest hold behind which a waiting process still sleeps at most 50 ms between two tries (SQLite's own: 1, 2, 5, 10, 15, 20, 25, 25, 25, 50,
/// 50 ms, then 100), and the time for which the file is then free.
const MEDIUM_HOLD: Duration = Duration::from_millis(225);
const MEDIUM_REST: Duration = Duration::from_millis(55);

/// The time without a write after which nobody is taken to write: by the file's own time at the beginning, and after
/// a write that was seen.
const QUIET: Duration = Duration::from_millis(150);
const QUIET_AGAIN: Duration = Duration::from_secs(3);

/// The shortest time for which a transaction takes rows, however slow the commits are.
const LEAST: Duration = Duration::from_millis(5);

/// The time that a commit is taken to need before one has been timed.
const FIRST_COMMIT: Duration = Duration::from_millis(30);

/// The time for which a transaction takes rows where nobody waits, which a killed run has to do once more.
const ALONE: Duration = Duration::from_secs(5);

/// The same for rows that come in. The index of ids is changed all over, so each commit brings nearly all of it to disk: a million
/// jobs into a file of as many others write 13 GB in transactions of 5 s, and 6.5 GB in these.
const ALONE_IMPORTING: Duration = Duration::from_secs(20);

#[derive(Clone, Debug)]
pub(in crate::repository::sqlite) struct Pace {
    /// True when nobody else uses the file: this run made it, or was told to keep it for itself.
    alone: bool,
    /// The time for which a transaction then takes rows.
    alone_for: Duration,
    /// The time that a commit takes: the longest of late.
    commit: Cell<Duration>,
    /// True when the commit of a long transaction has been timed.
    knows_long: Cell<bool>,
    /// The time when the lock was last given back, and for how long it is to be left free.
    ended: Cell<Option<(Instant, Duration)>>,
}

impl Pace {
    pub(in crate::repository::sqlite) fn new(alone: bool) -> Pace {
        Pace {
            alone,
            alone_for: ALONE,
            commit: Cell::new(FIRST_COMMIT),
            knows_long: Cell::new(false),
            ended: Cell::new(None),
        }
    }

    /// Takes the file for one that nobody else uses from now on.
    pub(in crate::repository::sqlite) fn set_alone(&mut self) {
        self.alone = true;
    }

    /// Makes transactions as long as those of an import may be where nobody waits.
    pub(in crate::repository::sqlite) fn set_importing(&mut self) {
        self.alone_for = ALONE_IMPORTING;
    }

    /// Waits, before a transaction of a series, when there was one just before.
    pub(in crate::repository::sqlite) fn rest(&self) {
        if let (Some((ended, rest)), false) = (self.ended.get(), self.alone) {
            std::thread::sleep(rest.saturating_sub(ended.elapsed()));
        }
    }

    /// Begins a transaction whose lock has just been taken; `quiet` when nobody else writes.
    pub(in crate::repository::sqlite) fn hold(&self, quiet: bool) -> Hold {
        let most = match (quiet, self.knows_long.get()) {
            (false, _) => HOLD,
            (true, false) => FIRST_LONG_HOLD,
            (true, true) => LONG_HOLD,
        };
        let now = Instant::now();
        Hold {
            long: quiet || self.alone,
            rows_time: if self.alone {
                self.alone_for
            } else {
                most.saturating_sub(self.commit.get()).max(LEAST)
            },
            taken: now,
            committing: now,
        }
    }

    /// Ends it after its commit, whose time the next ones leave for their own. Commits vary, so a slow one is forgotten
    /// slowly.
    pub(in crate::repository::sqlite) fn end(&self, hold: &Hold) {
        let commit = hold.committing.elapsed();
        self.commit.set(commit.max(self.commit.get().mul_f64(0.9)));
        self.knows_long.set(self.knows_long.get() || hold.long);
        let rest = match hold.taken.elapsed() {
            held if held > MEDIUM_HOLD => LONG_REST,
            held if held > 2 * HOLD => MEDIUM_REST,
            _ => REST,
        };
        self.ended.set(Some((Instant::now(), rest)));
    }
}

/// One transaction of a series.
pub(in crate::repository::sqlite) struct Hold {
    long: bool,
    /// The time for which it takes rows.
    rows_time: Duration,
    taken: Instant,
    committing: Instant,
}

impl Hold {
    /// Whether the transaction has gone on long enough.
    pub(in crate::repository::sqlite) fn is_over(&self) -> bool {
        self.taken.elapsed() >= self.rows_time
    }

    /// Whether nobody is expected to wait for it.
    pub(in crate::repository::sqlite) fn is_long(&self) -> bool {
        self.long
    }

    pub(in crate::repository::sqlite) fn committing(&mut self) {
        self.committing = Instant::now();
    }
}

/// A watch on writes of others; a process that only waits for the lock is not seen.
pub(in crate::repository::sqlite) struct Watch {
    /// The answer of `PRAGMA data_version`, which changes with every write of another connection.
    version: Option<i64>,
    /// The time of the last write, and how long ago that must be; None when it was long before this run.
    since: Option<(Instant, Duration)>,
}

impl Watch {
    /// Begins with what the file's own time says, or that of its log.
    pub(in crate::repository::sqlite) fn new(path: &Path) -> Watch {
        let is_old = |path: &Path| {
            let written = fs::metadata(path).and_then(|found| found.modified());
            written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= QUIET))
        };
        let log = with_suffix(path, "-wal");
        let long_ago = is_old(path) && (is_old(&log) || !log.exists());
        Watch {
            version: None,
            since: (!long_ago).then(|| (Instant::now(), QUIET)),
        }
    }

    /// Whether nobody else has written lately.
    pub(in crate::repository::sqlite) fn is_quiet(
        &mut self,
        connection: &Connection,
    ) -> rusqlite::Result<bool> {
        let version = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self
            .version
            .replace(version)
            .is_some_and(|before| before != version)
        {
            self.since = Some((Instant::now(), QUIET_AGAIN));
        }
        Ok(self
            .since
            .is_none_or(|(since, quiet)| since.elapsed() >= quiet))
    }
}
