//! The record shapes, and what becomes of their fields.

use serde_json::{Value, json};

use super::{api_server, import, imported, manager, only_job, pipeline, with, without};
use crate::support::{A, KEYS, Sandbox};

const NY: &str = "--timezone America/New_York";

fn shots(states: &[&str]) -> Value {
    states
        .iter()
        .enumerate()
        .map(|(i, status)| json!({"shot_idx": i, "status": status, "visual_desc": null}))
        .collect()
}

#[test]
fn api_server_gives_the_texts_of_its_request() {
    let job = imported(&api_server(A), NY);
    assert_eq!(job["content"], "A lighthouse keeper teaches a robot.");
    assert_eq!(job["user_requirement"], "At most 3 scenes.");
    assert_eq!(job["style"], "Cartoon style");
    assert_eq!(job["project_title"], "The Keeper");
    assert_eq!(job["working_dir"], ".working_dir/idea2video");
    assert_eq!(
        (&job["job_type"], &job["mode"]),
        (&json!("idea2video"), &json!("idea"))
    );
}

#[test]
fn api_server_gives_a_script_as_the_content() {
    let request = json!({"script": "INT. KITCHEN - NIGHT\n\"You said\"", "user_requirement": "", "style": "Anime", "project_title": null});
    let job = imported(
        &with(
            api_server(A),
            json!({"type": "script2video", "request": request}),
        ),
        NY,
    );
    assert_eq!(job["content"], "INT. KITCHEN - NIGHT\n\"You said\"");
    assert_eq!(
        (&job["job_type"], &job["mode"]),
        (&json!("script2video"), &json!("script"))
    );
    assert_eq!(job["project_title"], Value::Null);
}

#[test]
fn api_server_keeps_its_request_whole() {
    let record = api_server(A);
    assert_eq!(imported(&record, NY)["request_data"], record["request"]);
}

#[test]
fn api_server_without_progress_has_0() {
    let sandbox = Sandbox::new();
    import(&sandbox, api_server(A).to_string(), NY).ok();
    assert_eq!(sandbox.cell(A, "progress"), "real|0.0");
}

#[test]
fn api_server_progress_is_a_percentage() {
    let job = imported(
        &with(
            api_server(A),
            json!({"status": "processing", "progress": 0.5}),
        ),
        NY,
    );
    assert_eq!(job["progress"], 0.5);
}

#[test]
fn api_server_shots_are_counted() {
    let shots = shots(&[
        "completed",
        "generating_video",
        "completed",
        "failed",
        "pending",
    ]);
    let job = imported(&with(api_server(A), json!({"shots": shots})), NY);
    assert_eq!(
        (&job["total_shots"], &job["completed_shots"]),
        (&json!(5), &json!(2))
    );
}

#[test]
fn api_server_shots_are_kept_as_they_are() {
    let shots = shots(&["completed", "pending"]);
    let job = imported(&with(api_server(A), json!({"shots": shots})), NY);
    assert_eq!(job["context"]["legacy"]["shots"], shots);
}

#[test]
fn api_server_without_shots_has_none() {
    let sandbox = Sandbox::new();
    import(&sandbox, without(api_server(A), "shots").to_string(), NY).ok();
    assert_eq!(
        [
            sandbox.cell(A, "total_shots"),
            sandbox.cell(A, "completed_shots")
        ],
        ["integer|0", "integer|0"]
    );
}

#[test]
fn api_server_gives_result_error_and_stage() {
    let result = json!({"message": "done", "final_video_path": "/media/x.mp4", "total_shots": 2});
    let fields = json!({"status": "failed", "result": result, "error": "it broke", "current_stage": "Developing story"});
    let job = imported(&with(api_server(A), fields), NY);
    assert_eq!(job["result"], result);
    assert_eq!(job["error"], "it broke");
    assert_eq!(job["current_stage"], "Developing story");
}

#[test]
fn api_server_keeps_every_state() {
    for status in ["queued", "processing", "completed", "failed", "cancelled"] {
        let job = imported(&with(api_server(A), json!({"status": status})), NY);
        assert_eq!(job["status"], status);
    }
}

