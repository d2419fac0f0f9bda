//! The result of a job as it was spelled, also when a `video_path` beside it joins it.

use serde_json::{Value, json};

use super::{import, imported, manager, pipeline, with};
use crate::support::{A, Sandbox};

/// The result as stored, of a record with a `video_path` and a result of this spelling.
fn stored(record: &Value, result: &str) -> String {
    let sandbox = Sandbox::report();
    let record = with(
        record.clone(),
        json!({"status": "completed", "video_path": "a/b.mp4", "result": "RESULT"}),
    );
    let text = record.to_string().replace("\"RESULT\"", result);
    import(&sandbox, text, "").ok();
    sandbox.cell(A, "result_data")
}

#[test]
fn what_stands_in_it_is_not_spelled_anew() {
    for record in [pipeline(A), manager(A)] {
        assert_eq!(
            stored(
                &record,
                r#"{"cost": 1.10, "frames": 123456789012345678901234567890, "a": 1, "a": 2}"#
            ),
            r#"text|{"cost": 1.10, "frames": 123456789012345678901234567890, "a": 1, "a": 2, "video_path": "a/b.mp4"}"#
        );
        assert_eq!(stored(&record, "{ }"), r#"text|{"video_path": "a/b.mp4"}"#);
        assert_eq!(
            stored(&record, r#"{"\u0061": "\u007d" }"#),
            r#"text|{"\u0061": "\u007d", "video_path": "a/b.mp4"}"#
        );
    }
}

#[test]
fn a_path_that_is_there_already_stays_and_the_other_is_kept() {
    let record = with(
        pipeline(A),
        json!({"video_path": "a/b.mp4", "result": {"video_path": "c/d.mp4"}}),
    );
    let job = imported(&record, "");
    assert_eq!(job["result"], json!({"video_path": "c/d.mp4"}));
    assert_eq!(job["context"]["legacy"]["video_path"], "a/b.mp4");
}

#[test]
fn a_result_that_takes_no_member_stays_and_the_path_is_kept() {
    for result in ["[1, 2]", "\"done\"", "true"] {
        assert_eq!(stored(&pipeline(A), result), format!("text|{result}"));
    }
}
