//! Times before 2000 and after tomorrow, as programs write them that have none: taken for none wherever an age is
//! reckoned, and shown as they are stored.

use rusqlite::ToSql;

use crate::args::Args;
use crate::support::{A, B, C, D, Sandbox};

const FAR: [&str; 6] = [
    "0001-01-01 00:00:00.000000",
    "0001-01-01T00:00:00Z",
    "1970-01-01 00:00:00.000000",
    "1999-12-31 23:59:59.999999",
    "2026-01-17 00:00:00.000000",
    "9999-12-31 23:59:59.999999",
];

const OLD: &str = "2025-01-01 00:00:00.000000";
const YOUNG: &str = "2026-01-14 00:00:00.000000";

fn with_times(status: &str, times: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::report();
    let mut cells: Vec<(&str, &dyn ToSql)> = vec![("status", &status)];
    cells.extend(times.iter().map(|(name, at)| (*name, at as &dyn ToSql)));
    sandbox.job(A, &cells);
    sandbox
}

fn cleanup(sandbox: &Sandbox, more: impl Args) -> crate::support::Output {
    let args = "cleanup --older-than 30d";
    sandbox.jobctl((args, more)).run()
}

#[test]
fn the_next_of_the_three_times_decides() {
    for far in FAR {
        for (updated, created, goes) in [
            (OLD, YOUNG, true),
            (YOUNG, OLD, false),
            (far, OLD, true),
            (far, YOUNG, false),
        ] {
            let times = [
                ("completed_at", far),
                ("updated_at", updated),
                ("created_at", created),
            ];
            let sandbox = with_times("completed", &times);
            let by = if updated == far {
                "created_at"
            } else {
                "updated_at"
            };
            let said = cleanup(&sandbox, "--explain").ok();
            said.stdout_has(&format!("old by {by}")).stdout_lacks("739");
            let listed = sandbox.jobctl("list --older-than 30d -o ids").run().ok();
            assert_eq!(
                listed.lines().len(),
                usize::from(goes),
                "{far} {updated} {created}"
            );
            let found = sandbox
                .jobctl("delete --older-than 30d --dry-run -o ids")
                .run()
                .ok();
            assert_eq!(found.lines().len(), usize::from(goes));
            cleanup(&sandbox, "--yes").ok();
            assert_eq!(
                sandbox.count(),
                i64::from(!goes),
                "{far} {updated} {created}"
            );
        }
    }
}

#[test]
fn a_job_without_any_such_time_stays_and_is_counted_and_named() {
    for far in FAR {
        let times = [
            ("completed_at", far),
            ("updated_at", far),
            ("created_at", far),
        ];
        let sandbox = with_times("failed", &times);
        let is_future = far.starts_with("2026") || far.starts_with('9');
        let (what, why, key) = if is_future {
            ("in the future", "completed_at lies in the future", "future")
        } else {
            (
                "that cannot be read",
                "no time from 2000 to tomorrow",
                "unreadable_time",
            )
        };
        let what = &format!("kept 1 with a time {what} (a1111111)");
        cleanup(&sandbox, "--yes")
            .ok()
            .stderr_has("removed 0 jobs")
            .stderr_has(what);
        let said = cleanup(&sandbox, "--explain").ok().stderr_has(what);
        said.stdout_has(why).stdout_lacks(" old by ");
        let json = cleanup(&sandbox, "--yes -o json").ok().json();
        assert_eq!(json["kept"][key], 1);
        assert_eq!(json["odd_jobs"][key][0], A);
        for rule in [
            "--keep failed=1d",
            "--keep-last 0 --older-than 1d",
            "--keep-last 1",
        ] {
            let args = "cleanup --yes";
            sandbox.jobctl((args, rule)).run().ok();
            assert_eq!(sandbox.count(), 1, "{far} {rule:?}");
        }
    }
}

#[test]
fn at_most_ten_are_named() {
    let sandbox = Sandbox::report();
    for number in 0..12 {
        let id = format!("{number:08}-1111-4111-8111-111111111111");
        sandbox.job(
            &id,
            &[
                ("status", &"failed"),
                ("completed_at", &FAR[0]),
                ("updated_at", &FAR[0]),
                ("created_at", &FAR[2]),
            ],
        );
    }
    let run = cleanup(&sandbox, "--yes")
        .ok()
        .stderr_has("kept 12 with a time")
        .stderr_has(", …)");
    // Which of them is a matter of how the rows lie.
    assert_eq!(run.stderr.matches("000000").count(), 10, "{}", run.stderr);
}

