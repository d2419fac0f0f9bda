//! A sweep: it goes through all jobs in the order of their ids, gives those that are to go, and removes them by id and row
//! version when the caller has archived them or removed their folders. A job that others change in between, or hold, stays.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::removal::has_own_rules;
use super::transaction::OpenTransaction;
use super::write::KEPT;
use crate::job::{Column, ColumnSet, Job, JobId, Value};
use crate::repository::change_log::buffer::ChangeCounts;
use crate::repository::change_log::words::SWEPT;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::errors::rule;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::{Argument, text, value};
use crate::repository::postgres::hints::RULES;
use crate::repository::{Found, KeptByTable, Outcome, Removed, Result, Sweep, SweepTerms, Swept};

const FINDING: &str = "looking for jobs to remove";
const REMOVING: &str = "removing jobs";

/// The rows that are judged at once, and those of which more is read at once.
const PAGE: usize = 2_000;
const PART: usize = 100;

/// The time that a removal is to take: others may wait for its rows.
const SHORT: Duration = Duration::from_millis(40);
const LEAST: usize = 50;
const MOST: usize = 2_000;

/// The same where others are not expected to wait for them.
const LONG: Duration = Duration::from_secs(1);
const MOST_UNHURRIED: usize = 20_000;

/// The version of a row as SQL: the number of the transaction that wrote it.
const VERSION: &str = "xmin::text::int8";

/// Transactions that can begin while a sweep goes on: numbers come round again after 2^32.
const NEW: u32 = 1 << 28;

/// A sweep that is going on.
pub(in crate::repository::postgres) struct PostgresSweep<'a> {
    postgres: &'a mut Postgres,
    terms: SweepTerms,
    /// Whether the table may keep a job.
    careful: bool,
    /// The first transaction that had not begun at the beginning.
    first_new: u32,
    /// The last id that was judged; None before the first, and `is_end` behind the last.
    last: Option<String>,
    is_end: bool,
    /// Jobs that go, by id, with their row versions: they have not been given yet.
    going: VecDeque<(JobId, i64)>,
    /// The jobs of the next removal.
    size: usize,
    told: Outcome,
}

