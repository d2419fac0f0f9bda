//! One side of a merge: its next rows in the order of their ids.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::time::Duration;

use anyhow::Result;

use crate::commands::parts::database::rows::{DatabaseRows, NextRows, RowsWanted};
use crate::commands::parts::interrupt::Interrupt;
use crate::error::{Failure, Kind};
use crate::job::{Column, Job, Value};
use crate::system::byte_budget::Reserved;

/// The time between two looks for Ctrl-C.
const GLANCE: Duration = Duration::from_millis(50);

/// The number of rows that are given back together.
const TOGETHER: usize = 64;

pub(super) struct MergedRow {
    pub(super) job: Job,
    /// The digest of the row as it was read; None where nobody asks for it.
    pub(super) digest: Option<u64>,
}

/// What makes rows of those that were read.
pub(super) type Prepare<'a> = &'a mut dyn FnMut(Vec<Job>) -> Result<Vec<MergedRow>>;

pub(super) struct MergedSide<'a> {
    rows: DatabaseRows,
    next: VecDeque<MergedRow>,
    /// The share of the budget of these.
    reserved: Option<Reserved>,
    has_ended: bool,
    spent: Vec<Job>,
    interrupt: &'a Interrupt,
}

impl<'a> MergedSide<'a> {
    pub(super) fn start(rows: RowsWanted, interrupt: &'a Interrupt) -> MergedSide<'a> {
        MergedSide {
            rows: DatabaseRows::start(rows),
            next: VecDeque::new(),
            reserved: None,
            has_ended: false,
            spent: Vec::new(),
            interrupt,
        }
    }

    /// Waits until there is a next row, or no more.
    pub(super) fn fill(&mut self, prepare: Prepare<'_>) -> Result<()> {
        while self.next.is_empty() && !self.has_ended {
            // The next batch may need all of the budget.
            self.reserved = None;
            if self.interrupt.is_set() {
                let message = "interrupted; the comparison did not come to its end";
                let failure = Failure::new(Kind::Interrupted, message);
                return Err(failure.hint("run it again from the beginning").into());
            }
            match self.rows.next(GLANCE)? {
                NextRows::Waiting => {}
                NextRows::Finished => self.has_ended = true,
                NextRows::Batch(batch) => {
                    self.reserved = Some(batch.reserved);
                    self.next.extend(prepare(batch.jobs)?);
                }
            }
        }
        Ok(())
    }

    /// How the next row of this side stands to that of the other; None where neither has one. A job without an id is no other's.
    pub(super) fn order(&self, other: &MergedSide<'_>) -> Option<Ordering> {
        match (self.id(), other.id()) {
            (None, None) => None,
            (Some(_), None) => Some(Ordering::Less),
            (None, Some(_)) => Some(Ordering::Greater),
            (Some(own), Some(_)) if own.is_null() => Some(Ordering::Less),
            (Some(_), Some(its)) if its.is_null() => Some(Ordering::Greater),
            (Some(own), Some(its)) => Some(own.sort_cmp(its)),
        }
    }

    fn id(&self) -> Option<&Value> {
        Some(self.next.front()?.job.get(Column::Id))
    }

    pub(super) fn take(&mut self) -> Option<MergedRow> {
        self.next.pop_front()
    }

    /// Takes a row back that is done with.
    pub(super) fn take_back(&mut self, row: MergedRow) {
        self.spent.push(row.job);
        if self.spent.len() == TOGETHER {
            self.rows.take_back(std::mem::take(&mut self.spent));
        }
    }
}
