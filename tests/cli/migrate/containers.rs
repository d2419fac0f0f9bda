//! What may stand around the records, recognised by content.

use serde_json::{Value, json};

use super::{
    api_server, counts, import, lines, manager, pipeline, row, sample, unmarked, with, without,
};
use crate::support::{A, B, C, D, Sandbox};

/// Imports a text into a fresh file: all the records of it must arrive under these ids.
#[track_caller]
fn arrives(text: impl AsRef<[u8]>, ids: &[&str]) {
    let sandbox = Sandbox::new();
    let summary = import(&sandbox, text, "").ok().json();
    let n = ids.len() as u64;
    assert_eq!(counts(&summary), [n, n, 0, 0, 0], "{summary}");
    assert_eq!(sandbox.ids(), ids);
}

#[test]
fn an_object_keyed_by_id() {
    arrives(
        json!({A: api_server(A), B: pipeline(B)}).to_string(),
        &[A, B],
    );
}

#[test]
fn an_object_keyed_by_id_whose_records_do_not_say_their_id() {
    arrives(
        json!({A: without(api_server(A), "job_id"), B: without(pipeline(B), "job_id")}).to_string(),
        &[A, B],
    );
}

#[test]
fn an_object_keyed_by_ids_that_are_no_uuids() {
    arrives(
        json!({"job-1": api_server("job-1"), "job-2": api_server("job-2")}).to_string(),
        &["job-1", "job-2"],
    );
}

#[test]
fn an_object_keyed_by_id_with_one_job() {
    arrives(json!({A: api_server(A)}).to_string(), &[A]);
}

#[test]
fn an_array() {
    arrives(
        json!([api_server(A), pipeline(B), manager(C)]).to_string(),
        &[A, B, C],
    );
}

#[test]
fn one_record_alone() {
    arrives(manager(A).to_string(), &[A]);
}

#[test]
fn json_lines() {
    arrives(
        lines(&[api_server(A), pipeline(B), manager(C), row(D)]),
        &[A, B, C, D],
    );
}

#[test]
fn json_lines_without_the_last_line_break() {
    arrives(lines(&[api_server(A), pipeline(B)]).trim_end(), &[A, B]);
}

#[test]
fn json_lines_with_empty_lines_and_carriage_returns() {
    let text = format!("\r\n{}\r\n\r\n  \n{}\r\n", manager(A), manager(B));
    arrives(text, &[A, B]);
}

#[test]
fn json_lines_that_are_objects_keyed_by_id() {
    arrives(
        lines(&[json!({A: api_server(A)}), json!({B: pipeline(B)})]),
        &[A, B],
    );
}

#[test]
fn documents_one_behind_the_other() {
    let text = format!(
        "{}{}{}",
        json!({A: api_server(A)}),
        json!([manager(B), manager(C)]),
        manager(D)
    );
    arrives(text, &[A, B, C, D]);
}

#[test]
fn documents_on_many_lines_one_behind_the_other() {
    let text = format!(
        "{:#}\n{:#}\n",
        json!({A: api_server(A)}),
        json!({B: pipeline(B)})
    );
    arrives(text, &[A, B]);
}

#[test]
fn a_page_of_the_api() {
    let page = json!({"total": 2, "limit": 50, "offset": 0, "has_more": false});
    arrives(
        json!({"jobs": [manager(A), manager(B)], "pagination": page}).to_string(),
        &[A, B],
    );
}

