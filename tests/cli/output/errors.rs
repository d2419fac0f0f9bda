//! Errors.

use super::titled;
use crate::args::Args;
use crate::support::{A, Sandbox};

#[test]
fn an_error_begins_with_the_name_of_the_program() {
    let output = titled("The Cat").jobctl("show 7c1f").run().fails(3);
    assert!(output.stderr.starts_with("jobctl: error: "), "{output}");
    assert_eq!(output.stderr.lines().count(), 2, "{output}");
}

#[test]
fn quiet_does_not_silence_an_error() {
    titled("The Cat")
        .jobctl("show 7c1f -q")
        .run()
        .fails(3)
        .stderr_has("7c1f");
}

#[test]
fn no_command_is_a_usage_error() {
    Sandbox::new().jobctl([""; 0]).run().fails(2).no_stdout();
}

#[test]
fn an_unknown_command_is_a_usage_error_with_its_nearest_match() {
    Sandbox::new()
        .jobctl("lst")
        .run()
        .fails(2)
        .no_stdout()
        .stderr_has("lst")
        .stderr_has("list");
}

#[test]
fn an_unknown_flag_is_a_usage_error_with_its_nearest_match() {
    Sandbox::new()
        .jobctl("list --statsu failed")
        .run()
        .fails(2)
        .no_stdout()
        .stderr_has("--status");
}

#[track_caller]
fn json_error(args: impl Args, status: i32) -> serde_json::Value {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("status", &"processing")]);
    let error = sandbox
        .jobctl(args)
        .run()
        .fails(status)
        .no_stdout()
        .json_error();
    assert_eq!(
        error.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["code", "message", "hint"],
        "{error}"
    );
    assert!(!error["message"].as_str().unwrap().is_empty());
    error
}

#[test]
fn a_usage_error_is_json_with_output_json() {
    json_error("list --limit few -o json", 2);
}

#[test]
fn an_unknown_flag_is_json_with_output_json() {
    json_error("list --nope -o json", 2);
}

#[test]
fn an_error_is_json_with_output_before_the_command() {
    json_error("--output=json list --nope", 2);
}

#[test]
fn an_unknown_job_is_json_with_output_jsonl() {
    json_error("show 7c1f -o jsonl", 3);
}

#[test]
fn a_refusal_is_json_with_output_json() {
    let error = json_error("update $A --requeue -o json", 4);
    assert!(error["message"].as_str().unwrap().contains("processing"));
}

#[test]
fn a_refused_selection_is_json_with_output_json() {
    json_error("delete --yes -o json", 2);
    json_error("delete --type idea2video --force -o json", 4);
}

#[test]
fn a_locked_file_is_75_and_json_with_output_json() {
    let sandbox = titled("The Cat");
    let other = sandbox.connection();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = sandbox.jobctl("update $A --title x --busy-timeout 10ms -o json");
    let error = run.run().fails(75).no_stdout().json_error();
    assert!(
        !error["message"]
            .as_str()
            .unwrap()
            .to_lowercase()
            .contains("sqlite_busy")
    );
}

#[test]
fn data_formats_leave_stderr_empty_when_all_is_well() {
    for format in ["json", "jsonl", "csv", "tsv", "ids"] {
        titled("The Cat")
            .jobctl(["list", "-o", format])
            .run()
            .ok()
            .no_stderr();
        titled("The Cat")
            .jobctl(["show", A, "-o", format])
            .run()
            .ok()
            .no_stderr();
    }
}

#[test]
fn verbose_says_which_file_is_used_on_stderr() {
    let sandbox = titled("The Cat");
    let plain = sandbox.jobctl("list").run().ok().stdout;
    sandbox
        .jobctl("list -v")
        .run()
        .ok()
        .stdout_is(&plain)
        .stderr_has("jobs.db")
        .stderr_has("JOBCTL_DB");
}

#[test]
fn a_bad_busy_timeout_is_a_usage_error() {
    let output = titled("The Cat")
        .jobctl("list --busy-timeout 5")
        .run()
        .fails(2)
        .no_stdout();
    output.stderr_has("--busy-timeout").stderr_has("ms");
}

#[test]
fn help_and_version_need_no_database() {
    Sandbox::new()
        .jobctl("--help")
        .run()
        .ok()
        .stdout_has("create")
        .no_stderr();
    Sandbox::new()
        .jobctl("--version")
        .run()
        .ok()
        .stdout_has("jobctl ")
        .no_stderr();
    for command in [
        "create",
        "show",
        "update",
        "list",
        "delete",
        "migrate",
        "cleanup",
        "completions",
        "man",
    ] {
        Sandbox::new()
            .jobctl([command, "--help"])
            .run()
            .ok()
            .stdout_has("Usage: jobctl")
            .no_stderr();
    }
}
