//! `jobctl show`: whole jobs, by id or by prefix, and rows that no jobctl would have written.

use rusqlite::ToSql;
use rusqlite::types::Null;
use serde_json::{Value, json};

use crate::args::Args;
use crate::support::{A, B, C, COLUMNS, D, KEYS, Output, Sandbox, hash};

#[track_caller]
fn show(sandbox: &Sandbox, args: impl Args) -> Output {
    sandbox.jobctl(("show", args)).run()
}

/// A job in which every column is set.
fn full() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[
            ("status", &"failed"),
            ("user_requirement", &"no rain"),
            ("style", &"anime"),
            ("project_title", &"The Cat"),
            ("request_data", &"{\"idea\": \"\\u732b\"}"),
            ("context", &"{\"k\": [1, 2.5]}"),
            ("progress", &37.5),
            ("current_stage", &"storyboard"),
            ("working_dir", &"/work/a"),
            ("result_data", &"{\"final_video_path\": \"/m/a.mp4\"}"),
            ("error_message", &"out of memory"),
            ("total_shots", &8),
            ("completed_shots", &3),
            ("episode_id", &"episode-1"),
            ("series_id", &"series-1"),
            ("started_at", &"2026-01-10 00:00:01.000000"),
            ("completed_at", &"2026-01-10 00:00:02.500000"),
        ],
    );
    sandbox
}

#[test]
fn gives_every_key_of_the_job_form_with_its_value() {
    let job = show(&full(), "$A -o json").ok().json();
    assert_eq!(job.as_object().unwrap().keys().collect::<Vec<_>>(), KEYS);
    let expected = json!({
        "job_id": A, "job_type": "idea2video", "mode": "idea", "status": "failed", "content": "A cat crosses the road at night",
        "user_requirement": "no rain", "style": "anime", "project_title": "The Cat", "request_data": {"idea": "猫"},
        "context": {"k": [1, 2.5]}, "progress": 37.5, "current_stage": "storyboard", "working_dir": "/work/a",
        "result": {"final_video_path": "/m/a.mp4"}, "error": "out of memory", "total_shots": 8, "completed_shots": 3,
        "episode_id": "episode-1", "series_id": "series-1", "created_at": "2026-01-10T00:00:00.000000Z",
        "updated_at": "2026-01-10T00:00:00.000000Z", "started_at": "2026-01-10T00:00:01.000000Z",
        "completed_at": "2026-01-10T00:00:02.500000Z",
    });
    assert_eq!(job, expected);
}

#[test]
fn gives_every_value_on_the_page() {
    let mut output = show(&full(), [A]).ok();
    for part in [
        A,
        "failed",
        "idea2video",
        "A cat crosses the road at night",
        "no rain",
        "anime",
        "The Cat",
        "storyboard",
        "/work/a",
        "/m/a.mp4",
        "out of memory",
        "episode-1",
        "series-1",
    ] {
        output = output.stdout_has(part);
    }
}

