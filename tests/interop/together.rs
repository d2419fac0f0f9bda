//! The service writes every 20 ms while jobctl runs one command after the other. Neither may lose or refuse a write.

use serde_json::{Value, json};

use crate::service::Shared;

/// Long enough for the commands below, which are mostly the start of a process each.
const SECONDS: &str = "10";
const OLD_JOBS: usize = 2_000;
const ROUNDS: usize = 40;

#[test]
fn both_write_at_once_to_a_file_of_the_service() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    work_together(&shared);
    assert_eq!(
        shared.service("snapshot")["pragmas"]["journal_mode"],
        "delete"
    );
}

#[test]
fn both_write_at_once_to_a_file_of_jobctl() {
    let Some(shared) = Shared::new() else { return };
    let first = shared.create("");
    shared.service("create-file");
    shared.jobctl(format!("delete {first}"));
    work_together(&shared);
    assert_eq!(shared.service("snapshot")["pragmas"]["journal_mode"], "wal");
}

fn work_together(shared: &Shared) {
    let dump = shared.write("old.json", &old_dump());
    let writer = shared.start_service(format!("write {SECONDS}"));
    let kept = std::thread::scope(|scope| {
        let rounds = scope.spawn(|| {
            (0..ROUNDS)
                .filter_map(|n| round(shared, n))
                .collect::<Vec<_>>()
        });
        let bulk = scope.spawn(|| {
            let summary = shared.jobctl_json(format!("migrate {dump} --timezone UTC"));
            assert_eq!(summary["inserted"], json!(OLD_JOBS));
            shared.jobctl("cleanup --older-than 30d --yes");
        });
        bulk.join().unwrap();
        rounds.join().unwrap()
    });
    let report: Value = serde_json::from_str(&writer.finish()).unwrap();
    assert_eq!(
        report["errors"],
        json!([]),
        "the service's writes; its waits were {}",
        report["wait_ms"]
    );

    let rows = shared.service("dump");
    let written = report["written"].as_object().unwrap();
    assert!(
        written.len() > 20,
        "the service wrote too little to tell: {}",
        report["writes"]
    );
    for (id, progress) in written {
        assert_eq!(
            rows[id]["progress"],
            json!(["float", progress]),
            "a job of the service"
        );
    }
    for (id, title) in &kept {
        assert_eq!(
            rows[id]["project_title"],
            json!(["str", title]),
            "a job of jobctl"
        );
        assert_eq!(rows[id]["status"], json!(["str", "processing"]));
    }
    let total = written.len() + kept.len();
    assert_eq!(
        shared.checked(),
        total as u64,
        "the old jobs are gone, the others are all there"
    );
    assert_eq!(
        shared.jobctl_json("list --limit 1")["pagination"]["total"],
        json!(total)
    );
    assert_eq!(shared.service("snapshot")["integrity"], "ok");
}

/// Creates a job and changes it; every third is deleted again. What is kept: its id and title.
fn round(shared: &Shared, n: usize) -> Option<(String, String)> {
    let id = shared.create("--title draft");
    let title = format!("title {n} 题");
    shared.jobctl(format!("update {id} --title '{title}'"));
    if n.is_multiple_of(3) {
        shared.jobctl(format!("delete {id}"));
        return None;
    }
    shared.jobctl(format!("update {id} --status processing --progress 50"));
    Some((id, title))
}

fn old_dump() -> String {
    let records: serde_json::Map<String, Value> = (0..OLD_JOBS)
        .map(|n| {
            let id = format!("{n:08x}-0000-4000-8000-00000000abcd");
            let record = json!({
                "job_id": id, "type": "script2video", "status": "completed", "progress": 100.0, "shots": [],
                "created_at": "2024-02-03T04:05:06.000007", "updated_at": "2024-02-03T04:25:06.000007",
                "request": {"script": "雨水敲打着窗户。Rain beats against the window. ".repeat(30), "style": "noir"},
                "result": {"message": "done"},
            });
            (id, record)
        })
        .collect();
    Value::Object(records).to_string()
}
