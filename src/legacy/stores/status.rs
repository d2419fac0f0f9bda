//! The check for a status under another name, or further down in a record. Without a status under its own name such a record
//! would be imported as queued though it says that it has ended, so it is rejected, with the line of shell that gives it its
//! status. A record without any status is queued, the table's default.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::shape;
use crate::job::row::write::MARK;
use crate::job::{Status, encoded};
use crate::text::json::{self, Members, string};
use crate::text::shell::quoted;
use crate::text::visible::{cut, one_line};

pub(in crate::legacy) const STATUS: &str = "status";

/// Other names of a status, in small letters without separators. Any text under such a name is a status.
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

/// Words in names of members that may be a status: a member is one when its text is a word for a status.
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

/// Members that may hold anything; a status in them is not that of the job.
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

/// The most levels at which a status is looked for.
const LEVELS: usize = 3;

/// The way to a status within a record.
struct Path(Vec<PathStep>);

struct PathStep {
    name: String,
    /// Whether the member is JSON in a text.
    encoded: bool,
}

impl Path {
    fn shown(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|step| step.name.as_str()).collect();
        cut(&one_line(&names.join(".")), 100).into_owned()
    }

    /// The path in jq; `tried`: without an error where it leads nowhere.
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
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name {
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

/// Rejects a record without a status if there is one that may be that of the job: under another name, further down, or
/// `beside` the record. Rows of jobctl's own are taken as they are.
pub(in crate::legacy) fn check(members: &Members, beside: bool) -> Result<(), String> {
    let own = members.peek(STATUS).filter(|raw| !json::is_null(raw));
    if own.is_some() || members.has(MARK) {
        return Ok(());
    }
    let mark = shape::mark_of(members).unwrap_or("job_id");
    for (name, raw) in &members.0 {
        if let Some(reason) = reason_of(name, raw, mark) {
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

/// The status that a member of the record itself tells.
fn reason_of(name: &str, raw: &RawValue, mark: &str) -> Option<String> {
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
    if tells_status(name, raw) {
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

/// Whether a member of an object around a record may tell the status of the record.
pub(in crate::legacy) fn is_beside(name: &str, raw: &RawValue) -> bool {
    name == STATUS || tells_status(name, raw)
}

/// Whether a member beside the one that holds the record may tell a status, itself or in its value.
pub(super) fn stands_in(name: &str, raw: &RawValue) -> bool {
    is_beside(name, raw) || !PARTS.contains(&name) && find(name, raw, LEVELS, &mut Vec::new())
}

/// Whether a member tells a status: by its name, or by a name that may mean one and a word for one as its text.
fn tells_status(name: &str, raw: &RawValue) -> bool {
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

/// Finds a status in an object, in objects in it, or in their texts. The path comes out in reverse order.
fn find(name: &str, raw: &RawValue, levels: usize, path: &mut Vec<PathStep>) -> bool {
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
            path.push(PathStep {
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
        path.push(PathStep {
            name: name.to_owned(),
            encoded: decoded.is_some(),
        });
    }
    found
}

/// The member of an object further down that is a status: by its name, or by another name and a word for one as its text.
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
