//! The bar: on a terminal one line by bytes, with rate and time left, that is gone at the end; nothing of it in a pipe.

use unicode_width::UnicodeWidthStr as _;

use crate::locks::dump;
use crate::pty::{self, Terminal};
use crate::support::Sandbox;

const COLUMNS: u16 = 80;

/// What a terminal shows in the end, and every line that stood on it for a while.
fn shown(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut screen, mut line, mut was) = (Vec::new(), String::new(), Vec::new());
    let text = text.replace("\u{1b}[2K", "\u{0}");
    for c in text.chars() {
        match c {
            '\n' => screen.push(std::mem::take(&mut line)),
            '\r' | '\0' if !line.is_empty() => was.push(std::mem::take(&mut line)),
            '\r' | '\0' => {}
            c => line.push(c),
        }
    }
    assert_eq!(line, "", "the last line is left open: {text:?}");
    (screen, was)
}

#[test]
fn on_a_terminal_it_is_one_line_and_gone_at_the_end() {
    if !pty::is_here() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("dump.jsonl", dump(20_000));
    let run = sandbox.jobctl("migrate dump.jsonl");
    let screen = Terminal::new(run, COLUMNS).run().ends(0);
    let (end, was) = shown(&screen.text);
    let bars: Vec<&String> = was.iter().filter(|line| line.contains("/s ")).collect();
    assert!(!bars.is_empty(), "{:?}", screen.text);
    for bar in bars {
        // Of a machine that is busy the first bar may be drawn when hardly anything has been read: `16 B/9.54 MiB`.
        let bytes = bar.contains("iB/") || bar.contains(" B/");
        assert!(bytes && bar.ends_with("left"), "{bar:?}");
        assert!(bar.width() <= usize::from(COLUMNS), "{bar:?}");
        // It never goes up or down.
        assert!(!bar.contains('\u{1b}'), "{bar:?}");
    }
    let other = Sandbox::new();
    other.write("dump.jsonl", dump(20_000));
    let piped = other.jobctl("migrate dump.jsonl").run().ok();
    assert_eq!(end.join("\n") + "\n", piped.stderr);
    assert!(!piped.stderr.contains(['\r', '\u{1b}', '█']), "{piped}");
}

#[test]
fn there_is_none_when_it_is_to_be_quiet() {
    if !pty::is_here() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("dump.jsonl", dump(20_000));
    let run = sandbox.jobctl("migrate dump.jsonl -q");
    assert_eq!(Terminal::new(run, COLUMNS).run().ends(0).text, "");
}
