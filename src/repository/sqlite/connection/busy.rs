//! The wait for a lock, as SQLite itself would, but for a signal that ends it before its time.

use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use crate::repository::Patience;

/// SQLite's own delays between two tries, in milliseconds; the last one goes on.
const DELAYS: [u64; 12] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

/// The tries, in all about 50 ms, that are made also when nothing is to be waited for any more: a write need not be taken
/// back because somebody reads at the moment of its commit.
const LAST_TRIES: usize = 6;

pub(in crate::repository::sqlite) fn wait(
    connection: &mut Connection,
    patience: &Patience,
) -> rusqlite::Result<()> {
    let patience = patience.clone();
    connection.busy_handler(Some(move |tries: i32| {
        let _heed = patience.signals.heed();
        let tries = usize::try_from(tries).unwrap_or(0);
        if patience.has_ended() && tries >= LAST_TRIES {
            return false;
        }
        let delay = delay(tries, patience.longest);
        thread::sleep(delay);
        !delay.is_zero()
    }))
}

/// The delay after this number of tries; none when they have taken the longest time.
fn delay(tries: usize, longest: Duration) -> Duration {
    let last = DELAYS.len() - 1;
    let more = tries.saturating_sub(last) as u64 * DELAYS[last];
    let before = DELAYS.iter().take(tries.min(last)).sum::<u64>() + more;
    let left = longest.saturating_sub(Duration::from_millis(before));
    left.min(Duration::from_millis(DELAYS[tries.min(last)]))
}

#[cfg(test)]
mod tests {
    use crate::repository::sqlite::connection::busy::*;

    #[test]
    fn all_delays_take_as_long_as_was_asked_for() {
        for longest in [0, 1, 2, 50, 328, 329, 5_000].map(Duration::from_millis) {
            let delays = (0..).map(|tries| delay(tries, longest));
            let sum: Duration = delays.take_while(|delay| !delay.is_zero()).sum();
            assert_eq!(sum, longest);
        }
    }
}
