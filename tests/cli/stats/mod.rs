//! `stats`: every number against rows made by hand, whatever the rows hold.

mod formats;
mod percentiles;
mod screens;

use rusqlite::ToSql;
use serde_json::{Value, json};

use crate::args::Args;
use crate::support::{A, B, C, D, Sandbox};

const E: &str = "e5555555-5555-4555-8555-555555555555";
const F: &str = "f6666666-6666-4666-8666-666666666666";

/// A job in this state that was created, last heard of, started and ended at these times of January 2026, as
/// `14 11:00:00`.
fn job(sandbox: &Sandbox, id: &str, status: &str, times: [&str; 4]) {
    let stored = times.map(|time| (!time.is_empty()).then(|| format!("2026-01-{time}.000000")));
    let [created, updated, started, completed] = &stored;
    let cells: [(&str, &dyn ToSql); 5] = [
        ("status", &status),
        ("created_at", created),
        ("updated_at", updated),
        ("started_at", started),
        ("completed_at", completed),
    ];
    sandbox.job(id, &cells);
}

fn set(sandbox: &Sandbox, id: &str, column: &str, value: &dyn ToSql) {
    let sql = format!("UPDATE video_generation_jobs SET {column} = ?1 WHERE id = ?2");
    sandbox.change(&sql, &[value, &id]);
}

/// The clock stands at the 15th, 12:00.
fn six() -> Sandbox {
    let sandbox = Sandbox::report();
    job(
        &sandbox,
        A,
        "queued",
        ["15 11:00:00", "15 11:00:00", "", ""],
    );
    job(
        &sandbox,
        B,
        "queued",
        ["14 10:00:00", "14 10:00:00", "", ""],
    );
    job(
        &sandbox,
        C,
        "processing",
        ["15 08:00:00", "15 09:00:00", "15 08:30:00", ""],
    );
    job(
        &sandbox,
        D,
        "completed",
        ["14 23:00:00", "15 00:10:00", "14 23:00:10", "14 23:10:10"],
    );
    job(
        &sandbox,
        E,
        "failed",
        ["14 12:00:00", "14 12:05:00", "14 12:01:00", "14 12:05:00"],
    );
    job(
        &sandbox,
        F,
        "completed",
        ["12 12:00:00", "12 12:05:00", "12 12:00:30", "12 12:20:30"],
    );
    set(&sandbox, C, "style", &"anime");
    set(&sandbox, D, "style", &"anime");
    set(&sandbox, D, "job_type", &"script2video");
    set(&sandbox, D, "mode", &"script");
    set(
        &sandbox,
        E,
        "error_message",
        &"Timed out after 600 s waiting for shot 3",
    );
    sandbox
}

#[track_caller]
fn stats(sandbox: &Sandbox, args: impl Args) -> Value {
    let all = ("stats -o json", args);
    sandbox.jobctl(all).run().ok().no_stderr().json()
}

#[test]
fn every_key_and_number_is_there() {
    let sandbox = six();
    let mut told = stats(&sandbox, "");
    let file = told.as_object_mut().unwrap().remove("file").unwrap();
    let bytes = std::fs::metadata(sandbox.db()).unwrap().len();
    assert_eq!(file, json!({"bytes": bytes, "free_bytes": 0}));
    let expected = json!({
        "total": 6,
        "by_status": {"queued": 2, "processing": 1, "completed": 2, "failed": 1, "cancelled": 0},
        "by_type": {"idea2video": 5, "script2video": 1},
        "success_rate": 2.0 / 3.0,
        // 1800, 10, 60 and 30 seconds.
        "queue_wait_seconds": {"mean": 475, "p50": 30, "p90": 1800, "p99": 1800, "count": 4},
        // 600, 240 and 1200 seconds.
        "run_seconds": {"mean": 680, "p50": 600, "p90": 1200, "p99": 1200, "count": 3},
        "per_day": [
            {"day": "2026-01-12", "jobs": 1, "failed": 0},
            {"day": "2026-01-14", "jobs": 3, "failed": 1},
            {"day": "2026-01-15", "jobs": 2, "failed": 0},
        ],
        "oldest_queued": {"job_id": B, "created_at": "2026-01-14T10:00:00.000000Z", "age_seconds": 93600},
        "stuck": {"count": 1, "job_ids": [C], "after_seconds": 7200},
        "top_errors": [{
            "count": 1,
            "message": "Timed out after <n> s waiting for shot <n>",
            "example_job_id": E,
        }],
        "other_errors": 0,
        "foreign": {"unknown_status": 0, "unreadable_time": 0, "no_created_at": 0, "clock_went_back": 0},
    });
    assert_eq!(told, expected);
}

