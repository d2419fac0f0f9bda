//! What goes with others, or stays because of them: tables that refer to jobs and say so late, triggers that remove another job, or
//! mark one in place of removing it.

use super::id;
use crate::support::Sandbox;

/// Seven jobs that ended long ago, of which two have the title `kept`.
fn jobs(sandbox: &Sandbox) {
    for number in 0..7 {
        let title = if matches!(number, 2 | 4) {
            "kept"
        } else {
            "gone"
        };
        sandbox.job(
            &id(number),
            &[
                ("status", &"failed"),
                ("project_title", &title),
                ("completed_at", &"2025-01-01 00:00:00.000000"),
            ],
        );
    }
}

fn cleanup(sandbox: &Sandbox) -> crate::support::Output {
    let args = "cleanup --older-than 30d --archive old.jsonl --yes";
    sandbox.jobctl(args).run()
}

/// A table that wants its jobs back only when all is committed.
fn referred() -> Sandbox {
    let sandbox = Sandbox::service();
    jobs(&sandbox);
    sandbox.sql(
        "CREATE TABLE notes (job REFERENCES video_generation_jobs (id) DEFERRABLE INITIALLY DEFERRED);
         INSERT INTO notes SELECT id FROM video_generation_jobs WHERE project_title = 'kept'",
    );
    sandbox
}

#[test]
fn a_table_that_refers_late_keeps_its_jobs_alone() {
    let sandbox = referred();
    for _ in 0..2 {
        cleanup(&sandbox)
            .fails(1)
            .stderr_has("2 jobs stay, which the table does not let go")
            .stderr_has(&id(2))
            .stderr_has("(FOREIGN KEY)");
        assert_eq!(sandbox.ids(), [id(2), id(4)]);
        assert_eq!(sandbox.read("old.jsonl").lines().count(), 5);
    }
    let sandbox = referred();
    let args = "delete --status failed --yes";
    sandbox
        .jobctl(args)
        .run()
        .fails(1)
        .stderr_has("deleted 5 jobs, 2 kept by the table");
    assert_eq!(sandbox.ids(), [id(2), id(4)]);
}

#[test]
fn by_name_all_stay_and_no_flag_is_promised() {
    for force in ["", "--force"] {
        let sandbox = referred();
        let ids = [id(1), id(2), id(3)];
        let args = ["delete", &ids[0], &ids[1], &ids[2]];
        sandbox
            .jobctl((args, force))
            .run()
            .fails(4)
            .stderr_has(&format!("job {}: ", id(2)))
            .stderr_has("none of the 3 jobs was changed")
            .stderr_has("hint: the triggers of the table")
            .stderr_lacks("--force");
        assert_eq!(sandbox.count(), 7);
    }
    let sandbox = Sandbox::report();
    jobs(&sandbox);
    sandbox.sql(
        "CREATE TRIGGER guard BEFORE UPDATE ON video_generation_jobs BEGIN SELECT RAISE(ABORT, 'as it is'); END",
    );
    sandbox
        .jobctl(["update", &id(1), "--requeue"])
        .run()
        .fails(4)
        .stderr_has("a trigger of the table refuses it: as it is")
        .stderr_lacks("--force");
}

#[test]
fn what_a_trigger_marks_instead_is_not_archived_every_night() {
    let sandbox = Sandbox::report();
    jobs(&sandbox);
    sandbox.sql(
        "ALTER TABLE video_generation_jobs ADD COLUMN marked INTEGER DEFAULT 0;
         CREATE TRIGGER marks BEFORE DELETE ON video_generation_jobs WHEN old.project_title = 'kept'
         BEGIN UPDATE video_generation_jobs SET marked = marked + 1 WHERE id = old.id; SELECT RAISE(IGNORE); END",
    );
    for _ in 0..2 {
        cleanup(&sandbox).fails(1).stderr_has("2 kept by the table");
        assert_eq!(sandbox.ids(), [id(2), id(4)]);
        assert_eq!(sandbox.read("old.jsonl").lines().count(), 5);
    }
}

#[test]
fn a_job_that_goes_with_another_is_gone() {
    for name in [false, true] {
        let sandbox = Sandbox::report();
        jobs(&sandbox);
        sandbox.sql(&format!(
            "CREATE TRIGGER takes AFTER DELETE ON video_generation_jobs WHEN old.project_title = 'kept'
             BEGIN DELETE FROM video_generation_jobs WHERE id = '{}'; END",
            id(6)
        ));
        if name {
            let args = ["delete", &id(2), &id(6)];
            sandbox.jobctl(args).run().ok();
            assert_eq!(sandbox.count(), 5);
        } else {
            cleanup(&sandbox).ok().stderr_has("removed 7 jobs");
            assert_eq!(sandbox.count(), 0);
            assert_eq!(sandbox.read("old.jsonl").lines().count(), 7);
        }
    }
}
