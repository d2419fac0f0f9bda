//! `migrate`: the dumps of the older stores, made here or the samples in `dumps/`.

use std::path::Path;

use serde_json::{Value, json};

use crate::args::Args;
use crate::support::{Output, Sandbox};

mod answers;
mod archives;
mod atomic;
mod bulk;
mod compressed;
mod conflicts;
mod containers;
mod context;
pub mod databases;
mod double_encoded;
mod dry_run;
mod exclusive;
mod index;
mod leftover;
mod links;
mod many_files;
mod marks;
mod max_record;
mod memory;
mod near_rows;
mod new_file;
mod no_dumps;
mod no_status;
mod notice;
mod pages;
mod progress;
mod recognised;
mod records;
mod rejects;
mod rejects_file;
mod results;
mod row_columns;
mod row_mark;
mod rows;
pub mod running;
mod second_import;
mod sequences;
mod shapes;
mod shrunk;
mod slow_input;
mod status_words;
mod stopped;
mod table_dump;
mod tables;
mod times;
mod torn_strings;
mod two_names;
mod whole;
mod wrapped;

/// A sample dump, by its name in `dumps/`.
pub fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli/dumps")
        .join(name);
    path.to_str().unwrap().to_owned()
}

/// A record of api_server, queued.
pub fn api_server(id: &str) -> Value {
    json!({
        "job_id": id,
        "type": "idea2video",
        "status": "queued",
        "created_at": "2025-12-28T11:30:14.482913",
        "updated_at": "2025-12-28T11:52:40.019377",
        "request": {
            "idea": "A lighthouse keeper teaches a robot.",
            "user_requirement": "At most 3 scenes.",
            "style": "Cartoon style",
            "project_title": "The Keeper",
        },
        "working_dir": ".working_dir/idea2video",
        "shots": [],
    })
}

/// A record of the direct pipeline, pending.
pub fn pipeline(id: &str) -> Value {
    json!({
        "job_id": id,
        "episode_id": null,
        "pipeline_type": "idea2video",
        "status": "pending",
        "progress": 0.0,
        "video_path": null,
        "error": null,
        "request_data": {
            "idea": "An old cartographer draws a road.",
            "user_requirement": "No words.",
            "style": "film noir",
            "title": "The Road",
            "series_id": null,
            "episode_number": null,
        },
        "created_at": "2025-11-02T03:15:22.006100",
        "updated_at": "2025-11-02T03:41:09.771002",
    })
}

/// A record of VideoJobManager, queued.
pub fn manager(id: &str) -> Value {
    json!({
        "job_id": id,
        "mode": "idea",
        "status": "queued",
        "progress": 0.0,
        "current_stage": null,
        "video_path": null,
        "working_dir": ".working_dir/idea2video/x",
        "total_shots": 0,
        "error": null,
        "error_details": null,
        "created_at": "2025-12-29T08:00:00.000001",
        "updated_at": "2025-12-29T08:31:12.345678",
        "completed_at": null,
        "episode_id": null,
        "title": "Small Gods",
    })
}

/// A record in the row form: the columns as stored.
pub fn row(id: &str) -> Value {
    json!({
        "$row": 1,
        "id": id,
        "job_type": "idea2video",
        "mode": "idea",
        "status": "queued",
        "content": "A cat crosses the road at night",
        "user_requirement": null,
        "style": "anime",
        "project_title": "The Cat",
        "request_data": null,
        "context": null,
        "progress": 0.0,
        "current_stage": null,
        "working_dir": null,
        "result_data": null,
        "error_message": null,
        "total_shots": 0,
        "completed_shots": 0,
        "episode_id": null,
        "series_id": null,
        "created_at": "2026-01-10 00:00:00.000000",
        "updated_at": "2026-01-10 00:00:00.000000",
        "started_at": null,
        "completed_at": null,
    })
}

/// The same as other programs dump the table.
pub fn unmarked(id: &str) -> Value {
    without(row(id), "$row")
}

/// The record with these fields otherwise.
pub fn with(mut record: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

/// The record without this field.
pub fn without(mut record: Value, field: &str) -> Value {
    record.as_object_mut().unwrap().shift_remove(field).unwrap();
    record
}

pub fn lines<'a>(records: impl IntoIterator<Item = &'a Value>) -> String {
    records
        .into_iter()
        .map(|record| format!("{record}\n"))
        .collect()
}

/// Imports a text as `dump.json`, with these further arguments.
#[track_caller]
pub fn import(sandbox: &Sandbox, text: impl AsRef<[u8]>, more: impl Args) -> Output {
    sandbox.write("dump.json", text);
    sandbox.jobctl(("migrate dump.json -o json", more)).run()
}

/// Imports one record into a fresh file and gives it in the job form.
#[track_caller]
pub fn imported(record: &Value, more: impl Args) -> Value {
    let sandbox = Sandbox::new();
    import(&sandbox, record.to_string(), more).ok();
    only_job(&sandbox)
}

/// The one job there is, in the job form.
#[track_caller]
pub fn only_job(sandbox: &Sandbox) -> Value {
    let ids = sandbox.ids();
    assert_eq!(ids.len(), 1, "one job expected: {ids:?}");
    sandbox
        .jobctl(["show", &ids[0], "-o", "json"])
        .run()
        .ok()
        .json()
}

/// Read, inserted, updated, skipped, rejected.
#[track_caller]
pub fn counts(summary: &Value) -> [u64; 5] {
    ["read", "inserted", "updated", "skipped", "rejected"].map(|key| {
        summary[key]
            .as_u64()
            .unwrap_or_else(|| panic!("no {key} in {summary}"))
    })
}
