//! `list` for people: the columns, `--no-header`, `--stuck`, and pages while rows come and go.

use std::collections::BTreeMap;

use super::{A, B, plain};
use crate::args::Args;
use crate::pty::{self, Terminal};
use crate::support::Sandbox;

#[track_caller]
fn headings(args: impl Args, columns: u16) -> String {
    let screen = Terminal::new(plain().jobctl(args), columns).run().ends(0);
    let words: Vec<String> = screen.lines()[0]
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    words.join(" ")
}

#[test]
fn more_columns_come_as_the_terminal_widens() {
    if !pty::is_here() {
        return;
    }
    for (columns, expected) in [
        (60, "ID STATUS DONE STAGE TITLE AGE"),
        (80, "ID STATUS TYPE DONE STAGE TITLE AGE"),
        (100, "ID STATUS TYPE DONE STAGE TITLE AGE RAN"),
        (120, "ID STATUS TYPE DONE SHOTS STAGE TITLE AGE RAN"),
        (160, "ID STATUS TYPE DONE SHOTS STAGE TITLE ERROR AGE RAN"),
        (
            200,
            "ID STATUS TYPE DONE SHOTS STAGE TITLE STYLE ERROR AGE RAN",
        ),
    ] {
        assert_eq!(headings("list", columns), expected, "{columns} columns");
    }
}

#[test]
fn there_is_a_bar_on_a_terminal_alone() {
    if !pty::is_here() {
        return;
    }
    let sandbox = plain();
    Terminal::new(sandbox.jobctl("list"), 80)
        .run()
        .has("▓▓░░░  45%")
        .has("▓▓▓▓▓ 100%");
    sandbox
        .jobctl("list")
        .run()
        .stdout_has(" 45%")
        .stdout_lacks("▓")
        .stdout_lacks("░");
}

