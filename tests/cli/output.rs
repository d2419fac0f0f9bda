//! What all commands have in common: formats, errors, colour, control characters, closed pipes.

use std::io::Read as _;
use std::process::Stdio;

use rusqlite::ToSql;

use crate::args::Args;
use crate::support::{A, B, C, Output, Sandbox};

const FORMATS: [&str; 7] = ["table", "wide", "json", "jsonl", "csv", "tsv", "ids"];

fn titled(title: &str) -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("project_title", &title)]);
    sandbox
}

// Formats.

#[test]
fn table_is_the_format_when_none_is_given() {
    let sandbox = titled("The Cat");
    let table = sandbox.jobctl("list -o table").run().ok().stdout;
    sandbox.jobctl("list").run().ok().stdout_is(&table);
}

#[test]
fn the_format_is_an_option_before_the_command_too() {
    titled("The Cat")
        .jobctl("-o ids list")
        .run()
        .ok()
        .stdout_is(&format!("{A}\n"));
}

#[test]
fn every_format_names_the_job() {
    let sandbox = titled("The Cat");
    for format in FORMATS {
        sandbox
            .jobctl(["list", "--output", format])
            .run()
            .ok()
            .stdout_has(A);
    }
}

/// As the list of them says; prometheus is for statistics, and not told elsewhere.
#[test]
fn every_format_has_a_file_of_its_own() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/format");
    let stem = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    };
    let files = std::fs::read_dir(folder).unwrap().map(stem);
    let mut files: Vec<String> = files
        .filter(|name| !["mod", "emitter", "separated"].contains(&name.as_str()))
        .collect();
    let mut formats: Vec<&str> = FORMATS.iter().copied().chain(["prometheus"]).collect();
    files.sort();
    formats.sort();
    assert_eq!(files, formats);
    let told = format!("possible values: {}]", FORMATS.join(", "));
    let run = titled("The Cat").jobctl("list -o xml").run();
    run.fails(2).stderr_has(&told);
}

#[test]
fn an_unknown_format_is_a_usage_error() {
    let output = titled("The Cat")
        .jobctl("list -o xml")
        .run()
        .fails(2)
        .no_stdout();
    output.stderr_has("xml").stderr_has("jsonl");
}

#[test]
fn a_table_cuts_nothing_when_there_is_no_terminal() {
    let title = "A very long title that goes on ".repeat(20);
    titled(title.trim())
        .jobctl("list")
        .run()
        .ok()
        .stdout_has(title.trim());
}

#[test]
fn a_table_cuts_nothing_whatever_columns_says() {
    let title = "A very long title that goes on ".repeat(20);
    titled(title.trim())
        .jobctl("list")
        .env("COLUMNS", "40")
        .run()
        .ok()
        .stdout_has(title.trim());
}

#[test]
fn a_job_is_one_line_of_a_table_when_there_is_no_terminal() {
    let title = "A very long title that goes on ".repeat(20);
    let output = titled(title.trim()).jobctl("list").run().ok();
    assert_eq!(
        output
            .stdout
            .lines()
            .filter(|line| line.contains("A very long"))
            .count(),
        1
    );
}

#[test]
fn a_line_break_does_not_break_a_row_of_a_table() {
    let output = titled("one\ntwo\r\nthree").jobctl("list").run().ok();
    let row: Vec<_> = output
        .stdout
        .lines()
        .filter(|line| line.contains("one") || line.contains("two"))
        .collect();
    assert_eq!(row.len(), 1, "{output}");
}

#[test]
fn jsonl_is_one_job_a_line_whatever_it_holds() {
    let sandbox = titled("one\ntwo\u{2028}three\r");
    sandbox.job(B, &[("result_data", &"{\n  \"a\": 1\n}")]);
    assert_eq!(sandbox.jobctl("list -o jsonl").run().ok().jsonl().len(), 2);
}

#[test]
fn non_ascii_text_is_readable_in_json() {
    titled("一只黑猫")
        .jobctl("list -o json")
        .run()
        .ok()
        .stdout_has("一只黑猫");
}

