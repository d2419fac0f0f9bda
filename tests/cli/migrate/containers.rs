//! What may stand around the records, recognised by content.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, manager, pipeline, row, sample, with, without};
use crate::support::{A, B, C, D, Sandbox};

/// Imports a text into a fresh file: all the records of it must arrive under these ids.
#[track_caller]
fn arrives(text: impl AsRef<[u8]>, ids: &[&str]) {
    let sandbox = Sandbox::new();
    let summary = import(&sandbox, text, &[]).ok().json();
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
    arrives(
        from.jobctl(["list", "-o", "json"]).run().ok().stdout,
        &[A, B],
    );
}

#[test]
fn lines_that_list_printed() {
    let from = Sandbox::report();
    from.job(A, &[]);
    from.job(B, &[]);
    arrives(
        from.jobctl(["list", "-o", "jsonl"]).run().ok().stdout,
        &[A, B],
    );
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
fn records_of_all_stores_in_one_container_are_told_apart_one_by_one() {
    let sandbox = Sandbox::new();
    let records = json!([api_server(A), pipeline(B), manager(C), row(D)]);
    let summary = import(&sandbox, records.to_string(), &[]).ok().json();
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
