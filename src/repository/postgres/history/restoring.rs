//! Rows on their way back into the table: those of a part of a run together, and where the table refuses one, each by itself,
//! so that it costs its own job.

use tokio_postgres::Row;

use super::kept_row::KeptRow;
use super::rows::{kept_list, kept_row, restored};
use crate::job::{Column, JobId, Value};
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::errors::rule;
use crate::repository::postgres::connection::job_table::{AS_GIVEN, TABLE};
use crate::repository::postgres::connection::session::Statement;
use crate::repository::postgres::connection::stored_column::Stored;
use crate::repository::postgres::connection::values::Argument;
use crate::repository::postgres::reading::pages::texts;

pub(super) const UNDOING: &str = "taking a run back";

/// A row that is to be as it was.
pub(super) struct Restored<'a> {
    pub(super) id: &'a JobId,
    /// The row as it is stored now; None where there is none.
    pub(super) was: Option<&'a KeptRow>,
    /// The values that it is to have, in these places among the columns; None where there is to be none.
    pub(super) is: Option<Vec<Value>>,
}

impl Restored<'_> {
    /// The order in which rows are written: what goes may have been in the way of what comes.
    fn turn(&self) -> u8 {
        match (&self.was, &self.is) {
            (_, None) => 0,
            (Some(_), _) => 1,
            (None, _) => 2,
        }
    }

    fn statement(
        &self,
        postgres: &Postgres,
        columns: &[&Stored],
        places: &[usize],
    ) -> Option<Statement> {
        let table = &postgres.table;
        let (id, list) = (table.as_text(Column::Id), kept_list(table));
        let mut arguments = Vec::new();
        let sql = match (&self.was, &self.is) {
            (None, None) => return None,
            (Some(_), None) => {
                arguments.push(self.own_id());
                format!("DELETE FROM {TABLE} WHERE {id} = ANY ($1) RETURNING {list}")
            }
            (Some(was), Some(is)) => {
                let mut assignments = Vec::new();
                for (place, value) in places.iter().zip(is) {
                    if was.values[*place] != *value {
                        let stored = columns[*place];
                        let input = restored(stored, value, &mut arguments);
                        assignments.push(format!("{} = {input}", stored.quoted()));
                    }
                }
                if assignments.is_empty() {
                    return None;
                }
                arguments.push(self.own_id());
                let assignments = assignments.join(", ");
                let mark = arguments.len();
                format!(
                    "UPDATE {TABLE} SET {assignments} WHERE {id} = ANY (${mark}) RETURNING {list}"
                )
            }
            (None, Some(is)) => {
                let (mut names, mut inputs) = (Vec::new(), Vec::new());
                for (place, value) in places.iter().zip(is) {
                    let stored = columns[*place];
                    names.push(stored.quoted());
                    inputs.push(restored(stored, value, &mut arguments));
                }
                let (names, inputs) = (names.join(", "), inputs.join(", "));
                format!(
                    "INSERT INTO {TABLE} ({names}) {AS_GIVEN} VALUES ({inputs}) RETURNING {list}"
                )
            }
        };
        Some((sql, arguments))
    }

    fn own_id(&self) -> Argument {
        Argument::Texts(texts(std::slice::from_ref(self.id)))
    }

    /// Whether the row is now as it was, by what was returned; tells the history what was done.
    fn is_done(&self, postgres: &Postgres, places: &[usize], rows: &[Row]) -> bool {
        let Some(row) = rows.first() else {
            return false;
        };
        let now = kept_row(&postgres.table, row, 0);
        let recorder = &postgres.recorder;
        match (&self.was, &self.is) {
            (_, None) => recorder.deleted(&now),
            (Some(was), _) => recorder.updated(was, &now),
            (None, _) => recorder.inserted(&now.values),
        }
        self.is
            .as_ref()
            .is_none_or(|is| now.in_places(places) == *is)
    }
}

/// Writes them; gives the jobs that could not be restored, with the reason that the table has, if it says one.
pub(super) fn write_back(
    postgres: &Postgres,
    columns: &[&Stored],
    places: &[usize],
    rows: &[Restored<'_>],
) -> Result<Vec<(JobId, Option<String>)>> {
    let mut statements: Vec<(&Restored<'_>, Statement)> = rows
        .iter()
        .filter_map(|row| Some((row, row.statement(postgres, columns, places)?)))
        .collect();
    statements.sort_by_key(|(row, _)| row.turn());
    let (rows, statements): (Vec<&Restored<'_>>, Vec<Statement>) = statements.into_iter().unzip();
    if statements.is_empty() {
        return Ok(Vec::new());
    }
    let session = &postgres.session;
    session.defer("SAVEPOINT jobctl");
    let mut answers = Vec::with_capacity(statements.len());
    for answer in session.together(&statements) {
        match answer {
            Ok(answer) => answers.push(answer),
            Err(error) if rule(&error).is_none() => {
                return Err(session.label.explain(UNDOING, &error));
            }
            Err(_) => return one_by_one(postgres, places, &rows, &statements),
        }
    }
    let mut left = Vec::new();
    for (row, answer) in rows.iter().zip(answers) {
        if !row.is_done(postgres, places, &answer) {
            left.push((row.id.clone(), None));
        }
    }
    Ok(left)
}

/// The same where the table refuses some.
fn one_by_one(
    postgres: &Postgres,
    places: &[usize],
    rows: &[&Restored<'_>],
    statements: &[Statement],
) -> Result<Vec<(JobId, Option<String>)>> {
    let session = &postgres.session;
    session.run(UNDOING, "ROLLBACK TO SAVEPOINT jobctl")?;
    let mut left = Vec::new();
    for (row, (sql, arguments)) in rows.iter().zip(statements) {
        session.defer("SAVEPOINT jobctl_row");
        match session.try_rows(sql, arguments) {
            Ok(answer) => {
                if !row.is_done(postgres, places, &answer) {
                    left.push((row.id.clone(), None));
                }
                session.defer("RELEASE SAVEPOINT jobctl_row");
            }
            Err(error) => {
                let why = rule(&error);
                if why.is_none() {
                    return Err(session.label.explain(UNDOING, &error));
                }
                session.defer("ROLLBACK TO SAVEPOINT jobctl_row");
                left.push((row.id.clone(), why));
            }
        }
    }
    Ok(left)
}
