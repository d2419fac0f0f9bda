//! What an import does with a job whose id is in use, as its policy has it. An import and its preview decide alike.

use std::collections::HashMap;

use xxhash_rust::xxh64::{Xxh64, xxh64};

use crate::job::fitting::{Limits, fit_value};
use crate::job::{Column, ColumnSet, Job, JobId, Value};
use crate::repository::OnConflict;
use crate::repository::postgres::connection::job_table::JobTable;
use crate::time::Instant;

/// The jobs that an import has written itself, as they are since.
#[derive(Debug, Default)]
pub(super) struct OwnJobs(HashMap<u64, (Option<Instant>, u64)>);

impl OwnJobs {
    pub(super) fn add(&mut self, job: &Job) {
        let written = (job.time(Column::UpdatedAt), digest(job));
        self.0.insert(key(&job.id()), written);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn holds(&self, id: &JobId) -> bool {
        self.0.contains_key(&key(id))
    }

    /// What a job does to one of the same run: of several records the newest counts, of equally new ones the last.
    pub(super) fn decide(&self, job: &Job) -> Option<Decision> {
        let (updated, written) = self.0.get(&key(&job.id()))?;
        let overwrites = job.time(Column::UpdatedAt) >= *updated && digest(job) != *written;
        Some(Decision::overwriting(overwrites))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Insert,
    Overwrite,
    Stay,
    /// An id in use is an error.
    Conflict,
}

impl Decision {
    fn overwriting(overwrites: bool) -> Decision {
        if overwrites {
            Decision::Overwrite
        } else {
            Decision::Stay
        }
    }

    /// The same for a job beside the one that was there before the run, if there is one.
    pub(super) fn of(
        job: &Job,
        there: Option<&Job>,
        on_conflict: OnConflict,
        limits: &Limits,
        table: &JobTable,
    ) -> Decision {
        let Some(there) = there else {
            return Decision::Insert;
        };
        let updated = |job: &Job| job.time(Column::UpdatedAt);
        match on_conflict {
            OnConflict::Skip => Decision::Stay,
            OnConflict::Fail => Decision::Conflict,
            OnConflict::Newer => Decision::overwriting(updated(job) > updated(there)),
            OnConflict::Replace => Decision::overwriting(!equals(job, there, limits, table)),
        }
    }
}

/// The columns that decide.
pub(super) fn read(on_conflict: OnConflict) -> ColumnSet {
    match on_conflict {
        OnConflict::Skip | OnConflict::Fail => ColumnSet::of(&[Column::Id]),
        OnConflict::Newer => ColumnSet::of(&[Column::Id, Column::UpdatedAt]),
        OnConflict::Replace => ColumnSet::WHOLE,
    }
}

/// Whether the row that is there has all that the job would write.
fn equals(job: &Job, there: &Job, limits: &Limits, table: &JobTable) -> bool {
    let alike = |holds, value, stored| {
        value == stored || fit_value(holds, value).value == fit_value(holds, stored).value
    };
    let same = |column, value| alike(limits.of(column), value, there.get(column));
    let is_stored = |name: &str, value| {
        let stored = there.other(name);
        stored.is_some_and(|stored| alike(limits.of_other(name), value, stored))
    };
    job.said().all(|(column, value)| same(column, value))
        && job
            .others()
            .iter()
            .all(|(name, value)| table.keeps_number(name) || is_stored(name, value))
}

fn key(id: &JobId) -> u64 {
    xxh64(id.to_string().as_bytes(), 0)
}

fn digest(job: &Job) -> u64 {
    let mut hasher = Xxh64::new(0);
    let mut add = |value: &Value| {
        let number;
        let (kind, bytes): (u8, &[u8]) = match value {
            Value::Null => (0, &[]),
            Value::Integer(it) => {
                number = it.to_le_bytes();
                (1, &number)
            }
            Value::Real(it) => {
                number = it.to_bits().to_le_bytes();
                (2, &number)
            }
            Value::Text(text) => (3, text.as_bytes()),
            Value::BrokenText(bytes) => (4, bytes),
            Value::Blob(bytes) => (5, bytes),
        };
        hasher.update(&[kind]);
        hasher.update(&bytes.len().to_le_bytes());
        hasher.update(bytes);
    };
    job.values().iter().for_each(&mut add);
    for (name, value) in job.others() {
        add(&Value::from(name.as_ref()));
        add(value);
    }
    hasher.digest()
}