#[test]
fn the_direct_pipeline_gives_the_texts_of_its_request() {
    let job = imported(&pipeline(A), "");
    assert_eq!(job["content"], "An old cartographer draws a road.");
    assert_eq!(job["user_requirement"], "No words.");
    assert_eq!(job["style"], "film noir");
    assert_eq!(job["project_title"], "The Road");
    assert_eq!(
        (&job["job_type"], &job["mode"]),
        (&json!("idea2video"), &json!("idea"))
    );
}

#[test]
fn the_direct_pipeline_gives_a_script_as_the_content() {
    let request = json!({"script": "INT. LIFT - CONTINUOUS", "user_requirement": "", "style": "", "title": null});
    let job = imported(
        &with(
            pipeline(A),
            json!({"pipeline_type": "script2video", "request_data": request}),
        ),
        "",
    );
    assert_eq!(job["content"], "INT. LIFT - CONTINUOUS");
    assert_eq!(job["mode"], "script");
}

#[test]
fn the_direct_pipeline_has_states_of_its_own() {
    for (theirs, ours) in [
        ("pending", "queued"),
        ("running", "processing"),
        ("completed", "completed"),
        ("failed", "failed"),
    ] {
        let job = imported(&with(pipeline(A), json!({"status": theirs})), "");
        assert_eq!(job["status"], ours, "{theirs}");
    }
}

#[test]
fn the_direct_pipeline_has_progress_as_a_fraction() {
    for (theirs, ours) in [
        (0.0, 0.0),
        (0.1, 10.0),
        (0.2, 20.0),
        (0.5, 50.0),
        (0.07, 7.0),
        (0.29, 29.0),
        (1.0, 100.0),
    ] {
        let job = imported(
            &with(
                pipeline(A),
                json!({"status": "running", "progress": theirs}),
            ),
            "",
        );
        let progress = job["progress"].as_f64().unwrap();
        assert!((progress - ours).abs() < 1e-9, "{theirs} gave {progress}");
    }
}

#[test]
fn the_direct_pipeline_whole_number_1_is_all_of_it() {
    let job = imported(
        &with(pipeline(A), json!({"status": "running", "progress": 1})),
        "",
    );
    assert_eq!(job["progress"], 100.0);
}

#[test]
fn the_direct_pipeline_video_path_goes_into_the_result() {
    let job = imported(
        &with(
            pipeline(A),
            json!({"status": "completed", "video_path": "a/final_video.mp4"}),
        ),
        "",
    );
    assert_eq!(job["result"]["video_path"], "a/final_video.mp4");
}

#[test]
fn the_direct_pipeline_without_a_video_has_no_result() {
    assert_eq!(imported(&pipeline(A), "")["result"], Value::Null);
}

#[test]
fn the_direct_pipeline_gives_series_and_episode() {
    let request = with(
        pipeline(A)["request_data"].clone(),
        json!({"series_id": "series-9", "episode_number": 4}),
    );
    let job = imported(
        &with(
            pipeline(A),
            json!({"episode_id": "episode-9", "request_data": request}),
        ),
        "",
    );
    assert_eq!(
        (&job["series_id"], &job["episode_id"]),
        (&json!("series-9"), &json!("episode-9"))
    );
    assert_eq!(job["request_data"], request);
}

#[test]
fn the_direct_pipeline_takes_the_episode_of_its_request() {
    let request = with(
        pipeline(A)["request_data"].clone(),
        json!({"episode_id": "episode-9"}),
    );
    let job = imported(
        &with(
            without(pipeline(A), "episode_id"),
            json!({"request_data": request}),
        ),
        "",
    );
    assert_eq!(job["episode_id"], "episode-9");
}

#[test]
fn the_manager_gives_its_older_names() {
    let fields = json!({"status": "completed", "video_path": "/media/x.mp4", "total_shots": 12, "current_stage": "Developing story"});
    let job = imported(&with(manager(A), fields), "");
    assert_eq!(job["project_title"], "Small Gods");
    assert_eq!(job["result"]["video_path"], "/media/x.mp4");
    assert_eq!(job["total_shots"], 12);
    assert_eq!(job["current_stage"], "Developing story");
    assert_eq!(job["working_dir"], ".working_dir/idea2video/x");
}

