//! The service made the file: no SQL defaults, no indexes, journal mode `delete`, tables of its own.

use serde_json::{Value, json};

use crate::service::{Shared, text};

/// The columns' JSON keys that differ from their names.
const RENAMED: [(&str, &str); 3] = [
    ("id", "job_id"),
    ("result_data", "result"),
    ("error_message", "error"),
];

#[test]
fn reading_leaves_every_byte_as_it_was() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let made = shared.insert(27);
    let before = shared.bytes();
    let names = shared.names();
    for (id, _) in &made {
        shared.jobctl(format!("show {id}"));
        shared.jobctl(format!("show {id} -o json"));
    }
    for output in ["table", "wide", "json", "jsonl", "csv", "tsv", "ids"] {
        shared.jobctl(format!("list --all -o {output}"));
        shared.jobctl(format!("list --status failed -o {output}"));
    }
    shared.jobctl("delete --status failed --dry-run");
    shared.jobctl("cleanup --older-than 1d --dry-run");
    shared
        .try_jobctl("show ffffffff-ffff-4fff-bfff-ffffffffffff")
        .expect(3);
    assert!(shared.bytes() == before, "the file changed");
    assert_eq!(shared.names(), names);
}

#[test]
fn every_value_of_the_service_is_shown() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let made = shared.insert(18);
    let list = shared.jobctl_json("list --all");
    assert_eq!(list["pagination"]["total"], json!(18));
    let dump = shared.service("dump");
    for (id, kind) in &made {
        let shown = shared.jobctl_json(format!("show {id}"));
        assert!(
            list["jobs"].as_array().unwrap().contains(&shown),
            "{kind}: list and show differ"
        );
        for (column, typed) in dump[id].as_object().unwrap() {
            let key = RENAMED
                .iter()
                .find(|(name, _)| name == column)
                .map_or(column.as_str(), |(_, key)| key);
            let empty_object = matches!(key, "request_data" | "context") && typed[1].is_null();
            let expected = if empty_object { &json!({}) } else { &typed[1] };
            assert_eq!(&shown[key], expected, "{kind}: {key}");
        }
        assert_eq!(shown.as_object().unwrap().len(), 23, "{kind}");
    }
}

