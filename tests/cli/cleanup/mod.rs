//! `cleanup`: which jobs go by which rule and what is said; one file each for what else it does.

use rusqlite::ToSql;
use serde_json::Value;

use crate::args::Args;
use crate::support::{A, B, C, D, Output, Sandbox, hash};

mod archive;
mod crash;
mod cron;
mod damage;
mod explain;
mod folders;
mod full;
mod idle;
mod nights;
mod other_users;
mod reclaim;
mod restore;
mod stuck;

/// The clock stands at 2026-01-15 12:00: 14 days after this.
const DAYS_14: &str = "2026-01-01 12:00:00.000000";
const DAYS_40: &str = "2025-12-06 12:00:00.000000";
const DAYS_100: &str = "2025-10-07 12:00:00.000000";
const YESTERDAY: &str = "2026-01-14 12:00:00.000000";

/// A job in this state whose times are all this one.
fn job(sandbox: &Sandbox, id: &str, status: &str, time: &str) {
    let times: [(&str, &dyn ToSql); 4] = [
        ("status", &status),
        ("created_at", &time),
        ("updated_at", &time),
        ("completed_at", &time),
    ];
    sandbox.job(id, &times);
}

fn typed(sandbox: &Sandbox, id: &str, status: &str, job_type: &str, time: &str) {
    job(sandbox, id, status, time);
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET job_type = '{job_type}' WHERE id = '{id}'"
    ));
}

/// One job of each of these states, 100 days old, with its state as its id.
fn states(states: &[&str]) -> Sandbox {
    let sandbox = Sandbox::report();
    for status in states {
        job(&sandbox, status, status, DAYS_100);
    }
    sandbox
}

#[track_caller]
fn cleanup(sandbox: &Sandbox, args: impl Args) -> Output {
    sandbox.jobctl(("cleanup", args)).run()
}

/// Cleans up, and gives what stays.
#[track_caller]
fn stays(sandbox: &Sandbox, args: impl Args) -> Vec<String> {
    cleanup(sandbox, ("--yes", args)).ok();
    sandbox.ids()
}

#[test]
fn no_rule_is_a_usage_error() {
    let sandbox = states(&["completed"]);
    cleanup(&sandbox, "--yes")
        .fails(2)
        .stderr_has("--older-than");
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn a_filter_alone_is_no_rule() {
    let sandbox = states(&["completed"]);
    for filter in [
        "--status completed",
        "--until 1d",
        "--type idea2video",
        "--search cat",
    ] {
        cleanup(&sandbox, ("--yes", filter)).fails(2);
    }
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn only_end_states_go() {
    let all = ["cancelled", "completed", "failed", "processing", "queued"];
    assert_eq!(
        stays(&states(&all), "--older-than 1d"),
        ["processing", "queued"]
    );
}

#[test]
fn only_end_states_go_even_when_a_filter_names_others() {
    let sandbox = states(&["completed", "processing", "queued"]);
    assert_eq!(
        stays(&sandbox, "--older-than 1d --status processing,queued"),
        ["completed", "processing", "queued"]
    );
}

#[test]
fn keep_of_a_state_that_is_no_end_state_is_a_usage_error_or_keeps_it() {
    let sandbox = states(&["processing"]);
    let run = cleanup(&sandbox, "--keep processing=1d --yes");
    assert!([0, 2].contains(&run.status), "{run}");
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn a_status_that_it_does_not_know_stays_and_is_counted() {
    let sandbox = states(&["archived", "completed", "COMPLETED", ""]);
    let run = cleanup(&sandbox, "--older-than 1d --yes").ok();
    assert_eq!(sandbox.ids(), ["", "COMPLETED", "archived"]);
    assert!(run.stderr.contains('3'), "{run}");
}

#[test]
fn a_status_that_is_null_stays() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("status", &None::<String>), ("updated_at", &DAYS_100)]);
    assert_eq!(stays(&sandbox, "--older-than 1d"), [A]);
}

