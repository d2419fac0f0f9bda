//! Changing jobs by id, all or none: many of them in one statement, those that change the same columns.

use std::collections::{HashMap, HashSet};

use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use super::fitted::fitted;
use super::table_width::{WIDTH, check_width, with_all_columns};
use super::transaction::OpenTransaction;
use super::write::{KEPT, against_rule, against_value, no_parent};
use crate::job::{Changes, Column, ColumnSet, Job, JobId};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::errors::refused;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::{Argument, given, sent, value};
use crate::repository::postgres::history::beside::Beside;
use crate::repository::postgres::reading::pages::{MOST_IDS, texts};
use crate::repository::postgres::reading::parents::missing_parents;
use crate::repository::{Decide, Error, Result, Updated};

const UPDATING: &str = "updating jobs";

/// The most jobs that one statement changes, and the bytes of their new values at which no more are added to it.
const MOST: usize = 1_000;
const FULL: usize = 1 << 20;

/// A whole job that is locked, with what the history keeps of it beside that.
struct Locked {
    job: Job,
    beside: Beside,
}

/// A job that has been decided on.
struct Decided {
    before: Locked,
    changes: Changes,
}

pub(in crate::repository::postgres) fn update(
    postgres: &mut Postgres,
    ids: &[JobId],
    decide: Decide,
) -> Result<Vec<Updated>> {
    with_all_columns(postgres, |postgres| update_all(postgres, ids, &mut *decide))
}

fn update_all(postgres: &Postgres, ids: &[JobId], decide: Decide) -> Result<Vec<Updated>> {
    let transaction = OpenTransaction::begin(postgres);
    let mut found = locked_whole(postgres, ids)?;
    let mut batch = Batch {
        postgres,
        of: ids.len(),
        decided: Vec::new(),
        bytes: 0,
        updated: Vec::with_capacity(ids.len()),
    };
    let mut seen = HashSet::with_capacity(ids.len());
    let (mut gone, mut refused) = (Vec::new(), Vec::new());
    for id in ids {
        if !seen.insert(id) {
            // One that is named twice is decided on as it is then.
            batch.write()?;
            found.extend(locked_whole(postgres, std::slice::from_ref(id))?);
        }
        let Some(before) = found.remove(id) else {
            batch.write()?;
            gone.push(id.clone());
            continue;
        };
        match decide(&before.job) {
            Err(why) => {
                // Those before it are told first, where the table refuses one.
                batch.write()?;
                refused.push((id.clone(), why));
            }
            Ok(changes) if refused.is_empty() && gone.is_empty() => {
                batch.add(Decided { before, changes })?;
            }
            Ok(_) => {}
        }
    }
    batch.write()?;
    if !gone.is_empty() {
        return Err(Error::Gone { ids: gone });
    }
    if !refused.is_empty() {
        let of = ids.len();
        return Err(Error::Refused { jobs: refused, of });
    }
    transaction.commit(UPDATING)?;
    Ok(batch.updated)
}

fn locked_whole(postgres: &Postgres, ids: &[JobId]) -> Result<HashMap<JobId, Locked>> {
    let table = &postgres.table;
    let id = table.as_text(Column::Id);
    // In one order, so that two that lock the same jobs do not wait for each other.
    let sql = format!(
        "SELECT {WIDTH}, {} FROM {TABLE} WHERE {id} = ANY ($1) ORDER BY {} FOR UPDATE",
        whole_list(postgres),
        table.sorted(Column::Id)
    );
    let mut found = HashMap::with_capacity(ids.len());
    for part in ids.chunks(MOST_IDS) {
        let arguments = [Argument::Texts(texts(part))];
        let session = &postgres.session;
        let mut is_first = true;
        session.each(UPDATING, &sql, &arguments, &mut |row| {
            if std::mem::take(&mut is_first) {
                check_width(postgres, Some(row), 0)?;
            }
            let whole = whole(postgres, row, 1);
            found.insert(whole.job.id(), whole);
            Ok(true)
        })?;
    }
    Ok(found)
}

/// The columns of a job, and behind them what the history keeps beside these.
fn whole_list(postgres: &Postgres) -> String {
    let list = postgres.table.list(ColumnSet::WHOLE);
    if postgres.recorder.keeps_rows() {
        format!("{list}, {}", Beside::list(&postgres.table))
    } else {
        list
    }
}

