//! A job that is there already: the four policies, and the second run.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, manager, pipeline, row, sample, with};
use crate::support::{A, B, C, Sandbox, hash};

/// A file that has A (of 2025-12-29 08:31:12.345678) and B, and is about to get A in another shape and C.
fn half_there() -> Sandbox {
    let sandbox = Sandbox::new();
    import(&sandbox, lines(&[manager(A), manager(B)]), "").ok();
    sandbox
}

fn other(updated_at: &str) -> String {
    lines(&[
        with(
            manager(A),
            json!({"title": "Other", "updated_at": updated_at}),
        ),
        manager(C),
    ])
}

const EARLIER: &str = "2025-12-29T08:31:12.345677";
const SAME: &str = "2025-12-29T08:31:12.345678";
const LATER: &str = "2025-12-29T08:31:12.345679";

#[track_caller]
fn under(policy: &str, updated_at: &str) -> ([u64; 5], String) {
    let sandbox = half_there();
    let summary = import(&sandbox, other(updated_at), ["--on-conflict", policy])
        .ok()
        .json();
    assert_eq!(sandbox.ids(), [A, B, C]);
    (
        counts(&summary),
        sandbox.ask(&format!(
            "SELECT project_title FROM video_generation_jobs WHERE id = '{A}'"
        )),
    )
}

#[test]
fn skip_keeps_what_is_there() {
    for time in [EARLIER, SAME, LATER] {
        assert_eq!(
            under("skip", time),
            ([2, 1, 0, 1, 0], "Small Gods".to_owned())
        );
    }
}

#[test]
fn skip_is_the_policy_when_none_is_given() {
    let sandbox = half_there();
    assert_eq!(
        counts(&import(&sandbox, other(LATER), "").ok().json()),
        [2, 1, 0, 1, 0]
    );
}

#[test]
fn newer_overwrites_with_a_record_that_was_updated_later() {
    assert_eq!(under("newer", LATER), ([2, 1, 1, 0, 0], "Other".to_owned()));
}

#[test]
fn newer_keeps_what_is_there_against_a_record_of_the_same_time_or_an_earlier_one() {
    for time in [EARLIER, SAME] {
        assert_eq!(
            under("newer", time),
            ([2, 1, 0, 1, 0], "Small Gods".to_owned()),
            "{time}"
        );
    }
}

#[test]
fn newer_compares_points_in_time_and_not_their_spelling() {
    assert_eq!(
        under("newer", "2025-12-29T09:31:12.345679+01:00").0,
        [2, 1, 1, 0, 0]
    );
    assert_eq!(
        under("newer", "2025-12-29T09:31:12.345677+01:00").0,
        [2, 1, 0, 1, 0]
    );
}

#[test]
fn newer_reads_the_other_spellings_in_the_table() {
    for (stored, updated) in [
        ("2025-12-29T08:31:12.3Z", 1),
        ("2025-12-29 08:31:13", 0),
        ("2025-12-29T08:31:12.9", 0),
    ] {
        let sandbox = half_there();
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET updated_at = '{stored}' WHERE id = '{A}'"
        ));
        let summary = import(&sandbox, other(LATER), "--on-conflict newer")
            .ok()
            .json();
        assert_eq!(summary["updated"], updated, "{stored}");
    }
}

#[test]
fn newer_overwrites_a_job_whose_time_is_null() {
    let sandbox = half_there();
    sandbox.sql("UPDATE video_generation_jobs SET updated_at = NULL");
    assert_eq!(
        counts(
            &import(&sandbox, other(EARLIER), "--on-conflict newer")
                .ok()
                .json()
        ),
        [2, 1, 1, 0, 0]
    );
}

#[test]
fn replace_overwrites_whatever_the_time() {
    for time in [EARLIER, LATER] {
        assert_eq!(
            under("replace", time),
            ([2, 1, 1, 0, 0], "Other".to_owned())
        );
    }
}

#[test]
fn replace_leaves_no_value_of_the_old_row() {
    let sandbox = Sandbox::report();
    sandbox.job(
        A,
        &[
            ("error_message", &"old"),
            ("current_stage", &"old"),
            ("result_data", &"{\"old\": 1}"),
            ("started_at", &"2026-01-01 00:00:00.000000"),
        ],
    );
    import(&sandbox, manager(A).to_string(), "--on-conflict replace").ok();
    for column in [
        "error_message",
        "current_stage",
        "result_data",
        "started_at",
    ] {
        assert_eq!(sandbox.cell(A, column), "null|", "{column}");
    }
}

