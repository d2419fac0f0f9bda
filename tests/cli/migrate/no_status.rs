//! Records without a status: one that says elsewhere how it ended never comes in as queued, and the message has the line that
//! gives it its status.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, manager, only_job, pipeline, with, without};
use crate::support::{A, B, Output, Sandbox};

fn renamed(record: Value, fields: Value) -> Value {
    let record = without(record, "status");
    with(record, fields)
}

/// The program for jq in a message.
fn program(run: &Output) -> &str {
    let line = &run.stderr[run.stderr.find("jq '").expect("a line") + 4..];
    line.split_once("' FILE | jobctl migrate -")
        .expect("a line")
        .0
}

/// What jq makes of a dump with the line in the message.
fn mended(sandbox: &Sandbox, run: &Output, dump: &str) -> String {
    sandbox.write("dump.json", dump);
    let run = sandbox
        .program("jq", ["-c", program(run), "dump.json"])
        .run();
    run.ok().stdout
}

fn has_jq() -> bool {
    std::process::Command::new("jq")
        .arg("--version")
        .output()
        .is_ok()
}

/// An array, a dictionary, lines, a page, and one in a wrapper.
fn containers(record: &Value) -> [String; 6] {
    let other = with(record.clone(), json!({"job_id": B}));
    [
        record.to_string(),
        json!([record, other]).to_string(),
        json!({A: record, B: other}).to_string(),
        lines([record, &other]),
        json!({"jobs": [record, other], "total": 2}).to_string(),
        json!({"data": {"job": record}}).to_string(),
    ]
}

#[test]
fn a_status_under_another_name_is_rejected_with_the_line_that_renames_it() {
    for (name, word) in [
        ("state", "completed"),
        ("Status", "completed"),
        ("STATE", "completed"),
        ("job_status", "completed"),
        ("jobStatus", "completed"),
        ("job-status", "completed"),
        ("current_state", "completed"),
        ("pipeline_status", "completed"),
        ("state", "anything"),
        ("processing_state", "DONE"),
        ("status_text", "completed"),
        ("phase", "finished"),
    ] {
        for record in [api_server(A), pipeline(A), manager(A)] {
            let record = renamed(record, json!({name: word}));
            for dump in containers(&record) {
                let sandbox = Sandbox::report();
                let run = import(&sandbox, &dump, "").fails(65);
                assert_eq!(sandbox.count(), 0, "{dump}: {run}");
                assert!(run.stderr.contains(name), "{run}");
                assert!(run.stderr.contains("(.status = ."), "{run}");
            }
        }
    }
}

#[test]
fn the_line_mends_the_dump_whatever_its_container() {
    if !has_jq() {
        crate::machine::skipped("no jq is here");
        return;
    }
    let shot = json!({"shot_idx": 0, "state": "failed", "status": "failed"});
    for fields in [
        json!({"state": "completed"}),
        json!({"job-status": "completed"}),
        json!({"done": true}),
        json!({"data": {"status": "completed"}}),
        json!({"meta": {"run": {"state": "completed"}}}),
        json!({"state": "{\"status\": \"completed\"}"}),
    ] {
        let record = renamed(api_server(A), fields);
        let record = with(record, json!({"shots": [shot]}));
        for dump in containers(&record) {
            let sandbox = Sandbox::report();
            sandbox.write("dump.json", &dump);
            let run = sandbox.jobctl("migrate dump.json").run().fails(65);
            let mended = mended(&sandbox, &run, &dump);
            import(&sandbox, &mended, "").ok();
            let count = if dump.contains(B) { 2 } else { 1 };
            assert_eq!(sandbox.count(), count, "{mended}");
            assert_eq!(sandbox.cell(A, "status"), "text|completed", "{mended}");
        }
    }
}

/// The number says nothing to anybody but who wrote it.
#[test]
fn a_number_as_the_state_is_rejected_too() {
    let sandbox = Sandbox::report();
    let record = renamed(api_server(A), json!({"state": 3}));
    let run = import(&sandbox, record.to_string(), "").fails(65);
    run.stderr_has("it has no status, but its \\\"state\\\" is 3");
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_null_status_is_none() {
    for record in [api_server(A), pipeline(A), manager(A)] {
        let record = with(record, json!({"status": null, "state": "completed"}));
        let sandbox = Sandbox::report();
        import(&sandbox, record.to_string(), "").fails(65);
        assert_eq!(sandbox.count(), 0, "{record}");
    }
}

#[test]
fn a_state_in_the_object_around_it_is_that_of_the_record_too() {
    for record in [api_server(A), pipeline(A), manager(A)] {
        let record = without(record, "status");
        for around in [
            json!({"state": "completed", "job": record}),
            json!({"job": record, "state": "completed"}),
            json!({"id": A, "job_status": "completed", "data": {"job": record}}),
        ] {
            for dump in [
                around.to_string(),
                format!("{around:#}"),
                json!([around]).to_string(),
            ] {
                let sandbox = Sandbox::report();
                import(&sandbox, &dump, "")
                    .fails(65)
                    .stderr_has("stands beside it");
                assert_eq!(sandbox.count(), 0, "{dump}");
            }
        }
    }
}

#[test]
fn the_way_to_a_status_further_down_is_told() {
    for (fields, way) in [
        (
            json!({"data": {"status": "completed"}}),
            "one level lower, in \\\"data.status\\\"",
        ),
        (
            json!({"a": {"b": {"status": "completed"}}}),
            "two levels lower, in \\\"a.b.status\\\"",
        ),
        (
            json!({"a": {"b": {"c": {"state": "done"}}}}),
            "3 levels lower, in \\\"a.b.c.state\\\"",
        ),
    ] {
        let record = renamed(api_server(A), fields);
        let sandbox = Sandbox::report();
        import(&sandbox, record.to_string(), "")
            .fails(65)
            .stderr_has(way);
        assert_eq!(sandbox.count(), 0);
    }
}

/// As the table has it, and what wrote the dumps before.
#[test]
fn a_record_that_tells_of_no_status_is_queued() {
    for fields in [
        json!({"x": 1}),
        json!({"done": false}),
        json!({"state": null}),
        json!({"state": ""}),
        json!({"country_state": "Ohio"}),
        json!({"status_url": "https://x/y"}),
        json!({"current_stage": "completed"}),
    ] {
        let record = renamed(api_server(A), fields);
        let sandbox = Sandbox::new();
        let run = import(&sandbox, record.to_string(), "").ok();
        assert_eq!(counts(&run.json()), [1, 1, 0, 0, 0], "{record}");
        assert_eq!(only_job(&sandbox)["status"], "queued", "{record}");
    }
}

/// As a resource of JSON:API has its metadata.
#[test]
fn a_status_in_an_object_beside_the_record_is_that_of_the_record_too() {
    for record in [api_server(A), pipeline(A), manager(A)] {
        let record = without(record, "status");
        for beside in [
            json!({"status": "completed"}),
            json!({"run": {"state": "done"}}),
        ] {
            let resource = json!({"id": A, "type": "jobs", "attributes": record, "meta": beside});
            for dump in [
                json!([resource]).to_string(),
                json!({"data": [resource]}).to_string(),
                lines([&resource]),
            ] {
                let sandbox = Sandbox::report();
                import(&sandbox, &dump, "")
                    .fails(65)
                    .stderr_has("stands beside it");
                assert_eq!(sandbox.count(), 0, "{dump}");
            }
        }
    }
}
