//! Records within other objects, and keys: which is an id, and which is the name of a wrapper.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, manager, pipeline, row, with, without};
use crate::support::{A, B, C, D, Sandbox};

fn bare() -> Value {
    without(api_server(A), "job_id")
}

/// The record comes in under the id, however the document is spelled and packed.
#[track_caller]
fn arrives_as(document: &Value, id: &str) {
    for text in [
        document.to_string(),
        format!("{document:#}"),
        format!("{document}\n"),
        json!([document]).to_string(),
        format!("{:#}", json!([document])),
        json!({"rows": [document]}).to_string(),
    ] {
        let sandbox = Sandbox::new();
        let summary = import(&sandbox, &text, "").ok().json();
        assert_eq!(counts(&summary), [1, 1, 0, 0, 0], "{text}");
        assert_eq!(sandbox.ids(), [id], "{text}");
    }
}

#[track_caller]
fn has_no_id(document: &Value, records: usize) {
    for text in [
        document.to_string(),
        format!("{document:#}"),
        json!([document]).to_string(),
    ] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, &text, "")
            .fails(65)
            .stderr_has("it has no id");
        assert_eq!(counts(&run.json())[4], records as u64, "{run}");
        assert!(!sandbox.db().exists());
    }
}

#[test]
fn an_id_beside_a_record_is_its_id() {
    for document in [
        json!({"_index": "jobs", "_id": B, "_source": bare()}),
        json!({"_source": bare(), "_id": B, "sort": [1, 2]}),
        json!({"model": "jobs.job", "pk": B, "fields": bare()}),
        json!({"id": B, "key": B, "value": {"rev": "1-x"}, "doc": bare()}),
        json!({"id": B, "key": B, "value": {"rev": "1-x"}, "doc": with(bare(), json!({"_id": B, "_rev": "1-x"}))}),
        json!({"_id": {"$oid": "5f1d7f3e2c8e4a0001a1b2c3"}, "job": bare()}),
        json!({"_id": {"$uuid": B}, "job": bare()}),
        json!({"_id": {"$binary": {"base64": "siIiIiIiQiKCIiIiIiIiIg==", "subType": "04"}}, "job": bare()}),
        json!({"id": B, "data": {"job": bare()}}),
        json!({"data": {"job": bare()}, "_id": B}),
        json!({"data": {"_id": B, "job": bare()}, "_id": C}),
        json!({B: {"job": bare()}}),
        json!({B: {"data": {"job": bare()}}}),
        json!({B: bare()}),
        json!({"id": B, "type": "jobs", "attributes": bare()}),
        with(bare(), json!({"_id": B})),
        with(bare(), json!({"_id": {"$uuid": B}})),
    ] {
        let id = match document["_id"]["$oid"].as_str() {
            Some(id) => id,
            None => B,
        };
        arrives_as(&document, id);
    }
}

#[test]
fn the_id_of_a_record_itself_comes_first() {
    for record in [
        api_server(A),
        pipeline(A),
        manager(A),
        with(row(A), json!({"$row": 1})),
    ] {
        for document in [
            json!({"job": record}),
            json!({"j1": record}),
            json!({"_id": B, "_source": record}),
            json!({"pk": 7, "fields": record}),
            json!({"data": {"job": record}}),
            json!({"id": "evt_1", "kind": "x", "data": {"object": record}}),
        ] {
            arrives_as(&document, A);
        }
    }
}

#[test]
fn the_name_of_a_wrapper_is_no_id() {
    for name in ["job", "data", "_source", "j1", "job-1"] {
        has_no_id(&json!({name: bare()}), 1);
        has_no_id(&json!({"data": {name: bare()}}), 1);
        has_no_id(&json!({"jobs": {name: bare()}}), 1);
    }
    // Whose id it is cannot be told.
    has_no_id(&json!({"_id": A, "job": bare(), "other": bare()}), 2);
    has_no_id(&json!({"before": bare(), "after": bare()}), 2);
    has_no_id(&json!({"_id": A, "jobs": {"j1": bare()}}), 1);
}

#[test]
fn lines_of_wrapped_records_are_as_many_jobs() {
    let long = "x".repeat(100_000);
    for text in ["", &long] {
        let record = |id| with(api_server(id), json!({"note": text}));
        let documents = [A, B, C].map(|id| json!({"job": record(id)}));
        let sandbox = Sandbox::new();
        import(&sandbox, lines(&documents), "").ok();
        assert_eq!(sandbox.ids(), [A, B, C]);
        let documents =
            [A, B, C].map(|id| json!({"_id": id, "_source": without(record(id), "job_id")}));
        let sandbox = Sandbox::new();
        import(&sandbox, lines(&documents), "").ok();
        assert_eq!(sandbox.ids(), [A, B, C]);
    }
    let documents = [A, B, C].map(|id| json!({"job": without(api_server(id), "job_id")}));
    let sandbox = Sandbox::new();
    let run = import(&sandbox, lines(&documents), "").fails(65);
    assert_eq!(counts(&run.json()), [3, 0, 0, 0, 3]);
}

