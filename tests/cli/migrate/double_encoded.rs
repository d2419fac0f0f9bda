//! JSON in a text, once or twice: in a field that holds JSON, around a record, around a whole dump.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, manager, pipeline, sample, with};
use crate::args::Args;
use crate::support::{A, B, C, Sandbox};

/// As a program writes it that encodes what is JSON already.
fn text(value: &Value) -> Value {
    json!(value.to_string())
}

/// The rows, by id.
fn exported(sandbox: &Sandbox) -> String {
    let export = sandbox.jobctl("export").run().ok().stdout;
    let mut rows: Vec<_> = export.lines().collect();
    rows.sort_unstable();
    rows.join("\n")
}

/// The rows that come of records.
fn rows(records: &[Value]) -> (Sandbox, String, Value) {
    let sandbox = Sandbox::new();
    let run = import(&sandbox, lines(records), "").ok();
    let rows = exported(&sandbox);
    (sandbox, rows, run.json())
}

#[test]
fn every_field_that_holds_json_is_taken_for_what_it_is() {
    let request = json!({"idea": "A snail \"crosses\"\n the motorway", "style": "ink"});
    let result = json!({"final_video_path": "a.mp4"});
    let list = json!([{"status": "completed"}, {"status": "failed"}]);
    for (record, fields) in [
        (
            api_server(A),
            &[("request", &request), ("result", &result), ("shots", &list)][..],
        ),
        (
            pipeline(A),
            &[("request_data", &request), ("result", &result)],
        ),
        (
            manager(A),
            &[
                ("request_data", &request),
                ("context", &result),
                ("result", &list),
            ],
        ),
        (
            manager(A),
            &[
                ("result_data", &result),
                ("error_details", &json!({"message": "no"})),
            ],
        ),
    ] {
        let mut plain = record.clone();
        let (mut once, mut twice) = (record.clone(), record);
        for (name, value) in fields {
            plain[name] = (*value).clone();
            once[name] = text(value);
            twice[name] = text(&text(value));
        }
        let (_, expected, summary) = rows(&[plain]);
        assert_eq!(summary["double_encoded"], 0);
        for (encoded, is_twice) in [(once, false), (twice, true)] {
            let (sandbox, found, summary) = rows(std::slice::from_ref(&encoded));
            assert_eq!(found, expected, "{encoded}");
            // In its own column a text is what the table has.
            let stored = |(name, _): &&(&str, _)| *name == "result_data" && !is_twice;
            let count = fields.iter().filter(|field| !stored(field)).count();
            assert_eq!(summary["double_encoded"], count, "{encoded}");
            // A second import says the same of the record.
            for policy in ["skip", "replace"] {
                let run = import(&sandbox, encoded.to_string(), ["--on-conflict", policy]).ok();
                assert_eq!(counts(&run.json()), [1, 0, 0, 1, 0], "{run}");
            }
        }
    }
}

#[test]
fn a_text_that_is_no_object_or_array_stays_one() {
    for value in [
        "12",
        "true",
        "\"word\"",
        "{not json",
        "[",
        "plain",
        "{} and more",
        "",
    ] {
        let record = with(manager(A), json!({"result": value}));
        let (sandbox, _, summary) = rows(&[record]);
        assert_eq!(summary["double_encoded"], 0, "{value}");
        let stored = format!("text|{}", json!(value));
        assert_eq!(sandbox.cell(A, "result_data"), stored);
    }
}

#[test]
fn text_columns_stay_text() {
    let record = with(manager(A), json!({"content": "{\"a\": 1}", "error": "[1]"}));
    let (sandbox, _, summary) = rows(&[record]);
    assert_eq!(summary["double_encoded"], 0);
    assert_eq!(sandbox.cell(A, "content"), "text|{\"a\": 1}");
    assert_eq!(sandbox.cell(A, "error_message"), "text|[1]");
}

