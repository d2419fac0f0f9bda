//! The preview of an import: it decides as the import would, and remembers what that would have written.

use std::collections::HashMap;
use std::sync::Arc;

use super::decision::{Decision, OwnJobs, read};
use super::orphans::Orphans;
use crate::job::columns::Takes;
use crate::job::fitting::{Limits, refusal};
use crate::job::{Column, IdSet, Job, JobId};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::reading::pages::find;
use crate::repository::postgres::writing::removal::has_own_rules;
use crate::repository::{
    Error, Import, ImportTerms, Imported, OnConflict, Repository as _, Result, Unfinished,
};

/// A preview that is going on.
pub(in crate::repository::postgres) struct PostgresPreview<'a> {
    postgres: &'a mut Postgres,
    terms: ImportTerms,
    noted: OwnJobs,
    orphans: Orphans,
    has_rules: bool,
}

impl<'a> PostgresPreview<'a> {
    pub(in crate::repository::postgres) fn begin(
        postgres: &'a mut Postgres,
        terms: ImportTerms,
    ) -> Result<PostgresPreview<'a>> {
        let has_rules = has_own_rules(postgres, false)?;
        Ok(PostgresPreview {
            postgres,
            terms,
            noted: OwnJobs::default(),
            orphans: Orphans::default(),
            has_rules,
        })
    }

    fn outcome(&self, job: &Job, there: Option<&Job>, limits: &Limits) -> Result<Imported> {
        let on_conflict = self.terms.on_conflict;
        let id = job.id();
        let noted = self.noted.holds(&id);
        let decision = match self.noted.decide(job) {
            Some(_) if on_conflict == OnConflict::Fail => Decision::Conflict,
            Some(decision) => decision,
            None => Decision::of(job, there, on_conflict, limits, &self.postgres.table),
        };
        let refused = || refusal(job, limits).or_else(|| self.orphans.refusal(job));
        Ok(match decision {
            Decision::Conflict => return Err(Error::Exists { ids: vec![id] }),
            Decision::Stay => Imported::Skipped,
            Decision::Insert | Decision::Overwrite => match refused() {
                Some(why) => Imported::Refused(why.into()),
                None if decision == Decision::Insert && !noted => Imported::Inserted,
                None => Imported::Updated,
            },
        })
    }
}

impl Import for PostgresPreview<'_> {
    fn write(&mut self, jobs: &[Job]) -> Result<Vec<Imported>> {
        let ids: Vec<JobId> = jobs.iter().map(Job::id).collect();
        let there = find(self.postgres, &ids, read(self.terms.on_conflict))?;
        let there: HashMap<JobId, Job> = there
            .into_iter()
            .flatten()
            .map(|job| (job.id(), job))
            .collect();
        let limits = self.postgres.table.limits();
        let mut outcomes = Vec::with_capacity(jobs.len());
        for (job, id) in jobs.iter().zip(&ids) {
            match self.outcome(job, there.get(id), &limits) {
                Err(Error::Exists { .. }) if !outcomes.is_empty() => break,
                Err(error) => return Err(error),
                Ok(outcome) => {
                    if matches!(outcome, Imported::Inserted | Imported::Updated) {
                        self.noted.add(job);
                    }
                    outcomes.push(outcome);
                }
            }
        }
        Ok(outcomes)
    }

    fn declared_others(&mut self) -> Result<Vec<(Arc<str>, Takes)>> {
        self.postgres.declared_others()
    }

    fn limits(&mut self) -> Result<Option<Limits>> {
        self.postgres.limits()
    }

    fn missing_parents(&mut self, jobs: &[Job]) -> Result<Vec<(usize, Column)>> {
        let missing = self.postgres.missing_parents(jobs)?;
        self.orphans.note(jobs, &missing);
        Ok(missing)
    }

    fn skipped(&self) -> Option<IdSet> {
        None
    }

    fn is_pending(&self) -> bool {
        self.terms.atomic
    }

    fn yield_lock(&mut self) -> Result<()> {
        Ok(())
    }

    fn gaps(&self) -> Option<String> {
        self.has_rules.then(|| {
            "rules of the table may refuse some of them, which a dry run does not find out"
                .to_owned()
        })
    }

    fn end(self: Box<Self>) -> std::result::Result<(), Unfinished> {
        Ok(())
    }

    fn undo(self: Box<Self>) -> bool {
        self.terms.atomic
    }
}
