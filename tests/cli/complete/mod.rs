//! What is offered for the last word of a line. How the shells ask for it is in `shells`.

mod files;
mod shells;

use crate::args::Args;
use crate::support::{A, B, C, Output, Sandbox};

/// The words as a shell hands them over, the last one as far as it has been typed.
fn asked(sandbox: &Sandbox, shell: &str, words: impl Args) -> Output {
    let head = ["complete", shell, "--", "jobctl"];
    sandbox.jobctl((head, words)).run()
}

/// The values offered.
#[track_caller]
fn offers(sandbox: &Sandbox, words: impl Args) -> Vec<String> {
    let run = asked(sandbox, "zsh", words).ok().no_stderr();
    let values = run.stdout.lines().map(|line| line.split('\t').next());
    values.map(|value| value.unwrap().to_owned()).collect()
}

#[track_caller]
fn is_not_ours(sandbox: &Sandbox, words: impl Args) {
    for shell in ["bash", "zsh", "fish"] {
        asked(sandbox, shell, &words).fails(2).no_stdout();
    }
}

fn jobs() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("project_title", &"A Choir of Kettles")]);
    let of_b: &[(&str, &dyn rusqlite::ToSql)] = &[
        ("status", &"failed"),
        ("job_type", &"script2video"),
        ("mode", &"script"),
        ("created_at", &"2026-01-11 00:00:00.000000"),
    ];
    sandbox.job(B, of_b);
    let of_c: &[(&str, &dyn rusqlite::ToSql)] = &[
        ("status", &"paused"),
        ("style", &"noir"),
        ("created_at", &"2026-01-12 00:00:00.000000"),
    ];
    sandbox.job(C, of_c);
    sandbox
}

/// So many jobs with ids that begin with this, the last one the newest.
fn many(sandbox: &Sandbox, begin: &str, count: u32, day: &str) {
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO video_generation_jobs (id, job_type, created_at)
         SELECT printf('{begin}%06x', i), 'idea2video', '{day} 00:00:00.' || printf('%06d', i) FROM n"
    ));
}

#[test]
fn ids_come_newest_first_with_state_and_title() {
    let sandbox = jobs();
    for command in ["show", "update", "delete", "wait"] {
        assert_eq!(offers(&sandbox, [command, ""]), [C, B, A], "{command}");
    }
    assert_eq!(offers(&sandbox, "show a1"), [A]);
    assert_eq!(offers(&sandbox, "show x"), [""; 0]);
    let lines = [
        format!("{C}\t? paused"),
        format!("{B}\t✗ failed"),
        format!("{A}\t· queued      A Choir of Kettles"),
    ];
    asked(&sandbox, "fish", "show ''").stdout_is(&format!("{}\n", lines.join("\n")));
}

#[test]
fn an_id_that_is_named_is_not_offered_again() {
    let sandbox = jobs();
    let named = "update $A --title a $C --force ''";
    assert_eq!(offers(&sandbox, named), [B]);
    assert_eq!(offers(&sandbox, "show -- $A ''"), [C, B]);
}

#[test]
fn bash_gets_what_it_inserts_and_what_is_said_where_it_only_shows() {
    let sandbox = jobs();
    let values = format!("{C}\n{B}\n{A}\n");
    asked(&sandbox, "bash", "show ''").stdout_is(&values);
    let described_in = |columns, word| {
        let words = format!("complete bash --described {columns} -- jobctl show");
        sandbox.jobctl((words, [word])).run().ok()
    };
    let described = |word| described_in("80", word);
    let rows = format!("{C}  ? paused\n{B}  ✗ failed\n{A}  · queued      A Choir of Kettles\n");
    described("").stdout_is(&rows);
    described("a").stdout_is(&format!("{A}\n"));
    // What does not fit a row of the screen is cut, the last column left free, but never the value.
    let rows = format!("{C}  ? paused\n{B}  ✗ failed\n{A}  · queued      A Choir…\n");
    described_in("61", "").stdout_is(&rows);
    let rows = format!("{C}…\n{B}…\n{A}…\n");
    described_in("38", "").stdout_is(&rows);
    described_in("37", "").stdout_is(&values);
}

