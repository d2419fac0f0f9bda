//! What is said about each fixture: `tests/cli/screens/doctor/` holds a file for each check, and `SNAPSHOTS=overwrite` writes
//! them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use snapbox::Data;

use super::fixtures::all;
use super::{clean, of_service};
use crate::support::{A, B, Output, Sandbox};

/// What differs from run to run: the folder, who runs it, processes, the size of the disk.
fn steady(sandbox: &Sandbox, run: &Output) -> String {
    let folder = fs::canonicalize(sandbox.path("")).unwrap();
    let text = format!(
        "status {}\n{}--- stderr\n{}",
        run.status, run.stdout, run.stderr
    );
    // How much fits a quick look depends on the machine.
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("too large for"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    let mut text = text.replace(folder.to_str().unwrap(), "[FOLDER]");
    for (begin, end, name) in [
        ("(user ", ")", "USER"),
        ("(user ", ",", "USER"),
        ("process ", " (", "PID"),
        ("] (cli", ")", "PROGRAM"),
        ("-fp ", " ", "PID"),
        ("chown ", " ", "USER"),
        ("small/jobs.db: ", " free", "ROOM"),
    ] {
        let mut from = 0;
        while let Some(at) = text[from..].find(begin) {
            let at = from + at + begin.len();
            let Some(length) = text[at..].find(end) else {
                break;
            };
            let found = &text[at..at + length];
            let is_word = name == "PROGRAM" || name == "ROOM";
            if is_word || found.chars().all(|c| c.is_ascii_digit()) {
                text.replace_range(at..at + length, &format!("[{name}]"));
            }
            from = at;
        }
    }
    text
}

#[test]
fn each_check_finds_its_fixture_and_says_so_in_plain_words() {
    for fixture in all() {
        let run = fixture.run("");
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/cli/screens/doctor")
            .join(format!("{}.txt", fixture.check));
        snapbox::assert_data_eq!(
            steady(&fixture.sandbox, &run),
            Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw()
        );
    }
}

#[test]
fn each_fixture_has_the_one_finding_and_the_check_can_be_asked_for_alone() {
    for fixture in all() {
        for args in ["-o json".to_owned(), format!("-o json {}", fixture.check)] {
            let run = fixture.run(&args);
            // The first opening of this file undoes it.
            if fixture.check == "hot-journal" && args.contains("hot") {
                continue;
            }
            let findings = run.json()["findings"].clone();
            let found: Vec<&str> = findings
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["check"].as_str().unwrap())
                .collect();
            assert_eq!(found, [fixture.check], "{run}");
            let finding = &findings[0];
            let expected = i32::from(finding["severity"] == "error");
            assert_eq!(run.status, expected, "{run}");
            assert!(finding["count"].as_u64().unwrap() > 0, "{run}");
            assert!(
                !finding["examples"][0].as_str().unwrap().is_empty(),
                "{run}"
            );
            assert!(finding["means"].as_str().unwrap().len() > 60, "{run}");
            assert!(!finding["mend"].as_str().unwrap().is_empty(), "{run}");
        }
    }
}

#[test]
fn the_readme_shows_what_it_says() {
    let sandbox = clean();
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET result_data = '{{\"video\": ' WHERE id = '{A}';
         UPDATE video_generation_jobs SET created_at = '2026-01-05T09:30:00Z', updated_at = '2026-01-05T09:30:00Z' WHERE id = '{B}'"
    ));
    let run = sandbox.jobctl("doctor").run().fails(1);
    let expected = format!("$ jobctl doctor\n{}{}", run.stdout, run.stderr);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let begin = "<!-- doctor -->\n```console\n";
    let (before, behind) = readme.split_once(begin).unwrap();
    let (shown, behind) = behind.split_once("```\n<!-- end -->").unwrap();
    if std::env::var("SNAPSHOTS").is_ok_and(|it| it == "overwrite") {
        let text = format!("{before}{begin}{expected}```\n<!-- end -->{behind}");
        fs::write(&path, text).unwrap();
        return;
    }
    assert_eq!(shown, expected);
}

#[test]
fn there_is_a_fixture_for_every_check() {
    let help = Sandbox::new().jobctl("doctor --help").run().ok();
    let list = help.stdout.split("\nChecks:\n").nth(1).unwrap();
    let told: BTreeSet<&str> = list
        .lines()
        .take_while(|line| line.starts_with("  "))
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    let fixtures = all();
    let mut made: BTreeSet<&str> = fixtures.iter().map(|it| it.check).collect();
    // It may not be possible on this machine.
    made.insert("disk-space");
    assert_eq!(told, made);
}

#[test]
fn a_clean_file_has_no_finding() {
    for mode in ["DELETE", "WAL"] {
        let sandbox = clean();
        sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
        for args in ["doctor -q", "doctor --full -q", "doctor --strict -q"] {
            sandbox.jobctl(args).run().ok().no_stdout().no_stderr();
        }
        sandbox
            .jobctl("doctor")
            .run()
            .ok()
            .no_stdout()
            .stderr_is("all is well: 34 checks, 2 jobs in jobs.db\n");
        let run = sandbox.jobctl("doctor -o json").run().ok();
        let whole = run.json();
        assert_eq!(whole["database"], "jobs.db");
        assert_eq!(whole["findings"], serde_json::json!([]));
        assert_eq!(whole["fixed"], serde_json::json!([]));
    }
    let sandbox = Sandbox::new();
    let create = "create --type idea2video --content 'A cat crosses the road'";
    sandbox.jobctl(create).run().ok();
    sandbox
        .jobctl("doctor -q")
        .run()
        .ok()
        .no_stdout()
        .no_stderr();
    // What the service makes lacks the indexes, and nothing else.
    let run = of_service().jobctl("doctor -o json").run().ok();
    assert_eq!(run.json()["findings"].as_array().unwrap().len(), 1, "{run}");
}
