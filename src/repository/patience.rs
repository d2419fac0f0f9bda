//! The patience with a lock: the longest wait, and a signal that ends it before its time.

use std::time::Duration;

use crate::system::signals::EndingSignals;

#[derive(Clone, Debug)]
pub struct Patience {
    pub longest: Duration,
    pub signals: EndingSignals,
}

impl Patience {
    pub fn new(longest: Duration, signals: EndingSignals) -> Patience {
        Patience { longest, signals }
    }

    /// True when nothing is to be waited for any more.
    pub fn has_ended(&self) -> bool {
        self.signals.have_come()
    }
}

impl From<Duration> for Patience {
    fn from(longest: Duration) -> Patience {
        Patience::new(longest, EndingSignals::default())
    }
}
