//! `jobctl list`: order, pages, columns and filters.

use std::collections::BTreeSet;

use rusqlite::types::Null;
use serde_json::{Value, json};

use crate::args::Args;
use crate::support::{A, B, C, COLUMNS, D, KEYS, Output, Sandbox};

#[track_caller]
fn list(sandbox: &Sandbox, args: impl Args) -> Output {
    sandbox.jobctl(("list", args)).run()
}

/// The ids that these arguments give, sorted.
#[track_caller]
fn ids(sandbox: &Sandbox, args: impl Args) -> Vec<String> {
    let mut ids = ordered(sandbox, args);
    ids.sort();
    ids
}

/// The ids that these arguments give, in their order.
#[track_caller]
fn ordered(sandbox: &Sandbox, args: impl Args) -> Vec<String> {
    let output = sandbox.jobctl(("list --all -o ids", args)).run().ok();
    output.stdout.lines().map(str::to_owned).collect()
}

/// The same without `--all`.
#[track_caller]
fn page(sandbox: &Sandbox, args: impl Args) -> Vec<String> {
    let output = sandbox.jobctl(("list -o ids", args)).run().ok();
    output.stdout.lines().map(str::to_owned).collect()
}

#[track_caller]
fn bad(args: impl Args, parts: &[&str]) -> Output {
    let output = list(&Sandbox::service(), args).fails(2).no_stdout();
    parts
        .iter()
        .fold(output, |output, part| output.stderr_has(part))
}

/// A of the 4th, B of the 3rd, C of the 2nd, D of the 1st of January; each of another state, type, mode and so on.
fn four() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[
            ("created_at", &"2026-01-04 00:00:00.000000"),
            ("project_title", &"The Cat"),
            ("series_id", &"series-1"),
            ("progress", &40.0),
        ],
    );
    sandbox.job(
        B,
        &[
            ("created_at", &"2026-01-03 00:00:00.000000"),
            ("status", &"failed"),
            ("style", &"anime"),
            ("error_message", &"rate limit of the model"),
            ("progress", &10.0),
        ],
    );
    sandbox.job(
        C,
        &[
            ("created_at", &"2026-01-02 00:00:00.000000"),
            ("status", &"processing"),
            ("job_type", &"script2video"),
            ("mode", &"script"),
            ("style", &"noir"),
            ("episode_id", &"episode-1"),
            ("progress", &30.0),
        ],
    );
    sandbox.job(
        D,
        &[
            ("created_at", &"2026-01-01 00:00:00.000000"),
            ("status", &Null),
            ("mode", &Null),
            ("job_type", &"remix"),
            ("content", &Null),
            ("progress", &Null),
        ],
    );
    sandbox
}

/// Rows in numbers, all created at the same moment but those at the end, which have no time at all.
fn many(alike: usize, timeless: usize) -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})
         INSERT INTO video_generation_jobs (id, job_type, status, created_at)
         SELECT printf('%08d-0000-4000-8000-000000000000', (i * 7919) % 100003), 'idea2video', 'queued',
         CASE WHEN i > {alike} THEN NULL ELSE '2026-01-01 00:00:00.000000' END FROM n",
        alike + timeless
    ));
    sandbox
}

// Order.

#[test]
fn the_newest_comes_first() {
    assert_eq!(ordered(&four(), ""), [A, B, C, D]);
}

#[test]
fn a_job_without_a_time_is_listed_last() {
    let sandbox = four();
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET created_at = NULL WHERE id = '{A}'"
    ));
    assert_eq!(ordered(&sandbox, ""), [B, C, D, A]);
}

#[test]
fn the_order_of_jobs_created_at_once_is_the_same_every_time() {
    let sandbox = many(20, 5);
    assert_eq!(ordered(&sandbox, ""), ordered(&sandbox, ""));
}

#[test]
fn sort_orders_by_a_column() {
    let sandbox = four();
    sandbox.sql(&format!(
        "DELETE FROM video_generation_jobs WHERE id = '{D}'"
    ));
    assert_eq!(ordered(&sandbox, "--sort progress"), [B, C, A]);
}

#[test]
fn sort_with_desc_turns_the_order_round() {
    let sandbox = four();
    sandbox.sql(&format!(
        "DELETE FROM video_generation_jobs WHERE id = '{D}'"
    ));
    assert_eq!(ordered(&sandbox, "--sort progress:desc"), [A, C, B]);
}

