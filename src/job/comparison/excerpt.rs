//! The part of two values that shows how they differ: a content may have a million characters.

use crate::job::Value;
use crate::text::visible::cut;

/// The most columns of an excerpt, and the characters before the first that differs.
const COLUMNS: usize = 40;
const BEFORE: usize = 10;

/// Excerpts of two values that are not the same; None of one that is NULL.
pub(super) fn of(values: [&Value; 2]) -> [Option<String>; 2] {
    let told = values.map(|value| (!value.is_null()).then(|| value.display()));
    let begin = match &told {
        [Some(a), Some(b)] => begin(a, b),
        _ => 0,
    };
    told.map(|text| text.map(|text| excerpt(&text, begin)))
}

/// The byte at which both excerpts begin.
fn begin(a: &str, b: &str) -> usize {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let left_out = same.saturating_sub(BEFORE);
    // Nothing is won by leaving out a few.
    if left_out < 3 {
        return 0;
    }
    a.char_indices().nth(left_out).map_or(0, |(at, _)| at)
}

fn excerpt(text: &str, begin: usize) -> String {
    let rest = text.get(begin..).unwrap_or(text);
    let dots = if begin > 0 { "\u{2026}" } else { "" };
    format!("{dots}{}", cut(rest, COLUMNS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(a: &str, b: &str) -> [Option<String>; 2] {
        of([&a.into(), &b.into()])
    }

    #[test]
    fn the_difference_is_seen_however_late_it_comes() {
        assert_eq!(told("one", "two"), [Some("one".into()), Some("two".into())]);
        let before = "é".repeat(1000);
        let behind = "x".repeat(1000);
        let [a, b] = told(&format!("{before}a{behind}"), &format!("{before}b{behind}"));
        let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
        assert!(
            a.starts_with(&format!("\u{2026}{}a", "é".repeat(10))),
            "{a}"
        );
        assert!(b.contains('b') && !b.contains('a'));
        assert!(a.chars().count() <= 42 && b.chars().count() <= 42);
        // One that goes on where the other ends.
        let [a, b] = told(&before, &format!("{before}b"));
        assert_ne!(a, b);
        assert_eq!(of([&Value::Null, &"".into()]), [None, Some(String::new())]);
    }
}
