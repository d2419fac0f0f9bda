//! For how long runs are kept, and who says so.

use super::runs;
use crate::support::{A, Output, Sandbox};

const JANUARY: &str = "2026-01-01T00:00:00Z";

/// A job that has been changed so often, at this time.
fn changed(sandbox: &Sandbox, times: std::ops::Range<usize>, now: &str) {
    for n in times {
        let run = sandbox.jobctl(["update", A, "--title", &format!("title {n}")]);
        run.env("JOBCTL_TEST_NOW", now).run().ok();
    }
}

fn one() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox
}

fn keep(sandbox: &Sandbox, args: &str, now: &str) -> Output {
    let line = format!("doctor own-tables --fix --history-keep {args}");
    let run = sandbox.jobctl(line.as_str());
    run.env("JOBCTL_TEST_NOW", now).run()
}

#[test]
fn runs_live_for_as_long_as_the_database_says_to_everybody() {
    let sandbox = one();
    changed(&sandbox, 0..10, JANUARY);
    keep(&sandbox, "30d --yes", JANUARY)
        .ok()
        .stderr_has("runs are kept for 30d (7d before)\n");
    changed(&sandbox, 10..20, "2026-01-30T23:59:59Z");
    assert_eq!(runs(&sandbox), 20);
    changed(&sandbox, 20..30, "2026-01-31T00:00:01Z");
    assert_eq!(runs(&sandbox), 20);
    let none = sandbox.jobctl("undo r1").run().fails(3);
    none.stderr_has("they go after 30d");
}

#[test]
fn a_shorter_life_ends_that_of_older_runs_but_for_the_newest() {
    for later in ["2026-01-02T00:00:01Z", "2026-01-01T12:00:00Z"] {
        let sandbox = one();
        changed(&sandbox, 0..5, JANUARY);
        let removes = later.starts_with("2026-01-02");
        let plan = keep(&sandbox, "1d --dry-run", later).ok();
        plan.stderr_has("would keep runs for 1d (now 7d)");
        let refused = keep(&sandbox, "1d", later).fails(4);
        assert_eq!(runs(&sandbox), 5);
        let there = "SELECT count(*) FROM sqlite_schema WHERE name = 'jobctl_setting'";
        assert_eq!(sandbox.ask(there), "0");
        let done = keep(&sandbox, "1d --yes -o json", later).ok();
        let removed = if removes {
            refused.stderr_has("remove 4 older runs, which cannot then be undone");
            4
        } else {
            refused.stderr_lacks("remove");
            0
        };
        let told = serde_json::json!({"keep": "1d", "was": "7d", "removed": removed});
        assert_eq!(done.json()["history"], told);
        assert_eq!(runs(&sandbox), 5 - removed);
        let again = keep(&sandbox, "1d --yes", later).ok();
        again.stderr_has("nothing to fix\n");
    }
}

#[test]
fn the_fixes_that_are_named_with_it_are_made_too() {
    let sandbox = one();
    sandbox.sql("UPDATE video_generation_jobs SET created_at = '2026-01-14T10:00:00Z'");
    let run = sandbox.jobctl("doctor time-spelling --fix --history-keep 2w --yes");
    run.run()
        .ok()
        .stderr_has("fixed time-spelling in 1 job\n")
        .stderr_has("runs are kept for 14d (7d before)\n");
    sandbox.jobctl("undo").run().ok();
    let kept = "SELECT value FROM jobctl_setting WHERE name = 'history_keep_ms'";
    assert_eq!(sandbox.ask(kept), (14 * 86_400_000_u64).to_string());
}

#[test]
fn it_is_an_age_and_goes_with_fix() {
    let sandbox = one();
    let run = sandbox.jobctl("doctor --history-keep 30d").run().fails(2);
    run.stderr_has("--fix");
    for (age, why) in [
        ("30", "a bare number has no unit"),
        ("-1d", "takes no sign"),
        ("4000w4000w2000000d", "longer than 3000 years"),
    ] {
        let run = sandbox.jobctl((
            "doctor --fix --yes",
            format!("--history-keep={age}").as_str(),
        ));
        run.run().fails(2).stderr_has(why);
    }
}

#[test]
fn a_setting_that_is_none_counts_as_not_said_and_doctor_says_so() {
    for (spoilt, is_fixable) in [
        ("UPDATE jobctl_setting SET value = 'long'", true),
        ("UPDATE jobctl_setting SET value = -1", true),
        ("UPDATE jobctl_setting SET value = NULL", true),
        (
            "DROP TABLE jobctl_setting; CREATE TABLE jobctl_setting (other)",
            false,
        ),
        (
            "DROP TABLE jobctl_setting; CREATE VIEW jobctl_setting AS SELECT 1 AS other",
            false,
        ),
    ] {
        let sandbox = one();
        keep(&sandbox, "30d --yes", JANUARY).ok();
        sandbox.sql(spoilt);
        changed(&sandbox, 0..8, JANUARY);
        changed(&sandbox, 8..16, "2026-01-08T00:00:01Z");
        assert_eq!(runs(&sandbox), 8, "{spoilt}");
        let found = sandbox.jobctl("doctor own-tables").run().ok();
        found
            .stdout_has("warning own-tables")
            .stdout_has("jobctl_setting");
        sandbox.jobctl("doctor own-tables --fix --yes").run().ok();
        let found = sandbox.jobctl("doctor own-tables -q").run().ok();
        if is_fixable {
            found.no_stdout();
        } else {
            found.stdout_has("jobctl_setting has other columns");
            let refused = keep(&sandbox, "3d --yes", JANUARY).fails(4);
            refused.stderr_has("jobctl_setting in jobs.db is not as jobctl makes it");
        }
    }
}