#[test]
fn sort_loses_no_job_whose_value_is_null() {
    assert_eq!(ordered(&four(), "--sort progress").len(), 4);
    assert_eq!(ordered(&four(), "--sort style:desc").len(), 4);
}

#[test]
fn sort_takes_the_flag_the_key_and_the_column() {
    for key in [
        "title",
        "project_title",
        "error",
        "error_message",
        "result_data",
        "job_id",
        "id",
        "series",
        "total-shots",
    ] {
        list(&four(), ["--sort", key]).ok();
    }
}

#[test]
fn sort_by_created_at_puts_the_oldest_first() {
    assert_eq!(ordered(&four(), "--sort created_at"), [D, C, B, A]);
}

#[test]
fn sort_by_an_unknown_column_is_a_usage_error() {
    bad("--sort progres", &["--sort", "progres", "progress"]);
}

// Pages.

#[test]
fn fifty_is_the_limit_when_none_is_given() {
    let sandbox = many(60, 0);
    assert_eq!(page(&sandbox, "").len(), 50);
    let document = list(&sandbox, "-o json").ok().json();
    assert_eq!(document["jobs"].as_array().unwrap().len(), 50);
    let pagination = &document["pagination"];
    assert_eq!(pagination["total"], 60);
    assert_eq!(pagination["limit"], 50);
    assert_eq!(pagination["offset"], 0);
    assert_eq!(pagination["has_more"], true);
    assert!(pagination["next_cursor"].is_string());
}

#[test]
fn limit_gives_as_many() {
    assert_eq!(page(&four(), "--limit 2"), [A, B]);
}

#[test]
fn offset_skips_so_many() {
    assert_eq!(page(&four(), "--limit 2 --offset 1"), [B, C]);
}

#[test]
fn an_offset_past_the_end_is_an_empty_page() {
    let document = list(&four(), "--offset 9 -o json").ok().json();
    assert_eq!(document["jobs"], json!([]));
    assert_eq!(document["pagination"]["total"], 4);
    assert_eq!(document["pagination"]["has_more"], false);
}

#[test]
fn the_last_page_has_no_more_and_no_cursor() {
    let document = list(&four(), "--limit 2 --offset 2 -o json").ok().json();
    assert_eq!(document["pagination"]["has_more"], false);
    assert_eq!(document["pagination"]["next_cursor"], Value::Null);
    assert_eq!(document["pagination"]["offset"], 2);
}

#[test]
fn a_page_that_ends_with_the_last_job_has_no_more() {
    let document = list(&four(), "--limit 4 -o json").ok().json();
    assert_eq!(document["pagination"]["has_more"], false);
}

#[test]
fn all_gives_every_job() {
    assert_eq!(ordered(&many(120, 0), "").len(), 120);
}

#[test]
fn a_negative_limit_is_a_usage_error() {
    bad("--limit=-1", &["--limit", "-1"]);
}

#[test]
fn a_negative_offset_is_a_usage_error() {
    bad("--offset=-1", &["--offset", "-1"]);
}

#[test]
fn a_limit_that_is_no_number_is_a_usage_error() {
    bad("--limit few", &["--limit", "few"]);
}

#[test]
fn no_total_leaves_the_count_out_and_still_says_whether_there_is_more() {
    let document = list(&four(), "--no-total --limit 3 -o json").ok().json();
    assert_eq!(document["pagination"]["total"], Value::Null);
    assert_eq!(document["pagination"]["has_more"], true);
    let document = list(&four(), "--no-total --limit 4 -o json").ok().json();
    assert_eq!(document["pagination"]["has_more"], false);
}

/// Follows the cursors from the first page to the last.
#[track_caller]
fn walk(sandbox: &Sandbox, args: impl Args) -> Vec<String> {
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..100 {
        let mut run = sandbox.jobctl(("list -o json", &args));
        if let Some(cursor) = &after {
            run = run.arg("--after").arg(cursor);
        }
        let document = run.run().ok().json();
        for job in document["jobs"].as_array().unwrap() {
            found.push(job["job_id"].as_str().unwrap().to_owned());
        }
        match &document["pagination"]["next_cursor"] {
            Value::String(cursor) => after = Some(cursor.clone()),
            Value::Null => return found,
            other => panic!("a cursor is text or null: {other}"),
        }
    }
    panic!("a hundred pages and no end");
}

