//! What is on the way between two threads, bounded by its bytes: rows are of any length, and a number of them would
//! bound nothing.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a thread that waits for room asks whether it still should.
const GLANCE: Duration = Duration::from_millis(50);

/// The bytes that are on the way, for which there must be room.
pub struct ByteBudget {
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: usize,
    closed: bool,
}

/// Room that has been taken, and is given back when it is dropped.
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

    /// Waits for room; what is larger than all room goes alone. None when it was closed.
    pub fn take(self: &Arc<Self>, bytes: usize) -> Option<Reserved> {
        self.take_unless(bytes, || false)
    }

    /// The same; None also when the caller gives up, who is asked now and then.
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
            let waited = self.changed.wait_timeout(state, GLANCE);
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

    /// Nobody takes room any more.
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
