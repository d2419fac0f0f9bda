//! Slips of time in flags: windows in which nothing can lie, and numbers and ages with a sign.

use crate::args::Args;
use crate::support::{A, B, Output, Sandbox};

#[track_caller]
fn slip(args: impl Args) -> Output {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let output = sandbox.jobctl(args).run().fails(2).no_stdout();
    assert_eq!(sandbox.ids(), [A]);
    output
}

#[test]
fn a_window_that_ends_before_it_begins_is_a_slip_everywhere() {
    for command in [
        "list",
        "delete --yes",
        "stats",
        "export",
        "cleanup --keep-last 1 --yes",
        "list --watch -o jsonl",
    ] {
        slip((command, "--since 2d --until 5d"))
            .stderr_has("--since 2d")
            .stderr_has("2026-01-13 12:00:00")
            .stderr_has("is later than")
            .stderr_has("--until 5d")
            .stderr_has("2026-01-10 12:00:00");
    }
}

#[test]
fn tells_the_other_way_round() {
    slip("list --since 2d --until 5d")
        .stderr_has("hint: the other way round: --since '5d' --until '2d'");
}

#[test]
fn compares_ages_with_times() {
    slip("list --since 2026-01-14 --until 36h");
    slip("list --since 1h --until 2026-01-15T10:59:59Z");
    slip("list --since now --until yesterday");
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    for (since, until) in [
        ("2026-01-10", "4d"),
        ("6d", "2026-01-10 00:00:01"),
        ("6d", "today"),
        ("5d12h", "now"),
    ] {
        let args = ["list", "-o", "ids", "--since", since, "--until", until];
        sandbox.jobctl(args).run().ok().stdout_is(&format!("{A}\n"));
    }
}

#[test]
fn a_window_of_no_length_is_a_slip() {
    slip("list --since today --until today").stderr_has("the same moment (2026-01-15 00:00:00)");
    slip("list --since 24h --until 1d");
}

#[test]
fn an_age_that_no_job_of_the_window_can_have_is_a_slip() {
    slip("list --since 2d --older-than 5d")
        .stderr_has("--older-than 5d")
        .stderr_has("2026-01-10 12:00:00");
    slip("list --since 2h --stuck 2h").stderr_has("--stuck 2h");
    slip("delete --since 2d --older-than 5d --yes");
    slip("cleanup --since 2d --older-than 5d --yes");
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("status", &"completed")]);
    let args = "list --since 6d --older-than 5d -o ids";
    sandbox.jobctl(args).run().ok().stdout_is(&format!("{A}\n"));
    // Another rule may let go of what --older-than cannot reach.
    let mut args = vec!["cleanup", "--since", "6d", "--older-than", "30d", "--yes"];
    args.extend(["--keep", "completed=1d"]);
    sandbox.jobctl(args).run().ok();
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_sign_before_a_number_or_an_age_is_told_with_what_to_write() {
    for (args, flag, write) in [
        ("list --since -7d", "--since", "7d"),
        ("list --since=-7d", "--since", "7d"),
        ("list --since +7d", "--since", "7d"),
        ("list --since '7d ago'", "--since", "7d"),
        ("list --since \u{2212}7d", "--since", "7d"),
        ("list --until -7d12h30m", "--until", "7d12h30m"),
        ("list --until=-7d12h30m", "--until", "7d12h30m"),
        ("list --older-than -7d", "--older-than", "7d"),
        ("list --older-than=-7d", "--older-than", "7d"),
        ("list --stuck -2h", "--stuck", "2h"),
        ("list --limit -5", "--limit", "5"),
        ("list --limit=-5", "--limit", "5"),
        ("list -n -5", "-n", "5"),
        ("list --offset -5", "--offset", "5"),
        ("list --watch -5s", "--watch", "5s"),
        ("list --busy-timeout -5s", "--busy-timeout", "5s"),
        ("--busy-timeout -5s list", "--busy-timeout", "5s"),
        ("wait $A --timeout -2h", "--timeout", "2h"),
        ("cleanup --keep completed=-7d", "--keep", "7d"),
        ("cleanup --keep-last -3", "--keep-last", "3"),
        ("cleanup --max -3", "--max", "3"),
        ("cleanup --lock-wait -3m", "--lock-wait", "3m"),
        ("delete --max=-3", "--max", "3"),
        ("stats --top -3", "--top", "3"),
        ("stats --stuck-after -3h", "--stuck-after", "3h"),
        ("update $A --if-updated-at -3h", "--if-updated-at", "3h"),
    ] {
        let output = slip(args);
        let first = output.stderr.lines().next().unwrap();
        let value = format!("'{flag}");
        assert!(first.contains(&value), "{value} expected{output}");
        let written = format!("; write {write}");
        // The parser's own frame around it ends with a hint.
        assert!(first.ends_with(&written), "{written:?} expected{output}");
    }
}

