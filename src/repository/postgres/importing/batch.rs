//! The rows of one batch: new ones in one statement, and those over rows that are there in one too. Where a rule of the table
//! refuses one, the batch is done again with each by itself, so that it costs that job alone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::decision::{Decision, OwnJobs, read};
use super::orphans::Orphans;
use crate::job::fitting::refusal;
use crate::job::value::hex;
use crate::job::{Column, Job, JobId, Value};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::errors::refused;
use crate::repository::postgres::connection::job_table::{AS_GIVEN, TABLE};
use crate::repository::postgres::connection::stored_column::quoted;
use crate::repository::postgres::connection::values::{Argument, sent, value};
use crate::repository::postgres::history::noting;
use crate::repository::postgres::writing::fitted::arguments;
use crate::repository::postgres::writing::write::{IGNORED, locked};
use crate::repository::{Error, Imported, OnConflict, Result};

pub(super) const IMPORTING: &str = "importing jobs";

/// Jobs of different ids that are written together.
pub(super) struct Batch<'a> {
    pub(super) postgres: &'a Postgres,
    pub(super) jobs: &'a [Job],
    pub(super) on_conflict: OnConflict,
    pub(super) orphans: &'a Orphans,
}

/// One job, with what is to be done.
pub(super) struct Planned<'a> {
    pub(super) index: usize,
    pub(super) job: &'a Job,
    pub(super) arguments: Vec<Argument>,
}

#[derive(Default)]
struct Plan<'a> {
    outcomes: Vec<Option<Imported>>,
    inserts: Vec<Planned<'a>>,
    overwrites: Vec<Planned<'a>>,
}

impl<'a> Batch<'a> {
    /// Writes as many of them as its policy lets, one outcome each.
    pub(super) fn write(&self, own: &OwnJobs) -> Result<Vec<Imported>> {
        let plan = self.plan(own)?;
        let session = &self.postgres.session;
        session.defer("SAVEPOINT jobctl");
        let mark = self.postgres.recorder.mark();
        let mut outcomes = plan.outcomes.clone();
        let refused = match self.insert_all(&plan.inserts, &mut outcomes)? {
            None => self.overwrite_all(&plan.overwrites, &mut outcomes)?,
            refused => refused,
        };
        if refused.is_some() {
            session.run(IMPORTING, "ROLLBACK TO SAVEPOINT jobctl")?;
            self.postgres.recorder.cut(mark);
            outcomes = plan.outcomes.clone();
            self.one_by_one(&plan, &mut outcomes)?;
        }
        self.postgres.save_if_full()?;
        Ok(outcomes.into_iter().flatten().collect())
    }

