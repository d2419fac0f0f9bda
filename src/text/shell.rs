//! Texts quoted as words of a shell, for commands that a message tells to type.

use super::visible::acts;

/// The name of a file as one word of a POSIX shell, or of bash where it has control characters.
pub fn word(text: &str) -> String {
    // A name that looks like an option is taken for a file in this way.
    if text.starts_with('-') {
        quoted(&format!("./{text}"))
    } else {
        quoted(text)
    }
}

/// A text that is no file's name, as one such word.
pub fn quoted(text: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "_./:=@%+,-".contains(c);
    if !text.is_empty() && text.chars().all(is_safe) {
        return text.to_owned();
    }
    if !text.contains(acts) {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut out = "$'".to_owned();
    for c in text.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            c if acts(c) => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("\\x{byte:02x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}
