//! The check whether a text is JSON, of which an examination of a database makes one for each column of each job. What programs
//! write (one line, without deep nesting) is told at a glance; whatever else there is, the parser judges.

use memchr::memchr2;
use serde_json::value::RawValue;

/// Whether the text is JSON.
pub(crate) fn is_json(text: &str) -> bool {
    is_plain(text.as_bytes()) || serde_json::from_str::<&RawValue>(text).is_ok()
}

/// Whether the bytes of a text are JSON without control characters, nested at most 63 levels deep. Others may be JSON too.
fn is_plain(json: &[u8]) -> bool {
    // The compiler looks at many bytes at once.
    let least = json.iter().fold(u8::MAX, |least, byte| least.min(*byte));
    let plain = Plain {
        json,
        at: 0,
        open: 1,
    };
    least >= b' ' && plain.whole_value().is_some()
}

/// A text that has been read up to a byte.
struct Plain<'a> {
    json: &'a [u8],
    at: usize,
    /// A bit for each container that is open, 1 for an object, below one that ends them.
    open: u64,
}

impl Plain<'_> {
    /// Reads one value, and nothing but blanks behind it.
    fn whole_value(mut self) -> Option<()> {
        loop {
            self.blanks();
            let is_empty = match self.next()? {
                b'{' => self.begin(1, b'}')?,
                b'[' => self.begin(0, b']')?,
                b'"' => self.string().map(|()| true)?,
                b't' => self.word(b"rue")?,
                b'f' => self.word(b"alse")?,
                b'n' => self.word(b"ull")?,
                first => self.number(first)?,
            };
            if is_empty && self.behind_value()? {
                return Some(());
            }
        }
    }

    /// Begins a container; true when it ends at once, else its first value is next.
    fn begin(&mut self, kind: u64, end: u8) -> Option<bool> {
        if self.open >> 63 == 1 {
            return None;
        }
        self.open = self.open << 1 | kind;
        self.blanks();
        let is_empty = self.peek() == Some(end);
        if !is_empty && kind == 1 {
            self.key()?;
        }
        Some(is_empty)
    }

    /// Reads up to the next value; true when there is none, and the text ends.
    fn behind_value(&mut self) -> Option<bool> {
        loop {
            self.blanks();
            if self.open == 1 {
                return (self.at == self.json.len()).then_some(true);
            }
            match (self.next()?, self.open & 1) {
                (b',', 0) => return Some(false),
                (b',', _) => {
                    self.blanks();
                    return self.key().map(|()| false);
                }
                (b'}', 1) | (b']', 0) => self.open >>= 1,
                _ => return None,
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn blanks(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn key(&mut self) -> Option<()> {
        if self.next()? != b'"' {
            return None;
        }
        self.string()?;
        self.blanks();
        (self.next()? == b':').then_some(())
    }

    /// Reads a string behind its quote.
    fn string(&mut self) -> Option<()> {
        loop {
            self.at += memchr2(b'"', b'\\', &self.json[self.at..])? + 1;
            if self.json[self.at - 1] == b'"' {
                return Some(());
            }
            match self.next()? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => {
                    let digits = self.json.get(self.at..self.at + 4)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    self.at += 4;
                }
                _ => return None,
            }
        }
    }

    fn word(&mut self, rest: &[u8]) -> Option<bool> {
        let is_it = self.json[self.at..].starts_with(rest);
        self.at += rest.len();
        is_it.then_some(true)
    }

    fn number(&mut self, first: u8) -> Option<bool> {
        let first = match first {
            b'-' => self.next()?,
            first => first,
        };
        match first {
            b'0' => {}
            b'1'..=b'9' => {
                self.digits();
            }
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits().then_some(())?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits().then_some(())?;
        }
        Some(true)
    }

    /// Passes over digits; false where there is none.
    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at > start
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn parses(text: &str) -> bool {
        serde_json::from_str::<&RawValue>(text).is_ok()
    }

    #[test]
    fn what_programs_write_is_told_at_a_glance() {
        let value = json!({"a": [], "b": {}, "c": [1, -2.5e-7, true, false, null], "d": {"\u{e9}\"\\/": "a\nb\u{1}\u{1f600}"}, "": 0});
        assert!(is_plain(value.to_string().as_bytes()));
        for text in [
            "0",
            "-0",
            "1e5",
            "1.5E+3",
            "\"\"",
            " null ",
            "[ ]",
            "{ }",
            r#""\ud800\/\b\f\r\t""#,
        ] {
            assert!(is_plain(text.as_bytes()) && parses(text), "{text}");
        }
        let deep = |levels| "[".repeat(levels) + &"]".repeat(levels);
        assert!(is_plain(deep(63).as_bytes()));
        assert!(!is_plain(deep(64).as_bytes()) && is_json(&deep(64)));
        assert!(!is_plain(b"[1,\n2]") && is_json("[1,\n2]"));
    }

    #[test]
    fn what_is_none_is_none() {
        for text in [
            "",
            " ",
            "{",
            "}",
            "[",
            "]",
            "[,]",
            "{,}",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\"}",
            "{\"a\":}",
            "{1:2}",
            "[1 2]",
            "[1]]",
            "[1}",
            "{\"a\":1]",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "1e+",
            "+1",
            "tru",
            "truex",
            "nul",
            "NaN",
            "Infinity",
            "'a'",
            "\"",
            "\"\\",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\u123",
            "1 1",
            "\"a\" \"b\"",
            "{} {}",
            "\u{7f}",
            "\u{e9}",
            "[\"a\":1]",
            "{\"a\",1}",
            "{\"a\" \"b\"}",
            "\u{feff}1",
        ] {
            assert!(!is_json(text) && !parses(text), "{text}");
        }
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC*".prop_map(Value::from),
        ];
        leaf.prop_recursive(8, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map("\\PC*", inner, 0..6)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn each_document_is_json(value in document()) {
            prop_assert!(is_plain(value.to_string().as_bytes()));
        }

        #[test]
        fn a_document_with_another_byte_is_judged_as_the_parser_judges(
            value in document(),
            at in any::<prop::sample::Index>(),
            byte in "[\\[\\]{},:\"\\\\ 0-9eEu.+tn-]",
        ) {
            let text = value.to_string();
            let places: Vec<(usize, char)> = text.char_indices().collect();
            let (at, next) = places[at.index(places.len())];
            for end in [at, at + next.len_utf8()] {
                let other = format!("{}{byte}{}", &text[..at], &text[end..]);
                prop_assert_eq!(is_json(&other), parses(&other), "{}", other);
                prop_assert!(!is_plain(other.as_bytes()) || parses(&other), "{}", other);
            }
        }

        #[test]
        fn any_text_is_judged_as_the_parser_judges(text in "[\\[\\]{},:\"\\\\ 01e.+a\\n-]{0,16}|\\PC*") {
            prop_assert_eq!(is_json(&text), parses(&text));
        }
    }
}
