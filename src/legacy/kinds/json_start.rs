//! The recognition of JSON by the beginning of a text.

/// Whether a text begins as a dump does: with an object or a list.
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
