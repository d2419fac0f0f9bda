//! The receiver of the rows of a long read.

use std::sync::Arc;

use crate::job::{ColumnSet, Job, PackedRows};

/// Takes the rows of a long read, one after the other. A closure is one that only looks at them, or keeps what it needs.
pub trait Sink {
    /// Takes a row, which may be moved out. The database may be held meanwhile, so this waits for nobody.
    fn row(&mut self, job: &mut Job) -> anyhow::Result<()>;

    /// The rows of these columns to which a row is to be added as it is stored, instead of being made a job and given to `row`; None
    /// where jobs are wanted. Asked once for each row.
    fn packed(
        &mut self,
        _columns: ColumnSet,
        _others: &Arc<[Arc<str>]>,
    ) -> Option<&mut PackedRows> {
        None
    }

    /// Whether enough has been taken to be passed on.
    fn is_full(&self) -> bool {
        false
    }

    /// Passes on what has been taken, however long that takes: the database is not held.
    fn pass_on(&mut self) -> anyhow::Result<()> {
        Ok(())
    }
}

impl<F: FnMut(&mut Job) -> anyhow::Result<()>> Sink for F {
    fn row(&mut self, job: &mut Job) -> anyhow::Result<()> {
        self(job)
    }
}

/// The most bytes of rows that are kept before they are passed on, if it is not a single row.
const MOST: usize = 1 << 20;

/// Keeps rows until the database is not held: for a closure that may wait for somebody, such as the reader of a pipe.
pub struct Unhurried<F> {
    rows: Vec<Job>,
    bytes: usize,
    tell: F,
}

impl<F: FnMut(Job) -> anyhow::Result<()>> Unhurried<F> {
    pub fn new(tell: F) -> Unhurried<F> {
        Unhurried {
            rows: Vec::new(),
            bytes: 0,
            tell,
        }
    }
}

impl<F: FnMut(Job) -> anyhow::Result<()>> Sink for Unhurried<F> {
    fn row(&mut self, job: &mut Job) -> anyhow::Result<()> {
        self.bytes += job.size();
        self.rows.push(std::mem::take(job));
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.bytes >= MOST
    }

    fn pass_on(&mut self) -> anyhow::Result<()> {
        self.bytes = 0;
        self.rows.drain(..).try_for_each(&mut self.tell)
    }
}