#[test]
fn the_age_is_measured_from_completed_at() {
    let sandbox = Sandbox::report();
    sandbox.job(
        A,
        &[
            ("status", &"failed"),
            ("created_at", &DAYS_100),
            ("updated_at", &DAYS_100),
            ("completed_at", &YESTERDAY),
        ],
    );
    sandbox.job(
        B,
        &[
            ("status", &"failed"),
            ("created_at", &YESTERDAY),
            ("updated_at", &YESTERDAY),
            ("completed_at", &DAYS_100),
        ],
    );
    assert_eq!(stays(&sandbox, "--older-than 30d"), [A]);
}

#[test]
fn the_age_is_measured_from_updated_at_where_completed_at_is_null() {
    let sandbox = Sandbox::report();
    sandbox.job(
        A,
        &[
            ("status", &"failed"),
            ("created_at", &DAYS_100),
            ("updated_at", &YESTERDAY),
        ],
    );
    sandbox.job(
        B,
        &[
            ("status", &"failed"),
            ("created_at", &YESTERDAY),
            ("updated_at", &DAYS_100),
        ],
    );
    assert_eq!(stays(&sandbox, "--older-than 30d"), [A]);
}

#[test]
fn the_age_is_measured_from_created_at_where_the_others_are_null() {
    let sandbox = Sandbox::report();
    let none = None::<String>;
    sandbox.job(
        A,
        &[
            ("status", &"failed"),
            ("created_at", &YESTERDAY),
            ("updated_at", &none),
        ],
    );
    sandbox.job(
        B,
        &[
            ("status", &"failed"),
            ("created_at", &DAYS_100),
            ("updated_at", &none),
        ],
    );
    assert_eq!(stays(&sandbox, "--older-than 30d"), [A]);
}

#[test]
fn a_job_without_any_time_stays_and_is_counted() {
    let sandbox = Sandbox::report();
    let none = None::<String>;
    sandbox.job(
        A,
        &[
            ("status", &"failed"),
            ("created_at", &none),
            ("updated_at", &none),
        ],
    );
    job(&sandbox, B, "failed", DAYS_100);
    let run = cleanup(&sandbox, "--older-than 30d --yes").ok();
    assert_eq!(sandbox.ids(), [A]);
    run.stderr_has("removed 1 job").stderr_has("time");
}

#[test]
fn a_deciding_time_that_cannot_be_read_keeps_the_job_and_is_counted() {
    let wrong: [&dyn ToSql; 6] = [
        &"last week",
        &"2025-02-30 00:00:00.000000",
        &"",
        &"0000",
        &17,
        &&b"\xff\xfe"[..],
    ];
    for time in wrong {
        let sandbox = Sandbox::report();
        sandbox.job(
            A,
            &[
                ("status", &"failed"),
                ("created_at", &DAYS_100),
                ("updated_at", &DAYS_100),
                ("completed_at", time),
            ],
        );
        let run = cleanup(&sandbox, "--older-than 30d --yes").ok();
        assert_eq!(sandbox.ids(), [A]);
        run.stderr_has("removed 0 jobs")
            .stderr_has("1 ")
            .stderr_has("time");
    }
}

#[test]
fn a_deciding_time_in_the_future_keeps_the_job_and_is_counted() {
    let sandbox = Sandbox::report();
    sandbox.job(
        A,
        &[
            ("status", &"failed"),
            ("created_at", &DAYS_100),
            ("updated_at", &DAYS_100),
            ("completed_at", &"2026-01-15 12:00:01.000000"),
        ],
    );
    let run = cleanup(&sandbox, "--keep-last 0 --older-than 1d --yes").ok();
    assert_eq!(sandbox.ids(), [A]);
    run.stderr_has("future");
}

#[test]
fn every_spelling_of_a_time_counts() {
    let spellings = [
        "2025-12-10 12:00:00",
        "2025-12-10T12:00:00",
        "2025-12-10T12:00:00Z",
        "2025-12-10T14:00:00+02:00",
        "2025-12-10 12:00:00.5",
    ];
    for spelling in spellings {
        let sandbox = Sandbox::report();
        job(&sandbox, A, "failed", spelling);
        assert_eq!(stays(&sandbox, "--older-than 37d"), [A], "{spelling}");
        assert_eq!(stays(&sandbox, "--older-than 35d"), [""; 0], "{spelling}");
    }
}

