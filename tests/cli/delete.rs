//! `jobctl delete`: by ids all or nothing, by filter only with consent.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::json;

use crate::args::Args;
use crate::support::{A, B, C, D, Output, Sandbox, hash};

/// A queued, B failed, C processing, D failed and of another style.
fn four() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.job(B, &[("status", &"failed")]);
    sandbox.job(C, &[("status", &"processing")]);
    sandbox.job(D, &[("status", &"failed"), ("style", &"anime")]);
    sandbox
}

/// Refused, and the file is left as it was.
#[track_caller]
fn refused(args: impl Args, status: i32) -> Output {
    let sandbox = four();
    let before = hash(sandbox.db());
    let output = sandbox
        .jobctl(("delete", args))
        .run()
        .fails(status)
        .no_stdout();
    assert_eq!(hash(sandbox.db()), before, "something was deleted");
    output
}

/// Done, and this is what is left.
#[track_caller]
fn leaves(args: impl Args, left: &[&str]) -> Output {
    let sandbox = four();
    let output = sandbox.jobctl(("delete", args)).run().ok();
    assert_eq!(sandbox.ids(), left);
    output
}

// By id.

#[test]
fn ids_given_as_arguments_are_consent() {
    leaves([A, B], &[C, D]);
}

#[test]
fn a_prefix_names_a_job() {
    leaves(["a111"], &[B, C, D]);
}

#[test]
fn a_job_named_twice_is_deleted_once() {
    let output = leaves("$A $A a111 -o json", &[B, C, D]);
    assert_eq!(output.json(), json!({"deleted": 1, "job_ids": [A]}));
}

#[test]
fn gives_the_number_and_the_ids_as_json() {
    let output = leaves("$A $B -o json", &[C, D]);
    assert_eq!(output.json(), json!({"deleted": 2, "job_ids": [A, B]}));
}

#[test]
fn gives_the_ids_as_ids() {
    assert_eq!(leaves("$A $B -o ids", &[C, D]).lines(), [A, B]);
}

#[test]
fn is_silent_when_quiet() {
    leaves("$A -q", &[B, C, D]).no_stdout().no_stderr();
}

#[test]
fn deletes_none_when_one_is_not_there() {
    refused([A, "beef0000"], 3).stderr_has("beef0000");
}

#[test]
fn ignores_a_missing_one_when_told_so() {
    leaves("$A beef0000 --ignore-missing", &[B, C, D]);
}

#[test]
fn missing_ones_alone_are_nothing_to_do_when_told_so() {
    let output = leaves("beef0000 --ignore-missing -o json", &[A, B, C, D]);
    assert_eq!(output.json(), json!({"deleted": 0, "job_ids": []}));
}

#[test]
fn an_ambiguous_prefix_is_not_a_missing_job() {
    let sandbox = four();
    sandbox.job("a1111111-2222-4222-8222-222222222222", &[]);
    sandbox
        .jobctl("delete a1111111 --ignore-missing")
        .run()
        .fails(3)
        .stderr_has(A);
    assert_eq!(sandbox.count(), 5);
}

#[test]
fn refuses_a_job_that_is_processing() {
    refused([C], 4)
        .stderr_has(C)
        .stderr_has("processing")
        .stderr_has("--force");
}

#[test]
fn deletes_none_when_one_is_processing() {
    refused([A, B, C], 4).stderr_has(C);
}

#[test]
fn deletes_a_job_that_is_processing_by_force() {
    leaves("$C --force", &[A, B, D]);
}

#[test]
fn an_empty_id_selects_nothing() {
    let sandbox = four();
    assert_ne!(sandbox.jobctl("delete ''").run().status, 0);
    assert_eq!(sandbox.count(), 4);
}

#[test]
fn a_pattern_is_no_prefix() {
    for pattern in ["%%%%", "____", "****", "????", "[a-d]*", "a%11", "a111%"] {
        refused([pattern], 3);
    }
}

#[test]
fn max_counts_ids_too() {
    refused("$A $B --max 1", 4).stderr_has("--max");
}