#[test]
fn gives_one_job_as_an_object_and_several_as_an_array() {
    let sandbox = full();
    sandbox.job(B, &[]);
    assert!(show(&sandbox, "$A -o json").ok().json().is_object());
    let jobs = show(&sandbox, "$B $A -o json").ok().json();
    let ids: Vec<_> = jobs
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["job_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [B, A]);
}

#[test]
fn many_names_of_every_kind_give_each_job_once_in_their_order() {
    let sandbox = Sandbox::service();
    let id = |n: usize| format!("{n:08x}-aaaa-4aaa-8aaa-aaaaaaaaaaaa");
    for n in 0..150 {
        sandbox.job(&id(n), &[]);
    }
    // A foreign id as long as a whole one, which is the beginning of another.
    let long = id(200) + "-and-more";
    sandbox.job(&long, &[]);
    let whole: Vec<String> = (0..150).rev().map(id).collect();
    let mut words = vec!["show".to_owned(), "-o".into(), "ids".into()];
    words.extend(whole.iter().cloned());
    let expected = whole.join("\n") + "\n";
    sandbox.jobctl(&words).run().ok().stdout_is(&expected);
    // The beginning of one, one in capital letters, one twice, and one of no job among them.
    words.push(id(7)[..8].to_owned());
    words.push(id(200));
    words.insert(70, id(3).to_uppercase());
    words.insert(140, id(149));
    words.push(id(300));
    let mut order = whole.clone();
    order.retain(|other| *other != id(3));
    order.insert(67, id(3));
    order.push(long);
    let expected = order.join("\n") + "\n";
    let run = sandbox.jobctl(&words).run().fails(3);
    run.stdout_is(&expected).stderr_has(&id(300));
}

#[test]
fn gives_a_job_a_line_as_jsonl() {
    let sandbox = full();
    sandbox.job(B, &[]);
    let jobs = show(&sandbox, "$A $B -o jsonl").ok().jsonl();
    assert_eq!(jobs.len(), 2);
    assert_eq!(jobs[0]["job_id"], A);
}

#[test]
fn gives_a_heading_and_a_row_as_csv() {
    let output = show(&full(), "$A -o csv").ok();
    assert_eq!(output.lines()[0], KEYS.join(","));
    assert!(output.lines()[1].starts_with(A));
}

#[test]
fn gives_the_whole_id_of_a_prefix_as_ids() {
    show(&full(), "a111 -o ids")
        .ok()
        .stdout_is(&format!("{A}\n"));
}

#[test]
fn cuts_nothing_when_there_is_no_terminal() {
    let sandbox = full();
    let content = format!("begin {} end", "word ".repeat(3000));
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET content = '{content}'"
    ));
    let output = show(&sandbox, [A]).ok();
    assert_eq!(output.stdout.matches("word").count(), 3000);
}

#[test]
fn demands_an_id() {
    show(&full(), "").fails(2).no_stdout();
}

// Which job.

#[test]
fn a_prefix_of_4_characters_names_a_job() {
    show(&full(), ["a111"]).ok().stdout_has(A);
}

#[test]
fn a_prefix_may_end_anywhere_in_the_id() {
    show(&full(), ["a1111111-1111-4"]).ok().stdout_has(A);
}

#[test]
fn a_prefix_of_3_characters_is_too_short() {
    let output = show(&full(), ["a11"]);
    assert!([2, 3].contains(&output.status), "{output}");
    output.no_stdout().stderr_has("a11").stderr_has("4");
}

#[test]
fn an_id_that_is_not_there_is_3() {
    let output = show(&full(), ["7c1f"]).fails(3).no_stdout();
    output
        .stderr_has("jobctl: error: no job matches \"7c1f\"\n")
        .stderr_has("hint: jobctl list --search");
}

#[test]
fn one_of_several_that_is_not_there_is_3_and_the_document_stays_whole() {
    let output = show(&full(), "$A beef -o json").fails(3);
    assert!(
        output.stdout.is_empty() || output.json().is_array(),
        "{output}"
    );
    assert!(
        output.json_error()["message"]
            .as_str()
            .unwrap()
            .contains("beef")
    );
}

#[test]
fn an_ambiguous_prefix_lists_the_candidates() {
    let sandbox = full();
    let other = "a1111111-2222-4222-8222-222222222222";
    sandbox.job(other, &[]);
    show(&sandbox, ["a1111111"])
        .fails(3)
        .no_stdout()
        .stderr_has(A)
        .stderr_has(other);
}

#[test]
fn a_longer_prefix_ends_the_ambiguity() {
    let sandbox = full();
    sandbox.job("a1111111-2222-4222-8222-222222222222", &[]);
    show(&sandbox, ["a1111111-1"]).ok().stdout_has(A);
}

#[test]
fn a_prefix_of_very_many_jobs_does_not_list_them_all() {
    let sandbox = Sandbox::service();
    sandbox.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
         INSERT INTO video_generation_jobs (id, job_type) SELECT printf('aaaa%04d-0000-4000-8000-000000000000', i), 'idea2video' FROM n",
    );
    let output = show(&sandbox, ["aaaa"]).fails(3).no_stdout();
    assert!(output.stderr.lines().count() < 100, "{output}");
}

