//! Control characters in what is stored.

use rusqlite::ToSql;

use super::titled;
use crate::support::{A, Output, Sandbox};

const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}red\u{9b}31m\u{7f}\u{8}\u{202e}gpj\u{2066}x\u{0}y\rz\u{85}\u{200f}";

/// Nothing that a terminal would obey, apart from the line breaks of the output itself.
#[track_caller]
fn harmless(output: &Output) {
    for (name, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let raw = text.chars().find(|character| {
            (character.is_control() && *character != '\n')
                || matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert!(raw.is_none(), "{name} has {raw:?}{output:?}");
    }
}

macro_rules! hostile {
    ($($test:ident: $column:literal;)*) => {
        $(#[test]
        fn $test() {
            let sandbox = Sandbox::service();
            let cell: &dyn ToSql = &HOSTILE;
            sandbox.job(A, &[($column, cell)]);
            for format in ["table", "wide", "json", "jsonl"] {
                harmless(&sandbox.jobctl(["list", "-o", format]).run().ok());
                harmless(&sandbox.jobctl(["list", "-o", format, "--fields", concat!("id,", $column)]).run().ok());
                harmless(&sandbox.jobctl(["show", A, "-o", format]).run().ok());
                harmless(&sandbox.jobctl(["show", A, "-o", format, "--full"]).run().ok());
            }
            harmless(&sandbox.jobctl("update $A --complete").run());
            harmless(&sandbox.jobctl("update $A --complete -o json").run());
            harmless(&sandbox.jobctl("update $A --style x --dry-run").run());
            harmless(&sandbox.jobctl("delete $A --dry-run").run());
            harmless(&sandbox.jobctl("delete $A").run());
        })*
    };
}

hostile! {
    a_hostile_type_is_harmless: "job_type";
    a_hostile_mode_is_harmless: "mode";
    a_hostile_status_is_harmless: "status";
    a_hostile_content_is_harmless: "content";
    a_hostile_requirement_is_harmless: "user_requirement";
    a_hostile_style_is_harmless: "style";
    a_hostile_title_is_harmless: "project_title";
    a_hostile_request_is_harmless: "request_data";
    a_hostile_context_is_harmless: "context";
    a_hostile_progress_is_harmless: "progress";
    a_hostile_stage_is_harmless: "current_stage";
    a_hostile_working_folder_is_harmless: "working_dir";
    a_hostile_result_is_harmless: "result_data";
    a_hostile_error_is_harmless: "error_message";
    a_hostile_total_is_harmless: "total_shots";
    a_hostile_count_of_completed_shots_is_harmless: "completed_shots";
    a_hostile_episode_is_harmless: "episode_id";
    a_hostile_series_is_harmless: "series_id";
    a_hostile_time_of_creation_is_harmless: "created_at";
    a_hostile_time_of_update_is_harmless: "updated_at";
    a_hostile_start_is_harmless: "started_at";
    a_hostile_end_is_harmless: "completed_at";
}

/// The same without a NUL, which no argument can hold.
const HOSTILE_ID: &str = "abcd\u{1b}[2J\u{9b}31m\u{202e}x\u{7f}\rz";

#[test]
fn a_hostile_id_is_harmless() {
    let sandbox = Sandbox::service();
    sandbox.job(HOSTILE_ID, &[]);
    for format in ["table", "wide", "json", "jsonl"] {
        harmless(&sandbox.jobctl(["list", "-o", format]).run().ok());
        harmless(&sandbox.jobctl(["show", "abcd", "-o", format]).run().ok());
    }
    harmless(&sandbox.jobctl("update abcd --complete").run().fails(4));
    harmless(&sandbox.jobctl("update abcd --status processing").run().ok());
    harmless(&sandbox.jobctl("delete abcd").run().fails(4));
    harmless(&sandbox.jobctl("delete abcd --force").run().ok());
}

#[test]
fn hostile_candidates_of_a_prefix_are_harmless() {
    let sandbox = Sandbox::service();
    sandbox.job(HOSTILE_ID, &[("project_title", &HOSTILE)]);
    sandbox.job(
        "abcdef",
        &[("project_title", &HOSTILE), ("status", &HOSTILE)],
    );
    harmless(&sandbox.jobctl("show abcd").run().fails(3));
    harmless(&sandbox.jobctl("show abcd -o json").run().fails(3));
}

#[test]
fn a_hostile_argument_is_harmless_in_the_error() {
    let sandbox = Sandbox::service();
    harmless(&sandbox.jobctl(["show", HOSTILE_ID]).run().fails(3));
    harmless(
        &sandbox
            .jobctl(["list", "--status", HOSTILE_ID])
            .run()
            .fails(2),
    );
    harmless(
        &sandbox
            .jobctl(["list", "--since", HOSTILE_ID])
            .run()
            .fails(2),
    );
    harmless(
        &sandbox
            .jobctl(["list", "--fields", HOSTILE_ID])
            .run()
            .fails(2),
    );
    harmless(
        &sandbox
            .jobctl(["list", "--after", HOSTILE_ID])
            .run()
            .fails(2),
    );
    harmless(&sandbox.jobctl(["list", "-o", HOSTILE_ID]).run().fails(2));
    harmless(&sandbox.jobctl(["list", "--db", HOSTILE_ID]).run().fails(66));
    harmless(
        &sandbox
            .jobctl(["update", A, "--result", HOSTILE_ID])
            .run()
            .fails(2),
    );
}

#[test]
fn an_unknown_hostile_command_or_flag_is_harmless_in_the_error() {
    let sandbox = Sandbox::service();
    harmless(&sandbox.jobctl([HOSTILE_ID]).run().fails(2));
    harmless(
        &sandbox
            .jobctl(["list", &format!("--{HOSTILE_ID}")])
            .run()
            .fails(2),
    );
}

#[test]
fn control_characters_are_made_visible_and_not_dropped() {
    let output = titled("a\u{1b}b\u{202e}c")
        .jobctl("list")
        .run()
        .ok()
        .stdout_lacks("abc");
    let row = output
        .stdout
        .lines()
        .find(|line| line.contains(A))
        .unwrap()
        .to_owned();
    assert!(row.contains('a') && row.contains('b'), "{row}");
}

#[test]
fn json_gives_control_characters_back_whole() {
    let document = titled(HOSTILE).jobctl("list -o json").run().ok().json();
    assert_eq!(document["jobs"][0]["project_title"], HOSTILE);
}

#[test]
fn json_inside_a_job_keeps_its_control_characters_escaped() {
    let sandbox = titled("The Cat");
    let result = format!(
        "{{\"name\": \"a\u{9b}b\u{7f}\u{202e}\", \"esc\": \"{}\"}}",
        "\\u001b"
    );
    sandbox.change(
        "UPDATE video_generation_jobs SET result_data = ?1",
        &[&result],
    );
    for format in ["table", "json", "jsonl"] {
        harmless(&sandbox.jobctl(["show", A, "-o", format]).run().ok());
    }
    let job = sandbox.jobctl("show $A -o json").run().ok().json();
    assert_eq!(job["result"]["name"], "a\u{9b}b\u{7f}\u{202e}");
    assert_eq!(job["result"]["esc"], "\u{1b}");
}
