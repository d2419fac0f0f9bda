//! One job on a page of its own: what it is, where it stands, its times, its texts.

use super::table::{column_text, marked, status_text};
use super::text::{block, cut, width};
use crate::job::columns::Content;
use crate::job::{Column, Job, Status, Value};
use crate::time::{self, Instant, Zone};

pub struct Look<'a> {
    pub now: Instant,
    pub zone: &'a Zone,
    /// None: a pipe, nothing is cut.
    pub width: Option<usize>,
    pub color: bool,
    /// Long texts in full on a terminal too.
    pub full: bool,
}

/// Lines of a long text that a screen shows without `--full`.
const LINES: usize = 6;

/// Room for the labels.
const LABEL: usize = 13;

/// The lines of a job's page.
pub fn lines(job: &Job, look: &Look) -> Vec<String> {
    let mut page = Page {
        look,
        lines: Vec::new(),
    };
    let text = |column| column_text(column, job.get(column), look.zone);
    page.heading(job);
    page.field("type", &kind(job, look.zone));
    if !job.get(Column::Title).is_null() {
        page.field("title", &text(Column::Title));
    }
    page.field("progress", &progress(job));
    for column in [
        Column::Stage,
        Column::Style,
        Column::WorkingDir,
        Column::EpisodeId,
        Column::SeriesId,
    ] {
        if !job.get(column).is_null() {
            page.field(label(column), &text(column));
        }
    }
    page.times(job);
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
    page.lines
}

struct Page<'a> {
    look: &'a Look<'a>,
    lines: Vec<String>,
}

impl Page<'_> {
    fn heading(&mut self, job: &Job) {
        let id = super::text::one_line(&job.id().to_string()).into_owned();
        let status = status_text(job);
        let line = format!("{id}  {status}");
        self.lines.push(match (self.look.color, job.status()) {
            (false, _) => line,
            (true, status_kind) => {
                let code = match status_kind {
                    Some(Status::Queued) => "0",
                    Some(Status::Processing) => "36",
                    Some(Status::Completed) => "32",
                    Some(Status::Failed) => "31",
                    Some(Status::Cancelled) => "90",
                    None => "33",
                };
                format!("\x1b[1m{id}\x1b[0m  \x1b[{code}m{status}\x1b[0m")
            }
        });
    }

    fn field(&mut self, label: &str, text: &str) {
        let text = match self.look.width {
            Some(columns) if !self.look.full => cut(text, columns.saturating_sub(LABEL + 2)),
            _ => text.into(),
        };
        self.lines
            .push(format!("  {label:<LABEL$}{text}").trim_end().to_owned());
    }

    fn times(&mut self, job: &Job) {
        for column in [
            Column::CreatedAt,
            Column::StartedAt,
            Column::CompletedAt,
            Column::UpdatedAt,
        ] {
            let value = job.get(column);
            let text = match value.time() {
                Some(at) => format!(
                    "{}  {}",
                    time::to_the_second(at, self.look.zone),
                    self.remark(job, column, at)
                ),
                None if value.is_null() => continue,
                None => marked(value),
            };
            self.field(label(column), &text);
        }
    }

    /// What a time means: how long it waited, ran, or is ago.
    fn remark(&self, job: &Job, column: Column, at: Instant) -> String {
        let since = |earlier| job.time(earlier).map(|earlier| time::brief(at - earlier));
        match column {
            Column::StartedAt => since(Column::CreatedAt).map(|span| format!("waited {span}")),
            Column::CompletedAt => since(Column::StartedAt).map(|span| format!("ran {span}")),
            _ => None,
        }
        .unwrap_or_else(|| match self.look.now - at {
            ago if ago < chrono::TimeDelta::zero() => format!("in {}", time::brief(-ago)),
            ago => format!("{} ago", time::brief(ago)),
        })
    }

    /// A text of several lines, indented under its label.
    fn long(&mut self, column: Column, value: &Value) {
        let text = match (column.content(), value.json()) {
            (Content::Json, Some(None)) => return,
            (Content::Json, Some(Some(json))) => readable(&json),
            (Content::Json, None) => marked(value),
            _ if value.is_null() || value.as_str() == Some("") => return,
            _ if column.understands(value) => value.display().into_owned(),
            _ => marked(value),
        };
        self.lines.push(String::new());
        self.lines.push(format!("  {}", label(column)));
        let shown = block(&text);
        let columns = match self.look.width {
            Some(columns) => columns.saturating_sub(4).max(10),
            None => usize::MAX,
        };
        let wrapped: Vec<String> = shown.lines().flat_map(|line| wrap(line, columns)).collect();
        let most = match (self.look.width, self.look.full) {
            (Some(_), false) => LINES,
            _ => usize::MAX,
        };
        for line in wrapped.iter().take(most) {
            self.lines.push(format!("    {line}").trim_end().to_owned());
        }
        if wrapped.len() > most {
            let more = wrapped.len() - most;
            self.lines.push(format!("    … {more} more lines: --full"));
        }
    }
}

/// JSON with its `\uXXXX` as the characters that they are: the service writes all but ASCII so.
fn readable(json: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(json) {
        Ok(value) if json.contains("\\u") => value.to_string(),
        _ => json.to_owned(),
    }
}

fn label(column: Column) -> &'static str {
    match column {
        Column::CompletedAt => "ended",
        column => column.flag(),
    }
}

fn kind(job: &Job, zone: &Zone) -> String {
    let job_type = column_text(Column::JobType, job.get(Column::JobType), zone);
    match job.get(Column::Mode) {
        Value::Null => job_type,
        mode => format!(
            "{job_type} (mode {})",
            column_text(Column::Mode, mode, zone)
        ),
    }
}

/// `▓▓▓▓░░░░░░ 45%, 3 of 12 shots`
fn progress(job: &Job) -> String {
    let value = job.get(Column::Progress);
    let Some(percent) = job.number(Column::Progress).filter(|p| p.is_finite()) else {
        return match value {
            Value::Null => "-".to_owned(),
            foreign => marked(foreign),
        };
    };
    let filled = (percent / 5.0).round().clamp(0.0, 20.0) as usize;
    let bar = format!("{}{}", "▓".repeat(filled), "░".repeat(20 - filled));
    let shots = match job.integer(Column::TotalShots) {
        None | Some(0) => String::new(),
        Some(total) => {
            let done = job.integer(Column::CompletedShots).unwrap_or(0);
            format!(", {done} of {total} shots")
        }
    };
    format!("{bar} {percent:.0}%{shots}")
}

/// Breaks a line at spaces where it can, by columns of the screen.
fn wrap(line: &str, columns: usize) -> Vec<String> {
    if width(line) <= columns {
        return vec![line.to_owned()];
    }
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut used = 0;
    let mut last_space = None;
    for c in line.chars() {
        let size = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used + size > columns {
            let rest = match last_space {
                Some(space) if c != ' ' => current.split_off(space),
                _ => String::new(),
            };
            lines.push(current.trim_end().to_owned());
            current = rest.trim_start().to_owned();
            used = width(&current);
            last_space = None;
        }
        if c == ' ' {
            if current.is_empty() {
                continue;
            }
            last_space = Some(current.len());
        }
        current.push(c);
        used += size;
    }
    lines.push(current);
    lines
}
