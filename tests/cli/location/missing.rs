//! A file that is not there, or holds no table of jobs.

use std::fs;

use super::create;
use crate::support::{Sandbox, hash};

#[test]
fn a_missing_file_is_66_and_said_with_what_named_it() {
    for line in [
        "list",
        "show $A",
        "update $A --title x",
        "delete $A",
        "delete --status failed --yes",
        "cleanup --older-than 30d --yes",
        // That is about jobs and not about the file.
        "delete $A --ignore-missing",
    ] {
        let sandbox = Sandbox::new();
        let run = sandbox.jobctl(line).run();
        run.fails(66)
            .no_stdout()
            .stderr_has("jobctl: error: ")
            .stderr_has("jobs.db")
            .stderr_has("JOBCTL_DB");
        assert!(!sandbox.db().exists(), "{line} made a file");
    }
}

#[test]
fn a_missing_file_of_the_flag_is_said_to_come_from_the_flag() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl("list --db no/such.db")
        .run()
        .fails(66)
        .stderr_has("no/such.db")
        .stderr_has("--db");
    assert!(!sandbox.path("no").exists());
}

#[test]
fn a_missing_file_of_database_url_is_said_to_come_from_it() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .jobctl("list")
        .without_env("JOBCTL_DB")
        .env("DATABASE_URL", "sqlite:///such.db");
    run.run()
        .fails(66)
        .stderr_has("such.db")
        .stderr_has("DATABASE_URL");
}

#[test]
fn a_missing_default_file_is_said_with_its_whole_path() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .jobctl("list")
        .without_env("JOBCTL_DB")
        .run()
        .fails(66);
    output.stderr_has("home/.local/share/jobctl/jobs.db");
    assert!(!sandbox.path("home/.local").exists());
}

#[test]
fn a_missing_file_as_json_has_its_error_on_stderr() {
    let error = Sandbox::new()
        .jobctl("list -o json")
        .run()
        .fails(66)
        .no_stdout()
        .json_error();
    assert!(error["message"].as_str().unwrap().contains("jobs.db"));
    assert!(error["code"].is_string() && error["hint"].is_string());
}

#[test]
fn list_on_an_empty_file_is_66_and_leaves_it_empty() {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.db", "");
    sandbox.jobctl("list").run().fails(66).stderr_has("jobs.db");
    assert_eq!(fs::metadata(sandbox.db()).unwrap().len(), 0);
}

#[test]
fn a_file_without_the_job_table_is_66_and_stays_as_it_is() {
    for line in [
        "list",
        "show $A",
        "update $A --title x",
        "delete --status failed --yes",
        // The table is not put beside those of another program.
        "create --type idea2video --content 'A cat crosses the road'",
    ] {
        let sandbox = Sandbox::new();
        sandbox.sql("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')");
        let before = hash(sandbox.db());
        let run = sandbox.jobctl(line).run();
        run.fails(66).no_stdout().stderr_has("jobs.db");
        assert_eq!(hash(sandbox.db()), before, "{line}");
    }
}

#[test]
fn a_file_that_is_no_database_is_an_error_and_stays() {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.db", "dear diary, ".repeat(500));
    let before = hash(sandbox.db());
    let output = create(&sandbox).run();
    assert_ne!(output.status, 0);
    output.no_stdout().stderr_has("jobs.db");
    let output = sandbox.jobctl("list").run();
    assert_ne!(output.status, 0);
    output.no_stdout().stderr_has("jobs.db");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_folder_in_place_of_the_file_is_an_error_that_names_it() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.db()).unwrap();
    let output = sandbox.jobctl("list").run();
    assert_ne!(output.status, 0);
    output.no_stdout().stderr_has("jobs.db");
}
