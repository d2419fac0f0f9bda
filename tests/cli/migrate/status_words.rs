//! Words for a status that nobody knows: counted one by one, kept, and taken for another with `--map-status`.

use serde_json::{Value, json};

use super::{api_server, import, lines, manager, with};
use crate::support::{A, B, C, Sandbox};

/// Records of these statuses, with ids that differ.
fn of(words: &[&str]) -> String {
    let record = |(n, word): (usize, &&str)| {
        let id = format!("{n:08x}-1111-4111-8111-111111111111");
        with(api_server(&id), json!({"status": word, "progress": 40.0}))
    };
    lines(&words.iter().enumerate().map(record).collect::<Vec<_>>())
}

const WORDS: [&str; 8] = [
    "JobStatus.COMPLETED",
    "COMPLETED",
    "completed ",
    "running",
    "done",
    "error",
    "canceled",
    "odd",
];

const FLAG: &str = "--map-status 'COMPLETED=completed,JobStatus.COMPLETED=completed,canceled=cancelled,completed =completed,\
                    done=completed,error=failed,running=processing'";

#[test]
fn they_are_kept_and_counted_by_word() {
    let sandbox = Sandbox::new();
    let run = import(
        &sandbox,
        of(&WORDS) + &of(&["done"]).replace("00000000", "0000ffff"),
        "",
    )
    .ok();
    let summary = run.json();
    assert_eq!(summary["unknown_status"], 9);
    assert_eq!(summary["status_words"]["done"], 2);
    assert_eq!(summary["status_words"]["completed "], 1);
    assert_eq!(summary["status_words"].as_object().unwrap().len(), 8);
    assert_eq!(summary["mapped_status"], 0);
    run.stderr_has(
        "9 jobs with a status that is not known, kept as it is: \"done\" 2, \"COMPLETED\" 1, ",
    )
    .stderr_has(&format!(
        "to take them for what they seem to mean: {FLAG} --on-conflict replace\n"
    ));
    assert_eq!(
        sandbox.ask("SELECT count(DISTINCT status) FROM video_generation_jobs"),
        "8"
    );
}

#[test]
fn the_line_of_the_summary_takes_them() {
    let sandbox = Sandbox::new();
    let text = of(&WORDS);
    import(&sandbox, &text, "").ok();
    let value = FLAG.split('\'').nth(1).unwrap();
    let run = import(
        &sandbox,
        &text,
        ["--map-status", value, "--on-conflict", "replace"],
    )
    .ok();
    assert_eq!(run.json()["mapped_status"], 7);
    // The last one is there already, as it is.
    assert_eq!(run.json()["status_words"], json!({}));
    run.stderr_has("7 jobs with a status that was taken for another (--map-status)");
    let states = "SELECT group_concat(status || ':' || CAST(progress AS INTEGER) || CASE WHEN completed_at = updated_at THEN '' ELSE ' at another time' END) FROM \
                  (SELECT * FROM video_generation_jobs WHERE completed_at IS NOT NULL ORDER BY id) jobs";
    // A state that is no end has no time of one.
    assert_eq!(
        sandbox.ask(states),
        "completed:100,completed:100,completed:100,completed:100,failed:40,cancelled:40"
    );
    let states = "SELECT group_concat(status, ' ') FROM (SELECT * FROM video_generation_jobs WHERE completed_at IS NULL ORDER BY id) jobs";
    assert_eq!(sandbox.ask(states), "processing odd");
}

#[test]
fn the_flag_may_be_repeated_and_a_word_is_compared_as_it_stands() {
    for args in [
        "--map-status Done=completed --map-status done=failed",
        "--map-status Done=completed,done=failed",
    ] {
        let sandbox = Sandbox::new();
        import(&sandbox, of(&["done", "Done", "DONE"]), args).ok();
        let states = "SELECT group_concat(status, ' ') FROM (SELECT * FROM video_generation_jobs ORDER BY id) jobs";
        assert_eq!(sandbox.ask(states), "failed completed DONE");
    }
    for (word, value) in [
        ("", "=failed"),
        (" ", " =failed"),
        ("a,b", "a,b=failed"),
        ("a=b", "a=b=failed"),
    ] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, of(&[word]), ["--map-status", value]).ok();
        assert_eq!(run.json()["mapped_status"], 1, "{word:?}{run}");
    }
}

#[test]
fn a_bad_value_is_a_usage_error() {
    let sandbox = Sandbox::new();
    sandbox.write("dump.json", "[]");
    for (value, message) in [
        ("done=complet", "did you mean completed?"),
        (
            "done=DONE",
            "it is one of queued, processing, completed, failed, cancelled",
        ),
        ("done", "it is WORD=STATUS"),
        ("", "it is WORD=STATUS"),
        ("a=failed,b", "it is WORD=STATUS"),
        (
            "a=failed,a=completed",
            "takes \"a\" for failed and for completed",
        ),
    ] {
        let run = sandbox
            .jobctl(["migrate", "dump.json", "--map-status", value])
            .run()
            .fails(2);
        run.stderr_has("--map-status").stderr_has(message);
    }
}

#[test]
fn rows_of_jobctl_are_restored_as_they_were() {
    let old = Sandbox::report();
    old.job(A, &[("status", &"done")]);
    let rows = old.jobctl("export").run().ok().stdout;
    let sandbox = Sandbox::new();
    let run = import(&sandbox, rows, "--map-status done=failed").ok();
    assert_eq!(sandbox.cell(A, "status"), "text|done");
    assert_eq!(run.json()["status_words"], json!({"done": 1}));
    run.stderr_lacks("seem to mean");
}

#[test]
fn control_characters_are_visible_and_words_are_bounded() {
    let odd = with(manager(A), json!({"status": "\u{1b}[31mred"}));
    let run = import(&Sandbox::new(), odd.to_string(), "").ok();
    run.stderr_has("\"\\x1b[31mred\" 1").stderr_lacks("\u{1b}");
    let many: Vec<String> = (0..1500).map(|n| format!("word {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let run = import(&Sandbox::new(), of(&many), "").ok();
    let summary = run.json();
    assert_eq!(summary["unknown_status"], 1500);
    assert_eq!(summary["status_words"].as_object().unwrap().len(), 1000);
    run.stderr_has("and more than 990 more words");
}

#[test]
fn null_is_the_default_and_a_number_is_rejected() {
    let text = lines(&[
        with(manager(A), json!({"status": Value::Null})),
        with(manager(B), json!({"status": 3})),
        with(manager(C), json!({"status": "done"})),
    ]);
    let sandbox = Sandbox::new();
    import(&sandbox, text, "--dry-run")
        .fails(65)
        .stderr_has("mean: --map-status done=completed\n");
}
