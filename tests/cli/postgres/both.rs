//! The tests of the commands pass on PostgreSQL as on SQLite: output, exit status and message are the same, word for word, but for the
//! name of the database. This program runs itself again for that, with `JOBCTL_TEST_BACKEND=postgres`, by which each sandbox has a database
//! in the place of its file; a test that is SQLite's alone stands in `left_out.txt` with the reason. By hand, on some of them:
//! `JOBCTL_TEST_BACKEND=postgres cargo test --test cli -- list::`.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

/// `PATTERN | REASON` in each line: a pattern is the name of a test, or of a module with `::` at its end, or the beginning of names with `_`.
const LEFT_OUT: &str = include_str!("left_out.txt");

fn left_out() -> Vec<(&'static str, &'static str)> {
    let lines = LEFT_OUT.lines().filter(|line| !line.is_empty());
    let apart = |line: &'static str| {
        let (pattern, reason) = line.split_once(" | ").expect("PATTERN | REASON");
        (pattern.trim(), reason.trim())
    };
    lines.map(apart).collect()
}

fn is_meant(pattern: &str, test: &str) -> bool {
    test == pattern || pattern.ends_with([':', '_']) && test.starts_with(pattern)
}

/// The names of all tests of this program.
fn all() -> Vec<String> {
    let program = env::current_exe().unwrap();
    let listed = Command::new(program)
        .args(["--list", "--format", "terse"])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let names = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    names.map(str::to_owned).collect()
}

#[test]
fn what_is_left_out_is_there_and_has_a_reason() {
    let all = all();
    let mut seen = BTreeSet::new();
    for (pattern, reason) in left_out() {
        assert!(!reason.is_empty(), "{pattern} has no reason");
        assert!(seen.insert(pattern), "{pattern} stands there twice");
        let is_there = all.iter().any(|test| is_meant(pattern, test));
        assert!(is_there, "{pattern} is no test");
    }
}

#[cfg(feature = "postgres")]
#[test]
#[ignore = "runs a thousand tests, as .ci/run does: cargo test --test cli -- --ignored --nocapture postgres::both"]
#[allow(clippy::print_stdout)]
fn the_tests_of_the_commands_pass_on_postgres() {
    if super::database::is_wanted() || super::cluster::cluster().is_none() {
        return;
    }
    let left_out = left_out();
    let mut chosen = all();
    chosen.retain(|test| !left_out.iter().any(|(pattern, _)| is_meant(pattern, test)));
    assert!(chosen.len() > 300, "{} tests alone", chosen.len());
    let run = Command::new(env::current_exe().unwrap())
        .arg("--exact")
        .args(&chosen)
        .env("JOBCTL_TEST_BACKEND", "postgres")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    // The failures stand behind the names of all tests.
    let failures = said.split_once("\nfailures:\n").map_or("", |it| it.1);
    let summary = said
        .lines()
        .rev()
        .find(|line| line.starts_with("test result"));
    let summary = summary.unwrap_or("the run ended early");
    println!("on PostgreSQL: {summary}");
    assert!(
        run.status.success(),
        "on PostgreSQL: {summary}\n{failures}\n{}",
        String::from_utf8_lossy(&run.stderr)
    );
}
