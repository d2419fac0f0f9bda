//! On a terminal: the width of tables, colour, what stored text may do, and the questions asked.

use unicode_width::UnicodeWidthStr as _;

use crate::pty::{self, Screen, Terminal};
use crate::support::{A, B, C, D, Run, Sandbox};

const LONG: &str = "The lighthouse keeper who taught a stranded robot to read the weather from the colour of the sea, and what came of it \
    when the robot went home to its own people far beyond the last of the islands";
const CHINESE: &str = "\u{7b2c}\u{4e00}\u{6b21}\u{770b}\u{89c1}\u{5927}\u{6d77}";

/// One job of each state, with long, Chinese and no titles.
fn jobs() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(
        A,
        &[
            ("status", &"processing"),
            ("project_title", &LONG),
            ("current_stage", &"Generating the frames of scene 3"),
            ("progress", &33.3),
        ],
    );
    sandbox.job(
        B,
        &[
            ("status", &"completed"),
            ("project_title", &CHINESE),
            ("progress", &100.0),
            ("current_stage", &CHINESE),
        ],
    );
    sandbox.job(
        C,
        &[
            ("status", &"failed"),
            ("project_title", &CHINESE.repeat(20)),
            ("error_message", &"it broke"),
        ],
    );
    sandbox.job(D, &[("status", &"cancelled")]);
    sandbox.job(
        "e5555555-5555-4555-8555-555555555555",
        &[
            ("status", &"queued"),
            (
                "project_title",
                &"\u{1f680}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} e\u{301}",
            ),
        ],
    );
    sandbox
}

fn screen(run: Run, columns: u16) -> Screen {
    Terminal::new(run, columns).run()
}

/// The column in which the text of a line begins.
fn column_of(line: &str, part: &str) -> Option<usize> {
    line.find(part).map(|at| line[..at].width())
}

#[test]
fn list_fits_the_width() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for columns in [60, 80, 120, 200] {
        let screen = screen(sandbox.jobctl("list"), columns).ends(0);
        assert!(
            screen.width() <= usize::from(columns),
            "{} of {columns} columns\n{}",
            screen.width(),
            screen.text
        );
        assert!(screen.lines().len() >= 6, "{}", screen.text);
    }
}

#[test]
fn a_wide_list_fits_the_width_too() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for columns in [80, 200] {
        let screen = screen(sandbox.jobctl("list -o wide"), columns).ends(0);
        assert!(
            screen.width() <= usize::from(columns),
            "{} of {columns} columns\n{}",
            screen.width(),
            screen.text
        );
    }
}

#[test]
fn a_very_narrow_terminal_is_no_panic() {
    if !pty::is_here() {
        return;
    }
    for columns in [1, 10, 30] {
        screen(jobs().jobctl("list"), columns).ends(0);
    }
}

/// The words of every state, and how wide the narrowest terminal is in which none may be lost.
const STATES: [&str; 5] = [
    "▶ processing",
    "✓ completed",
    "✗ failed",
    "⊘ cancelled",
    "· queued",
];

#[test]
fn a_narrow_page_and_a_narrow_list_keep_the_state() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let e = "e5555555-5555-4555-8555-555555555555";
    for columns in [20, 24, 30, 40, 49, 50] {
        for (id, state) in [A, B, C, D, e].iter().zip(STATES) {
            let screen = screen(sandbox.jobctl(["show", id, "--color", "never"]), columns).ends(0);
            let head: Vec<_> = screen.lines().into_iter().take(2).collect();
            assert!(head.join("\n").contains(state), "{columns}: {head:?}");
            assert!(head[0].contains(&id[..8]), "{columns}: {head:?}");
            assert!(head.iter().all(|line| line.width() <= usize::from(columns)));
        }
        let screen = screen(sandbox.jobctl("list --color never"), columns).ends(0);
        for state in STATES {
            assert!(screen.text.contains(state), "{columns}\n{}", screen.text);
        }
        assert!(screen.width() <= usize::from(columns), "{}", screen.text);
    }
}

#[test]
fn a_narrow_page_keeps_the_progress() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for columns in [20, 24, 30, 40] {
        let screen = screen(sandbox.jobctl("show $A"), columns).ends(0);
        assert!(screen.text.contains("33%"), "{columns}\n{}", screen.text);
        // But for commands, which are never cut.
        let lines = screen.lines();
        let mut page = lines.iter().take_while(|line| line.trim() != "next");
        let fits = |line: &String| line.width() <= usize::from(columns);
        assert!(page.all(fits), "{columns}\n{}", screen.text);
    }
}

