//! `create --json`: what is wrong with a document is told by element and member, as bad data and not as a bad flag.

use serde_json::{Value, json};

use crate::support::{A, B, C, Output, Sandbox};

const IDEA: &str = "A cat crosses the road";

/// Refused as bad data, in a message of one line that ends so; no file is made.
#[track_caller]
fn bad(document: &str, message: &str) -> Output {
    let sandbox = Sandbox::new();
    let output = sandbox.jobctl(["create", "--json", document]).run();
    let output = output.fails(65).no_stdout();
    let first = output.stderr.lines().next().unwrap_or("");
    assert_eq!(first, format!("jobctl: error: --json: {message}"));
    assert!(!sandbox.db().exists(), "a file was made");
    output
}

/// A job of these members beside type and content.
fn job(members: Value) -> Value {
    let mut job = json!({"job_type": "idea2video", "content": IDEA});
    for (key, value) in members.as_object().unwrap() {
        job[key] = value.clone();
    }
    job
}

#[test]
fn tells_the_member_and_not_the_document() {
    bad(
        &json!({"job_type": "idea2video", "content": "too short"}).to_string(),
        "content: 9 characters; an idea has at least 10",
    )
    .stderr_lacks("too short");
}

#[test]
fn tells_the_element_of_an_array() {
    let jobs =
        json!([job(json!({})), {"job_type": "script2video", "content": "INT."}, job(json!({}))]);
    bad(
        &jobs.to_string(),
        "job 2 of 3: content: 4 characters; a script has at least 50",
    )
    .stderr_has("hint: none of them was made");
}

#[test]
fn tells_a_content_that_is_missing() {
    for content in [json!(null), Value::Null] {
        bad(
            &json!({"job_type": "idea2video", "content": content}).to_string(),
            "content: an idea is needed, of at least 10 characters",
        );
    }
}

#[test]
fn tells_the_member_of_a_wrong_type() {
    for (key, value, what) in [
        ("content", json!(7), "must be text, not a number"),
        ("style", json!({}), "must be text, not an object"),
        ("status", json!(true), "must be text, not true or false"),
        (
            "progress",
            json!("45%"),
            "must be a number from 0 to 100, not text",
        ),
        (
            "progress",
            json!(101),
            "must be a number from 0 to 100, not 101",
        ),
        (
            "total_shots",
            json!("3"),
            "must be a whole number, not text",
        ),
        (
            "completed_shots",
            json!(-1),
            "must be a whole number from 0, not -1",
        ),
        (
            "created_at",
            json!(1_768_478_400),
            "must be text, not a number",
        ),
        (
            "created_at",
            json!("2026-02-30T00:00:00Z"),
            "is no date and time: \"2026-02-30T00:00:00Z\"",
        ),
        (
            "mode",
            json!("a mode of far too many characters"),
            "has 33 characters; at most 20 are stored",
        ),
    ] {
        bad(
            &job(json!({key: value})).to_string(),
            &format!("\"{key}\" {what}"),
        );
    }
}

#[test]
fn tells_what_goes_with_nothing() {
    for (members, message) in [
        (
            json!({"completed_shots": 4, "total_shots": 3}),
            "completed_shots: 4 of 3: they are above the total",
        ),
        (
            json!({"status": "completed", "progress": 50}),
            "progress: 50; the progress of a completed job is 100",
        ),
        (json!({"job_type": null}), "job_type: the job has no type"),
        (
            json!({"job_type": ""}),
            "job_type: empty; a type is a word such as idea2video",
        ),
        (
            json!({"mode": "poem"}),
            "mode: \"poem\": it is one of idea, script",
        ),
        (
            json!({"id": A, "job_id": B}),
            "\"id\" and \"job_id\" are one column, and differ",
        ),
        (
            json!({"titel": "x"}),
            "a job has no key \"titel\"; did you mean \"style\"?",
        ),
    ] {
        let output = Sandbox::new()
            .jobctl(["create", "--json", &job(members).to_string()])
            .run();
        let first = output.stderr.lines().next().unwrap_or("").to_owned();
        output.fails(65).no_stdout();
        // The nearest of the keys is not the matter here.
        let told = first.split("; did you").next().unwrap();
        assert_eq!(
            told,
            format!(
                "jobctl: error: --json: {}",
                message.split("; did you").next().unwrap()
            )
        );
    }
}

