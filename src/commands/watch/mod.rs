//! Looking at jobs again and again: `--watch` of `list` and `show`. What is seen is read anew only when somebody has written
//! or the time makes a difference; between two readings nothing is held that could keep the service waiting.

pub(super) mod events;
mod shown;

pub(super) use super::parts::database::follow::{FollowState, FollowedDatabase};
pub(super) use shown::{Shown, gone};

use std::io;
use std::time::{Duration, Instant as Stopwatch};

use anyhow::Result;

use super::parts::arguments::formats::{self, WATCH_LINES};
use crate::context::Context;
use crate::error::Failure;
use crate::render::format::{Output, RecordForm};
use crate::repository::Repository;
use crate::terminal::screen::Size;
use crate::terminal::wakeup::{self, InterruptibleSleep, WakeReason};
use crate::text::signs;
use crate::text::visible::{cut, one_line, width};
use crate::time::{self, Instant};

/// The shortest interval.
const LEAST: Duration = Duration::from_millis(100);

/// What is watched.
pub(super) trait Subject {
    /// In words, for the head of the screen.
    fn title(&self) -> String;

    /// Whether the time alone makes it necessary to read again.
    fn is_due(&self, context: &Context) -> Result<bool>;

    /// Reads what fits a screen of this size.
    fn read(
        &mut self,
        context: &Context,
        repository: &mut dyn Repository,
        size: Size,
    ) -> Result<()>;

    /// The screen below its head, by what was read last.
    fn lines(&self, context: &Context, size: Size) -> Vec<String>;

    /// Reads all of it and prints a line for each difference from what was read before.
    fn tell(&mut self, context: &mut Context, repository: &mut dyn Repository) -> Result<()>;
}

/// The value of `--watch`.
pub(super) fn parse_interval(text: &str) -> Result<Duration, String> {
    match time::parse_duration(text)? {
        interval if interval < LEAST => {
            let least = time::spell_duration(LEAST);
            Err(format!("look every {least} at most"))
        }
        interval => Ok(interval),
    }
}

/// The same where ids may follow, which are easily taken for it.
pub(super) fn parse_interval_before_ids(text: &str) -> Result<Duration, String> {
    parse_interval(text).map_err(|why| format!("{why}; ids go before --watch"))
}

/// Watches until it is told to end.
pub(super) fn run(
    context: &mut Context,
    interval: Duration,
    subject: &mut dyn Subject,
) -> Result<()> {
    let followed = FollowedDatabase::new(context);
    formats::check(context.format, Output::Events)?;
    match (context.format.form(), context.terminal.has_screen) {
        (RecordForm::Lines, true) => {
            let done = show(context, followed, interval, subject);
            let closed = context.terminal.close_screen();
            done.and(closed)
        }
        (RecordForm::Lines, false) => {
            let failure = match (context.terminal.width, context.term()) {
                (None, _) => Failure::usage("'--watch' redraws a terminal, and stdout is none")
                    .hint(WATCH_LINES),
                (Some(_), term) => {
                    let named = match term {
                        Some(term) => format!("TERM={}", one_line(term)),
                        None => "TERM is not set".to_owned(),
                    };
                    let message = format!(
                        "'--watch' redraws the screen, which this terminal cannot ({named})"
                    );
                    Failure::usage(message).hint(format!(
                        "{WATCH_LINES}; or name the terminal, such as TERM=xterm"
                    ))
                }
            };
            Err(failure.into())
        }
        _ => tell(context, followed, interval, subject),
    }
}

/// A line for each event, until the reader goes.
fn tell(
    context: &mut Context,
    mut followed: FollowedDatabase,
    interval: Duration,
    subject: &mut dyn Subject,
) -> Result<()> {
    let mut sleep = InterruptibleSleep::with_reader()?;
    loop {
        let state = followed.state(context)?;
        if state == FollowState::Lost {
            followed.tell_lost(&mut context.terminal);
        }
        if wants_reading(state, context, subject)? {
            let told = followed.read(state, |repository| subject.tell(context, repository));
            // What was told before an error has been told.
            context.terminal.flush()?;
            told?;
        }
        match sleep.until(Stopwatch::now() + interval)? {
            WakeReason::NoReader => return Err(reader_gone()),
            WakeReason::Interrupted => return Err(wakeup::interrupted()),
            _ => {}
        }
    }
}

/// A view on a terminal.
fn show(
    context: &mut Context,
    mut followed: FollowedDatabase,
    interval: Duration,
    subject: &mut dyn Subject,
) -> Result<()> {
    let mut sleep = InterruptibleSleep::of_screen()?;
    // When it was last read or found unchanged.
    let mut seen: Option<Instant> = None;
    let mut size = context.terminal.screen_size();
    let leave = if sleep.has_keys() {
        "q quits"
    } else {
        "Ctrl-C quits"
    };
    context.terminal.open_screen()?;
    let mut next = Stopwatch::now();
    let mut resized = false;
    loop {
        if resized || Stopwatch::now() >= next {
            let state = followed.state(context)?;
            let mut obstacle = state.obstacle();
            if wants_reading(state, context, subject)? || (resized && obstacle.is_none()) {
                let read =
                    followed.read(state, |repository| subject.read(context, repository, size))?;
                obstacle = read.obstacle();
            }
            if obstacle.is_none() {
                seen = Some(context.now());
            }
            next = Stopwatch::now() + interval;
            let mut lines = vec![head(context, subject, seen, obstacle, leave, size)];
            lines.extend(match seen {
                Some(_) => subject.lines(context, size),
                None => Vec::new(),
            });
            context.terminal.draw(&lines)?;
        }
        resized = false;
        match sleep.until(next)? {
            WakeReason::Time => {}
            WakeReason::Quit => return Ok(()),
            WakeReason::NoReader => return Err(reader_gone()),
            WakeReason::Interrupted => return Err(wakeup::interrupted()),
            WakeReason::Resized => resized = true,
            WakeReason::Suspended => {
                context.terminal.close_screen()?;
                wakeup::suspend()?;
                context.terminal.open_screen()?;
                resized = true;
            }
        }
        if resized {
            size = context.terminal.screen_size();
        }
    }
}

fn wants_reading(state: FollowState, context: &Context, subject: &dyn Subject) -> Result<bool> {
    Ok(match state {
        FollowState::Locked | FollowState::Lost => false,
        FollowState::Changed(_) => true,
        FollowState::Same => subject.is_due(context)?,
    })
}

/// What is watched, when it was last looked at, whether it can be, and how to leave.
fn head(
    context: &Context,
    subject: &dyn Subject,
    seen: Option<Instant>,
    obstacle: Option<&str>,
    leave: &str,
    size: Size,
) -> String {
    let seen = seen.map(|at| time::to_the_second(at, &context.zone));
    let state = match (seen, obstacle) {
        (Some(at), None) => at,
        (Some(at), Some(obstacle)) => format!("{obstacle}, as of {at}"),
        (None, obstacle) => obstacle.unwrap_or_default().to_owned(),
    };
    let rest = format!("  {state} {} {leave}", signs::dot());
    let title = subject.title();
    let title = one_line(&title);
    let title = cut(&title, size.columns.saturating_sub(width(&rest)));
    if context.terminal.color {
        format!("\x1b[1m{title}\x1b[0m{rest}")
    } else {
        format!("{title}{rest}")
    }
}

/// As a write to it would say.
fn reader_gone() -> anyhow::Error {
    io::Error::from(io::ErrorKind::BrokenPipe).into()
}