#[test]
fn the_pages_behind_cursors_are_the_whole_list() {
    let sandbox = four();
    assert_eq!(walk(&sandbox, "--limit 1"), ordered(&sandbox, ""));
}

#[test]
fn cursors_pass_through_jobs_created_at_the_same_moment() {
    let sandbox = many(23, 0);
    let found = walk(&sandbox, "--limit 5");
    assert_eq!(found, ordered(&sandbox, ""));
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 23);
}

#[test]
fn cursors_pass_through_jobs_without_a_time() {
    let sandbox = many(4, 7);
    let found = walk(&sandbox, "--limit 3");
    assert_eq!(found, ordered(&sandbox, ""));
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 11);
}

#[test]
fn cursors_pass_through_times_of_odd_spelling() {
    let sandbox = four();
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET created_at = 'once' WHERE id = '{A}';
         UPDATE video_generation_jobs SET created_at = '2026-01-03T00:00:00Z' WHERE id = '{B}';
         UPDATE video_generation_jobs SET created_at = 1767225600 WHERE id = '{C}';
         UPDATE video_generation_jobs SET created_at = x'3132' WHERE id = '{D}'"
    ));
    let found = walk(&sandbox, "--limit 1");
    assert_eq!(found, ordered(&sandbox, ""));
    assert_eq!(found.len(), 4);
}

#[test]
fn cursors_pass_through_ids_of_every_kind() {
    let sandbox = Sandbox::service();
    for id in ["a|b", "a,b", "", "猫", "a b", "\"", "a\nb"] {
        sandbox.job(id, &[]);
    }
    assert_eq!(walk(&sandbox, "--limit 1").len(), 7);
}

#[test]
fn cursors_keep_the_filter() {
    let sandbox = many(9, 0);
    sandbox.sql("UPDATE video_generation_jobs SET status = 'failed' WHERE rowid % 2 = 0");
    let found = walk(&sandbox, "--limit 1 --status failed");
    assert_eq!(found, ordered(&sandbox, "--status failed"));
}

#[test]
fn a_cursor_continues_after_its_job_was_deleted() {
    let sandbox = four();
    let first = list(&sandbox, "--limit 2 -o json").ok().json();
    sandbox.sql(&format!(
        "DELETE FROM video_generation_jobs WHERE id = '{B}'"
    ));
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    assert_eq!(page(&sandbox, ["--after", cursor]), [C, D]);
}

#[test]
fn a_cursor_that_is_none_is_a_usage_error() {
    bad("--after nonsense", &["--after", "nonsense"]);
}

#[test]
fn a_page_that_is_not_the_last_names_its_cursor_on_a_table_too() {
    let sandbox = four();
    let document = list(&sandbox, "--limit 2 -o json").ok().json();
    let cursor = document["pagination"]["next_cursor"].as_str().unwrap();
    let output = list(&sandbox, "--limit 2").ok();
    assert!(
        output.stdout.contains(cursor) || output.stderr.contains(cursor),
        "{output}"
    );
}

// Fields.

#[test]
fn fields_are_the_keys_of_json_in_the_order_given() {
    let document = list(&four(), "--fields status,job_id,project_title -o json")
        .ok()
        .json();
    let keys: Vec<_> = document["jobs"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["status", "job_id", "project_title"]);
}

#[test]
fn fields_are_named_by_column_too() {
    let document = list(&four(), "--fields id,error_message,result_data -o json")
        .ok()
        .json();
    let keys: Vec<_> = document["jobs"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["job_id", "error", "result"]);
}

#[test]
fn fields_are_named_by_flag_too() {
    let document = list(
        &four(),
        "--fields type,title,stage,total-shots,series -o json",
    )
    .ok()
    .json();
    let keys: Vec<_> = document["jobs"][0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "job_type",
            "project_title",
            "current_stage",
            "total_shots",
            "series_id"
        ]
    );
}

#[test]
fn every_key_and_every_column_is_a_field() {
    let document = list(&four(), ["--fields", &KEYS.join(","), "-o", "json"])
        .ok()
        .json();
    assert_eq!(
        document["jobs"][0]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        KEYS
    );
    let document = list(&four(), ["--fields", &COLUMNS.join(","), "-o", "json"])
        .ok()
        .json();
    assert_eq!(
        document["jobs"][0]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        KEYS
    );
}

