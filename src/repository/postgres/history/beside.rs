//! What the history keeps of a row beside the job as it is read: little, so that no row is read twice.

use tokio_postgres::Row;

use super::kept_row::KeptRow;
use super::rows::{dangling, is_kept_otherwise, kept};
use crate::job::{Job, Value};
use crate::repository::postgres::connection::job_table::JobTable;
use crate::repository::postgres::connection::stored_column::Stored;
use crate::repository::postgres::connection::values::value;

#[derive(Clone, Debug, Default)]
pub(in crate::repository::postgres) struct Beside {
    /// The values of the columns that a job has in another form, in their order.
    others: Vec<Value>,
    dangling: u8,
}

/// Those columns, with their places.
fn differing(table: &JobTable) -> impl Iterator<Item = (usize, &Stored)> {
    let columns = table.stored_columns().enumerate();
    columns.filter(|(_, stored)| is_kept_otherwise(stored))
}

impl Beside {
    /// The columns of it, as SQL lists them.
    pub(in crate::repository::postgres) fn list(table: &JobTable) -> String {
        let mut list: Vec<String> = differing(table).map(|(_, it)| kept(it)).collect();
        list.push(dangling(table));
        list.join(", ")
    }

    /// Those of a row that has them from this column on.
    pub(in crate::repository::postgres) fn of_row(
        table: &JobTable,
        row: &Row,
        at: usize,
    ) -> Beside {
        let count = differing(table).count();
        Beside {
            others: (at..at + count).map(|index| value(row, index)).collect(),
            dangling: match value(row, at + count) {
                Value::Integer(bits) => bits as u8,
                _ => 0,
            },
        }
    }

    /// The row that is kept of a whole job.
    pub(in crate::repository::postgres) fn row(&self, table: &JobTable, job: &Job) -> KeptRow {
        let known = job.values().iter();
        let others = job.others().iter().map(|(_, value)| value);
        let mut values: Vec<Value> = known.chain(others).cloned().collect();
        for ((place, _), other) in differing(table).zip(&self.others) {
            values[place] = other.clone();
        }
        KeptRow {
            values,
            dangling: self.dangling,
        }
    }
}
