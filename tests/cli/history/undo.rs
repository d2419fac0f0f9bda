//! `undo` and `redo`: rows come back exactly, conflicts are named, and nothing is done by halves.

use super::{runs, table};
use crate::support::{A, B, C, Sandbox};

fn three() -> Sandbox {
    let sandbox = Sandbox::service();
    for id in [A, B, C] {
        sandbox.job(id, &[("status", &"failed"), ("error_message", &"no rain")]);
    }
    sandbox
}

#[test]
fn what_was_updated_deleted_and_created_comes_back_and_goes_again() {
    let sandbox = three();
    let mut states = vec![table(&sandbox)];
    for args in [
        "update $A $B --requeue",
        "delete $B",
        "create --type idea2video --content 'A dog crosses the road at night'",
        "delete --status failed --yes",
    ] {
        sandbox.jobctl(args).run().ok();
        states.push(table(&sandbox));
    }
    for _ in 0..2 {
        for state in states.iter().rev().skip(1) {
            sandbox.jobctl("undo").run().ok();
            assert_eq!(&table(&sandbox), state);
        }
        sandbox
            .jobctl("undo")
            .run()
            .ok()
            .stderr_has("nothing to undo");
        for state in states.iter().skip(1) {
            sandbox.jobctl("redo").run().ok();
            assert_eq!(&table(&sandbox), state);
        }
        sandbox
            .jobctl("redo")
            .run()
            .ok()
            .stderr_has("nothing to redo");
    }
}

#[test]
fn a_row_that_the_service_has_changed_costs_all_or_its_own_job() {
    let sandbox = three();
    let before = table(&sandbox);
    sandbox.jobctl("update $A $B --title new").run().ok();
    sandbox.sql("UPDATE video_generation_jobs SET progress = 7.5 WHERE id LIKE 'b2%'");
    let changed = table(&sandbox);
    let kept = runs(&sandbox);
    for args in ["undo", "undo --dry-run", "undo r1"] {
        sandbox
            .jobctl(args)
            .run()
            .fails(4)
            .stderr_has(B)
            .stderr_has("it has changed since")
            .stderr_lacks(A);
        assert_eq!(table(&sandbox), changed, "{args}");
        assert_eq!(runs(&sandbox), kept, "{args}");
    }
    let would = sandbox
        .jobctl("undo --dry-run --skip-conflicts -o json")
        .run()
        .ok();
    assert_eq!(table(&sandbox), changed);
    let done = sandbox.jobctl("undo --skip-conflicts -o json").run().ok();
    for run in [&would, &done] {
        let told = run.json();
        assert_eq!(told["undone"], "r1", "{run}");
        assert_eq!(
            (&told["restored"], &told["skipped"]),
            (&1.into(), &1.into())
        );
        assert_eq!(told["conflicts"][0]["job_id"], B);
    }
    assert_eq!(would.json()["dry_run"], true);
    assert_eq!(done.json()["run"], "r2");
    let now = table(&sandbox);
    assert_eq!((&now[0], &now[1]), (&before[0], &changed[1]));
}

/// Nothing but their numbers tells rows without an id apart, and none of them is the job whose id is empty.
#[test]
fn a_row_without_an_id_that_has_changed_costs_itself_alone() {
    let sandbox = Sandbox::report();
    sandbox.sql(
        "INSERT INTO video_generation_jobs (id, job_type, created_at)
         VALUES (NULL, 'idea2video', '2026-01-01T00:00:00Z'), (NULL, 'idea2video', '2026-01-01T00:00:00Z'), ('', 'idea2video', '2026-01-01T00:00:00Z')",
    );
    let times = || {
        let each =
            "SELECT substr(created_at, 11, 1) AS sign FROM video_generation_jobs ORDER BY rowid";
        sandbox.ask(&format!("SELECT group_concat(sign, '') FROM ({each})"))
    };
    sandbox
        .jobctl("doctor --fix time-spelling --yes")
        .run()
        .ok();
    assert_eq!(times(), "   ");
    sandbox.sql("UPDATE video_generation_jobs SET progress = 7.5 WHERE rowid = 2");
    sandbox
        .jobctl("undo")
        .run()
        .fails(4)
        .stderr_has("for 1 job: rowid 2: it has changed since");
    sandbox
        .jobctl("undo --skip-conflicts")
        .run()
        .ok()
        .stderr_has("restored 2 jobs, left 1 job as it is");
    assert_eq!(times(), "T T");
}

