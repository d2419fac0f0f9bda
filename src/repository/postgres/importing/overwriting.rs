//! Jobs over the rows of their ids, which are locked: in one statement those that write the same columns.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::batch::{Batch, Planned};
use crate::job::{Column, ColumnSet, JobId};
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::{Argument, given, sent, value};
use crate::repository::postgres::history::kept_row::KeptRow;
use crate::repository::postgres::history::rows::kept_row;
use crate::repository::postgres::reading::pages::texts;
use crate::repository::postgres::writing::write::KEPT;
use crate::repository::{Imported, Result};

/// The rows before, by id, where the history keeps them.
type Before = HashMap<JobId, KeptRow>;

impl Batch<'_> {
    /// Gives the reason for which a rule of the table refuses one of them.
    pub(super) fn overwrite_all(
        &self,
        planned: &[Planned<'_>],
        outcomes: &mut [Option<Imported>],
    ) -> Result<Option<String>> {
        let before = self.before(planned)?;
        let mut groups: Vec<(ColumnSet, Vec<&Planned<'_>>)> = Vec::new();
        for it in planned {
            let lacking = it.job.lacking();
            // Rows with unknown columns have statements of their own.
            if !it.job.others().is_empty() {
                match self.overwrite_one(it, before.get(&it.job.id()))? {
                    Ok(outcome) => outcomes[it.index] = Some(outcome),
                    Err(why) => return Ok(Some(why)),
                }
            } else if let Some((_, group)) = groups.iter_mut().find(|(of, _)| *of == lacking) {
                group.push(it);
            } else {
                groups.push((lacking, vec![it]));
            }
        }
        for (lacking, group) in groups {
            let refused = self.overwrite_together(lacking, &group, &before, outcomes)?;
            if refused.is_some() {
                return Ok(refused);
            }
        }
        Ok(None)
    }

    fn overwrite_together(
        &self,
        lacking: ColumnSet,
        planned: &[&Planned<'_>],
        before: &Before,
        outcomes: &mut [Option<Imported>],
    ) -> Result<Option<String>> {
        let table = &self.postgres.table;
        let is_written = |column: &Column| *column != Column::Id && !lacking.contains(*column);
        let columns: Vec<Column> = Column::ALL.iter().copied().filter(is_written).collect();
        let mut marks = vec!["$1::text[]".to_owned()];
        let mut arguments = vec![column_of(planned, Column::Id)];
        let (mut names, mut assignments) = (vec!["jobctl_given_id".to_owned()], Vec::new());
        for column in columns {
            arguments.push(column_of(planned, column));
            let place = arguments.len();
            marks.push(format!("${place}::{}[]", sent(column)));
            // No name that a column of the table has too.
            names.push(format!("jobctl_given_{place}"));
            let input = table.input(column, &format!("jobctl_given_{place}"));
            assignments.push(format!("{} = {input}", column.name()));
        }
        let id = table.as_text(Column::Id);
        let sql = format!(
            "UPDATE {TABLE} SET {} FROM unnest({}) jobctl_given ({}) WHERE {id} = jobctl_given_id RETURNING {}",
            assignments.join(", "),
            marks.join(", "),
            names.join(", "),
            self.returned(&id)
        );
        let rows = match self.postgres.session.try_rows(&sql, &arguments) {
            Ok(rows) => rows,
            Err(error) => return self.refusal(&error).map(Some),
        };
        let rows: HashMap<JobId, &Row> = rows
            .iter()
            .map(|row| (JobId::from_value(&value(row, 0)), row))
            .collect();
        for it in planned {
            let id = it.job.id();
            outcomes[it.index] = Some(match rows.get(&id) {
                None => Imported::Refused(KEPT.into()),
                Some(row) => {
                    if let Some(before) = before.get(&id) {
                        let after = self.after(it, before, row);
                        self.postgres.recorder.updated(before, &after);
                    }
                    Imported::Updated
                }
            });
        }
        Ok(None)
    }

    /// The row that a job has become.
    fn after(&self, it: &Planned<'_>, before: &KeptRow, row: &Row) -> KeptRow {
        let table = &self.postgres.table;
        if !table.takes_as_given() {
            return kept_row(table, row, 0);
        }
        let mut after = before.clone();
        for (column, argument) in Column::ALL.iter().zip(&it.arguments) {
            if *column != Column::Id && !it.job.lacking().contains(*column) {
                after.values[*column as usize] = given(argument);
            }
        }
        after
    }

    /// Writes a job over the row of its id. Columns are written where the job has them.
    pub(super) fn overwrite_one(
        &self,
        it: &Planned<'_>,
        before: Option<&KeptRow>,
    ) -> Result<std::result::Result<Imported, String>> {
        let mut written = self.written(it, false);
        let assignments: Vec<String> = written
            .columns
            .iter()
            .map(|(name, input)| format!("{name} = {input}"))
            .collect();
        written
            .arguments
            .push(Argument::Texts(texts(&[it.job.id()])));
        let sql = format!(
            "UPDATE {TABLE} SET {} WHERE {} = ANY (${}) RETURNING {}",
            assignments.join(", "),
            self.postgres.table.as_text(Column::Id),
            written.arguments.len(),
            self.kept_or("1")
        );
        match self.postgres.session.try_rows(&sql, &written.arguments) {
            Ok(rows) if rows.is_empty() => Ok(Ok(Imported::Refused(KEPT.into()))),
            Ok(rows) => {
                if let (Some(before), Some(row)) = (before, rows.first()) {
                    let after = kept_row(&self.postgres.table, row, 0);
                    self.postgres.recorder.updated(before, &after);
                }
                Ok(Ok(Imported::Updated))
            }
            Err(error) => self.refusal(&error).map(Err),
        }
    }
}

/// The values of a column, as one.
fn column_of(planned: &[&Planned<'_>], column: Column) -> Argument {
    let values = planned
        .iter()
        .map(|it| it.arguments[column as usize].clone());
    Argument::Column(values.collect())
}