#[test]
fn states_are_those_that_there_are_and_those_in_use() {
    let sandbox = jobs();
    let all = [
        "queued",
        "processing",
        "completed",
        "failed",
        "cancelled",
        "paused",
    ];
    for words in [
        "list --status ''",
        "list --not-status ''",
        "export --not_status ''",
        "cleanup --status ''",
        "stats --status ''",
        "update --if-status ''",
        "update --status ''",
        "create --status ''",
    ] {
        assert_eq!(offers(&sandbox, words), all, "{words:?}");
    }
    assert_eq!(
        offers(&sandbox, "list --status=p"),
        ["processing", "paused"]
    );
    assert_eq!(offers(&sandbox, "list --status queued,paused,"), all[1..5]);
    // Not a list.
    assert_eq!(offers(&sandbox, "update --status queued,"), [""; 0]);
}

#[test]
fn types_modes_and_styles_are_those_in_use() {
    let sandbox = jobs();
    let types = ["idea2video", "script2video"];
    for flag in ["--type", "--job-type", "--job_type"] {
        assert_eq!(offers(&sandbox, ["list", flag, ""]), types);
    }
    assert_eq!(offers(&sandbox, "list --type=s"), types[1..]);
    assert_eq!(offers(&sandbox, "list --mode ''"), ["idea", "script"]);
    assert_eq!(offers(&sandbox, "list --style ''"), ["noir"]);
    // A new job may be of any.
    let known = ["idea2video", "script2video", "conversational"];
    assert_eq!(offers(&sandbox, "create --type ''"), known);
    assert_eq!(offers(&sandbox, "update $A --type c"), known[2..]);
}

#[test]
fn words_are_found_without_an_index_too() {
    let sandbox = Sandbox::service();
    many(&sandbox, "many-", 5000, "2026-01-01");
    sandbox.job(A, &[("job_type", &"newest")]);
    let types = offers(&sandbox, "list --type ''");
    assert_eq!(types, ["idea2video", "newest"]);
    assert_eq!(offers(&sandbox, "show ''").len(), 50);
    assert_eq!(offers(&sandbox, "show ''")[0], A);
}

#[test]
fn the_rest_is_for_the_shell() {
    let sandbox = jobs();
    for words in [
        "''",
        "sh",
        "show -",
        "show --fu",
        "list ''",
        "list --output ''",
        "list --output=t",
        "list --db ''",
        "list --title ''",
        "list --search a",
        "list --limit ''",
        "list -n ''",
        "show --watch ''",
        "create --id ''",
        "create --title ''",
        "migrate ''",
        "migrate -- ''",
        "completions ''",
        "help show ''",
        "nonsense ''",
        "nonsense --status ''",
        "complete ''",
    ] {
        is_not_ours(&sandbox, words);
    }
}

#[test]
fn flags_are_read_as_the_program_reads_them() {
    let sandbox = jobs();
    for words in [
        "-q show a1",
        "-qo json show a1",
        "-ojson show a1",
        "-o=json show a1",
        "--output=json show a1",
        "show --full a1",
        "show --watch=5s a1",
        "show --watch 5s a1",
        "show --watch --full a1",
        "show --files-under delete a1",
        "show --files_under . a1",
        "show --files-under --status a1",
        "show --unknown a1",
        "show -- a1",
        "--color never show --utc -- a1",
    ] {
        assert_eq!(offers(&sandbox, words), [A], "{words:?}");
    }
}

#[test]
fn the_words_are_read_as_the_shell_would_read_them() {
    let sandbox = jobs();
    std::fs::create_dir(sandbox.path("home/my files")).unwrap();
    std::fs::copy(sandbox.db(), sandbox.path("home/my files/o:t'h=er@.db")).unwrap();
    sandbox.sql("DELETE FROM video_generation_jobs");
    let named = |shell, words: &dyn Args| {
        let run = asked(&sandbox, shell, words).ok().no_stderr();
        assert_eq!(run.lines().len(), 3, "{shell} {words:?}{run}");
    };
    let path = "home/my files/o:t'h=er@.db";
    for shell in ["bash", "zsh"] {
        for raw in [
            r#""home/my files/o:t'h=er@.db""#,
            r"home/my\ files/o:t\'h=er@.db",
            r"'home/my files/o:t'\''h=er@.db'",
            r#"~/my\ files/"o:t'h=er@.db""#,
        ] {
            named(shell, &["--db", raw, "show", ""]);
        }
    }
    named("fish", &["--db", path, "show", ""]);
    named("fish", &["--db", "~/my files/o:t'h=er@.db", "show", ""]);
    // Taken apart as bash does it.
    let parts = [
        "home/my\\ files/o",
        ":",
        "t\\'h",
        "=",
        "er",
        "@",
        ".db",
        "show",
        "",
    ];
    named("bash", &("--db", parts));
    named("bash", &("--db =", parts));
    let of_a_url = "--db = sqlite : '///home/my\\ files/o'";
    named("bash", &(of_a_url, &parts[1..]));
}

