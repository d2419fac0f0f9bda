//! What is told to the history by those who change jobs: rows as the server stored them. Where much may come of it, they let
//! it be saved (`save_if_full`) when nothing before is taken back any more.

use tokio_postgres::Row;

use super::rows::kept_row;
use crate::job::{Column, Value};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::{Argument, given};

/// Notes a row that has what `kept_list` gave from this column on, and that is gone.
pub(in crate::repository::postgres) fn deleted(postgres: &Postgres, row: &Row, at: usize) {
    let row = kept_row(&postgres.table, row, at);
    postgres.recorder.deleted(&row);
}

/// Notes rows that begin with what `kept_list` gave, and that are new.
pub(in crate::repository::postgres) fn inserted(postgres: &Postgres, rows: &[Row]) {
    for row in rows {
        let row = kept_row(&postgres.table, row, 0);
        postgres.recorder.inserted(&row.values);
    }
}

/// Notes a new row of the known columns that the table stores as it is given.
pub(in crate::repository::postgres) fn inserted_as_given(
    postgres: &Postgres,
    arguments: &[Argument],
) {
    debug_assert_eq!(arguments.len(), Column::COUNT);
    let values: Vec<Value> = arguments.iter().map(given).collect();
    postgres.recorder.inserted(&values);
}
