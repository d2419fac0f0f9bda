//! `history`: runs, the changes of a job and those of a run, in every format.

use crate::support::{A, B, NOW_JSON, Sandbox};

fn changed() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.job(B, &[]);
    sandbox.jobctl("update $A --title 'The Keeper'").run().ok();
    sandbox.jobctl("delete $A $B").run().ok();
    sandbox
}

#[test]
fn runs_are_listed_newest_first() {
    let sandbox = changed();
    let told = sandbox.jobctl("history -o json").run().ok().json();
    let run = &told["runs"][0];
    assert_eq!(run["run"], "r2");
    assert_eq!(run["at"], NOW_JSON);
    assert_eq!(run["command"], "delete");
    assert_eq!(run["argv"], serde_json::json!(["delete", A, B]));
    let counts = serde_json::json!({"created": 0, "updated": 0, "deleted": 2});
    assert_eq!(run["counts"], counts);
    assert_eq!(run["undoable"], true);
    for key in ["why_not", "undone_by", "archive"] {
        assert_eq!(run[key], serde_json::Value::Null, "{key}");
    }
    for key in ["user", "host", "version"] {
        assert!(run[key].is_string(), "{key}");
    }
    assert_eq!(told["runs"][1]["run"], "r1");
    sandbox
        .jobctl("history -o ids")
        .run()
        .ok()
        .stdout_is("r2\nr1\n");
    sandbox
        .jobctl("history --limit 1 -o ids")
        .run()
        .ok()
        .stdout_is("r2\n");
    sandbox
        .jobctl("history --since 1h -o ids")
        .run()
        .ok()
        .stdout_is("r2\nr1\n");
    let later = sandbox.jobctl("history --since 1h -o ids");
    let later = later.env("JOBCTL_TEST_NOW", "2026-01-16T12:00:00Z");
    later.run().ok().no_stdout();
    let lines = sandbox.jobctl("history").run().ok();
    assert_eq!(lines.lines().len(), 3);
    lines.stdout_has("-2").stdout_has("~1");
    assert_eq!(
        sandbox.jobctl("history -o jsonl").run().ok().jsonl().len(),
        2
    );
    assert_eq!(sandbox.jobctl("history -o csv").run().ok().lines().len(), 3);
}

#[test]
fn the_changes_of_a_job_are_told_column_by_column_though_it_is_gone() {
    let sandbox = changed();
    for name in [A, "a111"] {
        let told = sandbox
            .jobctl(["history", name, "-o", "json"])
            .run()
            .ok()
            .json();
        assert_eq!(told["job_id"], A);
        let changes = told["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 2);
        assert_eq!(
            (&changes[0]["run"], &changes[0]["op"]),
            (&"r2".into(), &"deleted".into())
        );
        assert_eq!(changes[1]["op"], "updated");
        let title = &changes[1]["columns"]["project_title"];
        assert_eq!(
            *title,
            serde_json::json!({"before": null, "after": "The Keeper"})
        );
    }
    let both = sandbox.jobctl("history $A $B -o json").run().ok().json();
    assert_eq!(both.as_array().unwrap().len(), 2);
    sandbox
        .jobctl("history $A")
        .run()
        .ok()
        .stdout_has("The Keeper");
    sandbox.jobctl("history c333").run().fails(3);
}

#[test]
fn the_changes_of_a_run_are_told_by_job() {
    let sandbox = changed();
    let told = sandbox.jobctl("history r2 -o json").run().ok().json();
    let jobs: Vec<&str> = told["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["job_id"].as_str().unwrap())
        .collect();
    assert_eq!(jobs, [A, B]);
    sandbox
        .jobctl("history r2")
        .run()
        .ok()
        .stdout_has(B)
        .stdout_has("deleted by delete");
}

#[test]
fn a_command_line_is_told_as_it_was_given() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("status", &"failed")]);
    let words = [
        "delete",
        "--status",
        "failed",
        "--older-than=1d",
        "--max",
        "5",
        "-y",
        "--force",
    ];
    sandbox.jobctl(words).run().ok();
    let told = sandbox.jobctl("history -o json").run().ok().json();
    assert_eq!(told["runs"][0]["argv"], serde_json::json!(words));
}

#[test]
fn a_file_without_a_history_has_no_run() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.jobctl("history").run().ok().no_stdout();
    let told = sandbox.jobctl("history -o json").run().ok().json();
    assert_eq!(told["runs"], serde_json::json!([]));
    sandbox
        .jobctl("history $A")
        .run()
        .ok()
        .stderr_has("no run that is kept has changed it");
}

