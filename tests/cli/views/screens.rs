//! The screens: each file holds one view at several widths, everything that is not printed made visible.

use std::path::{Path, PathBuf};

use snapbox::Data;
use snapbox::data::DataFormat;
use unicode_width::UnicodeWidthStr as _;

use super::{A, B, C, D, E, F, awkward, plain};
use crate::args::Args as _;
use crate::pty::{self, Terminal};
use crate::support::{Run, Sandbox};

const WIDTHS: [u16; 4] = [60, 80, 120, 200];

/// What a person cannot see, as a person can read it.
fn visible(text: &str) -> String {
    text.replace('\u{1b}', "␛")
        .replace('\u{200e}', "⟨left-to-right mark⟩")
}

/// The views one below the other, each under what was typed and how wide the terminal was.
struct Album {
    file: PathBuf,
    pages: String,
}

impl Album {
    fn new(name: &str) -> Album {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/views/screens");
        Album {
            file: folder.join(name),
            pages: String::new(),
        }
    }

    fn page(&mut self, title: &str, text: &str) {
        let rule = "═".repeat(4);
        self.pages
            .push_str(&format!("{rule} {title} {rule}\n{}\n", visible(text)));
    }

    /// The screen, after checks that hold for every view: nothing acts on the terminal, and no line is too long for it.
    #[track_caller]
    fn screen(&mut self, title: &str, run: Run, columns: u16) {
        let plain = self.messages(&format!("{title} · {columns} columns"), run, columns, 0);
        // A cursor is there to be copied, so it is whole.
        let lines = plain.lines().filter(|line| !line.contains("--after"));
        let widest = lines.map(|line| line.width()).max().unwrap_or(0);
        assert!(
            widest <= usize::from(columns),
            "{title}: {widest} of {columns} columns\n{plain}"
        );
    }

    /// The screen of messages, which the terminal wraps.
    #[track_caller]
    fn messages(&mut self, title: &str, run: Run, columns: u16, status: i32) -> String {
        let screen = Terminal::new(run, columns).run().ends(status);
        let plain = screen.plain();
        let acts = |c: char| {
            (c.is_control() && c != '\n')
                || ('\u{202a}'..='\u{202e}').contains(&c)
                || ('\u{2066}'..='\u{2069}').contains(&c)
                || "\u{200f}\u{2028}\u{2029}".contains(c)
        };
        assert!(!plain.contains(acts), "{title}\n{plain:?}");
        self.page(title, &screen.text);
        plain
    }

    #[track_caller]
    fn check(self) {
        let kept = Data::read_from(&self.file, Some(DataFormat::Text)).raw();
        snapbox::assert_data_eq!(self.pages, kept);
    }
}

/// Without colour, at every width.
fn at_every_width(file: &str, sandbox: &Sandbox, commands: &[impl AsRef<str>]) {
    if !pty::is_here() {
        return;
    }
    let mut album = Album::new(file);
    for args in commands {
        let args = args.as_ref();
        for columns in WIDTHS {
            let run = sandbox.jobctl(args).env("NO_COLOR", "1");
            album.screen(&format!("jobctl {}", args.words().join(" ")), run, columns);
        }
    }
    album.check();
}

#[test]
fn list_of_plain_jobs() {
    at_every_width("list-plain.txt", &plain(), &["list"]);
}

#[test]
fn list_of_awkward_jobs() {
    at_every_width("list-awkward.txt", &awkward(), &["list"]);
}

#[test]
fn list_in_its_variants() {
    let commands: [&str; 6] = [
        "list -o wide",
        "list --stuck 10m",
        "list --limit 2",
        "list --no-header",
        "list --fields id,status,title,progress,updated",
        "list --status failed --search 'no such text'",
    ];
    at_every_width("list-variants.txt", &plain(), &commands);
}

#[test]
fn show_of_plain_jobs() {
    let ids = [A, B, C, D, E].map(|id| &id[..8]);
    let commands = ids.map(|id| format!("show {id}"));
    at_every_width("show-plain.txt", &plain(), &commands);
}