#[test]
fn the_manager_s_error_details_are_kept_beside_the_error() {
    let details = json!({"reason": "cancelled by user", "code": 499});
    let job = imported(
        &with(
            manager(A),
            json!({"status": "failed", "error": "it broke", "error_details": details}),
        ),
        "",
    );
    assert_eq!(job["error"], "it broke");
    assert!(
        job["context"].to_string().contains(&details.to_string()),
        "{job}"
    );
}

#[test]
fn the_mode_alone_gives_the_type() {
    for (mode, job_type) in [("idea", "idea2video"), ("script", "script2video")] {
        let job = imported(&with(manager(A), json!({"mode": mode})), "");
        assert_eq!(
            (&job["mode"], &job["job_type"]),
            (&json!(mode), &json!(job_type))
        );
    }
}

#[test]
fn the_type_alone_gives_the_mode() {
    let job = imported(
        &with(
            without(manager(A), "mode"),
            json!({"job_type": "script2video"}),
        ),
        "",
    );
    assert_eq!(
        (&job["mode"], &job["job_type"]),
        (&json!("script"), &json!("script2video"))
    );
}

#[test]
fn another_type_is_kept() {
    let job = imported(
        &with(manager(A), json!({"job_type": "novel2video", "mode": null})),
        "",
    );
    assert_eq!(
        (&job["mode"], &job["job_type"]),
        (&Value::Null, &json!("novel2video"))
    );
}

/// A job with something in every column, in the job form.
fn full() -> Value {
    json!({
        "job_id": A, "job_type": "script2video", "mode": "script", "status": "failed",
        "content": "INT. LIFT\n\"Nobody\" speaks. \u{6f06}\u{9ed1} \u{1f680}", "user_requirement": "r", "style": "s", "project_title": "t",
        "request_data": {"a": [1, 2.5, null]}, "context": {"b": {"c": "d"}}, "progress": 12.5, "current_stage": "stage",
        "working_dir": "w", "result": {"r": 1}, "error": "e", "total_shots": 8, "completed_shots": 1, "episode_id": "ep",
        "series_id": "se", "created_at": "2025-12-29T08:00:00.000001Z", "updated_at": "2025-12-29T09:00:00.000000Z",
        "started_at": "2025-12-29T08:30:00.500000Z", "completed_at": "2025-12-29T09:00:00.000000Z",
    })
}

#[test]
fn the_job_form_arrives_as_it_is() {
    assert_eq!(imported(&full(), ""), full());
}

#[test]
fn the_job_form_of_show_arrives_as_it_is() {
    let from = Sandbox::new();
    import(&from, full().to_string(), "").ok();
    let shown = from.jobctl("show $A -o json").run().ok().stdout;
    let to = Sandbox::new();
    import(&to, shown, "").ok();
    assert_eq!(to.row(A), from.row(A));
}

#[test]
fn the_column_names_are_taken_for_the_keys() {
    let mut record = full();
    for (key, column) in [("result", "result_data"), ("error", "error_message")] {
        record[column] = record[key].clone();
        record = without(record, key);
    }
    assert_eq!(imported(&record, ""), full());
}

#[test]
fn the_table_holds_every_column_in_the_type_that_the_service_reads() {
    let sandbox = Sandbox::new();
    import(&sandbox, full().to_string(), "").ok();
    assert_eq!(sandbox.cell(A, "progress"), "real|12.5");
    assert_eq!(sandbox.cell(A, "total_shots"), "integer|8");
    assert_eq!(
        sandbox.cell(A, "created_at"),
        "text|2025-12-29 08:00:00.000001"
    );
    assert_eq!(
        sandbox.cell(A, "started_at"),
        "text|2025-12-29 08:30:00.500000"
    );
    let result: Value = serde_json::from_str(
        sandbox
            .cell(A, "result_data")
            .strip_prefix("text|")
            .unwrap(),
    )
    .unwrap();
    assert_eq!(result, json!({"r": 1}));
}

#[test]
fn an_imported_job_has_all_keys() {
    for record in [api_server(A), pipeline(A), manager(A)] {
        let job = imported(&record, NY);
        let keys: Vec<&String> = job.as_object().unwrap().keys().collect();
        assert_eq!(keys, KEYS);
    }
}

