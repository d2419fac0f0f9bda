//! The dry run of a command: each job that it would change, with the reason.

use anyhow::Result;

use super::Printer;
use crate::context::Context;
use crate::job::{Column, Job, JobId};
use crate::render::format::{Envelope, Head, RecordForm};
use crate::render::record::{Cells, JobRecord, Record};
use crate::render::table::JobTable;
use crate::terminal::Terminal;
use crate::text::json::{Layout, Object};
use crate::text::visible::{one_line, plural};

/// The end of a dry run's summary.
pub(crate) const NOTHING: &str = "nothing was written";

/// Streams the jobs of a dry run; the document of `-o json` is
/// `{"dry_run": true, "jobs": [{"job_id", "reason"}, …], "count": N, …}`.
pub(crate) struct DryRun {
    verb: &'static str,
    count: u64,
    /// The format shows no reasons.
    is_bare: bool,
    /// The memory of a reason.
    reason: String,
    printer: Printer<'static>,
}

impl DryRun {
    /// `verb` begins the summary: `would delete`.
    pub(crate) fn new(context: &Context, verb: &'static str) -> DryRun {
        let head = Head {
            headings: vec!["job_id".to_owned(), "reason".to_owned()],
            around: Envelope::Object("\"dry_run\": true, \"jobs\": "),
            table: None,
        };
        DryRun {
            verb,
            count: 0,
            is_bare: context.format.form() == RecordForm::Id,
            reason: String::new(),
            printer: Printer::new(context, head),
        }
    }

    /// Tells a job of a list that is there: the text is printed where there is enough of it, and at the end.
    pub(crate) fn push(&mut self, terminal: &mut Terminal, id: &JobId, reason: &str) -> Result<()> {
        self.tell(id, reason, true);
        if self.is_full() {
            self.print(terminal)
        } else {
            Ok(())
        }
    }

    /// Tells a job at once, which would stay as it is where it does not count.
    pub(crate) fn push_counted(
        &mut self,
        terminal: &mut Terminal,
        id: &JobId,
        reason: &str,
        counts: bool,
    ) -> Result<()> {
        self.tell(id, reason, counts);
        self.print(terminal)
    }

    fn tell(&mut self, id: &JobId, reason: &str, counts: bool) {
        self.count += u64::from(counts);
        self.printer.add(&Reason {
            name: &id.to_string(),
            id: &|| id.clone(),
            reason,
            counts,
            more: &|_| {},
        });
    }

    /// Tells a job whose reason is made where it is shown, with further members of its JSON object, as text that `print` prints.
    pub(crate) fn add(
        &mut self,
        job: &Job,
        counts: bool,
        reason: impl FnOnce(&mut String),
        more: &dyn Fn(&mut Object),
    ) {
        self.count += u64::from(counts);
        if !self.is_bare {
            self.reason.clear();
            reason(&mut self.reason);
            self.printer.add(&Reason {
                name: &job.get(Column::Id).display(),
                id: &|| job.id(),
                reason: &self.reason,
                counts,
                more,
            });
        } else if counts {
            self.printer.add(&JobRecord {
                job,
                columns: &[],
                known: &[],
                scan: None,
            });
        }
    }

    /// Whether there is enough text to be printed.
    pub(crate) fn is_full(&self) -> bool {
        self.printer.is_full()
    }

    pub(crate) fn print(&mut self, terminal: &mut Terminal) -> Result<()> {
        self.printer.print(terminal)
    }

    /// Counts none of the jobs after all.
    pub(crate) fn take_back(&mut self) {
        self.count = 0;
    }

    /// `more` are further members of the JSON document, `"kept": {…}`, or nothing.
    pub(crate) fn end(self, terminal: &mut Terminal, more: &str) -> Result<()> {
        self.end_with(terminal, more, NOTHING)
    }

    /// `written` says what was written: `NOTHING`, or nothing but something.
    pub(crate) fn end_with(self, terminal: &mut Terminal, more: &str, written: &str) -> Result<()> {
        let mut members = format!("\"count\": {}", self.count);
        if !more.is_empty() {
            members.push_str(", ");
            members.push_str(more);
        }
        self.printer.end(terminal, &members)?;
        terminal.note(&format!(
            "{} {}; {written}",
            self.verb,
            plural(self.count, "job")
        ));
        Ok(())
    }
}

/// A job and the reason for what would become of it.
struct Reason<'a> {
    /// Its id as text.
    name: &'a str,
    id: &'a dyn Fn() -> JobId,
    reason: &'a str,
    counts: bool,
    more: &'a dyn Fn(&mut Object),
}

impl Record for Reason<'_> {
    fn object(&self, out: &mut String, _: Layout) {
        let mut members = Object::begin(out, Layout::OneLine);
        members.string("job_id", self.name);
        members.string("reason", self.reason);
        (self.more)(&mut members);
        members.end();
    }

    fn cells(&self, cells: &mut dyn Cells) {
        cells.text(self.name);
        cells.text(self.reason);
        cells.end_line();
    }

    fn id(&self) -> Option<JobId> {
        self.counts.then(self.id)
    }

    fn show(&self, out: &mut String, _: Option<&mut JobTable>) {
        out.push_str(&one_line(self.name));
        out.push_str("  ");
        out.push_str(&one_line(self.reason));
        out.push('\n');
    }
}
