//! The rows of an import, one at a time: written or left alone, as its policy has it, with the outcome.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{CachedStatement, Statement, params_from_iter};

use super::overwrites::{Stored, overwrites};
use crate::job::{Column, ColumnSet, Job, JobId, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::functions::TIME;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::history::noting::Affinities;
use crate::repository::sqlite::reading::values::{Bound, quoted};
use crate::repository::sqlite::writing::table_rules::{IGNORED, Tried};
use crate::repository::sqlite::writing::write::insert_sql;
use crate::repository::{Error, Imported, OnConflict, Result};

/// The policy for rows whose id is there, and whether the table has triggers.
#[derive(Clone, Copy, Debug)]
pub(in crate::repository::sqlite) struct ConflictPolicy<'a> {
    pub(in crate::repository::sqlite) on_conflict: OnConflict,
    pub(in crate::repository::sqlite) careful: bool,
    pub(in crate::repository::sqlite) own: &'a OwnRows,
    /// How the table stores values, where the history is told of inserts.
    pub(in crate::repository::sqlite) affinities: Option<&'a Affinities>,
}

/// The statement of a policy. It writes a row, or leaves the table as it is when the row is there and
/// stays; a row equal in every column is left alone by every policy.
///
/// Unknown columns are written where the job has them, and left alone otherwise. In a row that is there, so are the
/// known ones.
fn import_sql(on_conflict: OnConflict, others: &[(Arc<str>, Value)], lacking: ColumnSet) -> String {
    let id = Column::Id.name();
    let written: Vec<String> = Column::ALL
        .iter()
        .filter(|column| **column != Column::Id && !lacking.contains(**column))
        .map(|column| column.name().to_owned())
        .chain(others.iter().map(|(name, _)| quoted(name)))
        .collect();
    let assign: Vec<String> = written
        .iter()
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    let differs: Vec<String> = written
        .iter()
        .map(|name| format!("{TABLE}.{name} IS NOT excluded.{name}"))
        .collect();
    let updated = Column::UpdatedAt.name();
    let action = match on_conflict {
        OnConflict::Skip | OnConflict::Fail => "NOTHING".to_owned(),
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
    format!("{} ON CONFLICT ({id}) DO {action}", insert_sql(others))
}

impl ConflictPolicy<'_> {
    /// Writes jobs until `stops_after` is true of an outcome, or one may not be written. Gives the job, by index, at which a
    /// rule of the table took the transaction back, and why.
    pub(in crate::repository::sqlite) fn write(
        &self,
        sqlite: &Sqlite,
        jobs: &[Job],
        mut stops_after: impl FnMut(Imported) -> bool,
    ) -> Result<Option<(usize, String)>> {
        let explain = sqlite.explain(IMPORTING);
        let mut statement = sqlite
            .connection
            .prepare_cached(&import_sql(self.on_conflict, &[], ColumnSet::NONE))
            .map_err(&explain)?;
        let mut wider = Wider::default();
        for (index, job) in jobs.iter().enumerate() {
            // The id is looked up only where the statement cannot say which of the two it did.
            let needs_stored = matches!(self.on_conflict, OnConflict::Newer | OnConflict::Replace);
            let mut stored = if needs_stored || self.careful {
                Stored::find(sqlite, &job.id())?
            } else {
                None
            };
            let mut on_conflict = self.for_stored(stored.as_ref(), job);
            // A trigger would see the row before the table finds that it is there and stays.
            let stays = self.careful && stored.is_some() && !overwrites(sqlite, job, on_conflict)?;
            let is_there = stored.is_some();
            let mut attempt = |on_conflict| {
                sqlite.attempt(self.careful, IMPORTING, || match job.others() {
                    // A rule for new rows is not asked about one that is there.
                    _ if self.careful && is_there => update(sqlite, job),
                    [] if on_conflict == self.on_conflict && job.lacking().is_empty() => {
                        execute(&mut statement, job)
                    }
                    _ => wider.execute(sqlite, on_conflict, job),
                })
            };
            let mut tried = if stays {
                Tried::Done(0)
            } else {
                attempt(on_conflict)?
            };
            if self.on_conflict == OnConflict::Skip
                && !self.careful
                && matches!(tried, Tried::Done(0))
            {
                stored = Stored::find(sqlite, &job.id())?;
                on_conflict = self.for_stored(stored.as_ref(), job);
                if on_conflict != OnConflict::Skip {
                    tried = attempt(on_conflict)?;
                }
            }
            let there = stored.is_some();
            match (&tried, &stored, self.affinities) {
                (Tried::Done(1..), Some(stored), _) => self.own.add(stored.row),
                (Tried::Done(1..), None, Some(affinities)) => affinities.inserted(sqlite, job)?,
                _ => {}
            }
            let outcome = match (tried, there) {
                (Tried::TookBack(why), _) => return Ok(Some((index, why))),
                (Tried::Refused(why), _) => Imported::Refused(why.into()),
                (Tried::Done(0), _) if self.careful && !stays => Imported::Refused(IGNORED.into()),
                (Tried::Done(0), _) if on_conflict == OnConflict::Fail => {
                    return match index {
                        0 => Err(Error::Exists {
                            ids: vec![job.id()],
                        }),
                        _ => Ok(None),
                    };
                }
                (Tried::Done(0), _) => Imported::Skipped,
                (Tried::Done(_), true) => Imported::Updated,
                (Tried::Done(_), false) => Imported::Inserted,
            };
            if stops_after(outcome) {
                break;
            }
        }
        Ok(None)
    }
}

