//! The texts of cells: what a column of the table shows of a job, on one line. They are appended to the text that there is, since a
//! listing of all jobs has millions of them.

use std::fmt::Write;

use chrono::TimeDelta;

use super::field::{BAR, TableField};
use crate::job::{Column, Job, JobId, Status, Value};
use crate::text::signs;
use crate::text::visible::push_one_line;
use crate::time::{self, Instant, Zone};

/// The text for a value that is not there.
const NOTHING: &str = "-";

/// The mark behind a value that is none that the service would write.
const ODD: &str = " (?)";

/// What all cells of a table have in common.
pub(super) struct CellStyle<'a> {
    pub(super) now: Instant,
    pub(super) zone: &'a Zone,
    pub(super) short_ids: bool,
}

impl CellStyle<'_> {
    /// Appends the text of a cell. `status` is that of the job.
    pub(super) fn push(
        &self,
        out: &mut String,
        field: &TableField,
        job: &Job,
        status: Option<Status>,
    ) {
        match field {
            TableField::Id => match (self.short_ids, job.get(Column::Id)) {
                (true, id) => match JobId::from_value(id) {
                    id @ JobId::Uuid(_) => out.push_str(&id.short()),
                    id => push_one_line(out, &id.to_string()),
                },
                (false, id) => push_one_line(out, &id.display()),
            },
            TableField::Status => push_status(out, job, status),
            TableField::Progress => push_progress(out, job.get(Column::Progress)),
            TableField::Bar => match percent(job) {
                Some(percent) => {
                    let _ = write!(out, "{} {percent:>3.0}%", bar(percent, BAR));
                }
                None => push_progress(out, job.get(Column::Progress)),
            },
            TableField::Shots => match job.integer(Column::TotalShots) {
                None | Some(0) => out.push_str(NOTHING),
                Some(total) => {
                    let done = job.integer(Column::CompletedShots).unwrap_or(0);
                    let _ = write!(out, "{done}/{total}");
                }
            },
            TableField::Age => push_span(out, job.age(self.now)),
            TableField::Ran => push_span(out, job.duration(self.now)),
            TableField::Quiet => {
                let sign = job.last_sign(self.now);
                push_span(out, sign.map(|at| self.now - at));
            }
            TableField::Column(column) => {
                push_column(out, *column, job.get(*column), self.zone, self.now);
            }
            TableField::Other(name) => push_other(out, job.other(name).unwrap_or(&Value::Null)),
        }
    }
}

/// The status with its symbol; a foreign one is marked.
pub(crate) fn status_text(job: &Job) -> String {
    made(|out| push_status(out, job, job.status()))
}

fn push_status(out: &mut String, job: &Job, status: Option<Status>) {
    match (status, job.get(Column::Status)) {
        (Some(status), _) => {
            out.push_str(signs::mark(status.symbol()));
            out.push(' ');
            out.push_str(status.word());
        }
        (None, Value::Null) => out.push_str("? (none)"),
        (None, foreign) => {
            out.push_str("? ");
            push_one_line(out, &foreign.display());
        }
    }
}

/// The progress, where it is a number that can be shown.
pub(crate) fn percent(job: &Job) -> Option<f64> {
    job.number(Column::Progress).filter(|p| p.is_finite())
}

/// `▓▓▓░░`
pub(crate) fn bar(percent: f64, cells: usize) -> String {
    let filled = (percent / 100.0 * cells as f64).round();
    let filled = filled.clamp(0.0, cells as f64) as usize;
    let (done, open) = signs::cells();
    format!("{}{}", done.repeat(filled), open.repeat(cells - filled))
}

fn push_progress(out: &mut String, value: &Value) {
    let _ = match value {
        Value::Null => out.write_str(NOTHING),
        // Most are whole, and integers are written several times faster.
        Value::Real(r) if r.is_sign_positive() && *r <= 100.0 && r.fract() == 0.0 => {
            write!(out, "{}%", *r as u8)
        }
        Value::Real(r) if r.is_finite() => write!(out, "{r:.0}%"),
        Value::Integer(i) => write!(out, "{i}%"),
        foreign => {
            push_marked(out, foreign);
            Ok(())
        }
    };
}

fn push_span(out: &mut String, span: Option<TimeDelta>) {
    match span {
        Some(span) => time::push_brief(out, span),
        None => out.push_str(NOTHING),
    }
}

/// A value of any column on one line, marked when it is not one that the service would write.
pub(crate) fn column_text(column: Column, value: &Value, zone: &Zone, now: Instant) -> String {
    made(|out| push_column(out, column, value, zone, now))
}

fn push_column(out: &mut String, column: Column, value: &Value, zone: &Zone, now: Instant) {
    if value.is_null() {
        out.push_str(NOTHING);
        return;
    }
    if column.is_time()
        && let Some(at) = value.time()
    {
        push_time(out, at, zone, now);
        return;
    }
    if column.understands(value) {
        push_one_line(out, &value.display());
    } else {
        push_marked(out, value);
    }
}

/// A value of a column that is not known, on one line.
pub(crate) fn other_text(value: &Value) -> String {
    made(|out| push_other(out, value))
}

fn push_other(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str(NOTHING),
        Value::BrokenText(_) | Value::Blob(_) => push_marked(out, value),
        value => push_one_line(out, &value.display()),
    }
}

/// A time; marked where it is not a likely one.
pub(crate) fn time_text(at: Instant, zone: &Zone, now: Instant) -> String {
    made(|out| push_time(out, at, zone, now))
}

fn push_time(out: &mut String, at: Instant, zone: &Zone, now: Instant) {
    time::push_to_the_second(out, at, zone);
    if !time::is_likely(at, Some(now)) {
        out.push_str(ODD);
    }
}

/// A value that cannot be understood: as stored, and marked.
pub(crate) fn marked(value: &Value) -> String {
    made(|out| push_marked(out, value))
}

fn push_marked(out: &mut String, value: &Value) {
    push_one_line(out, &value.display());
    out.push_str(ODD);
}

fn made(push: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    push(&mut out);
    out
}