#[test]
fn each_reason_is_named() {
    let sandbox = three();
    sandbox.sql("UPDATE video_generation_jobs SET series_id = 'series-1' WHERE id LIKE 'c3%'");
    sandbox.jobctl("delete $A $C").run().ok();
    sandbox.jobctl("update $B --title new").run().ok();
    sandbox.sql("DELETE FROM series");
    sandbox.job(A, &[]);
    sandbox.sql("DELETE FROM video_generation_jobs WHERE id LIKE 'b2%'");
    let refused = sandbox.jobctl("undo r1").run().fails(4);
    refused
        .stderr_has("a job with its id is there again")
        .stderr_has("its series series-1 is gone");
    sandbox
        .jobctl("undo r2")
        .run()
        .fails(4)
        .stderr_has("it is gone");
}

#[test]
fn a_job_that_named_no_series_that_was_there_comes_back_so() {
    let sandbox = three();
    sandbox.sql("UPDATE video_generation_jobs SET series_id = 'nowhere' WHERE id LIKE 'a1%'");
    let before = table(&sandbox);
    sandbox.jobctl("delete $A $B").run().ok();
    sandbox.jobctl("undo").run().ok();
    assert_eq!(table(&sandbox), before);
    sandbox.jobctl("redo").run().ok();
    sandbox.jobctl("undo").run().ok();
    assert_eq!(table(&sandbox), before);
}

#[test]
fn an_older_run_is_undone_where_no_later_one_touched_its_jobs() {
    let sandbox = three();
    let before = table(&sandbox);
    sandbox.jobctl("update $A --title one").run().ok();
    sandbox.jobctl("update $B --title two").run().ok();
    sandbox.jobctl("update $C --title three").run().ok();
    sandbox.jobctl("update $B --title four").run().ok();
    sandbox.jobctl("undo r2").run().fails(4).stderr_has(B);
    sandbox.jobctl("undo r1").run().ok();
    assert_eq!(table(&sandbox)[0], before[0]);
    sandbox
        .jobctl("undo r1")
        .run()
        .ok()
        .stderr_has("r1 is undone already");
    sandbox.jobctl("redo r1").run().ok();
    assert_ne!(table(&sandbox)[0], before[0]);
}

#[test]
fn a_change_after_an_undo_ends_what_redo_does_without_a_name() {
    let sandbox = three();
    sandbox.jobctl("update $A --title one").run().ok();
    sandbox.jobctl("undo").run().ok();
    sandbox.jobctl("update $B --title two").run().ok();
    sandbox
        .jobctl("redo")
        .run()
        .ok()
        .stderr_has("jobctl redo r1");
    sandbox.jobctl("redo r1").run().ok();
    assert_eq!(sandbox.cell(A, "project_title"), "text|one");
    sandbox
        .jobctl("undo r2")
        .run()
        .fails(4)
        .stderr_has("jobctl redo r1");
}

#[test]
fn what_is_no_run_and_what_does_not_exist_is_told() {
    let sandbox = three();
    sandbox
        .jobctl("undo")
        .run()
        .ok()
        .stderr_has("nothing to undo");
    sandbox
        .jobctl("undo 42")
        .run()
        .fails(2)
        .stderr_has("\"42\" is no run");
    sandbox
        .jobctl("undo r42")
        .run()
        .fails(3)
        .stderr_has("there is no run r42");
    sandbox.jobctl("history r42").run().fails(3);
    // Nothing of that makes the tables.
    assert_eq!(
        sandbox.ask("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'jobctl%'"),
        "0"
    );
}

#[test]
fn a_rule_of_the_table_that_stores_it_otherwise_is_a_conflict() {
    let sandbox = three();
    sandbox.jobctl("delete $A").run().ok();
    sandbox.sql(
        "CREATE TRIGGER shouts AFTER INSERT ON video_generation_jobs
         BEGIN UPDATE video_generation_jobs SET style = 'LOUD' WHERE id = new.id; END",
    );
    let before = table(&sandbox);
    sandbox
        .jobctl("undo")
        .run()
        .fails(4)
        .stderr_has("a rule of the table");
    assert_eq!(table(&sandbox), before);
}

