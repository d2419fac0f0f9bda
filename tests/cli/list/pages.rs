//! `--limit`, `--offset` and `--after`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{bad, four, list, many, ordered, page};
use crate::args::Args;
use crate::support::{A, B, C, D, Sandbox};

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

/// Looks at the total of pages that end before, at and behind the last job.
#[track_caller]
fn totals_are_right(sandbox: &Sandbox) {
    for page in [
        "--limit 3",
        "--limit 4",
        "--limit 5",
        "--offset 1",
        "--offset 3 --limit 1",
        "--offset 4",
        "--offset 9",
    ] {
        for order in ["", "--sort title"] {
            for (filter, total) in [
                ("", 4),
                ("--mode null", 1),
                ("--mode null --style anime", 0),
            ] {
                let args = ("-o json", page, (order, filter));
                let document = list(sandbox, args).ok().json();
                assert_eq!(document["pagination"]["total"], total, "{args:?}");
            }
        }
    }
    let first = list(sandbox, "--limit 1 -o json").ok().json();
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    let document = list(sandbox, ("-o json --after", cursor)).ok().json();
    assert_eq!(document["pagination"]["total"], 4);
}

#[test]
fn the_total_is_the_same_wherever_the_page_ends() {
    totals_are_right(&four());
}

#[test]
fn the_total_is_the_same_where_an_index_gives_the_order() {
    let sandbox = four();
    sandbox.sql("CREATE INDEX created ON video_generation_jobs (created_at)");
    totals_are_right(&sandbox);
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
