//! The jobs of a history that the beginning of an id may mean: a few of them are told.

use crate::job::JobId;
use crate::job::value::StoredValue;

/// The most that are told.
const MOST: usize = 6;

pub(in crate::repository) struct Candidates<'a> {
    beginning: &'a str,
    pub(in crate::repository) found: Vec<JobId>,
}

impl<'a> Candidates<'a> {
    pub(in crate::repository) fn of(beginning: &'a str) -> Candidates<'a> {
        Candidates {
            beginning,
            found: Vec::new(),
        }
    }

    /// Adds an id where it begins so. Gives false when there are enough.
    pub(in crate::repository) fn add(&mut self, id: StoredValue<'_>) -> bool {
        if matches!(id, StoredValue::Text(text) if text.starts_with(self.beginning.as_bytes())) {
            let job = JobId::from_value(&id.into());
            if !self.found.contains(&job) {
                self.found.push(job);
            }
        }
        self.found.len() < MOST
    }
}
