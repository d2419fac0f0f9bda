//! `--explain` and `--dry-run`: for each job what becomes of it, by which rule, and from which column its age came; nothing is written.

use rusqlite::ToSql;
use serde_json::{Value, json};

use super::{DAYS_14, DAYS_40, DAYS_100, YESTERDAY, cleanup, job, typed};
use crate::args::Args;
use crate::support::{A, B, C, D, Output, Sandbox, hash};

/// What `--explain` says of each job, by id.
#[track_caller]
fn explained(sandbox: &Sandbox, args: impl Args) -> Value {
    let before = hash(sandbox.db());
    let run = cleanup(sandbox, (args, "--explain -o json")).ok();
    assert_eq!(hash(sandbox.db()), before);
    let document = run.json();
    assert_eq!(document["dry_run"], true, "{run}");
    let jobs = document["jobs"].as_array().unwrap();
    let by_id = jobs
        .iter()
        .map(|job| (job["job_id"].as_str().unwrap().to_owned(), job.clone()));
    Value::Object(by_id.collect())
}

fn set(sandbox: &Sandbox, id: &str, column: &str, value: &dyn ToSql) {
    let sql = format!("UPDATE video_generation_jobs SET {column} = ?1 WHERE id = ?2");
    sandbox.change(&sql, &[value, &id]);
}

/// A job of each fate under `--older-than 30d`.
fn fates() -> Sandbox {
    let sandbox = Sandbox::report();
    job(&sandbox, "old", "failed", DAYS_100);
    job(&sandbox, "young", "completed", DAYS_14);
    job(&sandbox, "going on", "processing", DAYS_100);
    job(&sandbox, "unknown", "archived", DAYS_100);
    job(&sandbox, "stateless", "failed", DAYS_100);
    set(&sandbox, "stateless", "status", &None::<String>);
    job(&sandbox, "future", "failed", "2027-01-01 00:00:00.000000");
    job(&sandbox, "unreadable", "failed", DAYS_100);
    set(&sandbox, "unreadable", "completed_at", &"last week");
    sandbox.sql(&format!(
        "INSERT INTO video_generation_jobs (job_type, status, completed_at) VALUES ('idea2video', 'failed', '{DAYS_100}')"
    ));
    sandbox
}

#[test]
fn each_job_has_its_fate_its_rule_its_age_and_the_column_of_it() {
    let told = explained(&fates(), "--older-than 30d");
    assert_eq!(told.as_object().unwrap().len(), 8, "{told}");
    let old = &told["old"];
    assert_eq!(old["goes"], true);
    assert_eq!(old["rule"], "--older-than 30d");
    assert_eq!(old["age_seconds"], 100 * 86_400);
    assert_eq!(old["column"], "completed_at");
    let young = &told["young"];
    assert_eq!(young["goes"], false);
    assert_eq!(young["rule"], "--older-than 30d");
    assert_eq!(young["age_seconds"], 14 * 86_400);
    for id in [
        "young",
        "going on",
        "unknown",
        "stateless",
        "future",
        "unreadable",
        "",
    ] {
        assert_eq!(told[id]["goes"], false, "{id}: {told}");
        assert!(told[id]["stays"].is_string(), "{id}: {told}");
        assert!(told[id]["reason"].is_string(), "{id}: {told}");
    }
    for id in ["future", "unreadable"] {
        assert_eq!(told[id]["age_seconds"], Value::Null, "{id}");
        assert_eq!(told[id]["column"], "completed_at", "{id}");
    }
}

#[test]
fn the_column_is_the_one_that_decided() {
    let sandbox = Sandbox::report();
    let none = None::<String>;
    for (id, empty) in [
        (A, &[][..]),
        (B, &["completed_at"]),
        (C, &["completed_at", "updated_at"]),
    ] {
        job(&sandbox, id, "failed", DAYS_40);
        for column in empty {
            set(&sandbox, id, column, &none);
        }
    }
    let told = explained(&sandbox, "--older-than 30d");
    for (id, column) in [(A, "completed_at"), (B, "updated_at"), (C, "created_at")] {
        assert_eq!(told[id]["column"], column);
        assert_eq!(told[id]["age_seconds"], 40 * 86_400);
        assert_eq!(told[id]["goes"], true);
    }
}

