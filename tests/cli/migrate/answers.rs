//! Answers of servers around jobs, which have an id, a type or a status of their own: JSON-RPC, GraphQL, and the like.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, manager, pipeline, with, without};
use crate::support::{A, B, Sandbox};

#[track_caller]
fn gives_both(dump: &str) {
    let sandbox = Sandbox::new();
    let run = import(&sandbox, dump, "").ok();
    assert_eq!(counts(&run.json()), [2, 2, 0, 0, 0], "{dump}: {run}");
    let mut ids = sandbox.ids();
    ids.sort();
    assert_eq!(ids, [A, B], "{dump}");
}

/// Two jobs as an array, as a dictionary, and as one whose records have no id of their own.
fn jobs(make: fn(&str) -> Value) -> [Value; 3] {
    let (a, b) = (make(A), make(B));
    [
        json!([a, b]),
        json!({A: a, B: b}),
        json!({A: without(a, "job_id"), B: without(b, "job_id")}),
    ]
}

#[test]
fn an_answer_is_looked_into_whatever_it_has_beside_the_jobs() {
    for make in [api_server, pipeline, manager] {
        for jobs in jobs(make) {
            for answer in [
                json!({"jsonrpc": "2.0", "id": 1, "result": {"jobs": jobs}}),
                json!({"id": 1, "result": jobs}),
                json!({"result": {"jobs": jobs}, "id": "7"}),
                json!({"id": A, "error": null, "result": {"jobs": jobs}}),
                json!({"data": {"jobs": jobs}}),
                json!({"data": {"id": 3, "jobs": jobs}}),
                json!({"payload": jobs}),
                json!({"response": {"status": 200, "body": {"jobs": jobs}}, "request": {"url": "/"}}),
                json!({"mode": "full", "jobs": jobs}),
                json!({"type": "dump", "status": "ok", "created_at": "2025-12-28T11:30:14Z", "jobs": jobs}),
                json!({"id": "m", "type": "message", "content": jobs}),
                json!({"job_id": "export-1", "status": "ok", "result": {"jobs": jobs}}),
            ] {
                gives_both(&answer.to_string());
                gives_both(&format!("{answer:#}"));
            }
        }
    }
}

#[test]
fn answers_that_follow_each_other_are_each_looked_into() {
    let answer = |n: u8, id| json!({"id": n, "result": {"jobs": [manager(id)]}});
    let both = [answer(1, A), answer(2, B)];
    gives_both(&lines(&both));
    gives_both(&json!(both).to_string());
    gives_both(&both.map(|answer| format!("{answer:#}")).concat());
}

#[test]
fn a_long_answer_is_told_by_its_beginning() {
    let job = |id, n: usize| with(manager(id), json!({"content": "x".repeat(n)}));
    let jobs = json!([job(A, 100_000), job(B, 10)]);
    gives_both(&json!({"id": 1, "result": {"jobs": jobs}}).to_string());
    let sandbox = Sandbox::new();
    let dump = json!({"id": 1, "result": {"jobs": jobs}}).to_string();
    let run = sandbox.jobctl("migrate -").stdin(dump).run();
    run.ok();
    assert_eq!(sandbox.count(), 2);
}

/// What stands in a job is a part of it.
#[test]
fn a_job_around_others_is_one() {
    let others = json!([manager(B), api_server(B)]);
    for make in [api_server, pipeline, manager] {
        for name in ["result", "context", "jobs", "children"] {
            let job = with(make(A), json!({name: {"jobs": others}}));
            let first = json!({name: {"jobs": others}});
            let early = with(first, make(A));
            for record in [job, early] {
                for dump in [
                    record.to_string(),
                    json!([record]).to_string(),
                    json!({A: record}).to_string(),
                ] {
                    let sandbox = Sandbox::new();
                    import(&sandbox, &dump, "");
                    assert!(!sandbox.db().exists() || sandbox.ids() == [A], "{dump}");
                }
            }
        }
    }
}

/// A list of users has jobs too.
#[test]
fn jobs_that_are_none_make_no_answer() {
    for user in [
        json!({"id": "u1", "type": "user", "jobs": []}),
        json!({"id": "u1", "type": "user", "jobs": ["engineer"]}),
        json!({"id": "u1", "type": "user", "jobs": [{"id": 1, "type": "engineer", "title": "x"}]}),
    ] {
        let sandbox = Sandbox::new();
        import(&sandbox, user.to_string(), "").fails(65);
        assert!(!sandbox.db().exists(), "{user}");
    }
}
