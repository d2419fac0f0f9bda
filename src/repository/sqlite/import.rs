//! Whole rows in batches: what a migrate writes.

use rusqlite::{OptionalExtension, params, params_from_iter};

use super::functions::TIME;
use super::values::Bound;
use super::write::{begin, insert_sql};
use super::{Sqlite, TABLE};
use crate::job::{Column, Job, JobId, Value};
use crate::repository::{Error, Imported, OnConflict, Result};

/// The statement of a policy. It writes a row, or leaves the table as it is when the row is there and
/// stays; a row equal in every column is left alone by every policy.
fn import_sql(on_conflict: OnConflict) -> String {
    let id = Column::Id.name();
    let others = || Column::ALL.iter().filter(|column| **column != Column::Id);
    let assign: Vec<String> = others()
        .map(|column| format!("{0} = excluded.{0}", column.name()))
        .collect();
    let differs: Vec<String> = others()
        .map(|column| format!("{TABLE}.{0} IS NOT excluded.{0}", column.name()))
        .collect();
    let updated = Column::UpdatedAt.name();
    let action = match on_conflict {
        OnConflict::Skip => "NOTHING".to_owned(),
        OnConflict::Fail => return insert_sql(),
        OnConflict::Replace => format!(
            "UPDATE SET {} WHERE {}",
            assign.join(", "),
            differs.join(" OR ")
        ),
        OnConflict::Newer => format!(
            "UPDATE SET {} WHERE {TIME}(excluded.{updated}) > coalesce({TIME}({TABLE}.{updated}), {})",
            assign.join(", "),
            i64::MIN
        ),
    };
    format!("{} ON CONFLICT ({id}) DO {action}", insert_sql())
}

pub(super) fn import(
    sqlite: &mut Sqlite,
    jobs: &[Job],
    on_conflict: OnConflict,
) -> Result<Vec<Imported>> {
    // Dangling ids are the caller's matter here (see `missing_parents`), and rows brought back from an
    // archive keep theirs.
    let off = sqlite.connection.pragma_update(None, "foreign_keys", false);
    off.map_err(sqlite.explain("preparing an import"))?;
    let sql = import_sql(on_conflict);
    let mut outcomes = Vec::with_capacity(jobs.len());
    let mut hold = sqlite.pace.begin();
    let explain = sqlite.explain("importing jobs");
    let transaction = begin(sqlite)?;
    hold.taken();
    {
        let mut statement = transaction.prepare_cached(&sql).map_err(&explain)?;
        for job in jobs {
            // The id is looked up only where the statement cannot say which of the two it did.
            let there = matches!(on_conflict, OnConflict::Newer | OnConflict::Replace)
                && stored_update(sqlite, &job.id())?.is_some();
            let written = statement
                .execute(params_from_iter(job.values().iter().map(Bound)))
                .map_err(|error| match is_taken_id(&error) {
                    true => Error::Exists {
                        ids: vec![job.id()],
                    },
                    false => explain(error),
                })?;
            outcomes.push(match (written, there) {
                (0, _) => Imported::Skipped,
                (_, true) => Imported::Updated,
                (_, false) => Imported::Inserted,
            });
            if hold.row() {
                break;
            }
        }
    }
    hold.committing();
    transaction.commit().map_err(&explain)?;
    sqlite.pace.end(&hold);
    Ok(outcomes)
}

fn is_taken_id(error: &rusqlite::Error) -> bool {
    super::errors::code(error).is_some_and(|code| {
        matches!(
            code.extended_code,
            rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY | rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
        )
    })
}

/// `updated_at` of a job as stored; None when there is no such job.
pub(super) fn stored_update(sqlite: &Sqlite, id: &JobId) -> Result<Option<Value>> {
    let sql = format!(
        "SELECT {} FROM {TABLE} WHERE {} = ?",
        Column::UpdatedAt.name(),
        Column::Id.name()
    );
    sqlite
        .connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement
                .query_row(params![Bound(&id.to_value())], |row| {
                    Ok(super::values::value(row.get_ref(0)?))
                })
                .optional()
        })
        .map_err(sqlite.explain("reading a job"))
}
