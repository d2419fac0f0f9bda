//! The recognition of a job and its store. A member called `type` makes no job: users, events and schemas have one too. So a
//! record needs the mark of its store and other fields that this store writes.

use serde_json::value::RawValue;

use super::fields::{Sign, StoreFields};
use super::tables::{API_SERVER, DIRECT_PIPELINE, JOB_MANAGER, KINDS};
use crate::job::encoded;
use crate::job::row::write::MARK;
use crate::job::status::{MODES, TYPES};
use crate::legacy::Store;
use crate::text::json::{self, Members};

/// The fewest fields that a record has besides the mark of its store.
const FIELDS: usize = 2;

/// Two fields that every store writes.
const SUCH_AS: [&str; 2] = ["status", "created_at"];

impl StoreFields {
    /// The member that holds the type.
    fn kind(&self) -> &'static str {
        self.marks[0]
    }

    fn writes(&self, name: &str) -> bool {
        (self.field)(name).is_some_and(|field| field.sign != Sign::No)
    }

    fn count(&self, members: &Members, mark: &str) -> usize {
        let counts = |(index, (name, _)): (usize, &(std::borrow::Cow<str>, _))| {
            name != mark
                    && self.writes(name)
                    // Of several members of one name one counts.
                    && members.0[..index].iter().all(|(other, _)| other != name)
        };
        members
            .0
            .iter()
            .enumerate()
            .filter(|one| counts(*one))
            .take(FIELDS)
            .count()
    }
}

/// The name of the mark that a record has.
pub(in crate::legacy) fn mark_of(members: &Members) -> Option<&'static str> {
    mark(members).map(|(_, mark)| mark)
}

/// The store whose mark the record has, and that mark.
fn mark(members: &Members) -> Option<(&'static StoreFields, &'static str)> {
    let has = |name| members.has(name);
    Some(if has(DIRECT_PIPELINE.kind()) {
        (DIRECT_PIPELINE, DIRECT_PIPELINE.kind())
    } else if has(JOB_MANAGER.kind()) {
        (JOB_MANAGER, JOB_MANAGER.kind())
    } else if !(has("type") && has("request")) && has_mode(members) {
        (JOB_MANAGER, "mode")
    } else if has("type") {
        (API_SERVER, "type")
    } else if has("request") {
        (API_SERVER, "request")
    } else {
        return None;
    })
}

fn has_mode(members: &Members) -> bool {
    members
        .peek("mode")
        .is_some_and(|mode| members.has("job_id") || is_one_of(mode, &MODES))
}

/// The store of a record; the error says what it lacks.
pub(in crate::legacy) fn of(members: &Members) -> Result<Store, String> {
    // Only rows that jobctl wrote have this member.
    if members.has(MARK) {
        return Ok(Store::Jobctl);
    }
    let no_shape = |what: &str| Err(format!("of no known shape: {what}"));
    let Some((table, mark)) = mark(members) else {
        let (last, others) = KINDS.split_last().unwrap_or((&"", &[]));
        return no_shape(&format!("it has none of {} and {last}", others.join(", ")));
    };
    if table.count(members, mark) < FIELDS {
        let fields = SUCH_AS.join(", ");
        return no_shape(&format!(
            "it has \"{mark}\" and fewer than {FIELDS} more fields of a job, such as {fields}"
        ));
    }
    // Where the mark says nothing of the type, the type is told by the mode or missing.
    if let Some(kind) = members
        .peek(table.kind())
        .filter(|kind| is_other_word(kind))
    {
        let lacks = |name: &&'static str| !members.has(name);
        if let Some(missing) = SUCH_AS.iter().find(|name| lacks(name)) {
            return no_shape(&format!(
                "its {} {} is none that is known, and it has no {missing}",
                table.kind(),
                short(kind)
            ));
        }
        let lacks_own = |name: &&'static str| {
            lacks(name) || *name == "request" && !members.peek(name).is_some_and(is_request)
        };
        let own = table.fields.iter().filter(|field| field.sign == Sign::Own);
        if own.map(|field| field.name).all(|name| lacks_own(&name)) {
            return no_shape(&format!(
                "its {} {} is none that is known, and it has no field that only jobs have, such as job_id",
                table.kind(),
                short(kind)
            ));
        }
    }
    Ok(table.store)
}

/// Whether a request is a client's payload to the service, rather than one of any other kind.
fn is_request(raw: &RawValue) -> bool {
    let asks = |members: Members| ["idea", "script"].iter().any(|name| members.has(name));
    let decoded = encoded::inner(raw);
    let text = decoded.as_deref().unwrap_or(raw.get());
    text.starts_with('{') && Members::parse_text(text).is_ok_and(asks)
}

fn short(raw: &RawValue) -> String {
    raw.get().chars().take(40).collect()
}

/// Whether a value is a word for an unknown type.
fn is_other_word(kind: &RawValue) -> bool {
    kind.get().starts_with('"') && !is_one_of(kind, &TYPES)
}

fn is_one_of(raw: &RawValue, words: &[&str]) -> bool {
    match json::bare_text(raw) {
        Some(text) => words.contains(&text),
        None => json::text("", raw)
            .ok()
            .flatten()
            .is_some_and(|text| words.contains(&text.as_str())),
    }
}

/// Whether an object is a job, or is meant to be one: it has an id, its mark and one more field of a job.
pub(in crate::legacy) fn resembles_job(members: &Members) -> bool {
    let is_meant = |(table, mark): (&StoreFields, &str)| {
        let is_known = || {
            members
                .peek(table.kind())
                .is_none_or(|kind| !is_other_word(kind))
        };
        let has_id = members.has("job_id") || members.has("id") && is_known();
        has_id && table.count(members, mark) > 0
    };
    of(members).is_ok() || mark(members).is_some_and(is_meant)
}