#[test]
fn chinese_titles_keep_the_columns_straight() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for columns in [60, 80, 120, 200] {
        let screen = screen(sandbox.jobctl("list"), columns).ends(0);
        let lines = screen.lines();
        let title =
            column_of(&lines[0], "TITLE").unwrap_or_else(|| panic!("no title\n{}", screen.text));
        for (id, start) in [
            ("a1111111", "The li"),
            ("b2222222", &CHINESE[..9]),
            ("c3333333", &CHINESE[..9]),
        ] {
            let line = lines.iter().find(|line| line.starts_with(id)).unwrap();
            let begins = line
                .char_indices()
                .any(|(at, _)| line[..at].width() == title && line[at..].starts_with(start));
            assert!(begins, "{id} at {columns} columns\n{}", screen.text);
        }
        let age = lines[0]
            .rfind("AGE")
            .map(|at| lines[0][..at].width())
            .unwrap()
            + 3;
        let ends: Vec<usize> = lines[1..]
            .iter()
            .filter_map(|line| column_of(line, "5d"))
            .map(|start| start + 2)
            .collect();
        assert_eq!(ends, [age; 5], "at {columns} columns\n{}", screen.text);
    }
}

#[test]
fn a_wide_terminal_shows_more_of_a_title() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    screen(sandbox.jobctl("list"), 200).ends(0).has(&LONG[..60]);
    assert!(
        !screen(sandbox.jobctl("list"), 80)
            .plain()
            .contains(&LONG[..60])
    );
}

#[test]
fn ids_are_short_and_the_short_ones_name_their_jobs() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let screen = screen(sandbox.jobctl("list"), 80).ends(0);
    for line in &screen.lines()[1..6] {
        let id = line.split_whitespace().next().unwrap();
        assert!(id.len() < 36, "{line}");
        sandbox.jobctl(["show", id]).run().ok();
    }
}

#[test]
fn the_state_is_told_without_colour() {
    if !pty::is_here() {
        return;
    }
    let screen = screen(jobs().jobctl("list").env("NO_COLOR", "1"), 80).ends(0);
    for status in ["processing", "completed", "failed", "cancelled", "queued"] {
        assert_eq!(
            screen
                .lines()
                .iter()
                .filter(|line| line.contains(status))
                .count(),
            1,
            "{status}\n{}",
            screen.text
        );
    }
}

#[test]
fn there_is_colour_on_a_terminal() {
    if !pty::is_here() {
        return;
    }
    assert!(screen(jobs().jobctl("list"), 80).ends(0).has_colour());
    assert!(screen(jobs().jobctl("show $A"), 80).ends(0).has_colour());
}

#[test]
fn there_is_no_colour_where_none_is_wanted() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let list = || sandbox.jobctl("list");
    for run in [
        list().env("NO_COLOR", "1"),
        list().env("TERM", "dumb"),
        list().arg("--color").arg("never"),
    ] {
        assert!(!screen(run, 80).ends(0).has_colour());
    }
}

#[test]
fn an_empty_no_color_is_none() {
    if !pty::is_here() {
        return;
    }
    assert!(
        screen(jobs().jobctl("list").env("NO_COLOR", ""), 80)
            .ends(0)
            .has_colour()
    );
}

#[test]
fn the_flag_counts_before_the_environment() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    assert!(
        screen(
            sandbox.jobctl("list --color always").env("NO_COLOR", "1"),
            80
        )
        .ends(0)
        .has_colour()
    );
    assert!(
        !screen(
            sandbox
                .jobctl("list --color never")
                .env("CLICOLOR_FORCE", "1"),
            80
        )
        .ends(0)
        .has_colour()
    );
}

#[test]
fn there_is_no_colour_in_a_pipe() {
    jobs().jobctl("list").run().ok().stdout_lacks("\u{1b}");
}

#[test]
fn colour_is_forced_in_a_pipe() {
    let sandbox = jobs();
    sandbox
        .jobctl("list --color always")
        .run()
        .ok()
        .stdout_has("\u{1b}[");
    sandbox
        .jobctl("list")
        .env("CLICOLOR_FORCE", "1")
        .run()
        .ok()
        .stdout_has("\u{1b}[");
}

