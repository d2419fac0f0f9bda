//! CSV as spreadsheets read it (RFC 4180), without letting a stored text become a formula in one.

use std::borrow::Cow;

use crate::job::columns::Content;
use crate::job::{Column, Job, Value};
use crate::time;

pub fn header(columns: &[Column]) -> String {
    let keys: Vec<&str> = columns.iter().map(|column| column.key()).collect();
    keys.join(",")
}

pub fn row(job: &Job, columns: &[Column]) -> String {
    let fields: Vec<String> = columns
        .iter()
        .map(|column| cell(*column, job.get(*column)))
        .collect();
    fields.join(",")
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

/// A text field. One that a spreadsheet would run as a formula gets an apostrophe before it.
pub fn field(text: &str) -> String {
    let guard = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => "'",
        false => "",
    };
    match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{guard}{}\"", text.replace('"', "\"\"")),
        false => format!("{guard}{text}"),
    }
}
