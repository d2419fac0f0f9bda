//! The page of one job: what it is, how far it is, its times, what is on disk, its texts, and what to do next.

mod folder;
mod next;
mod texts;
mod timeline;

use super::table::{bar, column_text, marked, other_text, percent, status_text};
use crate::folders::FolderScan;
use crate::job::{Column, Job, Status, Value};
use crate::text::visible::{closed, cut, one_line, width};
use crate::time::{Instant, Zone};

pub(crate) use folder::json as folder_json;

pub(crate) struct PageOptions<'a> {
    pub now: Instant,
    pub zone: &'a Zone,
    /// The columns of the terminal; None for a pipe, where nothing is cut.
    pub width: Option<usize>,
    pub color: bool,
    /// Long texts in full on a terminal too.
    pub full: bool,
    /// The call of this program for the same database: `jobctl`, `jobctl --db old.db`.
    pub program: &'a str,
}

/// The width of the labels.
const LABEL: usize = 13;

/// The cells of the progress bar.
const BAR: usize = 20;

/// The fewest cells that a bar is shown with.
const LEAST_BAR: usize = 4;

/// The width of the longest state that the service writes, with its mark.
const STATE: usize = 12;

/// The characters of an id that name a job, nearly always.
const SHORT_ID: usize = 8;

/// The lines of a job's page; `scan` is what was found of its working folder, when it was looked at.
pub(crate) fn lines(job: &Job, scan: Option<&FolderScan>, options: &PageOptions) -> Vec<String> {
    let mut page = JobPage {
        options,
        lines: Vec::new(),
    };
    let text = |column| column_text(column, job.get(column), options.zone, options.now);
    page.heading(job);
    if !job.get(Column::Title).is_null() {
        page.field("title", &text(Column::Title));
    }
    page.field("type", &kind(job, options));
    page.field("progress", &progress(job, options.width));
    for column in [
        Column::Stage,
        Column::Style,
        Column::EpisodeId,
        Column::SeriesId,
    ] {
        if !job.get(column).is_null() {
            page.field(label(column), &text(column));
        }
    }
    page.timeline(job);
    if !job.get(Column::WorkingDir).is_null() {
        page.lines.push(String::new());
        page.field(label(Column::WorkingDir), &text(Column::WorkingDir));
    }
    if let Some(scan) = scan {
        page.folder(job, scan);
    }
    for column in [
        Column::Error,
        Column::Result,
        Column::Content,
        Column::Requirement,
        Column::RequestData,
        Column::Context,
    ] {
        page.long(column, job.get(column));
    }
    page.others(job);
    page.next(job);
    page.lines
}

struct JobPage<'a> {
    options: &'a PageOptions<'a>,
    lines: Vec<String>,
}

impl JobPage<'_> {
    fn heading(&mut self, job: &Job) {
        let id = one_line(&job.id().to_string()).into_owned();
        let status = status_text(job);
        let code = match job.status() {
            Some(Status::Queued) => "0",
            Some(Status::Processing) => "36",
            Some(Status::Completed) => "32",
            Some(Status::Failed) => "31",
            Some(Status::Cancelled) => "90",
            None => "33",
        };
        // The state is what a page is looked at for: the id makes room, or leaves it a line of its own. What somebody
        // else wrote there is cut as it always is.
        let taken = width(&status).min(STATE) + 2;
        let apart = match self.options.width {
            Some(columns) if self.options.full => columns < width(&id) + taken,
            Some(columns) => columns < width(&id).min(SHORT_ID + 1) + taken,
            None => false,
        };
        let id = self.fit(&id, if apart { 0 } else { taken });
        let status = self.fit(&status, if apart { 0 } else { width(&id) + 2 });
        let (id, status) = (self.paint("1", &id), self.paint(code, &status));
        if apart {
            self.lines.extend([id, status])
        } else {
            self.lines.push(format!("{id}  {status}"))
        }
    }

    fn field(&mut self, label: &str, text: &str) {
        let text = self.fit(text, LABEL + 2);
        let label = self.paint("2", &format!("{label:<LABEL$}"));
        self.lines
            .push(format!("  {label}{text}").trim_end().to_owned());
    }

    /// Adds the unknown columns.
    fn others(&mut self, job: &Job) {
        if job.others().is_empty() {
            return;
        }
        self.section("other");
        for (name, value) in job.others() {
            let text = other_text(value);
            let line = self.fit(&format!("{}: {text}", one_line(name)), 4);
            self.lines.push(format!("    {line}").trim_end().to_owned());
        }
    }

    /// The text cut to what is left of a line behind the columns taken.
    fn fit(&self, text: &str, taken: usize) -> String {
        let text = match self.options.width {
            Some(columns) if !self.options.full => cut(text, columns.saturating_sub(taken)),
            _ => text.into(),
        };
        match self.options.width {
            Some(_) => closed(text).into_owned(),
            None => text.into_owned(),
        }
    }

    fn section(&mut self, label: &str) {
        self.lines.push(String::new());
        let label = self.paint("2", label);
        self.lines.push(format!("  {label}"));
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.options.color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

fn label(column: Column) -> &'static str {
    match column {
        Column::CompletedAt => "ended",
        column => column.flag(),
    }
}

fn kind(job: &Job, options: &PageOptions) -> String {
    let job_type = column_text(
        Column::JobType,
        job.get(Column::JobType),
        options.zone,
        options.now,
    );
    match job.get(Column::Mode) {
        Value::Null => job_type,
        mode => format!(
            "{job_type} (mode {})",
            column_text(Column::Mode, mode, options.zone, options.now)
        ),
    }
}

/// `▓▓▓▓░░░░░░ 45%, 3 of 12 shots`
fn progress(job: &Job, columns: Option<usize>) -> String {
    let Some(percent) = percent(job) else {
        return match job.get(Column::Progress) {
            Value::Null => "-".to_owned(),
            foreign => marked(foreign),
        };
    };
    let shots = match job.integer(Column::TotalShots) {
        None | Some(0) => String::new(),
        Some(total) => {
            let done = job.integer(Column::CompletedShots).unwrap_or(0);
            format!(", {done} of {total} shots")
        }
    };
    let text = format!("{percent:.0}%{shots}");
    let space = columns.map_or(BAR, |columns| {
        columns.saturating_sub(LABEL + 3 + text.len())
    });
    match space.min(BAR) {
        0..LEAST_BAR => text,
        cells => format!("{} {text}", bar(percent, cells)),
    }
}
