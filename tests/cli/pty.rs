//! The binary in a pseudo-terminal, which `script` of util-linux makes: this crate forbids the unsafe calls that would make one here.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use unicode_width::UnicodeWidthStr as _;

use crate::machine::skipped;
use crate::support::Run;

/// What the shell in the terminal says when the terminal is as it must be.
const READY: &str = "the terminal is ready";

/// A run in a terminal of this width.
#[must_use]
pub struct Terminal {
    command: Command,
    columns: u16,
    keys: String,
    input: Option<String>,
    behind: &'static str,
}

/// What stood on the screen, stdout and stderr together, and how the program ended.
#[derive(Debug)]
pub struct Screen {
    pub text: String,
    pub status: i32,
}

/// `script` and `stty` come with every Debian; elsewhere these tests say that they were skipped.
pub fn is_here() -> bool {
    let here = cfg!(target_os = "linux")
        && Command::new("script")
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .is_ok_and(|output| output.status.success());
    if !here {
        skipped("no terminal can be made without script of util-linux");
    }
    here
}

impl Terminal {
    pub fn new(run: Run, columns: u16) -> Terminal {
        let mut command = run.command();
        if !command.get_envs().any(|(name, _)| name == "TERM") {
            command.env("TERM", "xterm-256color");
        }
        Terminal {
            command,
            columns,
            keys: String::new(),
            input: None,
            behind: "",
        }
    }

    /// What the shell reads behind the command, such as where its output goes.
    pub fn behind(mut self, words: &'static str) -> Terminal {
        self.behind = words;
        self
    }

    /// What is typed.
    pub fn keys(mut self, keys: &str) -> Terminal {
        self.keys = keys.to_owned();
        self
    }

    /// What comes from a pipe, beside the terminal.
    pub fn pipe(mut self, input: &str) -> Terminal {
        self.input = Some(input.to_owned());
        self
    }

    #[track_caller]
    pub fn run(self) -> Screen {
        let words = [self.command.get_program()]
            .into_iter()
            .chain(self.command.get_args());
        let words: Vec<String> = words.map(|word| quoted(word.to_str().unwrap())).collect();
        let pipe = self
            .input
            .map(|input| format!("printf %s {} | ", quoted(&input)))
            .unwrap_or_default();
        // Nothing typed is shown, and line ends stay as they were written.
        let stty = format!(
            "stty cols {} rows 24 -echo -onlcr && echo {READY}",
            self.columns
        );
        let line = format!("{stty} && {pipe}{} {}", words.join(" "), self.behind);
        let mut script = Command::new("script");
        script
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .env_clear();
        script.envs(
            self.command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        script
            .env("SHELL", "/bin/sh")
            .current_dir(self.command.get_current_dir().unwrap());
        let mut child = script
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut screen = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        screen.read_line(&mut ready).unwrap();
        assert_eq!(ready.trim_end(), READY);
        let mut keys = child.stdin.take().unwrap();
        keys.write_all(self.keys.as_bytes()).unwrap();
        drop(keys);
        let mut text = String::new();
        screen.read_to_string(&mut text).unwrap();
        assert!(!text.contains("panicked at"), "a panic: {text}");
        Screen {
            text,
            status: child.wait().unwrap().code().unwrap(),
        }
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

impl Screen {
    /// The text without colours, which are the only sequences there may be.
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        let mut rest = self.text.as_str();
        while let Some(at) = rest.find("\u{1b}[") {
            plain.push_str(&rest[..at]);
            let sequence = &rest[at + 2..];
            let end = sequence
                .find(|c: char| !c.is_ascii_digit() && c != ';')
                .unwrap();
            assert!(
                sequence[end..].starts_with('m'),
                "more than a colour: {:?}",
                self.text
            );
            rest = &sequence[end + 1..];
        }
        plain + rest
    }

    pub fn has_colour(&self) -> bool {
        self.text.contains("\u{1b}[")
    }

    pub fn lines(&self) -> Vec<String> {
        self.plain().lines().map(str::to_owned).collect()
    }

    /// The width of the widest line, in columns of the screen.
    pub fn width(&self) -> usize {
        self.lines()
            .iter()
            .map(|line| line.width())
            .max()
            .unwrap_or(0)
    }

    #[track_caller]
    pub fn ends(self, status: i32) -> Screen {
        assert!(
            self.status == status,
            "exit status {status} expected, not {}\n{}",
            self.status,
            self.text
        );
        self
    }

    #[track_caller]
    pub fn has(self, part: &str) -> Screen {
        assert!(
            self.plain().contains(part),
            "{part:?} expected\n{}",
            self.text
        );
        self
    }
}