#[test]
fn fail_stops_with_4_and_names_the_job() {
    let sandbox = half_there();
    let before = sandbox.row(A);
    let run = import(&sandbox, other(LATER), "--on-conflict fail").fails(4);
    assert!(run.stderr.contains(A), "{run}");
    assert_eq!(sandbox.changed(A, &before), [""; 0]);
}

#[test]
fn fail_without_a_conflict_is_done() {
    let sandbox = half_there();
    assert_eq!(
        counts(
            &import(&sandbox, manager(C).to_string(), "--on-conflict fail")
                .ok()
                .json()
        ),
        [1, 1, 0, 0, 0]
    );
}

#[test]
fn another_policy_is_a_usage_error() {
    let sandbox = Sandbox::new();
    import(&sandbox, manager(A).to_string(), "--on-conflict merge")
        .fails(2)
        .stderr_has("merge");
}

#[test]
fn a_second_run_of_the_same_file_changes_nothing_and_says_so() {
    let samples = [
        "api_server_jobs.json",
        "pipeline_jobs.json",
        "unified_api_jobs.json",
        "combined.json",
    ]
    .map(sample);
    let args: Vec<&str> = ["migrate", "-o", "json"]
        .into_iter()
        .chain(samples.iter().map(String::as_str))
        .collect();
    let sandbox = Sandbox::report();
    assert_eq!(
        counts(&sandbox.jobctl(&args).run().ok().json()),
        [14, 10, 0, 4, 0]
    );
    let before = hash(sandbox.db());
    assert_eq!(
        counts(&sandbox.jobctl(&args).run().ok().json()),
        [14, 0, 0, 14, 0]
    );
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_second_run_changes_no_row_under_newer_and_replace_either() {
    for policy in ["newer", "replace"] {
        let sandbox = Sandbox::report();
        let text = lines(&[manager(A), api_server(B), pipeline(C)]);
        import(&sandbox, &text, ["--on-conflict", policy]).ok();
        let before = [A, B, C].map(|id| sandbox.row(id));
        import(&sandbox, &text, ["--on-conflict", policy]).ok();
        assert_eq!([A, B, C].map(|id| sandbox.row(id)), before, "{policy}");
    }
}

/// The same id three times in one file: in the middle the newest.
fn three_times() -> String {
    let record =
        |title: &str, time: &str| with(manager(A), json!({"title": title, "updated_at": time}));
    lines(&[
        record("first", SAME),
        record("second", LATER),
        record("third", EARLIER),
    ])
}

#[test]
fn of_an_id_several_times_in_one_run_the_newest_counts() {
    for policy in ["skip", "newer", "replace"] {
        let triggers = "CREATE TRIGGER t AFTER INSERT ON video_generation_jobs BEGIN SELECT 1; END";
        for ground in ["new", "there", "triggers", "dry run"] {
            let sandbox = match ground {
                "new" => Sandbox::new(),
                _ => Sandbox::service(),
            };
            if ground == "triggers" {
                sandbox.connection().execute_batch(triggers).unwrap();
            }
            let more = match ground {
                "dry run" => "--dry-run",
                _ => "",
            };
            let args = (&["--on-conflict", policy], more);
            let summary = import(&sandbox, three_times(), args).ok().json();
            assert_eq!(counts(&summary), [3, 1, 1, 1, 0], "{policy}, {ground}");
            if ground != "dry run" {
                let title = sandbox.cell(A, "project_title");
                assert_eq!(title, "text|second", "{policy}, {ground}");
            }
        }
    }
}

#[test]
fn of_several_files_the_newest_counts_too_and_of_two_as_new_the_last() {
    let record =
        |title: &str, time: &str| with(manager(A), json!({"title": title, "updated_at": time}));
    for policy in ["skip", "newer", "replace"] {
        for sandbox in [Sandbox::new(), Sandbox::service()] {
            sandbox.write("one.json", record("one", LATER).to_string());
            sandbox.write("two.json", record("two", LATER).to_string());
            sandbox.write("three.json", record("three", EARLIER).to_string());
            let args = format!("migrate one.json two.json three.json --on-conflict {policy}");
            sandbox.jobctl(&args).run().ok();
            assert_eq!(sandbox.cell(A, "project_title"), "text|two", "{policy}");
            let before = sandbox.row(A);
            sandbox.jobctl(args).run().ok();
            let title = sandbox.cell(A, "project_title");
            match policy {
                // What was there before the run goes by the policy, and then the newest of the run counts.
                "replace" => assert_eq!(title, "text|two"),
                _ => assert_eq!(sandbox.row(A), before, "{policy}"),
            }
        }
    }
}

#[test]
fn a_job_that_was_there_goes_by_the_policy_and_then_the_newest_of_the_run_counts() {
    let old = with(manager(A), json!({"title": "old", "updated_at": SAME}));
    for (policy, title) in [("skip", "old"), ("newer", "second"), ("replace", "second")] {
        let sandbox = Sandbox::service();
        import(&sandbox, old.to_string(), "").ok();
        import(&sandbox, three_times(), ["--on-conflict", policy]).ok();
        assert_eq!(
            sandbox.cell(A, "project_title"),
            format!("text|{title}"),
            "{policy}"
        );
    }
    // Also when all of the run are older.
    let new = with(
        manager(A),
        json!({"title": "new", "updated_at": "2027-01-01T00:00:00"}),
    );
    let sandbox = Sandbox::service();
    import(&sandbox, new.to_string(), "").ok();
    import(&sandbox, three_times(), "--on-conflict replace").ok();
    assert_eq!(sandbox.cell(A, "project_title"), "text|second");
}

#[test]
fn states_appended_to_a_file_leave_the_last() {
    let state = |status: &str, time: &str| json!({A: with(api_server(A), json!({"status": status, "updated_at": time}))});
    let sandbox = Sandbox::new();
    let states = [
        state("queued", "2025-12-28T11:30:14"),
        state("processing", "2025-12-28T11:40:14"),
        state("completed", "2025-12-28T11:52:40.019377"),
    ];
    let run = import(&sandbox, lines(&states), "").ok();
    let run = run
        .stderr_has("2 records newer than another of the same job in this run")
        .stderr_has("--on-conflict newer");
    assert_eq!(counts(&run.json()), [3, 1, 2, 0, 0]);
    assert_eq!(sandbox.cell(A, "status"), "text|completed");
    // Under the policies that change what was there, "updated" says it all.
    for policy in ["newer", "replace"] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, lines(&states), ["--on-conflict", policy]).ok();
        run.stderr_lacks("newer than another");
    }
}

