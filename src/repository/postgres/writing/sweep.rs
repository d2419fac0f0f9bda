//! A sweep: it goes through all jobs, gives those that are to go, and removes them by id and row version when the caller has archived
//! them or removed their folders. A job that others change in between, or hold, stays.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::found_rows::{FINDING, FoundRows, REMOVING, VERSION};
use super::removal::has_own_rules;
use super::table_width::WIDTH;
use super::transaction::OpenTransaction;
use super::walk::Walk;
use crate::job::{Column, ColumnSet, Job, JobId, Value};
use crate::repository::change_log::buffer::ChangeCounts;
use crate::repository::change_log::words::SWEPT;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::value;
use crate::repository::{Found, KeptByTable, Outcome, Removed, Result, Sweep, SweepTerms, Swept};

/// The rows that are judged at once, and those of which more is read at once.
const PAGE: usize = 2_000;
const PART: usize = 100;

/// The most times that rows are judged before it is asked whether to go on.
const PAGES: usize = 8;

/// The time that a removal is to take: others may wait for its rows.
const SHORT: Duration = Duration::from_millis(40);
const LEAST: usize = 50;
const MOST: usize = 2_000;

/// The same where others are not expected to wait for them.
const LONG: Duration = Duration::from_secs(1);
const MOST_UNHURRIED: usize = 20_000;

/// Transactions that can begin while a sweep goes on: numbers come round again after 2^32.
const NEW: u32 = 1 << 28;

/// A sweep that is going on.
pub(in crate::repository::postgres) struct PostgresSweep<'a> {
    postgres: &'a mut Postgres,
    terms: SweepTerms,
    /// Whether the table may keep a job.
    careful: bool,
    walk: Walk,
    /// The number of the table's columns when rows were read last.
    width: i64,
    /// Jobs that go, as they were judged: they have not been given yet.
    going: VecDeque<Found>,
    /// The jobs of the next removal.
    size: usize,
    told: Outcome,
}

impl<'a> PostgresSweep<'a> {
    pub(in crate::repository::postgres) fn begin(
        postgres: &'a mut Postgres,
        terms: SweepTerms,
    ) -> Result<PostgresSweep<'a>> {
        postgres.recorder.count_alone(SWEPT);
        postgres.look_again()?;
        let careful = has_own_rules(postgres, true)?;
        let walk = Walk::begin(&postgres.session, FINDING)?;
        let size = if postgres.is_unhurried { MOST } else { LEAST };
        Ok(PostgresSweep {
            terms: SweepTerms {
                columns: terms.columns.union(terms.judged).with(Column::Id),
                judged: terms.judged.with(Column::Id),
            },
            width: postgres.table.width,
            postgres,
            careful,
            walk,
            going: VecDeque::new(),
            size,
            told: Outcome::default(),
        })
    }

    /// The most jobs that are removed in one transaction.
    fn most(&self) -> usize {
        if self.postgres.is_unhurried {
            MOST_UNHURRIED
        } else {
            MOST
        }
    }

    fn rows(&self) -> FoundRows<'_> {
        FoundRows {
            postgres: self.postgres,
            has_places: self.walk.has_places,
        }
    }

    /// Removes all of them, where nobody has changed or holds one of them; or none.
    fn remove_unseen(&self, found: &[Found], seen: i64) -> Result<bool> {
        if self.careful {
            return Ok(false);
        }
        let transaction = OpenTransaction::begin_brief(self.postgres);
        if !self.rows().delete_unseen(found, seen)? {
            return Ok(false);
        }
        transaction.wait_again();
        self.commit(transaction, found.len())?;
        Ok(true)
    }

    /// Removes those that are as they were judged, that nobody holds, and that the table lets go.
    fn remove_each(
        &self,
        found: &[Found],
        seen: i64,
    ) -> Result<(HashSet<JobId>, Vec<KeptByTable>)> {
        let transaction = OpenTransaction::begin(self.postgres);
        let (gone, kept) = self.rows().delete(found, seen, self.careful)?;
        self.commit(transaction, gone.len())?;
        Ok((gone, kept))
    }

    fn commit(&self, transaction: OpenTransaction<'_>, deleted: usize) -> Result<()> {
        let deleted = ChangeCounts::of_deleted(deleted as i64);
        self.postgres.recorder.count(deleted);
        transaction.commit(REMOVING)
    }

    /// Judges the next rows.
    fn judge(&mut self, goes: &mut dyn FnMut(&Job) -> bool) -> Result<()> {
        let table = &self.postgres.table;
        let judged = self.terms.judged;
        let page = PAGE.max(self.most());
        let (which, arguments) = self.walk.next(table, page);
        let sql = format!(
            "SELECT {}, {VERSION}, ctid, {WIDTH} FROM {TABLE}{which}",
            table.list(judged)
        );
        let width = judged.count();
        let rows = self.postgres.session.rows(FINDING, &sql, &arguments)?;
        for row in &rows {
            let (version, place) = (value(row, width), value(row, width + 1));
            let (Value::Integer(version), Value::Integer(place)) = (version, place) else {
                continue;
            };
            let is_new = (version as u32).wrapping_sub(self.walk.first_new) < NEW;
            if is_new {
                continue;
            }
            let job = self.postgres.job(row, judged);
            if goes(&job) {
                self.going.push_back(Found::at(version, place, job));
            }
        }
        if let Some(Value::Integer(now)) = rows.first().map(|row| value(row, width + 2)) {
            self.width = now;
        }
        self.walk.go_on(&rows, page);
        Ok(())
    }

    /// Gives the first of those that go; as they are now, where more of them is wanted than was judged.
    fn read_going(&mut self, swept: &mut Swept) -> Result<()> {
        let part: Vec<Found> = self.going.drain(..self.going.len().min(PART)).collect();
        if self.terms.columns == self.terms.judged {
            part.into_iter().for_each(|found| swept.push(found));
            return Ok(());
        }
        let (mut now, _) = self.rows().read(part.iter(), self.terms.columns)?;
        for found in part {
            // One that was changed since it was judged is left.
            if let Some((version, job)) = now.remove(&found.job().id())
                && version == found.key()
            {
                swept.push(Found::at(version, found.place(), job));
            }
        }
        Ok(())
    }
}

