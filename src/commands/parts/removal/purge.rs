//! The removal of jobs in short batches while the service works on.

use std::collections::BTreeMap;

use anyhow::Result;

use super::kept_by_table::KeptByRules;
use crate::commands::parts::interrupt::Interrupt;
use crate::commands::parts::output::Printer;
use crate::context::Context;
use crate::error::Failure;
use crate::job::{Column, ColumnSet, Job, JobId};
use crate::render::format::{Envelope, Head};
use crate::render::record::{Cells, Record};
use crate::repository::Repository;
use crate::terminal::Terminal;
use crate::text::json::{self, Layout, Object};

/// A run over many jobs. It may be cut short by Ctrl-C or an error; what went before stays gone, and is told.
pub(crate) struct Purge {
    told: Deleted,
    pub by_status: BTreeMap<String, u64>,
    /// The jobs that the table keeps.
    pub held: KeptByRules,
    stopped: Option<anyhow::Error>,
}

impl Purge {
    pub(crate) fn new(context: &Context) -> Purge {
        Purge {
            told: Deleted::new(context),
            by_status: BTreeMap::new(),
            held: KeptByRules::default(),
            stopped: None,
        }
    }

    /// Deletes the jobs that `goes` still lets go when their turn comes.
    pub(crate) fn go(
        &mut self,
        context: &mut Context,
        repository: &mut dyn Repository,
        ids: &[JobId],
        reads: ColumnSet,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<()> {
        let interrupt = Interrupt::watch(context)?;
        let mut rest = ids;
        while !rest.is_empty() && self.stopped.is_none() {
            if interrupt.is_set() {
                self.stopped = Some(Failure::interrupted().into());
                break;
            }
            match repository.purge(rest, reads, goes) {
                Err(error) => self.stopped = Some(error.into()),
                Ok(purged) => {
                    rest = &rest[purged.checked..];
                    for kept in purged.kept {
                        self.held.add(kept);
                    }
                    for job in &purged.jobs {
                        self.told.push(&mut context.terminal, &job.id());
                        let status = job.get(Column::Status).display().into_owned();
                        *self.by_status.entry(status).or_default() += 1;
                    }
                }
            }
        }
        Ok(())
    }

    pub(crate) fn count(&self) -> u64 {
        self.told.count
    }

    pub(crate) fn is_cut_short(&self) -> bool {
        self.stopped.is_some()
    }

    /// Ends the output, says the summary, and then what went wrong, if anything.
    pub(crate) fn end(self, context: &mut Context, summary: &str) -> Result<()> {
        let mut more = String::new();
        let mut members = Object::begin(&mut more, Layout::OneLine);
        self.held.json(&mut members);
        members.end();
        let more = more.trim_start_matches('{').strip_suffix('}');
        let told = self.told.end(&mut context.terminal, more.unwrap_or(""));
        context.terminal.note(summary);
        match (self.stopped, self.held.failure()) {
            (Some(stopped), _) => Err(stopped),
            (None, Some(held)) => Err(held.into()),
            (None, None) => told,
        }
    }
}

/// The ids of deleted jobs; the document of `-o json` is `{"job_ids": […], "deleted": N, …}`.
pub(crate) struct Deleted {
    pub count: u64,
    printer: Printer<'static>,
    /// The error for which ids can no longer be told. The jobs go all the same: that was asked for.
    failed: Option<anyhow::Error>,
}

impl Deleted {
    pub(crate) fn new(context: &Context) -> Deleted {
        let head = Head {
            headings: vec!["job_id".to_owned()],
            around: Envelope::Object("\"job_ids\": "),
            table: None,
        };
        Deleted {
            count: 0,
            printer: Printer::new(context, head),
            failed: None,
        }
    }

    pub(crate) fn push(&mut self, terminal: &mut Terminal, id: &JobId) {
        if self.failed.is_none() {
            self.failed = self.printer.record(terminal, &Gone(id)).err();
        }
        self.count += 1;
    }

    /// `more` are further members of the JSON document, or nothing.
    pub(crate) fn end(self, terminal: &mut Terminal, more: &str) -> Result<()> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut members = format!("\"deleted\": {}", self.count);
        if !more.is_empty() {
            members.push_str(", ");
            members.push_str(more);
        }
        self.printer.end(terminal, &members)
    }
}

/// The id of a deleted job, which people need not see.
struct Gone<'a>(&'a JobId);

impl Record for Gone<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let mut object = Object::begin(out, layout);
        object.string("job_id", &self.0.to_string());
        object.end();
    }

    fn element(&self, out: &mut String) {
        json::string(out, &self.0.to_string());
    }

    fn cells(&self, cells: &mut dyn Cells) {
        cells.text(&self.0.to_string());
        cells.end_line();
    }

    fn id(&self) -> Option<JobId> {
        Some(self.0.clone())
    }
}