/// The rows that an import has written itself: those behind the last one that was there before it, and of these the ones
/// that it has overwritten. A record of the same run gives way to a newer one, whatever the policy.
#[derive(Debug, Default)]
pub(in crate::repository::sqlite) struct OwnRows {
    before: i64,
    /// The overwritten rows, 64 in each entry.
    overwritten: RefCell<HashMap<i64, u64>>,
}

impl OwnRows {
    /// The rows of an import that begins now.
    pub(in crate::repository::sqlite) fn begin(sqlite: &Sqlite) -> Result<OwnRows> {
        let sql = format!("SELECT coalesce(max({}), 0) FROM {TABLE}", sqlite.rowid);
        let before = sqlite.connection.query_row(&sql, [], |row| row.get(0));
        Ok(OwnRows {
            before: before.map_err(sqlite.explain(IMPORTING))?,
            overwritten: RefCell::default(),
        })
    }

    /// The rows of a preview: none.
    pub(in crate::repository::sqlite) fn none() -> OwnRows {
        OwnRows {
            before: i64::MAX,
            overwritten: RefCell::default(),
        }
    }

    /// The last row that was there before.
    pub(in crate::repository::sqlite) fn before(&self) -> i64 {
        self.before
    }

    fn add(&self, row: i64) {
        if row <= self.before {
            *self.overwritten.borrow_mut().entry(row >> 6).or_default() |= 1 << (row & 63);
        }
    }

    fn holds(&self, row: i64) -> bool {
        let overwritten = || self.overwritten.borrow().get(&(row >> 6)).copied();
        row > self.before || overwritten().is_some_and(|rows| rows >> (row & 63) & 1 == 1)
    }

    /// Forgets the overwritten rows, whose transaction has been taken back.
    pub(in crate::repository::sqlite) fn forget(&self) {
        self.overwritten.borrow_mut().clear();
    }
}

impl ConflictPolicy<'_> {
    /// The policy for the job where this row is there: of one run the newest record counts, of equally new ones the last.
    fn for_stored(&self, stored: Option<&Stored>, job: &Job) -> OnConflict {
        match stored {
            Some(stored) if self.on_conflict != OnConflict::Fail && self.own.holds(stored.row) => {
                if job.time(Column::UpdatedAt) >= stored.updated_at.time() {
                    OnConflict::Replace
                } else {
                    OnConflict::Skip
                }
            }
            _ => self.on_conflict,
        }
    }
}

