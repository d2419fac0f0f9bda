//! The id of a record, in it or beside it, as text or in the form of a document database.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use crate::text::json::{self, Members};

/// The names of an id beside a record; the first one present counts.
pub(crate) const ID_NAMES: [&str; 4] = ["_id", "job_id", "pk", "id"];

/// Whether the record has an id of its own, of any kind.
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
