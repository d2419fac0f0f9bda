//! A fix that is killed: what it changed and what the history has of it are there both, or neither.

use crate::history::table;
use crate::locks::{end, is_sound, start, until};
use crate::support::Sandbox;

const JOBS: i64 = 2_000;

/// The moments at which a run is killed.
const MOMENTS: i64 = 12;

/// A step of an index, as large as so many jobs.
const INDEX: i64 = 500;

/// Jobs that need two fixes each, in a table without its three indexes.
fn faulty() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {JOBS})
         INSERT INTO video_generation_jobs (id, job_type, status, progress, content, created_at, updated_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'completed', 100.0, hex(randomblob(700)),
         '2026-01-10T00:00:00Z', '2026-01-10 00:00:00.000000' FROM n"
    ));
    sandbox
}

fn spelled(sandbox: &Sandbox) -> i64 {
    number(
        sandbox,
        "SELECT count(*) FROM video_generation_jobs WHERE created_at NOT LIKE '%Z'",
    )
}

fn ended(sandbox: &Sandbox) -> i64 {
    number(
        sandbox,
        "SELECT count(completed_at) FROM video_generation_jobs",
    )
}

fn number(sandbox: &Sandbox, sql: &str) -> i64 {
    sandbox.ask(sql).parse().unwrap()
}

/// The names of the indexes, as a run keeps that it made them.
fn indexes(sandbox: &Sandbox) -> Vec<String> {
    let names = sandbox.ask(
        "SELECT coalesce(group_concat('+' || name, ' '), '') FROM sqlite_schema
         WHERE type = 'index' AND tbl_name = 'video_generation_jobs' AND sql NOT NULL",
    );
    sorted(&names)
}

fn sorted(names: &str) -> Vec<String> {
    let mut names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn what_is_fixed_and_what_is_kept_agree_at_any_moment() {
    let steps = 2 * JOBS + 3 * INDEX;
    for moment in 0..MOMENTS {
        let sandbox = faulty();
        if moment % 2 == 1 {
            sandbox.ask("PRAGMA journal_mode = WAL");
        }
        let before = table(&sandbox);
        let mut run = start(sandbox.jobctl("doctor --fix --yes --quiet"));
        let step = moment * steps / MOMENTS;
        until("so much is fixed, or all of it", || {
            let made = indexes(&sandbox).len() as i64 * INDEX;
            spelled(&sandbox) + ended(&sandbox) + made > step || run.try_wait().unwrap().is_some()
        });
        // It may have ended.
        let _ = run.kill();
        end(&mut run);
        is_sound(&sandbox);
        let fixed = spelled(&sandbox) + ended(&sandbox);
        let is_kept = sandbox.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'jobctl_run'");
        let made = indexes(&sandbox);
        if is_kept == "0" {
            assert_eq!((fixed, made.len()), (0, 0), "moment {moment}");
            continue;
        }
        let kept = "SELECT coalesce(sum(count), 0) FROM jobctl_change";
        assert_eq!(number(&sandbox, kept), fixed, "moment {moment}");
        let counted = "SELECT coalesce(sum(updated), 0) FROM jobctl_run";
        assert_eq!(number(&sandbox, counted), fixed, "moment {moment}");
        let noted = sandbox.ask("SELECT coalesce(group_concat(indexes, ' '), '') FROM jobctl_run");
        assert_eq!(sorted(&noted), made, "moment {moment}");
        sandbox.jobctl("undo").run().ok();
        assert_eq!(table(&sandbox), before, "moment {moment}");
        assert_eq!(indexes(&sandbox), [""; 0], "moment {moment}");
    }
}