#[test]
fn tells_a_sign_as_json_too() {
    let output = slip("list -o json --since -7d");
    let error = output.json_error();
    assert_eq!(error["code"], "usage");
    assert_eq!(
        error["message"],
        "invalid value '-7d' for '--since': it takes no sign; write 7d"
    );
}

#[test]
fn a_number_that_is_none_of_a_flag_is_still_an_unknown_argument() {
    let sandbox = Sandbox::report();
    sandbox.job(B, &[]);
    sandbox
        .jobctl("show -5")
        .run()
        .fails(2)
        .stderr_has("unexpected argument '-5'");
}

#[test]
fn a_text_that_begins_with_a_hyphen_is_told_with_the_line_that_takes_it() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    for (args, line) in [
        ("update $A --title -1", "--title=-1"),
        ("update $A --title -x", "--title=-x"),
        ("update $A --stage -5%", "--stage=-5%"),
        ("update $A --result -1", "--result=-1"),
        ("update $A --project_title -1", "--project_title=-1"),
        (
            "update $A --fail '-bash: ffmpeg: it'\\''s not there'",
            "--fail='-bash: ffmpeg: it'\\''s not there'",
        ),
        ("list --search '-- cut'", "--search='-- cut'"),
        (
            "update $A --fail '-vf: no such filter'",
            "--fail='-vf: no such filter'",
        ),
        ("--db -x.db list", "--db=-x.db"),
        (
            "create --type idea2video --content '- a fox\n- a sea'",
            "--content=$'- a fox\\x0a- a sea'",
        ),
    ] {
        sandbox
            .jobctl(args)
            .run()
            .fails(2)
            .no_stdout()
            .stderr_has("begins as a flag does")
            .stderr_has(&format!("hint: where it is the value, write {line}\n"));
    }
    sandbox.jobctl("update $A --title=-1").run().ok();
    assert_eq!(sandbox.cell(A, "project_title"), "text|-1");
}

#[test]
fn a_window_is_counted_back_from_one_moment() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    for (since, until) in [("5d", "5d"), ("60m", "1h"), ("now", "now"), ("0s", "now")] {
        sandbox
            .jobctl(["list", "--since", since, "--until", until])
            .without_env("JOBCTL_TEST_NOW")
            .run()
            .fails(2)
            .no_stdout()
            .stderr_has("are the same moment");
    }
}

#[test]
fn a_value_that_was_forgotten_is_told_as_such() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    for args in [
        "update $A --title --yes",
        "update $A --title -q",
        "update $A --title",
    ] {
        let run = sandbox.jobctl(args).run().fails(2);
        run.stderr_has("a value is required for '--title <TEXT>'");
    }
    for args in [
        "list --sort -created",
        "list --status -x",
        "cleanup --keep -x",
    ] {
        let run = sandbox.jobctl(args).run().fails(2);
        run.stderr_lacks("where it is the value");
    }
}
