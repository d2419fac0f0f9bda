//! A database that is open: its session, and the table as it was when somebody last looked.

use std::cell::Cell;
use std::sync::Arc;

use tokio_postgres::Row;

use super::claim::RunClaim;
use super::errors::Label;
use super::job_table::JobTable;
use super::session::Session;
use super::table_shape::{Looked, look};
use super::values::value;
use crate::job::{ColumnSet, Job};
use crate::repository::postgres::address::ConnectionParameters;
use crate::repository::postgres::history::recorder::PostgresRecorder;
use crate::repository::{Access, Result};

pub(in crate::repository) struct Postgres {
    pub(in crate::repository::postgres) session: Session,
    pub(in crate::repository::postgres) table: JobTable,
    pub(in crate::repository::postgres) parameters: ConnectionParameters,
    pub(in crate::repository::postgres) claim: Option<RunClaim>,
    /// What keeps the changes that are made through it.
    pub(in crate::repository::postgres) recorder: PostgresRecorder,
    /// Set where a statement found that the table has other columns than it is known to have.
    pub(in crate::repository::postgres) is_stale: Cell<bool>,
    /// Whether transactions may be long, since others are not expected to wait for their rows.
    pub(in crate::repository::postgres) is_unhurried: bool,
    /// Whether this run has made the table.
    pub(in crate::repository::postgres) made_table: bool,
    /// How many columns the table had when somebody last asked for the version.
    pub(in crate::repository::postgres) seen_columns: Option<String>,
    /// What it was opened for.
    pub(in crate::repository::postgres) access: Access,
}

impl Postgres {
    pub(in crate::repository::postgres) fn label(&self) -> &Label {
        &self.session.label
    }

    /// Looks at the table again: others may have added columns.
    pub(in crate::repository::postgres) fn look_again(&mut self) -> Result<()> {
        match look(&self.session)? {
            Looked::Table(table) => {
                // A policy or a rule may have come meanwhile.
                self.label()
                    .check_sight(table.hidden.as_deref(), self.access)?;
                table.rules.check(self.label(), self.access)?;
                self.table = table;
                Ok(())
            }
            Looked::Nothing { .. } if !self.table.is_there => Ok(()),
            Looked::Nothing { others, .. } => Err(self.label().no_table(others)),
            Looked::Other(what, hint) => Err(self.label().other_table(what, hint)),
        }
    }

    /// A job from a row that `JobTable::list` of the same columns selected.
    pub(in crate::repository::postgres) fn job(&self, row: &Row, columns: ColumnSet) -> Job {
        self.job_at(row, 0, columns)
    }

    /// The same of a row in which it begins with this column.
    pub(in crate::repository::postgres) fn job_at(
        &self,
        row: &Row,
        at: usize,
        columns: ColumnSet,
    ) -> Job {
        let mut job = Job::default();
        let mut index = at;
        for column in columns.iter() {
            job.set(column, value(row, index));
            index += 1;
        }
        if columns.has_others() {
            let names = self.table.others.iter().enumerate();
            let others = names.map(|(place, name)| (Arc::clone(name), value(row, index + place)));
            job.set_others(others.collect());
        }
        job
    }
}
