//! Whole jobs from a JSON document: one object, or an array of which all are made or none. An error names
//! the element and the member, since the document may be long.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt;

use anyhow::Result;
use serde::Deserializer as _;
use serde::de::{SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::finish::{Fault, checked_id, finish};
use crate::commands::parts::arguments::fields::file_of;
use crate::commands::parts::output::OneOrMany;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::job::status::nearest;
use crate::job::{Column, Job, Status, encoded, form};
use crate::text::json::{self, invalid_document};
use crate::text::visible::{cut, one_line};

/// The jobs of `--json`, checked and ready to be inserted.
pub(super) fn read(context: &mut Context, given: &OsStr) -> Result<(Vec<Job>, OneOrMany)> {
    let source = match (given == "-", file_of(given)) {
        (true, _) => "--json -".to_owned(),
        (_, Some(file)) => format!("--json {}", one_line(&file)),
        (_, None) => "--json".to_owned(),
    };
    let bad = |what: &str| Failure::new(Kind::BadData, format!("{source}: {what}"));
    let text = context.flag_text_or("--json", given, Kind::BadData)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    let inner = serde_json::from_str::<&RawValue>(text).ok();
    let inner = inner.and_then(encoded::inner);
    let text = inner.as_deref().unwrap_or(text);
    if text.is_empty() {
        let hint = "a job is an object such as {\"job_type\": \"idea2video\", \"content\": \"A fox learns to sail\"}; [] makes none";
        return Err(bad("it is empty").hint(hint).into());
    }
    let shape = if text.starts_with('[') {
        OneOrMany::Array
    } else {
        OneOrMany::Single
    };
    let records = match shape {
        OneOrMany::Array => elements(text),
        OneOrMany::Single => one(text).map(|record| vec![record]),
    };
    let records = records.map_err(|(number, what, several)| {
        let failure = match number {
            Some(number) => bad(&format!("job {number}: {what}")),
            None => bad(&what),
        };
        if several {
            failure.hint("an array makes several: jq -s . FILE | jobctl create --json -")
        } else {
            failure
        }
    })?;
    let (mut jobs, mut ids) = (Vec::new(), HashSet::new());
    for (index, record) in records.iter().enumerate() {
        let job = read_job(record, &mut ids).and_then(|mut job| {
            finish(&mut job, context)?;
            Ok(job)
        });
        jobs.push(job.map_err(|fault| {
            let of = match shape {
                OneOrMany::Array => format!("job {} of {}: ", index + 1, records.len()),
                OneOrMany::Single => String::new(),
            };
            let failure = bad(&format!("{of}{}", told(&fault)));
            match (fault.hint, records.len()) {
                (Some(hint), _) => failure.hint(hint),
                (None, 0 | 1) => failure,
                (None, _) => failure.hint("none of them was made; correct it, and run it again"),
            }
        })?);
    }
    Ok((jobs, shape))
}

/// `content: 9 characters; an idea has at least 10`
fn told(fault: &Fault) -> String {
    let value = match &fault.value {
        // Its length has been told, and the text itself may be long.
        _ if fault.column == Some(Column::Content) => String::new(),
        Some(value) => format!("\"{}\": ", one_line(&cut(value, 60))),
        None => String::new(),
    };
    match fault.column {
        Some(column) => format!("{}: {value}{}", column.key(), fault.why),
        None => fault.why.clone(),
    }
}

fn read_job(record: &RawValue, ids: &mut HashSet<String>) -> Result<Job, Fault> {
    let whole = |why: String| Fault {
        column: None,
        value: None,
        why,
        hint: None,
    };
    let inner = encoded::inner(record).and_then(|json| RawValue::from_string(json).ok());
    let record = inner.as_deref().unwrap_or(record);
    if !json::is_object(record) {
        return Err(whole(format!(
            "a job is an object, not {}",
            json::kind(record)
        )));
    }
    let mut job = form::read_job(record.get()).map_err(|why| {
        let members = json::Members::parse_text(record.get()).unwrap_or_default();
        let hint = match (members.has("$row"), members.has("jobs")) {
            (true, _) => Some("that is a row of an archive or export, which migrate brings back"),
            (_, true) => Some("that is a page of jobs; its array is what is wanted: jq .jobs"),
            _ => None,
        };
        Fault {
            hint: hint.map(str::to_owned),
            ..whole(why)
        }
    })?;
    if let Some(id) = job.get(Column::Id).as_str() {
        let id = checked_id(id)?;
        if !ids.insert(id.clone()) {
            return Err(Fault::of(Column::Id, Some(&id), "two jobs have this id"));
        }
        job.set(Column::Id, id);
    }
    if let Some(word) = job.get(Column::Status).as_str()
        && Status::parse(word).is_none()
    {
        let known = Status::ALL.map(Status::word);
        let why = format!("it is one of {}", known.join(", "));
        let fault = Fault::of(Column::Status, Some(word), why);
        let hint = nearest(word, known).map(|nearest| format!("did you mean {nearest}?"));
        return Err(Fault { hint, ..fault });
    }
    if job.get(Column::JobType).as_str() == Some("") {
        let why = "empty; a type is a word such as idea2video";
        return Err(Fault::of(Column::JobType, None, why));
    }
    Ok(job)
}

/// The number of the wrong element, what is wrong, and whether it is only that there are several documents.
type Wrong = (Option<usize>, String, bool);

fn one(text: &str) -> Result<&RawValue, Wrong> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let first = match documents.next() {
        Some(Ok(first)) => first,
        Some(Err(error)) => return Err((None, invalid_document(text, &error), false)),
        None => return Err((None, "it is empty".to_owned(), false)),
    };
    let behind = text[documents.byte_offset()..].trim_start_matches(|c: char| {
        c.is_whitespace() || c == ',' || c == '\u{feff}' || c == '\u{1e}'
    });
    match behind {
        "" if text[documents.byte_offset()..].trim().is_empty() => Ok(first),
        behind if behind.starts_with(['{', '[']) => {
            let what = "there is more than one document";
            Err((None, what.to_owned(), true))
        }
        _ => {
            let line = 1 + text[..documents.byte_offset()].matches('\n').count();
            let what = format!("there is more behind the end of the job, on line {line}");
            Err((None, what, false))
        }
    }
}

fn elements(text: &str) -> Result<Vec<&RawValue>, Wrong> {
    struct Into<'a, 'v>(&'v mut Vec<&'a RawValue>);
    impl<'de> Visitor<'de> for Into<'de, '_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
            while let Some(element) = array.next_element()? {
                self.0.push(element);
            }
            Ok(())
        }
    }
    let mut found = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    if let Err(error) = reader.deserialize_seq(Into(&mut found)) {
        return Err((Some(found.len() + 1), invalid_document(text, &error), false));
    }
    match reader.end() {
        Ok(()) => Ok(found),
        Err(error) => {
            let line = error.line();
            let what = format!("there is more behind the end of the array, on line {line}");
            Err((None, what, false))
        }
    }
}