#[test]
fn what_the_table_s_own_triggers_do_to_jobs_is_taken_back_too() {
    let sandbox = three();
    sandbox.sql(
        "CREATE TRIGGER counts AFTER UPDATE OF project_title ON video_generation_jobs
         BEGIN UPDATE video_generation_jobs SET total_shots = total_shots + 1; END",
    );
    let before = table(&sandbox);
    sandbox.jobctl("update $A --title one").run().ok();
    assert_ne!(table(&sandbox)[2], before[2]);
    sandbox.sql("DROP TRIGGER counts");
    sandbox.jobctl("undo").run().ok();
    assert_eq!(table(&sandbox), before);
}

#[test]
fn a_value_that_the_table_stores_as_another_type_comes_back() {
    for entangled in [false, true] {
        let sandbox = three();
        sandbox.sql("UPDATE video_generation_jobs SET series_id = 'nowhere' WHERE id LIKE 'a1%'");
        if entangled {
            sandbox.sql(
                "CREATE TRIGGER idle AFTER DELETE ON video_generation_jobs BEGIN SELECT 1; END",
            );
        }
        let mut states = vec![table(&sandbox)];
        for args in [
            "update $A --force --result 3 --total-shots 4 --completed-shots 1",
            "update $A $B --force --context 1.5 --status completed",
            "create --type idea2video --content 'A dog crosses the road' --request 17 --progress 7",
            "delete $A $C --force",
        ] {
            sandbox.jobctl(args).run().ok();
            states.push(table(&sandbox));
        }
        for state in states.iter().rev().skip(1) {
            sandbox.jobctl("undo").run().ok();
            assert_eq!(&table(&sandbox), state, "{entangled}");
        }
        for state in states.iter().skip(1) {
            sandbox.jobctl("redo").run().ok();
            assert_eq!(&table(&sandbox), state, "{entangled}");
        }
    }
}

#[test]
fn a_run_that_would_keep_the_service_waiting_for_too_long_needs_exclusive() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.jobctl("update $A --title new").run().ok();
    let before = table(&sandbox);
    let changes = |count: u32| {
        sandbox.sql(&format!(
            "UPDATE jobctl_run SET created = 1, updated = {count}, deleted = 1"
        ));
    };
    changes(19_999);
    for args in ["undo", "undo r1", "undo --dry-run", "undo --skip-conflicts"] {
        let run = sandbox.jobctl(args).run().fails(4);
        run.stderr_has("r1 has 20,001 changes")
            .stderr_has("--exclusive");
        assert_eq!(table(&sandbox), before, "{args}");
    }
    changes(19_998);
    sandbox.jobctl("undo --dry-run").run().ok();
    changes(30_000);
    sandbox.jobctl("undo --exclusive").run().ok();
    assert_ne!(table(&sandbox), before);
    sandbox.sql("UPDATE jobctl_run SET updated = 30000 WHERE undoes IS NOT NULL");
    sandbox
        .jobctl("redo")
        .run()
        .fails(4)
        .stderr_has("--exclusive");
    sandbox.jobctl("redo --exclusive").run().ok();
}

/// The table refuses these when they have been changed already.
#[test]
fn what_the_table_refuses_of_a_run_is_no_change_of_it() {
    for line in [
        "delete --status failed --yes",
        "migrate dump.jsonl --on-conflict replace",
    ] {
        let sandbox = three();
        sandbox.sql(&format!(
            "CREATE TRIGGER kept AFTER DELETE ON video_generation_jobs WHEN old.id = '{B}' BEGIN SELECT RAISE(ABORT, 'kept'); END;
             CREATE TRIGGER same AFTER UPDATE ON video_generation_jobs WHEN old.id = '{B}' BEGIN SELECT RAISE(ABORT, 'same'); END;"
        ));
        let lines = [A, B, C].map(|id| {
            format!(
                "{{\"job_id\": \"{id}\", \"job_type\": \"idea2video\", \"status\": \"failed\", \"content\": \"new\", \
                 \"created_at\": \"2026-01-10T00:00:00\"}}\n"
            )
        });
        sandbox.write("dump.jsonl", lines.concat());
        let before = table(&sandbox);
        sandbox.jobctl(line).run();
        let told = sandbox.jobctl("history -o json").run().ok().json();
        let counts = &told["runs"][0]["counts"];
        let changed = counts["updated"].as_u64().unwrap() + counts["deleted"].as_u64().unwrap();
        assert_eq!(changed, 2, "{line}");
        let changes = sandbox.jobctl("history r1 -o jsonl").run().ok().jsonl();
        assert_eq!(changes.len(), 2, "{line}");
        sandbox.jobctl("undo").run().ok();
        assert_eq!(table(&sandbox), before, "{line}");
    }
}
