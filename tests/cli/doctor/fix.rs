//! `doctor --fix`: what it does, and what it leaves as it is.

use super::fixtures::many;
use super::{clean, of_service};
use crate::history::table as rows;
use crate::postgres::database;
use crate::support::{A, B, Sandbox};

/// Times in every spelling, one that is none, and an ended job without the time of its end.
fn faulty() -> Sandbox {
    let sandbox = clean();
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET created_at = '2026-01-14T10:00:00Z', updated_at = '2026-01-14 12:20:00.5+02:00',
         started_at = '14 Jan', completed_at = NULL WHERE id = '{A}';
         UPDATE video_generation_jobs SET created_at = '2026-01-15' WHERE id = '{B}'"
    ));
    sandbox
}

#[test]
fn times_are_spelled_as_the_service_spells_them_and_nothing_else_changes() {
    let sandbox = faulty();
    let before = [A, B].map(|id| sandbox.row(id));
    let run = sandbox
        .jobctl("doctor --fix time-spelling --yes")
        .run()
        .ok();
    run.stderr_has("fixed time-spelling in 2 jobs\n")
        .no_stdout();
    assert_eq!(
        sandbox.cell(A, "created_at"),
        "text|2026-01-14 10:00:00.000000"
    );
    assert_eq!(
        sandbox.cell(A, "updated_at"),
        "text|2026-01-14 10:20:00.500000"
    );
    assert_eq!(
        sandbox.cell(B, "created_at"),
        "text|2026-01-15 00:00:00.000000"
    );
    assert_eq!(sandbox.changed(A, &before[0]), ["created_at", "updated_at"]);
    assert_eq!(sandbox.changed(B, &before[1]), ["created_at"]);
    sandbox
        .jobctl("doctor time-spelling -q")
        .run()
        .ok()
        .no_stdout();
}

#[test]
fn the_end_of_a_job_is_its_last_change() {
    let sandbox = faulty();
    let before = sandbox.row(A);
    let run = sandbox
        .jobctl("doctor --fix missing-completed-at --yes")
        .run()
        .ok();
    run.stderr_has("fixed missing-completed-at in 1 job\n");
    assert_eq!(
        sandbox.cell(A, "completed_at"),
        "text|2026-01-14 10:20:00.500000"
    );
    assert_eq!(sandbox.changed(A, &before), ["completed_at"]);
    // Where nobody knows when that was, nothing is made up.
    let sandbox = faulty();
    sandbox.sql("UPDATE video_generation_jobs SET updated_at = '1970-01-01 00:00:00.000000'");
    let run = sandbox
        .jobctl("doctor --fix missing-completed-at --yes")
        .run()
        .ok();
    run.stderr_has("nothing to fix\n")
        .stdout_has("warning missing-completed-at\n");
    assert_eq!(sandbox.cell(A, "completed_at"), "null|");
}

#[test]
fn all_that_is_safe_is_fixed_at_once_and_the_rest_is_told() {
    let sandbox = of_service();
    sandbox.sql("UPDATE video_generation_jobs SET completed_at = NULL, created_at = '2026-01-14', result_data = '{'");
    sandbox.sql("UPDATE video_generation_jobs SET started_at = 'soon', status = 'odd' WHERE status = 'queued'");
    let before = [A, B].map(|id| sandbox.row(id));
    let run = sandbox.jobctl("doctor --fix --yes -o json").run().fails(1);
    let json = run.json();
    let fixed = json["fixed"].as_array().unwrap().iter();
    let fixed: Vec<(&str, u64)> = fixed
        .map(|it| (it["check"].as_str().unwrap(), it["count"].as_u64().unwrap()))
        .collect();
    let expected = [
        ("time-spelling", 2),
        ("missing-completed-at", 1),
        ("missing-index", 3),
    ];
    assert_eq!(fixed, expected, "{run}");
    let left = json["findings"].as_array().unwrap().iter();
    let left: Vec<&str> = left.map(|it| it["check"].as_str().unwrap()).collect();
    assert_eq!(
        left,
        ["bad-json", "unreadable-time", "unknown-status"],
        "{run}"
    );
    assert_eq!(
        sandbox.changed(A, &before[0]),
        ["created_at", "completed_at"]
    );
    assert_eq!(sandbox.changed(B, &before[1]), ["created_at"]);
    let indexes = "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL AND tbl_name LIKE 'video%' ORDER BY name)";
    assert_eq!(
        sandbox.ask(indexes),
        "idx_job_created idx_job_status idx_job_type"
    );
    assert_eq!(sandbox.ask("PRAGMA integrity_check"), "ok");
}

