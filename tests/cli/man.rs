//! The manual pages: those committed are those printed, and `man` shows them. `SNAPSHOTS=overwrite` writes them anew.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use snapbox::Data;

use crate::args::Args;
use crate::machine::skipped;
use crate::support::Sandbox;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("man")
}

/// The commands that the help names, but `help` itself.
fn commands() -> Vec<String> {
    let help = Sandbox::new().jobctl("--help").run().ok().stdout;
    let lines = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.trim().is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<String> = names
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .filter(|name| name != "help")
        .collect();
    assert!(names.len() >= 10, "{names:?}");
    names
}

/// Each page by the name of its file.
fn pages() -> Vec<(String, String)> {
    let page = |args: &str| Sandbox::new().jobctl(args).run().ok().no_stderr().stdout;
    let mut pages = vec![("jobctl.1".to_owned(), page("man"))];
    pages.extend(commands().into_iter().map(|command| {
        (
            format!("jobctl-{command}.1"),
            page(&format!("man {command}")),
        )
    }));
    pages
}

#[test]
fn the_committed_pages_are_those_that_it_prints() {
    for (name, page) in pages() {
        snapbox::assert_data_eq!(
            page,
            Data::read_from(&folder().join(name), Some(snapbox::data::DataFormat::Text)).raw()
        );
    }
}

#[test]
fn no_other_file_lies_beside_the_committed_pages() {
    let pages = pages();
    let files = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let other: Vec<String> = files
        .filter(|file| !pages.iter().any(|(name, _)| name == file))
        .collect();
    assert_eq!(other, [""; 0]);
}

#[test]
fn each_page_has_examples_exit_statuses_the_environment_and_the_files() {
    for (name, page) in pages() {
        for section in ["EXAMPLES", "EXIT STATUS", "ENVIRONMENT", "FILES"] {
            let heads = [format!(".SH {section}"), format!(".SH \"{section}\"")];
            assert!(
                page.lines()
                    .any(|line| heads.iter().any(|head| line == head)),
                "{section} in {name}"
            );
        }
    }
}

#[test]
fn the_exit_statuses_are_all_there() {
    let (_, page) = &pages()[0];
    for status in ["0", "1", "2", "3", "4", "65", "66", "74", "75", "130"] {
        assert!(
            page.lines()
                .any(|line| line.trim_start_matches("\\fB").trim_end_matches("\\fR") == status),
            "{status}"
        );
    }
}

#[test]
fn the_environment_names_what_counts() {
    let (_, page) = &pages()[0];
    for name in ["JOBCTL_DB", "DATABASE_URL", "NO_COLOR", "CLICOLOR_FORCE"] {
        assert!(
            page.contains(&name.replace('_', "\\_")) || page.contains(name),
            "{name}"
        );
    }
}

#[test]
fn the_variables_of_the_tests_are_nobody_else_s_business() {
    assert!(
        pages()
            .iter()
            .all(|(_, page)| !page.contains("JOBCTL_TEST") && !page.contains("JOBCTL\\_TEST"))
    );
}

#[test]
fn a_page_of_no_command_is_a_usage_error_that_names_it() {
    Sandbox::new()
        .jobctl("man migrat")
        .run()
        .fails(2)
        .no_stdout()
        .stderr_has("migrat");
}

#[test]
fn the_nearest_command_is_named() {
    Sandbox::new()
        .jobctl("man migrat")
        .run()
        .fails(2)
        .stderr_has("migrate");
}

/// Formats each page with a tool: it may warn of nothing.
#[track_caller]
fn formats(tool: &str, args: impl Args, is_warning: impl Fn(&str) -> bool) {
    let sandbox = Sandbox::new();
    for (name, page) in pages() {
        sandbox.write(&name, page);
        let mut command = Command::new(tool);
        command
            .args(args.words())
            .arg(&name)
            .current_dir(sandbox.path(""))
            .stdin(Stdio::null());
        command
            .env("MANWIDTH", "80")
            .env("MAN_DISABLE_SECCOMP", "1")
            .env("LC_ALL", "C.UTF-8");
        let Ok(output) = command.output() else {
            skipped(&format!("{tool} is not here"));
            return;
        };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let warnings: Vec<&str> = said
            .lines()
            .chain(text.lines())
            .filter(|line| is_warning(line))
            .collect();
        assert!(warnings.is_empty(), "{name}:\n{}", warnings.join("\n"));
    }
}

#[test]
fn man_shows_each_page_without_a_warning() {
    formats("man", "--warnings -l", |line| {
        line.contains("warning") && line.contains(".1>")
            || line.contains("an-old.tmac")
            || line.contains("troff")
    });
}

#[test]
fn groff_formats_each_page_without_a_warning() {
    formats("groff", "-man -ww -Tutf8 -z", |line| !line.is_empty());
}

#[test]
fn mandoc_finds_no_error_in_any_page() {
    formats("mandoc", "-T lint -W error", |line| {
        line.contains("ERROR") || line.contains("UNSUPP")
    });
}

#[test]
fn groff_prints_the_words_of_a_page() {
    let sandbox = Sandbox::new();
    sandbox.write("page.1", &pages()[0].1);
    let run = Command::new("groff")
        .args(["-man", "-Tascii", "page.1"])
        .current_dir(sandbox.path(""))
        .output();
    let Ok(output) = run else {
        skipped("groff is not here");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("jobctl") && text.contains("JOBCTL_DB"),
        "{text}"
    );
}
