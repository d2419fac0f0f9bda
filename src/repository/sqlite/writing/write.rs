//! Writing: every transaction takes the write lock at its start (`BEGIN IMMEDIATE`), reads what it
//! decides on inside, and is short or was asked to be one whole.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{OptionalExtension, params, params_from_iter};

use super::parents;
use super::table_rules::{self, IGNORED, KEPT, RULES, Tried};
use crate::job::{Changes, Column, ColumnSet, Job, JobId, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::history::noting;
use crate::repository::sqlite::reading::other_columns::SelectedColumns;
use crate::repository::sqlite::reading::pages::select_by_id;
use crate::repository::sqlite::reading::values::{Bound, column_list, quoted};
use crate::repository::{Allow, Decide, Error, KeptByTable, Purged, Result, Updated};

const INSERTING: &str = "inserting jobs";
const UPDATING: &str = "updating jobs";
const DELETING: &str = "deleting jobs";

/// Begins a transaction that holds the write lock from its first moment.
pub(in crate::repository::sqlite) fn begin_writing(sqlite: &Sqlite) -> Result<Writing<'_>> {
    sqlite
        .begin_immediate()
        .map_err(sqlite.explain("starting to write"))?;
    Ok(Writing(sqlite))
}

/// A transaction that writes; taken back when it is dropped before its commit.
pub(in crate::repository::sqlite) struct Writing<'a>(&'a Sqlite);

impl Writing<'_> {
    pub(in crate::repository::sqlite) fn commit(self, doing: &'static str) -> Result<()> {
        self.0.commit(doing)
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if !self.0.connection.is_autocommit() {
            // What cannot be taken back now is taken back when the file is opened next.
            let _ = self.0.connection.execute_batch("ROLLBACK");
        }
    }
}

/// Inserts the known columns and these others.
pub(in crate::repository::sqlite) fn insert_sql(others: &[(Arc<str>, Value)]) -> String {
    let mut columns = column_list(ColumnSet::ALL);
    for (name, _) in others {
        columns.push_str(", ");
        columns.push_str(&quoted(name));
    }
    format!(
        "INSERT INTO {TABLE} ({columns}) VALUES ({})",
        vec!["?"; Column::COUNT + others.len()].join(", ")
    )
}

pub(in crate::repository::sqlite) fn insert(sqlite: &mut Sqlite, jobs: &[Job]) -> Result<()> {
    let sqlite = &*sqlite;
    let explain = sqlite.explain(INSERTING);
    noting::choose(&sqlite.recorder);
    let transaction = begin_writing(sqlite)?;
    let mut used = Vec::new();
    for job in jobs {
        if read_one(sqlite, &job.id(), ColumnSet::of(&[Column::Id]))?.is_some() {
            used.push(job.id());
        }
    }
    if !used.is_empty() {
        return Err(Error::Exists { ids: used });
    }
    check_parents(sqlite, jobs)?;
    let mut statement = sqlite
        .connection
        .prepare_cached(&insert_sql(&[]))
        .map_err(&explain)?;
    for job in jobs {
        let tried = sqlite.attempt(false, INSERTING, || {
            statement.execute(params_from_iter(job.values().iter().map(Bound)))
        })?;
        table_rules::done_or(tried, IGNORED).map_err(|why| Error::AgainstRule {
            job: job.id(),
            why,
            of: jobs.len(),
            see: RULES,
        })?;
        noting::inserted(sqlite)?;
    }
    drop(statement);
    transaction.commit(INSERTING)
}

fn read_one(sqlite: &Sqlite, id: &JobId, columns: ColumnSet) -> Result<Option<Job>> {
    let explain = sqlite.explain("reading a job");
    let selection = SelectedColumns::of(sqlite, columns)?;
    sqlite
        .connection
        .prepare_cached(&select_by_id(&selection))
        .and_then(|mut statement| {
            statement
                .query_row(params![Bound(&id.to_value())], |row| selection.job(row))
                .optional()
        })
        .map_err(&explain)
}

/// A whole row, with its number.
fn read_with_number(sqlite: &Sqlite, id: &JobId) -> Result<Option<(i64, Job)>> {
    let selection = SelectedColumns::of(sqlite, ColumnSet::WHOLE)?;
    let sql = format!(
        "SELECT {}, {} FROM {TABLE} WHERE {} = ?",
        selection.list(),
        sqlite.rowid,
        Column::Id.name()
    );
    let width = selection.width();
    sqlite
        .connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            let read = |row: &rusqlite::Row| Ok((row.get(width)?, selection.job(row)?));
            statement
                .query_row(params![Bound(&id.to_value())], read)
                .optional()
        })
        .map_err(sqlite.explain("reading a job"))
}

