//! The beginning of a text, by which JSON is known.

/// Whether a text begins as a dump does.
pub(super) fn begins_json(text: &str) -> bool {
    let inside = |rest: &str, next: &[char]| {
        let blank = rest.trim_start();
        blank.starts_with(next) || blank.is_empty() && rest.contains('\n')
    };
    match text.as_bytes().first() {
        Some(b'{') => inside(&text[1..], &['"', '}']),
        Some(b'[') => inside(&text[1..], &['{', '[', ']']),
        _ => false,
    }
}
