//! The recorder of a connection. While a run is kept, temporary triggers, which nobody else sees, show it every change of a job that this
//! connection makes, by whatever statement, trigger or cascade, with the values as they are stored. They fire before the
//! table's own triggers, so that changes come in the order in which they were made.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::{lifetime, tables, triggers, upgrade};
use crate::repository::change_log::buffer::{Buffer, BufferMark, ChangeCounts, Row};
use crate::repository::change_log::key_filter::filter_of;
use crate::repository::change_log::numbers::pieces_of;
use crate::repository::change_log::progress::RunProgress;
use crate::repository::sqlite::connection::seen_columns::{self, ColumnNames};
use crate::repository::{HistoryChoice, Recorded, RunId, RunTerms};

/// The bytes of a run that cannot be undone, and of old ones, that go in one transaction.
pub(in crate::repository::sqlite) const DROPPED: i64 = 4 << 20;
const OLD: i64 = 2 << 20;

/// The most old runs that go in one transaction, and how many runs there are from one time to the next.
const OLD_RUNS: usize = 20;
const EVERY: i64 = 8;

#[derive(Default)]
pub(in crate::repository::sqlite) struct Recorder {
    terms: Option<RunTerms>,
    /// The run that this one takes back.
    undoes: Cell<Option<i64>>,
    buffer: Arc<Mutex<Buffer>>,
    /// The version of the schema for which the triggers are there.
    watched: Cell<Option<i64>>,
    /// True when whoever changes a job tells it, so that no triggers are needed.
    told: Cell<bool>,
    /// True when an import tells the rows that it inserts, and triggers show all else: one that fires makes each insert a
    /// third slower.
    inserts_told: Cell<bool>,
    /// The version of the schema that the transaction that is told began with.
    told_schema: Cell<i64>,
    /// What is committed, and what is with the open transaction.
    saved: Cell<RunProgress>,
    now: Cell<RunProgress>,
    /// The run whose pieces are of no use, since it has turned out too large.
    useless: Cell<Option<i64>>,
    /// The version of the schema after the tables were made in the open transaction.
    made: Cell<Option<i64>>,
    /// True when nothing is kept from now on.
    off: Cell<bool>,
    /// The reason why numbers are kept, and no rows.
    counts_alone: Cell<Option<&'static str>>,
    /// The indexes that were made (`+name`) or dropped (`-name`): with the open transaction, and what is committed.
    indexes: RefCell<Vec<String>>,
    saved_indexes: RefCell<Vec<String>>,
    /// True when keeping failed and took the open transaction back.
    took_back: Cell<bool>,
}

impl Recorder {
    /// Keeps what is changed from now on as a run of this command.
    pub(in crate::repository::sqlite) fn begin_run(&mut self, terms: RunTerms) {
        self.off.set(terms.keep == HistoryChoice::Off);
        self.terms = Some(terms);
    }

    /// Keeps nothing from now on.
    pub(in crate::repository::sqlite) fn stop(&self) {
        self.off.set(true);
    }

    /// Keeps that what is changed takes this run back.
    pub(in crate::repository::sqlite) fn set_undoes(&self, run: RunId) {
        self.undoes.set(Some(run.0));
    }

    /// The run as which the open transaction is kept.
    pub(in crate::repository::sqlite) fn run(&self) -> Option<i64> {
        self.now.get().run.filter(|_| self.is_on())
    }

    pub(in crate::repository::sqlite) fn is_on(&self) -> bool {
        self.terms.is_some() && !self.off.get()
    }

    /// Keeps how many jobs are changed from now on, which whoever changes them tells, and no rows.
    pub(in crate::repository::sqlite) fn count_alone(&self, why: &'static str) {
        self.counts_alone.set(Some(why));
    }

    /// Counts changes of which no rows are kept.
    pub(in crate::repository::sqlite) fn count(&self, changes: ChangeCounts) {
        self.buffer().counts.add(changes);
    }

    /// The run, when it is committed.
    pub(in crate::repository::sqlite) fn saved_run(&self) -> Option<i64> {
        self.saved.get().run
    }

