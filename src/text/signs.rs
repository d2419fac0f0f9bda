//! The signs that are drawn beside what is stored: marks, bars, dashes, dots. Where the terminal cannot show them, or a
//! person asks for it, they are ASCII; stored text stays as it is. A process settles once, when it begins, how it draws.

use std::sync::OnceLock;

static ASCII: OnceLock<bool> = OnceLock::new();

/// Sets whether signs are ASCII, before anything is drawn.
pub(crate) fn settle(ascii: bool) {
    // A second call has the same value.
    let _ = ASCII.set(ascii);
}

pub(crate) fn is_ascii() -> bool {
    ASCII.get().copied().unwrap_or(false)
}

fn either(sign: &'static str, ascii: &'static str) -> &'static str {
    if is_ascii() { ascii } else { sign }
}

/// The sign for a rest that is left out.
pub(crate) fn ellipsis() -> &'static str {
    either("…", "...")
}

/// The sign, one column wide, for where a text was cut.
pub(crate) fn cut() -> char {
    if is_ascii() { '~' } else { '…' }
}

/// The sign between the ends of a range.
pub(crate) fn dash() -> &'static str {
    either("–", "-")
}

/// The sign between items in a row.
pub(crate) fn dot() -> &'static str {
    either("·", "|")
}

pub(crate) fn arrow() -> &'static str {
    either("→", "->")
}

/// The sign of an event on a line of time.
pub(crate) fn event() -> &'static str {
    either("●", "*")
}

/// The line of time between two events.
pub(crate) fn line() -> &'static str {
    either("│", "|")
}

/// Cells of a bar that are done, and that are not.
pub(crate) fn cells() -> (&'static str, &'static str) {
    if is_ascii() {
        ("#", ".")
    } else {
        ("▓", "░")
    }
}

/// The mark of a status, given by its symbol in `job`.
pub(crate) fn mark(symbol: &'static str) -> &'static str {
    let ascii = match symbol {
        "·" => ".",
        "▶" => ">",
        "✓" => "+",
        "✗" => "x",
        "⊘" => "-",
        other => other,
    };
    either(symbol, ascii)
}

/// A bar as long as `eighths` of a column; in ASCII at least one column unless it is 0.
pub(crate) fn bar(eighths: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if is_ascii() {
        "#".repeat(((eighths + 4) / 8).max(usize::from(eighths > 0)))
    } else {
        format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
    }
}

/// A column as high as `eighths` of a line, at most 8.
pub(crate) fn step(eighths: usize) -> char {
    const STEPS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const ASCII: [char; 9] = ['.', '_', ':', '-', '=', '+', '*', '%', '#'];
    let steps = if is_ascii() { ASCII } else { STEPS };
    steps[eighths.min(8)]
}

/// Whether a locale has only ASCII, or another character set than UTF-8; false where none is set.
pub(crate) fn is_narrow(locale: Option<&str>) -> bool {
    let Some(locale) = locale else {
        return false;
    };
    let locale = locale.split('@').next().unwrap_or_default();
    match locale.split_once('.') {
        Some((_, set)) => {
            let set = set.to_ascii_lowercase();
            set != "utf-8" && set != "utf8"
        }
        None => locale == "C" || locale == "POSIX",
    }
}

#[cfg(test)]
mod tests {
    use super::is_narrow;

    #[test]
    fn a_locale_says_which_characters_there_are() {
        for narrow in [
            "C",
            "POSIX",
            "en_US.ISO-8859-1",
            "C.ASCII",
            "de_DE.ISO-8859-15@euro",
        ] {
            assert!(is_narrow(Some(narrow)), "{narrow}");
        }
        for wide in [
            "C.UTF-8",
            "en_US.utf8",
            "en_US",
            "de_DE@euro",
            "zh_CN.UTF-8",
        ] {
            assert!(!is_narrow(Some(wide)), "{wide}");
        }
        assert!(!is_narrow(None));
    }
}
