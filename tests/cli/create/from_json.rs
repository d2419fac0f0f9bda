//! Whole jobs from JSON.

use serde_json::{Value, json};

use super::IDEA;
use crate::support::{A, B, Sandbox};

#[test]
fn makes_a_job_from_json_text() {
    let sandbox = Sandbox::new();
    let job =
        json!({"job_type": "idea2video", "content": IDEA, "project_title": "The Cat"}).to_string();
    let output = sandbox
        .jobctl(["create", "--json", &job, "-o", "json"])
        .run()
        .ok();
    let made = output.json();
    assert_eq!(made["project_title"], "The Cat");
    assert_eq!(made["status"], "queued");
    assert_eq!(made["mode"], "idea");
}

#[test]
fn makes_a_job_from_a_json_file() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "job.json",
        json!({"job_id": A, "job_type": "idea2video", "content": IDEA}).to_string(),
    );
    sandbox
        .jobctl("create --json @job.json")
        .run()
        .ok()
        .stdout_is(&format!("{A}\n"));
}

#[test]
fn makes_a_job_from_json_on_stdin() {
    let sandbox = Sandbox::new();
    let job = json!({"job_id": A, "job_type": "idea2video", "content": IDEA}).to_string();
    sandbox
        .jobctl("create --json -")
        .stdin(job)
        .run()
        .ok()
        .stdout_is(&format!("{A}\n"));
}

#[test]
fn takes_every_key_that_show_gives() {
    let sandbox = Sandbox::report();
    sandbox.job(
        A,
        &[
            ("status", &"failed"),
            ("user_requirement", &"no rain"),
            ("style", &"anime"),
            ("project_title", &"猫"),
            (
                "request_data",
                &"{\"idea\": \"x\", \"n\": 12345678901234567890}",
            ),
            ("context", &"{\"k\": [1, 2.50]}"),
            ("progress", &37.5),
            ("current_stage", &"storyboard"),
            ("working_dir", &"/w"),
            ("result_data", &"[1]"),
            ("error_message", &"line\nline"),
            ("total_shots", &8),
            ("completed_shots", &3),
            ("episode_id", &"e"),
            ("series_id", &"s"),
            ("started_at", &"2026-01-10 00:00:01.000000"),
            ("completed_at", &"2026-01-10 00:00:02.000000"),
        ],
    );
    let shown = sandbox.jobctl("show $A -o json").run().ok();
    let output = sandbox
        .jobctl("create --json - --db copy.db -o json")
        .stdin(&shown.stdout)
        .run()
        .ok();
    assert_eq!(output.json(), shown.json());
}

#[test]
fn makes_several_jobs_from_an_array_and_prints_their_ids_in_order() {
    let sandbox = Sandbox::new();
    let jobs = json!([
        {"job_id": B, "job_type": "idea2video", "content": IDEA},
        {"job_id": A, "job_type": "idea2video", "content": IDEA},
    ]);
    sandbox
        .jobctl(["create", "--json", &jobs.to_string()])
        .run()
        .ok()
        .stdout_is(&format!("{B}\n{A}\n"));
}

#[test]
fn gives_an_array_as_json_for_several_jobs() {
    let sandbox = Sandbox::new();
    let jobs = json!([
        {"job_id": A, "job_type": "idea2video", "content": IDEA},
        {"job_id": B, "job_type": "idea2video", "content": IDEA},
    ]);
    let output = sandbox
        .jobctl(["create", "--json", &jobs.to_string(), "-o", "json"])
        .run()
        .ok();
    let made = output.json();
    assert_eq!(made.as_array().unwrap().len(), 2);
    assert_eq!(made[1]["job_id"], B);
}

