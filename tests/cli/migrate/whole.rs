//! Files as a whole: cut off, empty, missing, several, from standard input; and the summary.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, manager, pipeline, row, sample, with};
use crate::support::{A, B, C, D, Sandbox};

/// Imports all but the last bytes of a text: what came before the last record is in, and the message says where it broke.
#[track_caller]
fn cut(text: &str, missing: usize, ids: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.write("dump.json", &text[..text.len() - missing]);
    let run = sandbox
        .jobctl("migrate dump.json")
        .run()
        .fails(65)
        .stderr_has("dump.json")
        .stderr_has("hint: when the dump is whole, run it again; what has been imported stays\n");
    assert_eq!(sandbox.ids(), ids, "{run}");
    assert!(
        run.stderr.contains("byte") && run.stderr.contains("line"),
        "{run}"
    );
}

#[test]
fn what_stands_before_the_break_of_an_object_is_imported() {
    let text = json!({A: manager(A), B: manager(B), C: manager(C)}).to_string();
    cut(&text, 60, &[A, B]);
}

#[test]
fn what_stands_before_the_break_of_an_array_is_imported() {
    cut(
        &json!([manager(A), manager(B), manager(C)]).to_string(),
        60,
        &[A, B],
    );
}

#[test]
fn what_stands_before_the_break_of_json_lines_is_imported() {
    cut(&lines(&[manager(A), manager(B), manager(C)]), 60, &[A, B]);
}

#[test]
fn what_stands_before_the_break_of_several_stores_is_imported() {
    cut(
        &json!({"jobs": {A: api_server(A)}, "pipeline_jobs": {B: pipeline(B), C: pipeline(C)}})
            .to_string(),
        100,
        &[A, B],
    );
}

#[test]
fn a_file_that_lacks_its_last_bracket_alone_is_cut_off() {
    cut(
        &json!({A: manager(A), B: manager(B)}).to_string(),
        1,
        &[A, B],
    );
    cut(&json!([manager(A), manager(B)]).to_string(), 1, &[A, B]);
}

#[test]
fn a_file_that_is_cut_between_two_records_is_cut_off() {
    let last = manager(B).to_string().len() + 1;
    cut(&json!([manager(A), manager(B)]).to_string(), last, &[A]);
}

#[test]
fn a_file_that_is_cut_in_a_key_or_a_text_is_cut_off() {
    let text = json!({A: manager(A), B: manager(B)}).to_string();
    let key = text.find(B).unwrap() + 5;
    cut(&text, text.len() - key, &[A]);
    let inside = text.rfind("Small").unwrap() + 2;
    cut(&text, text.len() - inside, &[A]);
}

#[test]
fn the_place_of_the_break_is_said() {
    let text = format!(
        "[{},\n{},\n{}",
        manager(A),
        manager(B),
        &manager(C).to_string()[..50]
    );
    let sandbox = Sandbox::new();
    sandbox.write("dump.json", &text);
    let run = sandbox.jobctl("migrate dump.json").run().fails(65);
    let record = text.rfind("\n{").unwrap() + 1;
    let near = [record, text.len()]
        .iter()
        .any(|byte| run.stderr.contains(&format!("byte {byte}")));
    assert!(
        near && run.stderr.contains("line 3"),
        "byte {record} or {}, line 3{run}",
        text.len()
    );
}

#[test]
fn a_cut_off_file_is_finished_by_the_whole_one() {
    let text = json!({A: manager(A), B: manager(B), C: manager(C)}).to_string();
    let sandbox = Sandbox::new();
    import(&sandbox, &text[..text.len() - 60], "").fails(65);
    assert_eq!(
        counts(&import(&sandbox, text, "").ok().json()),
        [3, 1, 0, 2, 0]
    );
}

#[test]
fn the_files_behind_a_cut_off_one_are_imported() {
    let sandbox = Sandbox::new();
    let text = json!([manager(A), manager(B)]).to_string();
    sandbox.write("one.json", &text[..text.len() - 60]);
    sandbox.write("two.json", manager(C).to_string());
    sandbox
        .jobctl("migrate one.json two.json")
        .run()
        .fails(65)
        .stderr_has("one.json");
    assert_eq!(sandbox.ids(), [A, C]);
}

#[test]
fn an_empty_file_is_bad_data() {
    for text in ["", "\n", "  \n\t"] {
        import(&Sandbox::new(), text, "")
            .fails(65)
            .stderr_has("empty");
    }
}

#[test]
fn an_empty_object_array_or_page_is_nothing_to_do() {
    for text in [
        "{}",
        "[]",
        " {}\n",
        "[\n]\n",
        r#"{"jobs": [], "pagination": {"total": 0}}"#,
        r#"{"jobs": {}, "pipeline_jobs": {}}"#,
    ] {
        assert_eq!(
            counts(&import(&Sandbox::new(), text, "").ok().json()),
            [0; 5],
            "{text}"
        );
    }
}

#[test]
fn a_file_that_is_no_json_is_bad_data() {
    for text in [
        "hello\n",
        "<html></html>",
        "job_id,status\n1,queued\n",
        "\u{0}\u{1}\u{2}",
    ] {
        import(&Sandbox::new(), text, "")
            .fails(65)
            .stderr_has("dump.json");
    }
}

#[test]
fn what_stands_behind_a_whole_container_is_not_passed_over() {
    let sandbox = Sandbox::new();
    import(&sandbox, format!("{}garbage", json!([manager(A)])), "")
        .fails(65)
        .stderr_has("dump.json");
    assert_eq!(sandbox.ids(), [A]);
}