#[test]
fn an_empty_table_has_every_key_too() {
    let sandbox = Sandbox::report();
    let empty = stats(&sandbox, "--by type");
    let full = stats(&six(), "--by type");
    let keys =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(&empty), keys(&full));
    for key in ["success_rate", "oldest_queued"] {
        assert_eq!(empty[key], Value::Null);
    }
    for key in ["per_day", "top_errors", "by"] {
        assert_eq!(empty[key], json!([]));
    }
    let nothing = json!({"mean": null, "p50": null, "p90": null, "p99": null, "count": 0});
    assert_eq!(
        (&empty["run_seconds"], &empty["queue_wait_seconds"]),
        (&nothing, &nothing)
    );
    assert_eq!(
        empty["stuck"],
        json!({"count": 0, "job_ids": [], "after_seconds": 7200})
    );
    sandbox
        .jobctl("stats")
        .run()
        .ok()
        .stdout_has("0 jobs in jobs.db");
    sandbox
        .jobctl("stats -o csv")
        .run()
        .ok()
        .stdout_has("queued,0,0,0,,\n");
}

#[test]
fn a_missing_file_is_66_and_a_locked_one_75() {
    Sandbox::new().jobctl("stats").run().fails(66).no_stdout();
    let sandbox = six();
    let writer = sandbox.connection();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let args = "stats --busy-timeout 10ms";
    sandbox.jobctl(args).run().fails(75).no_stdout();
}

#[test]
fn filters_narrow_all_but_the_file() {
    let sandbox = six();
    for (args, total) in [
        ("--since 2026-01-15", 2),
        ("--since 36h", 5),
        ("--until 2026-01-14", 1),
        ("--status completed,failed", 3),
        ("--not-status queued", 4),
        ("--type script2video", 1),
        ("--style anime", 2),
        ("--search 'SHOT 3'", 1),
        ("--stuck 2h", 1),
        ("--stuck 4h", 0),
        ("--older-than 1d", 2),
    ] {
        let told = stats(&sandbox, args);
        assert_eq!(told["total"], total, "{args:?}");
        assert!(told["file"]["bytes"].as_u64().unwrap() > 0);
        let days = told["per_day"].as_array().unwrap().iter();
        assert_eq!(
            days.map(|day| day["jobs"].as_u64().unwrap()).sum::<u64>(),
            total
        );
    }
    let told = stats(&sandbox, "--status completed");
    assert_eq!(told["run_seconds"]["mean"], 900);
    assert_eq!(told["success_rate"], 1.0);
    assert_eq!(told["oldest_queued"], Value::Null);
}

#[test]
fn stuck_is_after_two_hours_unless_said_otherwise() {
    let sandbox = six();
    for (args, count, after) in [
        ("", 1, 7200),
        ("--stuck-after 3h", 0, 10_800),
        ("--stuck-after 90m", 1, 5400),
        ("--stuck 1h", 1, 3600),
        ("--stuck 1h --stuck-after 1d", 0, 86_400),
    ] {
        let stuck = &stats(&sandbox, args)["stuck"];
        assert_eq!(
            (&stuck["count"], &stuck["after_seconds"]),
            (&json!(count), &json!(after)),
            "{args:?}"
        );
    }
}