#[test]
fn an_offset_moves_the_age() {
    let sandbox = Sandbox::report();
    job(&sandbox, A, "failed", "2026-01-15T11:30:00+02:00");
    job(&sandbox, B, "failed", "2026-01-15T09:30:00-02:00");
    assert_eq!(stays(&sandbox, "--older-than 1h"), [B]);
}

#[test]
fn older_than_is_the_age_to_the_microsecond() {
    let sandbox = Sandbox::report();
    job(&sandbox, A, "failed", "2025-12-16 12:00:00.000001");
    job(&sandbox, B, "failed", "2025-12-16 11:59:59.999999");
    assert_eq!(stays(&sandbox, "--older-than 30d"), [A]);
}

#[test]
fn an_age_without_a_unit_is_a_usage_error_that_names_the_units() {
    let sandbox = states(&["completed"]);
    for age in ["--older-than 30", "--keep completed=30"] {
        let run = cleanup(&sandbox, ("--yes", age)).fails(2);
        assert!(
            ["ms", " s,", " m,", " h,", " d ", " w,"]
                .iter()
                .all(|unit| run.stderr.contains(unit)),
            "{run}"
        );
    }
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn keep_is_the_age_of_its_state() {
    let sandbox = Sandbox::report();
    job(&sandbox, A, "completed", DAYS_14);
    job(&sandbox, B, "failed", DAYS_14);
    job(&sandbox, C, "failed", DAYS_100);
    assert_eq!(
        stays(&sandbox, "--keep completed=7d --keep failed=90d"),
        [B]
    );
}

#[test]
fn states_that_no_keep_names_stay_without_older_than() {
    let sandbox = states(&["cancelled", "completed", "failed"]);
    assert_eq!(
        stays(&sandbox, "--keep completed=7d"),
        ["cancelled", "failed"]
    );
}

#[test]
fn older_than_is_the_age_of_the_states_that_no_keep_names() {
    let sandbox = Sandbox::report();
    job(&sandbox, A, "completed", DAYS_14);
    job(&sandbox, B, "completed", DAYS_40);
    job(&sandbox, C, "failed", DAYS_14);
    job(&sandbox, D, "failed", DAYS_40);
    assert_eq!(stays(&sandbox, "--keep completed=1d --older-than 30d"), [C]);
}

#[test]
fn keep_of_a_state_wins_over_older_than_when_it_is_longer() {
    let sandbox = states(&["completed", "failed"]);
    assert_eq!(
        stays(&sandbox, "--keep failed=200d --older-than 1d"),
        ["failed"]
    );
}

#[test]
fn keep_of_a_state_and_type_wins_over_keep_of_the_state() {
    let sandbox = Sandbox::report();
    typed(&sandbox, A, "failed", "idea2video", DAYS_40);
    typed(&sandbox, B, "failed", "script2video", DAYS_40);
    typed(&sandbox, C, "failed", "conversational", DAYS_40);
    let rules = "--keep failed:script2video=90d --keep failed=7d --keep failed:conversational=30d";
    assert_eq!(stays(&sandbox, rules), [B]);
}

#[test]
fn the_order_of_the_rules_does_not_count() {
    for rules in [
        ["failed=7d", "failed:script2video=90d"],
        ["failed:script2video=90d", "failed=7d"],
    ] {
        let sandbox = Sandbox::report();
        typed(&sandbox, A, "failed", "idea2video", DAYS_40);
        typed(&sandbox, B, "failed", "script2video", DAYS_40);
        assert_eq!(
            stays(
                &sandbox,
                ["--keep", rules[0], "--keep", rules[1], "--older-than", "1d"]
            ),
            [B]
        );
    }
}

#[test]
fn keep_of_a_state_and_type_leaves_the_other_types_alone() {
    let sandbox = Sandbox::report();
    typed(&sandbox, A, "failed", "idea2video", DAYS_100);
    typed(&sandbox, B, "failed", "script2video", DAYS_100);
    assert_eq!(stays(&sandbox, "--keep failed:script2video=7d"), [A]);
}

#[test]
fn never_keeps_for_good() {
    let sandbox = Sandbox::report();
    typed(&sandbox, A, "failed", "idea2video", DAYS_100);
    typed(&sandbox, B, "failed", "script2video", DAYS_100);
    job(&sandbox, C, "completed", DAYS_100);
    let rules = "--keep completed=7d --keep failed=90d --keep failed:script2video=never";
    assert_eq!(stays(&sandbox, rules), [B]);
}

#[test]
fn keep_that_is_no_rule_is_a_usage_error() {
    let sandbox = states(&["completed"]);
    for rule in [
        "completed",
        "completed=",
        "=7d",
        "finished=7d",
        "completed=soon",
        "completed=-1d",
        ":idea2video=7d",
    ] {
        let run = cleanup(&sandbox, ["--keep", rule, "--yes"]);
        assert_eq!(run.status, 2, "{rule}{run}");
    }
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn keep_last_keeps_the_newest_of_each_state_and_type() {
    let sandbox = Sandbox::report();
    let times = [DAYS_100, DAYS_40, DAYS_14, YESTERDAY];
    for (n, time) in times.iter().enumerate() {
        typed(
            &sandbox,
            &format!("ci-{n}"),
            "completed",
            "idea2video",
            time,
        );
        typed(
            &sandbox,
            &format!("cs-{n}"),
            "completed",
            "script2video",
            time,
        );
        typed(&sandbox, &format!("fi-{n}"), "failed", "idea2video", time);
    }
    let left = stays(&sandbox, "--keep-last 2 --older-than 0s");
    assert_eq!(left, ["ci-2", "ci-3", "cs-2", "cs-3", "fi-2", "fi-3"]);
}

#[test]
fn keep_last_keeps_whatever_the_age() {
    let sandbox = states(&["cancelled", "completed", "failed"]);
    assert_eq!(
        stays(&sandbox, "--keep-last 1 --older-than 1d"),
        ["cancelled", "completed", "failed"]
    );
}

#[test]
fn keep_last_beside_an_age_lets_go_of_the_old_ones_alone() {
    let sandbox = Sandbox::report();
    for (id, time) in [(A, DAYS_100), (B, DAYS_14), (C, YESTERDAY)] {
        job(&sandbox, id, "completed", time);
    }
    assert_eq!(stays(&sandbox, "--keep-last 1 --older-than 30d"), [B, C]);
}

/// Whatever stays for another reason takes no place among the newest.
#[test]
fn the_newest_are_those_that_age_alone_would_let_go() {
    let oddities = [
        "completed_at = '2027-01-01 00:00:00.000000', updated_at = NULL, created_at = '2027-01-01 00:00:00.000000'",
        "completed_at = 'last week'",
        "completed_at = '2026-01-14 12:00:00.000000', id = NULL",
    ];
    for odd in oddities {
        let sandbox = Sandbox::report();
        for (id, time) in [(A, DAYS_100), (B, DAYS_40), (C, DAYS_14), (D, YESTERDAY)] {
            job(&sandbox, id, "completed", time);
        }
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET {odd} WHERE id = '{D}'"
        ));
        for _ in 0..2 {
            let args = "--keep-last 2 --older-than 1d --yes";
            let run = cleanup(&sandbox, args).ok();
            let left = sandbox.ask(
                "SELECT group_concat(coalesce(id, 'NULL'), ' ') FROM (SELECT id FROM video_generation_jobs ORDER BY created_at)",
            );
            let last = if odd.contains("id = NULL") { "NULL" } else { D };
            assert_eq!(left, format!("{B} {C} {last}"), "{odd}{run}");
        }
    }
}

