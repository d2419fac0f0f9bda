//! The status of a record that has none under its own name: it stands under another name, or further down. Such a record would
//! come in as queued though it says that it has ended, so it is not taken, but told with the line that gives it its status.
//! A record that tells of none at all is queued, as the table has it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::shape;
use crate::job::row::write::MARK;
use crate::job::{Status, encoded};
use crate::text::json::{self, Members, string};
use crate::text::shell::quoted;
use crate::text::visible::{cut, one_line};

pub(in crate::legacy) const STATUS: &str = "status";

/// Other names of a status, without capitals and what separates words. Whatever text stands there is the status.
const NAMES: &[&str] = &[
    "status",
    "state",
    "jobstatus",
    "jobstate",
    "currentstatus",
    "currentstate",
    "taskstatus",
    "taskstate",
    "pipelinestatus",
    "pipelinestate",
    "runstatus",
    "runstate",
];

/// The words that names have where a status may stand: it does when its text is a word for one.
const WORDS: &[&str] = &["status", "state", "phase", "lifecycle", "outcome"];

/// Members that are true of a job that has ended.
const FLAGS: &[(&str, Status)] = &[
    ("done", Status::Completed),
    ("completed", Status::Completed),
    ("finished", Status::Completed),
    ("failed", Status::Failed),
    ("cancelled", Status::Cancelled),
    ("canceled", Status::Cancelled),
];

/// Members that may hold anything, and whose own status is not that of the job.
const PARTS: [&str; 8] = [
    "request",
    "request_data",
    "context",
    "result",
    "result_data",
    "error",
    "error_details",
    "shots",
];

/// How deep a status is looked for.
const LEVELS: usize = 3;

/// The way to a status within a record.
struct Path(Vec<Step>);

struct Step {
    name: String,
    /// What stands there is JSON in a text.
    encoded: bool,
}

impl Path {
    fn shown(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|step| step.name.as_str()).collect();
        cut(&one_line(&names.join(".")), 100).into_owned()
    }

    /// As jq writes it; `tried`: nothing comes of it where it does not lead anywhere.
    fn expression(&self, tried: bool) -> String {
        let mark = if tried { "?" } else { "" };
        let mut text = String::new();
        let mut begins = true;
        for step in &self.0 {
            if begins && !text.is_empty() {
                text.push_str(" | ");
            }
            text.push_str(&member(&step.name));
            text.push_str(mark);
            begins = step.encoded;
            if step.encoded {
                text.push_str(" | fromjson");
                text.push_str(mark);
            }
        }
        if self.0.iter().any(|step| step.encoded) {
            format!("({text})")
        } else {
            text
        }
    }
}

/// A member as jq names it.
fn member(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain {
        format!(".{name}")
    } else {
        let mut text = ".".to_owned();
        string(&mut text, name);
        text
    }
}

/// The line that gives a status to each record with this mark that has none, in a dump of any shape and in a file of rejects.
fn line(mark: &str, has: &str, status: &str) -> String {
    let program = format!(
        "(.. | objects | select(has(\"{mark}\") and .{STATUS} == null and {has})) |= (.{STATUS} = {status})"
    );
    format!("jq {} FILE | jobctl migrate -", quoted(&program))
}

/// Refuses a record without a status when one stands where it may be that of the job: under another name, further down, or
/// `beside` the record. A row of jobctl's own is as it is.
pub(in crate::legacy) fn check(members: &Members, beside: bool) -> Result<(), String> {
    let own = members.peek(STATUS).filter(|raw| !json::is_null(raw));
    if own.is_some() || members.has(MARK) {
        return Ok(());
    }
    let mark = shape::mark_of(members).unwrap_or("job_id");
    for (name, raw) in &members.0 {
        if let Some(reason) = told_by(name, raw, mark) {
            return Err(reason);
        }
    }
    if beside {
        return Err("its status stands beside it, in the object around it".to_owned());
    }
    for (name, raw) in &members.0 {
        let mut path = Vec::new();
        if !PARTS.contains(&name.as_ref()) && find(name, raw, LEVELS, &mut path) {
            path.reverse();
            let levels = path.len() - 1;
            let path = Path(path);
            let levels = match levels {
                1 => "one level".to_owned(),
                2 => "two levels".to_owned(),
                more => format!("{more} levels"),
            };
            return Err(format!(
                "its status stands {levels} lower, in \"{}\": {}",
                path.shown(),
                line(mark, &path.expression(true), &path.expression(false))
            ));
        }
    }
    Ok(())
}