impl Sweep for PostgresSweep<'_> {
    fn next_batch(
        &mut self,
        most_bytes: usize,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Option<Swept>> {
        if self.going.is_empty() && self.walk.is_over {
            return Ok(None);
        }
        for _ in 0..PAGES {
            if self.going.len() < self.size && !self.walk.is_over {
                self.judge(goes)?;
            }
        }
        if self.width != self.postgres.table.width {
            self.postgres.look_again()?;
        }
        // A column that comes later is not in these rows, and so they are not as they were read.
        let mut swept = Swept::seen_at(self.postgres.table.width);
        while !self.going.is_empty() && swept.bytes() < most_bytes {
            self.read_going(&mut swept)?;
        }
        Ok(Some(swept))
    }

    fn still_stand(&mut self, swept: &mut Swept) -> Result<u64> {
        let before = swept.len();
        let mut standing = swept.take_all();
        let (now, width) = self
            .rows()
            .read(standing.iter(), ColumnSet::of(&[Column::Id]))?;
        let is_same = width == Some(swept.seen());
        standing.retain(|found| {
            let now = now.get(&found.job().id());
            is_same && now.is_some_and(|(version, _)| *version == found.key())
        });
        for found in standing {
            swept.push(found);
        }
        Ok((before - swept.len()) as u64)
    }

    /// Removes them, where the table has rules about removal, in a transaction that is taken back: a job that stays is not to
    /// be archived again every night, nor to lose its folder.
    fn try_removal(&mut self, swept: &mut Swept) -> Result<()> {
        if !self.careful {
            return Ok(());
        }
        let found: Vec<Found> = swept.take_all().into();
        let transaction = OpenTransaction::begin(self.postgres);
        let tried = self.rows().delete(&found, swept.seen(), true);
        drop(transaction);
        let (_, kept) = tried?;
        let ids: HashSet<JobId> = kept.iter().map(|kept| kept.id.clone()).collect();
        for found in found {
            if !ids.contains(&found.job().id()) {
                swept.push(found);
            }
        }
        self.told.kept.extend(kept);
        Ok(())
    }

    fn remove(&mut self, swept: &mut Swept) -> Result<u64> {
        let started = Instant::now();
        let mut found = Vec::new();
        while found.len() < self.size
            && let Some(first) = swept.take_first()
        {
            found.push(first);
        }
        let (gone, kept) = if self.remove_unseen(&found, swept.seen())? {
            (found.iter().map(|it| it.job().id()).collect(), Vec::new())
        } else {
            self.remove_each(&found, swept.seen())?
        };
        let changed = found.len() - gone.len() - kept.len();
        let removed = found.iter().map(|found| found.job());
        let removed = removed.filter(|job| gone.contains(&job.id()));
        self.told.removed.extend(removed.map(|job| Removed {
            id: job.id(),
            status: job.status(),
        }));
        self.told.kept.extend(kept);
        let short = if self.postgres.is_unhurried {
            LONG
        } else {
            SHORT
        };
        self.size = if started.elapsed() < short {
            (self.size * 2).min(self.most())
        } else {
            (self.size / 2).max(LEAST)
        };
        Ok(changed as u64)
    }

    fn yield_lock(&mut self) -> Result<()> {
        Ok(())
    }

    fn take_outcome(&mut self) -> Outcome {
        std::mem::take(&mut self.told)
    }

    fn end(mut self: Box<Self>) -> (Outcome, Result<()>) {
        (self.take_outcome(), Ok(()))
    }
}
