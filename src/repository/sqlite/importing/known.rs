//! The jobs that are there already, for an import that leaves those alone. A few are looked up in the file. When there
//! are many, as when a dump is imported again, the ids of the file are read once and kept: a page of the index for
//! each id is most of the time that such a run takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::params;

use crate::job::{Column, IdSet, Job, JobId, Value};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::{Sqlite, WRITE_CACHE};
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::reading::transaction::{begin_reading, end_reading};
use crate::repository::sqlite::reading::values::{Bound, value};

/// The most ids that are looked up one by one before all are read.
const LOOK_UPS: usize = 10_000;

/// The most ids that are kept, 16 bytes each; a file with more is asked every time.
const MOST: usize = 1 << 20;

/// SQLite's cache while they are kept, in KiB as the pragma takes it: the ids take the memory.
const SMALL_CACHE: i64 = -1024;

/// The most jobs in a row that were not there: then the ids are dropped.
const MOST_MISSES: usize = 500;

/// The ids that are read at once, a few milliseconds' work: a reader keeps writers from committing.
const PAGE: usize = 10_000;

/// The most ids of one beginning that are searched one by one: random ids of the largest file have fewer.
const FEW: usize = 64;

#[derive(Default)]
pub(in crate::repository::sqlite) struct KnownIds {
    looked_up: usize,
    /// The UUIDs of the file, when they have been read. Those of later jobs are not among them, and some jobs may have gone.
    ids: Option<Arc<UuidSet>>,
    /// True when there are too many ids, or none that can be kept.
    looks_up: bool,
}

impl KnownIds {
    /// Whether the next call of `leading` reads all ids, which takes longer than others should wait.
    pub(in crate::repository::sqlite) fn reads_all_next(&self) -> bool {
        self.looked_up >= LOOK_UPS && self.ids.is_none() && !self.looks_up
    }

    /// The number of first jobs that are there, in rows up to this one: later rows were written by the import itself.
    pub(in crate::repository::sqlite) fn leading(
        &mut self,
        sqlite: &Sqlite,
        jobs: &[Job],
        before: i64,
    ) -> Result<usize> {
        if self.reads_all_next() {
            sqlite.set_cache(SMALL_CACHE)?;
            let ids = read_all(sqlite, before)?.filter(|ids| !ids.ascending.is_empty());
            self.ids = ids.map(Arc::new);
            self.looks_up = self.ids.is_none();
            if self.looks_up {
                sqlite.set_cache(WRITE_CACHE)?;
            }
        }
        let mut known = 0;
        if let Some(ids) = &self.ids {
            known = jobs
                .iter()
                .take_while(|job| ids.contains(&job.id()))
                .count();
            if ids.misses.load(Ordering::Relaxed) >= MOST_MISSES {
                *self = KnownIds::default();
                sqlite.set_cache(WRITE_CACHE)?;
            }
        }
        if known == jobs.len() {
            Ok(known)
        } else {
            Ok(known + self.look_up(sqlite, &jobs[known..], before)?)
        }
    }

    /// The set of all ids, when they have been read.
    pub(in crate::repository::sqlite) fn all(&self) -> Option<IdSet> {
        let ids = Arc::clone(self.ids.as_ref()?);
        Some(Arc::new(move |id| ids.check(id)))
    }

    fn look_up(&mut self, sqlite: &Sqlite, jobs: &[Job], before: i64) -> Result<usize> {
        let explain = sqlite.explain("looking for jobs that are there already");
        let mut known = 0;
        let transaction = begin_reading(sqlite)?;
        {
            let mut statement = sqlite
                .connection
                .prepare_cached(&format!(
                    "SELECT 1 FROM {TABLE} WHERE {} = ? AND {} <= ?",
                    ID.name(),
                    sqlite.rowid
                ))
                .map_err(&explain)?;
            for job in jobs {
                let there = statement.exists(params![Bound(job.get(ID)), before]);
                if !there.map_err(&explain)? {
                    break;
                }
                known += 1;
            }
        }
        self.looked_up += known;
        end_reading(sqlite, transaction)?;
        Ok(known)
    }
}

const ID: Column = Column::Id;

/// UUIDs, found by their first two bytes: most are random, and a binary search among a million reads twenty that lie far
/// apart.
struct UuidSet {
    ascending: Vec<u128>,
    /// The index of the first UUID of each beginning, and the end.
    starts: Vec<u32>,
    /// The number of other ids since one of these was asked for.
    misses: AtomicUsize,
}