#[test]
fn the_longest_stuck_are_named_first() {
    let sandbox = Sandbox::report();
    for hour in [5, 1, 8, 3, 9, 2, 7] {
        let time = format!("14 0{hour}:00:00");
        job(
            &sandbox,
            &format!("job-{hour}"),
            "processing",
            [&time, &time, &time, ""],
        );
    }
    let stuck = &stats(&sandbox, "")["stuck"];
    assert_eq!(stuck["count"], 7);
    assert_eq!(
        stuck["job_ids"],
        json!(["job-1", "job-2", "job-3", "job-5", "job-7"])
    );
}

#[test]
fn groups_are_by_whichever_key() {
    let sandbox = six();
    set(&sandbox, A, "mode", &Option::<&str>::None);
    let group = |key: Value, count: u64, completed: u64, failed: u64, rate: Value, p50: Value| json!({"key": key, "count": count, "completed": completed, "failed": failed, "success_rate": rate, "run_seconds_p50": p50});
    let null = Value::Null;
    for (by, expected) in [
        (
            "status",
            json!([
                group(json!("queued"), 2, 0, 0, null.clone(), null.clone()),
                group(json!("processing"), 1, 0, 0, null.clone(), null.clone()),
                group(json!("completed"), 2, 2, 0, json!(1), json!(600)),
                group(json!("failed"), 1, 0, 1, json!(0), json!(240)),
                group(json!("cancelled"), 0, 0, 0, null.clone(), null.clone()),
            ]),
        ),
        (
            "type",
            json!([
                group(json!("idea2video"), 5, 1, 1, json!(0.5), json!(240)),
                group(json!("script2video"), 1, 1, 0, json!(1), json!(600)),
            ]),
        ),
        (
            "mode",
            json!([
                group(json!("idea"), 4, 1, 1, json!(0.5), json!(240)),
                group(null.clone(), 1, 0, 0, null.clone(), null.clone()),
                group(json!("script"), 1, 1, 0, json!(1), json!(600)),
            ]),
        ),
        (
            "style",
            json!([
                group(null.clone(), 4, 1, 1, json!(0.5), json!(240)),
                group(json!("anime"), 2, 1, 0, json!(1), json!(600)),
            ]),
        ),
        (
            "day",
            json!([
                group(json!("2026-01-12"), 1, 1, 0, json!(1), json!(1200)),
                group(json!("2026-01-14"), 3, 1, 1, json!(0.5), json!(240)),
                group(json!("2026-01-15"), 2, 0, 0, null.clone(), null.clone()),
            ]),
        ),
    ] {
        let told = stats(&sandbox, ["--by", by]);
        assert_eq!(told["by"], expected, "{by}");
        assert_eq!(told["grouped_by"], by);
    }
    sandbox
        .jobctl("stats --by colour")
        .run()
        .fails(2)
        .no_stdout();
}