#[test]
fn the_newest_are_those_that_are_there_and_not_those_that_a_filter_leaves() {
    let sandbox = Sandbox::report();
    for (id, time, style) in [
        (A, DAYS_100, "anime"),
        (B, DAYS_40, "anime"),
        (C, YESTERDAY, "noir"),
    ] {
        job(&sandbox, id, "completed", time);
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET style = '{style}' WHERE id = '{id}'"
        ));
    }
    let run = cleanup(
        &sandbox,
        "--keep-last 1 --older-than 1d --style anime --yes",
    )
    .ok();
    assert_eq!(sandbox.ids(), [C], "{run}");
}

#[test]
fn filters_narrow() {
    let filters = [
        ("--status failed", [A, C]),
        ("--type script2video", [A, C]),
        ("--not-status completed", [A, C]),
        ("--search needle", [A, C]),
        ("--until 2025-10-08", [A, C]),
    ];
    for (filter, left) in filters {
        let sandbox = Sandbox::report();
        typed(&sandbox, A, "completed", "idea2video", DAYS_40);
        typed(&sandbox, B, "failed", "script2video", DAYS_100);
        typed(&sandbox, C, "completed", "idea2video", DAYS_40);
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET error_message = 'a Needle' WHERE id = '{B}'"
        ));
        assert_eq!(
            stays(&sandbox, ("--older-than 1d", filter)),
            left,
            "{filter:?}"
        );
    }
}