#[test]
fn no_header_leaves_the_headings_out_and_nothing_else() {
    let sandbox = plain();
    for args in ["list", "list -o wide", "list -o csv"] {
        let with = sandbox.jobctl(args).run().ok();
        let without = sandbox.jobctl(args).arg("--no-header").run().ok();
        let words = |line: &str| {
            line.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let rows = |lines: &[&str]| lines.iter().map(|line| words(line)).collect::<Vec<_>>();
        assert_eq!(rows(&with.lines()[1..]), rows(&without.lines()), "{args:?}");
    }
}

#[test]
fn no_header_of_nothing_is_nothing() {
    let sandbox = Sandbox::report();
    for format in ["table", "wide", "csv"] {
        sandbox
            .jobctl(["list", "--no-header", "-o", format])
            .run()
            .ok()
            .no_stdout();
    }
}

#[test]
fn stuck_says_for_how_long_and_what_it_cannot_know() {
    let sandbox = plain();
    let output = sandbox.jobctl("list --stuck 10m").run().ok();
    let output = output
        .stderr_has("updated_at is the only sign of life there is")
        .stderr_has("10m");
    let (heading, row) = (output.lines()[0], output.lines()[1]);
    assert!(
        heading.ends_with("QUIET") && row.ends_with("11m"),
        "{output}"
    );
    assert!(row.starts_with(A) && output.lines().len() == 2, "{output}");
}

#[test]
fn the_hint_of_stuck_is_for_people_who_see_stuck_jobs() {
    let sandbox = plain();
    for args in [
        "--stuck 10m -o ids",
        "--stuck 10m -o json",
        "--stuck 10m -q",
        "--stuck 10h",
        "",
    ] {
        sandbox.jobctl(("list", args)).run().ok().no_stderr();
    }
    let all = sandbox.jobctl("list --stuck 10m --all").run().ok();
    all.stderr_has("sign of life");
}

#[test]
fn fields_are_not_changed_by_stuck() {
    let output = plain()
        .jobctl("list --stuck 10m --fields id,title")
        .run()
        .ok();
    assert!(output.lines()[0].trim_end().ends_with("TITLE"), "{output}");
}

/// A job every minute; between two pages some go, some come, and some change.
#[test]
fn pages_are_stable_while_rows_come_and_go() {
    let sandbox = Sandbox::report();
    let id = |n: i64| format!("{n:08}-0000-4000-8000-000000000000");
    let add = |n: i64| {
        let at = format!("2026-01-10 {:02}:{:02}:00.000000", n / 60, n % 60);
        sandbox.job(&id(n), &[("created_at", &at)]);
    };
    for n in (100..200).step_by(2) {
        add(n);
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut after: Option<String> = None;
    let mut round = 0;
    loop {
        let after_it = after.map(|cursor| format!("--after={cursor}"));
        let args = ("list --limit=7 -o json", after_it.unwrap_or_default());
        let page = sandbox.jobctl(args).run().ok().json();
        for job in page["jobs"].as_array().unwrap() {
            *seen
                .entry(job["job_id"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else {
            break;
        };
        after = Some(cursor.to_owned());
        // The job of the cursor goes, one long passed goes, new ones come at the top and among those passed.
        let last = page["jobs"].as_array().unwrap().last().unwrap()["job_id"].clone();
        sandbox.sql(&format!(
            "DELETE FROM video_generation_jobs WHERE id = {}",
            last.to_string().replace('"', "'")
        ));
        add(201 + round);
        add(199 - 2 * round);
        sandbox.sql("UPDATE video_generation_jobs SET updated_at = '2026-01-15 00:00:00.000000', progress = progress + 1");
        round += 1;
    }
    assert!(round >= 7);
    for n in (100..200).step_by(2) {
        assert_eq!(seen.get(&id(n)), Some(&1), "{}", id(n));
    }
}

#[test]
fn ids_are_one_a_line_for_xargs() {
    let output = plain().jobctl("list -o ids --limit 2 -q").run().ok();
    assert_eq!(output.lines().len(), 2);
    assert!(output.lines().iter().all(|line| line.len() == 36));
    assert!(!output.lines().contains(&B));
}

/// A table that is not cut has a line for each job, however wide it is, and however many come behind the first rows.
#[test]
fn a_line_holds_a_job_however_wide_it_is() {
    let sandbox = Sandbox::report();
    let long = "long ".repeat(20_000);
    for number in 0..450 {
        let title = match number {
            0 | 449 => long.as_str(),
            _ => "short",
        };
        sandbox.job(&format!("job-{number:03}"), &[("project_title", &title)]);
    }
    let listed = sandbox
        .jobctl("list --all --sort id --fields title,id --no-header")
        .run()
        .ok();
    let lines = listed.lines();
    assert_eq!(lines.len(), 450);
    // The first 200 rows are as wide as their widest, and later ones at least as wide.
    for (number, line) in lines.iter().enumerate() {
        let space = if number == 0 || number == 449 {
            0
        } else {
            long.len() - "short".len()
        };
        let title = if space == 0 { long.as_str() } else { "short" };
        let blanks = " ".repeat(space + 2);
        assert!(
            *line == format!("{title}{blanks}job-{number:03}"),
            "line {number}"
        );
    }
}

/// Blanks of all kinds at the end of a line go, and a mark of a writing direction is none.
#[test]
fn a_table_has_no_blanks_at_its_ends() {
    let sandbox = Sandbox::report();
    for (id, title) in [
        ("a-01", "wide\u{3000} "),
        ("a-02", "灯台守"),
        ("a-03", "e\u{301}"),
        ("a-04", "👩\u{200d}🚀"),
    ] {
        sandbox.job(id, &[("project_title", &title), ("style", &title)]);
    }
    sandbox
        .jobctl("list --sort id --fields title,id,style")
        .run()
        .ok()
        .stdout_is("TITLE    ID    STYLE\nwide\u{3000}   a-01  wide\n灯台守   a-02  灯台守\ne\u{301}        a-03  e\u{301}\n👩\u{200d}🚀       a-04  👩\u{200d}🚀\n");
}
