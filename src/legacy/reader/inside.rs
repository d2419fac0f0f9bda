//! What stands within an object or a text, by as much of it as is there: jobs beyond doubt, or nothing of the kind.

use super::look::{MARKS, RECORD_FIELDS, is_one_of, is_uuid, past};
use super::scan::end_of;
use crate::job::encoded;
use crate::legacy::quoted;

/// How deep jobs are looked for in what stands beside fields of a job.
pub(super) const NESTED: usize = 4;

/// Whether the object or array of this name, by as much of it as is there, holds jobs: it is called so, or what it
/// holds first are jobs beyond doubt.
pub(super) fn holds_jobs(name: &[u8], value: &[u8], depth: usize) -> bool {
    if name.ends_with(b"jobs") {
        return true;
    }
    let opens = |value: &[u8]| matches!(value.first(), Some(b'{' | b'['));
    if value.first() == Some(&b'[') {
        let first = &value[past(value, 1, |b| b.is_ascii_whitespace())..];
        return is_marked(first) || depth > 0 && opens(first) && holds_jobs(b"", first, depth - 1);
    }
    Members::of(value).any(|(name, value)| match value.first() {
        Some(b'{') if is_uuid(name) => true,
        _ => depth > 0 && opens(value) && holds_jobs(name, value, depth - 1),
    })
}

/// Whether an object has what every job has: an id and a type.
fn is_marked(object: &[u8]) -> bool {
    let (mut id, mut kind) = (false, false);
    Members::of(object).any(|(name, _)| {
        match is_one_of(name, &["job_id", "id"]) {
            true => id = true,
            false => kind |= is_one_of(name, MARKS),
        }
        id && kind
    })
}

/// What stands in a container beside the jobs and can be passed: it is no job and holds none.
pub(super) fn is_beside(value: &[u8]) -> bool {
    !matches!(value.first(), Some(b'{' | b'['))
        || !is_marked(value) && !is_like_a_job(value) && !holds_jobs(b"", value, NESTED)
}

/// Whether the text that begins here, by as much of it as is there, holds a job.
pub(super) fn is_encoded_job(text: &[u8]) -> bool {
    let text = &text[..text.len().min(end_of(text, 0).unwrap_or(text.len()))];
    std::str::from_utf8(&text[..text.len().min(2)]).is_ok_and(encoded::begins)
        && quoted::inside(text).is_some_and(|json| is_marked(&json) || is_like_a_job(&json))
}

/// Whether an object without an id has a mark and two more fields of a job.
fn is_like_a_job(object: &[u8]) -> bool {
    let (mut mark, mut fields) = (false, 0);
    Members::of(object).any(|(name, _)| {
        mark |= name != b"id" && is_one_of(name, MARKS);
        fields += usize::from(is_one_of(name, RECORD_FIELDS));
        mark && fields > 2
    })
}

/// The members of an object, as far as it is there and sound: their raw names, and what begins with their values.
struct Members<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Members<'a> {
    fn of(object: &'a [u8]) -> Self {
        let at = if object.first() == Some(&b'{') {
            1
        } else {
            object.len()
        };
        Members { data: object, at }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (data, at) = (self.data, self.at);
        let from = past(data, at, |b| b.is_ascii_whitespace() || b == b',');
        if data.get(from) != Some(&b'"') {
            return None;
        }
        let end = end_of(data, from)?;
        let value = past(data, end, |b| b.is_ascii_whitespace() || b == b':');
        data.get(value)?;
        self.at = end_of(data, value).unwrap_or(data.len());
        Some((&data[from + 1..end - 1], &data[value..]))
    }
}