#[test]
fn our_index_is_made_where_there_are_many_jobs_or_it_is_asked_for() {
    let sandbox = clean();
    sandbox
        .jobctl("doctor --fix --yes")
        .run()
        .ok()
        .stderr_has("nothing to fix\n");
    sandbox
        .jobctl("doctor --fix missing-index --yes")
        .run()
        .ok();
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'jobctl_status_created'";
    let expected =
        "CREATE INDEX jobctl_status_created ON video_generation_jobs (status, created_at)";
    assert_eq!(sandbox.ask(sql), expected);
    let sandbox = clean();
    many(&sandbox);
    let run = sandbox.jobctl("doctor --fix --yes").run().ok().no_stdout();
    run.stderr_has("fixed missing-index (1 index), statistics\n");
    assert_eq!(sandbox.ask(sql), expected);
    assert_eq!(sandbox.ask("SELECT count(*) > 3 FROM sqlite_stat1"), "1");
    sandbox.jobctl("doctor -q").run().ok().no_stdout();
}

#[test]
fn a_dry_run_says_what_it_would_do_and_does_nothing() {
    let sandbox = faulty();
    let before = crate::support::hash(sandbox.db());
    let run = sandbox.jobctl("doctor --fix --dry-run").run().fails(1);
    run.stderr_has("would fix time-spelling in 2 jobs, missing-completed-at in 1 job\n")
        .stdout_has("warning time-spelling (2)\n");
    let json = sandbox
        .jobctl("doctor --fix --dry-run -o json")
        .run()
        .json();
    assert_eq!(json["dry_run"], true);
    assert_eq!(json["fixed"][0]["check"], "time-spelling");
    assert_eq!(json["fixed"][0]["run"], serde_json::Value::Null);
    assert_eq!(crate::support::hash(sandbox.db()), before);
}

#[test]
fn without_consent_nothing_is_changed() {
    let sandbox = faulty();
    let before = crate::support::hash(sandbox.db());
    let run = sandbox.jobctl("doctor --fix").run().fails(4).no_stdout();
    run.stderr_has("fix time-spelling in 2 jobs, missing-completed-at in 1 job in jobs.db")
        .stderr_has("--yes confirms");
    assert_eq!(crate::support::hash(sandbox.db()), before);
    // Where there is nothing to do there is nothing to ask.
    clean()
        .jobctl("doctor --fix")
        .run()
        .ok()
        .stderr_has("nothing to fix\n");
}

#[test]
fn what_undo_does_not_take_back_is_said_before() {
    const SAID: &str = "undo takes back no fix of own-tables or statistics";
    let sandbox = clean();
    many(&sandbox);
    sandbox.jobctl("update $A --title New").run().ok();
    sandbox.sql("DROP INDEX jobctl_change_job");
    let asked = sandbox.jobctl("doctor --fix").run().fails(4);
    asked.stderr_has(&format!("in jobs.db; {SAID}"));
    let planned = sandbox.jobctl("doctor --fix --dry-run").run().ok();
    planned.stderr_has(&format!("{SAID}\n"));
    let done = sandbox.jobctl("doctor --fix --yes -o json").run().ok();
    let (said, fixed) = (done.stderr.find(SAID), done.stderr.find("fixed own-tables"));
    assert!(said.is_some() && said < fixed, "{done}");
    for fixed in done.json()["fixed"].as_array().unwrap() {
        let run = match fixed["check"].as_str() {
            Some("missing-index") => "r2".into(),
            _ => serde_json::Value::Null,
        };
        assert_eq!(fixed["run"], run, "{done}");
    }
    // What it takes back needs no word.
    let run = faulty().jobctl("doctor --fix --yes").run();
    run.stderr_lacks("undo");
}

#[test]
fn what_is_not_safe_cannot_be_fixed() {
    for check in ["bad-json", "stale-queued", "unknown-status", "null-id"] {
        let run = faulty().jobctl(["doctor", "--fix", check, "--yes"]).run();
        run.fails(2)
            .no_stdout()
            .stderr_has(check)
            .stderr_has("missing-index");
    }
    for flag in ["--yes", "--dry-run", "--exclusive"] {
        faulty()
            .jobctl(["doctor", flag])
            .run()
            .fails(2)
            .stderr_has("--fix");
    }
}

#[test]
fn a_rule_of_the_table_keeps_its_job_and_no_other() {
    for (raise, left) in [("ABORT", 1), ("ROLLBACK", 1), ("IGNORE", 1)] {
        let sandbox = faulty();
        let why = if raise == "IGNORE" {
            ""
        } else {
            ", 'not this one'"
        };
        sandbox.sql(&format!(
            "CREATE TRIGGER rule BEFORE UPDATE ON video_generation_jobs WHEN old.id = '{A}' BEGIN SELECT RAISE({raise}{why}); END"
        ));
        let before = sandbox.row(A);
        let run = sandbox
            .jobctl("doctor --fix time-spelling --yes")
            .run()
            .ok();
        run.stderr_has(&format!("time-spelling: {left} job stayed as before"))
            .stderr_has("fixed time-spelling in 1 job\n")
            .stdout_has("warning time-spelling");
        assert!(sandbox.changed(A, &before).is_empty(), "{raise}");
        assert_eq!(
            sandbox.cell(B, "created_at"),
            "text|2026-01-15 00:00:00.000000"
        );
    }
}

