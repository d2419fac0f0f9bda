//! Dumps on one line in which a string does not end where it should: that record is rejected, and what stands behind it arrives.

use serde_json::{Value, json};

use super::{api_server, counts, import, manager, pipeline, row, sample, with};
use crate::support::{A, B, C, D, Output, Sandbox};

/// What makes a damaged text of a sound one.
type Damage = (&'static str, fn(String) -> String);

/// A backslash at the end of a string, a quotation mark that is missing, in the middle of the record and at its end.
const DAMAGES: [Damage; 7] = [
    ("escaped", |text| {
        text.replacen(r#""title":"Small Gods""#, r#""title":"C:\out\""#, 1)
    }),
    ("not closed", |text| {
        text.replacen(r#""status":"queued""#, r#""status":"queued"#, 1)
    }),
    ("not opened", |text| {
        text.replacen(r#""status":"queued""#, r#""status":queued""#, 1)
    }),
    ("a name", |text| {
        text.replacen(r#""status":"#, r#""status:"#, 1)
    }),
    ("the first name", |text| {
        text.replacen(r#""job_id":"#, r#""job_id:"#, 1)
    }),
    ("at the end", |text| {
        format!("{},\"path\":\"C:\\\"}}", &text[..text.len() - 1])
    }),
    ("not closed at the end", |text| {
        format!("{},\"path\":\"C:}}", &text[..text.len() - 1])
    }),
];

fn ids(n: usize) -> Vec<String> {
    (0..n)
        .map(|n| format!("{n:08x}-0000-4000-8000-000000000000"))
        .collect()
}

fn joined(records: &[String]) -> String {
    format!("[{}]", records.join(","))
}

fn keyed(ids: &[String], records: &[String]) -> String {
    let members = ids.iter().zip(records);
    let members: Vec<_> = members
        .map(|(id, text)| format!("\"{id}\":{text}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// The rejects of an import in which these ids alone do not arrive.
#[track_caller]
fn costs(text: &str, all: &[String], bad: &[usize], what: &str) -> Vec<Value> {
    let sandbox = Sandbox::new();
    let run = import(&sandbox, text, "--rejects bad.jsonl").fails(65);
    let (n, lost) = (all.len() as u64, bad.len() as u64);
    let read = run.json();
    assert_eq!(counts(&read), [n, n - lost, 0, 0, lost], "{what}{run}");
    assert_eq!(read["problems"], json!([]), "{what}{run}");
    let places = all.iter().enumerate();
    let others: Vec<_> = places
        .filter(|(n, _)| !bad.contains(n))
        .map(|it| it.1)
        .collect();
    assert_eq!(sandbox.ids().iter().collect::<Vec<_>>(), others, "{what}");
    let lines = sandbox.read("bad.jsonl");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn one_record_is_lost() {
    let ids = ids(5);
    for (what, damage) in DAMAGES {
        for bad in [0, 2, 4] {
            let mut records: Vec<_> = ids.iter().map(|id| manager(id).to_string()).collect();
            records[bad] = damage(records[bad].clone());
            let (array, object) = (joined(&records), keyed(&ids, &records));
            let page = format!(r#"{{"jobs":{array},"pagination":{{"total":5}}}}"#);
            let (two, three) = (joined(&records[..2]), keyed(&ids[2..], &records[2..]));
            let stores = format!(r#"{{"jobs": {two}, "pipeline_jobs": {three}}}"#);
            for text in [array, object.clone(), page, stores, object + "\n"] {
                let rejects = costs(&text, &ids, &[bad], what);
                assert_eq!(rejects[0]["record"], records[bad].as_str(), "{what}");
                assert_eq!(rejects[0]["line"], 1);
                let at = text.find(&records[bad]).unwrap();
                assert_eq!(rejects[0]["position"], at);
                let before = &text[..at];
                let key = before.ends_with(':').then_some(ids[bad].as_str());
                assert_eq!(rejects[0]["key"], json!(key), "{what}");
                let reason = rejects[0]["reason"].as_str().unwrap();
                assert!(reason.contains("string"), "{reason}");
            }
        }
    }
}

#[test]
fn several_are_lost_and_nothing_between_them() {
    let ids = ids(9);
    let more = |id: &str| with(manager(id), json!({"title": "Small Gods"})).to_string();
    for (what, damage) in DAMAGES {
        let mut records: Vec<_> = ids.iter().map(|id| more(id)).collect();
        // A record without its first name tells nobody that it begins there.
        let all = [1, if what == "the first name" { 3 } else { 2 }, 6];
        for bad in all {
            records[bad] = damage(records[bad].clone());
        }
        costs(&joined(&records), &ids, &all, what);
        costs(&keyed(&ids, &records), &ids, &all, what);
    }
}

#[test]
fn texts_with_brackets_and_long_ones_are_no_hindrance() {
    let ids = ids(40);
    for text in [
        "a } b",
        "[x] {y} ",
        "}],\"",
        "{\"a\": [{\"b\": 1}, {\"b\": 2}]}",
    ] {
        let text = text.repeat(3_000);
        let record = |id: &String| with(manager(id), json!({"error": text})).to_string();
        let mut records: Vec<_> = ids.iter().map(record).collect();
        for bad in [0, 7, 39] {
            records[bad] = records[bad].replacen("\"status\":\"queued\"", "\"status\":\"C:\\\"", 1);
        }
        costs(&keyed(&ids, &records), &ids, &[0, 7, 39], &text[..9]);
    }
}

#[test]
fn other_stores_and_spaces_between_tokens() {
    let records = [api_server(A), pipeline(B), row(C), manager(D)];
    let all: Vec<_> = [A, B, C, D].map(str::to_owned).into();
    for bad in 0..4 {
        let mut texts = records.clone().map(|record| spaced(&record.to_string()));
        let at = texts[bad].find("\"created_at\": \"").unwrap() + 18;
        texts[bad].insert(at, '"');
        costs(
            &keyed(&all, &texts).replace("},\"", "}, \""),
            &all,
            &[bad],
            "keyed",
        );
    }
}

/// With a blank behind commas and colons between tokens, as Python writes.
fn spaced(text: &str) -> String {
    text.replace("\":", "\": ").replace(",\"", ", \"")
}

#[test]
fn a_limit_for_records_changes_nothing() {
    let ids = ids(400);
    let mut records: Vec<_> = ids.iter().map(|id| manager(id).to_string()).collect();
    records[3] = DAMAGES[0].1(records[3].clone());
    let sandbox = Sandbox::new();
    let run = import(&sandbox, joined(&records), "--max-record 1k").fails(65);
    assert_eq!(counts(&run.json()), [400, 399, 0, 0, 1], "{run}");
}

/// What is left of a dump in which nothing tells where the next record begins.
#[track_caller]
fn cannot_go_on(text: &str) -> (Sandbox, Output) {
    let sandbox = Sandbox::new();
    let run = import(&sandbox, text, "--rejects bad.jsonl").fails(65);
    (sandbox, run)
}

#[test]
fn where_nothing_tells_the_next_record_the_message_says_where_it_began() {
    let whole = manager(A).to_string();
    let bad = DAMAGES[0].1(manager(B).to_string());
    let text = format!("[{whole},{bad},5,{whole}, ...");
    let (sandbox, run) = cannot_go_on(&text);
    assert_eq!(counts(&run.json()), [2, 1, 0, 0, 1], "{run}");
    let at = whole.len() + 2;
    run.stderr_has(&format!("byte {at}, line 1"))
        .stderr_has("nothing behind it was read")
        .stderr_has("corrected")
        .stderr_lacks("in the middle of a job");
    let reject: Value = serde_json::from_str(&sandbox.read("bad.jsonl")).unwrap();
    assert_eq!(reject["position"], at);
    assert!(
        reject["record"].as_str().unwrap().starts_with(&bad),
        "{reject}"
    );
}

#[test]
fn a_sample_with_any_quotation_mark_lost_says_so_and_keeps_the_others() {
    let text = std::fs::read_to_string(sample("unified_api_jobs.json")).unwrap();
    let text = serde_json::from_str::<Value>(&text).unwrap().to_string();
    let jobs = &text[..text.find("\"pagination\"").unwrap()];
    for (at, _) in jobs.match_indices('"').skip(8).step_by(7) {
        let sandbox = Sandbox::new();
        let damaged = [&text[..at], &text[at + 1..]].concat();
        let run = import(&sandbox, damaged, "").fails(65);
        assert!(run.json()["rejected"].as_u64() >= Some(1), "{at}{run}");
        assert!(sandbox.count() >= 1, "{at}{run}");
    }
}
