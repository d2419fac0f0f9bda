//! Jobs in the format that was asked for: a few at once, or a listing that streams.

use std::sync::Arc;

use anyhow::Result;

use crate::context::Context;
use crate::job::{AnyColumn, Column, Job};
use crate::render::table::{Field, JobTable, Look};
use crate::render::{csv, job_form};
use crate::settings::options::Format;
use crate::text::json::{Layout, Object};

/// Rows of a table that are laid out together.
const BLOCK: usize = 200;

/// Whether one job stands for itself or is one of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Single,
    Array,
}

/// Prints jobs in full in the formats that are the same for `create`, `show` and `update`; false when the
/// format is one for people, which every command has its own way with.
pub fn records(context: &mut Context, jobs: &[Job], shape: Shape) -> Result<bool> {
    records_and(context, jobs, shape, &mut |_, _| {})
}

/// The same, with more members behind the columns of a job in JSON.
pub fn records_and(
    context: &mut Context,
    jobs: &[Job],
    shape: Shape,
    more: &mut dyn FnMut(&Job, &mut Object),
) -> Result<bool> {
    let mut text =
        |job: &Job, layout| job_form::job_and(job, Column::ALL, layout, |object| more(job, object));
    let terminal = &mut context.terminal;
    match terminal.format {
        Format::Table | Format::Wide | Format::Prometheus => return Ok(false),
        Format::Ids => {
            for job in jobs {
                terminal.bare_id(&job.id())?;
            }
        }
        Format::Jsonl => {
            for job in jobs {
                terminal.line(&text(job, Layout::OneLine))?;
            }
        }
        Format::Csv => {
            let columns = AnyColumn::all(&others_of(jobs));
            terminal.csv_line(&csv::header(&columns))?;
            for job in jobs {
                terminal.csv_line(&csv::row(job, &columns))?;
            }
        }
        Format::Json => match (shape, jobs) {
            (Shape::Single, [job]) => {
                terminal.line(&text(job, Layout::Lines(0)))?;
            }
            _ => {
                let mut array = JsonArray::default();
                for job in jobs {
                    array.push(terminal, &text(job, Layout::Lines(2)))?;
                }
                array.end(terminal)?;
                terminal.data("\n")?;
            }
        },
    }
    Ok(true)
}

/// The columns that are not known and any of the jobs has.
fn others_of(jobs: &[Job]) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for (name, _) in jobs.iter().flat_map(Job::others) {
        if !names.contains(name) {
            names.push(Arc::clone(name));
        }
    }
    names
}

/// A JSON array whose elements stand on lines of their own, indented by two.
#[derive(Default)]
pub struct JsonArray {
    begun: bool,
}

impl JsonArray {
    pub fn push(&mut self, terminal: &mut crate::terminal::Terminal, element: &str) -> Result<()> {
        terminal.data(if self.begun { ",\n  " } else { "[\n  " })?;
        self.begun = true;
        terminal.data(element)
    }

    pub fn end(self, terminal: &mut crate::terminal::Terminal) -> Result<()> {
        terminal.data(if self.begun { "\n]" } else { "[]" })
    }
}

/// A listing of any length, a job at a time.
pub struct Listing<'a> {
    columns: Vec<AnyColumn>,
    known: Vec<Column>,
    /// Whole jobs have all others that the table has, and no list of them.
    is_whole: bool,
    table: JobTable<'a>,
    waiting: Vec<Job>,
    array: Option<JsonArray>,
    begun: bool,
    headings: bool,
    pub count: u64,
}

impl<'a> Listing<'a> {
    /// `columns` are those of JSON and CSV, `fields` those of tables. JSON of whole jobs tells all others that were read.
    pub fn new(columns: Vec<AnyColumn>, is_whole: bool, fields: &[Field], look: Look<'a>) -> Self {
        Listing {
            known: AnyColumn::known(&columns),
            columns,
            is_whole,
            headings: look.headings,
            table: JobTable::new(fields, look),
            waiting: Vec::new(),
            array: Some(JsonArray::default()),
            begun: false,
            count: 0,
        }
    }

    pub fn push(&mut self, terminal: &mut crate::terminal::Terminal, mut job: Job) -> Result<()> {
        self.count += 1;
        if !self.is_whole && !job.others().is_empty() {
            job.keep_others(&self.columns);
        }
        match terminal.format {
            Format::Table | Format::Wide | Format::Prometheus => {
                self.waiting.push(job);
                match self.waiting.len() < BLOCK {
                    true => Ok(()),
                    false => self.flush(terminal),
                }
            }
            Format::Ids => terminal.bare_id(&job.id()),
            Format::Jsonl => terminal.line(&job_form::job(&job, &self.known, Layout::OneLine)),
            Format::Csv => {
                self.csv_header(terminal)?;
                terminal.csv_line(&csv::row(&job, &self.columns))
            }
            Format::Json => {
                if !self.begun {
                    terminal.data("{\"jobs\": ")?;
                    self.begun = true;
                }
                let text = job_form::job(&job, &self.known, Layout::Lines(2));
                match &mut self.array {
                    Some(array) => array.push(terminal, &text),
                    None => Ok(()),
                }
            }
        }
    }

    fn csv_header(&mut self, terminal: &mut crate::terminal::Terminal) -> Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        match self.headings {
            true => terminal.csv_line(&csv::header(&self.columns)),
            false => Ok(()),
        }
    }

    fn flush(&mut self, terminal: &mut crate::terminal::Terminal) -> Result<()> {
        for line in self.table.block(&self.waiting) {
            terminal.line(&line)?;
        }
        self.waiting.clear();
        Ok(())
    }

    /// Ends the document. `tail` is what follows the array of a JSON document: `"pagination": {…}`.
    pub fn end(mut self, terminal: &mut crate::terminal::Terminal, tail: &str) -> Result<()> {
        match terminal.format {
            Format::Table | Format::Wide | Format::Prometheus => self.flush(terminal),
            Format::Csv => self.csv_header(terminal),
            Format::Ids | Format::Jsonl => Ok(()),
            Format::Json => {
                if !self.begun {
                    terminal.data("{\"jobs\": ")?;
                }
                self.array.take().unwrap_or_default().end(terminal)?;
                terminal.data(", ")?;
                terminal.data(tail)?;
                terminal.data("}\n")
            }
        }
    }
}
