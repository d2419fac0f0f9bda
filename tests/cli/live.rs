//! Runs that stay: a terminal whose screen is looked at while the program draws on it, and a pipe that is read line by line.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthChar as _;

use crate::support::Run;

/// How long a test waits for what must happen; it is told as a failure then.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is said when the program begins.
const READY: &str = "the program begins";

/// What is said when it has ended, before its status.
const END: &str = "the program has ended: ";

/// A program in a terminal.
pub struct Live {
    script: Child,
    keys: Option<ChildStdin>,
    received: Receiver<Vec<u8>>,
    /// All that it has written.
    pub raw: Vec<u8>,
    tty: String,
    /// How the terminal was set before, as `stty -g` says it.
    before: String,
    pub pid: String,
    size: (usize, usize),
}

/// How it ended.
pub struct Ended {
    pub status: String,
    pub before: String,
    pub after: String,
    pub raw: String,
}

impl Live {
    pub fn start(run: Run, columns: usize, rows: usize) -> Live {
        let command = run.command();
        let words = [command.get_program()]
            .into_iter()
            .chain(command.get_args());
        let words: Vec<String> = words
            .map(|word| format!("'{}'", word.to_str().unwrap()))
            .collect();
        // The shell outlives the signals that the keys of the terminal send.
        let line = format!(
            "stty cols {columns} rows {rows} -onlcr && tty && stty -g && trap : INT QUIT TERM && \
             sh -c 'echo $$ && echo {READY} && exec \"$0\" \"$@\"' {}; echo \"{END}$?\" && stty -g",
            words.join(" ")
        );
        let mut script = Command::new("script");
        script
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .env_clear()
            .envs(
                command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("SHELL", "/bin/sh")
            .current_dir(command.get_current_dir().unwrap());
        if !command.get_envs().any(|(name, _)| name == "TERM") {
            script.env("TERM", "xterm-256color");
        }
        let mut script = script
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(script.stdout.take().unwrap());
        let mut next = || {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            line.trim().to_owned()
        };
        let (tty, before, pid) = (next(), next(), next());
        assert_eq!(next(), READY);
        let (send, received) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                if send.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Live {
            keys: script.stdin.take(),
            script,
            received,
            raw: Vec::new(),
            tty,
            before,
            pid,
            size: (columns, rows),
        }
    }

    /// What stands on the screen now.
    pub fn screen(&mut self) -> Screen {
        while let Ok(bytes) = self.received.try_recv() {
            self.raw.extend(bytes);
        }
        self.look()
    }

    fn look(&self) -> Screen {
        Screen::of(&String::from_utf8_lossy(&self.raw), self.size)
    }

    /// Waits until the screen is so.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut condition: impl FnMut(&Screen) -> bool) -> Screen {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if condition(&screen) {
                return screen;
            }
            let left = PATIENCE.saturating_sub(start.elapsed());
            match self.received.recv_timeout(left) {
                Ok(bytes) => self.raw.extend(bytes),
                Err(_) => panic!("{what} has not come to be\n{}", screen.text()),
            }
        }
    }

    /// Waits until this has been written, whatever sequences of a terminal are around it.
    #[track_caller]
    pub fn until_written(&mut self, part: &str) {
        let start = Instant::now();
        loop {
            let raw = String::from_utf8_lossy(&self.raw).into_owned();
            if raw.contains(part) {
                return;
            }
            let left = PATIENCE.saturating_sub(start.elapsed());
            match self.received.recv_timeout(left) {
                Ok(bytes) => self.raw.extend(bytes),
                Err(_) => panic!("{part:?} has not been written\n{raw}"),
            }
        }
    }

    pub fn type_keys(&mut self, keys: &str) {
        let typed = self.keys.as_mut().unwrap();
        typed.write_all(keys.as_bytes()).unwrap();
        typed.flush().unwrap();
    }

    pub fn resize(&mut self, columns: usize, rows: usize) {
        self.size = (columns, rows);
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let stty = Command::new("stty")
            .args(["-F", &self.tty, "cols", &columns, "rows", &rows])
            .status();
        assert!(stty.unwrap().success());
    }

    pub fn signal(&self, signal: &str) {
        let line = format!("kill -{signal} {}", self.pid);
        let status = Command::new("sh").args(["-c", &line]).status();
        assert!(status.unwrap().success());
    }

    /// Whether it has stopped, as after Ctrl-Z.
    pub fn has_stopped(&self) -> bool {
        stat(&self.pid)[0] == "T"
    }

    /// How often the program has read from files.
    pub fn reads(&self) -> u64 {
        reads(&self.pid)
    }

    /// Waits for the end.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        let start = Instant::now();
        let raw = loop {
            let raw = String::from_utf8_lossy(&self.raw).into_owned();
            let tail = raw.split_once(END).map(|(_, tail)| tail.to_owned());
            if tail.is_some_and(|tail| tail.matches('\n').count() == 2) {
                break raw;
            }
            match self
                .received
                .recv_timeout(PATIENCE.saturating_sub(start.elapsed()))
            {
                Ok(bytes) => self.raw.extend(bytes),
                Err(_) => panic!("it has not ended\n{raw}"),
            }
        };
        drop(self.keys.take());
        self.script.wait().unwrap();
        let (raw, tail) = raw.split_once(END).unwrap();
        let mut tail = tail.lines().map(str::trim);
        Ended {
            status: tail.next().unwrap().to_owned(),
            before: std::mem::take(&mut self.before),
            after: tail.next().unwrap().to_owned(),
            raw: raw.to_owned(),
        }
    }
}

