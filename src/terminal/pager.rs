//! The pager: another program that shows long output on a terminal. Text is kept until it is longer than the screen, and a
//! short answer starts no process. A thread hands the text on: a pager left open over a long list must not make the read of
//! the database wait, which would hold up the service.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use signal_hook::consts::{SIGINT, SIGQUIT};
use signal_hook::flag;

use crate::settings::environment::Environment;
use crate::system::signals;
use crate::terminal::screen::Size;
use crate::text::visible;

const STANDARD: &str = "less -FRX";

/// Bytes that are handed to the thread at a time, and the most such chunks that wait there: 64 MiB.
const CHUNK: usize = 64 * 1024;
const CHUNKS: usize = 1024;

/// The most bytes that are kept for the case that the shell does not find the pager.
const KEPT: usize = 4 * 1024 * 1024;

/// Characters that only a shell understands.
const FOR_A_SHELL: &str = "|&;<>()$`\\\"'*?[]#~=%{}!\n";

/// The command line of the pager that the environment asks for; None for no pager.
pub(crate) fn command(environment: &Environment) -> Option<String> {
    let named = environment.jobctl_pager.as_ref();
    let command = named.or(environment.pager.as_ref());
    let command = command.map_or(STANDARD, String::as_str).trim();
    (!command.is_empty() && command != "cat").then(|| command.to_owned())
}

/// The outcome of handing a text to the pager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PagerAnswer {
    Yes,
    /// There is no pager: `close` gives all of it back.
    NoPager,
}

pub(crate) struct Pager {
    command: String,
    size: Size,
    variables: Vec<(&'static str, &'static str)>,
    /// Text that has not been handed on.
    held: String,
    /// Bytes of `held` that have been measured, and the rows of the screen that they take.
    measured: usize,
    rows: usize,
    running: Option<Running>,
    failure: Option<String>,
}

/// The remains of a pager that has been closed.
pub(crate) struct PagerRemains {
    /// Text that the pager did not show, for the terminal itself.
    pub text: String,
    /// The reason why there was no pager though one was wanted.
    pub failure: Option<String>,
}

impl Pager {
    pub(crate) fn new(command: String, environment: &Environment, size: Size) -> Pager {
        // The variables that git sets; and jobctl writes UTF-8 in any locale, so less is to read that.
        let variables = [
            ("LESS", "FRX", environment.less),
            ("LV", "-c", environment.lv),
            ("LESSCHARSET", "utf-8", environment.less_charset),
        ];
        let variables = variables.into_iter().filter(|(_, _, is_set)| !is_set);
        Pager {
            command,
            size,
            variables: variables.map(|(name, value, _)| (name, value)).collect(),
            held: String::new(),
            measured: 0,
            rows: 0,
            running: None,
            failure: None,
        }
    }

