//! Jobs that go in short batches while the service works on: what `delete` by filter and `cleanup` share.

use std::collections::BTreeMap;

use anyhow::Result;

use super::interrupt::Interrupt;
use super::kept_by_table::Held;
use super::output::JsonArray;
use crate::context::Context;
use crate::error::Failure;
use crate::job::{Column, ColumnSet, Job, JobId};
use crate::render::csv;
use crate::repository::Repository;
use crate::settings::options::Format;
use crate::terminal::Terminal;
use crate::text::json::{self, Layout, Object};

/// A run over many jobs. It may be cut short by Ctrl-C or an error; what went before stays gone, and is told.
#[derive(Default)]
pub struct Purge {
    told: Deleted,
    pub by_status: BTreeMap<String, u64>,
    /// Those that the table keeps.
    pub held: Held,
    stopped: Option<anyhow::Error>,
}

impl Purge {
    /// Deletes the jobs that `goes` still lets go when their turn comes.
    pub fn go(
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
                    rest = &rest[purged.looked_at..];
                    for (id, why) in purged.kept {
                        self.held.add(id, why);
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

    pub fn count(&self) -> u64 {
        self.told.count
    }

    pub fn is_cut_short(&self) -> bool {
        self.stopped.is_some()
    }

    /// Ends the output, says the summary, and then what went wrong, if anything.
    pub fn end(self, context: &mut Context, summary: &str) -> Result<()> {
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
#[derive(Default)]
pub struct Deleted {
    pub count: u64,
    array: JsonArray,
    /// Why the ids can no longer be told. The jobs go all the same: that was asked for.
    failed: Option<anyhow::Error>,
}

impl Deleted {
    pub fn push(&mut self, terminal: &mut Terminal, id: &JobId) {
        if self.failed.is_none() {
            self.failed = self.tell(terminal, id).err();
        }
        self.count += 1;
    }

    fn tell(&mut self, terminal: &mut Terminal, id: &JobId) -> Result<()> {
        self.begin(terminal)?;
        let mut text = String::new();
        json::string(&mut text, &id.to_string());
        match terminal.format {
            Format::Table | Format::Wide | Format::Prometheus => Ok(()),
            Format::Ids => terminal.bare_id(id),
            Format::Csv => terminal.csv_line(&csv::field(&id.to_string())),
            Format::Jsonl => terminal.line(&format!("{{\"job_id\": {text}}}")),
            Format::Json => self.array.push(terminal, &text),
        }
    }

    fn begin(&mut self, terminal: &mut Terminal) -> Result<()> {
        match (self.count, terminal.format) {
            (0, Format::Json) => terminal.data("{\"job_ids\": "),
            (0, Format::Csv) => terminal.csv_line("job_id"),
            _ => Ok(()),
        }
    }

    /// `more` are further members of the JSON document, or nothing.
    pub fn end(mut self, terminal: &mut Terminal, more: &str) -> Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.begin(terminal)?;
        if terminal.format != Format::Json {
            return Ok(());
        }
        std::mem::take(&mut self.array).end(terminal)?;
        terminal.data(&format!(", \"deleted\": {}", self.count))?;
        if !more.is_empty() {
            terminal.data(", ")?;
            terminal.data(more)?;
        }
        terminal.data("}\n")
    }
}