// CSV.

/// The title as the CSV has it, quotes and all.
#[track_caller]
fn csv_title(title: &str) -> String {
    let output = titled(title)
        .jobctl("list -o csv --fields id,title")
        .run()
        .ok();
    let row = output.stdout.split_once('\n').unwrap().1;
    row.strip_prefix(&format!("{A},"))
        .unwrap()
        .trim_end_matches(['\r', '\n'])
        .to_owned()
}

#[test]
fn csv_leaves_a_plain_text_as_it_is() {
    assert_eq!(csv_title("The Cat - part 2 = 3"), "The Cat - part 2 = 3");
}

#[test]
fn csv_quotes_a_comma() {
    assert_eq!(csv_title("a, b"), "\"a, b\"");
}

#[test]
fn csv_doubles_a_quote() {
    assert_eq!(csv_title("the \"cat\""), "\"the \"\"cat\"\"\"");
}

#[test]
fn csv_quotes_a_line_break() {
    assert_eq!(csv_title("a\nb"), "\"a\nb\"");
}

#[test]
fn csv_guards_what_a_spreadsheet_would_run() {
    for start in ["=", "+", "-", "@", "\t", "\r"] {
        let field = csv_title(&format!("{start}cmd|' /C calc'!A0"));
        let value = field.strip_prefix('"').unwrap_or(&field);
        assert!(
            !value.starts_with(['=', '+', '-', '@', '\t', '\r']),
            "{start:?} became {field:?}"
        );
        assert!(field.contains("cmd|"), "{start:?} became {field:?}");
    }
}

#[test]
fn csv_does_not_guard_a_number() {
    let sandbox = titled("The Cat");
    sandbox.sql("UPDATE video_generation_jobs SET completed_shots = -3");
    let output = sandbox
        .jobctl("list -o csv --fields id,completed_shots")
        .run()
        .ok();
    assert_eq!(output.lines()[1], format!("{A},-3"));
}

#[test]
fn csv_has_json_as_text() {
    let sandbox = titled("The Cat");
    sandbox.sql("UPDATE video_generation_jobs SET result_data = '{\"a\": 1}'");
    let output = sandbox.jobctl("list -o csv --fields id,result").run().ok();
    assert_eq!(output.lines()[1], format!("{A},\"{{\"\"a\"\": 1}}\""));
}

// Control characters.

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
    sandbox
        .connection()
        .execute(
            "UPDATE video_generation_jobs SET result_data = ?1",
            [&result],
        )
        .unwrap();
    for format in ["table", "json", "jsonl"] {
        harmless(&sandbox.jobctl(["show", A, "-o", format]).run().ok());
    }
    let job = sandbox.jobctl("show $A -o json").run().ok().json();
    assert_eq!(job["result"]["name"], "a\u{9b}b\u{7f}\u{202e}");
    assert_eq!(job["result"]["esc"], "\u{1b}");
}

// Colour.

#[test]
fn nothing_is_coloured_when_there_is_no_terminal() {
    titled("The Cat")
        .jobctl("list")
        .run()
        .ok()
        .stdout_lacks("\u{1b}");
    titled("The Cat")
        .jobctl("show beef")
        .run()
        .fails(3)
        .stderr_lacks("\u{1b}");
}

#[test]
fn colour_always_colours_a_table() {
    titled("The Cat")
        .jobctl("list --color always")
        .run()
        .ok()
        .stdout_has("\u{1b}[");
}

#[test]
fn clicolor_force_colours_a_table() {
    titled("The Cat")
        .jobctl("list")
        .env("CLICOLOR_FORCE", "1")
        .run()
        .ok()
        .stdout_has("\u{1b}[");
}

#[test]
fn clicolor_force_of_0_does_not() {
    titled("The Cat")
        .jobctl("list")
        .env("CLICOLOR_FORCE", "0")
        .run()
        .ok()
        .stdout_lacks("\u{1b}");
}

