//! What is said where nothing has happened to any job for longer than jobs are kept: an idle service, or a wrong clock.

use super::{DAYS_14, DAYS_40, DAYS_100, YESTERDAY, cleanup, job};
use crate::support::{A, B, C, Sandbox};

const SAID: &str = "the service is idle, or the clock is wrong";

fn old() -> Sandbox {
    let sandbox = Sandbox::report();
    job(&sandbox, A, "completed", DAYS_100);
    job(&sandbox, B, "failed", DAYS_40);
    sandbox
}

#[test]
fn the_summary_says_how_long_nothing_has_happened() {
    cleanup(&old(), "--older-than 30d --yes")
        .ok()
        .stderr_has("nothing has happened to any job for 40d, longer than 30d")
        .stderr_has(SAID)
        .stderr_has("2025-12-06 12:00:00")
        .stderr_has("2026-01-15 12:00:00");
}

#[test]
fn a_dry_run_and_an_explanation_say_it_too() {
    for how in ["--dry-run", "--explain"] {
        cleanup(&old(), ["--older-than", "30d", how])
            .ok()
            .stderr_has(SAID);
        // Also where the filters mean others than the newest.
        let sandbox = old();
        job(&sandbox, C, "failed", YESTERDAY);
        let args = ["--older-than", "30d", "--status", "completed", how];
        cleanup(&sandbox, args).ok().stderr_lacks(SAID);
    }
}

/// The last rows of the file tell nothing then, and without an index nothing else does but a look at all.
#[test]
fn the_newest_job_may_stand_first_in_the_file() {
    for indexed in [true, false] {
        let sandbox = Sandbox::report();
        job(&sandbox, C, "failed", YESTERDAY);
        for number in 0..20 {
            let id = format!("00000000-0000-4000-8000-{number:012}");
            job(&sandbox, &id, "completed", DAYS_100);
        }
        if !indexed {
            sandbox.sql(
                "DROP INDEX idx_job_created; DROP INDEX idx_job_status; DROP INDEX idx_job_type",
            );
        }
        for filter in ["", "--status completed"] {
            let args = format!("--older-than 30d --dry-run {filter}");
            let run = cleanup(&sandbox, args.as_str()).ok();
            run.stderr_lacks(SAID).stderr_has("would remove 20 jobs");
        }
    }
}

/// Every job is older than that, so that it tells nothing of the service.
#[test]
fn an_age_of_nothing_says_nothing() {
    for how in ["--yes", "--dry-run"] {
        let run = cleanup(&old(), ["--older-than", "0s", how]).ok();
        run.stderr_lacks(SAID);
        let run = cleanup(&old(), ["--older-than", "0s", how, "-o", "json"]).ok();
        assert_eq!(run.json()["idle_or_wrong_clock"], false);
    }
}

/// Such as the zero time of another language.
#[test]
fn a_time_before_2000_is_none() {
    for zero in ["0001-01-01 00:00:00.000000", "1970-01-01 00:00:00.000000"] {
        for newer in [false, true] {
            let sandbox = Sandbox::report();
            job(&sandbox, A, "failed", DAYS_40);
            sandbox.job(B, &[("status", &"failed")]);
            let only = if newer {
                format!("id = '{B}'")
            } else {
                "TRUE".to_owned()
            };
            sandbox.sql(&format!(
                "UPDATE video_generation_jobs SET created_at = '{zero}', updated_at = '{zero}', completed_at = '{zero}' WHERE {only}"
            ));
            let args = "--older-than 30d --dry-run";
            let run = cleanup(&sandbox, args).ok();
            if newer {
                run.stderr_has("nothing has happened to any job for 40d")
            } else {
                run.stderr_lacks(SAID)
            };
            let json = cleanup(&sandbox, (args, "-o json")).ok().json();
            assert_eq!(json["newest_time"].is_null(), !newer, "{json}");
            assert_eq!(json["idle_or_wrong_clock"], newer);
        }
    }
}

#[test]
fn quiet_keeps_it_to_itself() {
    cleanup(&old(), "--older-than 30d --yes -q")
        .ok()
        .no_stderr();
}

#[test]
fn json_has_the_newest_time_always() {
    for how in ["--yes", "--dry-run"] {
        let run = cleanup(&old(), ["--older-than", "30d", how, "-o", "json"]).ok();
        assert_eq!(run.json()["newest_time"], "2025-12-06T12:00:00.000000Z");
        assert_eq!(run.json()["idle_or_wrong_clock"], true);
        let run = cleanup(&old(), ["--older-than", "50d", how, "-o", "json"]).ok();
        assert_eq!(run.json()["idle_or_wrong_clock"], false);
        let run = cleanup(
            &Sandbox::report(),
            ["--older-than", "50d", how, "-o", "json"],
        )
        .ok();
        assert_eq!(run.json()["newest_time"], serde_json::Value::Null);
        assert_eq!(run.json()["idle_or_wrong_clock"], false);
    }
}

#[test]
fn any_sign_of_life_of_any_job_counts() {
    for (column, status) in [
        ("created_at", "queued"),
        ("updated_at", "processing"),
        ("completed_at", "failed"),
    ] {
        let sandbox = old();
        job(&sandbox, C, status, DAYS_100);
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET {column} = '{YESTERDAY}' WHERE id = '{C}'"
        ));
        for more in ["", "--status completed"] {
            for how in ["--dry-run", "--dry-run -o ids", "--yes"] {
                let args = ("--older-than 30d", how, more);
                cleanup(&sandbox, args).ok().stderr_lacks(SAID);
            }
        }
    }
}

#[test]
fn the_shortest_age_is_the_measure() {
    let rules = "--older-than 90d --keep failed=30d --yes";
    cleanup(&old(), rules)
        .ok()
        .stderr_has("for 40d, longer than 30d");
    cleanup(&old(), "--keep failed=never --older-than 60d --yes")
        .ok()
        .stderr_lacks(SAID);
    cleanup(&old(), "--keep-last 1 --yes")
        .ok()
        .stderr_lacks(SAID);
    let sandbox = old();
    job(&sandbox, C, "queued", DAYS_14);
    cleanup(&sandbox, "--older-than 30d --yes")
        .ok()
        .stderr_lacks(SAID);
}

#[test]
fn a_time_of_the_future_or_none_at_all_tells_nothing() {
    for time in ["2031-01-01 00:00:00.000000", "soon", ""] {
        let sandbox = old();
        job(&sandbox, C, "queued", time);
        cleanup(&sandbox, "--older-than 30d --yes")
            .ok()
            .stderr_has("for 40d, longer than 30d");
    }
}