#[test]
fn an_exact_id_wins_over_longer_ones() {
    let sandbox = Sandbox::service();
    sandbox.job("abcd", &[("project_title", &"the short one")]);
    sandbox.job("abcdef", &[("project_title", &"the long one")]);
    show(&sandbox, ["abcd"])
        .ok()
        .stdout_has("the short one")
        .stdout_lacks("the long one");
}

#[test]
fn an_exact_id_may_be_shorter_than_4_characters() {
    let sandbox = Sandbox::service();
    sandbox.job("7", &[("project_title", &"the short one")]);
    show(&sandbox, ["7"]).ok().stdout_has("the short one");
}

#[test]
fn a_pattern_is_no_prefix() {
    for pattern in ["%%%%", "____", "****", "a11%", "a1__", "a[1]1*", "a111*"] {
        show(&full(), [pattern]).fails(3).no_stdout();
    }
}

#[test]
fn an_empty_id_is_no_job() {
    let output = show(&full(), [""]);
    assert!([2, 3].contains(&output.status), "{output}");
    output.no_stdout();
}

#[test]
fn ids_are_read_from_stdin() {
    let sandbox = full();
    sandbox.job(B, &[]);
    let output = sandbox
        .jobctl("show - -o ids")
        .stdin(format!("{B}\n{A}\n"))
        .run()
        .ok();
    assert_eq!(output.lines(), [B, A]);
}

#[test]
fn the_error_is_one_object_as_json() {
    let error = show(&full(), "7c1f -o json")
        .fails(3)
        .no_stdout()
        .json_error();
    assert_eq!(
        error.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["code", "message", "hint"]
    );
    assert_eq!(error["message"], "no job matches \"7c1f\"");
}

// Time zone.

#[test]
fn times_are_shown_in_local_time() {
    let run = full()
        .jobctl("show $A")
        .env("TZ", "America/New_York")
        .run()
        .ok();
    run.stdout_has("2026-01-09 19:00:00")
        .stdout_lacks("2026-01-10 00:00:00");
}

#[test]
fn times_are_shown_in_utc_with_utc() {
    let run = full()
        .jobctl("show $A --utc")
        .env("TZ", "America/New_York")
        .run()
        .ok();
    run.stdout_has("2026-01-10 00:00:00")
        .stdout_lacks("2026-01-09");
}

#[test]
fn times_are_utc_in_json_whatever_the_zone() {
    let job = full()
        .jobctl("show $A -o json")
        .env("TZ", "America/New_York")
        .run()
        .ok()
        .json();
    assert_eq!(job["created_at"], "2026-01-10T00:00:00.000000Z");
}

// Foreign rows.

/// Shown in every format, never a panic, the row and the file as before; gives the job form.
#[track_caller]
fn foreign(cells: &[(&str, &dyn ToSql)], sql: &str) -> Value {
    let sandbox = Sandbox::service();
    sandbox.job(A, cells);
    sandbox.sql(sql);
    let before = hash(sandbox.db());
    for format in ["table", "wide", "json", "jsonl", "csv", "tsv", "ids"] {
        sandbox
            .jobctl(["list", "-o", format])
            .run()
            .ok()
            .stdout_has(A);
        show(&sandbox, [A, "-o", format]).ok().stdout_has(A);
    }
    assert_eq!(hash(sandbox.db()), before);
    let listed = sandbox.jobctl("list -o json").run().ok().json();
    let shown = show(&sandbox, "$A -o json").ok().json();
    assert_eq!(listed["jobs"][0], shown, "list and show differ");
    assert_eq!(shown.as_object().unwrap().keys().collect::<Vec<_>>(), KEYS);
    shown
}

#[test]
fn an_unknown_status_is_shown() {
    assert_eq!(foreign(&[("status", &"paused")], "")["status"], "paused");
}

#[test]
fn an_unknown_type_is_shown() {
    assert_eq!(foreign(&[("job_type", &"remix")], "")["job_type"], "remix");
}

#[test]
fn an_unknown_mode_is_shown() {
    assert_eq!(foreign(&[("mode", &"poem")], "")["mode"], "poem");
}

