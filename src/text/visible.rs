//! Stored text made safe for a terminal, and its width there. Control characters (C0, DEL, C1), line and paragraph
//! separators and bidirectional overrides become visible escapes.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::text::bytes::{self, Word};
use crate::text::signs;

/// Whether a character would change a terminal's state or the order of what is read.
pub(crate) fn acts(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The first bytes of characters that act; other characters begin with some of them too.
#[inline(always)]
pub(crate) fn may_act(word: Word) -> u64 {
    let act = word.below(b' ') | word.equal(0x7f);
    match word.high() {
        0 => act,
        _ => act | word.equal(0xc2) | word.equal(0xd8) | word.equal(0xe2) | word.equal(0xef),
    }
}

/// Text on one line, in which all characters that act are escaped, line breaks too.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    visible(text, false)
}

/// Text of several lines: line breaks stay (CR LF as one), other characters that act are escaped; a tab becomes spaces.
pub(crate) fn block(text: &str) -> Cow<'_, str> {
    visible(text, true)
}

/// Appends a text as `one_line` gives it.
pub(crate) fn push_one_line(out: &mut String, text: &str) {
    match first_that_acts(text) {
        None => out.push_str(text),
        Some(at) => {
            out.push_str(&text[..at]);
            push_visible(out, &text[at..], false);
        }
    }
}

fn first_that_acts(text: &str) -> Option<usize> {
    let at = bytes::first(text.as_bytes(), may_act)?;
    Some(at + text[at..].find(acts)?)
}

fn visible(text: &str, keep_breaks: bool) -> Cow<'_, str> {
    let Some(at) = first_that_acts(text) else {
        return Cow::Borrowed(text);
    };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..at]);
    push_visible(&mut shown, &text[at..], keep_breaks);
    Cow::Owned(shown)
}

fn push_visible(shown: &mut String, text: &str, keep_breaks: bool) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if keep_breaks && chars.peek() == Some(&'\n') => {}
            '\n' if keep_breaks => shown.push('\n'),
            '\t' if keep_breaks => shown.push_str("    "),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if acts(c) && (c as u32) < 0x100 => shown.push_str(&format!("\\x{:02x}", c as u32)),
            c if acts(c) => shown.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => shown.push(c),
        }
    }
}

/// The columns of a terminal that a line takes.
pub(crate) fn width(text: &str) -> usize {
    // Printable ASCII has one each, wherever it stands.
    let is_other = |word: Word| word.below(b' ') | word.equal(0x7f) | word.high();
    match bytes::first(text.as_bytes(), is_other) {
        None => text.len(),
        Some(_) => text.width(),
    }
}

/// The columns that a character adds behind another; for joined emoji it may be too many.
pub(crate) fn step(before: Option<char>, c: char) -> usize {
    const EMOJI_STYLE: char = '\u{fe0f}';
    match (before, c.width()) {
        // It makes a narrow character a wide emoji.
        (Some(before), Some(0)) if c == EMOJI_STYLE && before.width() == Some(1) => 1,
        (_, width) => width.unwrap_or(0),
    }
}

/// A text to be followed by other text on its line. Behind letters that are written from right to left, a mark ends their
/// direction; a terminal that knows about it would draw a number that follows the text in front of it.
pub(crate) fn closed(text: Cow<'_, str>) -> Cow<'_, str> {
    const LEFT_TO_RIGHT: char = '\u{200e}';
    let from_right = |c: char| {
        matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    };
    if text.contains(from_right) && !signs::is_ascii() {
        Cow::Owned(format!("{text}{LEFT_TO_RIGHT}"))
    } else {
        text
    }
}

/// The line cut to at most `columns`, the cut shown by `…`.
pub(crate) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut used = 0;
    let mut before = None;
    for c in text.chars() {
        used += step(before, c);
        if used + 1 > columns {
            break;
        }
        before = Some(c);
        shown.push(c);
    }
    if columns > 0 {
        shown.push(signs::cut());
    }
    Cow::Owned(shown)
}

/// `1 job`, `12,345 jobs`.
pub(crate) fn plural(count: u64, what: &str) -> String {
    format!(
        "{} {what}{}",
        grouped(count),
        if count == 1 { "" } else { "s" }
    )
}

/// `12,345`
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The columns that a line with colours takes.
pub(crate) fn width_styled(line: &str) -> usize {
    let shown = line.split('\x1b').enumerate().map(|(index, part)| {
        let style = part.find('m').filter(|_| index > 0);
        width(style.map_or(part, |end| &part[end + 1..]))
    });
    shown.sum()
}

/// A line with colours, cut as by `cut`.
pub(crate) fn cut_styled(line: &str, columns: usize) -> Cow<'_, str> {
    if !line.contains('\x1b') {
        return cut(line, columns);
    }
    // A style goes up to its `m`; what is shown follows.
    let parts = line.split('\x1b').enumerate().map(|(index, part)| {
        let style = match (index, part.find('m')) {
            (0, _) | (_, None) => 0,
            (_, Some(end)) => end + 1,
        };
        (index > 0, part.split_at(style))
    });
    let total: usize = parts.clone().map(|(_, (_, shown))| width(shown)).sum();
    if total <= columns {
        return Cow::Borrowed(line);
    }
    let (mut out, mut left) = (String::with_capacity(line.len()), columns);
    for (styled, (style, shown)) in parts {
        if styled {
            out.push('\x1b');
            out.push_str(style);
        }
        let part = cut(shown, left);
        out.push_str(&part);
        if part != shown {
            break;
        }
        left -= width(shown);
    }
    out.push_str("\x1b[0m");
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::{acts, may_act, one_line, push_one_line, width};
    use crate::text::bytes::first;

    /// `may_act` must know the first byte of every character of `acts`.
    #[test]
    fn every_character_that_acts_is_seen() {
        for c in ('\0'..=char::MAX).filter(|c| acts(*c)) {
            for text in [format!("{c}"), format!("1234567{c}12345678")] {
                assert_eq!(first(text.as_bytes(), may_act), text.find(c), "{c:?}");
            }
        }
    }

    /// A long plain text, an odd one, and both: what is found by bytes is what is found by characters.
    #[test]
    fn odd_texts_are_shown_and_measured_by_their_characters() {
        for odd in [
            "",
            "a",
            "\t",
            "\r\n",
            "\u{7f}",
            "\u{85}",
            "é",
            "\u{a0}",
            "灯台",
            "\u{202e}",
            "…",
            "！",
            "\u{feff}",
            "👩\u{200d}🚀",
            "e\u{301}",
            "☁\u{fe0f}",
            "\u{61c}",
            "ع",
        ] {
            for plain in ["", "plain", "a plain text that is longer than a block"] {
                for text in [
                    format!("{plain}{odd}"),
                    format!("{odd}{plain}"),
                    format!("{odd}{plain}{odd}"),
                ] {
                    assert_eq!(width(&text), text.width(), "{text:?}");
                    let mut shown = String::from(">");
                    push_one_line(&mut shown, &text);
                    assert_eq!(shown[1..], *one_line(&text));
                    assert!(!shown.contains(acts), "{text:?}");
                    assert_eq!(text.contains(acts), one_line(&text) != text);
                }
            }
        }
    }
}
