//! `jobctl create`: one job from flags, or whole ones from JSON.

use serde_json::{Value, json};

use crate::args::Args;
use crate::support::{A, B, KEYS, NOW_JSON, NOW_STORED, Output, Run, Sandbox, hash};

const IDEA: &str = "A cat crosses the road";
const SCRIPT: &str = "INT. KITCHEN, NIGHT. A cat crosses the floor, and the light goes out.";

fn idea(sandbox: &Sandbox, more: impl Args) -> Run {
    sandbox.jobctl(("create --type idea2video --content", [IDEA], more))
}

/// Refused as a bad value of the flag: its name and the value are said, and no file is made.
#[track_caller]
fn bad_value(args: impl Args, flag: &str, value: &str) -> Output {
    let sandbox = Sandbox::new();
    let run = sandbox.jobctl(("create --type idea2video --content", [IDEA], args));
    let output = run
        .run()
        .fails(2)
        .no_stdout()
        .stderr_has(flag)
        .stderr_has(value);
    assert!(!sandbox.db().exists(), "a file was made");
    output
}

/// Creates and gives the cell.
#[track_caller]
fn stored(args: impl Args, column: &str) -> String {
    let sandbox = Sandbox::new();
    let run = sandbox.jobctl(("create --type idea2video --content", [IDEA], args));
    let output = run.run().ok();
    sandbox.cell(output.stdout.trim(), column)
}

#[test]
fn prints_the_id_alone() {
    let sandbox = Sandbox::new();
    let output = idea(&sandbox, "").run().ok();
    assert_eq!(sandbox.ids(), [output.stdout.strip_suffix('\n').unwrap()]);
}

#[test]
fn makes_a_uuid_of_version_4() {
    let output = idea(&Sandbox::new(), "").run().ok();
    let id = uuid::Uuid::parse_str(output.stdout.trim()).unwrap();
    assert_eq!(id.get_version_num(), 4);
    assert_eq!(id.to_string(), output.stdout.trim());
}

#[test]
fn makes_the_same_id_of_the_same_seed_and_another_of_another() {
    let one = idea(&Sandbox::new(), "").run().ok().stdout;
    let same = idea(&Sandbox::new(), "").run().ok().stdout;
    let other = idea(&Sandbox::new(), "")
        .env("JOBCTL_TEST_SEED", "2")
        .run()
        .ok()
        .stdout;
    assert_eq!(one, same);
    assert_ne!(one, other);
}

#[test]
fn gives_the_job_form_as_json_with_all_keys() {
    let output = idea(&Sandbox::new(), "-o json").run().ok();
    let job = output.json();
    assert_eq!(job.as_object().unwrap().keys().collect::<Vec<_>>(), KEYS);
    assert_eq!(job["status"], "queued");
    assert_eq!(job["mode"], "idea");
    assert_eq!(job["content"], IDEA);
    assert_eq!(job["request_data"], json!({}));
    assert_eq!(job["context"], json!({}));
    assert_eq!(job["progress"], 0.0);
    assert_eq!(job["created_at"], NOW_JSON);
    assert_eq!(job["started_at"], Value::Null);
}

#[test]
fn gives_the_id_alone_as_ids() {
    let sandbox = Sandbox::new();
    let output = idea(&sandbox, "-o ids").run().ok();
    assert_eq!(sandbox.ids(), output.lines());
}

#[test]
fn says_nothing_but_the_id_when_quiet() {
    idea(&Sandbox::new(), "-q").run().ok().no_stderr();
}

// Type and mode.

#[test]
fn a_script_type_has_mode_script() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .jobctl(["create", "--type", "script2video", "--content", SCRIPT])
        .run()
        .ok();
    assert_eq!(sandbox.cell(output.stdout.trim(), "mode"), "text|script");
}

#[test]
fn a_mode_that_is_given_is_kept() {
    let sandbox = Sandbox::new();
    let args = (
        "create --type conversational --mode script --content",
        [SCRIPT],
    );
    let output = sandbox.jobctl(args).run().ok();
    assert_eq!(sandbox.cell(output.stdout.trim(), "mode"), "text|script");
    assert_eq!(
        sandbox.cell(output.stdout.trim(), "job_type"),
        "text|conversational"
    );
}

#[test]
fn takes_another_word_as_type() {
    let sandbox = Sandbox::new();
    let args = ("create --type remix --mode idea --content", [IDEA]);
    let output = sandbox.jobctl(args).run().ok();
    assert_eq!(sandbox.cell(output.stdout.trim(), "job_type"), "text|remix");
}

#[test]
fn refuses_an_unknown_mode() {
    bad_value("--mode poem", "--mode", "poem")
        .stderr_has("idea")
        .stderr_has("script");
}

#[test]
fn demands_a_type() {
    Sandbox::new()
        .jobctl(["create", "--content", IDEA])
        .run()
        .fails(2)
        .no_stdout()
        .stderr_has("--type");
}