#[test]
fn clicolor_force_of_0_forces_nothing() {
    jobs()
        .jobctl("list")
        .env("CLICOLOR_FORCE", "0")
        .run()
        .ok()
        .stdout_lacks("\u{1b}");
}

#[test]
fn nothing_is_cut_in_a_pipe() {
    jobs()
        .jobctl("list")
        .run()
        .ok()
        .stdout_has(LONG)
        .stdout_has(A);
}

#[test]
fn json_on_a_terminal_has_no_colour_and_is_not_cut() {
    if !pty::is_here() {
        return;
    }
    let screen = screen(jobs().jobctl("list -o json"), 60).ends(0);
    let document: serde_json::Value = serde_json::from_str(&screen.text).unwrap();
    assert_eq!(document["jobs"].as_array().unwrap().len(), 5);
}

/// Everything that must never reach a terminal as it is.
const EVIL: &str = "x\u{1b}[2J\u{1b}]0;title\u{7}\r\u{8}\u{7f}\u{9b}31m\u{85}\u{202e}\u{2066}\u{200f}\u{2028}\nline two\ty";

fn evil() -> Sandbox {
    let sandbox = Sandbox::report();
    for id in [A, EVIL] {
        sandbox.job(
            id,
            &[
                ("project_title", &EVIL),
                ("current_stage", &EVIL),
                ("status", &EVIL),
                ("job_type", &EVIL),
            ],
        );
        let cells = [
            "content",
            "user_requirement",
            "style",
            "error_message",
            "working_dir",
            "result_data",
            "context",
            "created_at",
            "episode_id",
        ];
        for column in cells {
            sandbox.change(
                &format!("UPDATE video_generation_jobs SET {column} = ?1"),
                &[&EVIL],
            );
        }
    }
    sandbox
}

#[track_caller]
fn is_harmless(text: &str) {
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || "\u{202a}\u{202b}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2028}\u{2029}\u{200f}"
                .contains(c)
    };
    let found: Vec<char> = text.chars().filter(|c| bad(*c)).collect();
    assert!(found.is_empty(), "{found:?} in\n{text:?}");
}

#[test]
fn stored_text_does_nothing_to_the_terminal() {
    if !pty::is_here() {
        return;
    }
    let sandbox = evil();
    for args in [
        "list",
        "list -o wide",
        "show $A",
        "show $A --full",
        "list -o ids",
    ] {
        is_harmless(&screen(sandbox.jobctl(args), 120).plain());
    }
}

#[test]
fn stored_text_in_a_table_of_a_list_stays_on_its_line() {
    if !pty::is_here() {
        return;
    }
    let screen = screen(evil().jobctl("list"), 120).ends(0);
    let lines = screen.lines();
    assert!(
        !lines
            .iter()
            .any(|line| line.trim_start().starts_with("line two")),
        "{}",
        screen.text
    );
}

#[test]
fn stored_text_does_nothing_in_a_question_or_an_error() {
    if !pty::is_here() {
        return;
    }
    let sandbox = evil();
    for args in [
        &["delete", "--status", EVIL][..],
        &["delete", "--search", EVIL, "--dry-run"],
        &["show", EVIL],
        &["show", "no\u{1b}[2Jbody"],
    ] {
        is_harmless(
            &Terminal::new(sandbox.jobctl(args), 120)
                .keys("n\n")
                .run()
                .plain(),
        );
    }
}

#[test]
fn stored_text_does_nothing_in_a_pipe_either() {
    let sandbox = evil();
    for args in ["list", "list -o wide", "show $A"] {
        is_harmless(&sandbox.jobctl(args).run().stdout);
    }
}

#[test]
fn show_cuts_long_text_to_the_screen_unless_full() {
    if !pty::is_here() {
        return;
    }
    let sandbox = Sandbox::report();
    let content: String = (0..2000).map(|n| format!("word{n} ")).collect();
    sandbox.job(A, &[("content", &content)]);
    let cut = screen(sandbox.jobctl("show $A"), 80).ends(0);
    assert!(!cut.plain().contains("word1999"), "{}", cut.text);
    assert!(
        cut.lines().len() < 100 && cut.width() <= 80,
        "{} lines of {}\n{}",
        cut.lines().len(),
        cut.width(),
        cut.text
    );
    let full = screen(sandbox.jobctl("show $A --full"), 80).ends(0);
    assert!(
        full.plain().contains("word0") && full.plain().contains("word1999"),
        "{}",
        full.text
    );
    sandbox.jobctl("show $A").run().ok().stdout_has("word1999");
}