impl<'a> PostgresSweep<'a> {
    pub(in crate::repository::postgres) fn begin(
        postgres: &'a mut Postgres,
        terms: SweepTerms,
    ) -> Result<PostgresSweep<'a>> {
        const SQL: &str =
            "SELECT (pg_snapshot_xmax(pg_current_snapshot())::text::numeric % 4294967296)::int8";
        postgres.recorder.count_alone(SWEPT);
        postgres.look_again()?;
        let careful = has_own_rules(postgres, true)?;
        let rows = postgres.session.rows(FINDING, SQL, &[])?;
        let first_new = match rows.first().map(|row| value(row, 0)) {
            Some(Value::Integer(number)) => u32::try_from(number).unwrap_or(0),
            _ => 0,
        };
        let size = if postgres.is_unhurried { MOST } else { LEAST };
        Ok(PostgresSweep {
            terms: SweepTerms {
                columns: terms.columns.union(terms.judged).with(Column::Id),
                judged: terms.judged.with(Column::Id),
            },
            postgres,
            careful,
            first_new,
            last: None,
            is_end: false,
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

    /// Judges a page.
    fn judge(&mut self, goes: &mut dyn FnMut(&Job) -> bool) -> Result<()> {
        let table = &self.postgres.table;
        // In the order of the table's key, whatever that is: its index has it.
        let id = table.as_text(Column::Id);
        let (condition, arguments) = match &self.last {
            None => (String::new(), vec![]),
            Some(last) => (
                format!(" WHERE {id} > $1"),
                vec![Argument::text(last.clone())],
            ),
        };
        let judged = self.terms.judged;
        let page = PAGE.max(self.most());
        let sql = format!(
            "SELECT {}, {VERSION} FROM {TABLE}{condition} ORDER BY {id} LIMIT {page}",
            table.list(judged)
        );
        let width = judged.count();
        let rows = self.postgres.session.rows(FINDING, &sql, &arguments)?;
        self.is_end = rows.len() < page;
        for row in &rows {
            let job = self.postgres.job(row, judged);
            let Value::Integer(version) = value(row, width) else {
                continue;
            };
            self.last = job.get(Column::Id).as_str().map(str::to_owned);
            let is_new = (version as u32).wrapping_sub(self.first_new) < NEW;
            if !is_new && goes(&job) {
                self.going.push_back((job.id(), version));
            }
        }
        Ok(())
    }

    /// Reads the first of those that go, as they are now.
    fn read_going(&mut self, swept: &mut Swept) -> Result<()> {
        let part: Vec<(JobId, i64)> = self.going.drain(..self.going.len().min(PART)).collect();
        let ids: Vec<JobId> = part.iter().map(|(id, _)| id.clone()).collect();
        let mut found = self.read(&ids, self.terms.columns)?;
        for (id, version) in part {
            // One that was changed since it was judged is left.
            if let Some((now, job)) = found.remove(&id)
                && now == version
            {
                swept.push(Found::new(version, job));
            }
        }
        Ok(())
    }

    fn read(&self, ids: &[JobId], columns: ColumnSet) -> Result<HashMap<JobId, (i64, Job)>> {
        let postgres = &*self.postgres;
        let others = if columns.has_others() {
            postgres.table.others.len()
        } else {
            0
        };
        let width = columns.iter().count() + others;
        let sql = format!(
            "SELECT {}, {VERSION} FROM {TABLE} WHERE {} = ANY ($1)",
            postgres.table.list(columns),
            postgres.table.as_text(Column::Id)
        );
        let ids = crate::repository::postgres::reading::pages::texts(ids);
        let rows = postgres
            .session
            .rows(FINDING, &sql, &[Argument::Texts(ids)])?;
        let read = |row| {
            let job = postgres.job(row, columns);
            match value(row, width) {
                Value::Integer(version) => Some((job.id(), (version, job))),
                _ => None,
            }
        };
        Ok(rows.iter().filter_map(read).collect())
    }

    /// Removes these jobs where they are as they were read, in the transaction that is open: those that went, and those
    /// that the table keeps.
    fn delete(&self, found: &[Found], seen: i64) -> Result<(HashSet<JobId>, Vec<KeptByTable>)> {
        let session = &self.postgres.session;
        if !self.careful {
            let gone = self.try_delete(found, seen);
            let explain = |error| session.label.explain(REMOVING, &error);
            return Ok((gone.map_err(explain)?, Vec::new()));
        }
        session.run(REMOVING, "SAVEPOINT jobctl")?;
        match self.try_delete(found, seen) {
            Ok(gone) => {
                let kept = self.kept(found, &gone)?;
                Ok((gone, kept))
            }
            Err(error) if rule(&error).is_none() => Err(session.label.explain(REMOVING, &error)),
            Err(_) => {
                session.run(REMOVING, "ROLLBACK TO SAVEPOINT jobctl")?;
                self.delete_one_by_one(found, seen)
            }
        }
    }

    fn delete_one_by_one(
        &self,
        found: &[Found],
        seen: i64,
    ) -> Result<(HashSet<JobId>, Vec<KeptByTable>)> {
        let session = &self.postgres.session;
        let (mut gone, mut kept) = (HashSet::new(), Vec::new());
        for it in found {
            let one = std::slice::from_ref(it);
            session.run(REMOVING, "SAVEPOINT jobctl")?;
            match self.try_delete(one, seen) {
                Ok(done) => {
                    kept.extend(self.kept(one, &done)?);
                    gone.extend(done);
                }
                Err(error) => {
                    let why = rule(&error);
                    let why = why.ok_or_else(|| session.label.explain(REMOVING, &error))?;
                    session.run(REMOVING, "ROLLBACK TO SAVEPOINT jobctl")?;
                    kept.push(KeptByTable {
                        id: it.job().id(),
                        why,
                        see: RULES,
                    });
                }
            }
        }
        Ok((gone, kept))
    }

    /// The jobs of these that are still there as they were and held by nobody.
    fn kept(&self, found: &[Found], gone: &HashSet<JobId>) -> Result<Vec<KeptByTable>> {
        let left: Vec<&Found> = found
            .iter()
            .filter(|it| !gone.contains(&it.job().id()))
            .collect();
        if left.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("{} SELECT id FROM held", self.held());
        let arguments = arguments(left.into_iter(), self.postgres.table.width);
        let rows = self.postgres.session.rows(REMOVING, &sql, &arguments)?;
        let kept = |text: String| KeptByTable {
            id: JobId::new(&text),
            why: KEPT.to_owned(),
            see: RULES,
        };
        Ok(rows
            .iter()
            .filter_map(|row| text(row, 0))
            .map(kept)
            .collect())
    }

    /// The rows of `$1`, of the versions `$2`, of a table that has as many columns as when they were read, and that nobody holds.
    fn held(&self) -> String {
        let id = self.postgres.table.as_text(Column::Id);
        format!(
            "WITH held AS (SELECT {TABLE}.ctid AS place, {id} AS id FROM {TABLE}
            JOIN unnest($1::text[], $2::int8[]) wanted (wanted_id, version) ON {id} = wanted_id
            WHERE {TABLE}.{VERSION} = version
            AND (SELECT relnatts FROM pg_class WHERE oid = to_regclass('{TABLE}')) = $3
            FOR UPDATE OF {TABLE} SKIP LOCKED)"
        )
    }

    fn try_delete(
        &self,
        found: &[Found],
        seen: i64,
    ) -> std::result::Result<HashSet<JobId>, tokio_postgres::Error> {
        let sql = format!(
            "{} DELETE FROM {TABLE} USING held WHERE {TABLE}.ctid = held.place RETURNING held.id",
            self.held()
        );
        let arguments = arguments(found.iter(), seen);
        let rows = self.postgres.session.try_rows(&sql, &arguments)?;
        let id = |row| Some(JobId::new(&text(row, 0)?));
        Ok(rows.iter().filter_map(id).collect())
    }
}

fn arguments<'f>(found: impl Iterator<Item = &'f Found>, seen: i64) -> [Argument; 3] {
    let (ids, versions) = found
        .map(|it| (it.job().id().to_string(), it.key()))
        .unzip();
    [
        Argument::Texts(ids),
        Argument::Numbers(versions),
        Argument::Integer(Some(seen)),
    ]
}

