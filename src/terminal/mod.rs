//! The terminal: everything that a run writes to stdout and stderr, in colour or not, paged or not, and less with `--quiet`.

mod answer;
pub(crate) mod pager;
pub(crate) mod progress;
pub(crate) mod screen;
pub(crate) mod wakeup;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result};
use indicatif::ProgressBar;

use crate::error::{Failure, Kind};
use crate::settings::environment::Environment;
use crate::settings::options::{ColorWhen, Global};
use crate::system::open;
use crate::terminal::pager::{Pager, PagerAnswer};
use crate::terminal::screen::{Screen, Size};
use crate::text::{json, signs, visible};

/// The context of an error in writing data.
pub(crate) const TO_STDOUT: &str = "writing to stdout";

pub(crate) struct Terminal {
    out: BufWriter<io::Stdout>,
    /// Whether errors are JSON objects.
    json_errors: bool,
    quiet: bool,
    verbose: bool,
    /// Columns of the terminal that stdout is; None when it is no terminal.
    pub width: Option<usize>,
    pub color: bool,
    color_stderr: bool,
    stderr_is_terminal: bool,
    ascii_bars: bool,
    /// Whether a view can be redrawn on stdout.
    pub has_screen: bool,
    screen: Option<Screen>,
    columns: Option<usize>,
    /// The pager to be used, until there is something to page.
    pager_at_hand: Option<Pager>,
    pager: Option<Pager>,
}