#[test]
fn bash_gets_back_only_what_it_took_for_the_word() {
    let sandbox = jobs();
    let given = |words: &str| asked(&sandbox, "bash", words).ok().no_stderr().stdout;
    assert_eq!(given("list --status = fa"), "failed\n");
    assert_eq!(given("list --status=fa"), "--status=failed\n");
    assert_eq!(given("list --status = queued,fa"), "queued,failed\n");
    assert_eq!(given("list --type = ''"), "idea2video\nscript2video\n");
    // A text in a file is no part of the flag before it.
    assert_eq!(given("update --content @ text a"), format!("{A}\n"));
    asked(&sandbox, "bash", "show --watch = ''").fails(2);
    asked(&sandbox, "bash", "show $A > ''").fails(2);
    asked(&sandbox, "bash", "show $A 2>> a").fails(2);
}

/// What all of them begin with.
fn common(values: &[String]) -> String {
    let first = values[0].clone();
    let is_common = |end: &usize| values.iter().all(|value| value.starts_with(&first[..*end]));
    first[..(0..=first.len()).rev().find(is_common).unwrap()].to_owned()
}

#[test]
fn some_of_many_begin_alike_only_as_far_as_all_do() {
    for sandbox in [Sandbox::report(), Sandbox::service()] {
        many(&sandbox, "ab-", 300, "2026-01-03");
        sandbox.job("aa-old", &[]);
        sandbox.job("ax-old", &[]);
        sandbox
            .sql("UPDATE video_generation_jobs SET created_at = '2025-01-01' WHERE id LIKE '%old'");
        for (prefix, begin) in [
            ("", "a"),
            ("a", "a"),
            ("ab", "ab-000"),
            ("ab-0000", "ab-0000"),
        ] {
            let all: Vec<String> = sandbox
                .ids()
                .into_iter()
                .filter(|id| id.starts_with(prefix))
                .collect();
            let some = offers(&sandbox, ["show", prefix]);
            assert!((10..=52).contains(&some.len()), "{prefix}: {}", some.len());
            assert_eq!(common(&some), begin);
            assert_eq!(common(&all), begin);
        }
        // What has been named is left out only where nothing else is.
        let some = offers(&sandbox, "show aa-old a");
        assert!(some.contains(&"aa-old".to_owned()));
    }
}

#[test]
fn the_ends_of_many_are_found_behind_ids_that_no_shell_could_take() {
    let sandbox = Sandbox::report();
    many(&sandbox, "ab-", 100, "2026-01-03");
    many(&sandbox, "$(reboot) ", 100, "2026-01-04");
    many(&sandbox, "~", 100, "2026-01-04");
    sandbox.job("aa", &[("created_at", &"2025-01-01")]);
    let some = offers(&sandbox, "show ''");
    assert_eq!(some[0], "ab-000064");
    assert_eq!(some.last().unwrap(), "aa");
    assert_eq!(common(&some), "a");
}

