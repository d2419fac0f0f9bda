//! A sweep: it goes through all jobs in the order of the file, gives those that are to go, and removes them when the
//! caller has archived them or removed their folders. A job that the service changes in between stays.

use std::collections::VecDeque;

use rusqlite::{OptionalExtension, params};

use super::removal;
use super::sweep_state::{REMOVING, SweepState, data_version, removed};
use super::transactions::Transactions;
use crate::job::{Column, ColumnSet, Job};
use crate::repository::change_log::buffer::ChangeCounts;
use crate::repository::change_log::words::SWEPT;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::connection::syncing::Early;
use crate::repository::sqlite::reading::other_columns::SelectedColumns;
use crate::repository::sqlite::reading::pages::PAGE;
use crate::repository::sqlite::reading::values::{Bound, value};
use crate::repository::{Found, Outcome, Result, Sweep, SweepTerms, Swept};

/// SQLite's cache while others leave the file alone, in KiB (negative, as the pragma takes it). Jobs lie in the order
/// in which they were made; only the index of ids is gone through in no order, and has 48 MB for a million jobs.
const QUIET_CACHE: i64 = -38 * 1024;

/// The most pages that are read in a row.
const PAGES: usize = 10;

/// The rows of a page while others leave the file alone: what is read of the file for them is still in memory when they are
/// removed.
const QUIET_PAGE: u64 = 250;

const ID: ColumnSet = ColumnSet::of(&[Column::Id]);

const STARTING: &str = "starting to remove jobs";
const FINDING: &str = "looking for jobs to remove";
/// A sweep that is going on.
pub(in crate::repository::sqlite) struct SweepSession<'a> {
    sqlite: &'a mut Sqlite,
    state: SweepState,
}

impl<'a> SweepSession<'a> {
    pub(in crate::repository::sqlite) fn begin(
        sqlite: &'a mut Sqlite,
        terms: SweepTerms,
    ) -> Result<SweepSession<'a>> {
        sqlite.recorder.count_alone(SWEPT);
        let state = sqlite.settled(|| begin(sqlite, terms))?;
        if sqlite.alone {
            sqlite.start_syncing(Early::DatabaseAndJournal);
        }
        Ok(SweepSession { sqlite, state })
    }
}

impl Drop for SweepSession<'_> {
    fn drop(&mut self) {
        self.state.transactions.abandon(self.sqlite);
    }
}

impl Sweep for SweepSession<'_> {
    fn next_batch(
        &mut self,
        most_bytes: usize,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Option<Swept>> {
        self.state.next_batch(self.sqlite, most_bytes, goes)
    }

    fn still_stand(&mut self, swept: &mut Swept) -> Result<u64> {
        self.state.still_stand(self.sqlite, swept)
    }

    /// Removes each, where the table has rules about removal, in a transaction that is taken back: a job that stays is not
    /// to be archived again every night, nor to lose its folder.
    fn try_removal(&mut self, swept: &mut Swept) -> Result<()> {
        if self.state.careful {
            self.state.try_removal(self.sqlite, swept)
        } else {
            Ok(())
        }
    }

    fn remove(&mut self, swept: &mut Swept) -> Result<u64> {
        let changed = self.state.remove(self.sqlite, swept);
        if changed.is_err() {
            self.state.pending.clear();
            self.state.transactions.abandon(self.sqlite);
        }
        let changed = changed?;
        if self.state.transactions.was_long() && !self.state.wide {
            self.sqlite.start_syncing(Early::DatabaseAndJournal);
            self.sqlite.set_cache(QUIET_CACHE)?;
            self.state.wide = true;
        }
        Ok(changed)
    }

    fn yield_lock(&mut self) -> Result<()> {
        let state = &mut self.state;
        if !state.transactions.is_open() || state.transactions.yield_lock(self.sqlite, REMOVING)? {
            state.settle();
        }
        Ok(())
    }

    fn take_outcome(&mut self) -> Outcome {
        std::mem::take(&mut self.state.told)
    }

    fn end(mut self: Box<Self>) -> (Outcome, Result<()>) {
        let ended = self.state.commit(self.sqlite);
        (self.take_outcome(), ended)
    }
}

fn begin(sqlite: &Sqlite, terms: SweepTerms) -> Result<SweepState> {
    let careful = sqlite.may_refuse_removal()?;
    removal::check(sqlite)?;
    let mut transactions = Transactions::begin(sqlite)?;
    transactions.open_if_kept(sqlite)?;
    let sql = format!("SELECT max({}) FROM {TABLE}", sqlite.rowid);
    let end = sqlite.connection.query_row(&sql, [], |row| row.get(0));
    let end: Option<i64> = end.map_err(sqlite.explain(STARTING))?;
    if sqlite.alone {
        sqlite.set_cache(QUIET_CACHE)?;
    }
    Ok(SweepState {
        columns: terms.columns.union(terms.judged).union(ID),
        judged: terms.judged.union(ID),
        transactions,
        last: i64::MIN,
        end: end.unwrap_or(i64::MIN),
        wide: sqlite.alone,
        pending: Vec::new(),
        told: Outcome::default(),
        careful,
    })
}

