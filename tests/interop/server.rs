//! The service, with SQLAlchemy over psycopg2, and jobctl on one database of a server: the service writes every 20 ms through an import, a
//! cleanup, an export and the change of single jobs. None of its writes fails or waits for long.

#[path = "../repository/postgres/cluster.rs"]
#[allow(dead_code)]
mod cluster;

use serde_json::{Value, json};

use self::cluster::cluster;
use crate::service::{Shared, python_has_psycopg2};

const SECONDS: &str = "6";
const OLD_JOBS: usize = 4_000;

/// The longest wait of 99 of 100 writes, in milliseconds.
const P99: f64 = 200.0;

fn old(n: usize) -> Value {
    let id = format!("{n:08x}-0000-4000-8000-00000000abcd");
    json!({
        "job_id": id, "type": "script2video", "status": "completed", "progress": 100.0, "shots": [],
        "created_at": "2024-02-03T04:05:06.000007", "updated_at": "2024-02-03T04:25:06.000007",
        "request": {"script": "雨水敲打着窗户。Rain beats against the window. ".repeat(30), "style": "noir"},
        "result": {"message": "done"},
    })
}

#[test]
fn none_of_the_service_s_writes_fails_or_waits_for_long() {
    let Some(cluster) = cluster() else { return };
    if !python_has_psycopg2() {
        return;
    }
    let database = cluster.database("", false);
    // SQLAlchemy takes no socket for a host.
    let (folder, port) = (cluster.folder.display(), cluster.port);
    let address = format!("postgresql+psycopg2://jobctl@/{database}?host={folder}&port={port}");
    let Some(shared) = Shared::on_server(address) else {
        return;
    };
    let lines: Vec<String> = (0..OLD_JOBS).map(|n| old(n).to_string()).collect();
    let dump = shared.write("old.jsonl", &lines.join("\n"));
    let writer = shared.start_service(format!("write {SECONDS}"));
    let migrate = format!("migrate {dump} --timezone UTC");
    assert_eq!(shared.jobctl_json(&migrate)["inserted"], json!(OLD_JOBS));
    let export = shared.jobctl("export");
    assert!(export.lines().count() >= OLD_JOBS);
    let id = shared.create("--title draft");
    shared.jobctl(format!("update {id} --status processing --progress 50"));
    let archive = shared.path("gone.jsonl.zst").display().to_string();
    let cleanup = format!("cleanup --older-than 30d --yes --archive {archive}");
    assert_eq!(shared.jobctl_json(&cleanup)["deleted"], json!(OLD_JOBS));
    shared.jobctl(format!("migrate {archive}"));
    shared.jobctl("delete --older-than 30d --yes");
    let report: Value = serde_json::from_str(&writer.finish()).unwrap();
    let waits = &report["wait_ms"];
    assert_eq!(report["errors"], json!([]), "its waits were {waits}");
    assert!(
        waits["p99"].as_f64().unwrap() < P99,
        "its waits were {waits}"
    );

    let written = report["written"].as_object().unwrap();
    assert!(written.len() > 20, "it wrote too little to tell");
    let rows = shared.service("dump");
    for (id, progress) in written {
        assert_eq!(rows[id]["progress"], json!(["float", progress]));
    }
    assert_eq!(rows[&id]["status"], json!(["str", "processing"]));
    assert_eq!(shared.checked(), written.len() as u64 + 1);
    cluster.drop_database(&database);
}
