//! Records that surely become a job, told without making one. When a dump is imported again, nearly all of it is
//! there already, and making jobs only to drop them is most of the time that such a run takes.
//!
//! Whatever is in doubt is not plain, and is converted like everything else; so no record is rejected in one run and
//! passed over in the next.

use chrono::Datelike;
use serde_json::value::RawValue;

use super::draft::object;
use super::{api_server, job_manager};
use crate::job::Column;
use crate::job::columns::Content;
use crate::job::id::checked_id;
use crate::legacy::Store;
use crate::text::json::{self, Members};
use crate::time;

/// What a member has to be.
#[derive(Clone, Copy)]
enum Kind {
    /// Part of the id.
    Id,
    /// What tells the type of the job, and is there.
    Type,
    Text,
    Time,
    /// From 0 to this.
    Number(f64),
    Whole,
    Shots,
    /// The client's payload, with these members of text.
    Request(&'static [&'static str]),
    /// JSON under the name of its column.
    StoredJson,
    Nothing,
    Any,
}

const OF_API_SERVER: &[&str] = &[
    "idea",
    "script",
    "user_requirement",
    "style",
    "project_title",
];
const OF_PIPELINE: &[&str] = &[
    "idea",
    "script",
    "user_requirement",
    "style",
    "title",
    "project_title",
    "series_id",
    "episode_id",
];

/// The id that the record has if it is plain.
pub(in crate::legacy) fn id(members: &Members, store: Store, key: Option<&str>) -> Option<String> {
    let own = members.peek("job_id").or_else(|| members.peek("id"));
    // It may be the id.
    if own.is_none_or(json::is_null) && members.has("_id") {
        return None;
    }
    match store {
        Store::ApiServer | Store::DirectPipeline | Store::JobManager => checked_id(own, key).ok(),
        Store::Jobctl | Store::Unknown => None,
    }
}

/// Whether the record with these members, of this store and id, is plain.
pub(in crate::legacy) fn is_plain(
    record: &[u8],
    members: &Members,
    store: Store,
    id: &str,
) -> bool {
    let mut has_type = false;
    let mut fits = |name: &str, raw: &RawValue| match kind(store, name) {
        Kind::Id => json::bare_text(raw) == Some(id),
        Kind::Type => {
            has_type = true;
            raw.get().starts_with('"')
        }
        Kind::Text => is_text(raw),
        Kind::Time => is_time(raw),
        Kind::Number(most) => json::real(name, raw, most).is_ok(),
        Kind::Whole => json::integer(name, raw).is_ok(),
        Kind::Shots => api_server::count_shots(raw).is_ok(),
        Kind::Request(texts) => has_texts(name, raw, texts),
        Kind::StoredJson => !raw.get().starts_with('"') && !raw.get().contains("\"$"),
        Kind::Nothing => json::is_null(raw),
        Kind::Any => true,
    };
    // A row of the table is rejected for it.
    let is_null = store == Store::JobManager && job_manager::has_null_status(members);
    !is_null
        && members.0.iter().all(|(name, raw)| fits(name, raw))
        && has_type
        && json::is_sound(record)
}

fn kind(store: Store, name: &str) -> Kind {
    match (store, name) {
        (_, "job_id" | "id") => Kind::Id,
        (_, "created_at" | "updated_at" | "started_at" | "completed_at") => Kind::Time,
        (_, "status" | "current_stage" | "working_dir" | "error") => Kind::Text,
        (Store::ApiServer, "type") => Kind::Type,
        (Store::ApiServer, "progress") => Kind::Number(100.0),
        (Store::ApiServer, "request") => Kind::Request(OF_API_SERVER),
        (Store::ApiServer, "shots") => Kind::Shots,
        (Store::DirectPipeline, "pipeline_type") => Kind::Type,
        (Store::DirectPipeline, "progress") => Kind::Number(1.0),
        (Store::DirectPipeline, "request_data") => Kind::Request(OF_PIPELINE),
        (Store::DirectPipeline, "episode_id" | "video_path") => Kind::Text,
        (Store::JobManager, "job_type") => Kind::Type,
        (Store::JobManager, "title" | "video_path") => Kind::Text,
        // They may become the error, in one way or another.
        (Store::JobManager, "error_details") => Kind::Nothing,
        (Store::JobManager, name) => {
            Column::of_key(name).map_or(Kind::Any, |column| match column.content() {
                Content::Text(_) => Kind::Text,
                Content::Time => Kind::Time,
                Content::Real => Kind::Number(100.0),
                Content::Integer => Kind::Whole,
                Content::Json if name == column.name() => Kind::StoredJson,
                Content::Json => Kind::Any,
            })
        }
        _ => Kind::Any,
    }
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

fn has_texts(name: &str, raw: &RawValue, texts: &[&str]) -> bool {
    let is_fit =
        |(name, raw): &(_, &RawValue)| !texts.contains(&AsRef::as_ref(name)) || is_text(raw);
    object(name, raw).is_ok_and(|members| members.0.iter().all(is_fit))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::shape;
    use super::{Members, id, is_plain};

    const ID: &str = "8ef94495-c32e-4022-8080-803a0d321948";

    fn is_told(members: &str) -> bool {
        let text = format!("{{\"job_id\": \"{ID}\", \"error\": null, {members}}}");
        let members = Members::parse_text(&text).unwrap();
        let store = shape::of(&members).unwrap();
        let id = id(&members, store, Some(ID)).unwrap();
        assert_eq!(id, ID);
        is_plain(text.as_bytes(), &members, store, &id)
    }

    #[test]
    fn what_the_stores_write_is_plain() {
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
        ] {
            assert!(!is_told(members), "{members}");
        }
    }
}
