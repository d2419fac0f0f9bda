//! Which objects are jobs: what other programs write has an id and a type too, and must not come in.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, manager, only_job, pipeline, with, without};
use crate::support::{A, B, Output, Sandbox};

/// Nothing of it comes in, and no database is made for it.
#[track_caller]
fn is_no_job(text: impl AsRef<[u8]>) -> Output {
    let text = text.as_ref();
    for more in ["", "--dry-run"] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, text, more).fails(65);
        let summary = run.json();
        assert_eq!(summary["inserted"], 0, "{run}");
        assert!(!sandbox.db().exists(), "{run}");
    }
    let sandbox = Sandbox::service();
    let run = import(&sandbox, text, "").fails(65);
    assert_eq!(sandbox.count(), 0, "{run}");
    run
}

#[track_caller]
fn is_of_no_known_shape(text: impl AsRef<[u8]>) {
    is_no_job(text).stderr_has("of no known shape");
}

#[test]
fn what_other_programs_write_is_no_job() {
    for document in [
        json!([{"id": "1", "type": "user", "name": "A"}, {"id": "2", "type": "admin", "name": "B"}]),
        json!({"id": A, "type": "idea2video"}),
        json!({"id": A, "type": "idea2video", "name": "a", "status": "completed"}),
        json!({"name": "web", "version": "1.0.0", "type": "module", "scripts": {"test": "x"}}),
        json!({"$schema": "https://json-schema.org/draft-07/schema", "type": "object", "title": "Job",
            "properties": {"status": {"type": "string"}, "created_at": {"type": "string"}}}),
        json!({"id": "22249084964", "type": "PushEvent", "actor": {"id": 583231, "login": "octocat"},
            "repo": {"id": 1, "name": "octocat/hello"}, "payload": {"push_id": 10, "size": 1},
            "public": true, "created_at": "2022-06-09T12:47:28Z"}),
        json!([{"Id": "e90e34656806", "Created": "2015-01-06T15:47:31.485331387Z", "Path": "date",
            "State": {"Status": "running"}, "Mounts": [{"Type": "volume"}]}]),
        json!({"specversion": "1.0", "id": A, "type": "com.example.created", "source": "/x",
            "time": "2025-12-28T11:30:14Z", "data": {"status": "completed"}}),
        json!({"type": "FeatureCollection", "features": [{"type": "Feature", "id": "1",
            "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"title": "a"}}]}),
        json!({"id": "ch_1", "type": "charge", "status": "succeeded", "created_at": "2025-12-28T11:30:14Z",
            "updated_at": "2025-12-28T11:30:14Z", "amount": 5}),
        json!({"job_id": A, "type": "export", "status": "done", "request": {}}),
        json!({"job_id": A, "job_type": "mail", "created_at": "2025-12-28T11:30:14Z", "progress": 5}),
        json!({"mode": "dark", "status": "on", "error": null, "style": "flat"}),
        json!({"id": "1", "type": "request", "status": "ok", "created_at": "2025-12-28T11:30:14Z", "request": {"path": "/"}}),
    ] {
        is_of_no_known_shape(document.to_string());
        is_of_no_known_shape(format!("{document:#}"));
    }
    let log = |n| json!({"level": "info", "type": "log", "id": n, "message": "started", "time": "2025-12-28T11:30:14Z"});
    is_of_no_known_shape(lines(&[log(1), log(2)]));
}

#[test]
fn a_mark_and_two_more_fields_make_a_job() {
    for record in [
        json!({"id": A, "type": "idea2video", "status": "completed", "created_at": "2025-12-28T11:30:14"}),
        json!({"job_id": A, "type": "script2video", "request": {"script": "A dog"}}),
        json!({"job_id": A, "pipeline_type": "idea2video", "progress": 0.5}),
        json!({"job_id": A, "mode": "idea", "title": "The Cat"}),
        json!({"id": A, "job_type": "conversational", "mode": "idea", "content": "A cat"}),
    ] {
        let sandbox = Sandbox::new();
        import(&sandbox, record.to_string(), "").ok();
        assert_eq!(sandbox.ids(), [A], "{record}");
    }
}

#[test]
fn a_type_that_nobody_knows_needs_a_status_and_a_creation_too() {
    for (record, kind) in [
        (api_server(A), "type"),
        (pipeline(A), "pipeline_type"),
        (
            with(without(manager(A), "mode"), json!({"job_type": "x"})),
            "job_type",
        ),
    ] {
        let record = with(record, json!({kind: "novel2video"}));
        let sandbox = Sandbox::new();
        import(&sandbox, record.to_string(), "").ok();
        assert_eq!(only_job(&sandbox)["job_type"], "novel2video", "{record}");
        for field in ["status", "created_at"] {
            is_of_no_known_shape(without(record.clone(), field).to_string());
        }
    }
}

#[test]
fn a_record_whose_fields_stand_one_level_lower_is_that_record() {
    for record in [api_server(B), pipeline(B), manager(B)] {
        let record = with(record, json!({"status": "completed"}));
        let inner = without(record.clone(), "job_id");
        for name in [
            "data",
            "attributes",
            "fields",
            "_source",
            "job",
            "payload",
            "doc",
        ] {
            for outer in [
                json!({"id": A, "type": "jobs", name: inner}),
                json!({"id": A, name: {"job": inner}}),
            ] {
                for text in [
                    outer.to_string(),
                    format!("{outer:#}"),
                    json!([outer]).to_string(),
                ] {
                    let sandbox = Sandbox::new();
                    import(&sandbox, &text, "").ok();
                    let job = only_job(&sandbox);
                    assert_eq!(job["status"], "completed", "{text}");
                    assert_eq!(job["job_id"], A, "{text}");
                }
            }
        }
    }
}

#[test]
fn a_completed_job_whose_status_stands_elsewhere_never_comes_in_as_queued() {
    let record = without(api_server(A), "status");
    let state = json!({"status": "completed", "progress": 100});
    for name in ["data", "attributes", "fields", "state"] {
        for document in [
            with(record.clone(), json!({name: state})),
            json!({"id": A, "status": "completed", name: record}),
            json!({"id": A, "type": "jobs", "status": "completed", name: record}),
            json!({name: record, "status": "completed"}),
            json!({"status": "completed", "event": {"job": record}}),
        ] {
            is_no_job(document.to_string()).stderr_has("status");
            is_no_job(format!("{document:#}")).stderr_has("status");
            let text = json!([document]).to_string();
            is_no_job(text).stderr_has("status");
        }
    }
}

#[test]
fn a_second_import_rejects_the_same() {
    let documents: Vec<Value> = vec![
        api_server(A),
        json!({"id": A, "type": "user", "status": "x"}),
        with(
            without(api_server(A), "status"),
            json!({"data": {"status": "completed"}}),
        ),
    ];
    let sandbox = Sandbox::new();
    let first = import(&sandbox, lines(&documents), "").fails(65);
    let second = import(&sandbox, lines(&documents), "").fails(65);
    assert_eq!(counts(&first.json()), [3, 1, 0, 0, 2]);
    assert_eq!(counts(&second.json()), [3, 0, 0, 1, 2]);
}

/// Wherever the status went, the job does not come in as queued.
#[test]
fn a_status_further_down_or_in_a_text_is_not_passed_over() {
    let state = json!({"status": "completed", "progress": 100});
    for (name, value) in [
        ("state", state.clone()),
        ("meta", json!({"state": state})),
        ("meta", json!({"a": {"state": state}})),
        ("state", json!(state.to_string())),
        (
            "meta",
            json!({"state": json!(state.to_string()).to_string()}),
        ),
    ] {
        let record = with(without(api_server(A), "status"), json!({name: value}));
        is_no_job(record.to_string())
            .stderr_has("its status stands ")
            .stderr_has(" lower, in ");
    }
    // One that is none of the job's.
    for (name, value) in [
        ("http", json!({"status": 200})),
        ("result", json!({"status": "ok"})),
    ] {
        let record = with(without(api_server(A), "status"), json!({name: value}));
        let sandbox = Sandbox::new();
        import(&sandbox, record.to_string(), "").ok();
        assert_eq!(sandbox.ids(), [A]);
    }
}

#[test]
fn a_dump_in_a_text_of_an_object_is_told_with_the_way_out() {
    let other = json!({"JOB_ID": A, "REQUEST": "{\"idea\": {\"a\": 1}}", "STATUS": "x"});
    let run = is_no_job(other.to_string());
    assert!(!run.stderr.contains("fromjson"), "{run}");
    for text in [
        json!([api_server(A)]).to_string(),
        json!({A: api_server(A)}).to_string(),
    ] {
        is_no_job(json!({"total": 1, "jobs": text}).to_string()).stderr_has(
            "its \\\"jobs\\\" is JSON in a text; if the jobs are there: jq '.\\\"jobs\\\" | fromjson' FILE | jobctl migrate -",
        );
    }
}
