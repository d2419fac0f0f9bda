//! What each command says in each format, and CSV.

use super::{FORMATS, titled};
use crate::support::{A, B};

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