#[test]
fn days_are_local_unless_utc() {
    let sandbox = six();
    let days = |args: &str| -> Vec<String> {
        let all = ("stats -o json", args);
        let told = sandbox
            .jobctl(all)
            .env("TZ", "Asia/Shanghai")
            .run()
            .ok()
            .json();
        let days = told["per_day"].as_array().unwrap().iter();
        days.map(|day| day["day"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(days("--status completed"), ["2026-01-12", "2026-01-15"]);
    assert_eq!(
        days("--status completed --utc"),
        ["2026-01-12", "2026-01-14"]
    );
}

#[test]
fn foreign_rows_are_counted_as_such() {
    let sandbox = six();
    // Started before it was created, then ended before it started.
    job(
        &sandbox,
        "back",
        "completed",
        ["14 12:00:00", "14 12:00:00", "14 11:00:00", "14 11:30:00"],
    );
    job(
        &sandbox,
        "back-too",
        "failed",
        ["14 12:00:00", "14 12:00:00", "14 13:00:00", "14 12:30:00"],
    );
    job(
        &sandbox,
        "unknown",
        "paused",
        ["14 12:00:00", "14 12:00:00", "", ""],
    );
    job(
        &sandbox,
        "none",
        "queued",
        ["14 12:00:00", "14 12:00:00", "", ""],
    );
    set(&sandbox, "none", "status", &Option::<&str>::None);
    job(
        &sandbox,
        "numbers",
        "queued",
        ["14 12:00:00", "14 12:00:00", "", ""],
    );
    set(&sandbox, "numbers", "created_at", &17);
    set(&sandbox, "numbers", "status", &7);
    set(&sandbox, "numbers", "style", &b"\xff\x00".as_slice());
    job(&sandbox, "when", "processing", ["", "", "", ""]);
    set(&sandbox, "when", "updated_at", &"some time");
    let told = stats(&sandbox, "--by style");
    assert_eq!(told["total"], 12);
    assert_eq!(
        told["foreign"],
        json!({"unknown_status": 3, "unreadable_time": 2, "no_created_at": 1, "clock_went_back": 2})
    );
    assert_eq!(told["by_status"]["paused"], 1);
    assert_eq!(told["by_status"]["null"], 1);
    assert_eq!(told["by_status"]["7"], 1);
    // The run of the one, and the wait of the other, are what they are.
    assert_eq!(told["queue_wait_seconds"]["count"], 5);
    assert_eq!(told["run_seconds"]["count"], 4);
    let jobs = told["per_day"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| day["jobs"].as_u64().unwrap());
    assert_eq!(jobs.sum::<u64>(), 10);
    let errors = told["top_errors"].as_array().unwrap();
    assert!(errors.contains(&json!({"count": 1, "message": null, "example_job_id": "back-too"})));
    sandbox
        .jobctl("stats")
        .run()
        .ok()
        .stdout_has("3 with an unknown status")
        .stdout_has("2 with a time that cannot be read")
        .stdout_has("1 without a time of creation")
        .stdout_has("(no message)");
}

#[test]
fn errors_are_grouped_by_their_shape() {
    let sandbox = Sandbox::report();
    let mut number = 0;
    let mut fail = |message: &str| {
        number += 1;
        let id = format!("{number:08x}-0000-4000-8000-000000000000");
        let time = format!("14 12:{number:02}:00");
        job(&sandbox, &id, "failed", [&time, &time, "", ""]);
        set(&sandbox, &id, "error_message", &message);
        id
    };
    fail("Timed out after 600 s waiting for shot 3");
    fail("Timed out after 30 s waiting for shot 12");
    let newest = fail("Timed out after 1.5 s waiting for shot 7");
    fail("cannot open /srv/a/1.png");
    let other = fail("cannot open ./b/c/2.png");
    let once = fail("job 7c1f2a33-1111-4111-8111-111111111111 lost its worker");
    let told = stats(&sandbox, "");
    assert_eq!(
        told["top_errors"],
        json!([
            {"count": 3, "message": "Timed out after <n> s waiting for shot <n>", "example_job_id": newest},
            {"count": 2, "message": "cannot open <path>", "example_job_id": other},
            {"count": 1, "message": "job <id> lost its worker", "example_job_id": once},
        ])
    );
    let told = stats(&sandbox, "--top 1");
    assert_eq!(told["top_errors"].as_array().unwrap().len(), 1);
    assert_eq!(told["other_errors"], 3);
    // What is not failed keeps its message to itself.
    sandbox.sql("UPDATE video_generation_jobs SET status = 'cancelled'");
    assert_eq!(stats(&sandbox, "")["top_errors"], json!([]));
}

#[test]
fn free_pages_of_the_file_are_told() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("content", &"x".repeat(1_000_000))]);
    sandbox.sql("DELETE FROM video_generation_jobs");
    let free: i64 = sandbox.ask("PRAGMA freelist_count").parse().unwrap();
    let page: i64 = sandbox.ask("PRAGMA page_size").parse().unwrap();
    let file = &stats(&sandbox, "")["file"];
    assert_eq!(file["free_bytes"], free * page);
    assert!(free * page > 900_000, "{file}");
    assert_eq!(
        file["bytes"],
        std::fs::metadata(sandbox.db()).unwrap().len()
    );
}
