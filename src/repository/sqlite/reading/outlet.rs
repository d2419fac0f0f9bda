//! The outlet between a long read and its caller: the rows that are passed over, those that are given, and the end.

use super::other_columns::SelectedColumns;
use super::walk::Onward;
use crate::job::{Job, PackedRows};
use crate::repository::{Error, Result, Sink};

/// Gives rows to a sink, as far as they are wanted.
pub(in crate::repository::sqlite) struct Outlet<'a> {
    sink: &'a mut dyn Sink,
    /// Rows that are still passed over.
    skip: u64,
    /// Rows that are still wanted.
    wanted: u64,
    /// Nobody is kept waiting while rows are passed on.
    at_ease: bool,
}

impl<'a> Outlet<'a> {
    pub(in crate::repository::sqlite) fn new(sink: &'a mut dyn Sink, at_ease: bool) -> Outlet<'a> {
        Outlet {
            sink,
            skip: 0,
            wanted: u64::MAX,
            at_ease,
        }
    }

    pub(in crate::repository::sqlite) fn within(mut self, skip: u64, wanted: u64) -> Self {
        (self.skip, self.wanted) = (skip, wanted);
        self
    }

    /// How many rows are still to be passed over.
    pub(in crate::repository::sqlite) fn skip_mut(&mut self) -> &mut u64 {
        &mut self.skip
    }

    /// How many rows are needed from here on.
    pub(in crate::repository::sqlite) fn needed(&self) -> u64 {
        self.skip.saturating_add(self.wanted)
    }

    pub(in crate::repository::sqlite) fn give(&mut self, job: &mut Job) -> Result<()> {
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(());
        }
        if self.wanted == 0 {
            return Ok(());
        }
        self.wanted -= 1;
        self.sink.row(job).map_err(Error::Caller)?;
        self.added()
    }

    /// The rows to which the sink wants a row added that was read by this selection; None where it wants jobs. Only for reads that pass
    /// over nothing and end with the last row.
    pub(in crate::repository::sqlite) fn packed(
        &mut self,
        selection: &SelectedColumns,
    ) -> Option<&mut PackedRows> {
        selection.packed(self.sink)
    }

    /// Passes on what was added, where it is much and nobody is kept waiting.
    pub(in crate::repository::sqlite) fn added(&mut self) -> Result<()> {
        if self.at_ease && self.sink.is_full() {
            self.pass_on()?;
        }
        Ok(())
    }

    /// How a walk goes on.
    pub(in crate::repository::sqlite) fn step(&self) -> Onward {
        if self.wanted == 0 {
            Onward::Stop
        } else if !self.at_ease && self.sink.is_full() {
            Onward::PassOn
        } else {
            Onward::On
        }
    }

    pub(in crate::repository::sqlite) fn pass_on(&mut self) -> Result<()> {
        self.sink.pass_on().map_err(Error::Caller)
    }
}