#[test]
fn demands_a_content() {
    Sandbox::new()
        .jobctl("create --type idea2video")
        .run()
        .fails(2)
        .no_stdout()
        .stderr_has("--content");
}

// Content.

#[test]
fn refuses_an_idea_of_9_characters_and_a_script_of_49() {
    for (kind, content, least) in [
        ("idea2video", "123456789", "10"),
        ("idea2video", "一只猫在夜里过马路", "10"),
        ("script2video", &"x".repeat(49), "50"),
    ] {
        let sandbox = Sandbox::new();
        let run = sandbox.jobctl(["create", "--type", kind, "--content", content]);
        run.run()
            .fails(2)
            .no_stdout()
            .stderr_has("--content")
            .stderr_has(least);
        assert!(!sandbox.db().exists(), "{content}");
    }
}

#[test]
fn takes_an_idea_of_10_characters_and_a_script_of_50() {
    for (kind, content) in [
        ("idea2video", "1234567890"),
        ("idea2video", "一只黑猫在夜里过马路"),
        ("script2video", &"x".repeat(50)),
    ] {
        let sandbox = Sandbox::new();
        let run = sandbox.jobctl(["create", "--type", kind, "--content", content]);
        run.run().ok();
        let stored = sandbox.ask("SELECT content FROM video_generation_jobs");
        assert_eq!(stored, content);
    }
}

#[test]
fn measures_the_content_by_the_mode_that_is_given() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .jobctl((
            "create --type conversational --mode script --content",
            [IDEA],
        ))
        .run();
    output.fails(2).stderr_has("50");
}

#[test]
fn reads_the_content_from_a_file() {
    let sandbox = Sandbox::new();
    sandbox.write("idea.txt", "Line one\n\"Line\" two 猫");
    sandbox
        .jobctl("create --type idea2video --content @idea.txt")
        .run()
        .ok();
    assert_eq!(
        sandbox.ask("SELECT content FROM video_generation_jobs"),
        "Line one\n\"Line\" two 猫"
    );
}

#[test]
fn reads_the_content_from_stdin() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl("create --type idea2video --content -")
        .stdin(IDEA)
        .run()
        .ok();
    assert_eq!(
        sandbox.ask("SELECT content FROM video_generation_jobs"),
        IDEA
    );
}

#[test]
fn names_the_flag_and_the_file_when_the_content_file_is_missing() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .jobctl("create --type idea2video --content @missing.txt")
        .run();
    assert!([2, 66].contains(&output.status), "{output}");
    output
        .no_stdout()
        .stderr_has("--content")
        .stderr_has("missing.txt");
}

#[test]
fn refuses_a_content_that_is_not_utf_8() {
    let sandbox = Sandbox::new();
    sandbox.write("idea.txt", b"A caf\xe9 in the rain, at night");
    let output = sandbox
        .jobctl("create --type idea2video --content @idea.txt")
        .run();
    assert!([2, 65].contains(&output.status), "{output}");
    output.stderr_has("idea.txt");
    assert!(!sandbox.db().exists());
}

// Every other flag, by its name, its JSON key and its column name.

#[test]
fn each_flag_sets_its_column() {
    for (flag, value, column, cell) in [
        (
            "--requirement",
            "no rain",
            "user_requirement",
            "text|no rain",
        ),
        (
            "--user_requirement",
            "no rain",
            "user_requirement",
            "text|no rain",
        ),
        ("--style", "anime", "style", "text|anime"),
        ("--title", "The Keeper", "project_title", "text|The Keeper"),
        (
            "--project_title",
            "The Keeper",
            "project_title",
            "text|The Keeper",
        ),
        ("--request", "{\"a\": 1}", "request_data", "text|{\"a\": 1}"),
        (
            "--request_data",
            "{\"a\": 1}",
            "request_data",
            "text|{\"a\": 1}",
        ),
        ("--context", "{\"b\": [2]}", "context", "text|{\"b\": [2]}"),
        ("--progress", "12", "progress", "real|12.0"),
        ("--progress", "12.5", "progress", "real|12.5"),
        ("--stage", "storyboard", "current_stage", "text|storyboard"),
        (
            "--current_stage",
            "storyboard",
            "current_stage",
            "text|storyboard",
        ),
        (
            "--working-dir",
            ".working_dir/x",
            "working_dir",
            "text|.working_dir/x",
        ),
        (
            "--working_dir",
            ".working_dir/x",
            "working_dir",
            "text|.working_dir/x",
        ),
        ("--result", "{\"c\": 3}", "result_data", "text|{\"c\": 3}"),
        (
            "--result_data",
            "{\"c\": 3}",
            "result_data",
            "text|{\"c\": 3}",
        ),
        ("--error", "no", "error_message", "text|no"),
        ("--error_message", "no", "error_message", "text|no"),
        ("--total-shots", "4", "total_shots", "integer|4"),
        ("--total_shots", "4", "total_shots", "integer|4"),
        ("--series", "s1", "series_id", "text|s1"),
        ("--series_id", "s1", "series_id", "text|s1"),
        ("--episode", "e1", "episode_id", "text|e1"),
        ("--episode_id", "e1", "episode_id", "text|e1"),
    ] {
        assert_eq!(stored([flag, value], column), cell, "{flag} {value}");
    }
}