#[test]
fn text_for_a_number_is_shown() {
    let job = foreign(&[("progress", &"half"), ("total_shots", &"many")], "");
    assert_eq!(job["progress"], "half");
    assert_eq!(job["total_shots"], "many");
}

#[test]
fn a_number_out_of_range_is_shown() {
    let job = foreign(&[("progress", &250.5), ("completed_shots", &-3)], "");
    assert_eq!(job["progress"], 250.5);
    assert_eq!(job["completed_shots"], -3);
}

#[test]
fn an_infinite_progress_is_shown_and_the_document_stays_json() {
    foreign(&[("progress", &f64::INFINITY)], "");
}

#[test]
fn a_total_of_a_fraction_is_shown() {
    assert_eq!(foreign(&[("total_shots", &2.5)], "")["total_shots"], 2.5);
}

#[test]
fn a_result_that_is_not_json_is_shown_as_it_is() {
    assert_eq!(
        foreign(&[("result_data", &"all is well")], "")["result"],
        "all is well"
    );
}

#[test]
fn a_context_that_is_not_json_is_shown_as_it_is() {
    assert_eq!(
        foreign(&[("context", &"{'a': 1}")], "")["context"],
        "{'a': 1}"
    );
}

#[test]
fn an_empty_text_for_json_is_shown() {
    foreign(&[("request_data", &""), ("result_data", &"")], "");
}

#[test]
fn an_integer_in_a_json_column_is_shown() {
    assert_eq!(foreign(&[("result_data", &17)], "")["result"], 17);
}

#[test]
fn json_with_nan_is_shown_and_the_document_stays_json() {
    let job = foreign(&[("result_data", &"{\"score\": NaN}")], "");
    assert!(job["result"].to_string().contains("NaN"));
}

#[test]
fn json_with_a_lone_surrogate_is_shown_as_it_is() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("result_data", &"{\"name\": \"\\ud83d\"}")]);
    for format in ["json", "jsonl", "csv", "table"] {
        show(&sandbox, [A, "-o", format]).ok().stdout_has("\\ud83d");
        sandbox
            .jobctl(["list", "-o", format])
            .run()
            .ok()
            .stdout_has(A);
    }
}

#[test]
fn deeply_nested_json_is_no_panic() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("result_data", &deep)]);
    for format in ["table", "json", "jsonl", "csv", "tsv"] {
        show(&sandbox, [A, "-o", format]).ok().stdout_has(A);
    }
}

#[test]
fn a_big_integer_in_json_keeps_its_digits() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[(
            "result_data",
            &"{\"seed\": 123456789012345678901234567890, \"x\": 1.10}",
        )],
    );
    let output = show(&sandbox, "$A -o json").ok();
    output
        .stdout_has("123456789012345678901234567890")
        .stdout_has("1.10");
}

#[test]
fn the_keys_of_stored_json_keep_their_order() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("result_data", &"{\"z\": 1, \"a\": 2}")]);
    let job = show(&sandbox, "$A -o json").ok().json();
    assert_eq!(
        job["result"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        ["z", "a"]
    );
}

#[test]
fn a_blob_in_a_text_column_is_shown() {
    foreign(
        &[
            ("content", &vec![0xff_u8, 0x00, 0x41]),
            ("project_title", &vec![0x80_u8]),
        ],
        "",
    );
}

#[test]
fn a_blob_in_every_other_column_is_shown() {
    for column in &COLUMNS[1..] {
        foreign(&[(*column, &vec![0xff_u8, 0xfe, 0x00])], "");
    }
}

#[test]
fn text_that_is_not_utf_8_is_shown_in_every_column() {
    for column in &COLUMNS[1..] {
        foreign(
            &[],
            &format!("UPDATE video_generation_jobs SET {column} = CAST(x'61ff62' AS TEXT)"),
        );
    }
}

#[test]
fn text_with_a_nul_in_it_is_shown_whole() {
    let job = foreign(&[("project_title", &"before\0after")], "");
    assert_eq!(job["project_title"], "before\0after");
}

