//! The job form on its way in: a whole job from a JSON object, every value checked.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::columns::{Column, Content};
use super::status::nearest;
use super::value::Value;
use super::{Job, encoded, stamp};
use crate::text::json::{Members, document, integer, real, text, time};
use crate::time::Spelled;

/// A whole job from JSON whose keys are those of the job form or the column names; every value is checked.
pub fn read_job(json: &str) -> Result<Job, String> {
    let members = Members::parse(json.as_bytes())?;
    let mut job = Job::default();
    let mut said: Vec<(Column, Cow<str>, &str)> = Vec::new();
    for (key, raw) in members.0 {
        let Some(column) = Column::of_key(&key) else {
            if key == "other" {
                let why = "has columns that jobctl does not know, and sets none of";
                return Err(format!("\"other\" {why}; leave it out: jq 'del(.other)'"));
            }
            let known = Column::ALL.iter().map(|column| column.key());
            return Err(match nearest(&key, known) {
                Some(nearest) => format!("a job has no key \"{key}\"; did you mean \"{nearest}\"?"),
                None => format!("a job has no key \"{key}\""),
            });
        };
        // Two keys are one column, "result" and "result_data"; the same key again counts as Python has it.
        let other = |(before, name, value): &&(Column, Cow<str>, &str)| {
            *before == column && *name != key && *value != raw.get()
        };
        if let Some((_, name, _)) = said.iter().find(other) {
            return Err(format!(
                "\"{name}\" and \"{key}\" are one column, and differ"
            ));
        }
        job.set(column, read_value(column, &key, raw)?);
        said.push((column, key, raw.get()));
    }
    Ok(job)
}

fn read_value(column: Column, key: &str, raw: &RawValue) -> Result<Value, String> {
    Ok(match column.content() {
        Content::Text(most) => {
            let text = text(key, raw)?;
            let length = text.as_ref().map_or(0, |text| text.chars().count());
            if most > 0 && length > most {
                return Err(format!(
                    "\"{key}\" has {length} characters; at most {most} are stored"
                ));
            }
            text.into()
        }
        Content::Json => {
            let inner = encoded::inner(raw).and_then(|json| RawValue::from_string(json).ok());
            match document(key, inner.as_deref().unwrap_or(raw))? {
                Some(json) if json == "{}" && column != Column::Result => Value::Null,
                json => json.map(Cow::into_owned).into(),
            }
        }
        Content::Real => real(key, raw, 100.0)?.into(),
        Content::Integer => integer(key, raw)?.into(),
        Content::Time => time(key, raw)?
            .and_then(Spelled::utc)
            .map(stamp)
            .unwrap_or_default(),
    })
}
