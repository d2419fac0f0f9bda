//! The question whether a record overwrites the row of its id.

use rusqlite::{OptionalExtension, params};

use crate::job::{Column, ColumnSet, Job, JobId, Value, changes};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::reading::pages;
use crate::repository::sqlite::reading::values::{Bound, value};
use crate::repository::{OnConflict, Result};

/// Whether a row is to be written over the one of its id that is there.
pub(in crate::repository::sqlite) fn overwrites(
    sqlite: &Sqlite,
    job: &Job,
    on_conflict: OnConflict,
) -> Result<bool> {
    match on_conflict {
        OnConflict::Fail | OnConflict::Skip => Ok(false),
        OnConflict::Newer => {
            let stored = Stored::find(sqlite, &job.id())?;
            let stored = stored.and_then(|stored| stored.updated_at.time());
            Ok(job.time(Column::UpdatedAt) > stored)
        }
        OnConflict::Replace => Ok(!equals_stored(sqlite, job)?),
    }
}

pub(in crate::repository::sqlite) fn equals_stored(sqlite: &Sqlite, job: &Job) -> Result<bool> {
    let stored = pages::find(sqlite, &[job.id()], ColumnSet::WHOLE)?;
    let Some(Some(stored)) = stored.first() else {
        return Ok(false);
    };
    let same = |(column, value): (Column, &Value)| changes::same(column, value, stored.get(column));
    let others = job.others();
    Ok(job.said().all(same) && others.iter().all(|other| stored.others().contains(other)))
}

/// The row of a job that is there.
pub(in crate::repository::sqlite) struct Stored {
    pub(in crate::repository::sqlite) row: i64,
    pub(in crate::repository::sqlite) updated_at: Value,
}

impl Stored {
    pub(in crate::repository::sqlite) fn find(
        sqlite: &Sqlite,
        id: &JobId,
    ) -> Result<Option<Stored>> {
        let sql = format!(
            "SELECT {}, {} FROM {TABLE} WHERE {} = ?",
            sqlite.rowid,
            Column::UpdatedAt.name(),
            Column::Id.name()
        );
        let found = sqlite
            .connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement
                    .query_row(params![Bound(&id.to_value())], |row| {
                        Ok(Stored {
                            row: row.get(0)?,
                            updated_at: value(row.get_ref(1)?),
                        })
                    })
                    .optional()
            });
        found.map_err(sqlite.explain("reading a job"))
    }
}
