//! Damage by hand: what one bad place costs.

use super::{A, Seen, check, read_with, told};

#[test]
fn structure_that_allows_to_go_on() {
    let (missing, many) = ("bad: : a comma is missing here", "bad: ,: a comma too many");
    let [one, two] = [r#"/A {"id":1}"#, r#"/B {"id":2}"#];
    check(r#"{"A":{"id":1} "B":{"id":2}}"#, &[one, missing, two]);
    check(
        r#"{,"A":{"id":1},,"B":{"id":2},}"#,
        &[many, one, many, two, "bad: : a comma too many before \"}\""],
    );
    let stray = "bad: xyz: expected \",\" or \"}\" after a job, found \"x\"";
    check(r#"{"A":{"id":1}xyz,"B":{"id":2}}"#, &[one, stray, two]);
    check(r#"{"A":{"id":1}xyz"B":{"id":2}}"#, &[one, stray, two]);
    check(
        r#"{"A":{"id":1}xyz"#,
        &[
            one,
            "broken at 48: expected \",\" or \"}\" after a job, found \"x\"",
        ],
    );
    check(
        r#"{"A" {"id":1},"B":{"id":2}}"#,
        &["bad: {\"id\":1}: expected \":\" after its key", two],
    );
    check(
        r#"{"A":,"B":{"id":2}}"#,
        &["bad: : a job must be an object, found nothing", two],
    );
    check(
        r#"[{"id":1]"#,
        &["bad: {\"id\":1: its brackets do not match"],
    );
    check(
        r#"{"A":{"id":[1},"B":{"id":2}}"#,
        &["bad: {\"id\":[1}: its brackets do not match", two],
    );
    let early = "bad: ,: the container of the jobs is closed too early";
    check(r#"{"A":{"id":1}},"B":{"id":2}}"#, &[one, early, two]);
    check(
        r#"[{"A":{"id":1}] "#,
        &[one, "bad: : the object that holds the jobs is not closed"],
    );
}

#[test]
fn a_job_that_does_not_end() {
    let runs_on = ": the job does not end before the next one begins";
    for open in [
        r#"{"id":"1"#,
        r#"{"id":[1"#,
        r#"{"status":{"id":1"#,
        r#"{"id":{"a":1}"#,
    ] {
        let two = r#"/B {"id":2}"#;
        check(
            &format!("{{\n\"A\": {open},\n\"B\": {{\"id\":2}}\n}}"),
            &[&format!("bad: {open}{runs_on}"), two],
        );
        check(
            &format!("[\n {open},\n {{\"id\":2}}\n]"),
            &[&format!("bad: {open}{runs_on}"), "/ {\"id\":2}"],
        );
        let line = format!("bad: {open}: the line is not one whole JSON object");
        check(
            &format!("{{\"id\":0}}\n{open}\r\n{{\"id\":2}}"),
            &["/ {\"id\":0}", &line, "/ {\"id\":2}"],
        );
        check(&format!("{open}\n{{\"id\":2}}"), &[&line, "/ {\"id\":2}"]);
    }
    check(
        "{\"id\":0}\n{\"id\":1",
        &[
            "/ {\"id\":0}",
            "broken at 9: the file ends in the middle of a job",
        ],
    );
    check("{\"id\":\"a\n\"}", &["/ {\"id\":\"a\n\"}"]);
}

#[test]
fn depth_and_length() {
    let deep = format!(r#"{{"id":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    check(&deep, &[&format!("/ {deep}")]);
    let containers = format!(
        "[{}{{\"id\":1}}{}, {{\"id\":2}}]",
        "[".repeat(100),
        "]".repeat(100)
    );
    let seen = told(&containers);
    assert!(
        seen[0].ends_with("more than 64 containers stand within each other"),
        "{seen:?}"
    );
    assert_eq!(seen[1..], ["/ {\"id\":2}"]);

    let text = format!(r#"{{"A":{{"id":"{}"}},"B":{{"id":2}}}}"#, "x".repeat(9000)).replace('A', A);
    for buffer in [1, 100, 4000, 20_000] {
        let seen = read_with(text.as_bytes(), buffer, 8000);
        let Seen::Bad {
            key,
            text: held,
            position,
            reason,
            ..
        } = &seen[0]
        else {
            panic!("{seen:?}")
        };
        assert_eq!(key.as_deref(), Some(A));
        assert_eq!(held.as_slice(), &text.as_bytes()[40..40 + 4096]);
        assert_eq!(
            (*position, reason.as_str()),
            (
                40,
                "it is longer than the 8000 bytes that a job may have (--max-record)"
            )
        );
        assert_eq!(seen.len(), 2);
        assert_eq!(read_with(&text.as_bytes()[..5000], buffer, 1000).len(), 1);
    }
}
