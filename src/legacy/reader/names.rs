//! The names of members by which a job is known, and the reading of a name.

pub use crate::legacy::stores::tables::RECORD_FIELDS;
pub(super) use crate::legacy::stores::tables::{IDENTITY, KINDS, MARKS, TYPES};

/// Whether a raw member name is in a list; escapes are read only where there are any.
pub(super) fn is_one_of(name: &[u8], list: &[&str]) -> bool {
    if name.contains(&b'\\') {
        return decode(name).is_some_and(|name| list.contains(&name.as_str()));
    }
    list.iter().any(|one| one.as_bytes() == name)
}

/// Whether a name looks like a UUID, with or without its hyphens.
pub(super) fn is_uuid(name: &[u8]) -> bool {
    // Counted without a branch, so that the compiler can count many at once.
    let others = |name: &[u8]| name.iter().filter(|b| !b.is_ascii_hexdigit()).count();
    match name.len() {
        32 => others(name) == 0,
        // Most names are of another length or have no hyphen here, so the digits are seldom read.
        36 => [8, 13, 18, 23].iter().all(|index| name[*index] == b'-') && others(name) == 4,
        _ => false,
    }
}

pub(super) fn past(data: &[u8], at: usize, pass: impl Fn(u8) -> bool) -> usize {
    at + data[at..].iter().take_while(|b| pass(**b)).count()
}

/// The text of a member name, which stood between two quotes.
pub(super) fn decode(name: &[u8]) -> Option<String> {
    if name.contains(&b'\\') {
        let quoted = [b"\"", name, b"\""].concat();
        return serde_json::from_slice(&quoted).ok();
    }
    std::str::from_utf8(name).ok().map(str::to_owned)
}
