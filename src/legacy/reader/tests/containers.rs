//! The recognition of jobs and containers, and what is said of everything else.

use super::{DumpReader, check, told};

#[test]
fn containers() {
    check(
        r#"{"A": {"id":1}, "B":{"x":5,"status":2}}"#,
        &[r#"/A {"id":1}"#, r#"/B {"x":5,"status":2}"#],
    );
    check(r#"{"j1": {"request":{}}}"#, &[r#"/ {"request":{}}"#]);
    check(
        r#"[{"id":1} , {"type":[{"id":2}]}]"#,
        &[r#"/ {"id":1}"#, r#"/ {"type":[{"id":2}]}"#],
    );
    check(
        "{\"id\":1}\r\n\r\n{\"id\":2}\n  {\"id\":3}",
        &[r#"/ {"id":1}"#, r#"/ {"id":2}"#, r#"/ {"id":3}"#],
    );
    check(
        r#"{"id":1}{"id":2} {"id":3}"#,
        &[r#"/ {"id":1}"#, r#"/ {"id":2}"#, r#"/ {"id":3}"#],
    );
    check(
        "{\n\"id\":1\n}\n{\n\"id\":2\n}",
        &["/ {\n\"id\":1\n}", "/ {\n\"id\":2\n}"],
    );
    check(
        r#"{"pagination":{"total":{"id":1}},"jobs":[{"id":1}],"dry_run":true}"#,
        &[r#"jobs/ {"id":1}"#],
    );
    check(
        r#"{"jobs":{"A":{"id":1}},"empty":{},"none":[],"pipeline_jobs":[[{"B":{"id":2}}]]}"#,
        &[r#"jobs/A {"id":1}"#, r#"pipeline_jobs/B {"id":2}"#],
    );
    check(
        r#"{"data":{"stores":{"A":{"id":1}},"B":{"id":2}}}"#,
        &[r#"stores/A {"id":1}"#, r#"data/B {"id":2}"#],
    );
    check(
        "[[{\"id\":1}]]\n{\"A\":{\"id\":2}}\n{\"id\":3}",
        &[r#"/ {"id":1}"#, r#"/A {"id":2}"#, r#"/ {"id":3}"#],
    );
    check(
        "\u{feff}{\"id\":1}\n\u{feff}{\"id\":2}",
        &[r#"/ {"id":1}"#, r#"/ {"id":2}"#],
    );
    check(
        r#"{"\u0041\n": {"\u0069d":1}}"#.replace("0041", "0043").as_str(),
        &["/C\n {\"\\u0069d\":1}"],
    );
    check(
        r#"{"source":"f","record":{"id":1}}"#,
        &[r#"/ {"source":"f","record":{"id":1}}"#],
    );
    check(r#"[{"foo":1,"bar":"}"}]"#, &[r#"/ {"foo":1,"bar":"}"}"#]);
    check(
        r#"[{"extra":{"a":[]},"job_id":1}]"#,
        &[r#"/ {"extra":{"a":[]},"job_id":1}"#],
    );
    check(r#"{"total":1,"count":0}"#, &[]);
}

#[test]
fn nothing_at_all() {
    for (input, value) in [
        ("", false),
        (" \r\n\t", false),
        ("\u{feff}\n", false),
        ("{}", true),
        (" [ ]\n", true),
    ] {
        let mut reader = DumpReader::new(input.as_bytes());
        assert!(reader.next().unwrap().is_none(), "{input:?}");
        assert_eq!(reader.saw_value(), value, "{input:?}");
        assert_eq!(reader.bytes_read(), input.len() as u64);
    }
}

#[test]
fn what_is_no_job() {
    check(
        r#"{"A":5,"B":null,"x":"te\"xt","A":{},"y":[true,{},-1.5e3],"B":{"id":1}}"#,
        &[
            "bad: 5: a job must be an object, found a number",
            "bad: null: a job must be an object, found null",
            "bad: {}: a job must have members, found an empty object",
            "bad: true: a job must be an object, found true or false",
            "bad: {}: a job must have members, found an empty object",
            "bad: -1.5e3: a job must be an object, found a number",
            r#"/B {"id":1}"#,
        ],
    );
    assert_eq!(
        told(b"{\"a\xff\":{\"id\":1},\"b\":{\"id\":\"\xff\"}}"),
        [
            "bad: {\"id\":1}: its key is not valid text",
            "/ {\"id\":\"\u{fffd}\"}"
        ]
    );
    check(
        "garbage text",
        &["broken at 0: it is plain text, no JSON; it begins \"garbage text\""],
    );
    check(
        "<html>\n{}",
        &["broken at 0: it is HTML, a page and not the data"],
    );
    check(
        "note\n{\"id\":1}\n",
        &[
            "bad: note: no job, but a line before the first",
            "/ {\"id\":1}",
        ],
    );
    check(
        "{\"id\":1} x\n7\n\"s\"\n}\n",
        &[
            "/ {\"id\":1}",
            "broken at 9: expected another job or the end of the file, found \"x\"",
        ],
    );
    check(
        "{\"id\":1}\n7\ntrue \"x\"\n}\n{\"id\":2} x\n",
        &[
            "/ {\"id\":1}",
            "bad: 7: a job must be an object, found a number",
            "bad: true \"x\": a job must be an object, found true or false",
            "bad: }: a job must be an object, found \"}\"",
            "/ {\"id\":2}",
            "bad: x: a job must be an object, found \"x\"",
        ],
    );
}