#[test]
fn show_of_awkward_jobs() {
    let ids = [A, B, C, D, E, F].map(|id| &id[..8]);
    let commands = ids.map(|id| format!("show {id}"));
    at_every_width("show-awkward.txt", &awkward(), &commands);
}

#[test]
fn both_in_colour() {
    if !pty::is_here() {
        return;
    }
    let (plain, awkward) = (plain(), awkward());
    let mut album = Album::new("colour.txt");
    for columns in WIDTHS {
        album.screen("jobctl list", plain.jobctl("list"), columns);
    }
    for id in [A, B, C, D, E] {
        let title = format!("jobctl show {}", &id[..8]);
        album.screen(&title, plain.jobctl(["show", id]), 80);
    }
    album.screen("jobctl list, awkward", awkward.jobctl("list"), 80);
    album.screen("jobctl show, awkward", awkward.jobctl(["show", E]), 80);
    let dumb = plain.jobctl("list").env("TERM", "dumb");
    album.screen("jobctl list, TERM=dumb", dumb, 80);
    let never = plain.jobctl("list --color never");
    album.screen("jobctl list --color never", never, 80);
    album.check();
}

/// Each command with its exit status, on the same jobs one after the other.
fn at_80_columns(file: &str, sandbox: &Sandbox, commands: &[(&str, i32)]) {
    if !pty::is_here() {
        return;
    }
    let mut album = Album::new(file);
    for (args, status) in commands {
        let run = sandbox.jobctl(*args).env("NO_COLOR", "1");
        let title = format!("jobctl {} ends with {status}", args.words().join(" "));
        album.messages(&title, run, 80, *status);
    }
    album.check();
}

#[test]
fn cleanup_and_its_summary() {
    let commands = [
        ("cleanup --older-than 1h --explain", 0),
        ("cleanup --older-than 1h --dry-run", 0),
        ("cleanup --older-than 1h --archive old.jsonl --yes", 0),
        ("cleanup --older-than 1h --archive old.jsonl --yes", 0),
        ("delete --status queued --dry-run", 0),
    ];
    at_80_columns("cleanup.txt", &plain(), &commands);
}

#[test]
fn errors_and_what_to_do() {
    let commands = [
        ("show ffffffff", 3),
        ("show", 2),
        ("list --status faild", 2),
        ("list --sinse today", 2),
        ("lsit", 2),
        ("update $A --status completed --if-status queued,failed", 4),
        ("delete --yes", 2),
        ("cleanup --yes", 2),
        ("migrate missing.json", 66),
        ("--db missing.db list", 66),
        ("create --type idea2video --content short", 2),
    ];
    at_80_columns("errors.txt", &plain(), &commands);
}

/// Nothing is cut, and there is no bar; colour only by force.
#[test]
fn both_in_a_pipe() {
    let plain = plain();
    let mut album = Album::new("pipe.txt");
    for args in [
        "list",
        "list --no-header",
        "list -o ids",
        "list -o csv --fields id,status,title",
        "show $B",
    ] {
        let title = format!("jobctl {}", args.words().join(" "));
        let output = plain.jobctl(args).run().ok().no_stderr();
        album.page(&title, &output.stdout);
    }
    for args in ["list", "show $B"] {
        let title = format!("CLICOLOR_FORCE=1 jobctl {}", args.words().join(" "));
        let run = plain.jobctl(args).env("CLICOLOR_FORCE", "1");
        album.page(&title, &run.run().ok().no_stderr().stdout);
        let title = format!(
            "CLICOLOR_FORCE=1 NO_COLOR=1 jobctl {}",
            args.words().join(" ")
        );
        let run = plain.jobctl(args).env("CLICOLOR_FORCE", "1");
        let run = run.env("NO_COLOR", "1");
        album.page(&title, &run.run().ok().no_stderr().stdout);
    }
    let awkward = awkward();
    album.page(
        "jobctl list, awkward",
        &awkward.jobctl("list").run().ok().stdout,
    );
    album.check();
}
