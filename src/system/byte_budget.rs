//! A limit on the bytes that are on their way between two threads. Rows are of any length, so that a number of them would
//! limit nothing.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The interval at which a waiting thread asks whether it should still wait.
const INTERVAL: Duration = Duration::from_millis(50);

/// The bytes on their way, of which there are at most `most`.
pub struct ByteBudget {
    most: usize,
    state: Mutex<BudgetState>,
    changed: Condvar,
}

#[derive(Default)]
struct BudgetState {
    bytes: usize,
    closed: bool,
}

/// Bytes that have been taken from a budget, and are given back when this is dropped.
pub struct Reserved {
    of: Arc<ByteBudget>,
    bytes: usize,
}

impl ByteBudget {
    pub fn new(most: usize) -> Arc<ByteBudget> {
        Arc::new(ByteBudget {
            most,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Waits until the bytes fit; more than the whole budget go alone. None when the budget was closed.
    pub fn take(self: &Arc<Self>, bytes: usize) -> Option<Reserved> {
        self.take_unless(bytes, || false)
    }

    /// As `take`; None also when `gives_up`, which is asked every `INTERVAL`, says so.
    pub fn take_unless(
        self: &Arc<Self>,
        bytes: usize,
        gives_up: impl Fn() -> bool,
    ) -> Option<Reserved> {
        let mut state = guard(&self.state);
        while !state.closed && state.bytes > 0 && state.bytes + bytes > self.most {
            if gives_up() {
                return None;
            }
            let waited = self.changed.wait_timeout(state, INTERVAL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.closed {
            return None;
        }
        state.bytes += bytes;
        Some(Reserved {
            of: Arc::clone(self),
            bytes,
        })
    }

    /// Refuses everything that is asked for from now on.
    pub fn close(&self) {
        guard(&self.state).closed = true;
        self.changed.notify_all();
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        guard(&self.of.state).bytes -= self.bytes;
        self.of.changed.notify_all();
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
