//! The kind of an archive's line, known by its beginning where the rest was cut off.

use crate::job::row::read::Line;
use crate::job::row::write::{MARK, VERSION};
use crate::job::{Column, ColumnSet};

/// The most bytes that are read of a line: of a longer one the beginning has to do.
pub(crate) const MOST_READ: usize = 1 << 20;

/// The kind of the line that the text begins with, whole or as far as it goes.
pub(crate) fn first(text: &[u8]) -> Line {
    match memchr::memchr(b'\n', text) {
        Some(end) => text.get(..end).map_or(Line::Other, Line::of),
        None => beginning(text),
    }
}

/// The kind of line that could begin so. With nothing at all, a row.
pub(crate) fn beginning(text: &[u8]) -> Line {
    let valid = match std::str::from_utf8(text) {
        Ok(text) => text,
        // Only a character that is cut off at the end.
        Err(error) if error.error_len().is_none() => text
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
        Err(_) => return Line::Other,
    };
    let mut rest = Rest(valid);
    let mut begun = Line::Row;
    match rest.row(&mut begun) {
        Err(Stop::End) => begun,
        Err(Stop::Other) => Line::Other,
        // All of a line but its end.
        Ok(()) if rest.0.is_empty() => Line::of(text),
        Ok(()) if matches!(begun, Line::Later(_)) => begun,
        Ok(()) => Line::Other,
    }
}

/// The reason why a text is not read on.
enum Stop {
    /// The text ends here, and was right so far.
    End,
    /// The text is something else.
    Other,
}

struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Takes a row, and tells on the way of which kind it is. One of a later jobctl may hold anything.
    fn row(&mut self, begun: &mut Line) -> Result<(), Stop> {
        self.take("{")?;
        self.take("\"")?;
        let marked = format!("{MARK}\"");
        if !marked.starts_with(self.0) && !self.0.starts_with(&marked) {
            *begun = Line::Unmarked;
            return self.members(false);
        }
        self.take(&marked)?;
        self.take(":")?;
        self.peek()?;
        let behind = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        let version = self.0.strip_suffix(behind).unwrap_or_default();
        if version.is_empty() {
            return Err(Stop::Other);
        }
        if version != VERSION.to_string() {
            *begun = Line::Later(version.to_owned());
            return Ok(());
        }
        self.0 = behind;
        self.take(",")?;
        self.take("\"")?;
        self.members(true)
    }

    /// Takes the names of columns with values between them, from behind the first quote to the brace. Behind those that
    /// every row has there may be some that are not known, if it is `marked`.
    fn members(&mut self, marked: bool) -> Result<(), Stop> {
        let mut seen = ColumnSet::NONE;
        loop {
            let has_demanded = Column::DEMANDED.iter().all(|it| seen.contains(*it));
            match self.name(marked && has_demanded)? {
                Some(column) if seen.contains(column) => return Err(Stop::Other),
                Some(column) => seen = seen.with(column),
                None => {}
            }
            self.take(":")?;
            self.value()?;
            match self.take(",") {
                Err(Stop::Other) => return self.take("}"),
                taken => taken?,
            }
            self.take("\"")?;
        }
    }

    /// A column, or None for `any` other name.
    fn name(&mut self, any: bool) -> Result<Option<Column>, Stop> {
        if any {
            return Ok(Column::of_name(self.text()?));
        }
        let begun = self.0;
        let fits = |column: &Column| match begun.split_once('"') {
            Some((name, _)) => column.name() == name,
            None => column.name().starts_with(begun),
        };
        let column = Column::ALL.iter().copied().find(fits).ok_or(Stop::Other)?;
        self.0 = begun.split_once('"').ok_or(Stop::End)?.1;
        Ok(Some(column))
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
        self.text()
    }

    /// The same from behind the first quote.
    fn text(&mut self) -> Result<&'a str, Stop> {
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