impl UuidSet {
    fn new(mut ascending: Vec<u128>) -> UuidSet {
        // They come in the order of their text, which differs where some are in capitals.
        ascending.sort_unstable();
        let mut starts = Vec::with_capacity(usize::from(u16::MAX) + 2);
        let mut start = 0;
        for beginning in 0..=u16::MAX {
            let before = |id: &&u128| UuidSet::beginning(**id) < beginning;
            start += ascending[start..].iter().take_while(before).count();
            starts.push(start as u32);
        }
        starts.push(ascending.len() as u32);
        UuidSet {
            ascending,
            starts,
            misses: AtomicUsize::new(0),
        }
    }

    fn beginning(id: u128) -> u16 {
        (id >> 112) as u16
    }

    /// Whether the id is one of them, asked once for each job that comes.
    fn check(&self, id: &JobId) -> bool {
        let is_there = self.contains(id);
        if !is_there {
            self.misses.fetch_add(1, Ordering::Relaxed);
        } else if self.misses.load(Ordering::Relaxed) > 0 {
            // Two threads that only write what stands there already would be slowed down.
            self.misses.store(0, Ordering::Relaxed);
        }
        is_there
    }

    fn contains(&self, id: &JobId) -> bool {
        let JobId::Uuid(uuid) = id else {
            return false;
        };
        let id = uuid.as_u128();
        let beginning = usize::from(UuidSet::beginning(id));
        let [start, end] = [0, 1].map(|next| self.starts[beginning + next] as usize);
        let here = &self.ascending[start..end];
        if here.len() > FEW {
            return here.binary_search(&id).is_ok();
        }
        // The index if they were spread evenly, and on from there.
        let guess = (here.len() * usize::from((id >> 96) as u16)) >> 16;
        let (before, behind) = here.split_at(guess);
        if behind.first().is_some_and(|first| *first <= id) {
            behind.iter().find(|other| **other >= id) == Some(&id)
        } else {
            before.iter().rev().find(|other| **other <= id) == Some(&id)
        }
    }
}

/// All ids that are UUIDs; None when there are too many.
fn read_all(sqlite: &Sqlite, before: i64) -> Result<Option<UuidSet>> {
    let explain = sqlite.explain("reading the ids that are there");
    let id = ID.name();
    let rowid = sqlite.rowid;
    let sql = format!(
        "SELECT {id} FROM {TABLE} WHERE {id} > ? AND {rowid} <= ? ORDER BY {id} LIMIT {PAGE}"
    );
    let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
    let mut ids = Vec::new();
    let mut last = Value::from("");
    loop {
        let mut rows = statement
            .query(params![Bound(&last), before])
            .map_err(&explain)?;
        let mut count = 0;
        let mut end = None;
        while let Some(row) = rows.next().map_err(&explain)? {
            let id = value(row.get_ref(0).map_err(&explain)?);
            if let JobId::Uuid(uuid) = JobId::from_value(&id) {
                ids.push(uuid.as_u128());
            }
            count += 1;
            if count == PAGE {
                end = Some(id);
            }
        }
        drop(rows);
        match end {
            Some(end) if ids.len() < MOST => last = end,
            Some(_) => return Ok(None),
            None => return Ok(Some(UuidSet::new(ids))),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use crate::repository::sqlite::importing::known::*;

    fn uuid(id: u128) -> JobId {
        JobId::Uuid(Uuid::from_u128(id))
    }

    #[test]
    fn those_that_are_there_are_found_and_no_others() {
        let ends = [
            0,
            1,
            1 << 112,
            (1 << 112) + 1,
            (7 << 112) - 1,
            u128::MAX - 1,
        ];
        // Few of one beginning: even, crowded at its start and at its end; and many.
        let even = (0..32).map(|n| (3 << 112) + (n << 107));
        let low = (0..40).map(|n| (4 << 112) + n * 3);
        let high = (0..40).map(|n| (7 << 112) - 200 + n * 3);
        let many = (0..1000).map(|n| (5 << 112) + n * 3);
        let there: Vec<u128> = ends
            .into_iter()
            .chain(even)
            .chain(low)
            .chain(high)
            .chain(many)
            .collect();
        let ids = UuidSet::new(there.clone());
        for id in &there {
            assert!(ids.contains(&uuid(*id)), "{id:x}");
        }
        let beside = there
            .iter()
            .flat_map(|id| [id.wrapping_sub(1), id.wrapping_add(1)]);
        let far = [7 << 112, 9 << 112, 2, u128::MAX];
        for id in beside.chain(far).filter(|id| !there.contains(id)) {
            assert!(!ids.contains(&uuid(id)), "{id:x}");
        }
        assert!(!UuidSet::new(Vec::new()).contains(&uuid(0)));
    }
}
