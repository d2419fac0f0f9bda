//! How long the write lock is held, and how long it is then left free. The service waits 5 s for a lock
//! and sleeps up to 100 ms between its tries, so a gap of microseconds would starve it (DESIGN section 1).

use std::cell::Cell;
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// How long the lock is held in all, the commit included: a little less than the 50 ms of the design.
const HOLD: Duration = Duration::from_millis(45);

/// How long it is then left free.
const REST: Duration = Duration::from_millis(25);

/// The same while nobody else writes. Who waits as long as that sleeps 100 ms between two tries, and must find the
/// lock free at one of them.
const LONG_HOLD: Duration = Duration::from_millis(500);
const LONG_REST: Duration = Duration::from_millis(110);

/// For how long nobody else has written when nobody is taken to write.
const QUIET: Duration = Duration::from_millis(250);

/// The shortest time for which a transaction takes rows, however slow the commits are.
const LEAST: Duration = Duration::from_millis(5);

/// How long a commit is taken to be before one has been timed.
const FIRST_COMMIT: Duration = Duration::from_millis(30);

/// How long a transaction takes rows where nobody waits: what a run that is killed has to do once more.
const ALONE: Duration = Duration::from_secs(2);

#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// Nobody else uses the file: this run made it, or was told to keep it for itself.
    alone: bool,
    /// How long a commit takes: the longest of late.
    commit: Cell<Duration>,
    /// When the lock was last given back, and how long it is to be left free.
    ended: Cell<Option<(Instant, Duration)>>,
}

impl Pace {
    pub(super) fn new(alone: bool) -> Pace {
        Pace {
            alone,
            commit: Cell::new(FIRST_COMMIT),
            ended: Cell::new(None),
        }
    }

    /// Nobody else uses the file from now on.
    pub(super) fn set_alone(&mut self) {
        self.alone = true;
    }

    /// To be called before a transaction of a series; waits when there was one just before.
    pub(super) fn rest(&self) {
        if let (Some((ended, rest)), false) = (self.ended.get(), self.alone) {
            std::thread::sleep(rest.saturating_sub(ended.elapsed()));
        }
    }

    /// A transaction whose lock has just been taken; `quiet` when nobody else writes.
    pub(super) fn hold(&self, quiet: bool) -> Hold {
        let most = if quiet { LONG_HOLD } else { HOLD };
        let now = Instant::now();
        Hold {
            room: match self.alone {
                true => ALONE,
                false => most.saturating_sub(self.commit.get()).max(LEAST),
            },
            taken: now,
            committing: now,
        }
    }

    /// To be called after its commit, whose time is what the next ones leave free for their own. Commits vary, so
    /// a slow one is forgotten slowly.
    pub(super) fn end(&self, hold: &Hold) {
        let commit = hold.committing.elapsed();
        self.commit.set(commit.max(self.commit.get().mul_f64(0.9)));
        let rest = match hold.taken.elapsed() > 2 * HOLD {
            true => LONG_REST,
            false => REST,
        };
        self.ended.set(Some((Instant::now(), rest)));
    }
}

/// One transaction of a series.
pub(super) struct Hold {
    /// For how long it takes rows.
    room: Duration,
    taken: Instant,
    committing: Instant,
}

impl Hold {
    /// Whether the transaction has gone on long enough.
    pub(super) fn is_over(&self) -> bool {
        self.taken.elapsed() >= self.room
    }

    pub(super) fn committing(&mut self) {
        self.committing = Instant::now();
    }
}

/// Sees whether others write. Who only waits for the lock is not seen.
pub(super) struct Watch {
    /// What `PRAGMA data_version` says, which changes with every write of another connection.
    version: Option<i64>,
    since: Instant,
}

impl Watch {
    pub(super) fn new() -> Watch {
        Watch {
            version: None,
            since: Instant::now(),
        }
    }

    /// Whether nobody else has written lately.
    pub(super) fn is_quiet(&mut self, connection: &Connection) -> rusqlite::Result<bool> {
        let version = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.version.replace(version) != Some(version) {
            self.since = Instant::now();
        }
        Ok(self.since.elapsed() >= QUIET)
    }
}
