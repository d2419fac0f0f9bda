//! A line of a page in pieces, each with its colour: cut to the screen first, coloured then.

use crate::text::signs;
use crate::text::visible::{cut, width};

/// The codes of the colours of this page; nothing that they say is not said in words too.
pub(super) const UNCOLOURED: &str = "";
pub(super) const BOLD: &str = "1";
pub(super) const DIM: &str = "2";
pub(super) const BAD: &str = "31";
pub(super) const GOOD: &str = "32";
pub(super) const ODD: &str = "33";
pub(super) const BUSY: &str = "36";
pub(super) const GONE: &str = "90";

#[derive(Default)]
pub(super) struct PageLine(Vec<(String, &'static str)>);

impl PageLine {
    pub(super) fn of(text: impl Into<String>, code: &'static str) -> PageLine {
        PageLine::default().with(text, code)
    }

    pub(super) fn uncoloured(text: impl Into<String>) -> PageLine {
        PageLine::of(text, UNCOLOURED)
    }

    pub(super) fn with(mut self, text: impl Into<String>, code: &'static str) -> PageLine {
        self.0.push((text.into(), code));
        self
    }

    pub(super) fn render(&self, columns: Option<usize>, color: bool) -> String {
        let mut space = columns.unwrap_or(usize::MAX);
        let last = self
            .0
            .iter()
            .rposition(|(text, _)| !text.trim_end().is_empty());
        let mut line = String::new();
        for (index, (text, code)) in self.0.iter().enumerate() {
            let text = match last {
                None => break,
                Some(last) if index > last => break,
                Some(last) if index == last => text.trim_end(),
                Some(_) => text,
            };
            let shown = cut(text, space);
            if color && !code.is_empty() && !shown.trim().is_empty() {
                line.push_str(&format!("\x1b[{code}m{shown}\x1b[0m"))
            } else {
                line.push_str(&shown)
            }
            if width(text) > space {
                break;
            }
            space -= width(text);
        }
        line
    }
}

/// The text with blanks behind it, cut where it is too long.
pub(super) fn left(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let blanks = " ".repeat(columns.saturating_sub(width(&text)));
    format!("{text}{blanks}")
}

/// The text with blanks before it.
pub(super) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// A bar of eighths of a column, at least one where the value is not 0.
pub(super) fn bar(value: u64, most: u64, columns: usize) -> String {
    if value == 0 || most == 0 || columns == 0 {
        return String::new();
    }
    let eighths = (value as f64 / most as f64 * (columns * 8) as f64).round() as usize;
    let eighths = eighths.clamp(1, columns * 8);
    signs::bar(eighths)
}

/// A character for each value, `·` for none.
pub(super) fn sparkline(values: &[u64], most: u64) -> String {
    let step = |value: &u64| match *value {
        0 => signs::step(0),
        value => {
            let step = (value as f64 / most.max(1) as f64 * 8.0).ceil() as usize;
            signs::step(step.clamp(1, 8))
        }
    };
    values.iter().map(step).collect()
}