#[test]
fn people_see_runs_under_titles_that_say_what_each_column_is() {
    let sandbox = changed();
    sandbox.jobctl("undo").run().ok();
    sandbox.jobctl("redo").run().ok();
    let told = sandbox
        .jobctl("history")
        .env("USER", "ops")
        .run()
        .ok()
        .stdout;
    let lines: Vec<Vec<&str>> = told
        .lines()
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect()
        })
        .collect();
    assert_eq!(
        lines[0],
        ["RUN", "WHEN", "WHO", "CHANGES", "STATE", "COMMAND"]
    );
    let states: Vec<[&str; 4]> = lines[1..]
        .iter()
        .map(|cells| [cells[0], cells[3], cells[4], cells[5]])
        .collect();
    assert_eq!(
        states,
        [
            ["r4", "-2", "undid r3", "redo"],
            ["r3", "+2", "undone by r4", "undo"],
            ["r2", "-2", "-", &format!("delete {A} {B}")],
            ["r1", "~1", "-", &format!("update {A} --title \u{2026}")],
        ]
    );
    // All columns begin where their titles do.
    let titles = told.lines().next().unwrap();
    for title in ["WHEN", "CHANGES", "STATE", "COMMAND"] {
        let at = titles.find(title).unwrap();
        for line in told.lines() {
            assert_eq!(&line[at - 2..at], "  ", "{line}");
        }
    }
}

/// Runs of one job and runs of many lie apart in the history.
#[test]
fn the_changes_of_a_job_are_told_newest_first_whatever_else_its_runs_changed() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.job(B, &[]);
    let runs = ["$A", "$A $B", "$A", "$B $A", "$B", "$A"];
    for (number, jobs) in (1..).zip(runs) {
        let line = format!("update {jobs} --progress 0.{number}");
        sandbox.jobctl(&line).run().ok();
    }
    for (job, expected) in [(A, "r6 r4 r3 r2 r1"), (B, "r5 r4 r2")] {
        let told = sandbox.jobctl(["history", job, "-o", "json"]).run().ok();
        let told = told.json();
        let changes = told["changes"].as_array().unwrap().iter();
        let runs: Vec<&str> = changes.map(|it| it["run"].as_str().unwrap()).collect();
        assert_eq!(runs.join(" "), expected);
        let last = format!("last changed by {} (update)", &expected[..2]);
        sandbox.jobctl(["show", job]).run().ok().stdout_has(&last);
    }
    let two = sandbox.jobctl("history $A --limit 2 -o json").run().ok();
    assert_eq!(two.json()["changes"].as_array().unwrap().len(), 2);
}

#[test]
fn a_job_that_is_gone_is_named_as_one_that_is_there() {
    let sandbox = Sandbox::service();
    let near = A.replace("a1111111", "a1111112");
    let short = &A[..23];
    for job in [A, &near, short] {
        sandbox.job(job, &[]);
        sandbox.jobctl(["update", job, "--title", "x"]).run().ok();
    }
    sandbox.jobctl(["delete", A, &near, short]).run().ok();
    let capital = A.to_ascii_uppercase();
    // A whole id is not taken for the beginning of a longer one.
    for (name, job) in [(A, A), (&capital, A), (short, short)] {
        let told = sandbox.jobctl(["history", name, "-o", "json"]).run().ok();
        assert_eq!(told.json()["job_id"], job);
        sandbox.jobctl(["redact", name, "--yes"]).run().ok();
    }
    for command in ["history", "redact"] {
        for name in ["a111", "A111"] {
            let mut line = vec![command, name];
            if command == "redact" {
                line.push("--yes");
            }
            let refused = sandbox
                .jobctl(&line)
                .run()
                .fails(3)
                .stderr_has("is ambiguous");
            refused
                .stderr_has(A)
                .stderr_has(&near)
                .stderr_has("use more characters");
        }
    }
    sandbox
        .jobctl("history a1113")
        .run()
        .fails(3)
        .stderr_has("a1113");
}

#[test]
fn a_damaged_history_costs_no_job_that_is_shown_and_no_other_run() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.jobctl("update $A --title one").run().ok();
    sandbox.jobctl("update $A --title two").run().ok();
    sandbox.sql(
        "UPDATE jobctl_run SET argv = CAST(x'5bff' AS TEXT), user = x'ff', created = 'many', undone_by = 'none' WHERE id = 2",
    );
    sandbox
        .jobctl("show $A")
        .run()
        .ok()
        .stdout_has("two")
        .stdout_has("r2");
    let told = sandbox.jobctl("history -o json").run().ok().json();
    assert_eq!(told["runs"][0]["counts"]["created"], 0);
    assert_eq!(told["runs"][0]["argv"], serde_json::json!(["[\u{fffd}"]));
    assert_eq!(told["runs"][1]["argv"][0], "update");
    sandbox.sql("UPDATE jobctl_change SET data = x'00ff'");
    sandbox
        .jobctl("show $A")
        .run()
        .ok()
        .stdout_has("two")
        .stderr_has("the run that changed it last is not told: what r2 kept cannot be read");
    sandbox
        .jobctl("history $A")
        .run()
        .fails(1)
        .stderr_has("what r2 kept cannot be read");
}