fn check_parents(sqlite: &Sqlite, jobs: &[Job]) -> Result<()> {
    match parents::missing_parents(sqlite, jobs)?.first() {
        None => Ok(()),
        Some((index, column)) => Err(Error::NoParent {
            job: jobs[*index].id(),
            column: *column,
            id: jobs[*index].get(*column).display().into_owned(),
        }),
    }
}

pub(in crate::repository::sqlite) fn update(
    sqlite: &mut Sqlite,
    ids: &[JobId],
    decide: Decide,
) -> Result<Vec<Updated>> {
    let sqlite = &*sqlite;
    noting::choose(&sqlite.recorder);
    let transaction = begin_writing(sqlite)?;
    let mut updated = Vec::with_capacity(ids.len());
    let (mut gone, mut refused) = (Vec::new(), Vec::new());
    for id in ids {
        let Some(before) = read_one(sqlite, id, ColumnSet::WHOLE)? else {
            gone.push(id.clone());
            continue;
        };
        match decide(&before) {
            Err(why) => refused.push((id.clone(), why)),
            Ok(changes) if refused.is_empty() && gone.is_empty() => {
                match write_changes(sqlite, before, &changes)? {
                    Ok(done) => updated.push(done),
                    Err(why) => {
                        return Err(Error::AgainstRule {
                            job: id.clone(),
                            why,
                            of: ids.len(),
                            see: RULES,
                        });
                    }
                }
            }
            Ok(_) => {}
        }
    }
    if !gone.is_empty() {
        return Err(Error::Gone { ids: gone });
    }
    if !refused.is_empty() {
        let of = ids.len();
        return Err(Error::Refused { jobs: refused, of });
    }
    transaction.commit(UPDATING)?;
    Ok(updated)
}

/// Writes these columns alone; gives the row as it now is in the file, or the reason why the table leaves it as it was.
fn write_changes(
    sqlite: &Sqlite,
    before: Job,
    changes: &Changes,
) -> Result<std::result::Result<Updated, String>> {
    if changes.is_empty() {
        return Ok(Ok(Updated {
            after: before.clone(),
            before,
            changed: false,
        }));
    }
    let named: Vec<Column> = [Column::EpisodeId, Column::SeriesId]
        .into_iter()
        .filter(|column| changes.get(*column).is_some())
        .collect();
    if !named.is_empty() {
        let mut only_named = Job::default().with(Column::Id, before.get(Column::Id).clone());
        for column in named {
            only_named.set(column, changes.get(column).cloned().unwrap_or_default());
        }
        check_parents(sqlite, &[only_named])?;
    }
    let assignments: Vec<String> = changes
        .iter()
        .map(|(column, _)| format!("{} = ?", column.name()))
        .collect();
    let sql = format!(
        "UPDATE {TABLE} SET {} WHERE {} = ?",
        assignments.join(", "),
        Column::Id.name()
    );
    let values = changes
        .iter()
        .map(|(_, value)| Bound(value))
        .chain(std::iter::once(Bound(before.get(Column::Id))));
    let mut statement = sqlite
        .connection
        .prepare_cached(&sql)
        .map_err(sqlite.explain(UPDATING))?;
    let tried = sqlite.attempt(false, UPDATING, || {
        statement.execute(params_from_iter(values))
    })?;
    if let Err(why) = table_rules::done_or(tried, KEPT) {
        return Ok(Err(why));
    }
    // By the statement that is there already: one that also returns the row takes three times as long to prepare.
    let after = read_one(sqlite, &before.id(), ColumnSet::WHOLE)?;
    if let Some(after) = &after {
        noting::updated(sqlite, &before, after)?;
    }
    let as_written = || {
        let mut job = before.clone();
        job.apply(changes);
        job
    };
    Ok(Ok(Updated {
        after: after.unwrap_or_else(as_written),
        before,
        changed: true,
    }))
}

