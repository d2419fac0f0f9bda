//! The decoding of dumps on other threads than the one that writes: one thread splits the dumps (`split`), several convert the
//! pieces, and jobs come out in the order of the dumps. The bytes on their way have a limit.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::messages::{DecodeEvent, DecodedRecords, Refused};
use super::messages::{Promise, RawRecord, Task};
use super::split::Splitter;
use crate::job::{IdSet, Job};
use crate::legacy::convert::{convert_in, convert_others_in, has_own_id};
use crate::legacy::source::Source;
use crate::legacy::stores::encoded;
use crate::legacy::{Conversion, ConvertedRecord, Outer, OuterFacts, Position, Reject, Store};
use crate::system::byte_budget::ByteBudget;
use crate::system::helper_thread;
use crate::time::Zone;

/// The most bytes of dumps on their way; a larger single record still goes alone. Decoded they take about three times as much.
/// With less than a batch of the import on its way, the writing thread would wait for each.
const ON_THE_WAY: usize = 5 << 19;

/// The most converting threads: more would only wait for the writing one. Two cores have two, for runs in which all jobs
/// exist already and only decoding is left to do.
const MOST_WORKERS: usize = 4;

/// Dumps that are being decoded.
pub struct DumpDecoder {
    events: Receiver<Promise>,
    next: Option<Promise>,
    on_the_way: Arc<ByteBudget>,
    taken: Vec<Arc<AtomicU64>>,
    left_out: Arc<LeftOut>,
    spent: Arc<Spent>,
}

/// Jobs that are no longer needed, to be freed.
type Spent = Mutex<Vec<Vec<Job>>>;

/// The ids whose records are left out, if any.
type LeftOut = Mutex<Option<IdSet>>;

/// An event that `DumpDecoder::next` gives.
pub enum NextEvent {
    Event(DecodeEvent),
    /// No event within the time given.
    Waiting,
    Finished,
}

impl DumpDecoder {
    /// `zone` is that of local times, `max_record` the longest record in bytes.
    pub fn start(sources: Vec<Source>, zone: &Zone, max_record: usize) -> DumpDecoder {
        let on_the_way = ByteBudget::new(ON_THE_WAY);
        let taken = sources.iter().map(Source::taken).collect();
        let (promise, events) = mpsc::channel();
        let (work, tasks) = mpsc::channel::<Task>();
        let tasks = Arc::new(Mutex::new(tasks));
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let workers = cores.clamp(1, MOST_WORKERS);
        let left_out = Arc::<LeftOut>::default();
        let spent = Arc::<Spent>::default();
        for _ in 0..workers {
            let (tasks, zone) = (Arc::clone(&tasks), zone.clone());
            let (left_out, spent) = (Arc::clone(&left_out), Arc::clone(&spent));
            helper_thread::spawn(move || work_off(&tasks, &zone, &left_out, &spent));
        }
        let split = Splitter {
            promise,
            work,
            on_the_way: Arc::clone(&on_the_way),
            max_record,
        };
        // No thread is waited for: one that reads from a pipe may never end.
        helper_thread::spawn(move || split.all(sources));
        DumpDecoder {
            events,
            next: None,
            on_the_way,
            taken,
            left_out,
            spent,
        }
    }

    /// The next event, waited for at most that long.
    pub fn next(&mut self, patience: Duration) -> NextEvent {
        let promise = match self.next.take() {
            Some(promise) => promise,
            None => match self.events.recv_timeout(patience) {
                Ok(promise) => promise,
                Err(RecvTimeoutError::Timeout) => return NextEvent::Waiting,
                Err(RecvTimeoutError::Disconnected) => return NextEvent::Finished,
            },
        };
        match promise {
            Promise::Ended(ended) => NextEvent::Event(DecodeEvent::Ended(ended)),
            Promise::Piece(piece) => match piece.recv_timeout(patience) {
                Ok(piece) => NextEvent::Event(DecodeEvent::Decoded(piece)),
                Err(RecvTimeoutError::Timeout) => {
                    self.next = Some(Promise::Piece(piece));
                    NextEvent::Waiting
                }
                Err(RecvTimeoutError::Disconnected) => NextEvent::Finished,
            },
        }
    }

