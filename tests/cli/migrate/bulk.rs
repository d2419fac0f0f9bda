//! The bulk form of Elasticsearch: lines of actions, each before the line of its source.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, with, without};
use crate::support::{A, B, C, D, Sandbox};

fn bare() -> Value {
    without(api_server(A), "job_id")
}

fn action(word: &str, id: &str) -> Value {
    json!({word: {"_index": "jobs", "_id": id}})
}

#[test]
fn the_id_of_an_action_is_that_of_a_source_without_one() {
    let documents = [
        action("index", B),
        bare(),
        action("create", C),
        bare(),
        // Its own id counts.
        action("index", D),
        api_server(A),
        action("update", D),
        json!({"doc": bare(), "doc_as_upsert": true}),
    ];
    let unix = lines(&documents);
    let dos = unix.replace('\n', "\r\n");
    let cut_line = unix.trim_end().to_owned();
    for text in [unix, dos, cut_line] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, &text, "").ok();
        assert_eq!(counts(&run.json()), [4, 4, 0, 0, 0], "{text}");
        assert_eq!(sandbox.ids(), [A, B, C, D], "{text}");
    }
}

#[test]
fn an_action_gives_its_id_to_the_next_source_alone() {
    let documents = [
        json!({"index": {}}),
        bare(),
        action("index", B),
        with(bare(), json!({"status": 7})),
        bare(),
        action("delete", C),
        bare(),
        action("index", D),
        bare(),
    ];
    let sandbox = Sandbox::new();
    let run = import(&sandbox, lines(&documents), "--rejects bad.jsonl").fails(65);
    assert_eq!(counts(&run.json()), [5, 1, 0, 0, 4], "{run}");
    assert_eq!(run.json()["left_out"], 1);
    assert_eq!(sandbox.ids(), [D]);
    // The reject keeps the id, so that the record comes in under it once it is corrected.
    let rejects = sandbox.read("bad.jsonl");
    let keys: Vec<Value> = rejects
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["key"].clone())
        .collect();
    assert_eq!(keys, [Value::Null, json!(B), Value::Null, Value::Null]);
}

#[test]
fn what_only_looks_like_an_action_is_read_as_before() {
    // A record under such a name, and an action that nothing follows.
    let sandbox = Sandbox::new();
    let documents = [
        json!({"index": api_server(A)}),
        json!({"create": api_server(B)}),
    ];
    import(&sandbox, lines(&documents), "").ok();
    assert_eq!(sandbox.ids(), [A, B]);
    let sandbox = Sandbox::new();
    let documents = [action("index", A), bare(), action("index", B)];
    let run = import(&sandbox, lines(&documents), "").fails(65);
    assert_eq!(counts(&run.json()), [2, 1, 0, 0, 1], "{run}");
    assert_eq!(sandbox.ids(), [A]);
}
