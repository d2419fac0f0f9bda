//! Bad records: counted, written as they stood, mended and imported again; the others arrive.

use serde_json::{Value, json};

use super::{api_server, counts, import, lines, manager, pipeline, with, without};
use crate::support::{A, B, C, D, Output, Sandbox};

/// Imports a bad record, as JSON, between two good ones, in an array and as JSON Lines: it alone is rejected. Gives the reason.
#[track_caller]
fn is_rejected(bad: &str) -> String {
    let (first, last) = (manager(B), manager(C));
    let mut reasons = Vec::new();
    for text in [
        format!("[{first},\n{bad},\n{last}]"),
        format!("{first}\n{bad}\n{last}\n"),
    ] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, text, "--rejects bad.jsonl").fails(65);
        assert_eq!(counts(&run.json()), [3, 2, 0, 0, 1], "{run}");
        assert_eq!(sandbox.ids(), [B, C]);
        let rejects = rejects(&sandbox);
        assert_eq!(rejects.len(), 1, "{rejects:?}");
        reasons.push(rejects[0]["reason"].as_str().unwrap().to_owned());
    }
    assert_eq!(reasons[0], reasons[1]);
    reasons.remove(0)
}

/// The lines of `bad.jsonl`.
fn rejects(sandbox: &Sandbox) -> Vec<Value> {
    // A lone surrogate stands there as it stood, which serde_json does not take.
    let text = sandbox.read("bad.jsonl").replace("\\ud", "\\\\ud");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[track_caller]
fn mended(sandbox: &Sandbox) -> Output {
    sandbox
        .jobctl("migrate mended.jsonl -o json --timezone UTC")
        .run()
}

#[test]
fn a_wrong_type_of_a_field() {
    let wrong = [
        with(manager(A), json!({"status": 5})),
        with(manager(A), json!({"progress": "half"})),
        with(manager(A), json!({"progress": {"a": 1}})),
        with(manager(A), json!({"total_shots": "many"})),
        with(manager(A), json!({"total_shots": 1.5})),
        with(manager(A), json!({"title": ["a"]})),
        with(manager(A), json!({"created_at": true})),
        with(manager(A), json!({"job_id": 17})),
        with(api_server(A), json!({"request": "an idea"})),
        with(api_server(A), json!({"shots": 4})),
        with(api_server(A), json!({"type": 5})),
        with(pipeline(A), json!({"request_data": [1]})),
        with(pipeline(A), json!({"episode_id": {"id": 1}})),
        with(pipeline(A), json!({"progress": "0.5"})),
    ];
    for record in wrong {
        is_rejected(&record.to_string());
    }
}

#[test]
fn not_a_number() {
    for number in ["NaN", "Infinity", "-Infinity"] {
        let text = manager(A).to_string();
        let progress = format!("\"progress\":{number}");
        let reason = is_rejected(&text.replace("\"progress\":0.0", &progress));
        let told = format!("\"progress\" is {number}");
        assert!(
            reason.contains(&told) && reason.contains("JSON"),
            "{reason}"
        );
        let odd = format!("{{\"odd\": {number}, ");
        let reason = is_rejected(&text.replacen('{', &odd, 1));
        assert!(reason.contains(&format!("\"odd\" is {number}")), "{reason}");
        let deep = format!("{{\"odd\": {{\"a\": [1, {number}]}}, ");
        let reason = is_rejected(&text.replacen('{', &deep, 1));
        assert!(reason.contains(number), "{reason}");
        assert!(!reason.contains("line 1 column"), "{reason}");
    }
}

#[test]
fn what_is_no_json_is_named_with_its_place_in_the_record() {
    let text = manager(A).to_string();
    for word in ["undefined", "None", "'a'", "+1", "0x1F", "\u{5de5}"] {
        let bad = text.replace("\"progress\":0.0", &format!("\"progress\":{word}"));
        let reason = is_rejected(&bad);
        assert!(!reason.contains("line 1 column"), "{reason}");
        assert!(reason.contains("\"progress\""), "{reason}");
    }
    let bad = text.replace(",\"status\"", " \"status\"");
    let at = bad.find("\"status\"").unwrap();
    let reason = is_rejected(&bad);
    assert!(
        reason.contains(&format!("byte {at} of the record")),
        "{reason}"
    );
}

/// As Python writes them, alone, twice, and the wrong way round.
const LONE: [&str; 4] = [
    "\\ud800",
    "\\udfff tail",
    "\\ud800\\ud800",
    "\\udc00\\ud800",
];

#[test]
fn a_lone_surrogate() {
    for surrogate in LONE {
        is_rejected(&manager(A).to_string().replace("Small Gods", surrogate));
        is_rejected(
            &api_server(A)
                .to_string()
                .replace("Cartoon style", surrogate),
        );
    }
}

#[test]
fn a_lone_surrogate_in_a_field_without_a_column() {
    for surrogate in LONE {
        is_rejected(&manager(A).to_string().replacen(
            '{',
            &format!("{{\"odd\": [\"{surrogate}\"], "),
            1,
        ));
    }
}

#[test]
fn a_lone_surrogate_in_a_field_of_the_request_that_has_no_column() {
    for surrogate in LONE {
        is_rejected(&pipeline(A).to_string().replace(
            "\"episode_number\":null",
            &format!("\"episode_number\":\"{surrogate}\""),
        ));
    }
}

#[test]
fn an_impossible_date() {
    for time in [
        "2025-02-30T08:00:00",
        "2025-13-01T00:00:00",
        "2025-12-29T25:00:00",
        "yesterday",
        "29.12.2025 08:00",
    ] {
        for record in [manager(A), pipeline(A), api_server(A)] {
            let reason = is_rejected(&with(record, json!({"created_at": time})).to_string());
            assert!(reason.contains("created_at"), "{reason}");
        }
    }
}

#[test]
fn an_impossible_date_in_each_of_the_four_times() {
    for name in ["created_at", "updated_at", "started_at", "completed_at"] {
        let reason =
            is_rejected(&with(manager(A), json!({name: "2025-02-30T08:00:00"})).to_string());
        assert!(reason.contains(name), "{reason}");
    }
}

#[test]
fn an_id_of_more_than_36_characters() {
    let long = format!("{A}x");
    is_rejected(&with(manager(A), json!({"job_id": long})).to_string());
    is_rejected(&with(api_server(A), json!({"job_id": long})).to_string());
}

#[test]
fn an_id_of_36_characters_that_are_not_ascii_is_no_longer_than_that() {
    let sandbox = Sandbox::new();
    let id = "\u{5de5}".repeat(36);
    import(
        &sandbox,
        with(manager(A), json!({"job_id": id})).to_string(),
        "",
    )
    .ok();
    assert_eq!(sandbox.ids(), [id]);
}

#[test]
fn no_id_at_all() {
    is_rejected(&without(api_server(A), "job_id").to_string());
    is_rejected(&with(manager(A), json!({"job_id": ""})).to_string());
    is_rejected(&with(manager(A), json!({"job_id": null})).to_string());
}

#[test]
fn progress_outside_its_range() {
    for progress in [-1.0, -0.001, 100.5, 1e9] {
        is_rejected(&with(manager(A), json!({"progress": progress})).to_string());
        is_rejected(&with(api_server(A), json!({"progress": progress})).to_string());
    }
    for progress in [-0.1, 1.5, 50.0, 100.0] {
        is_rejected(&with(pipeline(A), json!({"progress": progress})).to_string());
    }
}

#[test]
fn progress_at_the_ends_of_its_range() {
    let sandbox = Sandbox::new();
    let records = [
        with(manager(A), json!({"progress": 100})),
        with(api_server(B), json!({"progress": 0})),
        with(pipeline(C), json!({"progress": 1.0})),
    ];
    import(&sandbox, lines(&records), "").ok();
    assert_eq!(
        [A, B, C].map(|id| sandbox.cell(id, "progress")),
        ["real|100.0", "real|0.0", "real|100.0"]
    );
}

#[test]
fn a_key_that_differs_from_the_id() {
    let sandbox = Sandbox::new();
    let records = json!({A: manager(A), B: manager(C)});
    let run = import(&sandbox, records.to_string(), "--rejects bad.jsonl").fails(65);
    assert_eq!(counts(&run.json()), [2, 1, 0, 0, 1]);
    assert_eq!(sandbox.ids(), [A]);
    assert_eq!(rejects(&sandbox)[0]["key"], B);
}

#[test]
fn a_shape_that_nobody_knows() {
    is_rejected(&json!({"job_id": A, "colour": "green"}).to_string());
    is_rejected(
        &json!({"job_id": A, "status": "queued", "created_at": "2025-12-29T08:00:00"}).to_string(),
    );
}

#[test]
fn a_value_that_is_no_record() {
    for value in ["5", "true", "null", "\"text\""] {
        is_rejected(value);
    }
}

#[test]
fn a_value_that_is_no_record_under_a_key() {
    let sandbox = Sandbox::new();
    let text = format!(
        r#"{{"{A}": {}, "{C}": null, "{D}": "text", "{B}": {}}}"#,
        manager(A),
        manager(B)
    );
    let run = import(&sandbox, text, "").fails(65);
    assert_eq!(counts(&run.json()), [4, 2, 0, 0, 2]);
}

#[test]
fn each_bad_record_is_written_with_where_it_stood() {
    let sandbox = Sandbox::new();
    let bad = with(
        manager(B),
        json!({"progress": 120, "created_at": "2025-12-29T08:00:00"}),
    );
    import(
        &sandbox,
        json!({A: manager(A), B: bad}).to_string(),
        "--rejects bad.jsonl",
    )
    .fails(65);
    let rejects = rejects(&sandbox);
    assert_eq!(rejects.len(), 1);
    assert_eq!(rejects[0]["source"], "dump.json");
    assert_eq!(rejects[0]["key"], B);
    assert!(
        rejects[0]["reason"].as_str().unwrap().contains("progress"),
        "{rejects:?}"
    );
    assert_eq!(rejects[0]["record"], bad);
    let position = usize::try_from(rejects[0]["position"].as_u64().unwrap()).unwrap();
    assert!(
        sandbox.read("dump.json")[position..]
            .trim_start_matches(&[' ', ','][..])
            .starts_with(&bad.to_string()),
        "{position}"
    );
}

#[test]
fn a_bad_record_is_written_as_it_stood_with_its_odd_spelling() {
    let sandbox = Sandbox::new();
    let text = format!(
        r#"{{ "mode" : "idea", "job_id":"{A}" ,"status":"queued", "ratio": 1.50e2, "name": "\u7b2c\/", "progress": 120 }}"#
    );
    import(&sandbox, format!("[{text}]"), "--rejects bad.jsonl").fails(65);
    let written = sandbox.read("bad.jsonl");
    assert!(written.contains(&text), "{written}");
}

#[test]
fn a_record_with_not_a_number_is_written_so_that_the_file_is_json_lines() {
    let sandbox = Sandbox::new();
    let bad = manager(A)
        .to_string()
        .replace("\"progress\":0.0", "\"progress\":NaN");
    import(&sandbox, format!("[{bad}]"), "--rejects bad.jsonl").fails(65);
    let record = rejects(&sandbox)[0]["record"].clone();
    assert_eq!(record.as_str(), Some(bad.as_str()), "{record}");
}

#[test]
fn the_rejects_are_mended_and_imported_again() {
    let sandbox = Sandbox::new();
    let records = json!({A: with(manager(A), json!({"progress": 120})), B: with(api_server(B), json!({"created_at": "2025-02-30T08:00:00"}))});
    import(&sandbox, records.to_string(), "--rejects bad.jsonl").fails(65);
    let text = sandbox
        .read("bad.jsonl")
        .replace("120", "12")
        .replace("2025-02-30", "2025-02-28");
    sandbox.write("mended.jsonl", text);
    assert_eq!(counts(&mended(&sandbox).ok().json()), [2, 2, 0, 0, 0]);
    assert_eq!(sandbox.cell(A, "progress"), "real|12.0");
    assert_eq!(
        sandbox.cell(B, "created_at"),
        "text|2025-02-28 08:00:00.000000"
    );
}

#[test]
fn a_reject_without_an_id_of_its_own_is_imported_again_under_its_key() {
    let sandbox = Sandbox::new();
    let bad = with(
        without(manager(A), "job_id"),
        json!({"progress": 120, "job_type": "idea2video"}),
    );
    import(&sandbox, json!({A: bad}).to_string(), "--rejects bad.jsonl").fails(65);
    sandbox.write(
        "mended.jsonl",
        sandbox.read("bad.jsonl").replace("120", "12"),
    );
    mended(&sandbox).ok();
    assert_eq!(sandbox.ids(), [A]);
}

#[test]
fn a_reject_with_not_a_number_is_mended_and_imported_again() {
    let sandbox = Sandbox::new();
    let bad = manager(A)
        .to_string()
        .replace("\"progress\":0.0", "\"progress\":NaN");
    import(&sandbox, format!("[{bad}]"), "--rejects bad.jsonl").fails(65);
    sandbox.write(
        "mended.jsonl",
        sandbox.read("bad.jsonl").replace("NaN", "40"),
    );
    mended(&sandbox).ok();
    assert_eq!(sandbox.cell(A, "progress"), "real|40.0");
}

#[test]
fn what_is_rejected_twice_can_still_be_mended() {
    let sandbox = Sandbox::new();
    import(
        &sandbox,
        with(manager(A), json!({"progress": 120})).to_string(),
        "--rejects bad.jsonl",
    )
    .fails(65);
    sandbox
        .jobctl("migrate bad.jsonl --rejects again.jsonl")
        .run()
        .fails(65);
    sandbox.write(
        "mended.jsonl",
        sandbox.read("again.jsonl").replace("120", "12"),
    );
    mended(&sandbox).ok();
    assert_eq!(sandbox.ids(), [A]);
}

#[test]
fn a_record_with_a_name_of_its_own_like_a_reject_s_is_no_reject() {
    let sandbox = Sandbox::new();
    let record = with(
        manager(A),
        json!({"source": "s", "reason": "r", "record": {"a": 1}}),
    );
    import(&sandbox, record.to_string(), "").ok();
    assert_eq!(sandbox.ids(), [A]);
}

#[test]
fn the_key_and_the_reason_are_told() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "dump.json",
        json!({A: with(manager(A), json!({"progress": 120}))}).to_string(),
    );
    sandbox
        .jobctl("migrate dump.json")
        .run()
        .fails(65)
        .stderr_has("dump.json")
        .stderr_has(A)
        .stderr_has("progress");
}

