//! Sweeps: all jobs are judged, and some removed, while others use the database. A sweep is a session: removals that are
//! not final when it is dropped are taken back.

use std::collections::VecDeque;

use super::Result;
use crate::job::{ColumnSet, Job, JobId, Status};

/// The columns that a sweep reads.
#[derive(Clone, Copy, Debug)]
pub struct SweepTerms {
    /// Of the jobs that go.
    pub columns: ColumnSet,
    /// Of every job.
    pub judged: ColumnSet,
}

/// A job that a sweep found, with its key.
#[derive(Clone, Debug)]
pub struct Found {
    key: i64,
    place: i64,
    job: Job,
}

impl Found {
    /// The key is the backend's own.
    pub(in crate::repository) fn new(key: i64, job: Job) -> Found {
        Found::at(key, 0, job)
    }

    /// The same with the place in which its row lay, where the backend has such places; 0 is none.
    pub(in crate::repository) fn at(key: i64, place: i64, job: Job) -> Found {
        Found { key, place, job }
    }

    pub(in crate::repository) fn key(&self) -> i64 {
        self.key
    }

    pub(in crate::repository) fn place(&self) -> i64 {
        self.place
    }

    pub fn job(&self) -> &Job {
        &self.job
    }
}

/// The jobs that a sweep found to go, in the backend's own order.
#[derive(Debug)]
pub struct Swept {
    rows: VecDeque<Found>,
    /// The memory that they took when they were found.
    bytes: usize,
    /// The state of the database when they were read, in the backend's own terms.
    seen: i64,
}

impl Swept {
    pub(in crate::repository) fn seen_at(seen: i64) -> Swept {
        Swept {
            rows: VecDeque::new(),
            bytes: 0,
            seen,
        }
    }

    pub(in crate::repository) fn seen(&self) -> i64 {
        self.seen
    }

    pub(in crate::repository) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Replaces them by those that are left, as they are in this state of the database.
    pub(in crate::repository) fn replace(&mut self, rows: VecDeque<Found>, seen: i64) {
        self.rows = rows;
        self.seen = seen;
    }

    /// An empty set read in the same state, to be filled with some of these.
    pub fn none_of(&self) -> Swept {
        Swept::seen_at(self.seen)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.rows.iter().map(Found::job)
    }

    /// Takes the first one out.
    pub fn take_first(&mut self) -> Option<Found> {
        self.rows.pop_front()
    }

    /// Takes all of them out.
    pub fn take_all(&mut self) -> VecDeque<Found> {
        self.bytes = 0;
        std::mem::take(&mut self.rows)
    }

    /// Puts one behind the others.
    pub fn push(&mut self, found: Found) {
        self.bytes += found.job.size();
        self.rows.push_back(found);
    }

    /// Puts these before the others, in their order.
    pub(in crate::repository) fn put_back(&mut self, first: Vec<Found>) {
        for found in first.into_iter().rev() {
            self.rows.push_front(found);
        }
    }
}

/// A job that a sweep has removed for good.
#[derive(Clone, Debug)]
pub struct Removed {
    pub id: JobId,
    pub status: Option<Status>,
}

/// A job that a rule of the table keeps from being removed.
#[derive(Clone, Debug)]
pub struct KeptByTable {
    pub id: JobId,
    pub why: String,
    /// The part of the schema in which the rule stands.
    pub see: &'static str,
}

/// The jobs that were removed or kept since the last call.
#[derive(Debug, Default)]
pub struct Outcome {
    pub removed: Vec<Removed>,
    pub kept: Vec<KeptByTable>,
}

/// A sweep that is going on: it goes through all jobs that were there at its beginning.
pub trait Sweep {
    /// Judges the next jobs, and gives those for which `goes` is true; at most about `most_bytes`. None at the end.
    fn next_batch(
        &mut self,
        most_bytes: usize,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Option<Swept>>;

    /// Drops those that somebody has changed or removed since they were read, and gives their number.
    fn still_stand(&mut self, swept: &mut Swept) -> Result<u64>;

    /// Drops those that the table would not let go, as far as that can be found out by trying; the outcome has them.
    fn try_removal(&mut self, swept: &mut Swept) -> Result<()>;

    /// Removes as many of the first as fit one short transaction, but for those changed since they were read, and gives
    /// the number of these. Others find the database free between two calls. After an error, jobs of which no outcome has
    /// told are still there.
    fn remove(&mut self, swept: &mut Swept) -> Result<u64>;

    /// Makes final what `remove` did. To be called before anything is waited for, since others may wait meanwhile.
    fn yield_lock(&mut self) -> Result<()>;

    /// The final removals and keeps since the last call.
    fn take_outcome(&mut self) -> Outcome;

    /// Makes final what `remove` did, and gives the last outcome beside the error, if there was one.
    fn end(self: Box<Self>) -> (Outcome, Result<()>);
}
