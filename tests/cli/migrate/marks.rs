//! By which marks a record is told: its store, and its id.

use serde_json::json;

use super::{import, only_job};
use crate::support::{A, Sandbox};

#[test]
fn a_mode_with_an_id_is_the_manager_s_also_beside_a_request() {
    let sandbox = Sandbox::new();
    let record =
        json!({"job_id": A, "mode": "idea", "content": "A cat", "request": {"idea": "A dog"}});
    let summary = import(&sandbox, record.to_string(), "").ok().json();
    assert_eq!(summary["stores"]["job_manager"]["inserted"], 1, "{summary}");
    let job = only_job(&sandbox);
    assert_eq!(job["content"], "A cat");
    assert_eq!(job["job_type"], "idea2video");
    assert_eq!(job["context"]["legacy"]["request"]["idea"], "A dog");
}

#[test]
fn a_type_and_a_request_are_the_first_server_s_whatever_its_mode() {
    let sandbox = Sandbox::new();
    let record = json!({"job_id": A, "type": "script2video", "mode": "idea", "request": {"script": "A dog"}});
    let summary = import(&sandbox, record.to_string(), "").ok().json();
    assert_eq!(summary["stores"]["api_server"]["inserted"], 1, "{summary}");
    assert_eq!(only_job(&sandbox)["content"], "A dog");
}

#[test]
fn a_job_id_of_null_leaves_it_to_the_id() {
    for (own, other) in [("job_id", "id"), ("id", "job_id")] {
        let sandbox = Sandbox::new();
        let record =
            json!({own: null, other: A, "mode": "idea", "status": "queued", "error": null});
        import(&sandbox, record.to_string(), "").ok();
        assert_eq!(sandbox.ids(), [A]);
    }
}