#[test]
fn colour_never_wins_over_clicolor_force() {
    let sandbox = titled("The Cat");
    let run = sandbox
        .jobctl("list --color never")
        .env("CLICOLOR_FORCE", "1");
    run.run().ok().stdout_lacks("\u{1b}");
}

#[test]
fn colour_always_wins_over_no_color() {
    let sandbox = titled("The Cat");
    let run = sandbox.jobctl("list --color always").env("NO_COLOR", "1");
    run.run().ok().stdout_has("\u{1b}[");
}

#[test]
fn data_formats_are_never_coloured() {
    for format in ["json", "jsonl", "csv", "tsv", "ids"] {
        titled("The Cat")
            .jobctl(["list", "-o", format, "--color", "always"])
            .run()
            .ok()
            .stdout_lacks("\u{1b}");
    }
}

#[test]
fn an_unknown_colour_is_a_usage_error() {
    titled("The Cat")
        .jobctl("list --color pink")
        .run()
        .fails(2)
        .stderr_has("pink")
        .stderr_has("never");
}

#[test]
fn a_status_can_be_told_without_colour() {
    let sandbox = Sandbox::service();
    for (number, status) in ["queued", "processing", "completed", "failed", "cancelled"]
        .into_iter()
        .enumerate()
    {
        sandbox.job(
            &format!("{number}aaaaaaa-1111-4111-8111-111111111111"),
            &[("status", &status)],
        );
    }
    let mut output = sandbox.jobctl("list").run().ok();
    for status in ["queued", "processing", "completed", "failed", "cancelled"] {
        output = output.stdout_has(status);
    }
}

// Times in a table.

#[test]
fn a_table_shows_local_times() {
    let sandbox = titled("The Cat");
    let run = sandbox.jobctl("list -o wide").env("TZ", "America/New_York");
    run.run().ok().stdout_has("2026-01-09 19:00:00");
}

#[test]
fn a_table_shows_utc_with_utc() {
    let sandbox = titled("The Cat");
    let run = sandbox
        .jobctl("list -o wide --utc")
        .env("TZ", "America/New_York");
    run.run().ok().stdout_has("2026-01-10 00:00:00");
}

// Errors.

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

// Closed pipes.

fn large() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO video_generation_jobs (id, job_type, status, content, created_at)
         SELECT printf('%08d-0000-4000-8000-000000000000', i), 'idea2video', 'queued', hex(zeroblob(200)), '2026-01-01 00:00:00.000000'
         FROM n",
    );
    sandbox
}

/// Reads one byte and closes the pipe.
#[track_caller]
fn closed(format: &str) {
    let sandbox = large();
    let mut command = sandbox.jobctl(["list", "--all", "-o", format]).command();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut [0]).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_closed_pipe_ends_a_table_quietly() {
    closed("wide");
}

#[test]
fn a_closed_pipe_ends_json_quietly() {
    closed("json");
}

#[test]
fn a_closed_pipe_ends_jsonl_quietly() {
    closed("jsonl");
}

#[test]
fn a_closed_pipe_ends_csv_quietly() {
    closed("csv");
}

#[test]
fn a_closed_pipe_ends_ids_quietly() {
    closed("ids");
}

#[test]
fn a_full_disk_is_74() {
    let sandbox = large();
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        return;
    };
    let mut command = sandbox.jobctl("list --all -o json").command();
    let output = command
        .stdin(Stdio::null())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(74));
    assert!(String::from_utf8_lossy(&output.stderr).contains("\"io_error\""));
}

#[test]
fn several_jobs_of_show_are_told_apart() {
    let sandbox = titled("The Cat");
    sandbox.job(B, &[("project_title", &"The Dog")]);
    sandbox.job(C, &[("project_title", &"The Owl")]);
    let output = sandbox.jobctl("show $A $B").run().ok();
    output
        .stdout_has("The Cat")
        .stdout_has("The Dog")
        .stdout_lacks("The Owl");
}
