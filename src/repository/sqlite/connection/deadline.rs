//! The end of a read that others may be waiting for. In `delete` mode a reader keeps the service from committing, and a
//! statement may look at a million rows before it gives one; SQLite asks here now and then whether it is to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::ffi::ErrorCode;

/// Instructions of SQLite's machine between two checks of the clock: a fraction of a millisecond, also where each of them
/// reads a page.
const INSTRUCTIONS: i32 = 500;

/// No end.
const NEVER: u64 = u64::MAX;

/// The time at which the statement that is running is stopped.
pub(in crate::repository::sqlite) struct Deadline {
    begun: Instant,
    /// In nanoseconds since `begun`.
    end: Arc<AtomicU64>,
    /// How often the clock was checked.
    #[cfg(test)]
    pub checks: Arc<AtomicU64>,
}

impl Deadline {
    pub(in crate::repository::sqlite) fn watch(
        connection: &mut Connection,
    ) -> rusqlite::Result<Deadline> {
        Deadline::watch_each(connection, INSTRUCTIONS)
    }

    /// Checks the clock after this many instructions.
    pub(in crate::repository::sqlite) fn watch_each(
        connection: &mut Connection,
        instructions: i32,
    ) -> rusqlite::Result<Deadline> {
        let begun = Instant::now();
        let end = Arc::new(AtomicU64::new(NEVER));
        let watched = Arc::clone(&end);
        #[cfg(test)]
        let checks = Arc::new(AtomicU64::new(0));
        #[cfg(test)]
        let counted = Arc::clone(&checks);
        let has_passed = move || {
            #[cfg(test)]
            counted.fetch_add(1, Ordering::Relaxed);
            let end = watched.load(Ordering::Relaxed);
            end != NEVER && since(begun) >= end
        };
        connection.progress_handler(instructions, Some(has_passed))?;
        Ok(Deadline {
            begun,
            end,
            #[cfg(test)]
            checks,
        })
    }

    /// Stops statements after this time, until what it gives is dropped.
    pub(in crate::repository::sqlite) fn set(&self, after: Duration) -> DeadlineGuard<'_> {
        let after = u64::try_from(after.as_nanos()).unwrap_or(NEVER);
        self.end
            .store(since(self.begun).saturating_add(after), Ordering::Relaxed);
        DeadlineGuard(self)
    }
}

/// A deadline that is set.
pub(in crate::repository::sqlite) struct DeadlineGuard<'a>(&'a Deadline);

impl Drop for DeadlineGuard<'_> {
    fn drop(&mut self) {
        self.0.end.store(NEVER, Ordering::Relaxed);
    }
}

/// Whether a statement was stopped by a deadline.
pub(in crate::repository::sqlite) fn was_stopped(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

fn since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_nanos()).unwrap_or(NEVER)
}