#[test]
fn many_jobs_go_in_short_transactions_and_all_of_them() {
    for mode in ["DELETE", "WAL"] {
        let sandbox = clean();
        sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
        many(&sandbox);
        sandbox.sql("UPDATE video_generation_jobs SET created_at = replace(created_at, ' ', 'T') WHERE status = 'completed'");
        let run = sandbox
            .jobctl("doctor --fix time-spelling --yes")
            .run()
            .ok();
        run.stderr_has("fixed time-spelling in 10,001 jobs\n");
        let odd = "SELECT count(*) FROM video_generation_jobs WHERE created_at LIKE '%T%' OR length(created_at) <> 26";
        assert_eq!(sandbox.ask(odd), "0");
        assert_eq!(sandbox.ask("PRAGMA integrity_check"), "ok");
        assert_eq!(sandbox.ask("PRAGMA journal_mode"), mode.to_lowercase());
    }
}

#[test]
fn a_fix_is_a_run_that_can_be_taken_back_and_done_again() {
    for mode in ["DELETE", "WAL"] {
        let sandbox = faulty();
        sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
        let before = rows(&sandbox);
        let run = sandbox.jobctl("doctor --fix --yes -o json").run();
        let fixed = run.json()["fixed"].clone();
        assert_eq!(fixed[0]["run"], "r1", "{run}");
        let after = rows(&sandbox);
        sandbox.jobctl("undo --dry-run").run().ok();
        sandbox.jobctl("undo").run().ok();
        assert_eq!(rows(&sandbox), before);
        sandbox.jobctl("redo").run().ok();
        assert_eq!(rows(&sandbox), after);
        sandbox.jobctl("undo r1").run().ok();
        assert_eq!(rows(&sandbox), before);
        // What has changed since stays.
        sandbox.jobctl("doctor --fix --yes").run();
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET progress = 1 WHERE id = '{B}'"
        ));
        sandbox.jobctl("undo").run().fails(4).stderr_has(B);
        let sandbox = faulty();
        let run = sandbox
            .jobctl("doctor --fix --yes --no-history -o json")
            .run();
        assert_eq!(run.json()["fixed"][0]["run"], serde_json::Value::Null);
    }
}

#[test]
fn an_index_that_it_made_is_dropped_by_undo_and_made_by_redo() {
    for rows_too in [false, true] {
        let sandbox = of_service();
        if rows_too {
            sandbox.sql("UPDATE video_generation_jobs SET created_at = '2026-01-14'");
        }
        let before = (rows(&sandbox), sandbox.schema());
        let run = sandbox.jobctl("doctor --fix --yes -o json").run().ok();
        let fixed = run.json()["fixed"].clone();
        let fixed = fixed.as_array().unwrap().iter();
        assert!(fixed.clone().all(|it| it["run"] == "r1"), "{run}");
        let after = (rows(&sandbox), sandbox.schema());
        assert_ne!(before.1, after.1);
        let run = sandbox.jobctl("undo --dry-run").run().ok();
        run.stderr_has("3 indexes");
        assert_eq!((rows(&sandbox), sandbox.schema()), after);
        sandbox.jobctl("undo").run().ok().stderr_has("3 indexes");
        assert_eq!((rows(&sandbox), sandbox.schema()), before);
        sandbox.jobctl("redo").run().ok().stderr_has("3 indexes");
        assert_eq!((rows(&sandbox), sandbox.schema()), after);
        sandbox.sql("DROP INDEX idx_job_type");
        sandbox.jobctl("undo").run().ok().stderr_has("2 indexes");
        assert_eq!((rows(&sandbox), sandbox.schema()), before);
        if !database::is_wanted() {
            assert_eq!(sandbox.ask("PRAGMA integrity_check"), "ok");
        }
    }
}

#[test]
fn its_own_tables_are_put_right_and_those_of_another_shape_are_left() {
    let sandbox = clean();
    sandbox.jobctl("update $A --title New").run().ok();
    sandbox
        .jobctl("doctor own-tables -q")
        .run()
        .ok()
        .no_stdout();
    sandbox.sql("DELETE FROM jobctl_run; DROP INDEX jobctl_change_job");
    let run = sandbox.jobctl("doctor own-tables").run().ok();
    run.stdout_has("warning own-tables (2)")
        .stdout_has("1 kept changes of no run");
    sandbox.jobctl("doctor --fix own-tables --yes").run().ok();
    sandbox
        .jobctl("doctor own-tables -q")
        .run()
        .ok()
        .no_stdout();
    assert_eq!(sandbox.ask("SELECT count(*) FROM jobctl_change"), "0");
    let sandbox = clean();
    sandbox.sql("CREATE TABLE jobctl_run (other)");
    let run = sandbox.jobctl("doctor --fix own-tables --yes").run().ok();
    run.stdout_has("jobctl_run has other columns")
        .stdout_has("jobctl_change is missing")
        .stderr_has("nothing to fix\n");
    assert_eq!(
        sandbox.ask("SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%(other)'"),
        "1"
    );
}
