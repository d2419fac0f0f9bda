//! Records that stand one or more levels lower, in an object around them: a row of CouchDB, a resource of JSON:API, an
//! event with its payload. The name of such an object is no id, but one may stand beside the record in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use super::{shape, status};
use crate::text::json::{self, Members};

/// The names of an id beside a record; the first that is there counts.
pub(crate) const ID_NAMES: [&str; 4] = ["_id", "job_id", "pk", "id"];

/// How deep a record is looked for.
const LEVELS: usize = 3;

/// A record in a wrapper.
pub(in crate::legacy) struct Inner<'a> {
    pub(in crate::legacy) json: &'a str,
    pub(in crate::legacy) members: Members<'a>,
    /// The id beside it.
    pub(in crate::legacy) id: Option<String>,
    /// A status stands beside it.
    pub(in crate::legacy) has_status: bool,
}

/// The one record in an object that is none itself.
pub(in crate::legacy) fn inside<'a>(members: &Members<'a>) -> Option<Inner<'a>> {
    let mut found = Vec::new();
    look(members, LEVELS, &mut found);
    match found.len() {
        1 => found.pop(),
        _ => None,
    }
}

fn look<'a>(members: &Members<'a>, levels: usize, found: &mut Vec<Inner<'a>>) {
    for (place, (_, raw)) in members.0.iter().enumerate() {
        if !json::is_object(raw) {
            continue;
        }
        let before = found.len();
        match Members::parse_text(raw.get()) {
            Ok(inner) if shape::of(&inner).is_ok() => found.push(Inner {
                json: raw.get(),
                members: inner,
                id: None,
                has_status: false,
            }),
            Ok(inner) if levels > 1 => look(&inner, levels - 1, found),
            _ => {}
        }
        for record in &mut found[before..] {
            record.id = record.id.take().or_else(|| beside(members));
            let mut others = members.0.iter().enumerate();
            record.has_status |=
                others.any(|(at, (name, raw))| at != place && status::stands_in(name, raw));
        }
    }
}

fn beside(members: &Members) -> Option<String> {
    let named = |name| id(members.peek(name)?);
    ID_NAMES.into_iter().find_map(named)
}

/// Whether the record has an id of its own, of whatever kind.
pub(in crate::legacy) fn has_own_id(members: &Members) -> bool {
    let own = |name: &&str| members.peek(name).is_some_and(|raw| !json::is_null(raw));
    ["job_id", "id", "_id"].iter().any(own)
}

/// An id as text, or as MongoDB writes it.
pub(crate) fn id(raw: &RawValue) -> Option<String> {
    if raw.get().starts_with('"') {
        return json::text("", raw).ok()?;
    }
    let members = Members::parse_text(raw.get()).ok()?;
    let [(kind, value)] = members.0.as_slice() else {
        return None;
    };
    match kind.as_ref() {
        "$oid" | "$uuid" => json::text(kind, value).ok()?,
        "$binary" => {
            let binary = Members::parse_text(value.get()).ok()?;
            let base64 = json::text("base64", binary.peek("base64")?).ok()??;
            let bytes = STANDARD.decode(base64).ok()?;
            Some(uuid::Uuid::from_slice(&bytes).ok()?.to_string())
        }
        _ => None,
    }
}