#[test]
fn a_line_of_json_lines_that_is_broken_does_not_stop_the_others() {
    let sandbox = Sandbox::new();
    let broken = &manager(B).to_string()[..70];
    import(
        &sandbox,
        format!("{}\n{broken}\n{}\n", manager(A), manager(C)),
        "",
    )
    .fails(65);
    assert_eq!(sandbox.ids(), [A, C]);
}

#[test]
fn standard_input_is_a_file() {
    let sandbox = Sandbox::new();
    let text = json!({A: manager(A), B: pipeline(B)}).to_string();
    let summary = sandbox
        .jobctl("migrate - -o json")
        .stdin(text)
        .run()
        .ok()
        .json();
    assert_eq!(counts(&summary), [2, 2, 0, 0, 0]);
    assert_eq!(sandbox.ids(), [A, B]);
}

#[test]
fn an_empty_standard_input_is_bad_data() {
    Sandbox::new().jobctl("migrate -").stdin("").run().fails(65);
}

#[test]
fn several_files_are_imported_in_one_run() {
    let sandbox = Sandbox::new();
    sandbox.write("one.json", json!([manager(A)]).to_string());
    sandbox.write("two.json", lines(&[pipeline(B), api_server(C)]));
    let run = sandbox
        .jobctl("migrate one.json - two.json -o json")
        .stdin(row(D).to_string())
        .run();
    assert_eq!(counts(&run.ok().json()), [4, 4, 0, 0, 0]);
    assert_eq!(sandbox.ids(), [A, B, C, D]);
}

#[test]
fn a_missing_file_ends_it_before_anything_is_made() {
    let sandbox = Sandbox::new();
    sandbox.write("one.json", manager(A).to_string());
    sandbox
        .jobctl("migrate one.json gone.json --rejects bad.jsonl")
        .run()
        .fails(66)
        .stderr_has("gone.json");
    assert!(!sandbox.db().exists());
    assert!(!sandbox.path("bad.jsonl").exists());
}

#[test]
fn a_missing_file_leaves_a_database_as_it_was() {
    let sandbox = Sandbox::report();
    sandbox.write("one.json", manager(A).to_string());
    sandbox.jobctl("migrate one.json gone.json").run().fails(66);
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn no_file_at_all_is_a_usage_error() {
    Sandbox::new().jobctl("migrate").run().fails(2);
}

#[test]
fn the_database_is_made_with_its_folders() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl("migrate --db new/deep/jobs.db")
        .arg(sample("combined.json"))
        .run()
        .ok();
    assert!(sandbox.path("new/deep/jobs.db").exists());
}

#[test]
fn the_table_is_not_made_beside_another_program_s_tables() {
    let sandbox = Sandbox::new();
    sandbox.sql("CREATE TABLE birds (name TEXT)");
    sandbox
        .jobctl(["migrate", &sample("combined.json")])
        .run()
        .fails(66);
    assert_eq!(sandbox.schema(), "birds: CREATE TABLE birds (name TEXT)");
}

#[test]
fn the_summary_has_its_keys_and_its_sum() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let records = [
        manager(A),
        pipeline(B),
        api_server(C),
        with(manager(D), json!({"progress": 120})),
        json!(5),
    ];
    let summary: Value = import(&sandbox, lines(&records), "--timezone Asia/Shanghai")
        .fails(65)
        .json();
    for key in [
        "read",
        "inserted",
        "updated",
        "skipped",
        "rejected",
        "stores",
        "timezone",
        "still_processing",
    ] {
        assert!(!summary[key].is_null(), "no {key} in {summary}");
    }
    let [read, inserted, updated, skipped, rejected] = counts(&summary);
    assert_eq!(
        [read, inserted, updated, skipped, rejected],
        [5, 2, 0, 1, 2]
    );
    assert_eq!(read, inserted + updated + skipped + rejected);
    assert_eq!(summary["timezone"], "Asia/Shanghai");
}

#[test]
fn the_stores_of_the_summary_add_up() {
    let records = [
        manager(A),
        pipeline(B),
        api_server(C),
        row(D),
        with(manager("x"), json!({"progress": 120})),
        json!({"a": 1}),
    ];
    let summary: Value = import(&Sandbox::new(), lines(&records), "")
        .fails(65)
        .json();
    let mut sum = [0; 5];
    for store in summary["stores"].as_object().unwrap().values() {
        let counts = counts(store);
        assert_eq!(counts[0], counts[1..].iter().sum::<u64>(), "{summary}");
        sum.iter_mut()
            .zip(counts)
            .for_each(|(sum, count)| *sum += count);
    }
    assert_eq!(sum, counts(&summary), "{summary}");
}

#[test]
fn the_summary_stands_on_stderr_and_stdout_is_empty() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .jobctl(["migrate", &sample("combined.json")])
        .run()
        .ok()
        .no_stdout();
    run.stderr_has("read 4").stderr_has("inserted 4");
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl(["migrate", "-q", &sample("combined.json")])
        .run()
        .ok()
        .no_stdout()
        .no_stderr();
}

#[test]
fn quiet_still_tells_why_it_did_not_end_with_0() {
    let cut = &manager(A).to_string()[..60];
    let bad = with(manager(A), json!({"progress": 120})).to_string();
    for text in [cut, &bad, ""] {
        let sandbox = Sandbox::new();
        sandbox.write("dump.json", text);
        let run = sandbox.jobctl("migrate -q dump.json").run();
        run.fails(65).no_stdout().stderr_has("dump.json");
    }
}

#[test]
fn a_missing_file_says_the_next_step() {
    let sandbox = Sandbox::new();
    let run = sandbox.jobctl("migrate nofile.json").run();
    run.fails(66)
        .stderr_has("nofile.json")
        .stderr_has("nothing was imported");
}
