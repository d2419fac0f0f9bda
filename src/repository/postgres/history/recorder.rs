//! The recorder of a connection: what changes jobs tells it each row, as the server stored it, and with each transaction that is
//! written into the history. What triggers of the table do to other rows it does not see.

use std::cell::{Cell, RefCell};

use super::kept_row::KeptRow;
use crate::job::Value;
use crate::job::value::StoredValue;
use crate::repository::change_log::buffer::{Buffer, BufferMark, ChangeCounts};
use crate::repository::change_log::progress::RunProgress;
use crate::repository::postgres::connection::job_table::JobTable;
use crate::repository::{HistoryChoice, Recorded, RunId, RunTerms};

#[derive(Default)]
pub(in crate::repository::postgres) struct PostgresRecorder {
    pub(super) terms: Option<RunTerms>,
    /// The run that this one takes back.
    pub(super) undoes: Cell<Option<i64>>,
    pub(super) buffer: RefCell<Buffer>,
    /// What is committed, and what is with the open transaction.
    pub(super) saved: Cell<RunProgress>,
    pub(super) now: Cell<RunProgress>,
    /// True when nothing is kept from now on.
    off: Cell<bool>,
    /// The reason why numbers are kept, and no rows.
    pub(super) counts_alone: Cell<Option<&'static str>>,
    /// True when the tables were made in the open transaction, and when they are there since.
    pub(super) made: Cell<bool>,
    pub(super) are_there: Cell<bool>,
}

impl PostgresRecorder {
    /// Keeps what is changed from now on as a run of this command.
    pub(in crate::repository::postgres) fn begin_run(&mut self, terms: RunTerms) {
        self.off.set(terms.keep == HistoryChoice::Off);
        self.terms = Some(terms);
    }

    /// Keeps nothing from now on.
    pub(in crate::repository::postgres) fn stop(&self) {
        self.off.set(true);
    }

    /// Keeps that what is changed takes this run back.
    pub(super) fn set_undoes(&self, run: RunId) {
        self.undoes.set(Some(run.0));
    }

    /// The run as which the open transaction is kept.
    pub(super) fn run(&self) -> Option<i64> {
        self.now.get().run.filter(|_| self.is_on())
    }

    /// The run, when it is committed.
    pub(super) fn saved_run(&self) -> Option<i64> {
        self.saved.get().run
    }

    pub(in crate::repository::postgres) fn is_on(&self) -> bool {
        self.terms.is_some() && !self.off.get()
    }

    /// Whether whoever changes rows is to tell them.
    pub(in crate::repository::postgres) fn keeps_rows(&self) -> bool {
        self.is_on() && self.counts_alone.get().is_none()
    }

    pub(super) fn is_required(&self) -> bool {
        let terms = self.terms.as_ref();
        terms.is_some_and(|terms| terms.keep == HistoryChoice::Required)
    }

    /// Keeps how many jobs are changed from now on, which whoever changes them counts, and no rows.
    pub(in crate::repository::postgres) fn count_alone(&self, why: &'static str) {
        self.counts_alone.set(Some(why));
    }

    /// Counts changes of which no rows are kept.
    pub(in crate::repository::postgres) fn count(&self, changes: ChangeCounts) {
        self.buffer.borrow_mut().counts.add(changes);
    }

    /// Prepares for a transaction that begins.
    pub(in crate::repository::postgres) fn begin(&self, table: &JobTable) {
        self.now.set(self.saved.get());
        self.made.set(false);
        let mut buffer = self.buffer.borrow_mut();
        buffer.clear();
        buffer.only_counts = self.saved.get().too_large;
        buffer.others = table.others.clone();
    }

    pub(in crate::repository::postgres) fn mark(&self) -> BufferMark {
        self.buffer.borrow().mark()
    }

    /// Forgets the changes behind the mark, which have been taken back.
    pub(in crate::repository::postgres) fn cut(&self, mark: BufferMark) {
        self.buffer.borrow_mut().cut(mark);
    }

    pub(super) fn inserted(&self, values: &[Value]) {
        if self.keeps_rows() {
            self.buffer.borrow_mut().inserted(0, &in_order(values));
        }
    }

    pub(in crate::repository::postgres) fn updated(&self, before: &KeptRow, after: &KeptRow) {
        let (old, new) = (in_order(&before.values), in_order(&after.values));
        if self.keeps_rows() {
            let mut buffer = self.buffer.borrow_mut();
            buffer.updated(0, before.dangling, &old, &new);
        }
    }

    pub(super) fn deleted(&self, row: &KeptRow) {
        let values = in_order(&row.values);
        if self.keeps_rows() {
            let mut buffer = self.buffer.borrow_mut();
            buffer.deleted(0, row.dangling, &values);
        }
    }

    /// The open transaction has been committed. Gives the run, where this was its first.
    pub(super) fn committed(&self) -> Option<i64> {
        let before = self.saved.replace(self.now.get());
        if self.made.take() {
            self.are_there.set(true);
        }
        let run = self.now.get().run?;
        if let Some(terms) = &self.terms {
            let _ = terms.recorded.set(Recorded::As(RunId(run)));
        }
        before.run.is_none().then_some(run)
    }

    /// Goes on without keeping anything, since it could not be written.
    pub(super) fn give_up(&self, why: String) {
        self.off.set(true);
        if let Some(terms) = &self.terms {
            let _ = terms.recorded.set(Recorded::Not(why));
        }
    }
}

fn in_order<'a>(values: &'a [Value]) -> impl Fn(usize) -> StoredValue<'a> {
    |index| values.get(index).map_or(StoredValue::Null, Value::stored)
}