#[test]
fn a_dry_run_of_ids_writes_nothing() {
    let sandbox = four();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("delete $A --dry-run")
        .run()
        .ok()
        .stdout_has(A);
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_dry_run_as_json_gives_each_job_with_its_reason() {
    let output = four().jobctl("delete $A $B --dry-run -o json").run().ok();
    let document = output.json();
    assert_eq!(document["dry_run"], true);
    let jobs = document["jobs"].as_array().unwrap();
    assert_eq!(jobs.len(), 2);
    assert!(
        jobs.iter()
            .all(|job| job["job_id"].is_string() && !job["reason"].as_str().unwrap().is_empty())
    );
}

// Ids from standard input.

#[test]
fn ids_from_stdin_need_yes_without_a_terminal() {
    let sandbox = four();
    let run = sandbox.jobctl("delete -").stdin(format!("{A}\n{B}\n"));
    run.run()
        .fails(4)
        .no_stdout()
        .stderr_has("--yes")
        .stderr_has("2");
    assert_eq!(sandbox.count(), 4);
}

#[test]
fn ids_from_stdin_are_deleted_with_yes() {
    let sandbox = four();
    sandbox
        .jobctl("delete - --yes")
        .stdin(format!("{A}\n\n{B}"))
        .run()
        .ok();
    assert_eq!(sandbox.ids(), [C, D]);
}

#[test]
fn an_empty_stdin_is_nothing_to_do() {
    let sandbox = four();
    sandbox.jobctl("delete -").stdin("").run().ok();
    let output = sandbox
        .jobctl("delete - --yes -o json")
        .stdin("")
        .run()
        .ok();
    assert_eq!(output.json(), json!({"deleted": 0, "job_ids": []}));
    assert_eq!(sandbox.count(), 4);
}

#[test]
fn none_of_stdin_is_deleted_when_one_is_not_there() {
    let sandbox = four();
    sandbox
        .jobctl("delete - --yes")
        .stdin(format!("{A}\nbeef0000\n"))
        .run()
        .fails(3);
    assert_eq!(sandbox.count(), 4);
}

// By filter.

#[test]
fn a_filter_needs_yes_without_a_terminal() {
    refused("--status failed", 4).stderr_has("--yes");
}

#[test]
fn what_is_not_confirmed_is_shown_with_its_number_its_filter_and_its_file() {
    let output = refused("--status failed", 4);
    output
        .stderr_has("2")
        .stderr_has("failed")
        .stderr_has("jobs.db");
}

#[test]
fn a_filter_with_yes_deletes_what_matches() {
    leaves("--status failed --yes", &[A, C]);
}

#[test]
fn filters_of_several_keys_must_all_match() {
    leaves("--status failed --style anime --yes", &[A, B, C]);
}

#[test]
fn gives_the_ids_of_a_filter_as_json() {
    let output = leaves("--status failed --yes -o json", &[A, C]);
    let document = output.json();
    assert_eq!(document["deleted"], 2);
    let mut ids: Vec<_> = document["job_ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, [B, D]);
}

#[test]
fn a_filter_that_matches_nothing_is_nothing_to_do() {
    leaves("--status cancelled --yes", &[A, B, C, D]);
    leaves("--status cancelled", &[A, B, C, D]);
}

#[test]
fn a_filter_that_matches_nothing_is_one_document_as_json() {
    let output = leaves("--status cancelled --yes -o json", &[A, B, C, D]);
    assert_eq!(output.json(), json!({"deleted": 0, "job_ids": []}));
}

#[test]
fn a_filter_that_matches_a_processing_job_deletes_none() {
    refused("--not-status failed --yes", 4)
        .stderr_has(C)
        .stderr_has("--force");
}

#[test]
fn a_filter_takes_processing_jobs_by_force() {
    leaves("--status processing,queued --yes --force", &[B, D]);
}

#[test]
fn force_is_no_consent() {
    refused("--status failed --force", 4).stderr_has("--yes");
}

#[test]
fn max_refuses_before_the_first_write() {
    refused("--status failed --yes --max 1", 4)
        .stderr_has("--max")
        .stderr_has("2");
}

#[test]
fn max_lets_as_many_through_as_it_says() {
    leaves("--status failed --yes --max 2", &[A, C]);
}

#[test]
fn a_dry_run_of_a_filter_needs_no_yes_and_writes_nothing() {
    let sandbox = four();
    let before = hash(sandbox.db());
    let output = sandbox
        .jobctl("delete --status failed --dry-run")
        .run()
        .ok();
    output.stdout_has(B).stdout_has(D).stdout_lacks(A);
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_dry_run_of_a_filter_says_why_each_job_matched() {
    let output = four()
        .jobctl("delete --status failed --dry-run -o json")
        .run()
        .ok();
    let document = output.json();
    assert_eq!(document["dry_run"], true);
    for job in document["jobs"].as_array().unwrap() {
        assert!(job["reason"].as_str().unwrap().contains("failed"), "{job}");
    }
}

#[test]
fn a_dry_run_is_held_to_max_too() {
    refused("--status failed --dry-run --max 1", 4);
}

#[test]
fn a_selection_without_id_or_filter_is_a_usage_error() {
    refused("", 2);
    refused("--yes", 2);
    refused("--yes --force --max 10", 2);
    refused("--dry-run", 2);
}

macro_rules! empty {
    ($($test:ident: $flag:literal;)*) => {
        $(#[test]
        fn $test() {
            refused(&[$flag, "", "--yes", "--force"], 2);
        })*
    };
}

empty! {
    an_empty_status_is_no_filter: "--status";
    an_empty_not_status_is_no_filter: "--not-status";
    an_empty_type_is_no_filter: "--type";
    an_empty_mode_is_no_filter: "--mode";
    an_empty_search_is_no_filter: "--search";
    an_empty_age_is_no_filter: "--older-than";
}

#[test]
fn an_unknown_status_is_refused_with_its_nearest_match() {
    refused("--status faild --yes", 2)
        .stderr_has("faild")
        .stderr_has("failed");
}

#[test]
fn older_than_takes_the_end_before_the_creation() {
    let sandbox = Sandbox::service();
    let old = "2025-06-01 00:00:00.000000";
    sandbox.job(
        A,
        &[
            ("status", &"failed"),
            ("created_at", &old),
            ("updated_at", &old),
            ("completed_at", &old),
        ],
    );
    let late = "2026-01-14 00:00:00.000000";
    sandbox.job(
        B,
        &[
            ("status", &"failed"),
            ("created_at", &old),
            ("updated_at", &old),
            ("completed_at", &late),
        ],
    );
    sandbox.jobctl("delete --older-than 30d --yes").run().ok();
    assert_eq!(sandbox.ids(), [B]);
}

#[test]
fn many_rows_go_in_batches_and_all_of_them() {
    let sandbox = Sandbox::service();
    sandbox.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO video_generation_jobs (id, job_type, status) SELECT printf('%08d-0000-4000-8000-000000000000', i), 'idea2video',
         CASE WHEN i % 3 = 0 THEN 'queued' ELSE 'failed' END FROM n",
    );
    let output = sandbox
        .jobctl("delete --status failed --yes -o json")
        .run()
        .ok();
    let document = output.json();
    assert_eq!(document["deleted"], 2000);
    assert_eq!(document["job_ids"].as_array().unwrap().len(), 2000);
    assert_eq!(sandbox.count(), 1000);
}

#[test]
fn a_confirmation_is_not_read_from_a_pipe() {
    let sandbox = four();
    sandbox
        .jobctl("delete --status failed")
        .stdin("y\nyes\n")
        .run()
        .fails(4);
    assert_eq!(sandbox.count(), 4);
}

#[test]
fn rows_only_and_no_files() {
    let sandbox = Sandbox::service();
    let kept = sandbox.write("work/a/video.mp4", "film");
    sandbox.job(A, &[("working_dir", &"work/a")]);
    sandbox.jobctl("delete $A").run().ok();
    assert!(kept.exists());
}

// Foreign rows.

#[test]
fn a_job_whose_id_is_no_uuid_can_be_deleted() {
    let sandbox = four();
    sandbox.job("x y", &[]);
    sandbox.jobctl("delete 'x y'").run().ok();
    assert_eq!(sandbox.ids(), [A, B, C, D]);
}

#[test]
fn a_row_of_nulls_can_be_deleted_by_id_and_by_filter() {
    let sandbox = Sandbox::service();
    sandbox.insert(&[("id", &A), ("job_type", &"idea2video")]);
    sandbox.insert(&[("id", &B), ("job_type", &"idea2video")]);
    sandbox.jobctl("delete $A").run().ok();
    sandbox.jobctl("delete --status null --yes").run().ok();
    assert_eq!(sandbox.count(), 0);
}

/// Nobody can say which of them is meant, so that they neither go nor refuse the others.
#[test]
fn a_row_without_an_id_stays_and_is_told() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("status", &"failed")]);
    sandbox.sql(
        "INSERT INTO video_generation_jobs (id, job_type, status) VALUES (NULL, 'idea2video', 'failed'), (NULL, 'idea2video', 'processing'), ('', 'idea2video', 'queued')",
    );
    let told = "2 jobs without an id (jobctl doctor names the rows) match and stay";
    let filter = "--status failed --status processing";
    sandbox
        .jobctl(("delete --dry-run", filter))
        .run()
        .ok()
        .stderr_has(told)
        .stderr_has("would delete 1 job;");
    sandbox
        .jobctl(("delete --yes", filter))
        .run()
        .ok()
        .stderr_has(told)
        .stderr_has("deleted 1 job\n");
    let left = "SELECT group_concat(ifnull(id, 'none'), ',') FROM video_generation_jobs";
    assert_eq!(sandbox.ask(left), "none,none,");
}

#[test]
fn a_row_that_cannot_be_understood_can_be_deleted() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[
            ("status", &"paused"),
            ("progress", &"half"),
            ("created_at", &"once"),
            ("result_data", &vec![0xff_u8]),
        ],
    );
    sandbox.jobctl("delete $A").run().ok();
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn the_help_says_that_the_service_keeps_its_own_copy() {
    Sandbox::new()
        .jobctl("delete --help")
        .run()
        .ok()
        .stdout_has("restart");
}

#[test]
fn what_was_consented_to_goes_although_nobody_reads_the_ids_to_their_end() {
    const ROWS: i64 = 5_000;
    let sandbox = Sandbox::report();
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
         INSERT INTO video_generation_jobs (id, job_type, status) SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'queued' FROM n"
    ));
    sandbox.job(A, &[("status", &"failed")]);
    let mut command = sandbox
        .jobctl("delete --status queued --yes -o ids")
        .command();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    // The reader, and with it the pipe, is gone after the first line.
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(sandbox.ids(), [A], "{said}");
    assert!(
        said.replace(',', "")
            .contains(&format!("deleted {ROWS} jobs")),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(0), "{said}");
}