#[test]
fn keys_that_are_no_uuids_are_ids_of_two_records_or_more() {
    for n in 2..5 {
        let dictionary: serde_json::Map<_, _> =
            (0..n).map(|n| (format!("job-{n}"), bare())).collect();
        let ids: Vec<_> = dictionary.keys().cloned().collect();
        for document in [json!(dictionary), json!({"jobs": dictionary})] {
            for text in [document.to_string(), format!("{document:#}")] {
                let sandbox = Sandbox::new();
                import(&sandbox, &text, "").ok();
                assert_eq!(sandbox.ids(), ids, "{text}");
            }
        }
    }
    // Where the file is cut off in the second one, it was one all the same.
    let text = json!({"job-1": bare(), "job-2": bare()}).to_string();
    let sandbox = Sandbox::new();
    import(&sandbox, &text[..text.len() - 20], "").fails(65);
    assert_eq!(sandbox.ids(), ["job-1"]);
}

#[test]
fn a_key_that_differs_is_refused_with_the_way_out() {
    for document in [
        json!({A: api_server(B)}),
        json!({"first": api_server(A), "second": api_server(B)}),
    ] {
        let sandbox = Sandbox::new();
        import(&sandbox, document.to_string(), "")
            .fails(65)
            .stderr_has("jq '.[]'");
        assert!(!sandbox.db().exists());
    }
}

#[test]
fn stores_by_name_with_one_wrapped_record_each() {
    let document = json!({"jobs": {"j1": api_server(A)}, "pipeline_jobs": {"p1": pipeline(B)}});
    let sandbox = Sandbox::new();
    import(&sandbox, document.to_string(), "").ok();
    assert_eq!(sandbox.ids(), [A, B]);
}

#[test]
fn an_answer_of_elasticsearch() {
    let hit = |id: &str| json!({"_index": "jobs", "_id": id, "_score": 1.0, "_source": bare()});
    let document = json!({
        "took": 1, "timed_out": false, "_shards": {"total": 5, "successful": 5},
        "hits": {"total": {"value": 2, "relation": "eq"}, "max_score": 1.0, "hits": [hit(A), hit(B)]},
    });
    for text in [document.to_string(), format!("{document:#}")] {
        let sandbox = Sandbox::new();
        import(&sandbox, &text, "").ok();
        assert_eq!(sandbox.ids(), [A, B], "{text}");
    }
}

#[test]
fn rejects_of_wrapped_records_come_in_when_they_are_mended() {
    let bad = with(bare(), json!({"progress": 500}));
    for document in [
        json!({"_id": B, "_source": bad}),
        json!({"_id": C, "_source": with(bad.clone(), json!({"job_id": B}))}),
        json!({"id": B, "type": "jobs", "attributes": bad}),
    ] {
        let sandbox = Sandbox::new();
        import(&sandbox, document.to_string(), "--rejects bad.jsonl").fails(65);
        let mended = sandbox.read("bad.jsonl").replace("500", "50");
        let sandbox = Sandbox::new();
        import(&sandbox, mended, "").ok();
        assert_eq!(sandbox.ids(), [B], "{document}");
    }
}

fn metadata() -> Vec<(&'static str, Value)> {
    vec![
        ("success", json!(true)),
        ("schema_version", json!(3)),
        ("generated_at", json!("2025-12-28T11:30:14Z")),
        ("_comment", json!("a \"backup\"")),
        ("message", json!(null)),
        (
            "links",
            json!({"self": {"href": "/jobs", "type": "application/json"}, "next": null}),
        ),
        ("user", json!({"id": 7, "type": "admin"})),
        ("warnings", json!(["one", {"code": 2}])),
    ]
}

#[test]
fn metadata_beside_a_container_of_jobs_is_counted_and_no_reject() {
    let jobs = [
        json!({"jobs": [manager(A), manager(B)]}),
        json!({"jobs": {A: bare(), B: bare()}}),
        json!({"jobs": {"jobs": [manager(A)], "more_jobs": {B: bare()}}}),
        json!({"items": [manager(A), {"job": manager(B)}]}),
    ];
    for jobs in jobs {
        for (name, value) in metadata() {
            for first in [true, false] {
                let mut document = json!({});
                if first {
                    document[name] = value.clone();
                }
                document = with(document, jobs.clone());
                document[name] = value.clone();
                for text in [document.to_string(), format!("{document:#}")] {
                    let sandbox = Sandbox::new();
                    let run = import(&sandbox, &text, "").ok();
                    let run = run.stderr_has("1 member beside the jobs left out");
                    assert_eq!(run.json()["left_out"], 1, "{run}");
                    assert_eq!(counts(&run.json()), [2, 2, 0, 0, 0], "{text}");
                }
            }
        }
    }
}

