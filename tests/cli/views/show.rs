//! The page of `show`: the timeline, the texts, and the commands that come next.

use super::{A, B, C, D, E, HOSTILE, awkward, plain};
use crate::support::{Output, Sandbox};

#[track_caller]
fn page(sandbox: &Sandbox, id: &str) -> Output {
    sandbox.jobctl(["show", id]).run().ok().no_stderr()
}

#[test]
fn the_timeline_says_how_long_it_waited_and_ran() {
    let sandbox = plain();
    page(&sandbox, A)
        .stdout_has("● created    2026-01-15 08:50:00  3h10 ago\n  │ waited 3m\n  ● started    2026-01-15 08:53:20  3h06 ago\n")
        .stdout_has("  │ running for 3h06\n  │ last sign of life 11m ago\n");
    page(&sandbox, B)
        .stdout_has("  │ waited 30s\n")
        .stdout_has("  │ ran 12m\n  ● ended");
    page(&sandbox, C).stdout_has("  │ ran 2h05\n");
    page(&sandbox, D).stdout_has("  │ waiting for 3m\n");
    page(&sandbox, E).stdout_has("  │ never started, ended after 40m\n");
}

#[test]
fn an_error_keeps_its_line_breaks_and_shows_its_control_characters() {
    let sandbox = plain();
    page(&sandbox, B).stdout_has(
        "  error\n    RateLimitError: 429 from the image model\n      at generate_frame (shot 3)\n      retry after 3600 s\n",
    );
    sandbox.change(
        "UPDATE video_generation_jobs SET error_message = ?1",
        &[&HOSTILE],
    );
    page(&sandbox, B)
        .stdout_has("\\x1b[2J\\x1b]0;title\\x07")
        .stdout_has("\n    line two    y\n");
}

#[test]
fn a_result_is_a_member_a_line_with_its_texts_as_they_read() {
    let sandbox = plain();
    let result = r#"{"message": "first\nsecond \u001b[2J", "name": "\u732b", "empty": "", "list": [1, {"a": null}], "big": 123456789012345678901234567890}"#;
    sandbox.change(
        "UPDATE video_generation_jobs SET result_data = ?1",
        &[&result],
    );
    page(&sandbox, C).stdout_has(
        "  result\n    message: first\n    second \\x1b[2J\n    name: 猫\n    empty: \"\"\n    list: [1, {\"a\": null}]\n    big: 123456789012345678901234567890\n",
    );
}

#[test]
fn a_result_of_any_other_shape_is_shown_as_it_is() {
    let sandbox = plain();
    for (stored, shown) in [
        ("[1, 2]", "[1, 2]"),
        ("{}", "{}"),
        ("\"all is well\"", "all is well"),
        ("\"\"", "\"\""),
        ("17", "17"),
        ("not JSON", "not JSON (?)"),
        ("{\"a\": \"\\ud83d\"}", "a: \"\\ud83d\""),
    ] {
        sandbox.change(
            "UPDATE video_generation_jobs SET result_data = ?1",
            &[&stored],
        );
        page(&sandbox, C).stdout_has(&format!("  result\n    {shown}\n"));
    }
}

/// Every command of the page is run as a shell would run it, on a job in that state.
#[test]
fn the_next_commands_do_what_they_say() {
    for id in [A, B, C, D, E] {
        let text = page(&plain(), id).stdout;
        let (_, commands) = text.split_once("\n  next\n").unwrap();
        assert!(!commands.trim().is_empty());
        for command in commands.lines() {
            let words = command.trim().strip_prefix("jobctl ").unwrap();
            let words = words.split(" | ").next().unwrap();
            plain().jobctl(words).run().ok();
        }
    }
}

#[test]
fn the_next_commands_name_the_database_of_the_flag() {
    let sandbox = plain();
    let output = sandbox.jobctl("--db jobs.db show $B").run().ok();
    output.stdout_has("    jobctl --db jobs.db update b2222222 --requeue\n");
    std::fs::rename(sandbox.db(), sandbox.path("it's old.db")).unwrap();
    let output = sandbox
        .jobctl(["--db", "it's old.db", "show", B])
        .run()
        .ok();
    output.stdout_has(r"    jobctl --db 'it'\''s old.db' update b2222222 --requeue");
}

#[test]
fn an_id_that_a_shell_would_take_apart_is_in_no_command() {
    let sandbox = Sandbox::report();
    for id in ["a b c d", "$(touch x)", "--all", "a;b;c", "'''''"] {
        sandbox.job(id, &[]);
        sandbox
            .jobctl("show -")
            .stdin(id)
            .run()
            .ok()
            .stdout_lacks("jobctl");
    }
}

#[test]
fn a_job_in_a_foreign_state_has_a_page_too() {
    let sandbox = awkward();
    for id in sandbox.ids() {
        page(&sandbox, &id).stdout_has("● created");
    }
}
