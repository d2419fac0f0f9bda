//! The job form: a job as a JSON object with the keys of the service's answers.

use std::fmt::Write;

use crate::job::columns::Content;
use crate::job::row::write;
use crate::job::{Column, Job, Value};
use crate::text::json::{Layout, Object, number, raw, string};
use crate::time;

/// A job in the job form, with these columns.
pub(crate) fn job(job: &Job, columns: &[Column], layout: Layout) -> String {
    let mut out = String::with_capacity(1024);
    append(&mut out, job, columns, layout, |_| {});
    out
}

/// Appends a job in the job form, with more members behind the columns.
pub(crate) fn append(
    out: &mut String,
    job: &Job,
    columns: &[Column],
    layout: Layout,
    more: impl FnOnce(&mut Object),
) {
    let mut object = Object::begin(out, layout);
    for column in columns {
        object.key(column.key());
        value(object.out, *column, job.get(*column));
    }
    others(&mut object, job);
    more(&mut object);
    object.end();
}

/// Appends the unknown columns, if any were read, with their values as in the row form.
pub(crate) fn others(object: &mut Object, job: &Job) {
    if job.others().is_empty() {
        return;
    }
    let layout = object.layout.nested();
    object.key("other");
    let mut others = Object::begin(object.out, layout);
    for (name, value) in job.others() {
        others.key(name);
        write::value(others.out, value);
    }
    others.end();
}

/// Appends a value of a column in the job form. What cannot be understood is a string, as stored.
pub(crate) fn value(out: &mut String, column: Column, value: &Value) {
    match (column.content(), value) {
        (Content::Json, value) => match value.json() {
            Some(Some(json)) => raw(out, &json),
            Some(None) if matches!(column, Column::RequestData | Column::Context) => {
                out.push_str("{}");
            }
            Some(None) => out.push_str("null"),
            None => string(out, &value.display()),
        },
        (_, Value::Null) => out.push_str("null"),
        (_, Value::Integer(i)) => {
            let _ = write!(out, "{i}");
        }
        (_, Value::Real(r)) => number(out, *r),
        (Content::Time, value) => match value.time() {
            Some(at) => {
                out.push('"');
                time::push_rfc3339(out, at);
                out.push('"');
            }
            None => string(out, &value.display()),
        },
        (_, value) => string(out, &value.display()),
    }
}