#[test]
fn takes_the_type_by_its_column() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl(["create", "--job_type", "idea2video", "--content", IDEA])
        .run()
        .ok();
}

#[test]
fn counts_the_progress_from_the_shots() {
    assert_eq!(
        stored("--total-shots 4 --completed-shots 3", "progress"),
        "real|75.0"
    );
}

#[test]
fn takes_the_progress_that_is_given_before_that_of_the_shots() {
    let args = "--total-shots 4 --completed-shots 3 --progress 10";
    assert_eq!(stored(args, "progress"), "real|10.0");
}

#[test]
fn reads_the_result_from_a_file() {
    let sandbox = Sandbox::new();
    sandbox.write("result.json", "{\"final_video_path\": \"猫.mp4\"}");
    let output = idea(&sandbox, "--result @result.json -o json").run().ok();
    assert_eq!(
        output.json()["result"],
        json!({"final_video_path": "猫.mp4"})
    );
}

// The state to begin in.

#[test]
fn a_job_created_processing_has_a_start() {
    assert_eq!(
        stored("--status processing", "started_at"),
        format!("text|{NOW_STORED}")
    );
}

#[test]
fn a_job_created_completed_has_an_end() {
    assert_eq!(
        stored("--status completed", "completed_at"),
        format!("text|{NOW_STORED}")
    );
}

#[test]
fn a_job_created_completed_has_progress_100() {
    assert_eq!(stored("--status completed", "progress"), "real|100.0");
}

#[test]
fn an_unknown_status_is_refused_with_its_nearest_match() {
    bad_value("--status proccesing", "--status", "proccesing")
        .stderr_has("hint: ")
        .stderr_has("processing");
}

// Bad values.

#[test]
fn refuses_a_progress_above_100() {
    bad_value("--progress 101", "--progress", "101").stderr_has("100");
}

#[test]
fn refuses_a_progress_below_0() {
    bad_value("--progress=-1", "--progress", "-1");
}

#[test]
fn refuses_a_progress_that_is_no_number() {
    bad_value("--progress half", "--progress", "half");
}

#[test]
fn refuses_a_progress_that_is_not_a_number() {
    bad_value("--progress NaN", "--progress", "NaN");
}

#[test]
fn refuses_a_result_that_is_not_json() {
    bad_value("--result {oops", "--result", "oops").stderr_has("JSON");
}

#[test]
fn refuses_a_request_that_is_not_json() {
    bad_value("--request 'plain words'", "--request", "JSON");
}

#[test]
fn refuses_a_context_that_is_not_json() {
    bad_value(["--context", "{'a': 1}"], "--context", "JSON");
}

#[test]
fn names_the_flag_and_the_file_when_the_result_file_is_missing() {
    let sandbox = Sandbox::new();
    let output = idea(&sandbox, "--result @missing.json").run();
    assert!([2, 66].contains(&output.status), "{output}");
    output
        .no_stdout()
        .stderr_has("--result")
        .stderr_has("missing.json");
    assert!(!sandbox.db().exists());
}

#[test]
fn refuses_a_result_file_that_is_not_json() {
    let sandbox = Sandbox::new();
    sandbox.write("result.json", "{\"cut\": ");
    let output = idea(&sandbox, "--result @result.json").run();
    assert!([2, 65].contains(&output.status), "{output}");
    output.no_stdout().stderr_has("--result");
}

#[test]
fn refuses_more_completed_shots_than_there_are() {
    bad_value(
        "--total-shots 3 --completed-shots 4",
        "--completed-shots",
        "4",
    )
    .stderr_has("3");
}

#[test]
fn refuses_a_negative_number_of_shots() {
    bad_value("--total-shots=-3", "--total-shots", "-3");
}

#[test]
fn refuses_a_number_of_shots_with_a_fraction() {
    bad_value("--total-shots 2.5", "--total-shots", "2.5");
}

#[test]
fn refuses_an_id_that_is_no_uuid() {
    bad_value("--id job-1", "--id", "job-1");
}

#[test]
fn refuses_an_id_in_use_and_changes_nothing() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    let before = hash(sandbox.db());
    idea(&sandbox, "--id $A")
        .run()
        .fails(4)
        .no_stdout()
        .stderr_has(A)
        .stderr_lacks("UNIQUE");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn takes_the_id_that_is_given() {
    let sandbox = Sandbox::new();
    idea(&sandbox, "--id $A")
        .run()
        .ok()
        .stdout_is(&format!("{A}\n"));
    assert_eq!(sandbox.ids(), [A]);
}

// Whole jobs from JSON.

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