#[test]
fn fields_hold_for_jsonl() {
    let jobs = list(&four(), "--fields id,status -o jsonl").ok().jsonl();
    assert_eq!(jobs[0], json!({"job_id": A, "status": "queued"}));
    assert_eq!(jobs.len(), 4);
}

#[test]
fn fields_hold_for_csv() {
    let output = list(&four(), "--fields id,status -o csv").ok();
    assert_eq!(output.lines()[0], "job_id,status");
    assert_eq!(output.lines()[2], format!("{B},failed"));
}

#[test]
fn fields_hold_for_the_table() {
    let output = list(&four(), "--fields id,error").ok();
    output
        .stdout_has(B)
        .stdout_has("rate limit of the model")
        .stdout_lacks("The Cat");
}

#[test]
fn an_unknown_field_is_a_usage_error_with_its_nearest_match() {
    bad("--fields id,statsu", &["--fields", "statsu", "status"]);
}

// Filters, each alone.

macro_rules! filters {
    ($($test:ident: $args:expr => $expected:expr;)*) => {
        $(#[test]
        fn $test() {
            let expected: &[&str] = &$expected;
            assert_eq!(ids(&four(), &$args), expected);
        })*
    };
}

filters! {
    status_takes_one: "--status failed" => [B];
    status_takes_a_comma_list: "--status failed,queued" => [A, B];
    status_is_repeated: "--status failed --status queued" => [A, B];
    status_null_is_the_jobs_without_one: "--status null" => [D];
    status_null_stands_beside_others: "--status null,failed" => [B, D];
    not_status_leaves_one_out_and_keeps_null: "--not-status failed" => [A, C, D];
    not_status_takes_a_list: "--not-status failed,queued" => [C, D];
    not_status_is_repeated: "--not-status failed --not-status queued" => [C, D];
    not_status_null_leaves_null_out: "--not-status null" => [A, B, C];
    type_takes_one: "--type script2video" => [C];
    type_takes_a_word_of_the_service: "--type remix" => [D];
    type_takes_a_list: "--type remix,script2video" => [C, D];
    mode_takes_one: "--mode script" => [C];
    mode_null_is_the_jobs_without_one: "--mode null" => [D];
    style_takes_one: "--style anime" => [B];
    style_takes_a_list: "--style anime,noir" => [B, C];
    style_null_is_the_jobs_without_one: "--style null" => [A, D];
    series_takes_one: "--series series-1" => [A];
    series_null_is_the_jobs_without_one: "--series null" => [B, C, D];
    episode_takes_one: "--episode episode-1" => [C];
    episode_null_is_the_jobs_without_one: "--episode null" => [A, B, D];
    type_goes_by_its_column_too: "--job_type script2video" => [C];
    series_goes_by_its_column_too: "--series_id series-1" => [A];
    episode_goes_by_its_column_too: "--episode_id episode-1" => [C];
    keys_must_all_match: "--status failed,queued --style anime" => [B];
    keys_that_contradict_match_nothing: "--status queued --style anime" => [];
    status_and_not_status_are_both_held: "--status failed,queued --not-status failed" => [A];
    search_looks_in_the_title: "--search 'The Cat'" => [A];
    search_looks_in_the_error: "--search 'rate limit'" => [B];
    search_looks_in_the_content: "--search 'crosses the road'" => [A, B, C];
    search_does_not_mind_upper_case: "--search 'RATE LIMIT'" => [B];
    search_takes_a_percent_sign_as_it_is: "--search %" => [];
    search_takes_an_underscore_as_it_is: "--search rate_limit" => [];
    search_takes_a_quote_as_it_is: ["--search", "it's"] => [];
    since_takes_a_day: "--since 2026-01-03" => [A, B];
    until_takes_a_day_and_does_not_include_it: "--until 2026-01-03" => [C, D];
    since_and_until_make_a_window: "--since 2026-01-02 --until 2026-01-04" => [B, C];
    since_takes_a_minute: "--since '2026-01-03 00:01'" => [A];
    since_takes_a_second: "--since '2026-01-03 00:00:01'" => [A];
    since_includes_its_moment: "--since '2026-01-03 00:00:00'" => [A, B];
    since_takes_rfc_3339: "--since 2026-01-03T00:00:00Z" => [A, B];
    since_takes_rfc_3339_with_an_offset: "--since 2026-01-03T08:00:01+08:00" => [A];
    since_takes_an_age: "--since 12d12h" => [A, B];
    since_takes_now: "--since now" => [];
    until_takes_now: "--until now" => [A, B, C, D];
    since_today_is_nothing_here: "--since today" => [];
    until_yesterday_is_all_here: "--until yesterday" => [A, B, C, D];
    several_filters_with_a_time: "--status failed,processing --since 2026-01-03 --search rate" => [B];
}