#[test]
fn scalars_in_a_dictionary_are_counted_too() {
    for [one, two] in [[A, B], ["job-1", "job-2"]] {
        let document =
            json!({"schema_version": 3, one: bare(), "note": "x", two: bare(), "success": true});
        let sandbox = Sandbox::new();
        let run = import(&sandbox, document.to_string(), "").ok();
        run.stderr_has("3 members beside the jobs left out");
        assert_eq!(sandbox.ids(), [one, two]);
    }
}

#[test]
fn what_could_be_a_job_is_never_passed_over() {
    let almost = json!({"id": B, "type": "idea2video", "status": "queued"});
    for value in [
        almost.clone(),
        json!({"inner": almost}),
        json!([almost]),
        json!({D: {"a": 1}}),
        without(bare(), "type"),
    ] {
        let document = json!({"odd": value, "jobs": [manager(A)]});
        let sandbox = Sandbox::new();
        let run = import(&sandbox, document.to_string(), "").fails(65);
        assert_eq!(sandbox.ids(), [A], "{run}");
    }
    for dictionary in [
        json!({A: bare(), "odd": {"a": 1}}),
        json!({A: 5, B: bare()}),
    ] {
        import(&Sandbox::new(), dictionary.to_string(), "").fails(65);
    }
}

/// What a record has first may be an object of no known name, also where its id stands outside.
#[test]
fn an_object_before_the_fields_makes_no_container_of_a_record() {
    let odd = |first: &str| format!("{{{first}, {}", &bare().to_string()[1..]);
    for first in [
        "\"artifacts\": {\"a\": 1}",
        "\"artifacts\": {\"a\": {\"b\": 1}}, \"list\": [[1]]",
        "\"__v\": 0, \"tags\": [{\"name\": \"x\"}]",
    ] {
        let record = odd(first);
        for text in [
            format!("{{\"{B}\": {record}}}"),
            format!("{{\n \"{B}\": {record},\n \"{C}\": {record}\n}}"),
            format!("{{\"jobs\": {{\"{B}\": {record}}}}}"),
            format!("{{\"_id\": \"{B}\", \"_source\": {record}}}\n"),
            format!("{{\"_id\": \"{B}\", {}", &record[1..]),
        ] {
            let sandbox = Sandbox::new();
            import(&sandbox, &text, "").ok();
            assert_eq!(sandbox.ids()[0], B, "{text}");
        }
    }
    // As mongoexport writes a document.
    let record = odd("\"_id\": {\"$oid\": \"5f1d7f3e2c8e4a0001a1b2c3\"}");
    for text in [format!("{record}\n"), format!("[{record}]")] {
        let sandbox = Sandbox::new();
        import(&sandbox, &text, "").ok();
        assert_eq!(sandbox.ids(), ["5f1d7f3e2c8e4a0001a1b2c3"]);
    }
    // Jobs beyond doubt stay what they are, whatever stands around them.
    let event = format!(
        "{{\"data\": {{\"jobs\": [{}]}}, \"type\": \"page\", \"status\": \"ok\", \"created_at\": \"x\"}}",
        api_server(A)
    );
    let sandbox = Sandbox::new();
    import(&sandbox, &event, "").ok();
    assert_eq!(sandbox.ids(), [A]);
}

/// What was asked for, or who asked, has words of a job too.
#[test]
fn a_filter_beside_jobs_is_metadata() {
    for (name, beside) in [
        (
            "filters",
            json!({"status": "completed", "type": "idea2video"}),
        ),
        (
            "filter",
            json!({"status": ["failed"], "type": ["a"], "mode": null}),
        ),
        (
            "user",
            json!({"id": "7", "type": "admin", "created_at": "2025-12-28T11:30:14Z"}),
        ),
        (
            "server",
            json!({"type": "api", "status": "up", "mode": "idea"}),
        ),
    ] {
        for jobs in [json!([manager(A)]), json!({A: api_server(A)})] {
            for text in [
                format!("{{\"jobs\": {jobs}, \"{name}\": {beside}}}"),
                format!("{{\"{name}\": {beside}, \"jobs\": {jobs}}}"),
            ] {
                let sandbox = Sandbox::new();
                let run = import(&sandbox, &text, "").ok();
                assert_eq!(run.json()["left_out"], 1, "{text}: {run}");
                assert_eq!(sandbox.ids(), [A], "{text}");
            }
        }
    }
    // What is meant to be a job is not passed over.
    let text = json!({"jobs": [manager(A)], "more": {"job_id": B, "type": "idea2video", "status": "failed", "progress": -1}});
    import(&Sandbox::new(), text.to_string(), "").fails(65);
    let text =
        json!({"jobs": [manager(A)], "more": {"id": B, "type": "idea2video", "status": "failed"}});
    import(&Sandbox::new(), text.to_string(), "").fails(65);
}
