//! The page as a person sees it: `tests/cli/screens/` holds the screens, and `SNAPSHOTS=overwrite` writes them anew.

use std::path::Path;

use snapbox::Data;

use super::{job, set, six};
use crate::pty::{self, Terminal};
use crate::support::Sandbox;

const LONG: &str = "The renderer gave up on the frames of this scene because the model that draws them answered with nothing at all, \
    and there is nobody to ask for more of it than the log of that hour, which is long gone by now";

/// Errors, styles and states in every script, some of them hostile, over some weeks.
fn busy() -> Sandbox {
    let sandbox = six();
    let errors = [
        "Video API returned 429: rate limit exceeded, retry after 60 s",
        "图像生成失败:内容审核未通过, 第3张 (シーン12)",
        "\u{5d4}\u{5e1}\u{5e8}\u{5d8} \u{5dc}\u{5d0} \u{5e0}\u{5d5}\u{5e6}\u{5e8} \u{202e}42",
        "\u{1f680}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} exploded\u{1b}[2J\u{1b}]0;owned\u{7}\r\nin scene 4",
        LONG,
    ];
    for day in 0..25_usize {
        for number in 0..(day * 7) % 5 + 1 {
            let id = format!("{day:04x}{number:04x}-0000-4000-8000-000000000000");
            let status = if number == 2 { "failed" } else { "completed" };
            let at = |minute: usize| format!("{:02} 06:{minute:02}:00", day % 14 + 1);
            let minute = number * 11 + day;
            job(
                &sandbox,
                &id,
                status,
                [&at(0), &at(59), &at(number), &at(minute.min(59))],
            );
            if day > 13 {
                let sql = "UPDATE video_generation_jobs SET created_at = replace(created_at, '2026-01', '2025-12'), \
                    started_at = replace(started_at, '2026-01', '2025-12'), \
                    completed_at = replace(completed_at, '2026-01', '2025-12') WHERE id = ?1";
                sandbox.change(sql, &[&id]);
            }
            if status == "failed" {
                set(&sandbox, &id, "error_message", &errors[day / 5]);
            }
            set(
                &sandbox,
                &id,
                "style",
                &["水墨画", "film noir", "\u{1f3a8} pixel \u{1b}[31mart"][day % 3],
            );
        }
    }
    job(
        &sandbox,
        "a foreign id \u{202e}\n",
        "zu\u{308}gig\u{7f} und sehr lange unterwegs",
        ["14 01:00:00", "14 01:00:00", "", ""],
    );
    sandbox
}

#[track_caller]
fn snapshot(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli/screens")
        .join(name);
    // An escape is made visible, so that a reviewer sees the colours.
    let text = text.replace('\u{1b}', "␛");
    snapbox::assert_data_eq!(
        text,
        Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw()
    );
}

/// The size of the file depends on SQLite's version.
fn without_file(text: &str) -> String {
    let file = text.rfind("File").and_then(|at| text[..at].rfind("\n\n"));
    text[..=file.unwrap()].to_owned()
}

#[test]
fn the_page_fits_every_width() {
    if !pty::is_here() {
        return;
    }
    let sandbox = busy();
    for columns in [60, 80, 120, 200] {
        let run = sandbox.jobctl("stats --by style").env("NO_COLOR", "1");
        let screen = Terminal::new(run, columns).run().ends(0);
        assert!(!screen.has_colour(), "{}", screen.text);
        assert!(
            screen.width() <= usize::from(columns),
            "{} columns\n{}",
            screen.width(),
            screen.text
        );
        let control = |c: char| c.is_control() && c != '\n' && c != '\r';
        assert!(!screen.text.contains(control), "{:?}", screen.text);
        snapshot(&format!("stats-{columns}.txt"), &without_file(&screen.text));
    }
    for columns in [1, 10, 30] {
        Terminal::new(sandbox.jobctl("stats --by style"), columns)
            .run()
            .ends(0);
    }
}

#[test]
fn the_readme_shows_a_screen() {
    if !pty::is_here() {
        return;
    }
    let sandbox = six();
    let run = sandbox.jobctl("stats").env("NO_COLOR", "1");
    let screen = without_file(&Terminal::new(run, 80).run().ends(0).text);
    snapshot("stats-readme.txt", &screen);
    assert!(
        include_str!("../../../README.md").contains(&screen),
        "{screen}"
    );
}

#[test]
fn colours_say_nothing_that_words_do_not() {
    if !pty::is_here() {
        return;
    }
    let sandbox = busy();
    let plain = Terminal::new(sandbox.jobctl("stats").env("NO_COLOR", "1"), 80)
        .run()
        .ends(0);
    let coloured = Terminal::new(sandbox.jobctl("stats"), 80).run().ends(0);
    assert!(coloured.has_colour());
    assert_eq!(coloured.plain(), plain.text);
    snapshot("stats-80-colour.txt", &without_file(&coloured.text));
}

#[test]
fn nothing_is_cut_in_a_pipe() {
    let sandbox = busy();
    let run = sandbox.jobctl("stats --by style").run().ok().no_stderr();
    run.stdout_has(LONG)
        .stdout_has("c3333333-3333-4333-8333-333333333333, silent for")
        .stdout_has("zu\u{308}gig\\x7f und sehr lange unterwegs")
        .stdout_has("exploded\\x1b[<n>J")
        .stdout_lacks("\u{1b}")
        .stdout_lacks("\u{202e}");
}

#[test]
fn the_filter_is_said() {
    let sandbox = six();
    let run = sandbox
        .jobctl("stats --since 36h --status queued")
        .run()
        .ok();
    run.stdout_has("2 jobs with --status queued --since \"36h\" in jobs.db");
}