impl SweepState {
    fn next_batch(
        &mut self,
        sqlite: &Sqlite,
        most_bytes: usize,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Option<Swept>> {
        if self.last >= self.end {
            return Ok(None);
        }
        let seen = version(sqlite)?;
        let mut swept = Swept::seen_at(seen);
        let (pages, rows) = if self.wide {
            (1, QUIET_PAGE)
        } else {
            (PAGES, PAGE)
        };
        // A column that comes later is not in these rows, and so they are not as they were read.
        let selection = sqlite.settled(|| SelectedColumns::of(sqlite, self.columns))?;
        for _ in 0..pages {
            sqlite.settled(|| {
                self.read_page(sqlite, &selection, &mut swept, rows, most_bytes, goes)
            })?;
            if swept.bytes() >= most_bytes || self.last >= self.end {
                break;
            }
        }
        Ok(Some(swept))
    }

    /// Reads one page alone: in `delete` mode a reader keeps the service from committing.
    fn read_page(
        &mut self,
        sqlite: &Sqlite,
        selection: &SelectedColumns,
        swept: &mut Swept,
        page: u64,
        most_bytes: usize,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<()> {
        let explain = sqlite.explain(FINDING);
        let rowid = sqlite.rowid;
        let sql = format!(
            "SELECT {}, {rowid} FROM {TABLE} WHERE {rowid} > ? AND {rowid} <= ? ORDER BY {rowid} LIMIT {page}",
            selection.list()
        );
        let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
        let mut rows = statement.query([self.last, self.end]).map_err(&explain)?;
        let width = selection.width();
        let mut read = 0;
        while swept.bytes() < most_bytes {
            let Some(row) = rows.next().map_err(&explain)? else {
                if read < page {
                    self.last = self.end;
                }
                return Ok(());
            };
            read += 1;
            let mut found = Job::default();
            for (index, column) in self.columns.iter().enumerate() {
                if self.judged.contains(column) {
                    found.set(column, value(row.get_ref(index).map_err(&explain)?));
                }
            }
            let key: i64 = row.get(width).map_err(&explain)?;
            self.last = key;
            if goes(&found) {
                if self.columns != self.judged {
                    found = selection.job(row).map_err(&explain)?;
                }
                swept.push(Found::new(key, found));
            }
        }
        Ok(())
    }

    /// Drops those that are no longer as they were read, and gives their number.
    fn still_stand(&self, sqlite: &Sqlite, swept: &mut Swept) -> Result<u64> {
        let version = version(sqlite)?;
        if version == swept.seen() {
            return Ok(0);
        }
        let before = swept.len();
        let mut standing = VecDeque::with_capacity(before);
        for found in swept.take_all() {
            standing.extend(sqlite.settled(|| self.reread(sqlite, &found))?);
        }
        swept.replace(standing, version);
        Ok((before - swept.len()) as u64)
    }

    /// The same job under its key of now, if it is as it was.
    pub(in crate::repository::sqlite) fn reread(
        &self,
        sqlite: &Sqlite,
        found: &Found,
    ) -> Result<Option<Found>> {
        let selection = SelectedColumns::of(sqlite, self.columns)?;
        let rowid = sqlite.rowid;
        let sql = format!(
            "SELECT {}, {rowid} FROM {TABLE} WHERE {} IS ? ORDER BY {rowid} = ? DESC LIMIT 1",
            selection.list(),
            Column::Id.name()
        );
        let explain = sqlite.explain(FINDING);
        let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
        let now = statement
            .query_row(
                params![Bound(found.job().get(Column::Id)), found.key()],
                |row| Ok((selection.job(row)?, row.get(selection.width())?)),
            )
            .optional()
            .map_err(&explain)?;
        Ok(now
            .filter(|(now, _)| now == found.job())
            .map(|(now, key)| Found::new(key, now)))
    }

    /// Takes the next job that is as it was read, while the transaction has time for it, and counts those that are not.
    pub(in crate::repository::sqlite) fn take_unchanged(
        &self,
        sqlite: &Sqlite,
        swept: &mut Swept,
        same: bool,
        changed: &mut u64,
    ) -> Result<Option<Found>> {
        while !self.transactions.is_over()
            && let Some(found) = swept.take_first()
        {
            let unchanged = if same {
                Some(found)
            } else {
                self.reread(sqlite, &found)?
            };
            if unchanged.is_some() {
                return Ok(unchanged);
            }
            *changed += 1;
        }
        Ok(None)
    }

    /// Removes as many of the first as fit one transaction, and gives the number of those that had changed, and stay.
    fn remove(&mut self, sqlite: &Sqlite, swept: &mut Swept) -> Result<u64> {
        if self.careful {
            return self.remove_carefully(sqlite, swept);
        }
        self.transactions.open(sqlite)?;
        let explain = sqlite.explain(REMOVING);
        let same = data_version(sqlite).map_err(&explain)? == swept.seen();
        let sql = format!("DELETE FROM {TABLE} WHERE {} = ?", sqlite.rowid);
        let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
        let mut changed = 0;
        while let Some(found) = self.take_unchanged(sqlite, swept, same, &mut changed)? {
            statement.execute([found.key()]).map_err(&explain)?;
            self.pending.push(removed(&found));
            sqlite.recorder.count(ChangeCounts::of_deleted(1));
        }
        if self.transactions.is_over() || !self.transactions.may_stay_open() {
            drop(statement);
            if self.transactions.yield_lock(sqlite, REMOVING)? {
                self.settle();
            }
        }
        Ok(changed)
    }

    /// Takes what was pending for removed. After seconds that is too much to be copied.
    fn settle(&mut self) {
        let removed = &mut self.told.removed;
        if removed.is_empty() {
            std::mem::swap(removed, &mut self.pending)
        } else {
            removed.append(&mut self.pending)
        }
    }

    pub(in crate::repository::sqlite) fn commit(&mut self, sqlite: &Sqlite) -> Result<()> {
        self.transactions.commit(sqlite, REMOVING)?;
        self.settle();
        Ok(())
    }
}

fn version(sqlite: &Sqlite) -> Result<i64> {
    sqlite.settled(|| data_version(sqlite).map_err(sqlite.explain(FINDING)))
}
