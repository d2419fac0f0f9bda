//! The same dump once more: beyond ten thousand jobs that are there already no jobs are made of the records any more, and
//! nobody can tell.

use std::sync::atomic::Ordering;

use serde_json::json;

use super::running::{Running, impatient, seen};
use super::{api_server, counts, import, manager, pipeline, with};
use crate::support::Sandbox;

/// UUIDs of which none follows the one before.
fn id(n: usize) -> String {
    let bits = n.wrapping_mul(0x9E37_79B9) as u32;
    format!("{bits:08x}-0000-4000-8000-{n:012x}")
}

/// A record of one of the three stores; one in fifty is wrong in one way or another.
fn record(n: usize) -> String {
    let made = match n % 3 {
        0 => api_server(&id(n)),
        1 => pipeline(&id(n)),
        _ => manager(&id(n)),
    };
    let wrong = match n % 350 {
        49 => with(made, json!({"created_at": "2025-02-30T00:00:00"})),
        99 => with(made, json!({"progress": 101})),
        149 => with(made, json!({"status": 1})),
        199 => json!({"job_id": id(n), "status": "queued"}),
        249 => with(
            made,
            json!({"shots": 1, "request": 1, "error_details": {"message": 1}, "total_shots": "x"}),
        ),
        299 => {
            return made
                .to_string()
                .replace("\"job_id\"", "\"odd\":\"\\ud800\",\"job_id\"");
        }
        349 => return made.to_string().replace(':', ";"),
        _ => made,
    };
    wrong.to_string()
}

fn dump(numbers: impl Iterator<Item = usize>) -> String {
    numbers.map(|n| record(n) + "\n").collect()
}

#[test]
fn what_was_rejected_is_rejected_again() {
    const ALL: usize = 24_000;
    let sandbox = Sandbox::new();
    let text = dump(0..ALL);
    let first = import(&sandbox, &text, "--rejects first.jsonl")
        .fails(65)
        .json();
    let [read, inserted, updated, skipped, rejected] = counts(&first);
    assert_eq!([read, updated, skipped], [ALL as u64, 0, 0]);
    assert!(rejected >= ALL as u64 / 60, "{rejected}");
    let second = import(&sandbox, &text, "--rejects second.jsonl")
        .fails(65)
        .json();
    assert_eq!(counts(&second), [read, 0, 0, inserted, rejected]);
    assert!(sandbox.read("first.jsonl") == sandbox.read("second.jsonl"));
    for store in ["api_server", "direct_pipeline", "job_manager"] {
        let of = |summary: &serde_json::Value| counts(&summary["stores"][store]);
        let [read, inserted, .., rejected] = of(&first);
        assert!(inserted > 7_000, "{first}");
        assert_eq!(of(&second), [read, 0, 0, inserted, rejected]);
    }
}

#[test]
fn what_is_new_comes_in_wherever_it_stands() {
    const OLD: usize = 30_000;
    let good = |n: &usize| n % 50 != 49;
    let sandbox = Sandbox::new();
    import(&sandbox, dump((0..OLD).filter(good)), "").ok();
    sandbox.sql("DELETE FROM video_generation_jobs WHERE rowid % 1000 = 0");
    let gone = OLD as i64 * 49 / 50 - sandbox.count();
    assert!(gone > 20, "{gone}");
    // A long row of old ones, one of new ones, and old ones again.
    let new = OLD..OLD + 3_000;
    let numbers = (0..15_000)
        .chain(new.clone())
        .chain(15_000..OLD)
        .filter(good);
    let summary = import(&sandbox, dump(numbers), "").ok().json();
    let new = new.filter(good).count() as u64;
    let [read, inserted, updated, skipped, rejected] = counts(&summary);
    assert_eq!(
        [read, updated, rejected],
        [OLD as u64 * 49 / 50 + new, 0, 0]
    );
    assert_eq!(
        [inserted, skipped],
        [new + gone as u64, read - new - gone as u64]
    );
    assert_eq!(sandbox.count() as u64, read);
}

/// What was written does not wait for as long as nothing comes but what is there.
#[test]
fn a_new_job_is_final_before_a_long_row_of_old_ones_ends() {
    const OLD: usize = 12_000;
    let sandbox = Sandbox::service();
    let line = |n: usize| {
        json!({"job_id": id(n), "job_type": "idea2video", "status": "queued"}).to_string() + "\n"
    };
    let old: String = (0..OLD).map(line).collect();
    import(&sandbox, &old, "").ok();
    let reader = impatient(&sandbox);
    assert_eq!(seen(&reader), OLD as i64);
    let mut running = Running::start(sandbox.jobctl("migrate -"));
    let input = old.repeat(2) + &line(OLD) + &old.repeat(30);
    let all = input.len();
    let (taken, feeder) = running.feed_aside(input.into_bytes());
    running.until("the new one is seen", || seen(&reader) > OLD as i64);
    assert!(
        taken.load(Ordering::Relaxed) < all,
        "it waited for the others"
    );
    running.signal("KILL");
    drop(feeder.join());
}
