//! The order of the list.

use super::{bad, four, list, many, ordered};
use crate::support::{A, B, C, D};

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

/// More than memory is to hold waits in a temporary file, or in memory where that cannot be made.
#[test]
fn many_long_texts_are_sorted_with_a_temporary_file_and_without_one() {
    let sandbox = four();
    sandbox.sql("DELETE FROM video_generation_jobs");
    sandbox.sql(
        "WITH RECURSIVE n (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM n WHERE n < 299) \
         INSERT INTO video_generation_jobs (id, job_type, status, content, created_at) \
         SELECT printf('%08d-0000-4000-8000-000000000000', n), 'idea2video', 'queued', \
             printf('%05d', n * 7919 % 300) || hex(zeroblob(20000)), '2026-01-01 00:00:00.000000' FROM n",
    );
    let mut wanted: Vec<(u32, u32)> = (0..300).map(|n| (n * 7919 % 300, n)).collect();
    wanted.sort_unstable();
    let wanted: String = wanted
        .iter()
        .map(|(_, n)| format!("{n:08}-0000-4000-8000-000000000000\n"))
        .collect();
    for folder in [sandbox.path(""), sandbox.path("not there")] {
        let run = sandbox.jobctl("list --all -o ids --sort content");
        run.env("TMPDIR", folder).run().ok().stdout_is(&wanted);
    }
}