/// Batches are sorted by id, there and back; that must not turn round the records of one id.
#[test]
fn the_order_of_an_id_s_records_counts_wherever_they_stand() {
    let filler = |number: u32| manager(&format!("b2222222-2222-4222-8222-{number:012}"));
    for before in [0, 2_000, 4_000] {
        let mut dump = lines(&(0..before).map(filler).collect::<Vec<_>>());
        dump.push_str(&three_times());
        for (policy, title) in ["skip", "newer", "replace"].map(|policy| (policy, "second")) {
            let sandbox = Sandbox::new();
            import(&sandbox, dump.clone(), ["--on-conflict", policy]).ok();
            assert_eq!(
                sandbox.cell(A, "project_title"),
                format!("text|{title}"),
                "{policy} behind {before} others"
            );
        }
    }
}

#[test]
fn an_id_several_times_in_one_file_fails_under_fail() {
    import(&Sandbox::new(), three_times(), "--on-conflict fail").fails(4);
}

#[test]
fn a_row_of_an_archive_is_skipped_too() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("status", &"failed")]);
    let summary: Value = import(&sandbox, row(A).to_string(), "").ok().json();
    assert_eq!(counts(&summary), [1, 0, 0, 1, 0]);
    assert_eq!(sandbox.cell(A, "status"), "text|failed");
}

/// Beyond ten thousand that are there already, their ids are read at once and kept.
#[test]
fn new_jobs_among_very_many_that_are_there_come_in() {
    let job = |n: usize| {
        let id = format!(
            "{:08x}-0000-4000-8000-{n:012x}",
            n.wrapping_mul(0x9E37_79B9) as u32
        );
        format!(
            "{{\"id\": \"{id}\", \"mode\": \"idea\", \"status\": \"queued\", \"error\": null}}\n"
        )
    };
    let sandbox = Sandbox::new();
    let old: String = (0..16_000)
        .filter(|n| n % 16 != 0 || *n < 12_000)
        .map(job)
        .collect();
    import(&sandbox, old, "").ok();
    let all: String = (0..16_000).map(job).collect();
    let summary = import(&sandbox, all, "").ok().json();
    assert_eq!(counts(&summary), [16_000, 250, 0, 15_750, 0]);
    assert_eq!(sandbox.count(), 16_000);
}