#[test]
fn every_field_without_a_column_is_kept_with_the_name_of_the_store() {
    let odd =
        json!({"worker": "gpu-3", "retries": 2, "deep": {"a": [1, {"b": null}]}, "nothing": null});
    for (record, store) in [
        (api_server(A), "api_server"),
        (pipeline(A), "direct_pipeline"),
        (manager(A), "job_manager"),
    ] {
        let legacy = imported(&with(record, odd.clone()), NY)["context"]["legacy"].clone();
        assert_eq!(legacy["store"], store);
        for (name, value) in odd.as_object().unwrap() {
            assert_eq!(&legacy[name], value, "{name} of {store}");
            assert!(
                legacy.as_object().unwrap().contains_key(name),
                "{name} of {store}"
            );
        }
    }
}

#[test]
fn the_context_of_the_record_stays_beside_what_is_left_over() {
    let record = with(full(), json!({"context": {"b": 1}, "worker": "gpu-3"}));
    let context = imported(&record, "")["context"].clone();
    assert_eq!(
        (&context["b"], &context["legacy"]["worker"]),
        (&json!(1), &json!("gpu-3"))
    );
}

#[test]
fn a_large_number_left_over_keeps_its_digits() {
    let text = api_server(A).to_string().replacen(
        '{',
        r#"{"seed": 123456789012345678901234567890, "ratio": 0.10000000000000000555, "#,
        1,
    );
    let sandbox = Sandbox::new();
    import(&sandbox, text, "").ok();
    let context = sandbox.cell(A, "context");
    assert!(
        context.contains("123456789012345678901234567890"),
        "{context}"
    );
}

#[test]
fn completed_has_progress_100() {
    for record in [api_server(A), pipeline(A), manager(A)] {
        let job = imported(
            &with(record, json!({"status": "completed", "progress": 0.4})),
            NY,
        );
        assert_eq!(job["progress"], 100.0);
    }
}

#[test]
fn an_end_state_without_completed_at_takes_updated_at() {
    for status in ["completed", "failed", "cancelled"] {
        for record in [api_server(A), pipeline(A), manager(A)] {
            let job = imported(&with(record, json!({"status": status})), "--timezone UTC");
            assert_eq!(job["completed_at"], job["updated_at"], "{job}");
            assert_ne!(job["completed_at"], Value::Null);
        }
    }
}

#[test]
fn a_completed_at_of_the_record_holds() {
    let job = imported(
        &with(
            manager(A),
            json!({"status": "completed", "completed_at": "2025-12-29T08:30:00"}),
        ),
        "",
    );
    assert_eq!(job["completed_at"], "2025-12-29T08:30:00.000000Z");
}

#[test]
fn a_job_that_has_not_ended_gets_no_completed_at() {
    for status in ["queued", "processing", "archived"] {
        assert_eq!(
            imported(&with(manager(A), json!({"status": status})), "")["completed_at"],
            Value::Null
        );
    }
}

#[test]
fn chinese_text_written_as_escapes_arrives_as_text() {
    let sandbox = Sandbox::new();
    let text = manager(A)
        .to_string()
        .replace("Small Gods", "\\u7b2c\\u4e00\\u6b21\\ud83d\\ude80");
    import(&sandbox, text, "").ok();
    assert_eq!(
        only_job(&sandbox)["project_title"],
        "\u{7b2c}\u{4e00}\u{6b21}\u{1f680}"
    );
}

#[test]
fn an_unknown_status_is_kept_and_counted() {
    let sandbox = Sandbox::new();
    let records = json!([with(manager(A), json!({"status": "archived"}))]);
    let summary = import(&sandbox, records.to_string(), "").ok().json();
    assert_eq!(sandbox.cell(A, "status"), "text|archived");
    assert_eq!(summary["unknown_status"], 1);
}

#[test]
fn an_unknown_status_is_told_in_words_too() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "dump.json",
        with(manager(A), json!({"status": "archived"})).to_string(),
    );
    sandbox
        .jobctl("migrate dump.json")
        .run()
        .ok()
        .stderr_has("1 job")
        .stderr_has("status");
}

#[test]
fn jobs_still_processing_are_counted() {
    let sandbox = Sandbox::new();
    let records = json!([with(pipeline(A), json!({"status": "running"}))]);
    assert_eq!(
        import(&sandbox, records.to_string(), "").ok().json()["still_processing"],
        1
    );
}