/// A test that fails leaves nothing running.
impl Drop for Live {
    fn drop(&mut self) {
        if let Ok(None) = self.script.try_wait() {
            let line = format!("kill -KILL {}", self.pid);
            let _ = Command::new("sh").args(["-c", &line]).status();
            let _ = self.script.kill();
            let _ = self.script.wait();
        }
    }
}

impl Ended {
    /// The terminal is as it was.
    #[track_caller]
    pub fn restored(self, status: i32) -> Ended {
        assert_eq!(self.status, status.to_string(), "{}", self.raw);
        assert_eq!(self.before, self.after);
        let screen = Screen::of(&self.raw, (200, 50));
        assert!(
            !screen.is_other,
            "the other screen is still there: {:?}",
            self.raw
        );
        assert!(screen.has_cursor, "there is no cursor: {:?}", self.raw);
        assert!(screen.wraps, "lines do not wrap: {:?}", self.raw);
        self
    }
}

/// How often a process has read from files.
pub fn reads(pid: &str) -> u64 {
    let told = std::fs::read_to_string(format!("/proc/{pid}/io")).unwrap();
    let count = told.lines().find_map(|line| line.strip_prefix("syscr: "));
    count.unwrap().parse().unwrap()
}

/// How often a process has gone to sleep.
pub fn sleeps(pid: &str) -> u64 {
    let told = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let mut lines = told.lines();
    let count = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count.unwrap().trim().parse().unwrap()
}

/// The processor time that a process has used, in hundredths of a second.
pub fn ticks(pid: &str) -> u64 {
    let fields = stat(pid);
    let field = |place: usize| fields[place].parse::<u64>().unwrap();
    field(11) + field(12)
}

/// What the system tells of a process, from its state on.
fn stat(pid: &str) -> Vec<String> {
    let told = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = told.rsplit_once(')').unwrap();
    fields.split_whitespace().map(str::to_owned).collect()
}

/// A terminal, as far as the program uses one.
pub struct Screen {
    rows: Vec<Vec<char>>,
    at: (usize, usize),
    columns: usize,
    pub is_other: bool,
    pub has_cursor: bool,
    pub wraps: bool,
    pub has_scrolled: bool,
}

impl Screen {
    fn of(raw: &str, (columns, rows): (usize, usize)) -> Screen {
        let mut screen = Screen {
            rows: vec![vec![' '; columns]; rows],
            at: (0, 0),
            columns,
            is_other: false,
            has_cursor: true,
            wraps: true,
            has_scrolled: false,
        };
        let mut chars = raw.chars();
        while let Some(c) = chars.next() {
            match c {
                '\u{1b}' => {
                    match chars.next() {
                        Some('[') => {}
                        // A character set.
                        Some('(') => {
                            chars.next();
                            continue;
                        }
                        // A line back, as less draws what is above.
                        Some('M') => {
                            screen.line_back();
                            continue;
                        }
                        _ => continue,
                    }
                    let mut parameters = String::new();
                    let end = chars.find(|c| {
                        let is_end = c.is_ascii_alphabetic();
                        if !is_end {
                            parameters.push(*c);
                        }
                        is_end
                    });
                    if let Some(end) = end {
                        screen.sequence(&parameters, end);
                    }
                }
                '\r' => screen.at.1 = 0,
                '\n' => screen.line_feed(),
                c => screen.put(c),
            }
        }
        screen
    }

