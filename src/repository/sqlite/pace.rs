//! How long the write lock is held, and how long it is then left free. The service waits 5 s for a lock
//! and sleeps up to 100 ms between its tries, so a gap of microseconds would starve it (DESIGN section 1).

use std::time::{Duration, Instant};

/// The longest time that a transaction goes on taking rows. Its commit comes on top, so this stays below
/// the 50 ms that the design allows in all.
const HOLD: Duration = Duration::from_millis(35);

/// How long the lock is then left free.
const REST: Duration = Duration::from_millis(25);

/// How many rows a transaction takes at most in a file that nobody else knows yet.
const ALONE: usize = 20_000;

#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// This run created the file: nobody else uses it.
    pub(super) alone: bool,
    held_before: bool,
}

impl Pace {
    pub(super) fn new(alone: bool) -> Pace {
        Pace {
            alone,
            held_before: false,
        }
    }

    /// To be called before a transaction of a series; rests when there was one just before.
    pub(super) fn begin(&mut self) -> Hold {
        if self.held_before && !self.alone {
            std::thread::sleep(REST);
        }
        self.held_before = true;
        Hold {
            since: Instant::now(),
            rows: 0,
            alone: self.alone,
        }
    }
}

/// One transaction of a series.
pub(super) struct Hold {
    since: Instant,
    rows: usize,
    alone: bool,
}

impl Hold {
    /// Restarts the time: the lock has just been taken, after perhaps a long wait for it.
    pub(super) fn taken(&mut self) {
        self.since = Instant::now();
    }

    /// Counts a row; true when the transaction has gone on long enough.
    pub(super) fn row(&mut self) -> bool {
        self.rows += 1;
        match self.alone {
            true => self.rows >= ALONE,
            false => self.since.elapsed() >= HOLD,
        }
    }
}