    /// Leaves out records whose jobs have these ids from now on: they are counted, and no jobs are made of them. Records that
    /// are on their way already may still become jobs.
    pub fn leave_out(&self, ids: Option<IdSet>) {
        *guard(&self.left_out) = ids;
    }

    /// Takes jobs back, to be freed by the threads that made them: the allocator keeps memory for the thread that asked for
    /// it, and the writing thread has enough to do.
    pub fn take_back(&self, jobs: Vec<Job>) {
        guard(&self.spent).push(jobs);
    }

    /// The bytes that have been read of all dumps, before they are unpacked.
    pub fn taken(&self) -> u64 {
        let bytes = |count: &Arc<AtomicU64>| count.load(Ordering::Relaxed);
        self.taken.iter().map(bytes).sum()
    }
}

impl Drop for DumpDecoder {
    fn drop(&mut self) {
        self.on_the_way.close();
    }
}

fn work_off(tasks: &Mutex<Receiver<Task>>, zone: &Zone, left_out: &LeftOut, spent: &Spent) {
    loop {
        let next = guard(tasks).recv();
        let Ok(task) = next else {
            return;
        };
        let ids = guard(left_out).clone();
        // The lock must not be held while jobs are freed: others wait to give some back.
        let jobs = guard(spent).pop();
        drop(jobs);
        let mut rest = task.text.as_slice();
        let mut records = Vec::new();
        let mut left_out = Vec::new();
        let count = task.records.len();
        for (done, record) in task.records.into_iter().enumerate() {
            let (key, behind) = rest.split_at(record.key_length.unwrap_or(0));
            let (text, behind) = behind.split_at(record.length);
            rest = behind;
            let at = Position {
                byte: record.position,
                line: record.line,
            };
            // A key is text, as the reader gives it.
            let key = record
                .key_length
                .and_then(|_| std::str::from_utf8(key).ok());
            let outcome = match decode(record, key, text, zone, ids.as_ref()) {
                Ok(Conversion::LeftOut(store)) => {
                    left_out.push(store);
                    continue;
                }
                Ok(Conversion::Job(made)) => Ok(ConvertedRecord { at, ..made }),
                Err(refused) => Err(refused),
            };
            if records.is_empty() {
                records.reserve_exact(count - done);
            }
            records.push(outcome);
        }
        // Nobody may wait for it any more, which is no error.
        let _ = task.done.send(DecodedRecords {
            source: task.source,
            member: task.member,
            records,
            left_out,
            bytes: task.bytes,
            _reserved: task.reserved,
        });
    }
}

fn decode(
    record: RawRecord,
    key: Option<&str>,
    text: &[u8],
    zone: &Zone,
    left_out: Option<&IdSet>,
) -> Result<Conversion, Refused> {
    let outer = Outer {
        key: key.filter(|_| !record.beside),
        around: OuterFacts {
            id: key.filter(|_| record.beside),
            status: record.status_around,
        },
    };
    // A record may have been encoded a second time.
    let bad = record.bad.filter(|_| encoded::record(text).is_none());
    let made = match (bad, left_out) {
        (Some(reason), _) => Err(Reject {
            store: Store::Unknown,
            reason,
            unwrapped: None,
        }),
        (None, None) => convert_in(text, outer, zone).map(Conversion::Job),
        (None, Some(ids)) => convert_others_in(text, outer, zone, ids),
    };
    made.map_err(|reject| {
        let (key, bytes) = match reject.unwrapped {
            Some(inner) => (inner.key, inner.record),
            // The id beside a record is its key, unless it has one of its own.
            None if record.beside && has_own_id(text) => (None, text.to_vec()),
            None => (key.map(str::to_owned), text.to_vec()),
        };
        Refused {
            store: reject.store,
            key,
            position: record.position,
            line: record.line,
            reason: reject.reason,
            bytes,
        }
    })
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