    pub(in crate::repository::sqlite) fn is_required(&self) -> bool {
        let terms = self.terms.as_ref();
        terms.is_some_and(|terms| terms.keep == HistoryChoice::Required)
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prepares for a transaction that is about to begin, on a table that has these unknown columns in this version of the schema.
    pub(in crate::repository::sqlite) fn watch(
        &self,
        connection: &Connection,
        rowid: &str,
        schema: i64,
        others: &ColumnNames,
        parents: bool,
    ) -> rusqlite::Result<()> {
        self.now.set(self.saved.get());
        self.made.set(None);
        self.indexes.take();
        self.buffer().clear();
        self.buffer().only_counts = self.saved.get().too_large;
        if self.told.get() {
            self.told_schema.set(schema);
            self.buffer().others = Arc::clone(others);
        }
        if self.fits(schema) {
            return Ok(());
        }
        self.buffer().others = Arc::clone(others);
        if self.watched.get().is_none() {
            triggers::register(connection, Arc::clone(&self.buffer))?;
        }
        let inserts = !self.inserts_told.get();
        triggers::make(connection, rowid, others, parents, inserts)?;
        self.watched.set(Some(schema));
        Ok(())
    }

    /// Whether the triggers, if there are any, fit this version of the schema.
    pub(in crate::repository::sqlite) fn fits(&self, schema: i64) -> bool {
        !self.is_on()
            || self.counts_alone.get().is_some()
            || self.told.get() && self.told_schema.get() == schema
            || self.watched.get() == Some(schema)
    }

    /// Whether a transaction that has begun, and whose schema fits, shows it every change: what tells it changes tells all, or
    /// triggers do.
    pub(in crate::repository::sqlite) fn sees_all(
        &self,
        connection: &Connection,
    ) -> rusqlite::Result<bool> {
        Ok(!self.is_told() || !triggers::is_entangled(connection)?)
    }

    /// Decides whether the next transactions are told to it.
    pub(in crate::repository::sqlite) fn be_told(&self, told: bool) {
        self.told.set(told);
    }

    /// Has triggers show everything from now on.
    pub(in crate::repository::sqlite) fn see_all(&self) {
        self.told.set(false);
        self.inserts_told.set(false);
    }

    /// Decides whether inserts alone are told to it, before it has seen anything.
    pub(in crate::repository::sqlite) fn be_told_inserts(&self, told: bool) {
        if self.watched.get().is_none() {
            self.inserts_told.set(told);
        }
    }

    pub(in crate::repository::sqlite) fn is_told_inserts(&self) -> bool {
        self.is_on() && self.inserts_told.get()
    }

    pub(in crate::repository::sqlite) fn is_told(&self) -> bool {
        self.is_on() && self.told.get() && self.counts_alone.get().is_none()
    }

    /// Whether rows have columns that jobctl does not know.
    pub(in crate::repository::sqlite) fn has_others(&self) -> bool {
        !self.buffer().others.is_empty()
    }

    pub(in crate::repository::sqlite) fn has_triggers(&self) -> bool {
        self.watched.get().is_some()
    }

    pub(in crate::repository::sqlite) fn tell_inserted(&self, rowid: i64, row: Row) {
        self.buffer().inserted(rowid, row);
    }

    pub(in crate::repository::sqlite) fn tell_updated(
        &self,
        dangling: u8,
        before: Row,
        after: Row,
    ) {
        self.buffer().updated(0, dangling, before, after);
    }

    pub(in crate::repository::sqlite) fn tell_deleted(&self, rowid: i64, dangling: u8, row: Row) {
        self.buffer().deleted(rowid, dangling, row);
    }

    pub(in crate::repository::sqlite) fn mark(&self) -> BufferMark {
        self.buffer().mark()
    }

    /// Forgets the changes behind the mark, which have been taken back.
    pub(in crate::repository::sqlite) fn cut(&self, mark: BufferMark) {
        self.buffer().cut(mark);
    }

    /// Keeps that an index has been made (`+name`) or dropped (`-name`) in the open transaction.
    pub(in crate::repository::sqlite) fn note_index(&self, note: String) {
        self.indexes.borrow_mut().push(note);
    }

    /// Whether so much has been seen that it should be written before there is more.
    pub(in crate::repository::sqlite) fn is_full(&self) -> bool {
        self.buffer().is_full()
    }

    /// Writes what has been seen into the open transaction.
    pub(in crate::repository::sqlite) fn save(
        &self,
        connection: &Connection,
    ) -> rusqlite::Result<()> {
        let Some(terms) = self.terms.as_ref().filter(|_| self.is_on()) else {
            return Ok(());
        };
        let seen = self.buffer().counts;
        let indexes = !self.indexes.borrow().is_empty();
        if seen.is_zero() && !indexes {
            return Ok(());
        }
        let mut now = self.now.get();
        now.counts.add(seen);
        let packed = if seen.is_zero() {
            None
        } else {
            now.pack(&mut self.buffer())
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?
        };
        let why_not = self.counts_alone.get().or(now.why_not());
        let run = match now.run {
            Some(run) => {
                tables::update_run(connection, run, now.counts, now.kept, why_not)?;
                run
            }
            None => {
                if !tables::are_there(connection)? {
                    tables::make(connection)?;
                    self.made.set(Some(seen_columns::schema(connection)?));
                } else if upgrade::add_columns(connection)? {
                    self.made.set(Some(seen_columns::schema(connection)?));
                }
                let undoes = self.undoes.get();
                let run =
                    tables::insert_run(connection, terms, undoes, now.counts, now.kept, why_not)?;
                now.run = Some(run);
                // Known now, so that it goes again where the rest fails.
                let before = self.now.get();
                self.now.set(RunProgress {
                    run: now.run,
                    ..before
                });
                if run % EVERY == 0 {
                    self.keep_house(connection, terms)?;
                }
                run
            }
        };
        if let Some(packed) = packed {
            let number = pieces_of(run).start + now.pieces;
            let buffer = self.buffer();
            let job = buffer.only_job().cloned();
            let keys = job.is_none().then(|| filter_of(buffer.keys()));
            let count = buffer.keys().len();
            tables::insert_piece(
                connection,
                number,
                &job.unwrap_or_default(),
                count,
                keys,
                &packed,
            )?;
            now.pieces += 1;
        }
        if indexes {
            let all = [self.saved_indexes.borrow(), self.indexes.borrow()].map(|it| it.join(" "));
            tables::set_indexes(connection, run, all.join(" ").trim())?;
        }
        self.buffer().clear();
        self.now.set(now);
        Ok(())
    }

    /// Removes old runs, a few at a time.
    fn keep_house(&self, connection: &Connection, terms: &RunTerms) -> rusqlite::Result<()> {
        if let Some(before) = lifetime::end_of_old(connection, terms.at)? {
            tables::remove_old(connection, before, OLD_RUNS, OLD)?;
        }
        if upgrade::renew_index(connection)? {
            self.made.set(Some(seen_columns::schema(connection)?));
        }
        Ok(())
    }

    /// The open transaction has been committed.
    ///
    /// Gives the version of the schema where the tables were made: the job table is as it was.
    pub(in crate::repository::sqlite) fn committed(&self) -> Option<i64> {
        let made = self.made.take();
        if let Some(schema) = made {
            self.told_schema.set(schema);
            self.watched.set(self.watched.get().map(|_| schema));
        }
        let now = self.now.get();
        if now.too_large && !self.saved.get().too_large {
            self.useless.set(now.run);
        }
        self.saved.set(now);
        self.saved_indexes
            .borrow_mut()
            .append(&mut self.indexes.borrow_mut());
        if let (Some(run), Some(terms)) = (now.run, &self.terms) {
            let _ = terms.recorded.set(Recorded::As(RunId(run)));
        }
        made
    }

    pub(in crate::repository::sqlite) fn useless_run(&self) -> Option<i64> {
        self.useless.get()
    }

    /// The pieces of that run are gone, or cannot go.
    pub(in crate::repository::sqlite) fn leave_useless(&self) {
        self.useless.set(None);
    }

    /// Goes on without keeping anything, since it could not be written. What has been written of it in the open
    /// transaction goes, and what is committed stays.
    pub(in crate::repository::sqlite) fn give_up(&self, connection: &Connection, why: String) {
        self.off.set(true);
        if let Some(terms) = &self.terms {
            let _ = terms.recorded.set(Recorded::Not(why));
        }
        if connection.is_autocommit() {
            self.took_back.set(true);
        } else if let (None, Some(run)) = (self.saved.get().run, self.now.get().run) {
            // What cannot go is a run without changes.
            let _ = tables::remove_run(connection, run);
        }
    }

    /// Whether giving up has cost the transaction, which is to be done once more.
    pub(in crate::repository::sqlite) fn take_took_back(&self) -> bool {
        self.took_back.take()
    }
}