impl Terminal {
    pub(crate) fn new(global: &Global, environment: &Environment, json_errors: bool) -> Terminal {
        let is_terminal = io::stdout().is_terminal();
        let stderr_is_terminal = io::stderr().is_terminal();
        let is_narrow = signs::is_narrow(environment.locale.as_deref());
        // Where one of the two is a terminal, output through a pipe is most often seen there as well.
        signs::settle(global.ascii || (is_narrow && (is_terminal || stderr_is_terminal)));
        let wanted = |is_terminal: bool| match global.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto if environment.no_color => false,
            ColorWhen::Auto if environment.clicolor_force => true,
            ColorWhen::Auto => is_terminal && !environment.term_is_dumb(),
        };
        let has_screen = is_terminal && !environment.term_is_dumb();
        let pager = if has_screen && io::stdin().is_terminal() && !global.no_pager {
            pager::command(environment)
        } else {
            None
        };
        let pager =
            pager.map(|command| Pager::new(command, environment, Size::now(environment.columns)));
        Terminal {
            out: BufWriter::with_capacity(64 * 1024, io::stdout()),
            json_errors,
            quiet: global.quiet,
            verbose: global.verbose,
            width: is_terminal.then(|| screen::width(environment.columns)),
            color: wanted(is_terminal),
            color_stderr: wanted(stderr_is_terminal),
            stderr_is_terminal,
            ascii_bars: global.ascii || is_narrow,
            has_screen,
            screen: None,
            columns: environment.columns,
            pager_at_hand: pager,
            pager: None,
        }
    }

    /// The terminal for a command line that could not be parsed, with what could be guessed of its options.
    pub(crate) fn before_parsing(
        environment: &Environment,
        ascii: bool,
        json_errors: bool,
    ) -> Terminal {
        let global = Global {
            db: None,
            output: None,
            quiet: false,
            verbose: false,
            color: ColorWhen::Auto,
            busy_timeout: std::time::Duration::ZERO,
            null: false,
            utc: false,
            no_pager: true,
            excel: false,
            ascii,
        };
        Terminal::new(&global, environment, json_errors)
    }

    /// Writes data to stdout as it is.
    pub(crate) fn data(&mut self, text: &str) -> Result<()> {
        match &mut self.pager {
            None => self.out.write_all(text.as_bytes()).context(TO_STDOUT),
            Some(pager) => match pager.push(text)? {
                PagerAnswer::Yes => Ok(()),
                PagerAnswer::NoPager => self.close_pager(),
            },
        }
    }

    /// Shows data that does not fit the screen in a pager from now on, until an error or the end.
    pub(crate) fn page(&mut self) {
        self.pager = self.pager_at_hand.take();
    }

    /// Waits until the pager has been left.
    fn close_pager(&mut self) -> Result<()> {
        let Some(closed) = self.pager.take().map(Pager::close) else {
            return Ok(());
        };
        self.out
            .write_all(closed.text.as_bytes())
            .context(TO_STDOUT)?;
        self.flush()?;
        if let Some(failure) = closed.failure {
            self.detail(&format!("no pager: {}", visible::one_line(&failure)));
        }
        Ok(())
    }

    pub(crate) fn line(&mut self, text: &str) -> Result<()> {
        self.data(text)?;
        self.data("\n")
    }

    /// Writes what is buffered, for where the next data may take long.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.out.flush().context(TO_STDOUT)
    }

    /// Begins a view that is redrawn on the screen, until `close_screen`, an error or the end.
    pub(crate) fn open_screen(&mut self) -> Result<()> {
        self.screen = Some(Screen::open()?);
        self.data(screen::OPEN)?;
        self.flush()
    }

    /// Draws the view; only lines that differ are written.
    pub(crate) fn draw(&mut self, lines: &[String]) -> Result<()> {
        let size = self.screen_size();
        match &mut self.screen {
            Some(screen) => {
                let frame = screen.frame(lines, size);
                self.data(&frame)?;
                self.flush()
            }
            None => Ok(()),
        }
    }

    pub(crate) fn screen_size(&self) -> Size {
        Size::now(self.columns)
    }

    /// Gives the terminal back as it was before `open_screen`.
    pub(crate) fn close_screen(&mut self) -> Result<()> {
        match self.screen.take() {
            Some(screen) => {
                self.data(screen::CLOSE)?;
                self.flush()?;
                drop(screen);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// A descriptor of stdout, for another thread to write much data to. What is buffered is written before.
    pub(crate) fn stream(&mut self) -> Result<File> {
        self.flush()?;
        Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
    }

    /// Writes a summary or a warning to stderr, unless quiet.
    pub(crate) fn note(&mut self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    pub(crate) fn warn(&mut self, text: &str) {
        let label = self.paint("33", "warning:");
        self.note(&format!("jobctl: {label} {text}"));
    }

    /// Writes a warning to stderr, also when quiet.
    pub(crate) fn notice(&mut self, text: &str) {
        let label = self.paint("33", "warning:");
        self.say(&format!("jobctl: {label} {text}"));
    }

    /// Whether stderr is no terminal, and `--verbose` was not given.
    pub(crate) fn is_unseen(&self) -> bool {
        !self.stderr_is_terminal && !self.verbose
    }

    /// Writes a line to stderr with `--verbose` alone.
    pub(crate) fn detail(&mut self, text: &str) {
        if self.verbose && self.screen.is_none() {
            self.say(text);
        }
    }

    fn say(&mut self, text: &str) {
        if self.stderr_is_terminal && self.pager.is_some() {
            // It belongs behind the pager's text. When the pager has been left, nobody wants to know.
            let _ = self.line(text);
            return;
        }
        // Earlier data is to be seen before this line. When stderr cannot be written there is nobody to tell.
        let _ = self.out.flush();
        if !crate::system::open::is_protected_descriptor(io::stderr()) {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color_stderr {
            format!("\x1b[1;{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Writes an error as text or as a JSON object, and gives its exit status.
    pub(crate) fn fail(&mut self, failure: &Failure) -> u8 {
        // Where this cannot be written, the error cannot either.
        let _ = self.close_screen().and_then(|()| self.close_pager());
        let message = visible::one_line(&failure.message).into_owned();
        if self.json_errors {
            let object = json::error(
                failure.kind.code(),
                &failure.message,
                failure.hint.as_deref(),
            );
            self.say(&object);
        } else {
            let label = self.paint("31", "error:");
            self.say(&format!("jobctl: {label} {message}"));
            if let Some(hint) = &failure.hint {
                let label = self.paint("36", "hint:");
                self.say(&format!("{label} {}", visible::one_line(hint)));
            }
        }
        failure.kind.status()
    }

    /// Waits for the pager and writes what is buffered: an error here changes the exit status.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.close_pager()?;
        self.flush()
    }

    /// Writes help and version texts, which have their own styles, to stdout where they were asked for, else to stderr.
    pub(crate) fn help(
        &mut self,
        styled: &clap::builder::StyledStr,
        is_asked_for: bool,
    ) -> Result<()> {
        let text = if self.color {
            styled.ansi().to_string()
        } else {
            styled.to_string()
        };
        if is_asked_for {
            self.data(&text)?;
            return self.finish();
        }
        self.say(text.trim_end());
        Ok(())
    }

    /// The answer to a question whose default is No; None when there is nobody to ask.
    pub(crate) fn confirm(
        &mut self,
        question: &str,
        interrupted: &AtomicBool,
    ) -> Result<Option<bool>> {
        if !self.stderr_is_terminal {
            return Ok(None);
        }
        self.flush()?;
        let ask = || -> io::Result<()> {
            let mut stderr = io::stderr().lock();
            write!(stderr, "{question} [y/N] ")?;
            stderr.flush()
        };
        let answer = if io::stdin().is_terminal() {
            ask()?;
            answer::read(|| Box::new(io::stdin().lock()), interrupted)?
        } else {
            // The ids came through stdin; the person sits at the controlling terminal.
            let Ok(tty) = open::to_read(Path::new("/dev/tty")) else {
                return Ok(None);
            };
            ask()?;
            answer::read(move || Box::new(BufReader::new(tty)), interrupted)?
        };
        let Some(answer) = answer else {
            let message = "interrupted; nothing was changed";
            return Err(Failure::new(Kind::Interrupted, message).into());
        };
        let answer = answer.trim().to_lowercase();
        Ok(Some(answer == "y" || answer == "yes"))
    }

    /// A bar over the bytes of an input, on a terminal only; it is gone when dropped.
    pub(crate) fn progress(&self, total: Option<u64>) -> ProgressBar {
        let template = match total {
            Some(_) => "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
            None => "{spinner} {bytes} {bytes_per_sec}",
        };
        self.bar(template, total)
    }

    /// A bar over jobs, whose length is to be set; hidden where it is not wanted, else as `progress`.
    pub(crate) fn progress_of_jobs(&self, wanted: bool) -> ProgressBar {
        if wanted {
            self.bar(
                "{wide_bar} {human_pos}/{human_len} jobs {rate}/s {eta} left",
                Some(0),
            )
        } else {
            ProgressBar::hidden()
        }
    }

    /// A line that says what is being waited for, on a terminal only; it is gone when dropped.
    pub(crate) fn status_line(&self) -> ProgressBar {
        self.bar("{wide_msg}", None)
    }

    fn bar(&self, template: &str, total: Option<u64>) -> ProgressBar {
        if self.quiet || !self.stderr_is_terminal {
            ProgressBar::hidden()
        } else {
            progress::bar(template, total, self.ascii_bars)
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.close_screen().and_then(|()| self.close_pager());
    }
}