#[test]
fn show_fits_the_width() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for id in [A, B, C] {
        for columns in [60, 80, 200] {
            let screen = screen(sandbox.jobctl(["show", id]), columns).ends(0);
            assert!(
                screen.width() <= usize::from(columns),
                "{} of {columns} columns\n{}",
                screen.width(),
                screen.text
            );
        }
    }
}

fn delete_cancelled(sandbox: &Sandbox, keys: &str) -> Screen {
    Terminal::new(sandbox.jobctl("delete --status cancelled,failed"), 80)
        .keys(keys)
        .run()
}

#[test]
fn a_question_shows_the_number_the_filter_and_the_file() {
    if !pty::is_here() {
        return;
    }
    let screen = delete_cancelled(&jobs(), "n\n");
    screen
        .has("2 jobs")
        .has("--status")
        .has("cancelled,failed")
        .has("jobs.db")
        .has("[y/N]");
}

#[test]
fn no_is_the_answer_when_none_is_given() {
    if !pty::is_here() {
        return;
    }
    for keys in ["\n", "n\n", "no\n", "what\n", ""] {
        let sandbox = jobs();
        delete_cancelled(&sandbox, keys).ends(4);
        assert_eq!(sandbox.count(), 5, "{keys:?}");
    }
}

#[test]
fn y_and_yes_are_consent() {
    if !pty::is_here() {
        return;
    }
    for keys in ["y\n", "Y\n", "yes\n"] {
        let sandbox = jobs();
        delete_cancelled(&sandbox, keys).ends(0);
        assert_eq!(sandbox.count(), 3, "{keys:?}");
    }
}

#[test]
fn ids_as_arguments_are_consent() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let screen = screen(sandbox.jobctl("delete $C $D"), 80).ends(0);
    assert!(!screen.text.contains("[y/N]"), "{}", screen.text);
    assert_eq!(sandbox.count(), 3);
}

#[test]
fn yes_asks_nothing() {
    if !pty::is_here() {
        return;
    }
    let screen = screen(jobs().jobctl("delete --status failed --yes"), 80);
    assert!(!screen.text.contains("[y/N]"), "{}", screen.text);
}

#[test]
fn a_selection_of_nothing_asks_nothing() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let screen = screen(sandbox.jobctl("delete --type script2video"), 80).ends(0);
    assert!(!screen.text.contains("[y/N]"), "{}", screen.text);
}

/// The screen of a run that asks about this number of jobs and is answered with these keys.
#[track_caller]
fn asked(terminal: Terminal, keys: &str, status: i32, jobs: &str) -> String {
    let screen = terminal.keys(keys).run().ends(status);
    screen.has(jobs).has("jobs.db").has("[y/N]").text
}

#[test]
fn cleanup_asks_too() {
    if !pty::is_here() {
        return;
    }
    for (keys, status, left) in [("\n", 4, 5), ("y\n", 0, 2)] {
        let sandbox = jobs();
        let terminal = Terminal::new(sandbox.jobctl("cleanup --older-than 1d"), 80);
        let screen = asked(terminal, keys, status, "3 jobs");
        assert_eq!(sandbox.count(), left, "{screen}");
    }
}

#[test]
fn ids_from_a_pipe_are_asked_for_on_the_terminal() {
    if !pty::is_here() {
        return;
    }
    let queued = "SELECT count(*) FROM video_generation_jobs WHERE status = 'queued'";
    let all = "SELECT count(*) FROM video_generation_jobs";
    for (args, keys, status, count, is) in [
        ("delete -", "y\n", 0, all, "3"),
        ("delete -", "\n", 4, all, "5"),
        ("update - --requeue", "y\n", 0, queued, "3"),
        ("update - --requeue", "\n", 4, queued, "1"),
    ] {
        let sandbox = jobs();
        let terminal = Terminal::new(sandbox.jobctl(args), 80).pipe(&format!("{C}\n{D}\n"));
        let screen = asked(terminal, keys, status, "2 jobs");
        assert_eq!(sandbox.ask(count), is, "{args}: {screen}");
    }
}

#[test]
fn an_empty_list_says_so_on_a_terminal() {
    if !pty::is_here() {
        return;
    }
    let screen = screen(Sandbox::report().jobctl("list"), 80).ends(0);
    assert!(!screen.plain().trim().is_empty(), "{:?}", screen.text);
}
