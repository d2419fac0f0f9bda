//! What is kept, where, and what happens where it cannot be.

use super::{runs, table};
use crate::postgres::database;
use crate::support::{A, B, Sandbox};

fn one() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox
}

#[test]
fn command_lines_hold_nothing_private() {
    let sandbox = one();
    for args in [
        "create --type idea2video --content 'secret content here' --title 'secret title'",
        "create --json '{\"job_id\": \"d4444444-4444-4444-8444-444444444444\", \"job_type\": \"idea2video\", \"content\": \"secret content here\"}'",
        "update $A --status processing --stage 'secret stage'",
        "update $A --fail 'secret error'",
        "update $A --force --status completed --result='{\"secret\": 1}'",
        "update $A --context '{\"secret\": 2}' --request '{\"secret\": 3}'",
        "delete --search secret --yes",
    ] {
        sandbox.jobctl(args).run().ok();
    }
    let told = sandbox.jobctl("history -o json").run().ok();
    assert_eq!(told.json()["runs"].as_array().unwrap().len(), 7);
    told.stdout_lacks("secret")
        .stdout_has(A)
        .stdout_has("--status");
    assert_eq!(
        sandbox.ask("SELECT count(*) FROM jobctl_run WHERE argv LIKE '%secret%'"),
        "0"
    );
}

#[test]
fn command_lines_hold_what_says_which_jobs_were_meant() {
    let sandbox = one();
    // A style that is called as a flag is.
    sandbox
        .jobctl("update $A --status failed --style status --force")
        .run()
        .ok();
    sandbox
        .jobctl("delete --status failed --type idea2video,script2video --style status --since 2000-01-01 --max 5 --yes")
        .run()
        .ok();
    let runs = sandbox.jobctl("history -o json").run().ok().json();
    let words = "delete --status failed --type idea2video,script2video --style status --since 2000-01-01 --max 5 --yes";
    let words: Vec<&str> = words.split(' ').collect();
    assert_eq!(runs["runs"][0]["argv"], serde_json::json!(words));
}

#[test]
fn a_run_that_changes_nothing_is_none() {
    let sandbox = one();
    sandbox.jobctl("update $A --title new").run().ok();
    sandbox.jobctl("update $A --title new").run().ok();
    sandbox
        .jobctl("update $A --title other --if-status failed")
        .run()
        .fails(4);
    sandbox
        .jobctl("update $A --title other --dry-run")
        .run()
        .ok();
    sandbox.jobctl("delete $B --ignore-missing").run().ok();
    assert_eq!(runs(&sandbox), 1);
}

#[test]
fn without_a_history_nothing_is_kept() {
    for (args, value) in [
        ("--no-history", None),
        ("--history off", None),
        ("", Some("off")),
    ] {
        let sandbox = one();
        let mut run = sandbox.jobctl(("update $A --title new", args));
        if let Some(value) = value {
            run = run.env("JOBCTL_HISTORY", value);
        }
        run.run().ok();
        let there = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'jobctl%'";
        assert_eq!(sandbox.ask(there), "0", "{args}");
    }
    let sandbox = one();
    let run = sandbox.jobctl("update $A --title new");
    let run = run.env("JOBCTL_HISTORY", "sometimes").run().fails(2);
    run.stderr_has("auto, off or required");
}

