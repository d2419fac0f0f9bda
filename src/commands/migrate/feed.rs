//! Records on their way into an import: those that threads decode of dumps, or the rows of a database.

use std::time::Duration;

use super::read_rows::ReadRows;
use crate::commands::parts::database::rows::{DatabaseRows, NextRows, RowBatch, RowsWanted};
use crate::error::Failure;
use crate::job::row::write;
use crate::job::{Column, IdSet, Job};
use crate::legacy::threads::decode::{DumpDecoder, NextEvent};
use crate::legacy::threads::messages::{DecodeEvent, DecodedRecords, Outcome, Refused};
use crate::legacy::{ConvertedRecord, Store};

pub(super) enum Feed {
    Dumps(DumpDecoder),
    Rows(RowFeed),
}

impl Feed {
    /// The rows of a database, none of which may take more than `max_record` bytes; `is_noted` for a comparison afterwards.
    pub(super) fn of_database(wanted: RowsWanted, max_record: usize, is_noted: bool) -> Feed {
        Feed::Rows(RowFeed {
            rows: DatabaseRows::start(wanted),
            left_out: None,
            max_record,
            taken: 0,
            noted: is_noted.then(ReadRows::default),
        })
    }

    /// The next event, waited for at most that long.
    pub(super) fn next(&mut self, patience: Duration) -> Result<NextEvent, Failure> {
        match self {
            Feed::Dumps(decoder) => Ok(decoder.next(patience)),
            Feed::Rows(rows) => rows.next(patience),
        }
    }

    /// As of the decoder of dumps.
    pub(super) fn leave_out(&mut self, ids: Option<IdSet>) {
        match self {
            Feed::Dumps(decoder) => decoder.leave_out(ids),
            Feed::Rows(rows) => rows.left_out = ids,
        }
    }

    /// Takes jobs back that are done with.
    pub(super) fn take_back(&self, jobs: Vec<Job>) {
        match self {
            Feed::Dumps(decoder) => decoder.take_back(jobs),
            Feed::Rows(rows) => rows.rows.take_back(jobs),
        }
    }

    /// The rows that were read, where they were noted.
    pub(super) fn noted(self) -> Option<ReadRows> {
        match self {
            Feed::Dumps(_) => None,
            Feed::Rows(rows) => rows.noted,
        }
    }

    /// The bytes of dumps, or the rows, that have been read.
    pub(super) fn taken(&self) -> u64 {
        match self {
            Feed::Dumps(decoder) => decoder.taken(),
            Feed::Rows(rows) => rows.taken,
        }
    }
}

pub(super) struct RowFeed {
    rows: DatabaseRows,
    /// The ids of jobs that are only counted.
    left_out: Option<IdSet>,
    max_record: usize,
    taken: u64,
    /// The rows as they were read.
    noted: Option<ReadRows>,
}

impl RowFeed {
    fn next(&mut self, patience: Duration) -> Result<NextEvent, Failure> {
        Ok(match self.rows.next(patience)? {
            NextRows::Batch(batch) => NextEvent::Event(DecodeEvent::Decoded(self.records(batch))),
            NextRows::Waiting => NextEvent::Waiting,
            NextRows::Finished => NextEvent::Finished,
        })
    }

    fn records(&mut self, batch: RowBatch) -> DecodedRecords {
        let is_left_out = |job: &Job| self.left_out.as_ref().is_some_and(|ids| ids(&job.id()));
        self.taken += batch.jobs.len() as u64;
        if let Some(noted) = &mut self.noted {
            batch.jobs.iter().for_each(|job| noted.add(job));
        }
        let (left_out, jobs): (Vec<Job>, Vec<Job>) = batch.jobs.into_iter().partition(is_left_out);
        let stores = vec![Store::Jobctl; left_out.len()];
        if !left_out.is_empty() {
            self.rows.take_back(left_out);
        }
        let max_record = self.max_record;
        let records = jobs.into_iter().map(|job| record(job, max_record));
        DecodedRecords::of_database(records.collect(), stores, batch.bytes, batch.reserved)
    }
}

/// A row as a record of jobctl's own; one that the table here cannot have is refused.
fn record(job: Job, max_record: usize) -> Outcome {
    let reason = if job.get(Column::Id).is_null() {
        "it has no id".to_owned()
    } else if job.get(Column::JobType).is_null() {
        "it has no job_type, which the table demands".to_owned()
    } else if job.size() > max_record.saturating_add(size_of::<Job>()) {
        format!("it is longer than the {max_record} bytes that a job may have (--max-record)")
    } else {
        return Ok(ConvertedRecord::of_row(job));
    };
    let mut row = String::new();
    write::append(&mut row, &job);
    Err(Refused {
        store: Store::Jobctl,
        key: None,
        position: 0,
        line: 0,
        reason,
        bytes: row.into_bytes(),
    })
}