#[test]
fn the_most_specific_rule_is_the_one_that_is_named() {
    let sandbox = Sandbox::report();
    typed(&sandbox, A, "failed", "script2video", DAYS_40);
    typed(&sandbox, B, "failed", "idea2video", DAYS_40);
    typed(&sandbox, C, "completed", "script2video", DAYS_40);
    typed(&sandbox, D, "cancelled", "script2video", DAYS_40);
    let rules = "--older-than 30d --keep failed=50d --keep failed:script2video=20d --keep cancelled:script2video=never";
    let told = explained(&sandbox, rules);
    for (id, goes, rule) in [
        (A, true, "--keep failed:script2video=20d"),
        (B, false, "--keep failed=50d"),
        (C, true, "--older-than 30d"),
        (D, false, "--keep cancelled:script2video=never"),
    ] {
        assert_eq!(told[id]["goes"], goes, "{told}");
        assert_eq!(told[id]["rule"], rule, "{told}");
    }
}

#[test]
fn keep_last_is_named_where_it_kept_a_job() {
    let sandbox = Sandbox::report();
    for (id, time) in [(A, DAYS_100), (B, DAYS_40), (C, YESTERDAY)] {
        job(&sandbox, id, "failed", time);
    }
    let told = explained(&sandbox, "--older-than 30d --keep-last 2");
    assert_eq!(
        [&told[A]["goes"], &told[B]["goes"], &told[C]["goes"]],
        [true, false, false]
    );
    assert_eq!(told[A]["rule"], "--older-than 30d");
    assert!(
        told[B]["rule"].as_str().unwrap().contains("--keep-last"),
        "{told}"
    );
}

#[test]
fn a_state_that_no_rule_names_stays_without_one() {
    let sandbox = Sandbox::report();
    job(&sandbox, A, "failed", DAYS_100);
    let told = explained(&sandbox, "--keep completed=1d");
    assert_eq!(told[A]["goes"], false);
    assert_eq!(told[A]["rule"], Value::Null);
}

#[test]
fn the_table_has_a_line_for_each_job() {
    let sandbox = fates();
    let run = cleanup(&sandbox, "--older-than 30d --explain").ok();
    assert_eq!(run.lines().len(), 8, "{run}");
    let goes: Vec<&str> = run
        .stdout
        .lines()
        .filter(|it| it.contains("goes"))
        .collect();
    assert!(goes.len() == 1 && goes[0].starts_with("old"), "{run}");
    assert!(
        goes[0].contains("100d") && goes[0].contains("completed_at"),
        "{run}"
    );
    assert!(goes[0].contains("--older-than 30d"), "{run}");
}

#[test]
fn ids_are_those_of_the_jobs_that_go() {
    for flag in ["--explain", "--dry-run"] {
        let run = cleanup(&fates(), ["--older-than", "30d", flag, "-o", "ids"]);
        run.ok().stdout_is("old\n");
    }
}

#[test]
fn dry_run_says_the_same_of_the_jobs_that_go_and_nothing_of_the_others() {
    let sandbox = fates();
    let told = explained(&sandbox, "--older-than 30d");
    let run = cleanup(&sandbox, "--older-than 30d --dry-run -o json").ok();
    let jobs = run.json()["jobs"].clone();
    assert_eq!(jobs.as_array().unwrap().len(), 1, "{run}");
    for key in ["job_id", "goes", "rule", "age_seconds", "column"] {
        assert_eq!(jobs[0][key], told["old"][key], "{key}{run}");
    }
}

#[test]
fn filters_hide_jobs_from_it_only_as_they_keep_them() {
    let sandbox = Sandbox::report();
    typed(&sandbox, A, "failed", "script2video", DAYS_100);
    typed(&sandbox, B, "failed", "idea2video", DAYS_100);
    let args = "--older-than 30d --type script2video";
    let told = explained(&sandbox, args);
    assert_eq!(told[A]["goes"], true);
    assert_ne!(told[B]["goes"], true, "{told}");
    let run = cleanup(&sandbox, (args, "--explain -o ids")).ok();
    run.stdout_is(&format!("{A}\n"));
}

/// The odd jobs are kept, counted and named, in words and in the document.
#[track_caller]
fn odd_jobs_are_named(sandbox: &Sandbox, run: &Output, json: bool) {
    if json {
        let document = run.json();
        let kept = &document["kept"];
        assert_eq!(kept["unknown_status"], 2, "{run}");
        for key in ["unreadable_time", "future", "no_id", "not_ended", "young"] {
            assert_eq!(kept[key], 1, "{key}{run}");
        }
        let odd = &document["odd_jobs"];
        assert_eq!(
            odd["unknown_status"],
            json!(["unknown", "stateless"]),
            "{run}"
        );
        assert_eq!(odd["unreadable_time"], json!(["unreadable"]), "{run}");
        assert_eq!(odd["future"], json!(["future"]), "{run}");
        assert_eq!(odd["no_id"], json!([{"rowid": 8}]), "{run}");
        assert!(odd["young"].is_null(), "{run}");
    } else {
        for id in [
            "unknown",
            "stateless",
            "unreadable",
            "future",
            "1 without an id (rowid 8)",
        ] {
            assert!(run.stderr.contains(id), "{id}{run}");
        }
        assert!(
            !run.stderr.contains("young") && !run.stderr.contains("going on"),
            "{run}"
        );
    }
    assert!(sandbox.count() >= 7);
}

