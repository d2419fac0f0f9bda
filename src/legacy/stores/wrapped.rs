//! Records one or more levels down in a wrapper: a row of CouchDB, a resource of JSON:API, an event with its payload. The key
//! of a wrapper is no id, but an id may be beside the record in it.

use super::ids::{self, ID_NAMES};
use super::{shape, status};
use crate::text::json::{self, Members};

/// The most levels at which a record is looked for.
const LEVELS: usize = 3;

/// A record in a wrapper.
pub(in crate::legacy) struct Inner<'a> {
    pub(in crate::legacy) json: &'a str,
    pub(in crate::legacy) members: Members<'a>,
    /// The id beside it.
    pub(in crate::legacy) id: Option<String>,
    /// Whether a status is beside it.
    pub(in crate::legacy) has_status: bool,
}

/// The only record in an object that is none itself; None where there are several.
pub(in crate::legacy) fn inside<'a>(members: &Members<'a>) -> Option<Inner<'a>> {
    let mut found = Vec::new();
    collect(members, LEVELS, &mut found);
    match found.len() {
        1 => found.pop(),
        _ => None,
    }
}

fn collect<'a>(members: &Members<'a>, levels: usize, found: &mut Vec<Inner<'a>>) {
    for (index, (_, raw)) in members.0.iter().enumerate() {
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
            Ok(inner) if levels > 1 => collect(&inner, levels - 1, found),
            _ => {}
        }
        for record in &mut found[before..] {
            record.id = record.id.take().or_else(|| beside(members));
            let mut others = members.0.iter().enumerate();
            record.has_status |=
                others.any(|(at, (name, raw))| at != index && status::stands_in(name, raw));
        }
    }
}

fn beside(members: &Members) -> Option<String> {
    let named = |name| ids::id(members.peek(name)?);
    ID_NAMES.into_iter().find_map(named)
}
