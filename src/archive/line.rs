//! What a line of an archive looks like, and what the beginning of one that was cut off looks like.

use crate::job::Column;
use crate::legacy;

/// What is looked at of a line. Of a longer one the beginning has to do.
pub(super) const LOOKED_AT: usize = 1 << 20;

/// Whether the text begins with a row, whole or as far as it goes.
pub(super) fn begins_with_row(text: &[u8]) -> bool {
    match memchr::memchr(b'\n', text) {
        Some(end) => text.get(..end).is_some_and(legacy::is_row),
        None => is_beginning(text),
    }
}

/// Whether a row could begin so. Nothing at all could.
pub(super) fn is_beginning(text: &[u8]) -> bool {
    let valid = match std::str::from_utf8(text) {
        Ok(text) => text,
        // Only a character that is cut off at the end.
        Err(error) if error.error_len().is_none() => text
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
        Err(_) => return false,
    };
    let mut rest = Rest(valid);
    match rest.members() {
        Err(Stop::End) => true,
        Err(Stop::Other) => false,
        // All of a line but its end.
        Ok(()) => rest.0.is_empty() && legacy::is_row(text),
    }
}

/// Why a text is not read on.
enum Stop {
    /// It ends here, and was right so far.
    End,
    /// It is something else.
    Other,
}

struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Takes the braces of an object, and the names of columns with values between them.
    fn members(&mut self) -> Result<(), Stop> {
        self.take("{")?;
        let mut seen = Vec::with_capacity(Column::COUNT);
        loop {
            let name = self.name()?;
            if seen.contains(&name) {
                return Err(Stop::Other);
            }
            seen.push(name);
            self.take(":")?;
            self.value()?;
            match self.take(",") {
                Err(Stop::Other) => return self.take("}"),
                taken => taken?,
            }
        }
    }

    fn name(&mut self) -> Result<Column, Stop> {
        self.take("\"")?;
        let begun = self.0;
        let fits = |column: &Column| match begun.split_once('"') {
            Some((name, _)) => column.name() == name,
            None => column.name().starts_with(begun),
        };
        let column = Column::ALL.iter().copied().find(fits).ok_or(Stop::Other)?;
        self.0 = begun.split_once('"').ok_or(Stop::End)?.1;
        Ok(column)
    }

    /// Text, a number, null, or an object that holds bytes or a number which JSON cannot say.
    fn value(&mut self) -> Result<(), Stop> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' => {
                self.take("{")?;
                loop {
                    if !self.string()?.starts_with('$') {
                        return Err(Stop::Other);
                    }
                    self.take(":")?;
                    self.string()?;
                    match self.take(",") {
                        Err(Stop::Other) => return self.take("}"),
                        taken => taken?,
                    }
                }
            }
            b'n' => self.take("null"),
            b'-' | b'0'..=b'9' => {
                let is_number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
                self.0 = self.0.trim_start_matches(is_number);
                Ok(())
            }
            _ => Err(Stop::Other),
        }
    }

    /// The text between two quotes, as it is written.
    fn string(&mut self) -> Result<&'a str, Stop> {
        self.take("\"")?;
        let text = self.0;
        let mut is_escaped = false;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => {
                    let (inside, behind) = text.split_at(at);
                    self.0 = behind.strip_prefix('"').unwrap_or(behind);
                    return Ok(inside);
                }
                0..0x20 => return Err(Stop::Other),
                _ => {}
            }
        }
        Err(Stop::End)
    }

    /// Takes this word, blanks before it left out.
    fn take(&mut self, word: &str) -> Result<(), Stop> {
        self.0 = self.0.trim_start_matches(' ');
        match self.0.strip_prefix(word) {
            Some(behind) => {
                self.0 = behind;
                Ok(())
            }
            None if word.starts_with(self.0) => Err(Stop::End),
            None => Err(Stop::Other),
        }
    }

    fn peek(&mut self) -> Result<u8, Stop> {
        self.0 = self.0.trim_start_matches(' ');
        self.0.bytes().next().ok_or(Stop::End)
    }
}
