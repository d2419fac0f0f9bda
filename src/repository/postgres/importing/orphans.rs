//! The episodes and series that jobs of an import name and that are not there. The server would refuse such a job, and with it all that
//! is written in the same statement.

use std::collections::HashSet;

use crate::job::{Column, Job};
use crate::text::visible::one_line;

/// What the last question about them found missing.
#[derive(Debug, Default)]
pub(super) struct Orphans(HashSet<(Column, String)>);

impl Orphans {
    /// Notes what was found missing of these jobs, by index and column.
    pub(super) fn note(&mut self, jobs: &[Job], missing: &[(usize, Column)]) {
        let named = missing.iter();
        self.0 = named
            .map(|(index, column)| (*column, jobs[*index].get(*column).display().into_owned()))
            .collect();
    }

    /// The reason for which a job is refused that still names one of them, to be read behind its name.
    pub(super) fn refusal(&self, job: &Job) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        [Column::EpisodeId, Column::SeriesId]
            .into_iter()
            .find_map(|column| {
                let value = job.get(column);
                let id = value.display().into_owned();
                let is_missing = !value.is_null() && self.0.contains(&(column, id.clone()));
                let what = column.flag();
                is_missing.then(|| format!("there is no {what} \"{}\"", one_line(&id)))
            })
    }
}
