//! Changes that are noted by who makes them, without triggers, which take longer to make than one job takes to be changed. So it is
//! done where nothing but that statement can change a job: no trigger and no other table has to do with the jobs.

use rusqlite::OptionalExtension;
use rusqlite::types::ValueRef;

use super::piece::{EPISODE, SERIES, borrowed};
use super::recorder::Recorder;
use crate::job::{Column, ColumnSet, Job};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::reading::other_columns::SelectedColumns;
use crate::repository::sqlite::writing::parents::missing_parents;

const NOTING: &str = "reading a job";

/// Whether anything beside the table itself has to do with its rows.
pub(in crate::repository::sqlite) fn is_entangled(sqlite: &Sqlite) -> Result<bool> {
    const SQL: &str = "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'trigger') AND sql LIKE '%' || ?1 || '%'
        AND (type = 'trigger' OR name <> ?1 COLLATE NOCASE
            OR sql LIKE '%REFERENCES%' || ?1 || '%' OR sql LIKE '%ON%CONFLICT%')";
    sqlite
        .connection
        .prepare(SQL)
        .and_then(|mut statement| statement.exists([TABLE]))
        .map_err(sqlite.explain("reading the schema"))
}

/// Notes the row that was just inserted, as it is stored.
pub(in crate::repository::sqlite) fn inserted(sqlite: &Sqlite) -> Result<()> {
    if !sqlite.recorder.is_told() {
        return Ok(());
    }
    let rowid = sqlite.connection.last_insert_rowid();
    let selection = SelectedColumns::of(sqlite, ColumnSet::WHOLE)?;
    let sql = format!(
        "SELECT {} FROM {TABLE} WHERE {} = ?",
        selection.list(),
        sqlite.rowid
    );
    let stored = sqlite
        .connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement
                .query_row([rowid], |row| selection.job(row))
                .optional()
        })
        .map_err(sqlite.explain(NOTING))?;
    if let Some(job) = stored {
        sqlite.recorder.tell_inserted(rowid, &row(&job));
    }
    Ok(())
}

/// Notes an update, of whole rows.
pub(in crate::repository::sqlite) fn updated(
    sqlite: &Sqlite,
    before: &Job,
    after: &Job,
) -> Result<()> {
    if sqlite.recorder.is_told() {
        let dangling = dangling(sqlite, before)?;
        let (before, after) = (row(before), row(after));
        sqlite.recorder.tell_updated(dangling, &before, &after);
    }
    Ok(())
}

/// Notes the whole row that is about to be deleted.
pub(in crate::repository::sqlite) fn deleted(sqlite: &Sqlite, rowid: i64, job: &Job) -> Result<()> {
    if sqlite.recorder.is_told() {
        let dangling = dangling(sqlite, job)?;
        sqlite.recorder.tell_deleted(rowid, dangling, &row(job));
    }
    Ok(())
}

/// The values of a whole job in the order of a piece.
fn row<'a>(job: &'a Job) -> impl Fn(usize) -> ValueRef<'a> {
    move |index| match index.checked_sub(Column::COUNT) {
        None => borrowed(&job.values()[index]),
        Some(other) => {
            let other = job.others().get(other);
            other.map_or(ValueRef::Null, |(_, value)| borrowed(value))
        }
    }
}

fn dangling(sqlite: &Sqlite, job: &Job) -> Result<u8> {
    let names_none = [Column::EpisodeId, Column::SeriesId]
        .iter()
        .all(|column| job.get(*column).is_null());
    if sqlite.parents != Some(true) || names_none {
        return Ok(0);
    }
    let missing = missing_parents(sqlite, std::slice::from_ref(job))?;
    let bit = |column| match column {
        Column::EpisodeId => EPISODE,
        _ => SERIES,
    };
    Ok(missing
        .iter()
        .fold(0, |bits, (_, column)| bits | bit(*column)))
}

/// Decides how the next transaction is seen.
pub(in crate::repository::sqlite) fn choose(sqlite: &Sqlite) -> Result<()> {
    let recorder: &Recorder = &sqlite.recorder;
    if recorder.is_on() && !recorder.has_triggers() {
        recorder.be_told(!is_entangled(sqlite)?);
    }
    Ok(())
}
