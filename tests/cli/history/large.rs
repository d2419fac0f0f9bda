//! A run that would keep more than 64 MiB: it is said before, it is done and counted, and nothing of it is kept.

use crate::support::{A, Sandbox};

#[test]
fn a_run_that_is_too_large_is_done_and_cannot_be_undone() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.jobctl("update $A --title new").run().ok();
    sandbox.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 75)
         INSERT INTO video_generation_jobs (id, job_type, status, content, created_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'failed', randomblob(1000000), '2026-01-10 00:00:00.000000' FROM n",
    );
    let asked = sandbox.jobctl("delete --status failed").run().fails(4);
    asked
        .stderr_has("more than the 64 MiB that the history keeps")
        .stderr_has("--backup");
    let done = sandbox.jobctl("delete --status failed --yes").run().ok();
    done.stderr_has("undo cannot bring them back")
        .stderr_has("deleted 75 jobs");
    assert_eq!(sandbox.count(), 1);
    let told = sandbox.jobctl("history -o json").run().ok().json();
    let run = &told["runs"][0];
    assert_eq!(
        (&run["counts"]["deleted"], &run["undoable"]),
        (&75.into(), &false.into())
    );
    sandbox
        .jobctl("undo")
        .run()
        .fails(4)
        .stderr_has("64 MiB")
        .stderr_has("jobctl undo r1");
    sandbox.jobctl("undo r1").run().ok();
}

/// How large an import is turns out while it runs.
#[test]
fn what_an_import_kept_goes_when_it_turns_out_too_large() {
    for more in ["", "--atomic", "--exclusive"] {
        let sandbox = Sandbox::service();
        sandbox.sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 75)
             INSERT INTO video_generation_jobs (id, job_type, status, content, created_at)
             SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'failed', randomblob(1000000), '2026-01-10 00:00:00.000000' FROM n",
        );
        let lines = (1..=75).map(|number| {
            format!(
                "{{\"job_id\": \"{number:08x}-0000-4000-8000-000000000000\", \"job_type\": \"idea2video\", \"status\": \"failed\", \
                 \"content\": \"new\", \"created_at\": \"2026-01-10T00:00:00\"}}\n"
            )
        });
        sandbox.write("dump.jsonl", lines.collect::<String>());
        let line = "migrate dump.jsonl --on-conflict replace";
        sandbox.jobctl((line, more)).run().ok();
        let told = sandbox.jobctl("history -o json").run().ok().json();
        let run = &told["runs"][0];
        assert_eq!(
            (&run["counts"]["updated"], &run["undoable"]),
            (&75.into(), &false.into()),
            "{more}"
        );
        let kept = sandbox.ask("SELECT count(*) FROM jobctl_change");
        assert_eq!(kept, "0", "{more}");
    }
}
