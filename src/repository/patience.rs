//! The patience with a lock: the longest wait, and a signal that ends it before its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Patience {
    pub longest: Duration,
    /// True when nothing is to be waited for any more.
    ended: Arc<AtomicBool>,
}

impl Patience {
    pub fn new(longest: Duration, ended: Arc<AtomicBool>) -> Patience {
        Patience { longest, ended }
    }

    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

impl From<Duration> for Patience {
    fn from(longest: Duration) -> Patience {
        Patience::new(longest, Arc::default())
    }
}