#[test]
fn the_service_reads_what_jobctl_wrote_and_the_rest_is_untouched() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let made = shared.insert(27);
    let before = shared.snapshot();
    let rows_before = shared.service("dump");

    let created = shared.create([
        "--title",
        "灯塔 \"one\"",
        "--style",
        "水墨画",
        "--requirement",
        "keep it\nshort",
        "--series",
        "00000000-0000-4000-8000-000000000001",
        "--episode",
        "00000000-0000-4000-9000-000000000010",
    ]);
    let row = &shared.service("dump")[&created];
    for (column, typed) in [
        ("job_type", json!(["str", "idea2video"])),
        ("mode", json!(["str", "idea"])),
        ("status", json!(["str", "queued"])),
        ("content", json!(["str", "A fox in the arcade at night"])),
        ("user_requirement", json!(["str", "keep it\nshort"])),
        ("style", json!(["str", "水墨画"])),
        ("project_title", json!(["str", "灯塔 \"one\""])),
        ("progress", json!(["float", 0.0])),
        ("total_shots", json!(["int", 0])),
        ("completed_shots", json!(["int", 0])),
        ("result_data", json!(["NoneType", null])),
        ("error_message", json!(["NoneType", null])),
        (
            "series_id",
            json!(["str", "00000000-0000-4000-8000-000000000001"]),
        ),
        (
            "episode_id",
            json!(["str", "00000000-0000-4000-9000-000000000010"]),
        ),
        ("started_at", json!(["NoneType", null])),
        ("completed_at", json!(["NoneType", null])),
    ] {
        assert_eq!(row[column], typed, "{column}");
    }
    assert_eq!(row["created_at"][0], "datetime");
    assert_eq!(row["updated_at"][0], "datetime");

    shared.jobctl(format!(
        "update {created} --status processing --progress 42.5 --stage 分镜"
    ));
    let row = &shared.service("dump")[&created];
    assert_eq!(row["progress"], json!(["float", 42.5]));
    assert_eq!(row["current_stage"], json!(["str", "分镜"]));
    assert_eq!(row["started_at"][0], "datetime");

    shared.jobctl(format!(
        "update {created} --total-shots 8 --completed-shots 3"
    ));
    let row = &shared.service("dump")[&created];
    assert_eq!(row["progress"], json!(["float", 37.5]));
    assert_eq!(
        (&row["total_shots"], &row["completed_shots"]),
        (&json!(["int", 8]), &json!(["int", 3]))
    );

    shared.jobctl([
        "update",
        &created,
        "--complete",
        r#"{"message": "完成", "score": 0.1, "shots": [1, null]}"#,
    ]);
    let row = &shared.service("dump")[&created];
    assert_eq!(row["status"], json!(["str", "completed"]));
    assert_eq!(row["progress"], json!(["float", 100.0]));
    assert_eq!(
        row["result_data"],
        json!(["dict", {"message": "完成", "score": 0.1, "shots": [1, null]}])
    );
    assert_eq!(row["completed_at"][0], "datetime");

    let second = shared.create("");
    shared.jobctl(format!("update {second} --status processing"));
    shared.jobctl(format!("update {second} --fail 'no such model: ünï'"));
    let row = &shared.service("dump")[&second];
    assert_eq!(row["error_message"], json!(["str", "no such model: ünï"]));
    shared.jobctl(format!("update {second} --requeue"));
    let row = &shared.service("dump")[&second];
    assert_eq!(row["status"], json!(["str", "queued"]));
    for column in [
        "error_message",
        "current_stage",
        "result_data",
        "started_at",
        "completed_at",
    ] {
        assert_eq!(
            row[column],
            json!(["NoneType", null]),
            "{column} after a requeue"
        );
    }
    shared.jobctl(format!("update {second} --cancel"));

    let failed = made.iter().filter(|(_, kind)| kind == "failed").count();
    let deleted = shared.jobctl_json("delete --status failed --yes");
    assert_eq!(deleted["deleted"], json!(failed));
    let (plain, _) = made.iter().find(|(_, kind)| kind == "plain").unwrap();
    shared.jobctl(format!("delete {plain}"));

    let dump = shared.write("dump.json", &legacy_dump().to_string());
    let summary = shared.jobctl_json(format!("migrate {dump} --timezone UTC"));
    assert_eq!(
        (&summary["read"], &summary["inserted"]),
        (&json!(2), &json!(2))
    );
    let rows = shared.service("dump");
    assert_eq!(
        rows[OLD]["created_at"],
        json!(["datetime", "2025-12-29T14:14:00.206000Z"])
    );
    assert_eq!(
        rows[OLD]["completed_at"],
        json!(["datetime", "2025-12-29T15:00:00.000000Z"])
    );
    assert_eq!(rows[OLD]["progress"], json!(["float", 100.0]));
    assert_eq!(
        rows[OLD]["result_data"],
        json!(["dict", {"message": "完成"}])
    );
    assert_eq!(rows[NEW]["progress"], json!(["float", 10.0]));
    assert_eq!(rows[NEW]["status"], json!(["str", "processing"]));

    shared.jobctl("cleanup --older-than 30d --yes");
    let rows = shared.service("dump");
    assert!(rows[OLD].is_null(), "cleanup left a job completed long ago");
    assert!(rows[NEW].is_object(), "cleanup took a job in processing");

    // Jobs that no command named are what they were, and so is everything that is no job.
    for (id, kind) in made
        .iter()
        .filter(|(id, kind)| kind != "failed" && id != plain)
    {
        assert_eq!(rows[id], rows_before[id], "{kind}");
    }
    assert_eq!(shared.checked(), (made.len() - failed - 1 + 2 + 1) as u64);
    assert_eq!(shared.snapshot(), before);
    assert_eq!(before["pragmas"]["journal_mode"], "delete");
}

const OLD: &str = "2f0b7a52-4a3c-4d7e-9f5e-0123456789ab";
const NEW: &str = "7d5e0a10-90c2-4c1f-8a55-ba9876543210";

/// One record of each older store, with times of both spellings.
fn legacy_dump() -> Value {
    json!({
        OLD: {
            "job_id": OLD, "type": "idea2video", "status": "completed",
            "created_at": "2025-12-29T14:14:00.206", "updated_at": "2025-12-29T15:00:00",
            "request": {"idea": "狐狸在夜里穿过商场", "user_requirement": "", "style": "anime", "project_title": null},
            "working_dir": ".working_dir/idea2video", "shots": [], "result": {"message": "完成"},
        },
        NEW: {
            "job_id": NEW, "pipeline_type": "script2video", "status": "running", "progress": 0.1, "video_path": null,
            "error": null, "episode_id": null,
            "request_data": {"script": "INT. KITCHEN - NIGHT", "user_requirement": "", "style": "noir", "title": "Rain"},
            "created_at": "2026-01-02T03:04:05.000006", "updated_at": "2026-01-02T03:04:05.000006",
        },
    })
}

#[test]
fn a_row_without_values_can_be_worked_on() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let made = shared.insert(9);
    let (bare, _) = made.iter().find(|(_, kind)| kind == "bare").unwrap();
    shared.jobctl(format!("update {bare} --title 'named at last'"));
    let row = &shared.service("dump")[bare];
    assert_eq!(row["project_title"], json!(["str", "named at last"]));
    for column in [
        "status",
        "progress",
        "total_shots",
        "completed_shots",
        "created_at",
        "request_data",
    ] {
        assert_eq!(row[column], json!(["NoneType", null]), "{column}");
    }
    let (null, _) = made.iter().find(|(_, kind)| kind == "json_null").unwrap();
    shared.jobctl(format!("update {null} --stage storyboard"));
    let stored = shared.service(format!("stored {null}"));
    assert_eq!(stored["request_data"], json!(["text", "null"]));
    assert_eq!(text(&stored["current_stage"][1]), "storyboard");
}
