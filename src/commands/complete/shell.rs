//! The words as a shell hands them over, and values as it wants them back.

use clap::ValueEnum;

use super::line::Blank;
use crate::text::visible::{cut, width};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// A value with its description.
#[derive(Debug)]
pub(super) struct Offer {
    pub value: String,
    pub about: String,
}

impl Shell {
    /// The words of the line as the program would get them. None where the last one is not for the program.
    pub(super) fn words(self, raw: &[String]) -> Option<Vec<String>> {
        match self {
            Shell::Bash => {
                let joined = rejoined(raw);
                let is_file = joined
                    .iter()
                    .rev()
                    .nth(1)
                    .is_some_and(|word| word.ends_with(['<', '>']));
                (!is_file).then(|| joined.iter().map(|word| unquoted(word)).collect())
            }
            Shell::Zsh => Some(raw.iter().map(|word| unquoted(word)).collect()),
            // It takes the quotes from all but the word that is being typed.
            Shell::Fish => {
                let (last, before) = raw.split_last()?;
                let before = before.iter().cloned();
                Some(before.chain([unquoted(last)]).collect())
            }
        }
    }

    /// Whether a value is one word of a line, as it is or quoted by the shell.
    pub(super) fn can_say(self, value: &str) -> bool {
        let is_safe =
            |c: char| c.is_alphanumeric() || "._-".contains(c) || (c == ' ' && self != Shell::Bash);
        !value.is_empty()
            && value.chars().all(is_safe)
            && !value.starts_with('-')
            && value.trim() == value
    }

    /// The lines that its script takes. `raw` is the last word as it was given.
    pub(super) fn lines(
        self,
        offers: &[Offer],
        blank: &Blank,
        raw: &str,
        described: Option<usize>,
    ) -> String {
        let widest = offers.iter().map(|offer| width(&offer.value)).max();
        let row = |offer: &Offer| {
            let gap = widest.unwrap_or(0) - width(&offer.value);
            let row = format!("{}{:gap$}  {}", offer.value, "", offer.about);
            row.trim_end().to_owned()
        };
        let mut lines = String::new();
        for offer in offers {
            let line = match self {
                // bash shows what it would insert.
                Shell::Bash => {
                    let Some(before) = raw.strip_suffix(blank.prefix.as_str()) else {
                        continue;
                    };
                    let line = format!("{before}{}", offer.value);
                    match described.filter(|_| offers.len() > 1) {
                        // The last column stays free, for behind it the cursor goes on to a row of its own.
                        Some(columns) if width(&line) + 2 <= columns => {
                            cut(&format!("{before}{}", row(offer)), columns - 1).into_owned()
                        }
                        _ => line,
                    }
                }
                Shell::Zsh if offer.about.is_empty() => offer.value.clone(),
                Shell::Zsh => format!("{}\t{}", offer.value, row(offer)),
                // Without a tab it would say of each value what the flag is for.
                Shell::Fish => format!("{}{}\t{}", blank.listed, offer.value, offer.about),
            };
            lines.push_str(&line);
            lines.push('\n');
        }
        lines
    }
}

/// bash makes words of their own of `=`, `:` and `@`. A value behind a flag may begin with `@`.
fn rejoined(raw: &[String]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for word in raw {
        let is_mark = !word.is_empty() && word.chars().all(|c| "=:@".contains(c));
        let begins =
            |last: &str| word.starts_with('@') && last.starts_with('-') && !last.contains('=');
        match words.last_mut() {
            Some(last) if is_open || (is_mark && !begins(last)) => last.push_str(word),
            _ => words.push(word.clone()),
        }
        is_open = is_mark;
    }
    words
}

/// A word without the quotes of a shell.
fn unquoted(word: &str) -> String {
    let mut unquoted = String::with_capacity(word.len());
    let mut quote = None;
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => unquoted.extend(chars.next()),
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (c, _) => unquoted.push(c),
        }
    }
    unquoted
}