#[test]
fn the_last_are_reckoned_without_them() {
    // One that seems to have ended in 9999 is not the newest, nor one of year 1 the oldest.
    let sandbox = Sandbox::report();
    let job = |id: &str, completed: &str, updated: &str| {
        sandbox.job(
            id,
            &[
                ("status", &"failed"),
                ("completed_at", &completed),
                ("updated_at", &updated),
            ],
        );
    };
    job(A, "9999-12-31 00:00:00.000000", OLD);
    job(B, "2025-06-01 00:00:00.000000", OLD);
    job(
        C,
        "0001-01-01 00:00:00.000000",
        "2025-07-01 00:00:00.000000",
    );
    sandbox.jobctl("cleanup --keep-last 1 --yes").run().ok();
    assert_eq!(sandbox.ids(), [C]);
}

#[test]
fn what_seems_stuck_is_judged_by_the_next_sign() {
    for far in FAR {
        for (started, stuck) in [(OLD, true), (YOUNG, false)] {
            let sandbox = with_times(
                "processing",
                &[("updated_at", far), ("started_at", started)],
            );
            let age = "3d";
            let listed = sandbox
                .jobctl(["list", "--stuck", age, "-o", "ids"])
                .run()
                .ok();
            assert_eq!(listed.lines().len(), usize::from(stuck), "{far} {started}");
            let stats = sandbox
                .jobctl(["stats", "--stuck", age, "-o", "json"])
                .run()
                .ok()
                .json();
            assert_eq!(stats["stuck"]["count"], u64::from(stuck), "{far} {started}");
            let shown = sandbox.jobctl(["list", "--stuck", age]).run().ok();
            shown.stdout_lacks("2024y").stdout_lacks("-7");
        }
    }
}

#[test]
fn statistics_have_no_waits_of_centuries() {
    for far in FAR {
        let sandbox = Sandbox::report();
        sandbox.job(A, &[("created_at", &far)]);
        sandbox.job(B, &[("created_at", &OLD)]);
        let ended: [(&str, &dyn ToSql); 4] = [
            ("status", &"completed"),
            ("created_at", &far),
            ("started_at", &YOUNG),
            ("completed_at", &far),
        ];
        sandbox.job(C, &ended);
        let ended: [(&str, &dyn ToSql); 3] = [
            ("status", &"completed"),
            ("started_at", &far),
            ("completed_at", &YOUNG),
        ];
        sandbox.job(D, &ended);
        let stats = sandbox.jobctl("stats -o json").run().ok().json();
        assert_eq!(stats["oldest_queued"]["job_id"], B, "{far}");
        assert_eq!(stats["queue_wait_seconds"]["count"], 0, "{far} {stats}");
        assert_eq!(stats["run_seconds"]["count"], 0, "{far} {stats}");
        assert_eq!(stats["foreign"]["clock_went_back"], 0, "{far}");
        assert_eq!(stats["foreign"]["unlikely_time"], 3, "{far}");
        let page = sandbox.jobctl("stats").run().ok();
        page.stdout_has("with a time before 2000 or after tomorrow");
    }
}

#[test]
fn tables_and_pages_show_it_as_stored_and_reckon_nothing() {
    for far in FAR {
        let day = &far[..10];
        for status in ["queued", "processing", "completed"] {
            let times = [
                ("created_at", far),
                ("started_at", far),
                ("updated_at", far),
                ("completed_at", far),
            ];
            let sandbox = with_times(status, &times);
            let page = sandbox.jobctl("show $A").run().ok();
            assert_eq!(page.stdout.matches(day).count(), 4, "{page}");
            assert_eq!(page.stdout.matches("(?)").count(), 4, "{page}");
            for word in [
                "ago",
                "in 7",
                "waited",
                "waiting for",
                "running for",
                " ran ",
            ] {
                assert!(!page.stdout.contains(word), "{far} {status} {word}{page}");
            }
            let table = sandbox.jobctl("list -o wide").run().ok();
            table.stdout_lacks("2024y").stdout_lacks("7973y");
            let fields = "list --fields id,created";
            sandbox
                .jobctl(fields)
                .run()
                .ok()
                .stdout_has(&format!("{day} "))
                .stdout_has("(?)");
            let json = sandbox.jobctl("show $A -o json").run().ok().json();
            assert!(json["created_at"].as_str().unwrap().starts_with(day));
        }
    }
}

#[test]
fn tomorrow_is_a_slip_of_a_clock_and_no_age_yet() {
    let sandbox = with_times(
        "completed",
        &[
            ("completed_at", "2026-01-16 11:00:00.000000"),
            ("updated_at", OLD),
        ],
    );
    cleanup(&sandbox, "--yes")
        .ok()
        .stderr_has("kept 1 with a time in the future");
    assert_eq!(sandbox.count(), 1);
}