pub(in crate::repository::sqlite) fn delete(
    sqlite: &mut Sqlite,
    ids: &[JobId],
    ignore_missing: bool,
    columns: ColumnSet,
    allow: Allow,
) -> Result<Vec<JobId>> {
    let sqlite = &*sqlite;
    noting::choose(&sqlite.recorder);
    let transaction = begin_writing(sqlite)?;
    let mut deleted = Vec::with_capacity(ids.len());
    let (mut gone, mut refused) = (Vec::new(), Vec::new());
    let is_told = sqlite.recorder.is_told();
    for id in ids {
        let job = if is_told {
            // By the statement that reads it for the history.
            read_with_number(sqlite, id)?.map(|(_, job)| job)
        } else {
            read_one(sqlite, id, columns.union(ColumnSet::of(&[Column::Id])))?
        };
        match job {
            None => gone.push(id.clone()),
            Some(job) => match allow(&job) {
                Ok(()) => deleted.push(id.clone()),
                Err(why) => refused.push((id.clone(), why)),
            },
        }
    }
    if !gone.is_empty() && !ignore_missing {
        return Err(Error::Gone { ids: gone });
    }
    if !refused.is_empty() {
        let of = ids.len();
        return Err(Error::Refused { jobs: refused, of });
    }
    for id in &deleted {
        if is_told && let Some((rowid, job)) = read_with_number(sqlite, id)? {
            noting::deleted(sqlite, rowid, &job)?;
        }
        let tried = delete_one(sqlite, id, false)?;
        // A trigger may have removed it with one of those before it.
        if matches!(tried, Tried::Done(0)) && !sqlite.is_there(id)? {
            continue;
        }
        table_rules::done_or(tried, KEPT).map_err(|why| Error::AgainstRule {
            job: id.clone(),
            why,
            of: ids.len(),
            see: RULES,
        })?;
    }
    transaction.commit(DELETING)?;
    Ok(deleted)
}

fn delete_one(sqlite: &Sqlite, id: &JobId, careful: bool) -> Result<Tried> {
    let sql = format!("DELETE FROM {TABLE} WHERE {} = ?", Column::Id.name());
    let mut statement = sqlite
        .connection
        .prepare_cached(&sql)
        .map_err(sqlite.explain(DELETING))?;
    sqlite.attempt(careful, DELETING, || {
        let count = statement.execute(params![Bound(&id.to_value())])?;
        sqlite.ask_referrers(id)?;
        Ok(count)
    })
}

pub(in crate::repository::sqlite) fn purge(
    sqlite: &mut Sqlite,
    ids: &[JobId],
    columns: ColumnSet,
    goes: &mut dyn FnMut(&Job) -> bool,
) -> Result<Purged> {
    let careful = match sqlite.careful {
        Some(careful) => careful,
        None => *sqlite.careful.insert(sqlite.may_refuse_removal()?),
    };
    // The jobs for which a transaction was taken back: it is done once more without them, and ends with them.
    let mut costly: HashMap<usize, String> = HashMap::new();
    let mut end = ids.len();
    loop {
        match purge_once(sqlite, &ids[..end], columns, goes, careful, &costly)? {
            Ok(purged) => return Ok(purged),
            Err((index, why)) => {
                costly.insert(index, why);
                end = index + 1;
            }
        }
    }
}

fn kept(id: JobId, why: String) -> KeptByTable {
    let see = RULES;
    KeptByTable { id, why, see }
}

/// One transaction of a purge. The inner error is the job, by index, at which a rule of the table took it back, and why.
fn purge_once(
    sqlite: &Sqlite,
    ids: &[JobId],
    columns: ColumnSet,
    goes: &mut dyn FnMut(&Job) -> bool,
    careful: bool,
    costly: &HashMap<usize, String>,
) -> Result<std::result::Result<Purged, (usize, String)>> {
    let columns = columns.union(ColumnSet::of(&[Column::Id]));
    let mut purged = Purged::default();
    sqlite.pace.rest();
    sqlite.recorder.be_told(false);
    let transaction = begin_writing(sqlite)?;
    let mut hold = sqlite.pace.hold(false);
    for (index, id) in ids.iter().enumerate() {
        purged.checked += 1;
        if let Some(why) = costly.get(&index) {
            purged.kept.push(kept(id.clone(), why.clone()));
        } else if let Some(job) = read_one(sqlite, id, columns)?
            && goes(&job)
        {
            match delete_one(sqlite, id, careful)? {
                Tried::Done(0) => purged.kept.push(kept(id.clone(), KEPT.to_owned())),
                Tried::Done(_) => purged.jobs.push(job),
                Tried::Refused(why) => purged.kept.push(kept(id.clone(), why)),
                Tried::TookBack(why) => return Ok(Err((index, why))),
            }
        }
        if hold.is_over() {
            break;
        }
    }
    hold.committing();
    transaction.commit(DELETING)?;
    sqlite.pace.end(&hold);
    Ok(Ok(purged))
}