#[test]
fn a_page_of_the_api_whose_pagination_comes_first() {
    let page = json!({"total": 1, "limit": 50, "offset": 0, "has_more": false});
    let text = format!(r#"{{"pagination": {page}, "jobs": [{}]}}"#, manager(A));
    arrives(text, &[A]);
}

#[test]
fn a_page_that_list_printed() {
    let from = Sandbox::report();
    from.job(A, &[]);
    from.job(B, &[]);
    arrives(from.jobctl("list -o json").run().ok().stdout, &[A, B]);
}

#[test]
fn lines_that_list_printed() {
    let from = Sandbox::report();
    from.job(A, &[]);
    from.job(B, &[]);
    arrives(from.jobctl("list -o jsonl").run().ok().stdout, &[A, B]);
}

#[test]
fn several_stores_by_name_keyed_by_id() {
    arrives(
        json!({"jobs": {A: api_server(A), B: api_server(B)}, "pipeline_jobs": {C: pipeline(C)}})
            .to_string(),
        &[A, B, C],
    );
}

#[test]
fn several_stores_by_name_of_which_one_is_an_array_and_one_is_empty() {
    arrives(
        json!({"jobs": [], "pipeline_jobs": [pipeline(A)], "video_jobs": {B: manager(B)}})
            .to_string(),
        &[A, B],
    );
}

#[test]
fn several_stores_by_name_of_which_one_is_a_page_of_the_api() {
    let page = json!({"jobs": [manager(A)], "pagination": {"total": 1}});
    arrives(
        json!({"unified": page, "pipeline_jobs": {B: pipeline(B)}}).to_string(),
        &[A, B],
    );
}

#[test]
fn one_store_by_name() {
    arrives(
        json!({"pipeline_jobs": {A: pipeline(A), B: pipeline(B)}}).to_string(),
        &[A, B],
    );
}

#[test]
fn a_store_in_a_store() {
    arrives(
        json!({"server": {"jobs": {A: api_server(A)}, "pipeline_jobs": {B: pipeline(B)}}})
            .to_string(),
        &[A, B],
    );
}

#[test]
fn arrays_in_an_array() {
    arrives(
        json!([[manager(A)], [manager(B), manager(C)]]).to_string(),
        &[A, B, C],
    );
}

#[test]
fn what_is_cut_behind_its_first_brackets_is_a_torn_dump() {
    for text in ["[", "[[", "[[ ", " [\n[\n", "[[[", "{\"jobs\": [[", "[[]"] {
        let sandbox = Sandbox::report();
        let run = import(&sandbox, text, "-q").fails(65);
        let message = run.json_error()["message"].to_string();
        assert!(message.contains("the file ends i"), "{text}: {run}");
    }
}

#[test]
fn records_of_all_stores_in_one_container_are_told_apart_one_by_one() {
    let sandbox = Sandbox::new();
    let records = json!([api_server(A), pipeline(B), manager(C), row(D)]);
    let summary = import(&sandbox, records.to_string(), "").ok().json();
    let stores = summary["stores"].as_object().unwrap();
    assert_eq!(stores.len(), 4, "{summary}");
    assert!(
        stores
            .values()
            .all(|store| counts(store) == [1, 1, 0, 0, 0]),
        "{summary}"
    );
}

#[test]
fn a_record_whose_fields_hold_records_is_one_record() {
    let inner = json!({"jobs": {B: api_server(B)}, C: api_server(C)});
    arrives(
        with(api_server(A), json!({"children": inner})).to_string(),
        &[A],
    );
}

#[test]
fn a_file_that_begins_with_a_byte_order_mark() {
    arrives(format!("\u{feff}{}", json!({A: api_server(A)})), &[A]);
}

#[test]
fn every_sample_arrives_whole() {
    let samples = [
        ("api_server_jobs.json", 4),
        ("pipeline_jobs.json", 4),
        ("unified_api_jobs.json", 2),
        ("combined.json", 4),
    ];
    for (name, n) in samples {
        let sandbox = Sandbox::new();
        let summary: Value = sandbox
            .jobctl(["migrate", &sample(name), "-o", "json"])
            .run()
            .ok()
            .json();
        assert_eq!(counts(&summary), [n, n, 0, 0, 0], "{name}");
        assert_eq!(sandbox.count() as u64, n, "{name}");
    }
}

#[test]
fn the_sample_of_two_stores_is_counted_by_store() {
    let sandbox = Sandbox::new();
    let summary = sandbox
        .jobctl(["migrate", &sample("combined.json"), "-o", "json"])
        .run()
        .ok()
        .json();
    let stores: Vec<_> = summary["stores"]
        .as_object()
        .unwrap()
        .values()
        .map(counts)
        .collect();
    assert_eq!(stores, [[2, 2, 0, 0, 0], [2, 2, 0, 0, 0]]);
}

/// The text of an object with these members, in this order, on one line and on many.
#[track_caller]
fn arrives_with_members(members: &[(&str, Value)], ids: &[&str]) {
    let object: serde_json::Map<_, _> = members
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    arrives(json!(object).to_string(), ids);
    arrives(format!("{:#}", json!(object)), ids);
}

#[test]
fn stores_beside_values_that_are_called_like_a_field_of_a_job() {
    let jobs = json!([manager(A), manager(B)]);
    let keyed = json!({A: api_server(A), B: api_server(B)});
    let pipelines = json!({C: pipeline(C)});
    for (name, value) in [
        ("status", json!("ok")),
        ("title", json!("backup")),
        ("error", json!(null)),
        ("created_at", json!("2026-01-01T00:00:00")),
        ("progress", json!(100)),
        ("source", json!({"host": "a"})),
        ("error", json!({"code": 0, "shots": [1]})),
    ] {
        for store in [&jobs, &keyed] {
            let (one, jobs) = ((name, value.clone()), ("jobs", store.clone()));
            arrives_with_members(&[one.clone(), jobs.clone()], &[A, B]);
            arrives_with_members(&[jobs.clone(), one.clone()], &[A, B]);
            let more = ("pipeline_jobs", pipelines.clone());
            let all = [one.clone(), jobs.clone(), more.clone()];
            arrives_with_members(&all, &[A, B, C]);
            arrives_with_members(&[jobs, one, more], &[A, B, C]);
        }
        arrives_with_members(&[(name, value.clone()), ("jobs", json!([]))], &[]);
    }
}

#[test]
fn a_store_in_the_result_of_an_answer() {
    for result in [
        json!({"jobs": [manager(A), manager(B)]}),
        json!({"total": 2, "jobs": {A: manager(A), B: manager(B)}}),
        json!([manager(A), manager(B)]),
        json!({A: manager(A), B: manager(B)}),
    ] {
        let error = ("error", json!(null));
        arrives_with_members(&[error.clone(), ("result", result.clone())], &[A, B]);
        arrives_with_members(&[("result", result.clone()), error.clone()], &[A, B]);
        arrives_with_members(&[("status", json!("ok")), ("data", result)], &[A, B]);
    }
}

#[test]
fn answers_on_lines() {
    let page = |ids: [&str; 2]| json!({"status": "ok", "jobs": ids.map(manager)});
    arrives(lines(&[page([A, B]), page([C, D])]), &[A, B, C, D]);
}

#[test]
fn a_store_that_is_longer_than_any_look_ahead() {
    let ids: Vec<String> = (0..400)
        .map(|n| format!("{n:08x}-0000-4000-8000-000000000000"))
        .collect();
    let records: Vec<_> = ids.iter().map(|id| manager(id)).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    arrives_with_members(&[("status", json!("ok")), ("jobs", json!(records))], &ids);
    let result = json!({"status": "ok", "jobs": records});
    arrives_with_members(&[("error", json!(null)), ("result", result)], &ids);
}

/// The members in the order of their names, as some writers have them.
fn sorted(record: &Value) -> Value {
    let mut members: Vec<_> = record.as_object().unwrap().clone().into_iter().collect();
    members.sort_by(|one, other| one.0.cmp(&other.0));
    Value::Object(members.into_iter().collect())
}

#[test]
fn a_record_whose_parts_hold_jobs_by_name_is_one_record() {
    let jobs = json!({"jobs": [manager(C)], "pipeline_jobs": {D: pipeline(D)}});
    let long = json!({"jobs": [manager(C)], "text": "x".repeat(100_000)});
    for inner in [jobs, long] {
        for record in [
            with(api_server(A), json!({"result": inner})),
            with(pipeline(A), json!({"result": inner})),
            with(unmarked(A), json!({"context": inner, "result_data": inner})),
            with(manager(A), json!({"result": inner, "context": inner})),
            with(
                pipeline(A),
                json!({"request_data": with(pipeline(A)["request_data"].clone(), inner.clone())}),
            ),
        ] {
            let sorted = sorted(&record);
            arrives(record.to_string(), &[A]);
            arrives(json!([record, manager(B)]).to_string(), &[A, B]);
            arrives(json!([sorted]).to_string(), &[A]);
            arrives(format!("{:#}", json!([sorted])), &[A]);
            arrives(json!({A: sorted}).to_string(), &[A]);
        }
    }
}
