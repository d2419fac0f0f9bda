//! Colour, and times in a table.

use super::titled;
use crate::support::Sandbox;

#[test]
fn nothing_is_coloured_when_there_is_no_terminal() {
    titled("The Cat")
        .jobctl("list")
        .run()
        .ok()
        .stdout_lacks("\u{1b}");
    titled("The Cat")
        .jobctl("show beef")
        .run()
        .fails(3)
        .stderr_lacks("\u{1b}");
}

#[test]
fn colour_always_colours_a_table() {
    titled("The Cat")
        .jobctl("list --color always")
        .run()
        .ok()
        .stdout_has("\u{1b}[");
}

#[test]
fn clicolor_force_colours_a_table() {
    titled("The Cat")
        .jobctl("list")
        .env("CLICOLOR_FORCE", "1")
        .run()
        .ok()
        .stdout_has("\u{1b}[");
}

#[test]
fn clicolor_force_of_0_does_not() {
    titled("The Cat")
        .jobctl("list")
        .env("CLICOLOR_FORCE", "0")
        .run()
        .ok()
        .stdout_lacks("\u{1b}");
}

#[test]
fn colour_never_wins_over_clicolor_force() {
    let sandbox = titled("The Cat");
    let run = sandbox
        .jobctl("list --color never")
        .env("CLICOLOR_FORCE", "1");
    run.run().ok().stdout_lacks("\u{1b}");
}

#[test]
fn colour_always_wins_over_no_color() {
    let sandbox = titled("The Cat");
    let run = |sandbox: &Sandbox| sandbox.jobctl("list --color always");
    let plain = run(&sandbox).run().ok();
    let asked_not_to = run(&sandbox).env("NO_COLOR", "1").run().ok();
    asked_not_to
        .stdout_has("\u{1b}[1mID ")
        .stdout_is(&plain.stdout);
}

/// The marks around a cell hold the blanks before the next one too; a job that waits has none.
#[test]
fn each_status_has_its_colour() {
    let sandbox = Sandbox::report();
    let states = [
        ("queued", ""),
        ("processing", "38;5;14"),
        ("completed", "38;5;10"),
        ("failed", "38;5;9"),
        ("cancelled", "38;5;8"),
        ("resting", "38;5;11"),
    ];
    for (status, code) in states {
        let id = format!("{status}-000");
        sandbox.job(&id, &[("status", &status)]);
        let args = [
            "list",
            "--status",
            status,
            "--fields",
            "status,id",
            "--color",
            "always",
            "--no-header",
        ];
        let mark = if status == "resting" {
            '?'
        } else {
            mark_of(status)
        };
        let expected = match code {
            "" => format!("{mark} {status}  {id}\n"),
            code => format!("\u{1b}[{code}m{mark} {status}  \u{1b}[39m{id}\n"),
        };
        sandbox.jobctl(args).run().ok().stdout_is(&expected);
    }
}

fn mark_of(status: &str) -> char {
    match status {
        "queued" => '·',
        "processing" => '▶',
        "completed" => '✓',
        "failed" => '✗',
        _ => '⊘',
    }
}

#[test]
fn data_formats_are_never_coloured() {
    for format in ["json", "jsonl", "csv", "tsv", "ids"] {
        titled("The Cat")
            .jobctl(["list", "-o", format, "--color", "always"])
            .run()
            .ok()
            .stdout_lacks("\u{1b}");
    }
}

#[test]
fn an_unknown_colour_is_a_usage_error() {
    titled("The Cat")
        .jobctl("list --color pink")
        .run()
        .fails(2)
        .stderr_has("pink")
        .stderr_has("never");
}

#[test]
fn a_status_can_be_told_without_colour() {
    let sandbox = Sandbox::service();
    for (number, status) in ["queued", "processing", "completed", "failed", "cancelled"]
        .into_iter()
        .enumerate()
    {
        sandbox.job(
            &format!("{number}aaaaaaa-1111-4111-8111-111111111111"),
            &[("status", &status)],
        );
    }
    let mut output = sandbox.jobctl("list").run().ok();
    for status in ["queued", "processing", "completed", "failed", "cancelled"] {
        output = output.stdout_has(status);
    }
}

#[test]
fn a_table_shows_local_times() {
    let sandbox = titled("The Cat");
    let run = sandbox.jobctl("list -o wide").env("TZ", "America/New_York");
    run.run().ok().stdout_has("2026-01-09 19:00:00");
}

#[test]
fn a_table_shows_utc_with_utc() {
    let sandbox = titled("The Cat");
    let run = sandbox
        .jobctl("list -o wide --utc")
        .env("TZ", "America/New_York");
    run.run().ok().stdout_has("2026-01-10 00:00:00");
}