/// What a member of the record itself says of its status.
fn told_by(name: &str, raw: &RawValue, mark: &str) -> Option<String> {
    if name == STATUS {
        return None;
    }
    let shown = || cut(&one_line(name), 40).into_owned();
    if let Some(status) = flagged(name, raw) {
        let has = format!("{} == true", member(name));
        let status = format!("\"{}\"", status.word());
        return Some(format!(
            "it has no status, but its \"{}\" is true: {}",
            shown(),
            line(mark, &has, &status)
        ));
    }
    if is_told(name, raw) {
        let path = member(name);
        return Some(format!(
            "it has no status, but its \"{}\" is {}: {}",
            shown(),
            cut(&one_line(raw.get()), 40),
            line(mark, &path, &path)
        ));
    }
    let is_number = raw.get().bytes().all(|b| b.is_ascii_digit());
    (is_number && is_name(name)).then(|| {
        format!(
            "it has no status, but its \"{}\" is {}: give it the word that this number means, as \"{STATUS}\"",
            shown(),
            cut(raw.get(), 40)
        )
    })
}

fn simple(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_name(name: &str) -> bool {
    NAMES.contains(&simple(name).as_str())
}

/// Whether a member of an object around a record may tell the status of that.
pub(in crate::legacy) fn is_beside(name: &str, raw: &RawValue) -> bool {
    name == STATUS || is_told(name, raw)
}

/// The same of a member that is beside the one with the record in it, whatever stands in it.
pub(super) fn stands_in(name: &str, raw: &RawValue) -> bool {
    is_beside(name, raw) || !PARTS.contains(&name) && find(name, raw, LEVELS, &mut Vec::new())
}

/// Whether a member tells a status: it is called so, or it may be and holds a word for one.
fn is_told(name: &str, raw: &RawValue) -> bool {
    if !raw.get().starts_with('"') || encoded::inner(raw).is_some() {
        return false;
    }
    let Ok(Some(text)) = json::text(name, raw) else {
        return false;
    };
    let simple = simple(name);
    let may_be = || {
        WORDS
            .iter()
            .any(|word| simple.starts_with(word) || simple.ends_with(word))
    };
    !text.trim().is_empty()
        && (NAMES.contains(&simple.as_str()) || may_be() && Status::meant_by(&text).is_some())
}

fn flagged(name: &str, raw: &RawValue) -> Option<Status> {
    if raw.get() != "true" {
        return None;
    }
    let simple = simple(name);
    let simple = simple.strip_prefix("is").unwrap_or(&simple);
    let flag = FLAGS.iter().find(|(name, _)| *name == simple);
    flag.map(|(_, status)| *status)
}

/// Finds a status in an object, in one in it, or in a text in which one stands. The way there comes out last step first.
fn find(name: &str, raw: &RawValue, levels: usize, path: &mut Vec<Step>) -> bool {
    let decoded = encoded::inner(raw);
    let text = decoded.as_deref().unwrap_or(raw.get());
    if !text.starts_with('{') {
        return false;
    }
    let Ok(members) = Members::parse_text(text) else {
        return false;
    };
    let found = match holds(&members) {
        Some(name) => {
            path.push(Step {
                name: name.into_owned(),
                encoded: false,
            });
            true
        }
        None => {
            levels > 1
                && members
                    .0
                    .iter()
                    .any(|(name, raw)| find(name, raw, levels - 1, path))
        }
    };
    if found {
        path.push(Step {
            name: name.to_owned(),
            encoded: decoded.is_some(),
        });
    }
    found
}

/// The member of an object further down that is a status: it is called so, or has another name and a word for one.
fn holds<'a>(members: &Members<'a>) -> Option<Cow<'a, str>> {
    let is_text = |raw: &RawValue| raw.get().starts_with('"');
    if members.peek(STATUS).is_some_and(is_text) {
        return Some(STATUS.into());
    }
    let is_word = |(name, raw): &&(Cow<'a, str>, &'a RawValue)| {
        is_name(name)
            && json::text(name, raw)
                .is_ok_and(|text| text.is_some_and(|text| Status::meant_by(&text).is_some()))
    };
    members.0.iter().find(is_word).map(|(name, _)| name.clone())
}
