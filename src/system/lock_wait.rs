//! The wait for a lock that another run holds. The system tells nobody when it becomes free, so it is tried again and again.

use std::thread;
use std::time::{Duration, Instant};

/// The time between two tries.
pub const INTERVAL: Duration = Duration::from_millis(50);

/// A wait of at most this time, from its making on.
pub struct LockWait {
    pub longest: Duration,
    begun: Instant,
}

impl LockWait {
    pub fn new(longest: Duration) -> LockWait {
        LockWait {
            longest,
            begun: Instant::now(),
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Sleeps until the next try; false, at once, when there is to be none.
    pub fn sleep(&self) -> bool {
        let left = self.longest.saturating_sub(self.elapsed());
        thread::sleep(left.min(INTERVAL));
        !left.is_zero()
    }
}