impl Sweep for PostgresSweep<'_> {
    fn next_batch(
        &mut self,
        most_bytes: usize,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Option<Swept>> {
        if self.going.is_empty() && self.is_end {
            return Ok(None);
        }
        // A column that comes later is not in these rows, and so they are not as they were read.
        self.postgres.look_again()?;
        let mut swept = Swept::seen_at(self.postgres.table.width);
        if self.going.is_empty() {
            self.judge(goes)?;
        }
        while !self.going.is_empty() && swept.bytes() < most_bytes {
            self.read_going(&mut swept)?;
        }
        Ok(Some(swept))
    }

    fn still_stand(&mut self, swept: &mut Swept) -> Result<u64> {
        let before = swept.len();
        self.postgres.look_again()?;
        let width = self.postgres.table.width;
        let ids: Vec<JobId> = swept.jobs().map(Job::id).collect();
        let now = self.read(&ids, ColumnSet::of(&[Column::Id]))?;
        let mut standing = swept.take_all();
        let is_same = width == swept.seen();
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
        let tried = self.delete(&found, swept.seen());
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
        let transaction = OpenTransaction::begin(self.postgres);
        let (gone, kept) = self.delete(&found, swept.seen())?;
        let deleted = ChangeCounts::of_deleted(gone.len() as i64);
        self.postgres.recorder.count(deleted);
        transaction.commit(REMOVING)?;
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
