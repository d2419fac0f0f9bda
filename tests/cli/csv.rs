//! CSV for spreadsheets: `--excel`, and texts that would be run as formulas.

use crate::support::{A, B, Run, Sandbox};

fn two() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(
        A,
        &[("project_title", &"第一次看见大海"), ("status", &"failed")],
    );
    sandbox.job(
        B,
        &[("project_title", &"two\nlines"), ("status", &"failed")],
    );
    sandbox
}

/// For Excel: a byte order mark once, and each line ended by CRLF; line breaks in a text stay.
#[track_caller]
fn for_excel(text: &str, lines: usize) {
    assert!(text.starts_with('\u{feff}'), "{text:?}");
    assert_eq!(text.matches('\u{feff}').count(), 1, "{text:?}");
    assert!(text.ends_with("\r\n"), "{text:?}");
    assert_eq!(text.matches("\r\n").count(), lines, "{text:?}");
    assert!(!text.contains("two\r\nlines"), "{text:?}");
}

#[test]
fn every_command_that_has_csv_has_it_for_excel() {
    for (args, lines) in [
        ("list", 3),
        ("list --all --no-header", 2),
        ("list --status queued", 1),
        ("show $A $B", 3),
        ("export", 3),
        ("stats", 6),
        ("stats --by type", 2),
        ("wait $A", 2),
        ("update $A --title x", 2),
        ("update $A --title x --dry-run", 2),
        ("delete --status failed --dry-run", 3),
        ("cleanup --older-than 1d --dry-run", 3),
        ("cleanup --older-than 1d --yes", 3),
        ("delete $A $B", 3),
        ("create --type idea2video --content 'A cat crosses'", 2),
        ("create --json []", 1),
    ] {
        let sandbox = two();
        let output = sandbox.jobctl((args, "-o csv --excel")).run();
        assert!([0, 1].contains(&output.status), "{args:?}{output}");
        for_excel(&output.stdout, lines);
        let plain = two().jobctl((args, "-o csv")).run().stdout;
        let same = output.stdout.replace("\r\n", "\n").replace('\u{feff}', "");
        assert_eq!(plain, same, "{args:?}");
    }
}

#[test]
fn files_are_for_excel_too() {
    let sandbox = two();
    for (command, lines) in [("export", 3), ("stats", 6)] {
        let args = [command, "-o", "csv", "--excel", "--to", "jobs.csv"];
        sandbox.jobctl(args).run().ok();
        for_excel(&sandbox.read("jobs.csv"), lines);
    }
}

#[test]
fn for_other_formats_it_is_a_usage_error() {
    let sandbox = two();
    let run = |args: &str| -> Run { sandbox.jobctl((args, "--excel")) };
    for args in [
        "list",
        "list -o json",
        "list -o ids",
        "export",
        "export -o jsonl",
        "stats",
        "stats -o prometheus",
        "delete $A",
    ] {
        run(args).run().fails(2).no_stdout().stderr_has("-o csv");
    }
    assert_eq!(sandbox.count(), 2);
}

/// The title as CSV has it.
#[track_caller]
fn titled(sandbox: &Sandbox, title: &str) -> String {
    let sql = "UPDATE video_generation_jobs SET project_title = ?1";
    sandbox.change(sql, &[&title]);
    let args = "list -o csv --fields title --no-header";
    let output = sandbox.jobctl(args).run().ok();
    let field = output.stdout.strip_suffix('\n').unwrap().to_owned();
    let exported = sandbox.jobctl("export -o csv").run().ok().stdout;
    assert!(
        exported.contains(&field),
        "{field:?} expected in {exported:?}"
    );
    field
}

fn unquoted(field: &str) -> String {
    match field
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(inner) => inner.replace("\"\"", "\""),
        None => field.to_owned(),
    }
}

/// As the README says it is told.
fn taken_back(field: &str) -> &str {
    let guarded = field.trim_start_matches('\'');
    let is_guarded = guarded.len() < field.len()
        && guarded.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if is_guarded { &field[1..] } else { field }
}

#[test]
fn what_a_spreadsheet_would_run_gets_an_apostrophe() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    for start in [
        "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\t=", "-5",
    ] {
        let title = format!("{start}SUM(1)");
        let field = unquoted(&titled(&sandbox, &title));
        assert_eq!(field, format!("'{title}"));
    }
    for title in ["a=1", "5-3", "猫＝ネコ", "'tis", "''", " plain"] {
        assert_eq!(titled(&sandbox, title), title);
    }
}

#[test]
fn a_guarded_text_can_be_told_from_one_that_begins_so() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    for title in ["=1", "'=1", "''=1", "'", "'a", "=", "'\t", "＝1", "a"] {
        let field = unquoted(&titled(&sandbox, title));
        assert_eq!(taken_back(&field), title, "{field:?}");
    }
}

#[test]
fn a_tab_in_a_field_is_quoted() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    assert_eq!(titled(&sandbox, "a\t=1"), "\"a\t=1\"");
}

#[test]
fn numbers_stay_numbers() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("progress", &-5.5), ("completed_shots", &-3)]);
    let args = "list -o csv --fields progress,completed_shots";
    let output = sandbox.jobctl(args).run().ok();
    assert_eq!(output.lines()[1], "-5.5,-3");
}
