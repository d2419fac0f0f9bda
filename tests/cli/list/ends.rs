//! Nothing to list, and the ends of what can be said.

use serde_json::json;

use super::{bad, four, list, page};
use crate::support::{A, B, C, D, KEYS, Sandbox};

#[test]
fn an_empty_table_is_no_error() {
    list(&Sandbox::service(), "").ok();
}

#[test]
fn an_empty_list_is_one_document_as_json() {
    let document = list(&Sandbox::service(), "-o json").ok().json();
    let pagination =
        json!({"total": 0, "limit": 50, "offset": 0, "has_more": false, "next_cursor": null});
    assert_eq!(document, json!({"jobs": [], "pagination": pagination}));
}

#[test]
fn an_empty_list_is_nothing_as_jsonl_and_as_ids() {
    list(&Sandbox::service(), "-o jsonl").ok().no_stdout();
    list(&Sandbox::service(), "-o ids").ok().no_stdout();
}

#[test]
fn an_empty_list_is_a_heading_as_csv() {
    let output = list(&Sandbox::service(), "-o csv").ok();
    assert_eq!(output.lines(), [KEYS.join(",")]);
}

#[test]
fn the_last_day_of_the_calendar_is_a_day_like_any_other() {
    let sandbox = four();
    for zone in ["UTC", "America/Los_Angeles", "Asia/Shanghai"] {
        let found = |day: &str| {
            let args = ["list", "--all", "-o", "ids", "--until", day];
            let run = sandbox.jobctl(args).env("TZ", zone).run().ok();
            run.stdout
        };
        assert_eq!(found("9999-12-31"), found("9999-12-20"), "{zone}");
        assert_eq!(found("9999-12-31").lines().count(), 4, "{zone}");
    }
}

#[test]
fn a_long_wait_for_a_lock_is_no_overflow() {
    for wait in ["30d", "365d", "1000w"] {
        list(&four(), ["--busy-timeout", wait])
            .ok()
            .stdout_has(A)
            .no_stderr();
    }
}

#[test]
fn the_largest_limit_lists_all() {
    let largest = i64::MAX.to_string();
    assert_eq!(page(&four(), ["--limit", &largest]), [A, B, C, D]);
    assert_eq!(
        page(&four(), ["--limit", &largest, "--offset", "1"]),
        [B, C, D]
    );
    let document = list(&four(), ["--limit", &largest, "-o", "json"])
        .ok()
        .json();
    assert_eq!(document["jobs"].as_array().unwrap().len(), 4);
    assert_eq!(document["pagination"]["has_more"], false);
}

#[test]
fn a_number_beyond_the_largest_is_taken_or_a_usage_error() {
    for number in [u64::MAX.to_string(), (1_u64 << 63).to_string()] {
        for flag in ["--limit", "--offset"] {
            for format in ["table", "json", "ids"] {
                let run = list(&four(), [flag, &number, "-o", format]);
                assert!([0, 2].contains(&run.status), "{flag} {number}{run}");
            }
        }
    }
}

#[test]
fn a_limit_of_0_is_a_usage_error() {
    bad("--limit 0", &["--limit", "0"]);
}
