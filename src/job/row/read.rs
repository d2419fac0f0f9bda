//! The reader of the row form of archives and exports, which `write` makes. A row is restored column for column,
//! whatever it holds: its mark says that jobctl wrote it, and that a table held these values. The jobctl that wrote it may
//! have known fewer columns, or more: columns that the row lacks are told, and unknown ones come back by name.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::job::id::checked_id;
use crate::job::row::write::{BLOB, MARK, REAL, TEXT, TYPE, VERSION, is_like_mark};
use crate::job::{Column, ColumnSet, Job, Value};
use crate::text::json::{self, Members};

/// The mark of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// No mark.
    None,
    Ours,
    /// The version of a later jobctl.
    Later(String),
    /// A value that no jobctl writes.
    Odd(String),
}

impl Mark {
    pub(crate) fn of(members: &Members) -> Mark {
        members.peek(MARK).map_or(Mark::None, Mark::read)
    }

    fn read(raw: &RawValue) -> Mark {
        let text = raw.get();
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<u64>() {
            Ok(VERSION) => Mark::Ours,
            Ok(version) if version < VERSION => Mark::Odd(text.to_owned()),
            _ if is_number => Mark::Later(text.to_owned()),
            _ => Mark::Odd(text.chars().take(40).collect()),
        }
    }
}

/// The kind of a line of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A row as archives and exports hold it.
    Row,
    /// One of a jobctl before rows had a mark.
    Unmarked,
    /// One of a later jobctl, whose form has this version.
    Later(String),
    Other,
}

impl Line {
    pub(crate) fn of(line: &[u8]) -> Line {
        let Ok(members) = Members::parse(line) else {
            return Line::Other;
        };
        match Mark::of(&members) {
            Mark::Ours if is_row(&members) => Line::Row,
            Mark::Later(version) => Line::Later(version),
            Mark::None if is_unmarked(&members) => Line::Unmarked,
            _ => Line::Other,
        }
    }
}

/// Whether it is a row as it is written here, with a column more or less.
pub(crate) fn is_row(members: &Members) -> bool {
    Mark::of(members) == Mark::Ours && columns(members).is_some()
}

/// Whether it is a row of a jobctl before rows had a mark: most of the columns by name, and nothing else.
pub(crate) fn is_unmarked(members: &Members) -> bool {
    let count = columns(members).map_or(0, ColumnSet::count);
    count == members.0.len() && count > Column::COUNT / 2
}

/// The columns of a row; None where it lacks one that every row has, or a value is spelled as no row has it.
fn columns(members: &Members) -> Option<ColumnSet> {
    let mut columns = ColumnSet::NONE;
    for column in Column::ALL.iter().copied() {
        match members.peek(column.name()) {
            Some(raw) if is_stored(raw) => columns = columns.with(column),
            Some(_) => return None,
            None if column.is_demanded() => return None,
            None => {}
        }
    }
    Some(columns)
}

/// Whether a member is spelled as a value of the row form.
fn is_stored(raw: &RawValue) -> bool {
    match raw.get().as_bytes().first() {
        Some(b'[' | b't' | b'f') => false,
        Some(b'{') => is_marked(raw),
        _ => true,
    }
}

/// Whether it is a value that JSON cannot say, as `write` makes it: no other members than its marks.
pub(crate) fn is_marked(raw: &RawValue) -> bool {
    raw.get().contains("\"$")
        && Members::parse_text(raw.get()).is_ok_and(|members| {
            let keys = || members.0.iter().map(|(key, _)| key.as_ref());
            keys().any(|key| [BLOB, REAL].contains(&key))
                && keys().all(|key| [BLOB, REAL, TYPE].contains(&key))
        })
}

