//! Records, which a command hands over to be printed: any format can ask one for what it shows.

use std::fmt::Display;
use std::sync::Arc;

use super::job_form;
use super::table::JobTable;
use crate::job::columns::Content;
use crate::job::id;
use crate::job::row::write;
use crate::job::{AnyColumn, Column, Job, JobId, Value};
use crate::text::json::Layout;
use crate::time;

pub(crate) trait Record {
    /// Appends an object of JSON.
    fn object(&self, out: &mut String, layout: Layout);

    /// Appends an element of an array of JSON that has a line for each.
    fn element(&self, out: &mut String) {
        self.object(out, Layout::Lines(2));
    }

    /// Gives its values side by side, line by line.
    fn cells(&self, _cells: &mut dyn Cells) {}

    /// The id of its job, where it is one to go on with.
    fn id(&self) -> Option<JobId> {
        None
    }

    /// The same where it is a text that means itself wherever it stands; None says nothing.
    fn unquoted_id(&self) -> Option<&str> {
        None
    }

    /// Appends what people see of it, or adds it to the table that they see.
    fn show(&self, _out: &mut String, _table: Option<&mut JobTable>) {}

    /// Its numbers in the text format of Prometheus.
    fn metrics(&self) -> String {
        String::new()
    }
}

/// Lines of values.
pub(crate) trait Cells {
    fn text(&mut self, text: &str);

    fn number(&mut self, number: &dyn Display);

    fn null(&mut self);

    fn end_line(&mut self);
}

/// A job in the job form, with these columns; JSON has all others that were read, and no list of them.
pub(crate) struct JobRecord<'a> {
    pub job: &'a Job,
    pub columns: &'a [AnyColumn],
    /// The known columns of them.
    pub known: &'a [Column],
    /// The content of its working folder, as JSON.
    pub scan: Option<String>,
}

impl Record for JobRecord<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        job_form::append(out, self.job, self.known, layout, |object| {
            if let Some(scan) = &self.scan {
                object.literal("scan", scan);
            }
        });
    }

    fn cells(&self, cells: &mut dyn Cells) {
        for column in self.columns {
            let (value, is_time) = match column {
                AnyColumn::Known(column) => (
                    Some(self.job.get(*column)),
                    column.content() == Content::Time,
                ),
                AnyColumn::Other(name) => (self.job.other(name), false),
            };
            match value.filter(|_| is_time).and_then(Value::time) {
                Some(at) => cells.text(&time::rfc3339(at)),
                None => stored(cells, value),
            }
        }
        cells.end_line();
    }

    fn id(&self) -> Option<JobId> {
        Some(self.job.id())
    }

    fn unquoted_id(&self) -> Option<&str> {
        unquoted_id(self.job)
    }

    fn show(&self, out: &mut String, table: Option<&mut JobTable>) {
        if let Some(table) = table {
            table.push(out, self.job);
        }
    }
}

/// A job as the table has it, in the row form.
pub(crate) struct RowRecord<'a> {
    pub job: &'a Job,
    /// The unknown columns, which cells show behind the others.
    pub others: &'a [Arc<str>],
}

impl RowRecord<'_> {
    /// The names of all columns.
    pub(crate) fn headings(others: &[Arc<str>]) -> Vec<String> {
        let known = Column::ALL.iter().map(|column| column.name().to_owned());
        known
            .chain(others.iter().map(|name| name.to_string()))
            .collect()
    }
}

impl Record for RowRecord<'_> {
    fn object(&self, out: &mut String, _: Layout) {
        write::append(out, self.job);
    }

    fn cells(&self, cells: &mut dyn Cells) {
        for value in self.job.values() {
            stored(cells, Some(value));
        }
        for name in self.others {
            stored(cells, self.job.other(name));
        }
        cells.end_line();
    }

    fn id(&self) -> Option<JobId> {
        Some(self.job.id())
    }

    fn unquoted_id(&self) -> Option<&str> {
        unquoted_id(self.job)
    }
}

/// The id, if it needs no quotes.
fn unquoted_id(job: &Job) -> Option<&str> {
    let id = job.get(Column::Id).as_str();
    id.filter(|id| id::needs_no_quotes(id))
}

/// A value as it is stored. None: the column has come or gone since the headings were written.
fn stored(cells: &mut dyn Cells, value: Option<&Value>) {
    match value {
        None | Some(Value::Null) => cells.null(),
        Some(Value::Integer(number)) => cells.number(number),
        Some(Value::Real(number)) => cells.number(number),
        Some(value) => cells.text(&value.display()),
    }
}
