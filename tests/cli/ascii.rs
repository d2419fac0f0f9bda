//! `--ascii`, and a terminal whose locale has no more: what is drawn is ASCII, what is stored stays.

use crate::pty::{self, Terminal};
use crate::support::{A, B, C, D, Sandbox};

const E: &str = "e5555555-5555-4555-8555-555555555555";

/// One job of each state, with something in every place where there are signs.
fn jobs() -> Sandbox {
    let sandbox = Sandbox::report();
    for (id, status) in [
        (A, "processing"),
        (B, "completed"),
        (C, "failed"),
        (D, "cancelled"),
        (E, "queued"),
    ] {
        let long = "a long text of many words that has to be cut somewhere ".repeat(20);
        sandbox.job(
            id,
            &[
                ("status", &status),
                ("progress", &45.0),
                ("content", &long),
                ("project_title", &&long[..200]),
                ("error_message", &long),
                ("started_at", &"2026-01-10 01:00:00.000000"),
                ("completed_at", &"2026-01-10 02:00:00.000000"),
            ],
        );
    }
    sandbox
}

#[test]
fn all_that_is_drawn_is_ascii() {
    let sandbox = jobs();
    for args in [
        "list",
        "list -o wide",
        "list --limit 2",
        "show $A",
        &format!("show {B} {C} {D} {E}"),
        "stats",
        "update $C --requeue",
        "wait $B",
        "cleanup --older-than 1d --dry-run",
        "show ffff",
        "create --json ' '",
    ] {
        let run = sandbox.jobctl((args, "--ascii")).run();
        assert!(run.stdout.is_ascii() && run.stderr.is_ascii(), "{run}");
    }
}

/// What is stored, or named by a person, is in a line to be copied as it is.
#[test]
fn a_name_in_a_hint_stays() {
    let sandbox = Sandbox::report();
    for (name, start) in [("a…–→b.zip", &b"PK\x03\x04"[..]), ("a…b.json", b"\0\0\0{}")] {
        std::fs::write(sandbox.path(name), start).unwrap();
        sandbox
            .jobctl(["migrate", name, "--ascii"])
            .run()
            .fails(65)
            .stderr_has(&format!("'{name}' | jobctl migrate -"));
    }
}

#[test]
fn errors_and_their_hints_are_ascii_in_every_format() {
    let sandbox = jobs();
    std::fs::write(sandbox.path("openssl"), b"Salted__12345678").unwrap();
    std::fs::write(sandbox.path("base64"), b"U2FsdGVkX18=\n").unwrap();
    for output in ["table", "json", "jsonl"] {
        for args in [
            "create --json ' '",
            "migrate openssl",
            "migrate base64",
            "list --since 2d --until 5d",
        ] {
            let run = sandbox.jobctl((args, &["--ascii", "-o", output])).run();
            assert!(run.stdout.is_ascii() && run.stderr.is_ascii(), "{run}");
        }
        let run = sandbox.jobctl(["migrate", "-", "--ascii", "-o", output]);
        let run = run.stdin("PK\x03\x04").run().fails(65);
        assert!(run.stdout.is_ascii() && run.stderr.is_ascii(), "{run}");
    }
}

#[test]
fn the_signs_are_told_apart() {
    let sandbox = jobs();
    let list = sandbox.jobctl("list --ascii").run().ok();
    for state in [
        "> processing",
        "+ completed",
        "x failed",
        "- cancelled",
        ". queued",
    ] {
        assert!(list.stdout.contains(state), "{state:?} expected{list}");
    }
    sandbox
        .jobctl("show $A --ascii")
        .run()
        .ok()
        .stdout_has("#########........... 45%")
        .stdout_has("* created")
        .stdout_has("  | waited 1h00");
    sandbox
        .jobctl("stats --ascii")
        .run()
        .ok()
        .stdout_has("  ########");
    sandbox
        .jobctl("update $C --requeue --ascii")
        .run()
        .ok()
        .stderr_has("x failed -> . queued");
}

#[test]
fn stored_text_stays() {
    let sandbox = jobs();
    sandbox.sql("UPDATE video_generation_jobs SET project_title = '猫 … – ✓'");
    for args in ["list", "show $A", "list -o json"] {
        sandbox
            .jobctl((args, "--ascii"))
            .run()
            .ok()
            .stdout_has("猫 … – ✓");
    }
}

#[test]
fn a_pipe_is_as_it_was_whatever_the_locale() {
    let sandbox = jobs();
    for locale in ["C", "POSIX"] {
        sandbox
            .jobctl("list")
            .env("LC_ALL", locale)
            .run()
            .ok()
            .stdout_has("✓ completed");
    }
}

#[test]
fn a_terminal_follows_its_locale() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for (locale, is_ascii) in [
        (&[("LANG", "C")][..], true),
        (&[("LANG", "POSIX")], true),
        (&[("LANG", "en_US.ISO-8859-1")], true),
        (&[("LANG", "C"), ("LC_ALL", "C.UTF-8")], false),
        (&[("LANG", "en_US.UTF-8"), ("LC_CTYPE", "C")], true),
        (&[("LC_CTYPE", "C"), ("LC_ALL", "en_US.UTF-8")], false),
        (&[("LANG", "C"), ("LC_ALL", "")], true),
        (&[], false),
    ] {
        for args in ["list", "show $A", "stats"] {
            let mut run = sandbox.jobctl(args);
            for (name, value) in locale {
                run = run.env(name, value);
            }
            let screen = Terminal::new(run, 60).run().ends(0);
            assert_eq!(
                screen.text.is_ascii(),
                is_ascii,
                "{locale:?} {}",
                screen.text
            );
        }
    }
}

#[test]
fn a_terminal_that_has_only_one_of_the_two_follows_its_locale_too() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for (args, behind, seen) in [
        ("list --limit 1", ">/dev/null", "1-1 |"),
        (
            "update $C --requeue -o json",
            ">/dev/null",
            "x failed -> . queued",
        ),
        ("list --limit 1", "| cat", ". queued"),
    ] {
        for (locale, is_ascii) in [("C", true), ("C.UTF-8", false)] {
            let run = sandbox.jobctl(args).env("LC_ALL", locale);
            if is_ascii {
                let screen = Terminal::new(run, 60)
                    .behind(behind)
                    .run()
                    .ends(0)
                    .has(seen);
                assert!(screen.text.is_ascii(), "{}", screen.text);
            } else if behind == "| cat" {
                let screen = Terminal::new(run, 60).behind(behind).run().ends(0);
                assert!(!screen.text.is_ascii(), "{}", screen.text);
            }
        }
    }
}
