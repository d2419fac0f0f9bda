//! Records on their way to stdout in the format that was asked for: a few jobs at once, or a listing that streams.

pub(crate) mod dry_run;
pub(crate) mod file;

use std::sync::Arc;

use anyhow::Result;

use crate::context::Context;
use crate::job::{AnyColumn, Column, Job};
use crate::render::format::{self, Document, Envelope, Format, Head, RecordForm};
use crate::render::record::{JobRecord, Record};
use crate::render::table::JobTable;
use crate::terminal::Terminal;

/// The most bytes of text that are kept before they are printed; a larger single job is printed alone.
const MOST: usize = 256 << 10;

/// A document that is printed as it grows.
pub(crate) struct Printer<'a> {
    document: Box<dyn Document + 'a>,
    text: String,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(context: &Context, head: Head<'a>) -> Printer<'a> {
        Printer::in_format(context.format, context, head)
    }

    pub(crate) fn in_format(format: Format, context: &Context, head: Head<'a>) -> Printer<'a> {
        Printer {
            document: format.begin(head, context.style()),
            text: String::new(),
        }
    }

    pub(crate) fn record(&mut self, terminal: &mut Terminal, record: &dyn Record) -> Result<()> {
        self.add(record);
        self.print(terminal)
    }

    /// Adds a record to the text that is to be printed.
    fn add(&mut self, record: &dyn Record) {
        self.document.record(&mut self.text, record);
    }

    fn is_full(&self) -> bool {
        self.text.len() >= MOST
    }

    /// Prints the text that there is.
    fn print(&mut self, terminal: &mut Terminal) -> Result<()> {
        let printed = terminal.data(&self.text);
        self.text.clear();
        printed
    }

    /// `more` are further members of a document in JSON, or nothing.
    pub(crate) fn end(mut self, terminal: &mut Terminal, more: &str) -> Result<()> {
        self.document.end(&mut self.text, more);
        terminal.data(&self.text)
    }
}

/// Whether one job stands for itself or is one of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OneOrMany {
    Single,
    Array,
}

/// Prints jobs in full in the formats that are the same for `create`, `show` and `update`; false when the
/// format is for people: each command prints that itself.
pub(crate) fn records(context: &mut Context, jobs: &[Job], shape: OneOrMany) -> Result<bool> {
    records_and(context, jobs, shape, &mut |_| None)
}

/// The same, with the content of each job's working folder.
pub(crate) fn records_and(
    context: &mut Context,
    jobs: &[Job],
    shape: OneOrMany,
    scan: &mut dyn FnMut(&Job) -> Option<String>,
) -> Result<bool> {
    let is_for_people = context.format.form() == RecordForm::Lines;
    if !is_for_people {
        print(context.format, context, jobs, shape, scan)?;
    }
    Ok(!is_for_people)
}

/// Prints the ids alone, whatever the format is.
pub(crate) fn bare_ids(context: &mut Context, jobs: &[Job]) -> Result<()> {
    print(format::IDS, context, jobs, OneOrMany::Array, &mut |_| None)
}

fn print(
    format: Format,
    context: &mut Context,
    jobs: &[Job],
    shape: OneOrMany,
    scan: &mut dyn FnMut(&Job) -> Option<String>,
) -> Result<()> {
    let columns = AnyColumn::all(&others_of(jobs));
    let head = Head {
        headings: labels(&columns),
        around: match (shape, jobs) {
            (OneOrMany::Single, [_]) => Envelope::Nothing,
            _ => Envelope::Array,
        },
        table: None,
    };
    let mut printer = Printer::in_format(format, context, head);
    for job in jobs {
        let record = JobRecord {
            job,
            columns: &columns,
            known: Column::ALL,
            scan: scan(job),
        };
        printer.record(&mut context.terminal, &record)?;
    }
    printer.end(&mut context.terminal, "")
}

fn labels(columns: &[AnyColumn]) -> Vec<String> {
    let labels = columns.iter().map(AnyColumn::label);
    labels.map(|label| label.into_owned()).collect()
}

/// The unknown columns that any of the jobs has.
fn others_of(jobs: &[Job]) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for (name, _) in jobs.iter().flat_map(Job::others) {
        if !names.contains(name) {
            names.push(Arc::clone(name));
        }
    }
    names
}

/// A listing of any length, a job at a time.
pub(crate) struct Listing<'a> {
    columns: Vec<AnyColumn>,
    known: Vec<Column>,
    /// Whole jobs have all unknown columns of the table, and no list of them.
    is_whole: bool,
    printer: Printer<'a>,
    pub count: u64,
}

impl<'a> Listing<'a> {
    /// `columns` are those of JSON and cells. JSON of whole jobs tells all unknown ones that were read.
    pub(crate) fn new(
        context: &Context,
        columns: Vec<AnyColumn>,
        is_whole: bool,
        headings: bool,
        table: JobTable<'a>,
    ) -> Self {
        let head = Head {
            headings: if headings {
                labels(&columns)
            } else {
                Vec::new()
            },
            around: Envelope::Object("\"jobs\": "),
            table: Some(table),
        };
        Listing {
            known: AnyColumn::known(&columns),
            columns,
            is_whole,
            printer: Printer::new(context, head),
            count: 0,
        }
    }

    pub(crate) fn push(&mut self, terminal: &mut Terminal, mut job: Job) -> Result<()> {
        self.add(&mut job);
        self.print(terminal)
    }

    /// Adds a job to the text that is to be printed.
    pub(crate) fn add(&mut self, job: &mut Job) {
        self.count += 1;
        if !self.is_whole && !job.others().is_empty() {
            job.keep_others(&self.columns);
        }
        let record = JobRecord {
            job,
            columns: &self.columns,
            known: &self.known,
            scan: None,
        };
        self.printer.add(&record);
    }

    /// Whether there is enough text to be printed.
    pub(crate) fn is_full(&self) -> bool {
        self.printer.is_full()
    }

    pub(crate) fn print(&mut self, terminal: &mut Terminal) -> Result<()> {
        self.printer.print(terminal)
    }

    /// Ends the document. `more` is what follows the array of a JSON document: `"pagination": {…}`.
    pub(crate) fn end(self, terminal: &mut Terminal, more: &str) -> Result<()> {
        self.printer.end(terminal, more)
    }
}
