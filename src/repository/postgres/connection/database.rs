//! A database that is open: its session, and the table as it was when somebody last looked.

use std::sync::Arc;

use tokio_postgres::Row;

use super::claim::RunClaim;
use super::errors::Label;
use super::job_table::{JobTable, Looked, look};
use super::session::Session;
use super::values::value;
use crate::job::{ColumnSet, Job};
use crate::repository::postgres::address::ConnectionParameters;
use crate::repository::postgres::hints::not_yet;
use crate::repository::{Error, HistoryChoice, Recorded, Result, RunTerms};

pub(in crate::repository) struct Postgres {
    pub(in crate::repository::postgres) session: Session,
    pub(in crate::repository::postgres) table: JobTable,
    pub(in crate::repository::postgres) parameters: ConnectionParameters,
    pub(in crate::repository::postgres) claim: Option<RunClaim>,
    pub(in crate::repository::postgres) run: Option<RunTerms>,
    /// How many columns the table had when somebody last asked for the version.
    pub(in crate::repository::postgres) seen_columns: Option<String>,
}

impl Postgres {
    pub(in crate::repository::postgres) fn label(&self) -> &Label {
        &self.session.label
    }

    /// Looks at the table again: others may have added columns.
    pub(in crate::repository::postgres) fn look_again(&mut self) -> Result<()> {
        match look(&self.session)? {
            Looked::Table(table) => {
                self.table = table;
                Ok(())
            }
            Looked::Nothing { .. } if !self.table.is_there => Ok(()),
            Looked::Nothing { others, .. } => Err(self.label().no_table(others)),
            Looked::Other(what) => Err(self.label().other_table(what)),
        }
    }

    /// To be called before the first change: there is no history here yet.
    pub(in crate::repository::postgres) fn begin_changing(&self) -> Result<()> {
        let Some(run) = &self.run else {
            return Ok(());
        };
        match run.keep {
            HistoryChoice::Required => Err(Error::Own(not_yet("the history"))),
            HistoryChoice::Off => Ok(()),
            HistoryChoice::Auto => {
                let why = "the history does not work on PostgreSQL yet".to_owned();
                run.recorded.get_or_init(|| Recorded::Not(why));
                Ok(())
            }
        }
    }

    /// A job from a row that `JobTable::list` of the same columns selected.
    pub(in crate::repository::postgres) fn job(&self, row: &Row, columns: ColumnSet) -> Job {
        let mut job = Job::default();
        let mut index = 0;
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
