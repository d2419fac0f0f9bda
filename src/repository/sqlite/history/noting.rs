//! Changes that are noted by who makes them, without triggers, which take longer to make than one job takes to be changed. So it is
//! done where nothing but that statement can change a job: no trigger and no other table has to do with the jobs.

use rusqlite::OptionalExtension;

use super::recorder::Recorder;
use super::triggers;
use crate::job::value::StoredValue;
use crate::job::{Column, ColumnSet, Job, Value};
use crate::repository::Result;
use crate::repository::change_log::piece::{EPISODE, SERIES};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::connection::seen_columns;
use crate::repository::sqlite::reading::other_columns::SelectedColumns;
use crate::repository::sqlite::writing::parents::missing_parents;

const NOTING: &str = "reading a job";

/// Notes the row that was just inserted, as it is stored.
pub(in crate::repository::sqlite) fn inserted(sqlite: &Sqlite) -> Result<()> {
    if sqlite.recorder.is_told() {
        inserted_as_stored(sqlite)
    } else {
        Ok(())
    }
}

fn inserted_as_stored(sqlite: &Sqlite) -> Result<()> {
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

/// The affinities of the known columns, by which SQLite stores some values as another type.
#[derive(Debug)]
pub(in crate::repository::sqlite) struct Affinities(Vec<Affinity>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Affinity {
    Text,
    Real,
    Numeric,
    None,
}

impl Affinity {
    /// As SQLite takes a declared type.
    fn of(declared: &str) -> Affinity {
        let declared = declared.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
        match () {
            () if has(&["INT"]) => Affinity::Numeric,
            () if has(&["CHAR", "CLOB", "TEXT"]) => Affinity::Text,
            () if declared.is_empty() || has(&["BLOB"]) => Affinity::None,
            () if has(&["REAL", "FLOA", "DOUB"]) => Affinity::Real,
            () => Affinity::Numeric,
        }
    }

    /// Whether the value is stored as it is.
    fn keeps(self, value: &Value) -> bool {
        match (self, value) {
            (Affinity::None, _) | (_, Value::Null | Value::Blob(_)) => true,
            (Affinity::Text, Value::Text(_)) => true,
            (Affinity::Real, Value::Real(_)) | (Affinity::Numeric, Value::Integer(_)) => true,
            (Affinity::Real | Affinity::Numeric, Value::Text(text)) => {
                text.trim().parse::<f64>().is_err()
            }
            _ => false,
        }
    }
}

impl Affinities {
    /// Decides how an import is seen: by what it tells of its inserts, where nothing beside it has to do with the table.
    pub(in crate::repository::sqlite) fn choose(sqlite: &Sqlite) -> Result<Affinities> {
        let recorder = &sqlite.recorder;
        recorder.be_told(false);
        let entangled = || {
            triggers::is_entangled(&sqlite.connection).map_err(sqlite.explain("reading the schema"))
        };
        if !recorder.is_on() || entangled()? {
            return Ok(Affinities(Vec::new()));
        }
        let declared =
            seen_columns::declared(&sqlite.connection).map_err(sqlite.explain(NOTING))?;
        let of = |column: &Column| {
            let found = declared.iter().find(|it| it.is(*column));
            found.map_or(Affinity::Numeric, |it| Affinity::of(&it.kind))
        };
        recorder.be_told_inserts(true);
        Ok(Affinities(Column::ALL.iter().map(of).collect()))
    }

    /// Notes the row that an import has just inserted.
    pub(in crate::repository::sqlite) fn inserted(&self, sqlite: &Sqlite, job: &Job) -> Result<()> {
        if !sqlite.recorder.is_told_inserts() {
            return Ok(());
        }
        let values = job.values().iter().zip(&self.0);
        let is_as_given = self.0.len() == Column::COUNT
            && job.lacking().is_empty()
            && !sqlite.recorder.has_others()
            && values
                .into_iter()
                .all(|(value, affinity)| affinity.keeps(value));
        if is_as_given {
            let rowid = sqlite.connection.last_insert_rowid();
            sqlite.recorder.tell_inserted(rowid, &row(job));
            Ok(())
        } else {
            inserted_as_stored(sqlite)
        }
    }
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
fn row<'a>(job: &'a Job) -> impl Fn(usize) -> StoredValue<'a> {
    move |index| match index.checked_sub(Column::COUNT) {
        None => job.values()[index].stored(),
        Some(other) => {
            let other = job.others().get(other);
            other.map_or(StoredValue::Null, |(_, value)| value.stored())
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

/// Decides how the next transaction is seen: by what it tells, unless it finds, when it has begun, that something beside the
/// table has to do with its rows.
pub(in crate::repository::sqlite) fn choose(recorder: &Recorder) {
    if recorder.is_on() && !recorder.has_triggers() {
        recorder.be_told(true);
    }
}