#[test]
fn a_style_may_be_a_word_that_nobody_knows() {
    assert_eq!(ids(&four(), ["--style", "cubism"]), Vec::<String>::new());
}

#[test]
fn search_finds_chinese_text() {
    let sandbox = four();
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET project_title = '一只黑猫' WHERE id = '{C}'"
    ));
    assert_eq!(ids(&sandbox, ["--search", "黑猫"]), [C]);
}

#[test]
fn older_than_looks_at_the_end_then_the_update_then_the_creation() {
    let sandbox = Sandbox::service();
    let (old, late) = ("2025-12-01 00:00:00.000000", "2026-01-15 00:00:00.000000");
    sandbox.job(
        A,
        &[
            ("completed_at", &old),
            ("updated_at", &late),
            ("created_at", &late),
        ],
    );
    sandbox.job(
        B,
        &[
            ("completed_at", &late),
            ("updated_at", &old),
            ("created_at", &old),
        ],
    );
    sandbox.job(C, &[("updated_at", &old), ("created_at", &late)]);
    sandbox.job(D, &[("updated_at", &Null), ("created_at", &old)]);
    assert_eq!(ids(&sandbox, ["--older-than", "30d"]), [A, C, D]);
}

#[test]
fn stuck_is_processing_and_not_updated_for_so_long() {
    let sandbox = Sandbox::service();
    let (before, lately) = ("2026-01-15 09:59:59.000000", "2026-01-15 10:00:01.000000");
    sandbox.job(A, &[("status", &"processing"), ("updated_at", &before)]);
    sandbox.job(B, &[("status", &"processing"), ("updated_at", &lately)]);
    sandbox.job(C, &[("status", &"queued"), ("updated_at", &before)]);
    assert_eq!(ids(&sandbox, ["--stuck", "2h"]), [A]);
}

#[test]
fn a_processing_job_that_was_never_updated_is_not_hidden_from_stuck() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("status", &"processing"), ("updated_at", &Null)]);
    assert_eq!(ids(&sandbox, ["--stuck", "2h"]), [A]);
}

#[test]
fn a_time_of_odd_spelling_is_compared_as_a_time() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("created_at", &"2026-01-03T00:00:00+08:00")]);
    sandbox.job(B, &[("created_at", &"2026-01-02T20:00:00Z")]);
    sandbox.job(C, &[("created_at", &"2026-01-03 00:00:00")]);
    assert_eq!(ids(&sandbox, ["--since", "2026-01-02T18:00:00Z"]), [B, C]);
    assert_eq!(ids(&sandbox, ["--until", "2026-01-02T18:00:00Z"]), [A]);
}

#[test]
fn the_total_is_that_of_the_filter() {
    let document = list(&four(), "--status failed,queued --limit 1 -o json")
        .ok()
        .json();
    assert_eq!(document["pagination"]["total"], 2);
}

// Times in flags, by time zone.

/// A just before, B just after the midnight of New York.
fn midnight() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("created_at", &"2026-01-15 04:59:59.999999")]);
    sandbox.job(B, &[("created_at", &"2026-01-15 05:00:00.000000")]);
    sandbox
}

#[track_caller]
fn in_new_york(sandbox: &Sandbox, args: impl Args) -> Vec<String> {
    let run = sandbox
        .jobctl(("list -o ids", args))
        .env("TZ", "America/New_York");
    let mut ids: Vec<_> = run
        .run()
        .ok()
        .lines()
        .iter()
        .map(ToString::to_string)
        .collect();
    ids.sort();
    ids
}

#[test]
fn a_day_begins_at_local_midnight() {
    assert_eq!(in_new_york(&midnight(), "--since 2026-01-15"), [B]);
}

#[test]
fn a_day_begins_at_utc_midnight_with_utc() {
    assert_eq!(in_new_york(&midnight(), "--since 2026-01-15 --utc"), [A, B]);
}