/// Writes a job over a row of a new file that has an older record of it; false when it stays.
pub(in crate::repository::sqlite) fn renew(sqlite: &Sqlite, row: i64, job: &Job) -> Result<Tried> {
    let updated = Column::UpdatedAt.name();
    let rowid = sqlite.rowid;
    let sql = format!("SELECT {updated} FROM {TABLE} WHERE {rowid} = ?");
    let stored = sqlite
        .connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement.query_row([row], |row| {
                Ok(crate::repository::sqlite::reading::values::value(
                    row.get_ref(0)?,
                ))
            })
        });
    let stored = stored.map_err(sqlite.explain(IMPORTING))?;
    if job.time(Column::UpdatedAt) < stored.time() {
        return Ok(Tried::Done(0));
    }
    let parameters = || {
        let parameters = Column::ALL.iter().zip(1..);
        parameters.filter(|(column, _)| !job.lacking().contains(**column))
    };
    let assign: Vec<String> = parameters()
        .map(|(column, index)| format!("{} = ?{index}", column.name()))
        .collect();
    let differs: Vec<String> = parameters()
        .map(|(column, index)| format!("{} IS NOT ?{index}", column.name()))
        .collect();
    let sql = format!(
        "UPDATE {TABLE} SET {} WHERE {rowid} = ?{} AND ({})",
        assign.join(", "),
        Column::COUNT + 1,
        differs.join(" OR ")
    );
    let prepared = sqlite.connection.prepare_cached(&sql);
    let mut statement = prepared.map_err(sqlite.explain(IMPORTING))?;
    let row = Value::Integer(row);
    sqlite.attempt(false, IMPORTING, || {
        let values = job.values().iter().chain([&row]);
        statement.execute(params_from_iter(values.map(Bound)))
    })
}

/// Writes a job over the row of its id. Columns are written where the job has them.
fn update(sqlite: &Sqlite, job: &Job) -> rusqlite::Result<usize> {
    let known = job
        .said()
        .filter(|(column, _)| *column != Column::Id)
        .map(|(column, value)| (column.name().to_owned(), value));
    let others = job.others().iter();
    let others = others.map(|(name, value)| (quoted(name), value));
    let (names, values): (Vec<String>, Vec<&Value>) = known.chain(others).unzip();
    let id = job.id().to_value();
    let sql = format!(
        "UPDATE {TABLE} SET {} = ? WHERE {} = ?",
        names.join(" = ?, "),
        Column::Id.name()
    );
    let values = values.into_iter().chain(std::iter::once(&id));
    sqlite
        .connection
        .prepare_cached(&sql)?
        .execute(params_from_iter(values.map(Bound)))
}

pub(in crate::repository::sqlite) fn execute(
    statement: &mut Statement,
    job: &Job,
) -> rusqlite::Result<usize> {
    statement.execute(params_from_iter(job.values().iter().map(Bound)))
}

/// The statement for jobs with unknown columns, or without some known ones. Nearly always these are the same in all jobs.
#[derive(Default)]
struct Wider<'a> {
    names: Vec<Arc<str>>,
    lacking: ColumnSet,
    statement: Option<(OnConflict, CachedStatement<'a>)>,
}

impl<'a> Wider<'a> {
    fn execute(
        &mut self,
        sqlite: &'a Sqlite,
        on_conflict: OnConflict,
        job: &Job,
    ) -> rusqlite::Result<usize> {
        let others = job.others();
        let names = || others.iter().map(|(name, _)| name);
        let statement = match self.statement.take() {
            Some((for_, statement))
                if for_ == on_conflict
                    && names().eq(&self.names)
                    && job.lacking() == self.lacking =>
            {
                statement
            }
            _ => {
                self.names = names().cloned().collect();
                self.lacking = job.lacking();
                let sql = import_sql(on_conflict, others, self.lacking);
                sqlite.connection.prepare_cached(&sql)?
            }
        };
        let values = job
            .values()
            .iter()
            .chain(others.iter().map(|(_, value)| value));
        let (_, statement) = self.statement.insert((on_conflict, statement));
        statement.execute(params_from_iter(values.map(Bound)))
    }
}

impl Sqlite {
    pub(in crate::repository::sqlite) fn is_there(&self, id: &JobId) -> Result<bool> {
        Ok(Stored::find(self, id)?.is_some())
    }
}

pub(in crate::repository::sqlite) const IMPORTING: &str = "importing jobs";
