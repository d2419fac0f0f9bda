//! The turns in which a long read takes a file that others write.

use std::time::Duration;

/// How long a statement holds the file that others write, and how much it reads then.
#[derive(Clone, Debug)]
pub(in crate::repository::sqlite) struct Turns {
    /// The longest time of a statement that has given rows.
    pub hold: Duration,
    /// How long a slice should take.
    pub slice: Duration,
    /// The longest time of a slice that was cut too wide.
    pub long_slice: Duration,
    /// Rows of the key in the first slice.
    pub first: u64,
    /// Rows of the key in the least slice, which takes as long as it takes.
    pub least: u64,
    /// The most entries of an index that one statement passes over.
    pub jump: u64,
    /// The most bytes of rows of one value that are kept to be sorted by id.
    pub ties: usize,
}

impl Default for Turns {
    fn default() -> Turns {
        Turns {
            hold: Duration::from_millis(50),
            slice: Duration::from_millis(30),
            long_slice: Duration::from_millis(150),
            first: 4096,
            least: 64,
            jump: 200_000,
            ties: 1 << 20,
        }
    }
}

#[cfg(test)]
impl Turns {
    /// Slices that begin with a row and may be of any length, so that each is larger than the one before.
    pub(in crate::repository::sqlite) fn growing() -> Turns {
        let hour = Duration::from_secs(3600);
        Turns {
            slice: hour,
            long_slice: hour,
            first: 1,
            ..Turns::shortest()
        }
    }

    /// So short that each walk is taken up again behind nearly every row.
    pub(in crate::repository::sqlite) fn shortest() -> Turns {
        Turns {
            hold: Duration::ZERO,
            slice: Duration::ZERO,
            long_slice: Duration::ZERO,
            first: 3,
            least: 1,
            jump: 2,
            ties: 0,
        }
    }
}