#[test]
fn a_time_that_cannot_be_read_is_shown_as_it_is_in_every_column() {
    for column in ["created_at", "updated_at", "started_at", "completed_at"] {
        assert_eq!(
            foreign(&[(column, &"the day before")], "")[column],
            "the day before"
        );
    }
}

#[test]
fn a_time_that_is_a_number_is_shown() {
    let job = foreign(
        &[("created_at", &1_760_000_000), ("completed_at", &1.5)],
        "",
    );
    assert!(!job["created_at"].is_null() && !job["completed_at"].is_null());
}

#[test]
fn a_year_of_many_digits_is_no_panic() {
    foreign(
        &[
            ("created_at", &"999999-01-01 00:00:00.000000"),
            ("updated_at", &"-9999-01-01"),
        ],
        "",
    );
}

#[test]
fn a_time_in_the_future_and_an_end_before_the_start_are_no_panic() {
    let cells: &[(&str, &dyn ToSql)] = &[
        ("created_at", &"2099-01-01 00:00:00.000000"),
        ("started_at", &"2026-01-10 00:00:00.000000"),
        ("completed_at", &"2020-01-10 00:00:00.000000"),
    ];
    foreign(cells, "");
}

#[test]
fn null_everywhere_it_can_be_is_null() {
    let sandbox = Sandbox::service();
    sandbox.insert(&[("id", &A), ("job_type", &"idea2video")]);
    for format in ["table", "wide", "json", "jsonl", "csv", "tsv", "ids"] {
        sandbox
            .jobctl(["list", "-o", format])
            .run()
            .ok()
            .stdout_has(A);
        show(&sandbox, [A, "-o", format]).ok().stdout_has(A);
    }
    let job = show(&sandbox, "$A -o json").ok().json();
    for key in KEYS {
        let expected = match key {
            "job_id" => json!(A),
            "job_type" => json!("idea2video"),
            "request_data" | "context" => json!({}),
            _ => Value::Null,
        };
        assert_eq!(job[key], expected, "{key}");
    }
}

#[test]
fn null_in_one_column_at_a_time_is_shown() {
    for column in COLUMNS
        .into_iter()
        .filter(|column| !["id", "job_type"].contains(column))
    {
        foreign(&[(column, &Null)], "");
    }
}

#[test]
fn an_id_that_is_no_uuid_is_listed_and_shown() {
    let sandbox = Sandbox::service();
    sandbox.job("job 7/b", &[]);
    sandbox.jobctl("list").run().ok().stdout_has("job 7/b");
    show(&sandbox, ["job 7/b"]).ok().stdout_has("job 7/b");
    show(&sandbox, ["job 7"]).ok().stdout_has("job 7/b");
}

#[test]
fn an_id_that_is_null_or_a_blob_is_listed() {
    let sandbox = Sandbox::report();
    sandbox.job(B, &[]);
    sandbox.sql(
        "INSERT INTO video_generation_jobs (id, job_type, project_title) VALUES (NULL, 'idea2video', 'the nameless one'),
         (x'ff00', 'idea2video', 'the blob'), (CAST(x'61ff62' AS TEXT), 'idea2video', 'the broken one')",
    );
    for format in ["table", "json", "jsonl", "csv", "tsv"] {
        let output = sandbox.jobctl(["list", "-o", format]).run().ok();
        output
            .stdout_has("the nameless one")
            .stdout_has("the blob")
            .stdout_has("the broken one");
    }
    sandbox
        .jobctl("list -o ids")
        .run()
        .fails(1)
        .stdout_is(&format!("{B}\n"))
        .stderr_has("3 ids were not printed");
}

#[test]
fn a_file_with_one_bad_row_still_lists_the_others() {
    let sandbox = full();
    sandbox.job(
        B,
        &[
            ("status", &vec![0xff_u8]),
            ("created_at", &"never"),
            ("progress", &"none"),
        ],
    );
    sandbox.job(C, &[]);
    sandbox.job(D, &[]);
    let mut output = sandbox.jobctl("list").run().ok();
    for id in [A, B, C, D] {
        output = output.stdout_has(id);
    }
}
