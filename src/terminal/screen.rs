//! A view that is redrawn on the terminal's alternate screen, so that the other one comes back untouched. Keys come without
//! Enter and are not shown. This makes the bytes, which `terminal` writes.

use std::fmt::Write;
use std::io;

use anyhow::{Context as _, Result};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::text::visible::cut_styled;

/// Changes to the alternate screen, without a cursor, and with lines cut at the edge.
pub(crate) const OPEN: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";

/// Takes `OPEN` back.
pub(crate) const CLOSE: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub columns: usize,
    pub rows: usize,
}

impl Size {
    /// The size of the terminal; `columns`, and 24 rows, where it does not tell.
    pub(crate) fn now(columns: Option<usize>) -> Size {
        let told = terminal_size::terminal_size()
            .map(|(width, height)| (usize::from(width.0), usize::from(height.0)));
        let (width, height) = told.unwrap_or((0, 0));
        let or = |told: usize, other: usize| if told > 0 { told } else { other };
        Size {
            columns: or(width, columns.unwrap_or(80)),
            rows: or(height, 24),
        }
    }
}

/// An open screen. When it is dropped the terminal takes keys as before.
pub(crate) struct Screen {
    before: Termios,
    shown: Vec<String>,
    size: Option<Size>,
}

impl Screen {
    pub(crate) fn open() -> Result<Screen> {
        let before = tcgetattr(io::stdout()).context("asking the terminal how it is set")?;
        let mut keys = before.clone();
        keys.local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(io::stdout(), OptionalActions::Now, &keys).context("setting the terminal")?;
        Ok(Screen {
            before,
            shown: Vec::new(),
            size: None,
        })
    }

    /// The bytes that turn the shown lines into these; none when they are the same.
    pub(crate) fn frame(&mut self, lines: &[String], size: Size) -> String {
        let mut out = String::new();
        if self.size != Some(size) {
            self.size = Some(size);
            self.shown.clear();
            out.push_str("\x1b[2J");
        }
        let lines: Vec<String> = lines
            .iter()
            .take(size.rows)
            .map(|line| cut_styled(line, size.columns).into_owned())
            .collect();
        for row in 0..lines.len().max(self.shown.len()) {
            let line = lines.get(row).map_or("", String::as_str);
            if self.shown.get(row).map_or("", String::as_str) != line {
                // The row is cleared first: from behind its last column it could not be.
                let _ = write!(out, "\x1b[{};1H\x1b[2K{line}", row + 1);
            }
        }
        self.shown = lines;
        out
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // What was typed and not read is not for the shell.
        let _ = tcsetattr(io::stdout(), OptionalActions::Flush, &self.before);
    }
}

/// The columns of the terminal; `columns`, of the environment, where it does not tell.
pub(crate) fn width(columns: Option<usize>) -> usize {
    terminal_size::terminal_size()
        .map(|(width, _)| usize::from(width.0))
        .filter(|width| *width > 0)
        .or(columns)
        .unwrap_or(80)
}