#[test]
fn the_sample_is_read_whole_and_told() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .jobctl(["migrate", &sample("double_encoded.jsonl")])
        .run()
        .ok();
    run.stderr_has("read 7: inserted 7, ")
        .stderr_has("values of JSON in a text (double-encoded), taken for what it is\n");
}

#[test]
fn a_record_in_a_text_is_a_record() {
    let [a, b, c] = [api_server(A), pipeline(B), manager(C)];
    let (_, expected, _) = rows(&[a.clone(), b.clone(), c.clone()]);
    let dictionary = json!({A: text(&a), B: text(&text(&b)), C: text(&c)});
    for dump in [
        dictionary.to_string(),
        json!([text(&a), text(&b), text(&c)]).to_string(),
        json!({"jobs": {A: text(&a)}, "others": [b, text(&c)]}).to_string(),
        lines(&[a.clone(), text(&b), text(&c)]),
    ] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, &dump, "").ok();
        assert_eq!(counts(&run.json()), [3, 3, 0, 0, 0], "{dump}{run}");
        assert_eq!(exported(&sandbox), expected, "{dump}");
        assert!(run.json()["double_encoded"].as_u64() >= Some(2), "{run}");
        let again = import(&sandbox, &dump, "").ok();
        assert_eq!(counts(&again.json()), [3, 0, 0, 3, 0], "{again}");
    }
}

/// As Redis has them, and a wrapper around a record.
#[test]
fn a_record_in_a_text_under_any_name_is_a_record() {
    let plain = [api_server(A), pipeline(B)];
    let [a, b] = plain.clone();
    let (_, expected, _) = rows(&plain);
    let whole = |record: &Value, id: &str| {
        let mut record = record.clone();
        record.as_object_mut().unwrap().remove("job_id");
        json!({"_id": id, "_index": "jobs", "_source": text(&record)})
    };
    for dump in [
        lines(&[json!({"job": text(&a)}), json!({"job": text(&text(&b))})]),
        lines(&[whole(&a, A), whole(&b, B)]),
        lines(&[
            json!({"key": "job:1", "value": text(&a), "ttl": -1}),
            json!({"key": "job:2", "value": text(&b), "ttl": -1}),
        ]),
        json!([{"hit": {"score": 1, "doc": text(&a)}}, {"hit": {"score": 2, "doc": text(&b)}}])
            .to_string(),
    ] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, &dump, "").ok();
        assert_eq!(counts(&run.json()), [2, 2, 0, 0, 0], "{dump}{run}");
        assert_eq!(run.json()["double_encoded"], 2, "{run}");
        let found = exported(&sandbox);
        assert_eq!(found, expected, "{dump}");
        let again = import(&sandbox, &dump, "").ok();
        assert_eq!(counts(&again.json()), [2, 0, 0, 2, 0], "{again}");
    }
    // The keys of a dictionary are ids, also in texts, and numbers beside them are none of its records.
    let without_id = |mut record: Value| {
        record.as_object_mut().unwrap().remove("job_id");
        text(&record)
    };
    let (a, b) = (without_id(a), without_id(b));
    let jobs = json!({"job:1": a, "job:2": b, "count": "2", "note": "{no json"});
    for dump in [jobs.clone(), json!({"jobs": jobs, "version": 2})] {
        for dump in [
            dump.to_string(),
            serde_json::to_string_pretty(&dump).unwrap(),
        ] {
            let sandbox = Sandbox::new();
            import(&sandbox, dump, "").ok();
            assert_eq!(sandbox.ids(), ["job:1", "job:2"]);
        }
    }
    // A text in which something else stands is no record.
    let users = json!({"u:1": text(&json!({"name": "x"})), "u:2": text(&json!({"name": "y"}))});
    import(&Sandbox::new(), users.to_string(), "")
        .fails(65)
        .stderr_has("of no known shape");
}

