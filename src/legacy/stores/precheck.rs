//! The quick check whether a record surely becomes a job. When a dump is imported again, nearly all jobs are in the table
//! already, and making them only to drop them would take most of the time.
//!
//! A record in doubt is converted like every other; so none is rejected in one run and left out in the
//! next.

use std::borrow::Cow;

use chrono::Datelike;
use serde_json::value::RawValue;

use super::draft::object;
use super::fields::{FieldContent, Parts};
use super::{job_manager, shots, tables};
use crate::job::id::checked_id;
use crate::legacy::Store;
use crate::text::json::{self, Members};
use crate::time;

/// The id of the record, provided that it is certain.
pub(in crate::legacy) fn id(members: &Members, store: Store, key: Option<&str>) -> Option<String> {
    let own = members.peek("job_id").or_else(|| members.peek("id"));
    // The member may be the id.
    if own.is_none_or(json::is_null) && members.has("_id") {
        return None;
    }
    match store {
        Store::ApiServer | Store::DirectPipeline | Store::JobManager => checked_id(own, key).ok(),
        Store::Jobctl | Store::Unknown => None,
    }
}

/// Whether the record with these members, of this store and id, is certain to become a job.
pub(in crate::legacy) fn is_certain(
    record: &[u8],
    members: &Members,
    store: Store,
    id: &str,
) -> bool {
    let Some(table) = tables::of(store) else {
        return false;
    };
    let mut has_type = false;
    let mut fits = |name: &str, raw: &RawValue| {
        let Some(field) = (table.field)(name) else {
            return true;
        };
        has_type |= field.holds.is_type();
        match field.holds {
            FieldContent::Id => json::bare_text(raw) == Some(id),
            // An empty one may be none.
            FieldContent::Type | FieldContent::TypeOrMode => {
                json::bare_text(raw).is_some_and(|word| !word.trim().is_empty())
            }
            FieldContent::Text(_)
            | FieldContent::Foremost(_)
            | FieldContent::Status(_)
            | FieldContent::OfResult => is_text(raw),
            FieldContent::Time(_) => is_time(raw),
            FieldContent::Percent(_) => json::real(name, raw, 100.0).is_ok(),
            FieldContent::Fraction(_) => json::real(name, raw, 1.0).is_ok(),
            FieldContent::Whole(_) => json::integer(name, raw).is_ok(),
            FieldContent::Shots => shots::count(raw).is_ok(),
            FieldContent::Request(parts) => has_texts(name, raw, parts),
            FieldContent::Json(_) => true,
            FieldContent::StoredJson(_) => {
                !raw.get().starts_with('"') && !raw.get().contains("\"$")
            }
            FieldContent::ErrorDetails => json::is_null(raw),
        }
    };
    // A row of the table is rejected for it.
    let is_null = store == Store::JobManager && job_manager::has_null_status(members);
    !is_null
        && members.0.iter().all(|(name, raw)| fits(name, raw))
        && has_type
        && json::is_sound(record)
}

fn is_text(raw: &RawValue) -> bool {
    raw.get().starts_with('"') || json::is_null(raw)
}

fn is_time(raw: &RawValue) -> bool {
    // Of the years at both ends some days are none in UTC.
    let is_stored = |spelled: time::Spelled| (2..=9998).contains(&spelled.naive.year());
    json::is_null(raw)
        || json::bare_text(raw)
            .and_then(time::parse_spelled)
            .is_some_and(is_stored)
}