#[test]
fn tells_a_status_with_its_nearest_match() {
    bad(
        &job(json!({"status": "quued"})).to_string(),
        "status: \"quued\": it is one of queued, processing, completed, failed, cancelled",
    )
    .stderr_has("hint: did you mean queued?");
}

#[test]
fn tells_an_id_that_is_none_and_one_that_is_there_twice() {
    bad(
        &job(json!({"job_id": "job-1"})).to_string(),
        "job_id: \"job-1\": an id is a UUID such as 08c31de4-22da-4152-8b4d-b5aa923cea37; leave it out for a new one",
    );
    let same = job(json!({"job_id": A}));
    bad(
        &json!([same, same]).to_string(),
        &format!("job 2 of 2: job_id: \"{A}\": two jobs have this id"),
    );
}

#[test]
fn tells_a_word_that_is_no_json_by_its_member() {
    let text =
        r#"{"job_type": "idea2video", "content": "A cat crosses the road", "progress": NaN}"#;
    bad(text, "invalid JSON: \"progress\" is NaN, which is no JSON");
    bad(
        &format!("[{}, {text}]", job(json!({}))),
        "job 2: invalid JSON: \"progress\" is NaN, which is no JSON",
    );
}

#[test]
fn tells_the_line_of_what_is_no_json() {
    bad(
        "{\n  \"job_type\": \"idea2video\"\n  \"content\": 1}",
        "invalid JSON: expected `,` or `}` at line 3 column 3",
    );
    bad(
        "[{\"job_type\": 1},\n oops]",
        "job 2: invalid JSON: oops at line 2 column 2 is no JSON",
    );
}

#[test]
fn tells_half_a_character_by_its_member() {
    for key in ["content", "request_data"] {
        let text =
            format!(r#"{{"job_type": "idea2video", "{key}": "\ud800 and a cat on the road"}}"#);
        Sandbox::new()
            .jobctl(["create", "--json", &text])
            .run()
            .fails(65)
            .stderr_has(&format!("\"{key}\""));
    }
}

#[test]
fn tells_what_is_no_job_at_all() {
    bad("7", "a job is an object, not a number");
    bad("\"text\"", "a job is an object, not text");
    bad("[null]", "job 1 of 1: a job is an object, not null");
    bad("{}", "job_type: the job has no type");
    bad("   ", "it is empty");
    bad(
        "{\"jobs\": []}",
        "a job has no key \"jobs\"; did you mean \"job_id\"?",
    )
    .stderr_has("jq .jobs");
    Sandbox::new()
        .jobctl("create --json '{\"$row\": 1, \"id\": \"x\"}'")
        .run()
        .fails(65)
        .stderr_has("migrate");
}

#[test]
fn tells_more_than_one_document() {
    let one = job(json!({}));
    for text in [format!("{one}\n{one}"), format!("{one}{one}")] {
        bad(&text, "there is more than one document").stderr_has("jq -s .");
    }
    bad(
        &format!("{one}\nthe end"),
        "there is more behind the end of the job, on line 1",
    );
    bad(
        &format!("[{one}]\n[]"),
        "there is more behind the end of the array, on line 2",
    );
}

#[test]
fn names_the_file_and_the_standard_input() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "job.json",
        "{\"job_type\": \"idea2video\", \"content\": \"short\"}",
    );
    sandbox
        .jobctl("create --json @job.json")
        .run()
        .fails(65)
        .stderr_is(
            "jobctl: error: --json @job.json: content: 5 characters; an idea has at least 10\n",
        );
    sandbox
        .jobctl("create --json -")
        .stdin("{")
        .run()
        .fails(65)
        .stderr_has("--json -: invalid JSON: EOF");
}

