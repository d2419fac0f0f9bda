//! CSV as spreadsheets read it (RFC 4180), without letting a stored text become a formula in one.

use std::borrow::Cow;
use std::sync::Arc;

use crate::job::columns::Content;
use crate::job::{AnyColumn, Column, Job, Value};
use crate::time;

pub fn header(columns: &[AnyColumn]) -> String {
    let labels: Vec<String> = columns
        .iter()
        .map(|column| field(&column.label()))
        .collect();
    labels.join(",")
}

/// A column that has come or gone since the header was written is empty.
pub fn row(job: &Job, columns: &[AnyColumn]) -> String {
    let fields: Vec<String> = columns
        .iter()
        .map(|column| match column {
            AnyColumn::Known(column) => cell(*column, job.get(*column)),
            AnyColumn::Other(name) => job.other(name).map_or(String::new(), stored_cell),
        })
        .collect();
    fields.join(",")
}

fn stored_cell(value: &Value) -> String {
    let mut out = String::new();
    append_stored_cell(&mut out, value);
    out
}

fn append_stored_cell(out: &mut String, value: &Value) {
    match value {
        Value::Integer(_) | Value::Real(_) => out.push_str(&value.display()),
        value => append_field(out, &value.display()),
    }
}

fn cell(column: Column, value: &Value) -> String {
    let text = match (column.content(), value) {
        (Content::Time, value) => match value.time() {
            Some(at) => Cow::Owned(time::rfc3339(at)),
            None => value.display(),
        },
        (_, value) => value.display(),
    };
    match value {
        Value::Integer(_) | Value::Real(_) => text.into_owned(),
        _ => field(&text),
    }
}

/// How a document begins and its lines end. Excel takes one without a byte order mark to be in an old encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Plain,
    Excel,
}

impl Dialect {
    pub fn of(excel: bool) -> Dialect {
        if excel {
            Dialect::Excel
        } else {
            Dialect::Plain
        }
    }

    pub fn begin(self) -> &'static str {
        match self {
            Dialect::Plain => "",
            Dialect::Excel => "\u{feff}",
        }
    }

    pub fn line_end(self) -> &'static str {
        match self {
            Dialect::Plain => "\n",
            Dialect::Excel => "\r\n",
        }
    }
}

/// What makes a spreadsheet take a text for a formula, or may be passed over before that; Japanese and Chinese ones know
/// the wide signs too.
const FORMULA: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// A text field. One that a spreadsheet would run as a formula gets an apostrophe before it, and so does one that looks
/// as if it had got one: taking an apostrophe from before any such text gives all of them back.
pub fn field(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    append_field(&mut out, text);
    out
}

fn append_field(out: &mut String, text: &str) {
    let guard = match text.trim_start_matches('\'').starts_with(FORMULA) {
        true => "'",
        false => "",
    };
    let quoted = text.contains(['"', ',', '\n', '\r', '\t']);
    if quoted {
        out.push('"');
    }
    out.push_str(guard);
    for (place, part) in text.split('"').enumerate() {
        if place > 0 {
            out.push_str("\"\"");
        }
        out.push_str(part);
    }
    if quoted {
        out.push('"');
    }
}

/// The names of all columns in the table, those that are not known last.
pub fn stored_header(others: &[Arc<str>]) -> String {
    let names = Column::ALL.iter().map(|column| column.name().to_owned());
    let names: Vec<String> = names.chain(others.iter().map(|name| field(name))).collect();
    names.join(",")
}

/// Appends all values of a job as stored, without a line break. NULL and an empty text look the same.
pub fn append_stored(out: &mut String, job: &Job, others: &[Arc<str>]) {
    let others = others.iter().map(|name| job.other(name));
    for (place, value) in job.values().iter().map(Some).chain(others).enumerate() {
        if place > 0 {
            out.push(',');
        }
        // The column has come or gone meanwhile.
        let Some(value) = value else {
            continue;
        };
        append_stored_cell(out, value);
    }
}
