//! Filters, each alone, and times in them by time zone.

use rusqlite::types::Null;

use super::{four, ids, list};
use crate::args::Args;
use crate::support::{A, B, C, D, Sandbox};

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