#[test]
fn makes_none_of_an_array_with_a_bad_job() {
    let sandbox = Sandbox::report();
    let jobs = json!([
        {"job_id": A, "job_type": "idea2video", "content": IDEA},
        {"job_id": B, "job_type": "idea2video", "content": "too short"},
    ]);
    let output = sandbox
        .jobctl(["create", "--json", &jobs.to_string()])
        .run();
    output.fails(65).no_stdout();
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn makes_none_of_an_array_with_an_id_in_use() {
    let sandbox = Sandbox::report();
    sandbox.job(B, &[]);
    let jobs = json!([
        {"job_id": A, "job_type": "idea2video", "content": IDEA},
        {"job_id": B, "job_type": "idea2video", "content": IDEA},
    ]);
    sandbox
        .jobctl(["create", "--json", &jobs.to_string()])
        .run()
        .fails(4)
        .no_stdout()
        .stderr_has(B);
    assert_eq!(sandbox.ids(), [B]);
}

#[test]
fn makes_none_of_an_array_that_has_an_id_twice() {
    let sandbox = Sandbox::report();
    let jobs = json!([
        {"job_id": A, "job_type": "idea2video", "content": IDEA},
        {"job_id": A, "job_type": "idea2video", "content": IDEA},
    ]);
    let output = sandbox
        .jobctl(["create", "--json", &jobs.to_string()])
        .run();
    assert_ne!(output.status, 0);
    output.no_stdout().stderr_has(A);
    assert_eq!(sandbox.count(), 0);
}

#[track_caller]
fn bad_json(job: &Value, part: &str) {
    let sandbox = Sandbox::report();
    let output = sandbox.jobctl(["create", "--json", &job.to_string()]).run();
    output.fails(65).no_stdout().stderr_has(part);
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn refuses_json_that_is_not_json() {
    let output = Sandbox::new().jobctl("create --json {oops").run();
    output.fails(65).no_stdout().stderr_has("--json");
}

#[test]
fn refuses_json_that_is_no_job() {
    bad_json(&json!(7), "--json");
}

#[test]
fn refuses_a_job_as_json_without_a_type() {
    bad_json(&json!({"content": IDEA}), "type");
}

#[test]
fn refuses_a_job_as_json_with_a_short_idea() {
    bad_json(
        &json!({"job_type": "idea2video", "content": "too short"}),
        "10",
    );
}

#[test]
fn refuses_a_job_as_json_with_progress_101() {
    bad_json(
        &json!({"job_type": "idea2video", "content": IDEA, "progress": 101}),
        "progress",
    );
}

#[test]
fn refuses_a_job_as_json_with_a_text_for_progress() {
    bad_json(
        &json!({"job_type": "idea2video", "content": IDEA, "progress": "half"}),
        "progress",
    );
}

#[test]
fn refuses_a_job_as_json_with_an_unknown_status() {
    bad_json(
        &json!({"job_type": "idea2video", "content": IDEA, "status": "quued"}),
        "quued",
    );
}

#[test]
fn refuses_a_job_as_json_with_a_key_that_it_would_lose() {
    bad_json(
        &json!({"job_type": "idea2video", "content": IDEA, "titel": "x"}),
        "titel",
    );
}

#[test]
fn refuses_a_job_as_json_with_an_impossible_time() {
    bad_json(
        &json!({"job_type": "idea2video", "content": IDEA, "created_at": "2026-02-30T00:00:00Z"}),
        "created_at",
    );
}

#[test]
fn refuses_a_job_as_json_with_an_id_that_is_no_uuid() {
    bad_json(
        &json!({"job_id": "job-1", "job_type": "idea2video", "content": IDEA}),
        "job-1",
    );
}

#[test]
fn an_empty_standard_input_is_no_json() {
    Sandbox::new()
        .jobctl("create --json -")
        .stdin("")
        .run()
        .fails(65)
        .stderr_has("it is empty");
}

#[test]
fn cannot_read_two_values_from_stdin() {
    let sandbox = Sandbox::new();
    let run = sandbox.jobctl("create --type idea2video --content - --result -");
    run.stdin("{\"a\": \"long enough\"}")
        .run()
        .fails(2)
        .no_stdout();
}

#[test]
fn the_help_says_that_the_service_keeps_its_own_copy() {
    Sandbox::new()
        .jobctl("create --help")
        .run()
        .ok()
        .stdout_has("restart");
}