#[test]
fn odd_jobs_are_kept_counted_and_named() {
    for flag in ["--explain", "--dry-run", "--yes"] {
        for json in [false, true] {
            let sandbox = fates();
            let format = if json { "json" } else { "table" };
            let args = ["--older-than", "30d", flag, "-o", format];
            let run = cleanup(&sandbox, args).ok();
            odd_jobs_are_named(&sandbox, &run, json);
        }
    }
}

#[test]
fn jobs_without_an_id_are_named_by_where_they_lie_if_they_are_meant() {
    let sandbox = Sandbox::report();
    for (status, style) in [
        ("failed", "anime"),
        ("failed", "noir"),
        ("queued", "anime"),
        ("failed", "anime"),
    ] {
        sandbox.sql(&format!(
            "INSERT INTO video_generation_jobs (job_type, status, style, completed_at)
             VALUES ('idea2video', '{status}', '{style}', '{DAYS_100}')"
        ));
    }
    for (more, said, named) in [
        ("", "3 without an id (rowid 1, 2, 4)", json!([1, 2, 4])),
        (
            "--style anime",
            "2 without an id (rowid 1, 4)",
            json!([1, 4]),
        ),
    ] {
        for flag in ["--explain", "--yes"] {
            let args = (&["--older-than", "30d", flag], more);
            cleanup(&sandbox, args).ok().stderr_has(said);
            let run = cleanup(&sandbox, (args, "-o json")).ok();
            let odd = run.json()["odd_jobs"]["no_id"].clone();
            let rows: Vec<&Value> = odd
                .as_array()
                .unwrap()
                .iter()
                .map(|it| &it["rowid"])
                .collect();
            assert_eq!(json!(rows), named, "{run}");
        }
    }
    for _ in 0..20 {
        sandbox.sql(&format!(
            "INSERT INTO video_generation_jobs (job_type, status, completed_at) VALUES ('idea2video', 'failed', '{DAYS_100}')"
        ));
    }
    cleanup(&sandbox, "--older-than 30d --yes")
        .ok()
        .stderr_has("23 without an id (rowid 1, 2, 4, …)");
}

#[test]
fn many_odd_jobs_are_counted_in_full_and_named_in_part() {
    let sandbox = Sandbox::report();
    for n in 0..500 {
        sandbox.sql(&format!("INSERT INTO video_generation_jobs (id, job_type, status) VALUES ('odd-{n}', 'idea2video', 'strange')"));
    }
    let run = cleanup(&sandbox, "--older-than 30d --yes").ok();
    assert!(
        run.stderr.contains("500") && run.stderr.contains("odd-0"),
        "{run}"
    );
    assert!(run.stderr.len() < 1_000, "{run}");
    let run = cleanup(&sandbox, "--older-than 30d --yes -o json").ok();
    assert_eq!(run.json()["kept"]["unknown_status"], 500);
    assert_eq!(sandbox.count(), 500);
}

#[test]
fn what_is_stored_does_nothing_to_a_terminal() {
    let sandbox = Sandbox::report();
    job(&sandbox, "evil\u{1b}[2J\n\u{202e}", "failed", DAYS_100);
    job(
        &sandbox,
        "odd\u{1b}[2J\nid",
        "stra\u{1b}]0;x\u{7}nge",
        DAYS_100,
    );
    for args in ["--explain", "--dry-run", "--yes"] {
        let run = cleanup(&sandbox, ("--older-than 30d", args)).ok();
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{run:?}");
            assert!(text.lines().count() <= 3, "{run:?}");
        }
    }
}

#[test]
fn the_two_together_are_a_usage_error_or_explain() {
    let sandbox = fates();
    let before = hash(sandbox.db());
    let run = cleanup(&sandbox, "--older-than 30d --explain --dry-run --yes");
    assert!([0, 2].contains(&run.status), "{run}");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn it_writes_nothing_though_yes_was_said() {
    for flag in ["--explain", "--dry-run"] {
        let sandbox = fates();
        let before = hash(sandbox.db());
        let args = "--older-than 30d --yes --reclaim --vacuum --exclusive";
        cleanup(&sandbox, (args, flag)).ok();
        assert_eq!(hash(sandbox.db()), before);
        let lock = sandbox.path("jobs.db.cleanup.lock");
        assert!(!lock.exists());
    }
}
