//! The terms of an examination: the checks that are wanted, and what they are measured by.

use std::time::Duration;

use super::check::Check;
use crate::time::Instant;

#[derive(Clone, Copy, Debug)]
pub struct CheckupTerms {
    pub now: Instant,
    /// A job that has been queued, or processing without a sign of life, for so long calls for somebody.
    pub stale: Duration,
    pub wanted: Wanted,
}

/// A set of checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted(u64);

impl Wanted {
    pub const ALL: Wanted = Wanted(u64::MAX);

    /// These, or all where none is named.
    pub fn of(checks: &[Check]) -> Wanted {
        match checks {
            [] => Wanted::ALL,
            checks => Wanted(checks.iter().fold(0, |bits, check| bits | bit(*check))),
        }
    }

    /// Whether this check was asked for by its name.
    pub fn names(self, check: Check) -> bool {
        self != Wanted::ALL && self.has(check)
    }

    pub fn has(self, check: Check) -> bool {
        self.0 & bit(check) != 0
    }

    pub fn has_any(self, checks: &[Check]) -> bool {
        checks.iter().any(|check| self.has(*check))
    }
}

const fn bit(check: Check) -> u64 {
    1 << check as u64
}