/// The job of a row that has these from this place on.
fn whole(postgres: &Postgres, row: &Row, at: usize) -> Locked {
    let job = postgres.job_at(row, at, ColumnSet::WHOLE);
    let table = &postgres.table;
    let width = Column::COUNT + table.others.len();
    let beside = if postgres.recorder.keeps_rows() {
        Beside::of_row(table, row, at + width)
    } else {
        Beside::default()
    };
    Locked { job, beside }
}

/// Jobs that are to be written together.
struct Batch<'a> {
    postgres: &'a Postgres,
    /// The number of jobs of the whole update.
    of: usize,
    decided: Vec<Decided>,
    bytes: usize,
    /// Those that are written, in the order in which they were added.
    updated: Vec<Updated>,
}

/// A job as a statement writes it.
struct Planned {
    /// Its place among those that were decided on.
    index: usize,
    id: JobId,
    columns: ColumnSet,
    /// The new values, in the order of the table's columns.
    values: Vec<(Column, Argument)>,
}

type Written = HashMap<JobId, Locked>;

impl Batch<'_> {
    fn add(&mut self, decided: Decided) -> Result<()> {
        let changes = decided.changes.iter();
        self.bytes += changes.map(|(_, value)| value.length()).sum::<usize>();
        self.decided.push(decided);
        if self.decided.len() >= MOST || self.bytes >= FULL {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<()> {
        let decided = std::mem::take(&mut self.decided);
        self.bytes = 0;
        let (planned, fault) = self.plan(&decided)?;
        let mut written = self.write_all(&planned, &decided)?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        for Decided { before, changes } in decided {
            let after = written.remove(&before.job.id());
            self.updated.push(Updated {
                after: match after {
                    Some(after) => {
                        self.note(&before, &after)?;
                        after.job
                    }
                    None => before.job.clone(),
                },
                before: before.job,
                changed: !changes.is_empty(),
            });
        }
        Ok(())
    }

    fn note(&self, before: &Locked, after: &Locked) -> Result<()> {
        let recorder = &self.postgres.recorder;
        if !recorder.keeps_rows() {
            return Ok(());
        }
        let row = |locked: &Locked| locked.beside.row(&self.postgres.table, &locked.job);
        recorder.updated(&row(before), &row(after));
        self.postgres.save_if_full()
    }

    /// What is to be written of the first jobs; and why not of the next one.
    fn plan(&self, decided: &[Decided]) -> Result<(Vec<Planned>, Option<Error>)> {
        let missing = self.missing_parent(decided)?;
        let limits = self.postgres.table.limits();
        let mut planned = Vec::with_capacity(decided.len());
        for (index, Decided { before, changes }) in decided.iter().enumerate() {
            let id = before.job.id();
            if let Some((at, column)) = missing
                && at == index
            {
                let named = changes.get(column).unwrap_or(before.job.get(column));
                return Ok((planned, Some(no_parent(id, column, named))));
            }
            let mut values = Vec::new();
            for (column, value) in changes.iter() {
                match fitted(&limits, column, value) {
                    Ok(argument) => values.push((column, argument)),
                    Err(why) => return Ok((planned, Some(against_value(&id, why, self.of)))),
                }
            }
            if !values.is_empty() {
                values.sort_by_key(|(column, _)| *column as usize);
                planned.push(Planned {
                    index,
                    id,
                    columns: changes.columns(),
                    values,
                });
            }
        }
        Ok((planned, None))
    }

    /// The first job that is to name an episode or series that is not there.
    fn missing_parent(&self, decided: &[Decided]) -> Result<Option<(usize, Column)>> {
        let mut named = Vec::new();
        for Decided { before, changes } in decided {
            let mut job = Job::default().with(Column::Id, before.job.get(Column::Id).clone());
            for column in [Column::EpisodeId, Column::SeriesId] {
                if let Some(value) = changes.get(column) {
                    job.set(column, value.clone());
                }
            }
            named.push(job);
        }
        let missing = missing_parents(self.postgres, &named)?;
        Ok(missing.into_iter().min_by_key(|(index, _)| *index))
    }

    /// Writes all of them, or gives the error of the one that the table refuses.
    fn write_all(&self, planned: &[Planned], decided: &[Decided]) -> Result<Written> {
        let session = &self.postgres.session;
        let mut written = Written::with_capacity(planned.len());
        if planned.len() > 1 {
            session.defer("SAVEPOINT jobctl");
            if self.write_groups(planned, decided, &mut written)? {
                session.defer("RELEASE SAVEPOINT jobctl");
                return Ok(written);
            }
            // One by one, so that it is known which one it is.
            session.run(UPDATING, "ROLLBACK TO SAVEPOINT jobctl")?;
            written.clear();
        }
        for it in planned {
            let done = self.write_together(&[it], decided, &mut written);
            done?.map_err(|why| against_rule(&it.id, why, self.of))?;
        }
        Ok(written)
    }

    /// False where the table refuses one of them.
    fn write_groups(
        &self,
        planned: &[Planned],
        decided: &[Decided],
        written: &mut Written,
    ) -> Result<bool> {
        let mut groups: Vec<Vec<&Planned>> = Vec::new();
        for it in planned {
            let is_its = |group: &&mut Vec<&Planned>| group[0].columns == it.columns;
            match groups.iter_mut().find(is_its) {
                Some(group) => group.push(it),
                None => groups.push(vec![it]),
            }
        }
        for group in groups {
            if self.write_together(&group, decided, written)?.is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes those that change the same columns; the inner error is why the table refuses one of them.
    fn write_together(
        &self,
        group: &[&Planned],
        decided: &[Decided],
        written: &mut Written,
    ) -> Result<std::result::Result<(), String>> {
        let (sql, arguments) = self.statement(group);
        let rows = match self.postgres.session.try_rows(&sql, &arguments) {
            Ok(rows) => rows,
            // A trigger changed one of them for another.
            Err(error) if group.len() > 1 && is_changed_by_trigger(&error) => {
                return Ok(Err(KEPT.to_owned()));
            }
            Err(error) => {
                let explained = || self.postgres.label().explain(UPDATING, &error);
                return refused(&error).map(Err).ok_or_else(explained);
            }
        };
        let takes_as_given = self.postgres.table.takes_as_given();
        let mut rows: HashMap<JobId, &Row> = rows
            .iter()
            .map(|row| (JobId::from_value(&value(row, 0)), row))
            .collect();
        for it in group {
            let Some(row) = rows.remove(&it.id) else {
                return Ok(Err(KEPT.to_owned()));
            };
            let after = if takes_as_given {
                let before = &decided[it.index].before;
                let mut job = before.job.clone();
                for (column, argument) in &it.values {
                    job.set(*column, given(argument));
                }
                Locked {
                    job,
                    beside: before.beside.clone(),
                }
            } else {
                whole(self.postgres, row, 1)
            };
            written.insert(it.id.clone(), after);
        }
        Ok(Ok(()))
    }

    fn statement(&self, group: &[&Planned]) -> (String, Vec<Argument>) {
        let table = &self.postgres.table;
        let ids: Vec<JobId> = group.iter().map(|it| it.id.clone()).collect();
        let mut arguments = vec![Argument::Texts(texts(&ids))];
        let (mut marks, mut names) = (String::new(), String::new());
        let mut assignments = Vec::new();
        for (place, (column, first)) in group[0].values.iter().enumerate() {
            let values = || group.iter().map(|it| &it.values[place].1);
            let mark = format!("${}", arguments.len() + 1);
            let input = if values().all(|value| value == first) {
                arguments.push(first.clone());
                table.input(*column, &mark)
            } else {
                arguments.push(Argument::Column(values().cloned().collect()));
                // No name that a column of the table has too.
                let name = format!("jobctl_given_{place}");
                marks.push_str(&format!(", {mark}::{}[]", sent(*column)));
                names.push_str(&format!(", {name}"));
                table.input(*column, &name)
            };
            assignments.push(format!("{} = {input}", column.name()));
        }
        let (id, assignments) = (table.as_text(Column::Id), assignments.join(", "));
        let which = if names.is_empty() {
            format!("WHERE {id} = ANY ($1)")
        } else {
            format!(
                "FROM unnest($1::text[]{marks}) jobctl_given (jobctl_given_id{names}) WHERE {id} = jobctl_given_id"
            )
        };
        let returned = if table.takes_as_given() {
            String::new()
        } else {
            format!(", {}", whole_list(self.postgres))
        };
        let sql = format!("UPDATE {TABLE} SET {assignments} {which} RETURNING {id}{returned}");
        (sql, arguments)
    }
}

fn is_changed_by_trigger(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::TRIGGERED_DATA_CHANGE_VIOLATION)
}
