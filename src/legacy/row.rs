//! The row form of archives and exports: the column names with the values as stored, JSON columns as
//! the text they are. A row is restored column for column, whatever it holds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::checked_id;
use crate::job::json::{self, Members};
use crate::job::{Column, Job, Value};

/// Bytes, in base64; with `"$type": "text"` they are text that is not UTF-8.
pub(super) const BLOB: &str = "$blob";

/// A real that JSON cannot say: `inf`, `-inf`.
const REAL: &str = "$real";

/// All columns by name, and no JSON column as JSON: that tells it from the job manager's dictionaries.
pub(super) fn is_row(members: &Members) -> bool {
    members.0.len() == Column::COUNT
        && Column::ALL
            .iter()
            .all(|column| match members.peek(column.name()) {
                None => false,
                Some(raw) if column.is_json() => match raw.get().as_bytes().first() {
                    Some(b'[') => false,
                    Some(b'{') => raw.get().contains("\"$"),
                    _ => true,
                },
                Some(_) => true,
            })
}

pub(super) fn job(members: &Members, key: Option<&str>) -> Result<Job, String> {
    let mut job = Job::default();
    for column in Column::ALL.iter().copied() {
        if let Some(raw) = members.peek(column.name()) {
            job.set(column, value(column.name(), raw)?);
        }
    }
    if let Value::Text(id) = job.get(Column::Id) {
        if key.is_some_and(|key| key != id) {
            checked_id(members.peek(Column::Id.name()), key)?;
        }
    } else if job.get(Column::Id).is_null() {
        return Err("it has no id".to_owned());
    }
    if job.get(Column::JobType).is_null() {
        return Err("it has no job_type, which the table demands".to_owned());
    }
    Ok(job)
}

fn value(key: &str, raw: &RawValue) -> Result<Value, String> {
    let bad = |why: &str| format!("\"{key}\" is no stored value: {why}");
    if raw.get().starts_with('"') {
        return Ok(json::text(key, raw)?.into());
    }
    let parsed: Json = serde_json::from_str(raw.get()).map_err(|error| bad(&error.to_string()))?;
    match parsed {
        Json::Null => Ok(Value::Null),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Ok(Value::Integer(integer)),
            (None, Some(real)) => Ok(Value::Real(real)),
            (None, None) => Err(bad("the number is out of range")),
        },
        Json::Object(object) => {
            if let Some(text) = object.get(BLOB).and_then(Json::as_str) {
                let bytes = STANDARD
                    .decode(text)
                    .map_err(|error| bad(&error.to_string()))?;
                return Ok(match object.get("$type").and_then(Json::as_str) {
                    Some("text") => Value::BrokenText(bytes),
                    _ => Value::Blob(bytes),
                });
            }
            let real = object.get(REAL).and_then(Json::as_str);
            match real.and_then(|text| text.parse().ok()) {
                Some(real) => Ok(Value::Real(real)),
                None => Err(bad("an object")),
            }
        }
        Json::Bool(_) | Json::Array(_) | Json::String(_) => Err(bad("true, false or a list")),
    }
}
