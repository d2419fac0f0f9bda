//! The parts of a packed file that could not be unpacked, in words.

use std::fmt;

/// The ranges of a packed file that could not be unpacked: an error to be given when everything behind them has been read.
#[derive(Debug)]
pub(super) struct Gaps {
    first: (u64, u64),
    more: usize,
    /// Whether a part that could be unpacked follows one of them.
    goes_on: bool,
    /// Whether some of their content was handed on, of which nobody knows how much was right.
    is_doubtful: bool,
}

impl Gaps {
    pub(super) fn new(begin: u64, end: u64) -> Gaps {
        Gaps {
            first: (begin, end),
            more: 0,
            goes_on: false,
            is_doubtful: false,
        }
    }

    pub(super) fn add_one(&mut self) {
        self.more += 1;
    }

    pub(super) fn go_on(&mut self) {
        self.goes_on = true;
    }

    pub(super) fn doubt(&mut self) {
        self.is_doubtful = true;
    }
}

impl fmt::Display for Gaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (begin, end) = self.first;
        write!(f, "from byte {begin} to byte {end} of the file")?;
        match self.more {
            0 => {}
            1 => f.write_str(" and at 1 more place")?,
            more => write!(f, " and at {more} more places")?,
        }
        f.write_str(": what cannot be unpacked there is missing")?;
        if self.is_doubtful {
            f.write_str(", and what came from there may be wrong")?;
        }
        if self.goes_on {
            f.write_str(", and reading went on behind it")
        } else {
            Ok(())
        }
    }
}

impl std::error::Error for Gaps {}