#[test]
fn dry_run_writes_nothing_and_gives_a_reason_for_each_job() {
    let sandbox = states(&["completed", "failed", "queued"]);
    let before = hash(sandbox.db());
    let told: Value = cleanup(
        &sandbox,
        "--keep failed=90d --older-than 30d --dry-run -o json",
    )
    .ok()
    .json();
    assert_eq!(hash(sandbox.db()), before);
    assert_eq!(told["dry_run"], true);
    let jobs = told["jobs"].as_array().unwrap();
    let mut ids: Vec<_> = jobs
        .iter()
        .map(|job| job["job_id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["completed", "failed"]);
    for job in jobs {
        let reason = job["reason"].as_str().unwrap();
        assert!(reason.contains("100d"), "{reason}");
        assert!(
            reason.contains(if job["job_id"] == "failed" {
                "--keep"
            } else {
                "--older-than"
            }),
            "{reason}"
        );
    }
}

#[test]
fn dry_run_needs_no_consent_and_prints_the_same_jobs_that_would_go() {
    let sandbox = states(&["completed", "failed", "queued"]);
    let run = cleanup(&sandbox, "--older-than 30d --dry-run").ok();
    run.stdout_has("completed")
        .stdout_has("failed")
        .stdout_lacks("queued")
        .stderr_has("2 jobs");
    assert_eq!(sandbox.count(), 3);
}

#[test]
fn max_refuses_before_the_first_write() {
    let sandbox = states(&["cancelled", "completed", "failed"]);
    let before = hash(sandbox.db());
    cleanup(&sandbox, "--older-than 1d --max 2 --yes")
        .fails(4)
        .stderr_has("3")
        .stderr_has("2");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn max_lets_go_as_many_as_it_says() {
    let sandbox = states(&["completed", "failed"]);
    assert_eq!(stays(&sandbox, "--older-than 1d --max 2"), [""; 0]);
}

#[test]
fn without_a_terminal_and_without_yes_nothing_happens() {
    let sandbox = states(&["completed"]);
    let before = hash(sandbox.db());
    cleanup(&sandbox, "--older-than 1d")
        .fails(4)
        .stderr_has("--yes");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn nothing_to_do_is_no_error() {
    let sandbox = states(&["queued"]);
    cleanup(&sandbox, "--older-than 1d --yes")
        .ok()
        .stderr_has("0 jobs");
}

#[test]
fn nothing_to_do_needs_no_consent() {
    cleanup(&states(&["queued"]), "--older-than 1d").ok();
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    let sandbox = states(&["archived", "completed", "queued"]);
    cleanup(&sandbox, "--older-than 1d --yes -q")
        .ok()
        .no_stdout()
        .no_stderr();
    assert_eq!(sandbox.ids(), ["archived", "queued"]);
}

#[test]
fn quiet_still_tells_a_failure() {
    let sandbox = states(&["completed"]);
    let run = cleanup(&sandbox, "--older-than 1d -q").fails(4);
    assert!(run.stderr.starts_with("jobctl: error: "), "{run}");
}

#[test]
fn one_line_has_the_counts_by_state() {
    let sandbox = states(&["completed", "failed", "queued"]);
    job(&sandbox, A, "completed", DAYS_40);
    let run = cleanup(&sandbox, "--older-than 30d --yes").ok().no_stdout();
    assert_eq!(run.stderr.lines().count(), 1, "{run}");
    run.stderr_has("removed 3 jobs")
        .stderr_has("2 completed")
        .stderr_has("1 failed");
}

#[test]
fn one_line_says_what_was_skipped_and_why() {
    let sandbox = states(&["completed", "archived"]);
    job(&sandbox, A, "failed", "last week");
    let run = cleanup(&sandbox, "--older-than 30d --yes").ok();
    assert_eq!(run.stderr.lines().count(), 1, "{run}");
    run.stderr_has("removed 1 job")
        .stderr_has("status")
        .stderr_has("time");
}

#[test]
fn json_has_the_number_and_the_ids() {
    let sandbox = states(&["completed", "failed", "queued"]);
    let told: Value = cleanup(&sandbox, "--older-than 30d --yes -o json")
        .ok()
        .json();
    assert_eq!(told["deleted"], 2);
    let mut ids: Vec<_> = told["job_ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["completed", "failed"]);
}

#[test]
fn json_when_nothing_goes_is_a_document_too() {
    let told: Value = cleanup(&states(&["queued"]), "--older-than 30d --yes -o json")
        .ok()
        .json();
    assert_eq!(told["deleted"], 0);
    assert_eq!(told["job_ids"], serde_json::json!([]));
}

#[test]
fn an_error_in_json_is_one_object() {
    let run = cleanup(&states(&["completed"]), "--older-than 30d -o json")
        .fails(4)
        .no_stdout();
    let error = run.json_error();
    assert!(
        ["code", "message", "hint"]
            .iter()
            .all(|key| error[key].is_string()),
        "{error}"
    );
}

#[test]
fn a_missing_file_is_66_and_not_0() {
    let sandbox = Sandbox::new();
    cleanup(&sandbox, "--older-than 30d --yes -q")
        .fails(66)
        .stderr_has("jobs.db");
    assert!(!sandbox.db().exists());
}

#[test]
fn it_works_without_home_language_and_terminal_in_another_folder() {
    let sandbox = states(&["completed", "queued"]);
    let db = sandbox.db();
    let run = sandbox
        .jobctl("cleanup --older-than 30d --yes -q --db")
        .arg(&db);
    let mut run = run.dir("/");
    for name in ["HOME", "LANG", "TERM", "PATH", "TZ", "JOBCTL_DB"] {
        run = run.without_env(name);
    }
    run.run().ok().no_stdout().no_stderr();
    assert_eq!(sandbox.ids(), ["queued"]);
}

#[test]
fn it_goes_in_batches_and_takes_all_of_many() {
    let sandbox = Sandbox::service();
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
         INSERT INTO video_generation_jobs (id, job_type, status, completed_at)
         SELECT printf('%036d', i), 'idea2video', CASE WHEN i % 5 = 0 THEN 'queued' ELSE 'failed' END, '{DAYS_100}' FROM n"
    ));
    cleanup(&sandbox, "--older-than 30d --yes")
        .ok()
        .stderr_has("removed 4,000 jobs");
    assert_eq!(sandbox.count(), 1000);
    assert_eq!(
        sandbox.ask("SELECT count(*) FROM video_generation_jobs WHERE status = 'queued'"),
        "1000"
    );
}

#[test]
fn the_service_s_other_tables_stay_as_they_are() {
    let sandbox = Sandbox::service();
    job(&sandbox, A, "completed", DAYS_100);
    let before = sandbox.schema();
    assert_eq!(stays(&sandbox, "--older-than 30d"), [""; 0]);
    assert_eq!(sandbox.schema(), before);
    assert_eq!(sandbox.ask("SELECT count(*) FROM users"), "1");
    assert_eq!(sandbox.ask("PRAGMA journal_mode"), "delete");
}

#[test]
fn a_job_exactly_as_old_as_the_rule_stays_and_one_a_microsecond_older_goes() {
    let sandbox = Sandbox::report();
    for (id, completed_at) in [
        (A, "2025-12-16 12:00:00.000000"),
        (B, "2025-12-16 11:59:59.999999"),
    ] {
        sandbox.job(
            id,
            &[("status", &"completed"), ("completed_at", &completed_at)],
        );
    }
    cleanup(&sandbox, "--older-than 30d --yes").ok();
    assert_eq!(sandbox.ids(), [A]);
}