#[test]
fn values_that_a_shell_might_run_are_left_out() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    for hostile in [
        "$(reboot)",
        "`reboot`",
        "a;reboot",
        "a b",
        "a\nb",
        "a\tb",
        "-rf",
        "~root",
        "a*",
        "a'b",
        "a\"b",
        "a\\b",
        "a|b",
        "a&b",
        "a>b",
        "#a",
        "a,b",
        "a=b",
        "a:b",
        "{a}",
        "a\u{1b}[31m",
        "\u{202e}a",
        "!a",
        "é",
    ] {
        sandbox.job(hostile, &[("job_type", &hostile), ("style", &hostile)]);
    }
    sandbox.insert(&[("id", &vec![0xff_u8]), ("job_type", &vec![0xfe_u8])]);
    sandbox.insert(&[("id", &7), ("job_type", &"7")]);
    sandbox.insert(&[("id", &None::<String>), ("job_type", &"idea2video")]);
    sandbox.sql("INSERT INTO video_generation_jobs (id, job_type) VALUES (CAST(x'61ff' AS TEXT), CAST(x'61ff' AS TEXT))");
    for shell in ["bash", "zsh", "fish"] {
        let values = |words: &str| -> Vec<String> {
            let run = asked(&sandbox, shell, words).ok().no_stderr();
            let value = |line: &str| line.split('\t').next().unwrap().to_owned();
            run.stdout.lines().map(value).collect()
        };
        let mut ids = values("show ''");
        ids.sort();
        assert_eq!(ids, ["7", A], "{shell}");
        let spaced: &[&str] = match shell {
            "bash" => &["7", "idea2video", "é"],
            _ => &["7", "a b", "idea2video", "é"],
        };
        assert_eq!(values("list --type ''"), spaced, "{shell}");
        assert_eq!(
            values("list --style a"),
            &spaced[1..spaced.len() - 2],
            "{shell}"
        );
    }
}

#[test]
fn a_hostile_title_is_shown_and_does_nothing() {
    let sandbox = Sandbox::report();
    let title = "\u{1b}]0;x\u{7}\r\n\tb\u{202e}c $(reboot) '\"`\\ ";
    sandbox.job(A, &[("project_title", &title)]);
    sandbox.job(
        B,
        &[
            ("project_title", &"long ".repeat(100)),
            ("status", &"\u{1b}[2J"),
        ],
    );
    let shown = r#"\x1b]0;x\x07\r\n\tb\u{202e}c $(reboot)"#;
    for shell in ["zsh", "fish"] {
        let run = asked(&sandbox, shell, "show ''").ok().no_stderr();
        assert_eq!(run.lines().len(), 2);
        assert!(run.stdout.contains(shown), "{run}");
        assert!(!run.stdout.contains(['\u{1b}', '\r', '\u{202e}']), "{run}");
        assert!(
            run.lines().iter().all(|line| line.chars().count() < 140),
            "{run}"
        );
    }
}

#[test]
fn nobody_is_told_of_the_command() {
    let sandbox = Sandbox::new();
    for args in ["--help", "-h", "help", "man", "completions fish"] {
        let text = sandbox.jobctl(args).run().ok().stdout;
        let told = text
            .lines()
            .filter(|line| !line.contains("command jobctl complete fish"));
        assert!(
            !told
                .into_iter()
                .any(|line| line.contains("complete ") && !line.contains("-c jobctl")),
            "{text}"
        );
    }
    sandbox
        .jobctl("complet")
        .run()
        .fails(2)
        .stderr_lacks("complete'");
}

#[test]
fn fields_are_the_columns_of_the_table() {
    let sandbox = jobs();
    for column in ["crew", "error", "\"a b\""] {
        sandbox.sql(&format!(
            "ALTER TABLE video_generation_jobs ADD COLUMN {column}"
        ));
    }
    let fields = |text: &str| offers(&sandbox, ["list", "--fields", text]);
    assert_eq!(fields("cr"), ["created", "crew"]);
    assert_eq!(fields("id,cre"), ["created", "crew"]);
    assert_eq!(fields("crew,cre"), ["created"]);
    assert_eq!(fields("other"), ["other.error"]);
    let without = offers(&sandbox, "--db none.db list --fields cr");
    assert_eq!(without, ["created"]);
}

#[test]
fn the_checks_of_doctor_are_offered_also_where_there_is_no_database() {
    let sandbox = jobs();
    for line in ["doctor bad", "--db none.db doctor bad", "doctor --fix bad"] {
        assert_eq!(offers(&sandbox, line), ["bad-json"], "{line}");
    }
    assert!(offers(&sandbox, ["doctor", ""]).len() > 30);
    let named = "doctor unreadable unr";
    assert_eq!(offers(&sandbox, named), ["unreadable-time"]);
    let told = "bad-json\tJSON columns with something else in them\n";
    asked(&sandbox, "fish", "doctor bad").ok().stdout_is(told);
}
