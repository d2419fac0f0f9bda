//! `jobctl create`: one job from flags, or whole ones from JSON.

mod bad_values;
mod content;
mod from_json;
mod kind;
mod values;

use serde_json::{Value, json};

use crate::args::Args;
use crate::support::{KEYS, NOW_JSON, Output, Run, Sandbox};

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
