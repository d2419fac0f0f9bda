//! A run that is killed: the change and its history are there both, or neither.

use super::table;
use crate::locks::{end, start, until};
use crate::support::Sandbox;

const JOBS: i64 = 2_000;

/// The moments at which a run is killed.
const MOMENTS: i64 = 50;

fn many() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {JOBS})
         INSERT INTO video_generation_jobs (id, job_type, status, content, created_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'failed', hex(randomblob(700)), '2026-01-10 00:00:00.000000' FROM n"
    ));
    sandbox
}

#[test]
fn what_is_deleted_and_what_is_kept_agree_at_any_moment() {
    for moment in 0..MOMENTS {
        let sandbox = many();
        if moment % 2 == 1 {
            sandbox.ask("PRAGMA journal_mode = WAL");
        }
        let before = table(&sandbox);
        let mut run = start(sandbox.jobctl("delete --status failed --yes --quiet"));
        let left = JOBS - moment * JOBS / MOMENTS;
        until("so many are gone, or it is done", || {
            sandbox.count() < left || run.try_wait().unwrap().is_some()
        });
        // It may have ended.
        let _ = run.kill();
        end(&mut run);
        let gone = JOBS - sandbox.count();
        assert_eq!(sandbox.ask("PRAGMA integrity_check"), "ok");
        let kept = sandbox.ask("SELECT coalesce(sum(count), 0) FROM jobctl_change");
        assert_eq!(kept, gone.to_string(), "moment {moment}");
        assert_eq!(
            sandbox.ask("SELECT coalesce(sum(deleted), 0) FROM jobctl_run"),
            kept
        );
        sandbox.jobctl("undo").run().ok();
        assert_eq!(table(&sandbox), before, "moment {moment}");
    }
}
