//! Type and mode.

use super::{IDEA, SCRIPT, bad_value};
use crate::support::Sandbox;

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
