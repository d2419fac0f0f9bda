//! The arguments of a run: a line as in a shell, the words one by one, or several of both behind each other.

use std::fmt::Debug;

/// Four ids that differ in their first character.
pub const A: &str = "a1111111-1111-4111-8111-111111111111";
pub const B: &str = "b2222222-2222-4222-8222-222222222222";
pub const C: &str = "c3333333-3333-4333-8333-333333333333";
pub const D: &str = "d4444444-4444-4444-8444-444444444444";

/// What a run takes as its arguments.
///
/// - `"update $A --status failed --error 'no rain'"` is a line: words between blanks, `'…'` round a word with blanks and
///   round an empty one, `'\''` for a quotation mark in it, `$A` to `$D` for the four ids.
/// - `["show", &id]` are words as they stand.
/// - `("list -o ids", more)` is one behind the other.
pub trait Args: Debug {
    fn words(&self) -> Vec<String>;
}

/// Stands for `'\''` while a line is taken apart.
const QUOTE: &str = "\0";

impl Args for str {
    #[track_caller]
    fn words(&self) -> Vec<String> {
        let line = self.replace(r"'\''", QUOTE);
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        for (part, quoted) in line.split('\'').zip([false, true].into_iter().cycle()) {
            if quoted {
                word.get_or_insert_default().push_str(part);
                continue;
            }
            let part = with_ids(part);
            for (blanks, text) in part.split(' ').enumerate() {
                if blanks > 0 {
                    words.extend(word.take());
                }
                if !text.is_empty() {
                    word.get_or_insert_default().push_str(text);
                }
            }
        }
        words.extend(word);
        assert!(
            line.matches('\'').count().is_multiple_of(2),
            "a ' is open: {self}"
        );
        words.iter().map(|word| word.replace(QUOTE, "'")).collect()
    }
}

#[track_caller]
fn with_ids(text: &str) -> String {
    let ids = [("$A", A), ("$B", B), ("$C", C), ("$D", D)];
    let text = ids
        .iter()
        .fold(text.to_owned(), |text, (name, id)| text.replace(name, id));
    assert!(!text.contains('$'), "not the name of an id: {text}");
    text
}

impl Args for String {
    #[track_caller]
    fn words(&self) -> Vec<String> {
        self.as_str().words()
    }
}

impl<S: AsRef<str> + Debug> Args for [S] {
    fn words(&self) -> Vec<String> {
        self.iter().map(|word| word.as_ref().to_owned()).collect()
    }
}

impl<S: AsRef<str> + Debug, const N: usize> Args for [S; N] {
    fn words(&self) -> Vec<String> {
        self.as_slice().words()
    }
}

impl<S: AsRef<str> + Debug> Args for Vec<S> {
    fn words(&self) -> Vec<String> {
        self.as_slice().words()
    }
}

impl<T: Args + ?Sized> Args for &T {
    #[track_caller]
    fn words(&self) -> Vec<String> {
        (**self).words()
    }
}

impl<First: Args, Second: Args> Args for (First, Second) {
    #[track_caller]
    fn words(&self) -> Vec<String> {
        let mut words = self.0.words();
        words.extend(self.1.words());
        words
    }
}

impl<First: Args, Second: Args, Third: Args> Args for (First, Second, Third) {
    #[track_caller]
    fn words(&self) -> Vec<String> {
        ((&self.0, &self.1), &self.2).words()
    }
}

#[test]
fn a_line_is_split_as_a_shell_splits_it() {
    for (line, words) in [
        ("", &[][..]),
        ("list", &["list"]),
        (" list   -o ids ", &["list", "-o", "ids"]),
        ("list --search ''", &["list", "--search", ""]),
        (
            "list --search='a  cat' -q",
            &["list", "--search=a  cat", "-q"],
        ),
        ("'$A'$A", &[&format!("$A{A}")]),
        (r"list --search 'it'\''s'", &["list", "--search", "it's"]),
        ("show $A,$B", &["show", &format!("{A},{B}")]),
    ] {
        assert_eq!(line.words(), words, "{line}");
    }
    let both = ("list", ["a cat", ""], format!("--after {D}"));
    assert_eq!(both.words(), ["list", "a cat", "", "--after", D]);
}
