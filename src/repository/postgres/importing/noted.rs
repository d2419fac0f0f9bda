//! What the history is told of a batch: the rows before they are overwritten, and those that are new.

use std::collections::{HashMap, HashSet};

use tokio_postgres::Row;

use super::batch::{Batch, IMPORTING, Planned};
use crate::job::JobId;
use crate::repository::Result;
use crate::repository::postgres::history::kept_row::KeptRow;
use crate::repository::postgres::history::noting;
use crate::repository::postgres::history::rows::{kept_list, stored_rows};

impl Batch<'_> {
    /// The rows that are about to be overwritten, as the history keeps them; they are locked.
    pub(super) fn before(&self, planned: &[Planned<'_>]) -> Result<HashMap<JobId, KeptRow>> {
        if planned.is_empty() || !self.postgres.recorder.keeps_rows() {
            return Ok(HashMap::new());
        }
        let ids: Vec<JobId> = planned.iter().map(|it| it.job.id()).collect();
        stored_rows(self.postgres, IMPORTING, &ids, false)
    }

    /// The columns that the history keeps of a row, where it keeps any.
    pub(super) fn kept_or(&self, otherwise: &str) -> String {
        if self.postgres.recorder.keeps_rows() {
            kept_list(&self.postgres.table)
        } else {
            otherwise.to_owned()
        }
    }

    /// The same of new rows, of which the id is enough where they are stored as they are given.
    pub(super) fn returned(&self, id: &str) -> String {
        if self.postgres.table.takes_as_given() {
            id.to_owned()
        } else {
            self.kept_or(id)
        }
    }

    pub(super) fn note_inserted(
        &self,
        planned: &[&Planned<'_>],
        inserted: &HashSet<JobId>,
        rows: &[Row],
    ) {
        if !self.postgres.recorder.keeps_rows() {
            return;
        }
        if !self.postgres.table.takes_as_given() {
            return noting::inserted(self.postgres, rows);
        }
        for it in planned {
            if inserted.contains(&it.job.id()) {
                noting::inserted_as_given(self.postgres, &it.arguments);
            }
        }
    }
}