    fn plan(&self, own: &OwnJobs) -> Result<Plan<'a>> {
        let ids: Vec<JobId> = self.jobs.iter().map(Job::id).collect();
        let has_own = ids.iter().any(|id| own.holds(id));
        let on_conflict = self.on_conflict;
        let there = if on_conflict == OnConflict::Skip && !has_own {
            crate::repository::postgres::reading::pages::find(
                self.postgres,
                &ids,
                read(on_conflict),
            )?
            .into_iter()
            .flatten()
            .map(|job| (job.id(), job))
            .collect()
        } else {
            locked(self.postgres, IMPORTING, &ids, read(on_conflict))?
        };
        let table = &self.postgres.table;
        let limits = table.limits();
        let mut plan = Plan::default();
        for (index, job) in self.jobs.iter().enumerate() {
            let stored = there.get(&ids[index]);
            let of_own = own
                .decide(job)
                .filter(|_| stored.is_some() && on_conflict != OnConflict::Fail);
            let decision =
                of_own.unwrap_or_else(|| Decision::of(job, stored, on_conflict, &limits, table));
            match decision {
                Decision::Conflict if index == 0 => {
                    return Err(Error::Exists {
                        ids: vec![job.id()],
                    });
                }
                Decision::Conflict => break,
                Decision::Stay => {
                    plan.outcomes.push(Some(Imported::Skipped));
                    continue;
                }
                Decision::Insert | Decision::Overwrite => {}
            }
            if let Some(why) = refusal(job, &limits).or_else(|| self.orphans.refusal(job)) {
                plan.outcomes.push(Some(Imported::Refused(why.into())));
                continue;
            }
            plan.outcomes.push(None);
            let planned = Planned {
                index,
                job,
                arguments: arguments(&limits, job),
            };
            if decision == Decision::Insert {
                plan.inserts.push(planned);
            } else {
                plan.overwrites.push(planned);
            }
        }
        Ok(plan)
    }

    /// Gives the reason for which a rule of the table refuses one of them.
    fn insert_all(
        &self,
        planned: &[Planned<'_>],
        outcomes: &mut [Option<Imported>],
    ) -> Result<Option<String>> {
        // Rows with unknown columns have statements of their own.
        let (plain, wider): (Vec<_>, Vec<_>) =
            planned.iter().partition(|it| it.job.others().is_empty());
        for it in wider {
            match self.insert_one(it)? {
                Ok(outcome) => outcomes[it.index] = Some(outcome),
                Err(why) => return Ok(Some(why)),
            }
        }
        if plain.is_empty() {
            return Ok(None);
        }
        if self.can_copy(plain.len()) {
            return self.copy_all(&plain, outcomes);
        }
        let table = &self.postgres.table;
        let names: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
        let marks: Vec<String> = Column::ALL
            .iter()
            .enumerate()
            .map(|(index, column)| format!("${}::{}[]", index + 1, sent(*column)))
            .collect();
        let inputs: Vec<String> = Column::ALL
            .iter()
            .map(|column| table.input(*column, &format!("r.{}", column.name())))
            .collect();
        let id = table.as_text(Column::Id);
        let (names, marks, inputs) = (names.join(", "), marks.join(", "), inputs.join(", "));
        let sql = format!(
            "INSERT INTO {TABLE} ({names}) {AS_GIVEN} SELECT {inputs} FROM unnest({marks}) r ({names}) \
             ON CONFLICT (id) DO NOTHING RETURNING {}",
            self.returned(&id)
        );
        let arguments: Vec<Argument> = (0..Column::COUNT)
            .map(|column| {
                Argument::Column(
                    plain
                        .iter()
                        .map(|it| it.arguments[column].clone())
                        .collect(),
                )
            })
            .collect();
        let rows = match self.postgres.session.try_rows(&sql, &arguments) {
            Ok(rows) => rows,
            Err(error) => return self.refusal(&error).map(Some),
        };
        let inserted: HashSet<JobId> = rows
            .iter()
            .map(|row| JobId::from_value(&value(row, 0)))
            .collect();
        self.note_inserted(&plain, &inserted, &rows);
        let left: Vec<JobId> = plain
            .iter()
            .map(|it| it.job.id())
            .filter(|id| !inserted.contains(id))
            .collect();
        let there = self.there(&left)?;
        for it in plain {
            let id = it.job.id();
            outcomes[it.index] = Some(if inserted.contains(&id) {
                Imported::Inserted
            } else if there.contains(&id) {
                // Somebody else was faster.
                Imported::Skipped
            } else {
                Imported::Refused(IGNORED.into())
            });
        }
        Ok(None)
    }

    fn one_by_one(&self, plan: &Plan<'_>, outcomes: &mut [Option<Imported>]) -> Result<()> {
        let session = &self.postgres.session;
        let before = self.before(&plan.overwrites)?;
        let inserts = plan.inserts.iter().map(|it| (it, true));
        let overwrites = plan.overwrites.iter().map(|it| (it, false));
        for (it, is_new) in inserts.chain(overwrites) {
            session.defer("SAVEPOINT jobctl_row");
            let done = if is_new {
                self.insert_one(it)?
            } else {
                self.overwrite_one(it, before.get(&it.job.id()))?
            };
            let end = match &done {
                Ok(_) => "RELEASE SAVEPOINT jobctl_row",
                Err(_) => "ROLLBACK TO SAVEPOINT jobctl_row",
            };
            session.run(IMPORTING, end)?;
            outcomes[it.index] = Some(done.unwrap_or_else(|why| Imported::Refused(why.into())));
        }
        Ok(())
    }

    fn insert_one(&self, it: &Planned<'_>) -> Result<std::result::Result<Imported, String>> {
        let written = self.written(it, true);
        let (names, inputs): (Vec<String>, Vec<String>) = written.columns.into_iter().unzip();
        let sql = format!(
            "INSERT INTO {TABLE} ({}) {AS_GIVEN} VALUES ({}) ON CONFLICT (id) DO NOTHING RETURNING {}",
            names.join(", "),
            inputs.join(", "),
            self.kept_or("1")
        );
        match self.postgres.session.try_rows(&sql, &written.arguments) {
            Ok(rows) if !rows.is_empty() => {
                if self.postgres.recorder.keeps_rows() {
                    noting::inserted(self.postgres, &rows);
                }
                Ok(Ok(Imported::Inserted))
            }
            Ok(_) if self.there(&[it.job.id()])?.is_empty() => {
                Ok(Ok(Imported::Refused(IGNORED.into())))
            }
            Ok(_) => Ok(Ok(Imported::Skipped)),
            Err(error) => self.refusal(&error).map(Err),
        }
    }

    /// The columns that a job writes. In a row that is there those that it lacks stay as they are.
    pub(super) fn written(&self, it: &Planned<'_>, is_new: bool) -> Written {
        let table = &self.postgres.table;
        let mut written = Written::default();
        for (column, argument) in Column::ALL.iter().zip(&it.arguments) {
            let stays = *column == Column::Id || it.job.lacking().contains(*column);
            if is_new || !stays {
                let mark = written.bind(argument.clone());
                let input = table.input(*column, &mark);
                written.columns.push((column.name().to_owned(), input));
            }
        }
        let others = it.job.others().iter();
        for (name, value) in others.filter(|(name, _)| is_new || !table.keeps_number(name)) {
            let mark = written.bind(spelled(value));
            let input = table.other_input(name, &mark);
            written.columns.push((quoted(name), input));
        }
        written
    }

    fn there(&self, ids: &[JobId]) -> Result<HashSet<JobId>> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let found = crate::repository::postgres::reading::pages::find(
            self.postgres,
            ids,
            read(OnConflict::Skip),
        )?;
        Ok(found.iter().flatten().map(Job::id).collect())
    }

    pub(super) fn refusal(&self, error: &tokio_postgres::Error) -> Result<String> {
        refused(error).ok_or_else(|| self.postgres.label().explain(IMPORTING, error))
    }
}

