//! The rows of a database that a thread of its own reads, with a connection of its own, while they are written or compared here. The
//! bytes on the way are bounded; while they wait, the database is not held.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use anyhow::anyhow;

use crate::error::{Failure, Kind};
use crate::job::order::Order;
use crate::job::{ColumnSet, Filter, Job};
use crate::repository::{self, Access, Error, Location, Patience, Sink};
use crate::system::byte_budget::{ByteBudget, Reserved};
use crate::text::visible::one_line;

/// The bytes of rows that are handed over at once.
const BATCH: usize = 512 << 10;

/// The most bytes of rows on the way; a larger single row goes alone.
const ON_THE_WAY: usize = 2 << 20;

/// The most bytes of rows that were given back and whose memory is kept for the next ones.
const SPARE: usize = 1 << 20;

/// What is to be read of a database.
#[derive(Clone)]
pub(crate) struct RowsWanted {
    pub location: Location,
    pub patience: Patience,
    /// None: whichever is quickest.
    pub order: Option<Order>,
    pub columns: ColumnSet,
}

/// A reading that is going on. It ends when this is dropped.
pub(crate) struct DatabaseRows {
    messages: Receiver<RowMessage>,
    back: Sender<Vec<Job>>,
    on_the_way: Arc<ByteBudget>,
}

enum RowMessage {
    Batch(RowBatch),
    End(Result<(), Failure>),
}

/// Some rows, in their order.
pub(crate) struct RowBatch {
    pub jobs: Vec<Job>,
    /// Their bytes, which are on the way for as long as this lives.
    pub bytes: usize,
    pub reserved: Reserved,
}

pub(crate) enum NextRows {
    Batch(RowBatch),
    /// None within the time given.
    Waiting,
    Finished,
}

impl DatabaseRows {
    pub(crate) fn start(wanted: RowsWanted) -> DatabaseRows {
        let (tell, messages) = mpsc::channel();
        let (back, written) = mpsc::channel();
        let on_the_way = ByteBudget::new(ON_THE_WAY);
        let budget = Arc::clone(&on_the_way);
        // It is not waited for: a server may not answer.
        thread::spawn(move || {
            let mut sender = RowSender {
                batch: Vec::new(),
                bytes: 0,
                spare: Vec::new(),
                written,
                budget,
                tell,
            };
            let read = read(&wanted, &mut sender);
            // Nobody may wait for it any more, which is no error.
            let _ = sender.tell.send(RowMessage::End(read));
        });
        DatabaseRows {
            messages,
            back,
            on_the_way,
        }
    }

    /// The next rows, waited for at most that long; an error says what was read.
    pub(crate) fn next(&mut self, patience: Duration) -> Result<NextRows, Failure> {
        match self.messages.recv_timeout(patience) {
            Ok(RowMessage::Batch(batch)) => Ok(NextRows::Batch(batch)),
            Ok(RowMessage::End(read)) => read.map(|()| NextRows::Finished),
            Err(RecvTimeoutError::Timeout) => Ok(NextRows::Waiting),
            Err(RecvTimeoutError::Disconnected) => {
                Err(Failure::new(Kind::Failed, "the rows could not be read"))
            }
        }
    }

    /// Takes rows back, whose memory serves for others.
    pub(crate) fn take_back(&self, jobs: Vec<Job>) {
        // Who reads nothing any more needs none.
        let _ = self.back.send(jobs);
    }
}

impl Drop for DatabaseRows {
    fn drop(&mut self) {
        self.on_the_way.close();
    }
}

fn read(wanted: &RowsWanted, sender: &mut RowSender) -> Result<(), Failure> {
    let failed = |error| failure_of(error, &wanted.location);
    let patience = wanted.patience.clone();
    let mut repository =
        repository::open(&wanted.location, Access::ReadAll, patience).map_err(failed)?;
    let all = Filter::default();
    let read = repository.stream(&all, wanted.order, wanted.columns, sender);
    read.map_err(failed)
}

/// An error of a database that is not the only one of the run: its message says which it is.
pub(crate) fn failure_of(error: Error, location: &Location) -> Failure {
    let name = location.name();
    let name = one_line(&name);
    let mut message = error.to_string();
    if !message.contains(&*name) {
        message = format!("reading {name}: {message}");
    }
    let failure = Failure::new(error.kind(), message);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

struct RowSender {
    batch: Vec<Job>,
    bytes: usize,
    spare: Vec<Job>,
    written: Receiver<Vec<Job>>,
    budget: Arc<ByteBudget>,
    tell: Sender<RowMessage>,
}

impl RowSender {
    /// Takes rows back that were given back, as many as are worth keeping.
    fn take_back(&mut self) {
        let mut bytes: usize = self.spare.iter().map(Job::memory).sum();
        for job in self.written.try_iter().flatten() {
            bytes += job.memory();
            if bytes > SPARE {
                break;
            }
            self.spare.push(job);
        }
    }
}

impl Sink for RowSender {
    fn row(&mut self, job: &mut Job) -> anyhow::Result<()> {
        self.bytes += job.memory();
        let next = self.spare.pop().unwrap_or_default();
        self.batch.push(std::mem::replace(job, next));
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.bytes >= BATCH
    }

    fn pass_on(&mut self) -> anyhow::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.bytes);
        let nobody = || anyhow!("nobody takes the rows");
        let reserved = self.budget.take(bytes).ok_or_else(nobody)?;
        let next = Vec::with_capacity(self.batch.len());
        let jobs = std::mem::replace(&mut self.batch, next);
        let batch = RowBatch {
            jobs,
            bytes,
            reserved,
        };
        let told = self.tell.send(RowMessage::Batch(batch));
        told.map_err(|_| nobody())?;
        self.take_back();
        Ok(())
    }
}