/// With a key that is none of its record's it is as bad as the record itself would be, and the file of rejects mends it.
#[test]
fn a_bad_record_in_a_text_comes_back_from_the_rejects() {
    let dump = json!({"job:1": text(&manager(A)), "job:2": text(&manager(B))});
    let sandbox = Sandbox::new();
    import(&sandbox, dump.to_string(), "--rejects bad.jsonl")
        .fails(65)
        .stderr_has("differs from its own id");
    let mended = sandbox
        .read("bad.jsonl")
        .replace("\"key\": \"job:", "\"key\": null, \"line\": \"");
    import(&sandbox, mended, "").ok();
    assert_eq!(sandbox.ids(), [A, B]);
}

#[test]
fn a_dump_in_a_text_is_a_dump() {
    let odd = with(
        manager(A),
        json!({"content": "第三层 \u{1f600} \"x\"\n\\ \u{7f}"}),
    );
    let dump = json!({"jobs": [odd, manager(B)]});
    let pretty = json!(serde_json::to_string_pretty(&dump).unwrap());
    let (_, expected, _) = rows(&[odd, manager(B)]);
    // All characters as escapes, as Python writes them.
    let ascii: String = text(&dump)
        .to_string()
        .chars()
        .flat_map(|c| {
            if c.is_ascii() {
                vec![c.to_string()]
            } else {
                c.encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|u| format!("\\u{u:04x}"))
                    .collect()
            }
        })
        .collect();
    for encoded in [
        text(&dump).to_string(),
        text(&text(&dump)).to_string(),
        pretty.to_string(),
        ascii,
        format!("{}\n{}\n", text(&dump["jobs"][0]), text(&dump["jobs"][1])),
    ] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, &encoded, "").ok();
        assert_eq!(counts(&run.json()), [2, 2, 0, 0, 0], "{encoded}{run}");
        assert_eq!(exported(&sandbox), expected, "{encoded}");
        assert_eq!(run.json()["double_encoded"], 1, "{run}");
        let cut = &encoded.as_bytes()[..encoded.len() / 2];
        import(&Sandbox::new(), cut, "").fails(65);
    }
}

#[test]
fn a_bad_record_in_a_text_is_kept_as_it_stood() {
    let bad = text(&with(manager(A), json!({"progress": 120})));
    let sandbox = Sandbox::new();
    let dump = json!([bad, manager(B)]).to_string();
    import(&sandbox, dump, "--rejects bad.jsonl")
        .fails(65)
        .stderr_has("\\\"progress\\\" must be");
    let reject: Value = serde_json::from_str(&sandbox.read("bad.jsonl")).unwrap();
    assert_eq!(reject["record"], bad.to_string());
    assert_eq!(sandbox.ids(), [B]);
}

#[test]
fn flags_take_it_too() {
    let object = json!({"k": [1, "x"]});
    let stored = format!("text|{object}");
    for encoded in [text(&object), text(&text(&object))] {
        let value = encoded.to_string();
        let job = json!({"job_type": "idea2video", "content": "A fox learns to sail", "result": encoded, "context": encoded});
        for json in [
            job.to_string(),
            text(&job).to_string(),
            json!([text(&job)]).to_string(),
        ] {
            let sandbox = Sandbox::report();
            let args = ["create", "--json", &json, "-o", "ids"];
            let id = sandbox.jobctl(args).run().ok().stdout;
            assert_eq!(sandbox.cell(id.trim(), "result_data"), stored, "{json}");
            assert_eq!(sandbox.cell(id.trim(), "context"), stored, "{json}");
        }
        let sandbox = Sandbox::report();
        let create = "create --type idea2video --content 'A fox learns to sail' --request";
        let id = sandbox.jobctl(create).arg(&value).run().ok().stdout;
        let id = id.trim();
        assert_eq!(sandbox.cell(id, "request_data"), stored);
        let update = |args: &dyn Args| sandbox.jobctl((["update", id], args)).run().ok();
        update(&["--result", &value, "--context", &value]);
        assert_eq!(sandbox.cell(id, "result_data"), stored);
        assert_eq!(sandbox.cell(id, "context"), stored);
        update(&"--result '\"a word\"'");
        assert_eq!(sandbox.cell(id, "result_data"), "text|\"a word\"");
    }
}