/// Columns with their inputs, and the values bound in these.
#[derive(Default)]
pub(super) struct Written {
    pub(super) columns: Vec<(String, String)>,
    pub(super) arguments: Vec<Argument>,
}

impl Written {
    fn bind(&mut self, argument: Argument) -> String {
        self.arguments.push(argument);
        format!("${}", self.arguments.len())
    }
}

/// The value of an unknown column as a text, which the server reads by its type.
fn spelled(value: &Value) -> Argument {
    Argument::Text(match value {
        Value::Null => None,
        Value::Blob(bytes) => Some(format!("\\x{}", hex(bytes))),
        value => Some(value.display().into_owned()),
    })
}

/// The number of first jobs whose ids are different.
pub(super) fn distinct(jobs: &[Job]) -> usize {
    let mut seen: HashMap<JobId, ()> = HashMap::new();
    let is_new = |job: &&Job| seen.insert(job.id(), ()).is_none();
    jobs.iter().take_while(is_new).count()
}

/// The names of the unknown columns that jobs bring and the table lacks: it had them when they were asked for.
pub(super) fn lacks(postgres: &Postgres, jobs: &[Job]) -> bool {
    let is_there = |name: &Arc<str>| postgres.table.others.contains(name);
    !jobs
        .iter()
        .flat_map(Job::others)
        .all(|(name, _)| is_there(name))
}