    /// Hands a text on; an error when nobody reads any more.
    pub(crate) fn push(&mut self, text: &str) -> io::Result<PagerAnswer> {
        self.held.push_str(text);
        if self.running.is_none() {
            self.measure();
            // The prompt of the shell wants a row too.
            if self.rows < self.size.rows {
                return Ok(PagerAnswer::Yes);
            }
            match self.start() {
                Ok(running) => self.running = Some(running),
                Err(error) => {
                    self.failure = Some(format!("cannot start {}: {error}", self.command));
                    return Ok(PagerAnswer::NoPager);
                }
            }
        } else if self.held.len() < CHUNK {
            return Ok(PagerAnswer::Yes);
        }
        let text = std::mem::take(&mut self.held);
        let Some(running) = &mut self.running else {
            return Ok(PagerAnswer::NoPager);
        };
        if running.send(text) {
            Ok(PagerAnswer::Yes)
        } else if running.is_lost() {
            // Only a shell can fail to find its program: any other command has been started.
            Ok(PagerAnswer::NoPager)
        } else {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    fn measure(&mut self) {
        while let Some(end) = self.held[self.measured..].find('\n') {
            let line = &self.held[self.measured..self.measured + end];
            let columns = self.size.columns.max(1);
            self.rows += visible::width_styled(line).div_ceil(columns).max(1);
            self.measured += end + 1;
        }
    }

    fn start(&self) -> io::Result<Running> {
        let over = Arc::new(AtomicBool::new(false));
        signals::leave_ctrl_c();
        for signal in [SIGINT, SIGQUIT] {
            // The keys are for the pager until it ends. A handler, unlike a signal that is ignored, is not inherited.
            flag::register_conditional_default(signal, Arc::clone(&over))?;
        }
        let by_shell = self.command.contains(|c| FOR_A_SHELL.contains(c));
        let mut command = if by_shell {
            let mut shell = Command::new("sh");
            shell.args(["-c", &self.command]);
            shell
        } else {
            let mut words = self.command.split_whitespace();
            let mut command = Command::new(words.next().unwrap_or_default());
            command.args(words);
            command
        };
        let started = command
            .envs(self.variables.iter().copied())
            .stdin(Stdio::piped())
            .spawn();
        let mut child = started.inspect_err(|_| over.store(true, Ordering::SeqCst))?;
        let (send, receive) = sync_channel(CHUNKS);
        let stdin = child.stdin.take();
        let thread = thread::spawn(move || stdin.map_or(Ok(()), |stdin| hand_on(stdin, &receive)));
        Ok(Running {
            child,
            send: Some(send),
            thread: Some(thread),
            over,
            kept: by_shell.then(String::new),
            not_found: false,
        })
    }

    /// Waits until the pager has been left.
    pub(crate) fn close(mut self) -> PagerRemains {
        let mut text = std::mem::take(&mut self.held);
        if let Some(mut running) = self.running.take() {
            // Nobody may want the rest, which is no error.
            running.send(text);
            text = String::new();
            if running.is_lost() {
                self.failure = Some(format!("cannot start {}", self.command));
                text = running.kept.take().unwrap_or_default();
            }
        }
        PagerRemains {
            text,
            failure: self.failure,
        }
    }
}

/// A pager that has been started.
struct Running {
    child: Child,
    send: Option<SyncSender<String>>,
    thread: Option<JoinHandle<io::Result<()>>>,
    /// Whether the pager has ended, so that Ctrl-C is for this process again.
    over: Arc<AtomicBool>,
    kept: Option<String>,
    not_found: bool,
}

impl Running {
    /// Sends a text to the thread; false when nobody reads any more.
    fn send(&mut self, text: String) -> bool {
        if let Some(kept) = &mut self.kept {
            kept.push_str(&text);
        }
        if self.kept.as_ref().is_some_and(|kept| kept.len() > KEPT) {
            self.kept = None;
        }
        self.send
            .as_ref()
            .is_some_and(|send| send.send(text).is_ok())
    }

    /// Waits for the end, and tells whether a shell did not find the pager while all of its text is still kept.
    fn is_lost(&mut self) -> bool {
        self.end();
        self.not_found && self.kept.is_some()
    }

    fn end(&mut self) {
        self.send = None;
        // A pager that is left early is no error.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if let Ok(status) = self.child.wait() {
            self.not_found = matches!(status.code(), Some(126 | 127));
        }
        self.over.store(true, Ordering::SeqCst);
    }
}

fn hand_on(mut stdin: impl Write, receive: &Receiver<String>) -> io::Result<()> {
    for text in receive {
        stdin.write_all(text.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::terminal::pager::*;

    fn asked(jobctl_pager: Option<&str>, pager: Option<&str>) -> Option<String> {
        command(&Environment {
            jobctl_pager: jobctl_pager.map(str::to_owned),
            pager: pager.map(str::to_owned),
            ..Environment::default()
        })
    }

    #[test]
    fn the_nearer_variable_counts_and_an_empty_one_or_cat_is_no_pager() {
        assert_eq!(asked(None, None).as_deref(), Some("less -FRX"));
        assert_eq!(asked(None, Some("more")).as_deref(), Some("more"));
        assert_eq!(
            asked(Some("most -s"), Some("more")).as_deref(),
            Some("most -s")
        );
        for none in ["", " ", "cat", " cat "] {
            assert_eq!(asked(Some(none), Some("more")), None);
            assert_eq!(asked(None, Some(none)), None);
        }
    }

    #[test]
    fn rows_of_the_screen_are_measured_as_they_are_seen() {
        let size = Size {
            columns: 10,
            rows: 6,
        };
        let mut pager = Pager::new("/nowhere/pager".to_owned(), &Environment::default(), size);
        let mut push = |text: &str| pager.push(text).expect("nobody has gone");
        // An empty line, ten columns in colours, five that are two wide each, and eleven.
        assert_eq!(push("\n\x1b[1;33m1234567890\x1b[0m\n"), PagerAnswer::Yes);
        assert_eq!(
            push("\u{6df1}\u{6d77}\u{7684}\u{706f}\u{5854}\n12345"),
            PagerAnswer::Yes
        );
        assert_eq!(push("678901\nthe sixth"), PagerAnswer::Yes);
        assert_eq!(push("\n"), PagerAnswer::NoPager);
        let closed = pager.close();
        assert!(closed.text.ends_with("the sixth\n"));
        assert!(closed.failure.is_some());
    }
}