fn has_texts(name: &str, raw: &RawValue, parts: Parts) -> bool {
    let is_part = |name: &str| parts.iter().any(|(_, names)| names.contains(&name));
    let is_fit = |(name, raw): &(Cow<str>, &RawValue)| is_text(raw) || !is_part(name);
    object(name, raw).is_ok_and(|members| members.0.iter().all(is_fit))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{api_server, direct_pipeline, shape};
    use super::{Members, Store, id, is_certain, job_manager, tables};
    use crate::time::Zone;

    const ID: &str = "8ef94495-c32e-4022-8080-803a0d321948";

    fn is_told(members: &str) -> bool {
        let text = format!("{{\"job_id\": \"{ID}\", \"error\": null, {members}}}");
        let members = Members::parse_text(&text).unwrap();
        let store = shape::of(&members).unwrap();
        let id = id(&members, store, Some(ID)).unwrap();
        assert_eq!(id, ID);
        is_certain(text.as_bytes(), &members, store, &id)
    }

    #[test]
    fn what_the_stores_write_is_certain() {
        for members in [
            r#""type": "idea2video", "status": "failed", "created_at": "2025-12-28T11:30:14.482913",
                "updated_at": "2025-12-28T11:52:40.019377", "request": {"idea": "A \"cat\"\n\ud83d\udc08",
                "user_requirement": "", "style": null}, "progress": 40.5, "current_stage": "rendering",
                "shots": [{"shot_id": 1, "status": "completed"}, {"shot_id": 2}], "result": null,
                "error": "no \u2028 worker", "working_dir": ".working_dir/idea2video/1""#,
            r#""pipeline_type": "script2video", "status": "running", "progress": 0.29,
                "request_data": {"script": "INT. 夜", "series_id": null, "more": [1, {}]},
                "created_at": "2025-12-28T11:30:14+00:00", "video_path": "a.mp4", "episode_id": null"#,
            r#""job_type": "idea2video", "mode": "idea", "status": "completed", "content": "A cat",
                "request_data": {"a": {"b": []}}, "context": {}, "progress": 100, "current_stage": null,
                "total_shots": 12, "completed_shots": 12, "result": {"video_path": "a.mp4"}, "error_details": null,
                "created_at": "2025-12-28 11:30:14", "completed_at": null, "title": "The cat", "odd": 1e400"#,
        ] {
            assert!(is_told(members), "{members}");
        }
    }

    #[test]
    fn what_is_in_doubt_is_not() {
        for members in [
            r#""type": "idea2video", "created_at": "0001-01-01T00:00:00""#,
            r#""pipeline_type": "idea2video", "progress": 29"#,
            r#""mode": "idea""#,
            r#""job_type": "idea2video", "context": "{}""#,
            r#""job_type": "idea2video", "id": "another""#,
            r#""job_type": " ", "status": "queued", "created_at": "2025-12-28", "content": "A cat""#,
        ] {
            assert!(!is_told(members), "{members}");
        }
    }

    /// Records with any value in a field: the certain ones become jobs, and those that the stores write are certain.
    #[test]
    fn what_is_certain_is_converted_field_by_field() {
        let values = [
            "null",
            "true",
            "0",
            "-1",
            "0.5",
            "50",
            "101",
            "1e400",
            "NaN",
            r#""""#,
            r#"" ""#,
            r#""idea2video""#,
            r#""\ud800""#,
            r#""2025-12-28T11:30:14""#,
            r#""0001-01-01T00:00:00-01:00""#,
            r#""{\"a\": 1}""#,
            "[]",
            "[1]",
            r#"[{"status": "completed"}, null]"#,
            r#"[{"status": 1}]"#,
            "{}",
            r#"{"idea": 1}"#,
            r#"{"idea": "A cat", "title": null}"#,
            r#"{"$blob": "AA=="}"#,
        ];
        let base = [
            (Store::ApiServer, r#""type": "idea2video""#),
            (Store::DirectPipeline, r#""pipeline_type": "idea2video""#),
            (Store::JobManager, r#""job_type": "idea2video""#),
        ];
        for (store, kind) in base {
            let mut certain = BTreeSet::new();
            let fields = tables::of(store).unwrap().fields;
            for (field, value) in fields.iter().flat_map(|f| values.map(|value| (f, value))) {
                let text = format!(
                    r#"{{"job_id": "{ID}", {kind}, "status": "queued", "created_at": "2025-12-28", "{}": {value}}}"#,
                    field.name
                );
                let Ok(members) = Members::parse_text(&text) else {
                    continue;
                };
                if shape::of(&members) != Ok(store) {
                    continue;
                }
                let is_told = id(&members, store, Some(ID))
                    .is_some_and(|id| is_certain(text.as_bytes(), &members, store, &id));
                let made = match store {
                    Store::ApiServer => api_server::job(members, Some(ID), &Zone::UTC),
                    Store::DirectPipeline => direct_pipeline::job(members, Some(ID)),
                    _ => job_manager::job(members, Some(ID)),
                };
                assert!(!is_told || made.is_ok(), "{text}: {made:?}");
                if is_told {
                    certain.insert(field.name);
                }
            }
            let never = |name: &&str| !["job_id", "id"].contains(name) && !certain.contains(name);
            let mut names = fields.iter().map(|field| field.name);
            assert_eq!(names.find(|name| never(name)), None, "{store:?}");
        }
    }
}