#[test]
fn tells_it_as_json_too() {
    let output = Sandbox::new()
        .jobctl("create -o json --json '{\"mode\": \"idea\"}'")
        .run()
        .fails(65);
    let error = output.json_error();
    assert_eq!(error["code"], "bad_data");
    assert_eq!(
        error["message"],
        "--json: content: an idea is needed, of at least 10 characters"
    );
}

#[test]
fn a_nul_character_in_a_text_is_kept_as_in_every_other_way_in() {
    let text = "A cat crosses\0the road";
    let document = json!({"job_type": "idea2video", "content": text, "job_id": A});
    let dump = json!({
        "job_id": C, "type": "idea2video", "status": "queued", "created_at": "2026-01-02T03:04:05",
        "request": {"idea": text},
    });
    let sandbox = Sandbox::new();
    sandbox.write("text", text);
    sandbox.write("dump.json", dump.to_string());
    sandbox
        .jobctl(["create", "--json", &document.to_string()])
        .run()
        .ok();
    sandbox
        .jobctl("create --type idea2video --id $B --content 'A cat crosses the road'")
        .run()
        .ok();
    sandbox.jobctl("update $B --content @text").run().ok();
    sandbox.jobctl("migrate dump.json").run().ok();
    let jobs = sandbox.jobctl("show $A $B $C -o json").run().ok().json();
    for job in jobs.as_array().unwrap() {
        assert_eq!(job["content"], text, "{job}");
    }
    assert_eq!(jobs.as_array().unwrap().len(), 3);
}

#[test]
fn an_empty_array_is_nothing_to_do() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl("create --json []")
        .run()
        .ok()
        .no_stdout()
        .stderr_is("nothing to create: the array is empty\n");
    sandbox
        .jobctl("create --json - -q")
        .stdin(" [ ]\n")
        .run()
        .ok()
        .no_stdout()
        .no_stderr();
    let output = sandbox
        .jobctl("create --json [] -o json")
        .run()
        .ok()
        .no_stderr();
    assert_eq!(output.json(), json!([]));
    assert!(!sandbox.db().exists(), "a file was made");
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_file() {
    let sandbox = Sandbox::new();
    let document = format!("\u{feff}{}", job(json!({"job_id": A})));
    sandbox.write("job.json", &document);
    sandbox.jobctl("create --json @job.json").run().ok();
    for document in [
        document.replace(A, B),
        format!("\u{feff}[{}]", job(json!({}))),
    ] {
        sandbox
            .jobctl("create --json -")
            .stdin(&document)
            .run()
            .ok();
    }
    sandbox
        .jobctl(["create", "--json", &format!("\u{feff}{}", job(json!({})))])
        .env("JOBCTL_TEST_SEED", "2")
        .run()
        .ok();
    sandbox.write("idea.txt", format!("\u{feff}{IDEA}\r\n"));
    sandbox.write("result.json", "\u{feff}{\"a\": 1}\r\n");
    let args = "update $A --content @idea.txt --result @result.json";
    sandbox.jobctl(args).run().ok();
    assert_eq!(sandbox.cell(A, "content"), format!("text|{IDEA}"));
    assert_eq!(sandbox.cell(A, "result_data"), "text|{\"a\": 1}");
}

#[test]
fn utf_16_is_told_with_what_converts_it() {
    let sandbox = Sandbox::new();
    sandbox.write("job.json", b"\xff\xfe{\0}\0\n\0");
    sandbox
        .jobctl("create --json @job.json")
        .run()
        .fails(65)
        .stderr_has("iconv -f UTF-16");
}

#[test]
fn a_bad_value_of_another_flag_stays_one_of_usage() {
    let sandbox = Sandbox::new();
    sandbox.write("cut.json", "{\"cut\": ");
    for (flag, value) in [
        ("--content", "too short"),
        ("--result", "{oops"),
        ("--context", "@cut.json"),
    ] {
        let run = sandbox.jobctl("create --type idea2video");
        let run = match flag {
            "--content" => run,
            _ => run.arg("--content").arg(IDEA),
        };
        let output = run.arg(flag).arg(value).run();
        output.fails(2).stderr_has(flag).stderr_has(value);
    }
}
