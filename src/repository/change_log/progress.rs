//! The part of a run that has been written.

use std::io;

use super::buffer::{Buffer, ChangeCounts};
use super::words::{MOST_KEPT, TOO_LARGE};

#[derive(Clone, Copy, Debug, Default)]
pub(in crate::repository) struct RunProgress {
    pub(in crate::repository) run: Option<i64>,
    pub(in crate::repository) pieces: i64,
    /// The bytes of its pieces.
    pub(in crate::repository) kept: i64,
    pub(in crate::repository) counts: ChangeCounts,
    pub(in crate::repository) too_large: bool,
}

impl RunProgress {
    /// What has been seen, packed; None when nothing of it is kept.
    pub(in crate::repository) fn pack(
        &mut self,
        buffer: &mut Buffer,
    ) -> io::Result<Option<Vec<u8>>> {
        let packed = buffer.pack()?;
        self.kept += packed.as_ref().map_or(0, |packed| packed.len() as i64);
        if self.kept > MOST_KEPT {
            self.too_large = true;
            buffer.only_counts = true;
            return Ok(None);
        }
        Ok(packed)
    }

    /// The reason why a run that is so large cannot be undone.
    pub(in crate::repository) fn why_not(&self) -> Option<&'static str> {
        self.too_large.then_some(TOO_LARGE)
    }
}
