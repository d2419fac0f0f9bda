//! How long the write lock is held, and how long it is then left free. The service waits 5 s for a lock
//! and sleeps up to 100 ms between its tries, so a gap of microseconds would starve it (DESIGN section 1).

use std::cell::Cell;
use std::time::{Duration, Instant};

/// How long the lock is held in all, the commit included: a little less than the 50 ms of the design.
const HOLD: Duration = Duration::from_millis(45);

/// The shortest time for which a transaction takes rows, however slow the commits are.
const LEAST: Duration = Duration::from_millis(5);

/// How long a commit is taken to be before one has been timed.
const FIRST_COMMIT: Duration = Duration::from_millis(30);

/// How long the lock is then left free.
const REST: Duration = Duration::from_millis(25);

/// How many rows a transaction takes at most in a file that nobody else knows yet.
const ALONE: usize = 20_000;

#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// This run created the file: nobody else uses it.
    alone: bool,
    /// How long a commit takes: the longest of late.
    commit: Cell<Duration>,
    ended: Cell<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(alone: bool) -> Pace {
        Pace {
            alone,
            commit: Cell::new(FIRST_COMMIT),
            ended: Cell::new(None),
        }
    }

    /// Nobody else uses the file for as long as this series goes on.
    pub(super) fn set_alone(&mut self, alone: bool) {
        self.alone |= alone;
    }

    /// To be called before a transaction of a series; rests when there was one just before.
    pub(super) fn begin(&self) -> Hold {
        if let (Some(ended), false) = (self.ended.get(), self.alone) {
            std::thread::sleep(REST.saturating_sub(ended.elapsed()));
        }
        let now = Instant::now();
        Hold {
            room: (!self.alone).then(|| HOLD.saturating_sub(self.commit.get()).max(LEAST)),
            rows: 0,
            taken: now,
            committing: now,
        }
    }

    /// To be called after its commit, whose time is what the next ones leave free for their own. Commits vary, so
    /// a slow one is forgotten slowly.
    pub(super) fn end(&self, hold: &Hold) {
        let commit = hold.committing.elapsed();
        self.commit.set(commit.max(self.commit.get().mul_f64(0.9)));
        self.ended.set(Some(Instant::now()));
    }
}

/// One transaction of a series.
pub(super) struct Hold {
    /// For how long it takes rows; None when nobody waits.
    room: Option<Duration>,
    rows: usize,
    taken: Instant,
    committing: Instant,
}

impl Hold {
    /// The lock has just been taken, after perhaps a long wait for it.
    pub(super) fn taken(&mut self) {
        self.taken = Instant::now();
    }

    pub(super) fn committing(&mut self) {
        self.committing = Instant::now();
    }

    /// Counts a row; true when the transaction has gone on long enough.
    pub(super) fn row(&mut self) -> bool {
        self.rows += 1;
        match self.room {
            None => self.rows >= ALONE,
            Some(room) => self.taken.elapsed() >= room,
        }
    }
}