#[test]
fn what_a_bad_record_holds_cannot_write_to_the_terminal() {
    let sandbox = Sandbox::new();
    let key = "\u{1b}[31m\u{202e}\u{9b}x";
    sandbox.write(
        "dump.json",
        json!({key: with(manager("x"), json!({"job_id": key, "created_at": "\u{1b}]0;t\u{7}"}))})
            .to_string(),
    );
    let run = sandbox.jobctl("migrate dump.json").run().fails(65);
    let raw = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!run.stderr.contains(raw), "{:?}", run.stderr);
}

#[test]
fn the_rejects_never_overwrite_what_is_imported() {
    let sandbox = Sandbox::new();
    let text = with(manager(A), json!({"progress": 120})).to_string();
    sandbox.write("dump.json", &text);
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("dump.json"), sandbox.path("soft.json")).unwrap();
    std::fs::hard_link(sandbox.path("dump.json"), sandbox.path("hard.json")).unwrap();
    for name in [
        "dump.json",
        "./dump.json",
        "folder/../dump.json",
        "soft.json",
        "hard.json",
    ] {
        let run = sandbox
            .jobctl(["migrate", "dump.json", "--rejects", name])
            .run();
        assert_ne!(run.status, 0, "{name}{run}");
        assert_eq!(sandbox.read("dump.json"), text, "{name}{run}");
    }
    assert!(!sandbox.db().exists());
}

#[test]
fn the_rejects_never_overwrite_the_second_input() {
    let sandbox = Sandbox::new();
    let text = with(manager(A), json!({"progress": 120})).to_string();
    sandbox.write("one.json", &text);
    sandbox.write("two.json", &text);
    assert_ne!(
        sandbox
            .jobctl("migrate one.json two.json --rejects two.json")
            .run()
            .status,
        0
    );
    assert_eq!(sandbox.read("two.json"), text);
}

#[test]
fn the_rejects_never_overwrite_the_database() {
    let sandbox = Sandbox::report();
    sandbox.job(B, &[]);
    import(
        &sandbox,
        with(manager(A), json!({"progress": 120})).to_string(),
        "--rejects jobs.db",
    );
    assert_eq!(sandbox.ids(), [B]);
}