#[test]
fn a_time_of_day_is_local() {
    assert_eq!(in_new_york(&midnight(), "--until '2026-01-15 00:00'"), [A]);
}

#[test]
fn a_time_of_day_is_utc_with_utc() {
    assert_eq!(
        in_new_york(&midnight(), "--since '2026-01-15 05:00' --utc"),
        [B]
    );
}

#[test]
fn today_begins_at_local_midnight() {
    assert_eq!(in_new_york(&midnight(), "--since today"), [B]);
}

#[test]
fn today_begins_at_utc_midnight_with_utc() {
    assert_eq!(in_new_york(&midnight(), "--since today --utc"), [A, B]);
}

#[test]
fn yesterday_begins_at_local_midnight() {
    let sandbox = midnight();
    sandbox.job(C, &[("created_at", &"2026-01-14 04:59:59.000000")]);
    assert_eq!(in_new_york(&sandbox, "--since yesterday"), [A, B]);
}

#[test]
fn a_time_with_an_offset_does_not_depend_on_the_zone() {
    assert_eq!(
        in_new_york(&midnight(), "--since 2026-01-15T05:00:00Z"),
        [B]
    );
    assert_eq!(
        in_new_york(&midnight(), "--since 2026-01-15T00:00:00-05:00"),
        [B]
    );
}

#[test]
fn an_hour_that_the_clock_skips_is_taken_or_refused_but_no_panic() {
    let run = midnight()
        .jobctl("list --since '2026-03-08 02:30'")
        .env("TZ", "America/New_York")
        .run();
    assert!([0, 2].contains(&run.status), "{run}");
}

#[test]
fn an_hour_that_comes_twice_is_taken_or_refused_but_no_panic() {
    let run = midnight()
        .jobctl("list --since '2026-11-01 01:30'")
        .env("TZ", "America/New_York")
        .run();
    assert!([0, 2].contains(&run.status), "{run}");
}

#[test]
fn every_unit_of_an_age_is_known() {
    for age in [
        "1ms",
        "1s",
        "1m",
        "1h",
        "1d",
        "1w",
        "7d12h",
        "1w1d1h1m1s1ms",
    ] {
        list(&four(), ["--since", age]).ok();
        list(&four(), ["--older-than", age]).ok();
    }
}

#[test]
fn m_is_a_minute() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("created_at", &"2026-01-15 11:59:30.000000")]);
    sandbox.job(B, &[("created_at", &"2026-01-15 11:58:30.000000")]);
    assert_eq!(ids(&sandbox, ["--since", "1m"]), [A]);
}

// Bad values.

#[test]
fn a_bare_number_is_an_error_that_names_the_units() {
    for flag in ["--since", "--until", "--older-than", "--stuck"] {
        let output = bad([flag, "7"], &[flag, "7"]);
        for unit in ["ms", "s", "m", "h", "d", "w"] {
            assert!(
                output
                    .stderr
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == unit),
                "{unit}: {output}"
            );
        }
    }
}

#[test]
fn an_unknown_unit_is_an_error() {
    bad("--older-than 1y", &["--older-than", "1y"]);
}

#[test]
fn an_age_longer_than_time_is_no_panic() {
    for age in [
        "99999999999999999999d",
        "9223372036854775807w",
        "300000000w",
        "999999999999h",
    ] {
        for flag in ["--older-than", "--since", "--stuck"] {
            let output = list(&four(), [flag, age]);
            assert!([0, 2].contains(&output.status), "{output}");
        }
    }
}

#[test]
fn a_day_that_is_not_in_the_calendar_is_an_error() {
    bad("--since 2026-02-30", &["--since", "2026-02-30"]);
}

#[test]
fn a_time_that_is_none_is_an_error() {
    bad("--until 'next tuesday'", &["--until", "next tuesday"]);
}

#[test]
fn an_unknown_status_is_refused_with_its_nearest_match() {
    bad(
        "--status canceled",
        &["--status", "canceled", "hint: ", "cancelled"],
    );
}

#[test]
fn an_unknown_status_in_a_list_is_refused_too() {
    bad("--status failed,compleated", &["compleated", "completed"]);
}

#[test]
fn an_unknown_mode_is_refused() {
    bad("--mode ideas", &["--mode", "ideas", "idea"]);
}

// Nothing to list.

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

// The ends of what can be said.

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
