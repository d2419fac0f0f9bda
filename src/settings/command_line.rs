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
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    match rest[..end].rfind('@').map(|at| (at, rest[..at].find(':'))) {
        Some((at, Some(colon))) => {
            format!("{scheme}://{}:{LEFT_OUT}{}", &rest[..colon], &rest[at..])
        }
        _ => text.to_owned(),
    }
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
        assert_eq!(
            told(&["--db", "sqlite:////tmp/a:b@c"], &[]),
            r#"["--db", "sqlite:////tmp/a:b@c"]"#
        );
    }

    #[test]
    fn thousands_of_ids_are_cut() {
        let many = vec!["7c1f0000-0000-4000-8000-000000000000"; 5000];
        let told = told(&many, &[]);
        assert!(told.len() < 2 * MOST && told.ends_with("\"\u{2026}\"]"));
    }
}
