//! The look-up of the episodes and series that jobs name. Many jobs name the same few: one that was there is not looked up again.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use crate::job::Column;
use crate::job::checkup::Cell;
use crate::repository::sqlite::connection::schema::TABLE;

/// The parents of a job: the column, and the table that it names a row of.
const PARENTS: [(Column, &str); 2] = [
    (Column::EpisodeId, "episodes"),
    (Column::SeriesId, "series"),
];

/// The most ids of a table that are remembered.
const MOST: usize = 1 << 14;

pub(super) struct ParentLookup {
    /// The statement for a row by its number, as SQLite compares the two columns.
    sql: [String; 2],
    there: [HashSet<Box<[u8]>>; 2],
}

impl ParentLookup {
    pub(super) fn new(rowid: &str) -> ParentLookup {
        ParentLookup {
            sql: PARENTS.map(|(column, table)| {
                let name = column.name();
                format!(
                    "SELECT NOT EXISTS (SELECT 1 FROM {table} AS parent WHERE parent.id = {TABLE}.{name}) FROM {TABLE} WHERE {rowid} = ?"
                )
            }),
            there: Default::default(),
        }
    }

    /// The columns of this row that name something that is not there.
    pub(super) fn orphan(
        &mut self,
        connection: &Connection,
        number: i64,
        cells: &[Cell<'_>; Column::COUNT],
    ) -> rusqlite::Result<[Option<Column>; 2]> {
        let mut orphan = [None; 2];
        for (index, (column, _)) in PARENTS.into_iter().enumerate() {
            let cell = cells[column as usize];
            let text = cell.text();
            if cell.is_null() || text.is_some_and(|text| self.there[index].contains(text)) {
                continue;
            }
            let mut statement = connection.prepare_cached(&self.sql[index])?;
            let is_missing = statement.query_row(params![number], |row| row.get(0))?;
            if is_missing {
                orphan[index] = Some(column);
            } else if let Some(text) = text
                && self.there[index].len() < MOST
            {
                self.there[index].insert(text.into());
            }
        }
        Ok(orphan)
    }
}