#[test]
fn a_file_that_takes_no_tables_takes_the_change_unless_a_history_is_demanded() {
    for in_the_way in [
        "CREATE VIEW jobctl_run AS SELECT 1 AS id",
        "CREATE TABLE jobctl_change (other TEXT)",
        "CREATE INDEX jobctl_change_job ON series(title)",
    ] {
        // On a server the history does without its index.
        if database::is_wanted() && in_the_way.starts_with("CREATE INDEX") {
            continue;
        }
        let sandbox = one();
        sandbox.sql(in_the_way);
        let before = table(&sandbox);
        let schema = "SELECT group_concat(name) FROM sqlite_schema";
        let names = sandbox.ask(schema);
        sandbox
            .jobctl("update $A --title new --history required")
            .run()
            .fails(4)
            .stderr_has("the history cannot be kept")
            .stderr_has("--history auto");
        assert_eq!(table(&sandbox), before, "{in_the_way}");
        sandbox
            .jobctl("update $A --title new -v")
            .run()
            .ok()
            .stderr_has("history: not kept");
        assert_eq!(sandbox.cell(A, "project_title"), "text|new");
        assert_eq!(sandbox.ask(schema), names, "{in_the_way}");
        sandbox.jobctl("delete $A").run().ok();
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn a_trigger_on_its_own_tables_does_not_cost_the_change() {
    let sandbox = one();
    sandbox.jobctl("update $A --title first").run().ok();
    for action in ["ABORT", "FAIL", "ROLLBACK"] {
        for table in ["jobctl_run", "jobctl_change"] {
            sandbox.sql(&format!(
                "CREATE TRIGGER refuses BEFORE INSERT ON {table} BEGIN SELECT RAISE({action}, 'no'); END"
            ));
            let title = format!("{action} {table}");
            sandbox.jobctl(["update", A, "--title", &title]).run().ok();
            assert_eq!(sandbox.cell(A, "project_title"), format!("text|{title}"));
            sandbox
                .jobctl("update $A --title x --history required")
                .run()
                .fails(4);
            sandbox.sql("DROP TRIGGER refuses");
            assert_eq!(
                sandbox.ask("SELECT count(*) FROM jobctl_run"),
                "1",
                "{title}"
            );
        }
    }
}

#[test]
fn old_runs_go_when_something_is_written_and_the_newest_stays() {
    let sandbox = one();
    let set = |n: usize, now: &str| {
        let run = sandbox.jobctl(["update", A, "--title", &format!("title {n}")]);
        run.env("JOBCTL_TEST_NOW", now).run().ok();
    };
    for n in 0..10 {
        set(n, "2026-01-01T00:00:00Z");
    }
    assert_eq!(runs(&sandbox), 10);
    for n in 10..20 {
        set(n, "2026-01-08T00:00:01Z");
    }
    assert_eq!(runs(&sandbox), 10);
    let late = "2026-03-01T00:00:00Z";
    let prune = sandbox
        .jobctl("history prune --older-than 1h")
        .env("JOBCTL_TEST_NOW", late);
    prune.run().ok().stderr_has("removed 9 runs");
    assert_eq!(runs(&sandbox), 1);
    assert_eq!(sandbox.ask("SELECT count(*) FROM jobctl_change"), "1");
    set(20, late);
    assert_eq!(sandbox.ask("SELECT max(id) FROM jobctl_run"), "21");
}

#[test]
fn an_import_keeps_what_it_overwrote_and_takes_back_what_it_made() {
    let sandbox = one();
    let before = table(&sandbox);
    let record = |id: &str, title: &str| {
        format!(
            "{{\"job_id\": \"{id}\", \"job_type\": \"idea2video\", \"status\": \"queued\", \"content\": \"A cat crosses the road\", \
             \"project_title\": \"{title}\", \"created_at\": \"2026-01-14T00:00:00\", \"updated_at\": \"2026-01-14T00:00:00\"}}\n"
        )
    };
    let dump = record(A, "one") + &record(B, "two");
    for policy in ["skip", "newer", "replace"] {
        let run = sandbox.jobctl(["migrate", "-", "--on-conflict", policy]);
        run.stdin(&dump).run().ok();
        assert_eq!(sandbox.count(), 2);
        sandbox.jobctl("undo").run().ok();
        assert_eq!(table(&sandbox), before, "{policy}");
    }
    // One that makes its file keeps nothing.
    let sandbox = Sandbox::new();
    sandbox.jobctl("migrate -").stdin(&dump).run().ok();
    assert_eq!(runs(&sandbox), 0);
}

#[test]
fn what_an_import_made_goes_again_whatever_the_table_made_of_its_values() {
    for values in [
        r#""status": "queued", "content": "A cat crosses the road", "progress": 12.5, "total_shots": 4"#,
        r#""status": 4, "progress": 3, "total_shots": "7", "result_data": "3", "context": " 1.5 ", "created_at": 12"#,
        r#""status": "1", "progress": "9", "completed_shots": 2.0, "request_data": "{}", "updated_at": "1e3""#,
        r#""status": null, "content": {"$blob": "AP8="}, "result_data": 2.5, "error_message": {"$blob": "/0E=", "$type": "text"}"#,
    ] {
        let sandbox = one();
        let before = table(&sandbox);
        let row =
            format!("{{\"$row\": 1, \"id\": \"{B}\", \"job_type\": \"idea2video\", {values}}}\n");
        sandbox.jobctl("migrate -").stdin(&row).run();
        assert_eq!(sandbox.count(), 2, "{values}");
        let after = table(&sandbox);
        sandbox.jobctl("undo").run().ok();
        assert_eq!(table(&sandbox), before, "{values}");
        sandbox.jobctl("redo").run().ok();
        assert_eq!(table(&sandbox), after, "{values}");
    }
}

#[test]
fn a_disk_without_space_for_the_history_takes_the_change() {
    let sandbox = one();
    let size = std::fs::metadata(sandbox.db()).unwrap().len() / 1024;
    let limited = |args: &str| {
        let binary = env!("CARGO_BIN_EXE_jobctl");
        let line = format!("ulimit -f {size}; exec {binary} {args}");
        sandbox.program("bash", ["-c", line.as_str()])
    };
    let update = format!("update {A} --title new");
    limited(&format!("{update} --history required"))
        .run()
        .fails(74);
    assert_eq!(sandbox.cell(A, "project_title"), "null|");
    let done = limited(&format!("{update} -v")).run().ok();
    done.stderr_has("history: not kept");
    assert_eq!(sandbox.cell(A, "project_title"), "text|new");
    assert_eq!(sandbox.ask("PRAGMA integrity_check"), "ok");
}
