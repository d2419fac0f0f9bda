//! `show --watch`: the pages of named jobs, until one of them is deleted.

use anyhow::Result;

use super::Subject;
use super::events::Events;
use crate::commands::parts::arguments::ids;
use crate::commands::parts::program::program;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::job::{AnyColumn, ColumnSet, Job, JobId};
use crate::render::page::{self, PageOptions};
use crate::repository::Repository;
use crate::terminal::screen::Size;
use crate::text::signs;
use crate::text::visible::one_line;

pub(crate) struct Shown {
    names: Vec<String>,
    full: bool,
    /// Those that the names mean; they are looked up once.
    ids: Option<Vec<JobId>>,
    jobs: Vec<Job>,
    events: Events,
}

impl Shown {
    pub(crate) fn new(context: &Context, names: Vec<String>, full: bool) -> Shown {
        Shown {
            names,
            full,
            ids: None,
            jobs: Vec::new(),
            events: Events::new(context, &AnyColumn::all(&[]), true),
        }
    }

    /// The jobs, None for one that is gone.
    fn find(&mut self, repository: &mut dyn Repository) -> Result<Vec<(JobId, Option<Job>)>> {
        let ids = match self.ids.take() {
            Some(ids) => ids,
            None => {
                let (ids, missing) = ids::resolve_all(repository, &self.names)?;
                if !missing.is_empty() {
                    return Err(ids::no_such(&missing).into());
                }
                ids
            }
        };
        let found = repository.find(&ids, ColumnSet::WHOLE);
        let jobs = self.ids.insert(ids).iter().cloned().zip(found?);
        Ok(jobs.collect())
    }
}

/// A job that is not there any more.
pub(crate) fn gone(id: &JobId) -> Failure {
    let message = format!(
        "job {} is gone: it has been deleted",
        one_line(&id.to_string())
    );
    Failure::new(Kind::NotFound, message)
}

impl Subject for Shown {
    fn title(&self) -> String {
        format!("jobctl show {}", self.names.join(" "))
    }

    fn is_due(&self, _: &Context) -> Result<bool> {
        Ok(false)
    }

    fn read(&mut self, _: &Context, repository: &mut dyn Repository, _: Size) -> Result<()> {
        let mut jobs = Vec::new();
        for (id, job) in self.find(repository)? {
            jobs.push(job.ok_or_else(|| gone(&id))?);
        }
        self.jobs = jobs;
        Ok(())
    }

    fn lines(&self, context: &Context, size: Size) -> Vec<String> {
        let options = PageOptions {
            now: context.now(),
            zone: &context.zone,
            width: Some(size.columns),
            color: context.terminal.color,
            full: self.full,
            program: &program(context),
        };
        let mut lines = Vec::new();
        for job in &self.jobs {
            lines.push(String::new());
            lines.extend(page::lines(job, None, &options));
        }
        // The head has a line.
        let rows = size.rows.saturating_sub(1);
        if lines.len() > rows {
            let hidden = lines.len() + 1 - rows;
            lines.truncate(rows.saturating_sub(1));
            lines.push(format!(
                "{} {hidden} more lines do not fit",
                signs::ellipsis()
            ));
        }
        lines
    }

    fn tell(&mut self, context: &mut Context, repository: &mut dyn Repository) -> Result<()> {
        let jobs = self.find(repository)?;
        self.events.begin();
        let mut end = Ok(());
        for (id, job) in &jobs {
            match job {
                Some(job) => self.events.see(&mut context.terminal, job)?,
                None => {
                    self.events.gone(&mut context.terminal, id, None)?;
                    end = end.and(Err(gone(id).into()));
                }
            }
        }
        end
    }
}
