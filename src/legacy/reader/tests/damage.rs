//! Dumps that are damaged by hand: the cost of one fault.

use super::{A, SeenItem, check, read_with, told, with_ids};

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

/// Asserts that these records come out, each once, among any messages.
#[track_caller]
fn keeps(input: &str, jobs: &[&str]) {
    let seen = told(with_ids(input));
    for job in jobs {
        let job = with_ids(job);
        let count = seen.iter().filter(|seen| **seen == job).count();
        assert_eq!(count, 1, "{job} of\n{input}\n{seen:#?}");
    }
}

#[test]
fn a_damage_to_one_job_leaves_the_others() {
    // The name that the next job is told by.
    keeps(
        "{\n \"A\": {\n  xid\": 1,\n  \"x\": 2\n },\n \"B\": {\n  \"id\": 2\n }\n}",
        &["/B {\n  \"id\": 2\n }"],
    );
    keeps(
        "[\n {\"id\":1},\n {\n  \"id: 2,\n  \"x\": 3\n },\n {\"id\":3}\n]",
        &["/ {\"id\":1}", "/ {\"id\":3}"],
    );
    // Its brace: doubled, a bracket instead, a quotation mark instead.
    for second in [
        "{{\"id\":2}",
        "{[\"id\":2}",
        "\"\"id\":2}",
        "}\"id\":2}",
        "\"id\":2}",
    ] {
        keeps(
            &format!("[\n{{\"id\":1}},\n{second},\n{{\"id\":3}}\n]"),
            &["/ {\"id\":1}", "/ {\"id\":3}"],
        );
    }
    // A bracket too many: the layout of the rest of the job says nothing of the jobs behind it.
    for second in [
        r#"{"id":2,"x":[{"status":1}},{"status":2}]},"#,
        r#"{"id":2,"x":[{"status":1}]],"y":{"z":3}},"#,
        r#"{"id":2,"x":]{"status":1}},"#,
        r#"{"id":2,"x":{"status":"1}},"#,
    ] {
        let array = format!("[\n  {{\"id\":1}},\n  {second}\n  {{\"id\":3}}\n ]");
        keeps(&array, &["/ {\"id\":1}", "/ {\"id\":3}"]);
        keeps(
            &format!("{{\n \"jobs\": {array},\n \"total\": 3\n}}"),
            &["jobs/ {\"id\":1}", "jobs/ {\"id\":3}"],
        );
    }
    // A brace too many between two.
    for before in ["{\"id\":2}{\n ", "{\"id\":2},\n   {  "] {
        keeps(
            &format!("[\n {{\"id\":1}},\n {before}{{\"id\":3}},\n {{\"id\":4}},\n {{\"id\":5}}\n]"),
            &["/ {\"id\":1}", "/ {\"id\":4}", "/ {\"id\":5}"],
        );
    }
    // A list left over from one job is no measure when the container is closed too early behind another.
    keeps(
        "{\n \"jobs\": [\n  {\"id\":1,\"x\"} [\n    {\"status\":1}\n   ]},\n  {\"id\":2},\n  {\"id\":3,\"x\": [\n    {\"status\":1\n }  },\n    {\"status\":2}\n   ]},\n  {\"id\":4},\n  {\"id\":5}\n ],\n \"total\": 3\n}",
        &["jobs/ {\"id\":2}", "jobs/ {\"id\":4}", "jobs/ {\"id\":5}"],
    );
    // The last one of a store.
    keeps(
        "{\n \"x\": [\n  {\"id\":1},\n  {\"id\":\"2}\n ],\n \"y\": {\n  \"A\": {\"id\":3}\n }\n}",
        &["x/ {\"id\":1}", "y/A {\"id\":3}"],
    );
    // The first line, with a blank one behind it.
    keeps("{\"id\":\"1}\n\n{\"id\":2}\n", &["/ {\"id\":2}"]);
    keeps("{\"id\":1},\n\"x\":2}\n{\"id\":2}\n", &["/ {\"id\":2}"]);
}

#[test]
fn what_looks_like_the_next_job_is_a_part_of_this_one() {
    check(
        "[\n{\"id\":1,\"shots\":[{\"status\":1},\n{\"status\":2}]},\n{\"id\":2}\n]",
        &[
            "/ {\"id\":1,\"shots\":[{\"status\":1},\n{\"status\":2}]}",
            "/ {\"id\":2}",
        ],
    );
    check(
        "{\n\"A\":{\"id\":1,\"x\":{\n\"B\":{\"y\":2}}}\n}",
        &["/A {\"id\":1,\"x\":{\n\"B\":{\"y\":2}}}"],
    );
}

#[test]
fn blank_space_behind_a_comma_is_looked_at_in_any_buffer() {
    for blank in [1, 62, 63, 64, 65, 200] {
        let input = format!("[{{\"id\":1}}],{}{{\"id\":2}}]", " ".repeat(blank));
        let whole = read_with(input.as_bytes(), 4000, 100);
        for buffer in [1, 16, 70] {
            assert_eq!(read_with(input.as_bytes(), buffer, 100), whole, "{blank}");
        }
    }
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
        let SeenItem::Bad {
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
