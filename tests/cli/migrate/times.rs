//! Times of the older stores: local for api_server, UTC for the others.

use serde_json::{Value, json};

use super::{api_server, import, imported, manager, pipeline, with};
use crate::support::{A, Sandbox};

/// A local time of api_server in New York, as it is stored.
#[track_caller]
fn in_new_york(local: &str) -> String {
    let sandbox = Sandbox::new();
    let record = with(api_server(A), json!({"created_at": local}));
    import(&sandbox, record.to_string(), "--timezone America/New_York").ok();
    sandbox
        .cell(A, "created_at")
        .strip_prefix("text|")
        .unwrap()
        .to_owned()
}

#[test]
fn api_server_times_are_local_to_the_zone() {
    assert_eq!(
        in_new_york("2025-12-28T11:30:14.482913"),
        "2025-12-28 16:30:14.482913"
    );
    assert_eq!(
        in_new_york("2025-07-04T11:30:14"),
        "2025-07-04 15:30:14.000000"
    );
}

#[test]
fn a_local_time_that_never_was_is_read_with_the_offset_before_the_change() {
    assert_eq!(
        in_new_york("2025-03-09T02:30:00"),
        "2025-03-09 07:30:00.000000"
    );
}

#[test]
fn a_local_time_that_was_twice_is_the_first_of_the_two() {
    assert_eq!(
        in_new_york("2025-11-02T01:30:00"),
        "2025-11-02 05:30:00.000000"
    );
}

#[test]
fn one_job_counts_for_both_when_it_has_both() {
    let times = json!({"created_at": "2025-03-09T02:30:00", "updated_at": "2025-11-02T01:30:00"});
    let record = with(api_server(A), times).to_string();
    let zone = "--timezone America/New_York";
    let summary = import(&Sandbox::new(), record, zone).ok().json();
    assert_eq!([&summary["local_overlaps"], &summary["local_gaps"]], [1, 1]);
}

#[test]
fn the_hours_around_the_changes_are_plain() {
    assert_eq!(
        in_new_york("2025-03-09T01:59:59"),
        "2025-03-09 06:59:59.000000"
    );
    assert_eq!(
        in_new_york("2025-03-09T03:00:00"),
        "2025-03-09 07:00:00.000000"
    );
    assert_eq!(
        in_new_york("2025-11-02T00:59:59"),
        "2025-11-02 04:59:59.000000"
    );
    assert_eq!(
        in_new_york("2025-11-02T02:00:00"),
        "2025-11-02 07:00:00.000000"
    );
}

#[test]
fn all_four_times_of_api_server_are_local() {
    let times = json!({
        "status": "completed", "created_at": "2025-12-28T01:00:00", "started_at": "2025-12-28T02:00:00",
        "updated_at": "2025-12-28T04:00:00", "completed_at": "2025-12-28T03:00:00",
    });
    let job = imported(&with(api_server(A), times), "--timezone Asia/Shanghai");
    assert_eq!(job["created_at"], "2025-12-27T17:00:00.000000Z");
    assert_eq!(job["started_at"], "2025-12-27T18:00:00.000000Z");
    assert_eq!(job["completed_at"], "2025-12-27T19:00:00.000000Z");
    assert_eq!(job["updated_at"], "2025-12-27T20:00:00.000000Z");
}

#[test]
fn the_zone_is_this_machine_s_when_none_is_given() {
    let sandbox = Sandbox::new();
    sandbox.write("dump.json", api_server(A).to_string());
    let run = sandbox
        .jobctl("migrate dump.json -o json")
        .env("TZ", "Asia/Shanghai")
        .run();
    assert_eq!(run.ok().json()["timezone"], "Asia/Shanghai");
    assert_eq!(
        sandbox.cell(A, "created_at"),
        "text|2025-12-28 03:30:14.482913"
    );
}

#[test]
fn an_offset_is_a_zone() {
    let job = imported(&api_server(A), "--timezone +05:30");
    assert_eq!(job["created_at"], "2025-12-28T06:00:14.482913Z");
}

#[test]
fn the_zone_that_was_used_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("dump.json", api_server(A).to_string());
    let run = sandbox
        .jobctl("migrate dump.json --timezone America/New_York")
        .run();
    run.ok().stderr_has("America/New_York");
}

