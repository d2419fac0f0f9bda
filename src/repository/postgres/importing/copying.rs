//! New rows by COPY, in its binary form: the server takes them as they come, without a statement's work for each. It goes straight into
//! the table, since a savepoint takes back what a rule refuses: a temporary table would have every row written twice.

use super::batch::{Batch, Planned};
use crate::job::Column;
use crate::repository::postgres::connection::binary_rows::binary_rows;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::history::noting;
use crate::repository::{Imported, Result};

/// The fewest rows for which its two more round trips are worth it.
const FEWEST: usize = 8;

impl Batch<'_> {
    /// Whether the rows are stored as they are sent: what COPY has done cannot be asked for.
    pub(super) fn can_copy(&self, rows: usize) -> bool {
        rows >= FEWEST
            && self
                .postgres
                .table
                .takes_copies(self.postgres.recorder.keeps_rows())
    }

    /// Gives the reason for which a rule of the table refuses one of them, as the id that somebody else has taken meanwhile.
    pub(super) fn copy_all(
        &self,
        planned: &[&Planned<'_>],
        outcomes: &mut [Option<Imported>],
    ) -> Result<Option<String>> {
        let names: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
        let sql = format!(
            "COPY {TABLE} ({}) FROM STDIN (FORMAT binary)",
            names.join(", ")
        );
        let rows = planned.iter().map(|it| it.arguments.as_slice());
        if let Err(error) = self.postgres.session.try_copy(&sql, binary_rows(rows)) {
            return self.refusal(&error).map(Some);
        }
        let keeps_rows = self.postgres.recorder.keeps_rows();
        for it in planned {
            outcomes[it.index] = Some(Imported::Inserted);
            if keeps_rows {
                noting::inserted_as_given(self.postgres, &it.arguments);
            }
        }
        Ok(None)
    }
}
