//! `doctor` beside others: what they hold, and what they wait for.

use std::time::{Duration, Instant};

use super::clean;
use crate::locks::{end, start};
use crate::support::{A, Sandbox};

#[test]
fn a_reader_that_does_not_end_is_told_too() {
    let sandbox = clean();
    let connection = sandbox.connection();
    let begin = "BEGIN; SELECT count(*) FROM video_generation_jobs";
    connection.execute_batch(begin).unwrap();
    let run = sandbox.jobctl("doctor locks").run().ok();
    run.stdout_has("warning locks\n")
        .stdout_has("in the middle of a read");
}

#[test]
fn a_writer_in_a_file_with_a_log_is_told_and_a_reader_is_not() {
    let sandbox = clean();
    sandbox.ask("PRAGMA journal_mode = WAL");
    let reader = sandbox.connection();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM video_generation_jobs")
        .unwrap();
    sandbox.jobctl("doctor locks").run().ok().no_stdout();
    let writer = sandbox.connection();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = sandbox.jobctl("doctor locks").run().ok();
    run.stdout_has("warning locks\n")
        .stdout_has("in the middle of a write");
}

#[test]
fn a_file_that_another_program_keeps_is_a_finding_and_not_a_failure() {
    let sandbox = clean();
    let connection = sandbox.connection();
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let run = sandbox.jobctl("doctor --busy-timeout 100ms -o json").run();
    let whole = run.fails(1).json();
    assert_eq!(whole["findings"].as_array().unwrap().len(), 1, "{whole}");
    assert_eq!(whole["findings"][0]["check"], "locks");
    assert_eq!(whole["findings"][0]["severity"], "error");
}

#[test]
fn the_journal_of_a_writer_at_work_is_no_finding() {
    let sandbox = clean();
    let connection = sandbox.connection();
    let write = "BEGIN IMMEDIATE; UPDATE video_generation_jobs SET project_title = 'x'";
    connection.execute_batch(write).unwrap();
    assert!(sandbox.path("jobs.db-journal").exists());
    sandbox.jobctl("doctor hot-journal").run().ok().no_stdout();
    drop(connection);
    // One that a run keeps for the next transaction has no beginning.
    sandbox.write("jobs.db-journal", [0; 4096]);
    sandbox.jobctl("doctor hot-journal").run().ok().no_stdout();
}

/// 40,000 jobs of 3 KB, which take a debug build some seconds.
fn large(mode: &str) -> Sandbox {
    let sandbox = clean();
    sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
    sandbox.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
         INSERT INTO video_generation_jobs (id, job_type, status, content, request_data, created_at, updated_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'queued', hex(zeroblob(700)),
         '{\"idea\": \"' || hex(zeroblob(700)) || '\"}', '2026-01-15 11:00:00.000000', '2026-01-15 11:00:00.000000' FROM n",
    );
    sandbox
}

#[test]
fn a_writer_beside_it_waits_for_no_longer_than_any_other_read_takes() {
    for mode in ["DELETE", "WAL"] {
        let sandbox = large(mode);
        let mut run = start(sandbox.jobctl("doctor -q -o json"));
        let connection = sandbox.connection();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        let (mut writes, mut longest) = (0, Duration::ZERO);
        while run.try_wait().unwrap().is_none() {
            let begun = Instant::now();
            let sql = "UPDATE video_generation_jobs SET progress = progress + 0.001 WHERE id = ?1";
            connection.execute(sql, [A]).unwrap();
            longest = longest.max(begun.elapsed());
            writes += 1;
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(end(&mut run).success());
        assert!(writes > 3, "{mode}: {writes}");
        assert!(longest < Duration::from_secs(2), "{mode}: {longest:?}");
    }
}

#[test]
fn an_index_that_lacks_a_job_is_found_in_a_file_of_any_size() {
    for mode in ["DELETE", "WAL"] {
        let sandbox = large(mode);
        // The index is filled with what it would hold if one job were of another kind.
        sandbox.sql(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = 'CREATE INDEX idx_job_status ON video_generation_jobs(status) WHERE status <> ''completed''' WHERE name = 'idx_job_status';",
        );
        sandbox.sql("REINDEX idx_job_status");
        sandbox.sql(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = 'CREATE INDEX idx_job_status ON video_generation_jobs(status)' WHERE name = 'idx_job_status';",
        );
        let run = sandbox.jobctl("doctor integrity").run().fails(1);
        run.stdout_has("idx_job_status")
            .stdout_has("error integrity");
        let run = sandbox.jobctl("doctor integrity --full").run().fails(1);
        run.stdout_has("missing from index idx_job_status");
    }
}

#[test]
fn what_was_too_large_for_a_quick_look_is_said() {
    let sandbox = large("DELETE");
    let run = sandbox.jobctl("doctor").run().ok();
    let told = "too large for a quick look at every page: video_generation_jobs; --full checks them whole\n";
    assert!(run.stderr.ends_with(told), "{run}");
    sandbox
        .jobctl("doctor --full")
        .run()
        .ok()
        .stderr_lacks("too large");
    sandbox.jobctl("doctor -q").run().ok().no_stderr();
}