pub(crate) fn job(members: &Members, key: Option<&str>) -> Result<Job, String> {
    check_mark(&Mark::of(members))?;
    let mut job = Job::default();
    let mut lacking = ColumnSet::NONE;
    for column in Column::ALL.iter().copied() {
        match members.peek(column.name()) {
            Some(raw) => job.set(column, value(column.name(), raw)?),
            None => lacking = lacking.with(column),
        }
    }
    let demanded = lacking.iter().filter(|column| column.is_demanded());
    let demanded: Vec<_> = demanded.map(Column::name).collect();
    if !demanded.is_empty() {
        return Err(format!(
            "its mark \"{MARK}\" says that it is a row of the table, and it lacks {}; without the mark it is read as any \
             other record (jq 'del(.. | .\"{MARK}\"?)')",
            demanded.join(", ")
        ));
    }
    job.set_lacking(lacking);
    if members.0.len() > Column::COUNT - lacking.count() + 1 {
        job.set_others(others(members)?);
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

/// The values of unknown columns. Of several members of one name the last counts.
fn others(members: &Members) -> Result<Vec<(Arc<str>, Value)>, String> {
    let mut others = Vec::new();
    for (index, (key, raw)) in members.0.iter().enumerate() {
        let comes_again = || members.0[index + 1..].iter().any(|(other, _)| other == key);
        if key == MARK || Column::of_name(key).is_some() || comes_again() {
            continue;
        }
        // A column that is called as the mark has a dollar more.
        let name = if is_like_mark(key) { &key[1..] } else { key };
        others.push((Arc::from(name), value(key, raw)?));
    }
    Ok(others)
}

fn check_mark(mark: &Mark) -> Result<(), String> {
    match mark {
        Mark::Ours | Mark::None => Ok(()),
        Mark::Later(version) => Err(format!(
            "a newer jobctl wrote it: its row form (\"{MARK}\") is version {version}, and this one reads {VERSION}; \
             use that jobctl, or export again with this one"
        )),
        Mark::Odd(text) => Err(format!(
            "its mark \"{MARK}\" is {text}, and jobctl writes {VERSION}; without the mark it is read as any other record \
             (jq 'del(.. | .\"{MARK}\"?)')"
        )),
    }
}

/// Reads a value in its row form; `key` names it in errors.
pub(crate) fn value(key: &str, raw: &RawValue) -> Result<Value, String> {
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
                return Ok(match object.get(TYPE).and_then(Json::as_str) {
                    Some(TEXT) => Value::BrokenText(bytes),
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

#[cfg(test)]
mod tests {
    use super::{Members, is_row, job};
    use crate::job::row::write;
    use crate::job::{Column, Job, Value};
    use crate::text::visible::acts;

    /// Writes the job, reads it, and gives both.
    fn there_and_back(job_: &Job) -> (String, Result<Job, String>) {
        let mut text = String::new();
        write::append(&mut text, job_);
        let members = Members::parse_text(&text);
        let read = members.and_then(|members| {
            if is_row(&members) {
                job(&members, None)
            } else {
                Err("it is not taken for a row".to_owned())
            }
        });
        (text, read)
    }

    fn values() -> Vec<Value> {
        let texts = [
            "",
            "\0",
            "null",
            "{\"a\":1}",
            "[1, 2]",
            "\"",
            "\\u0041",
            "a\u{2028}b\u{2029}",
            "\u{202e}\u{61c}\u{feff}\u{85}\u{7f}\u{1b}[31m",
            "line\r\nline\ttab",
            "第三层 é \u{1f600} \u{10ffff}",
            "{\"$blob\": \"AA==\"}",
            "$blob",
        ];
        let reals = [
            0.0,
            -0.0,
            1.0,
            -1.5,
            0.1 + 0.2,
            5e-324,
            f64::MIN_POSITIVE,
            1e15,
            1e16,
            1e308,
            f64::MAX,
            9_007_199_254_740_993.0,
            9.223_372_036_854_776e18,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ];
        let integers = [0, 1, -1, i64::MIN, i64::MAX, 1 << 53, (1 << 53) + 1];
        let bytes: [&[u8]; 7] = [
            b"\xff",
            b"\x80",
            b"a\xc3",
            b"\xed\xa0\x80",
            b"\x00\xff\x00",
            b"text\xf0\x9f",
            b"\xc0\xaf",
        ];
        let blobs: [&[u8]; 4] = [b"", b"\0", b"plain text", b"\xff\xfe"];
        let mut values = vec![Value::Null];
        values.extend(texts.map(Value::from));
        values.push("A cat crosses \"the road\" — 猫\n".repeat(5_000).into());
        values.extend(reals.map(Value::Real));
        values.extend(integers.map(Value::Integer));
        values.extend(bytes.map(|bytes| Value::BrokenText(bytes.to_vec())));
        values.extend(blobs.map(|bytes| Value::Blob(bytes.to_vec())));
        values
    }

    #[test]
    fn every_value_comes_back_in_every_column() {
        let ordinary = Job::default()
            .with(Column::Id, "a1111111-1111-4111-8111-111111111111")
            .with(Column::JobType, "idea2video");
        for value in values() {
            for column in Column::ALL.iter().copied() {
                let must = matches!(column, Column::Id | Column::JobType);
                if must && value.is_null() {
                    continue;
                }
                let job = ordinary.clone().with(column, value.clone());
                let (text, read) = there_and_back(&job);
                assert!(!text.contains(acts), "{column:?}: {text}");
                assert!(read.as_ref() == Ok(&job), "{column:?}: {value:?}");
            }
        }
    }

    #[test]
    fn columns_that_are_not_known_come_back_under_any_name() {
        let names = [
            "owner",
            "Status",
            "$row",
            "$$row",
            "$$$row",
            "$rows",
            "$Row",
            "$",
            "$blob",
            "job_id",
            "a \"b\"\n{}",
            "größe",
            "",
        ];
        for value in values() {
            let others = names.map(|name| (name.into(), value.clone()));
            let mut job = Job::default()
                .with(Column::Id, "a")
                .with(Column::JobType, "b");
            job.set_others(others.into());
            let (text, read) = there_and_back(&job);
            assert!(read.as_ref() == Ok(&job), "{text}");
        }
    }

    #[test]
    fn a_row_of_nothing_but_bytes_comes_back() {
        let mut job = Job::default();
        for column in Column::ALL.iter().copied() {
            job.set(column, Value::BrokenText(vec![0xff]));
        }
        assert_eq!(there_and_back(&job).1.as_ref(), Ok(&job));
    }

    #[test]
    fn a_row_is_written_so() {
        let job = Job::default()
            .with(Column::Id, "a")
            .with(Column::RequestData, "{\"a\":1}")
            .with(Column::Progress, 1.0)
            .with(Column::Content, Value::BrokenText(vec![0xff]));
        let (text, _) = there_and_back(&job);
        let start = "{\"$row\": 1, \"id\": \"a\", \"job_type\": null, \"mode\": null, \"status\": null, \
            \"content\": {\"$blob\": \"/w==\", \"$type\": \"text\"}, ";
        assert!(text.starts_with(start), "{text}");
        let middle =
            ", \"request_data\": \"{\\\"a\\\":1}\", \"context\": null, \"progress\": 1.0, ";
        assert!(text.contains(middle), "{text}");
        assert!(text.ends_with(", \"completed_at\": null}"), "{text}");
    }
}
