//! The turns in which a file is copied that has no log: whoever wants to write it waits for the end of one.

use std::ffi::c_int;
use std::thread;
use std::time::{Duration, Instant};

/// A turn that is one of many.
const SHORT: Duration = Duration::from_millis(50);

/// The longest time that the rest may be estimated to take for all of it to be done in this turn.
const WORTH: Duration = Duration::from_millis(1200);

/// The longest turn, and the time at which the counting of rows behind it ends: nobody waits for more than 1.5 s.
const LONG: Duration = Duration::from_millis(1350);
const END: Duration = Duration::from_millis(1450);

/// The time for which the file is then left free. After a long turn whoever waits sleeps 100 ms between two tries.
const REST: Duration = Duration::from_millis(25);
const LONG_REST: Duration = Duration::from_millis(110);

pub(super) struct CopyTurns {
    begun: Instant,
    most: Duration,
    /// The longest time for which all of it is worth to be done in one turn.
    worth: Duration,
    copied: f64,
}

impl CopyTurns {
    pub(super) fn begin() -> CopyTurns {
        CopyTurns {
            begun: Instant::now(),
            most: SHORT,
            worth: WORTH,
            copied: 0.0,
        }
    }

    /// A turn that ends after the first pages.
    #[cfg(test)]
    pub(super) fn shortest() -> CopyTurns {
        CopyTurns {
            most: Duration::ZERO,
            worth: Duration::ZERO,
            ..CopyTurns::begin()
        }
    }

    /// Whether the turn ends here, after `pages` more, with `left` to come. It goes on where all of it is soon done at
    /// the speed of this turn.
    pub(super) fn is_over(&mut self, pages: c_int, left: c_int) -> bool {
        self.copied += f64::from(pages);
        let taken = self.begun.elapsed();
        if taken < self.most {
            return false;
        }
        let all = taken.mul_f64(1.0 + f64::from(left) / self.copied);
        if self.most <= SHORT && all < self.worth {
            self.most = LONG;
            return false;
        }
        true
    }

    /// The time that is left for the counting of rows.
    pub(super) fn left(&self) -> Duration {
        END.saturating_sub(self.begun.elapsed())
    }

    /// Leaves the file to others for a moment.
    pub(super) fn rest(self) {
        let is_long = self.begun.elapsed() > 2 * SHORT;
        thread::sleep(if is_long { LONG_REST } else { REST });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A turn that began so long ago.
    fn begun(ago: u64) -> CopyTurns {
        let begun = Instant::now().checked_sub(Duration::from_millis(ago));
        CopyTurns {
            begun: begun.unwrap_or_else(Instant::now),
            ..CopyTurns::begin()
        }
    }

    #[test]
    fn a_turn_goes_on_to_the_end_where_that_is_near() {
        // 100 pages in 60 ms: 1,500 take 0.9 s, 3,000 take 1.8 s.
        assert!(!begun(60).is_over(100, 1_500));
        assert!(begun(60).is_over(100, 3_000));
        let mut long = begun(60);
        assert!(!long.is_over(100, 1_500));
        long.begun = begun(1_400).begun;
        assert!(long.is_over(100, 1_400), "slower than estimated");
    }

    #[test]
    fn counting_ends_within_the_time_that_others_wait() {
        assert!(begun(1_300).left() <= Duration::from_millis(150));
        assert_eq!(begun(2_000).left(), Duration::ZERO);
    }
}