    fn sequence(&mut self, parameters: &str, end: char) {
        match (parameters, end) {
            ("?1049", 'h' | 'l') => {
                self.is_other = end == 'h';
                self.clear();
            }
            ("?25", 'h' | 'l') => self.has_cursor = end == 'h',
            ("?7", 'h' | 'l') => self.wraps = end == 'h',
            ("2", 'J') => self.clear(),
            ("2", 'K') => self.rows[self.at.0].fill(' '),
            ("" | "0", 'K') => self.rows[self.at.0][self.at.1.min(self.columns - 1)..].fill(' '),
            ("", 'H') => self.at = (0, 0),
            (place, 'H') => {
                let (row, column) = place.split_once(';').unwrap();
                let number = |text: &str| text.parse::<usize>().unwrap() - 1;
                // A frame for the size before may still come after it has changed.
                self.at = (number(row).min(self.rows.len() - 1), number(column));
            }
            (_, 'm') => {}
            // How less has the arrow keys.
            ("?1", 'h' | 'l') => {}
            // What a line of progress uses.
            (_, 'A' | 'C' | 'D') => {}
            other => panic!("a sequence that nobody expects: {other:?}"),
        }
    }

    fn clear(&mut self) {
        for row in &mut self.rows {
            row.fill(' ');
        }
    }

    fn line_feed(&mut self) {
        if self.at.0 + 1 < self.rows.len() {
            self.at.0 += 1
        } else {
            self.rows.remove(0);
            self.rows.push(vec![' '; self.columns]);
            self.has_scrolled = true;
        }
    }

    fn line_back(&mut self) {
        match self.at.0 {
            0 => {
                self.rows.pop();
                self.rows.insert(0, vec![' '; self.columns]);
            }
            row => self.at.0 = row - 1,
        }
    }

    fn put(&mut self, c: char) {
        let width = c.width().unwrap_or(0);
        if self.at.1 + width > self.columns {
            if !self.wraps {
                return;
            }
            self.at.1 = 0;
            self.line_feed();
        }
        let row = &mut self.rows[self.at.0];
        row[self.at.1..self.at.1 + width].fill('\0');
        if width > 0 {
            row[self.at.1] = c;
        }
        self.at.1 += width;
    }

    pub fn lines(&self) -> Vec<String> {
        let line = |row: &Vec<char>| row.iter().filter(|c| **c != '\0').collect::<String>();
        let lines = self.rows.iter().map(line);
        lines.map(|line| line.trim_end().to_owned()).collect()
    }

    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    pub fn has(&self, part: &str) -> bool {
        self.text().contains(part)
    }
}

/// A program whose stdout is read line by line.
pub struct Stream {
    pub child: Child,
    lines: Receiver<String>,
}

impl Stream {
    pub fn start(run: Run) -> Stream {
        let mut command = run.command();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        thread::spawn(move || {
            for line in stdout.lines() {
                if send.send(line.unwrap()).is_err() {
                    break;
                }
            }
        });
        Stream { child, lines }
    }

    /// The next line, as JSON.
    #[track_caller]
    pub fn next(&mut self) -> serde_json::Value {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => serde_json::from_str(&line).unwrap(),
            Err(RecvTimeoutError::Timeout) => panic!("no line comes"),
            Err(RecvTimeoutError::Disconnected) => panic!("it has ended: {}", self.end().1),
        }
    }

    /// The next line: its event, the job's id and its status.
    #[track_caller]
    pub fn event(&mut self) -> (String, String, String) {
        let line = self.next();
        let text = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
        (text("event"), text("job_id"), text("status"))
    }

    /// Whether nothing has come that was not asked for.
    pub fn is_silent(&self) -> bool {
        self.lines.try_recv().is_err()
    }

    pub fn signal(&self, signal: &str) {
        let line = format!("kill -{signal} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &line]).status();
        assert!(status.unwrap().success());
    }

    /// Waits for the end: the status, and what was said on stderr.
    #[track_caller]
    pub fn end(&mut self) -> (i32, String) {
        let status = crate::locks::end(&mut self.child);
        let mut stderr = String::new();
        let mut pipe = self.child.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        (status.code().unwrap(), stderr)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
