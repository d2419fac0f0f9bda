//! `--fields`.

use serde_json::json;

use super::{bad, four, list};
use crate::support::{A, B, COLUMNS, KEYS};

#[test]
fn fields_are_the_keys_of_json_in_the_order_given() {
    let document = list(&four(), "--fields status,job_id,project_title -o json")
        .ok()
        .json();
    let keys: Vec<_> = document["jobs"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["status", "job_id", "project_title"]);
}

#[test]
fn fields_are_named_by_column_too() {
    let document = list(&four(), "--fields id,error_message,result_data -o json")
        .ok()
        .json();
    let keys: Vec<_> = document["jobs"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["job_id", "error", "result"]);
}

#[test]
fn fields_are_named_by_flag_too() {
    let document = list(
        &four(),
        "--fields type,title,stage,total-shots,series -o json",
    )
    .ok()
    .json();
    let keys: Vec<_> = document["jobs"][0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "job_type",
            "project_title",
            "current_stage",
            "total_shots",
            "series_id"
        ]
    );
}

#[test]
fn every_key_and_every_column_is_a_field() {
    let document = list(&four(), ["--fields", &KEYS.join(","), "-o", "json"])
        .ok()
        .json();
    assert_eq!(
        document["jobs"][0]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        KEYS
    );
    let document = list(&four(), ["--fields", &COLUMNS.join(","), "-o", "json"])
        .ok()
        .json();
    assert_eq!(
        document["jobs"][0]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        KEYS
    );
}

#[test]
fn fields_hold_for_jsonl() {
    let jobs = list(&four(), "--fields id,status -o jsonl").ok().jsonl();
    assert_eq!(jobs[0], json!({"job_id": A, "status": "queued"}));
    assert_eq!(jobs.len(), 4);
}

#[test]
fn fields_hold_for_csv() {
    let output = list(&four(), "--fields id,status -o csv").ok();
    assert_eq!(output.lines()[0], "job_id,status");
    assert_eq!(output.lines()[2], format!("{B},failed"));
}

#[test]
fn fields_hold_for_the_table() {
    let output = list(&four(), "--fields id,error").ok();
    output
        .stdout_has(B)
        .stdout_has("rate limit of the model")
        .stdout_lacks("The Cat");
}

#[test]
fn an_unknown_field_is_a_usage_error_with_its_nearest_match() {
    bad("--fields id,statsu", &["--fields", "statsu", "status"]);
}
