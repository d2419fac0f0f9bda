//! The tables of the history as the first version made them, with what it kept there: read as they are, and brought up by
//! the first run that is written.

use super::{runs, table};
use crate::support::{A, B, C, Run, Sandbox};

/// Made by that version: A created and twice updated, B created and deleted, three jobs deleted at once. Runs had no
/// column `indexes`, rows another hash, and the index the jobs alone.
const EARLIER: &str = include_str!("earlier.sql");

const INDEX: &str = "SELECT sql FROM sqlite_schema WHERE name = 'jobctl_change_job'";
const COLUMNS: &str = "SELECT group_concat(name) FROM pragma_table_info('jobctl_run')";

fn earlier() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.sql(EARLIER);
    sandbox
}

/// A command before the runs are so old that they go.
fn at(sandbox: &Sandbox, line: &str) -> Run {
    sandbox
        .jobctl(line)
        .env("JOBCTL_TEST_NOW", "2026-01-02T00:00:00Z")
}

fn has_indexes(sandbox: &Sandbox) -> bool {
    sandbox.ask(COLUMNS).contains("archive_sha256,indexes")
}

#[test]
fn what_an_earlier_version_kept_is_read_and_left_as_it_is() {
    let sandbox = earlier();
    let before = std::fs::read(sandbox.db()).unwrap();
    assert_eq!(runs(&sandbox), 6);
    let told = sandbox.jobctl("history $A -o json").run().ok().json();
    let changes = told["changes"].as_array().unwrap();
    let of = |index: usize, column: &str| &changes[index]["columns"][column];
    assert_eq!(changes.len(), 3);
    assert_eq!(of(0, "current_stage")["after"], "mixing");
    assert_eq!(of(1, "project_title")["after"], "first");
    // Known by its hash alone.
    assert_eq!(of(2, "content")["after"], "a fox that paints the sea");
    let told = sandbox.jobctl("history $C -o json").run().ok().json();
    assert_eq!(told["changes"][0]["op"], "deleted");
    assert_eq!(told["changes"].as_array().unwrap().len(), 1);
    sandbox
        .jobctl("show $A")
        .run()
        .ok()
        .stdout_has("last changed by");
    sandbox
        .jobctl("undo --dry-run")
        .run()
        .ok()
        .stderr_has("3 jobs");
    sandbox
        .jobctl("doctor own-tables -q")
        .run()
        .ok()
        .stdout_is("");
    assert_eq!(std::fs::read(sandbox.db()).unwrap(), before);
    assert!(!has_indexes(&sandbox));
}

#[test]
fn what_an_earlier_version_kept_can_be_taken_back_and_again() {
    let sandbox = earlier();
    let before = table(&sandbox);
    for _ in 0..6 {
        at(&sandbox, "undo").run().ok();
    }
    assert_eq!(sandbox.count(), 3);
    assert!(
        sandbox.ask("SELECT group_concat(substr(id, 1, 1)) FROM video_generation_jobs") == "c,d,e"
    );
    for _ in 0..6 {
        at(&sandbox, "redo").run().ok();
    }
    assert_eq!(table(&sandbox), before);
    // One that is no longer as that run left it.
    sandbox.sql("UPDATE video_generation_jobs SET style = 'oil'");
    sandbox
        .jobctl("undo r3")
        .run()
        .fails(4)
        .stderr_has("changed");
}

#[test]
fn the_first_run_that_is_written_brings_the_tables_up() {
    let sandbox = earlier();
    at(&sandbox, "update $A --title 7").run().ok();
    assert!(has_indexes(&sandbox));
    assert!(sandbox.ask(INDEX).ends_with("(job)"));
    at(&sandbox, "update $A --title 8").run().ok();
    assert!(sandbox.ask(INDEX).ends_with("(job, id, keys)"));
    at(&sandbox, "update $A --title 9").run().ok();
    let told = sandbox.jobctl("history $A -o json").run().ok().json();
    assert_eq!(told["changes"].as_array().unwrap().len(), 6);
    // What needs the column.
    sandbox
        .jobctl("doctor --fix missing-index --yes")
        .run()
        .ok();
    assert_ne!(
        sandbox.ask("SELECT indexes FROM jobctl_run WHERE id = 10"),
        ""
    );
    at(&sandbox, "undo").run().ok();
    sandbox.jobctl("doctor own-tables -q").run().ok();
}

/// So many changes in the tables, which the index of all of them would have to be made of.
fn with_changes(sandbox: &Sandbox, count: u32) {
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT count(*) + 1 FROM jobctl_change UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO jobctl_change (id, job, count) SELECT (1 << 24) + 1000 + i, 'other', 1 FROM n"
    ));
}

#[test]
fn an_index_of_many_changes_is_left_as_it_is() {
    for (count, is_new) in [(5000, false), (4999, true)] {
        let sandbox = earlier();
        with_changes(&sandbox, count);
        let all = "SELECT count(*) FROM jobctl_change";
        assert_eq!(sandbox.ask(all), count.to_string());
        // The second of them looks at it, with one change more.
        at(&sandbox, "update $A --title 7 --no-history").run().ok();
        at(&sandbox, "update $A --title 8").run().ok();
        assert_eq!(sandbox.ask(all), (count + 1).to_string());
        at(&sandbox, "update $A --title 9").run().ok();
        let is_made = sandbox.ask(INDEX).ends_with("(job, id, keys)");
        assert_eq!(is_made, is_new, "{count}");
        at(&sandbox, "history $A").run().ok().stdout_has("title");
    }
}

#[test]
fn tables_of_this_version_are_left_as_they_are() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    at(&sandbox, "update $A --title 0").run().ok();
    let schema = sandbox.ask("PRAGMA schema_version");
    for title in 1..9 {
        let line = format!("update $A --title {title}");
        at(&sandbox, &line).run().ok();
    }
    assert_eq!(runs(&sandbox), 9);
    assert_eq!(sandbox.ask("PRAGMA schema_version"), schema);
}

#[test]
fn personal_text_is_taken_out_of_what_an_earlier_version_kept() {
    let sandbox = earlier();
    sandbox.jobctl(["redact", A, B, C, "--yes"]).run().ok();
    let data = "SELECT count(*) FROM jobctl_change WHERE instr(data, CAST('paints' AS BLOB))";
    assert_eq!(sandbox.ask(data), "0");
    let told = sandbox.jobctl("history $C -o json").run().ok().json();
    let content = &told["changes"][0]["columns"]["content"];
    assert_eq!(content["before"], "(redacted)");
}
