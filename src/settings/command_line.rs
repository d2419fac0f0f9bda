//! The command line as it is kept: without what people write into jobs, and without passwords.

use std::ffi::{OsStr, OsString};

use crate::text::json;

/// The sign in the place of what is not kept.
const LEFT_OUT: &str = "\u{2026}";

/// The most bytes that are kept of it: thousands of ids may be named.
const MOST: usize = 2000;

/// The words after the program's name, and those of them that are private.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommandLine {
    pub words: Vec<OsString>,
    pub private: Vec<OsString>,
}

impl CommandLine {
    /// The words as a JSON array.
    pub(crate) fn told(&self) -> String {
        let mut out = String::from("[");
        for (index, word) in self.words.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            if out.len() > MOST {
                json::string(&mut out, LEFT_OUT);
                break;
            }
            json::string(&mut out, &self.word(word));
        }
        out.push(']');
        out
    }

    fn word(&self, word: &OsStr) -> String {
        let text = word.to_string_lossy();
        for private in &self.private {
            if word == private {
                return LEFT_OUT.to_owned();
            }
            let private = private.to_string_lossy();
            // `--flag=value`, or `-fvalue`.
            if let Some(flag) = text.strip_suffix(private.as_ref())
                && flag.starts_with('-')
                && (flag.ends_with('=') || !flag.starts_with("--") && flag.len() > 1)
            {
                return format!("{flag}{LEFT_OUT}");
            }
        }
        without_password(&text)
    }
}

/// The text without the password of an address in it.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let mut told = format!("{scheme}://");
    let mut rest = rest;
    // There may be slashes and question marks in a password.
    if let Some(colon) = rest.find(':').filter(|colon| !rest[..*colon].contains('/'))
        && let Some(at) = end_of_password(rest, colon)
    {
        told.extend([&rest[..=colon], LEFT_OUT]);
        rest = &rest[at..];
    }
    let Some((address, query)) = rest.split_once('?') else {
        return told + rest;
    };
    told.push_str(address);
    for (index, parameter) in query.split('&').enumerate() {
        told.push_str(if index == 0 { "?" } else { "&" });
        match parameter.split_once('=') {
            Some((name, _)) if may_be_of_a_password(name) => told.extend([name, "=", LEFT_OUT]),
            _ => told.push_str(parameter),
        }
    }
    told
}

/// The @ behind a password: the last before the query, or the first in what looks like one.
fn end_of_password(rest: &str, colon: usize) -> Option<usize> {
    let query = rest.find('?').unwrap_or(rest.len());
    let last = rest[..query].rfind('@').filter(|at| *at > colon);
    let first = || rest[colon..].find('@').map(|at| colon + at);
    last.or_else(first)
}

/// Whether a parameter may hold a password: a percent sign may stand for any letter of its name.
fn may_be_of_a_password(name: &str) -> bool {
    name.contains('%') || name.to_ascii_lowercase().contains("pass")
}

#[cfg(test)]
mod tests {
    use crate::settings::command_line::*;

    fn told(words: &[&str], private: &[&str]) -> String {
        let all = |words: &[&str]| words.iter().map(OsString::from).collect();
        CommandLine {
            words: all(words),
            private: all(private),
        }
        .told()
    }

    #[test]
    fn what_is_private_is_left_out_and_ids_stay() {
        assert_eq!(
            told(&["update", "7c1f", "--fail", "no rain"], &["no rain"]),
            "[\"update\", \"7c1f\", \"--fail\", \"\u{2026}\"]"
        );
        assert_eq!(
            told(&["create", "--content=a b", "--force"], &["a b"]),
            "[\"create\", \"--content=\u{2026}\", \"--force\"]"
        );
        // A flag that ends as the text does stays a flag.
        assert_eq!(
            told(&["update", "7c1f", "--title", "s", "--yes"], &["s"]),
            "[\"update\", \"7c1f\", \"--title\", \"\u{2026}\", \"--yes\"]"
        );
        assert_eq!(
            told(&["-ts", "--title=yes", "--yes"], &["s", "yes"]),
            "[\"-t\u{2026}\", \"--title=\u{2026}\", \"--yes\"]"
        );
        assert_eq!(
            told(&["--db", "postgresql://me:pass@host/db?x=a@b"], &[]),
            "[\"--db\", \"postgresql://me:\u{2026}@host/db?x=a@b\"]"
        );
    }

    #[test]
    fn the_passwords_of_addresses_are_left_out() {
        for (word, kept) in [
            (
                "--db=postgresql://me:pa?ss@host/db",
                "--db=postgresql://me:\u{2026}@host/db",
            ),
            ("pg://me:pa?ss@host", "pg://me:\u{2026}@host"),
            (
                "pg://me:p/a@ss@host/db?x=a@b",
                "pg://me:\u{2026}@host/db?x=a@b",
            ),
            ("pg://me:p/a?ss@host/db", "pg://me:\u{2026}@host/db"),
            ("pg://host:1/db?x=y", "pg://host:1/db?x=y"),
            ("pg://me@host?a=b", "pg://me@host?a=b"),
            (
                "pg://host/db?user=me&password=pass&sslmode=require",
                "pg://host/db?user=me&password=\u{2026}&sslmode=require",
            ),
            (
                "pg://me:a@host/db?pass%77ord=b&sslpassword=c=d",
                "pg://me:\u{2026}@host/db?pass%77ord=\u{2026}&sslpassword=\u{2026}",
            ),
            ("sqlite:////tmp/a:b@c", "sqlite:////tmp/a:b@c"),
            ("sqlite:///a?timeout=10&", "sqlite:///a?timeout=10&"),
            ("sqlite:///a?", "sqlite:///a?"),
        ] {
            assert_eq!(told(&[word], &[]), format!("[\"{kept}\"]"));
        }
    }

    #[test]
    fn thousands_of_ids_are_cut() {
        let many = vec!["7c1f0000-0000-4000-8000-000000000000"; 5000];
        let told = told(&many, &[]);
        assert!(told.len() < 2 * MOST && told.ends_with("\"\u{2026}\"]"));
    }
}