#[test]
fn a_zone_that_is_not_there_is_a_usage_error_before_anything_is_made() {
    let sandbox = Sandbox::new();
    import(
        &sandbox,
        api_server(A).to_string(),
        "--timezone America/Gotham",
    )
    .fails(2)
    .stderr_has("America/Gotham");
    assert!(!sandbox.db().exists());
}

#[test]
fn times_of_the_pipeline_and_the_manager_are_utc_whatever_the_zone() {
    for (record, created) in [
        (pipeline(A), "2025-11-02T03:15:22.006100Z"),
        (manager(A), "2025-12-29T08:00:00.000001Z"),
    ] {
        let job = imported(&record, "--timezone America/New_York");
        assert_eq!(job["created_at"], created);
    }
}

#[test]
fn an_offset_in_the_manager_s_time_counts() {
    let spellings = [
        "2025-12-29T10:00:00+02:00",
        "2025-12-29T08:00:00Z",
        "2025-12-29 08:00:00",
        "2025-12-29T03:00:00.000-05:00",
    ];
    for spelling in spellings {
        let job = imported(&with(manager(A), json!({"created_at": spelling})), "");
        assert_eq!(
            job["created_at"], "2025-12-29T08:00:00.000000Z",
            "{spelling}"
        );
    }
}

#[test]
fn a_short_fraction_is_a_fraction() {
    let job = imported(
        &with(manager(A), json!({"created_at": "2025-12-29T08:00:00.206"})),
        "",
    );
    assert_eq!(job["created_at"], "2025-12-29T08:00:00.206000Z");
}

#[test]
fn a_time_that_is_null_stays_null() {
    let job = imported(
        &with(
            manager(A),
            json!({"status": "processing", "started_at": null}),
        ),
        "",
    );
    assert_eq!(job["started_at"], Value::Null);
}

#[test]
fn a_zone_west_of_greenwich_is_taken_as_a_word_of_its_own() {
    let job = imported(&api_server(A), "--timezone -08:00");
    assert_eq!(job["created_at"], "2025-12-28T19:30:14.482913Z");
    let sandbox = Sandbox::report();
    sandbox.write("dump.json", api_server(A).to_string());
    sandbox
        .jobctl("migrate --timezone -08:00 dump.json")
        .run()
        .ok();
    assert_eq!(
        sandbox.cell(A, "created_at"),
        "text|2025-12-28 19:30:14.482913"
    );
}

/// A local time in all four places, one after the other, is a bad record.
#[track_caller]
fn leaves_the_calendar(local: &str, zone: &str) {
    for name in ["created_at", "updated_at", "started_at", "completed_at"] {
        let sandbox = Sandbox::report();
        let record = with(api_server(A), json!({name: local}));
        let zone = format!("--timezone={zone}");
        let run = import(&sandbox, record.to_string(), [&zone, "--rejects", "bad"]).fails(65);
        assert_eq!(run.json()["rejected"], 1, "{run}");
        assert_eq!(sandbox.count(), 0, "{run}");
        let rejects = sandbox.read("bad");
        assert!(rejects.contains(name), "{rejects}");
    }
}

#[test]
fn a_time_after_the_year_9999_in_utc_is_a_bad_record() {
    leaves_the_calendar("9999-12-31T23:59:59", "-08:00");
}

#[test]
fn a_time_before_the_year_1_in_utc_is_a_bad_record() {
    leaves_the_calendar("0001-01-01T00:00:00", "+08:00");
}

#[test]
fn the_first_and_the_last_second_of_the_calendar_are_taken() {
    for (local, zone, stored) in [
        (
            "9999-12-31T23:59:59",
            "+08:00",
            "text|9999-12-31 15:59:59.000000",
        ),
        (
            "0001-01-01T00:00:00",
            "-08:00",
            "text|0001-01-01 08:00:00.000000",
        ),
        (
            "9999-12-31T23:59:59.999999",
            "UTC",
            "text|9999-12-31 23:59:59.999999",
        ),
    ] {
        let sandbox = Sandbox::report();
        let record = with(api_server(A), json!({"created_at": local}));
        let zone = format!("--timezone={zone}");
        import(&sandbox, record.to_string(), [&zone]).ok();
        assert_eq!(sandbox.cell(A, "created_at"), stored);
    }
}
