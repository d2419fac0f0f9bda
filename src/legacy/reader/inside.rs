//! The search for jobs within an object or a text of which only the beginning may be held.

use super::names::{KINDS, MARKS, RECORD_FIELDS, TYPES, is_one_of, is_uuid, past};
use super::scan::end_of;
use crate::job::{encoded, status};
use crate::legacy::source::quoted;

/// The most levels at which jobs are looked for beside fields of a job.
pub(super) const NESTED: usize = 4;

/// Whether the object or array of this name holds jobs: its name says so, or the first jobs in the part that is held are
/// beyond doubt.
pub(super) fn holds_jobs(name: &[u8], value: &[u8], depth: usize) -> bool {
    if name.ends_with(b"jobs") {
        return true;
    }
    let opens = |value: &[u8]| matches!(value.first(), Some(b'{' | b'['));
    if value.first() == Some(&b'[') {
        let first = &value[past(value, 1, |b| b.is_ascii_whitespace())..];
        return is_marked(first) || depth > 0 && opens(first) && holds_jobs(b"", first, depth - 1);
    }
    RawMembers::of(value).any(|(name, value)| match value.first() {
        Some(b'{') if is_uuid(name) => true,
        _ => depth > 0 && opens(value) && holds_jobs(name, value, depth - 1),
    })
}

/// Whether an object has an id and a type, as every job.
fn is_marked(object: &[u8]) -> bool {
    let (mut id, mut kind) = (false, false);
    RawMembers::of(object).any(|(name, _)| {
        if is_one_of(name, &["job_id", "id"]) {
            id = true
        } else {
            kind |= is_one_of(name, MARKS)
        }
        id && kind
    })
}

/// Whether a value beside jobs can be skipped: it is no job and holds none.
pub(super) fn is_beside(value: &[u8]) -> bool {
    !matches!(value.first(), Some(b'{' | b'['))
        || !is_marked(value) && !is_like_a_job(value) && !holds_jobs(b"", value, NESTED)
}

/// Whether the text that begins here holds a job, by the part that is held.
pub(super) fn is_encoded_job(text: &[u8]) -> bool {
    let text = &text[..text.len().min(end_of(text, 0).unwrap_or(text.len()))];
    std::str::from_utf8(&text[..text.len().min(2)]).is_ok_and(encoded::begins)
        && quoted::inside(text).is_some_and(|json| is_marked(&json) || is_like_a_job(&json))
}

/// Whether an object without an id has a mark and two more fields of a job.
fn is_like_a_job(object: &[u8]) -> bool {
    let (mut mark, mut fields) = (false, 0);
    RawMembers::of(object).any(|(name, _)| {
        mark |= name != b"id" && is_one_of(name, MARKS);
        fields += usize::from(is_one_of(name, RECORD_FIELDS));
        mark && fields > 2
    })
}

/// Whether an object is around jobs rather than a job itself.
pub(super) struct AroundJobs {
    pub(super) is_around: bool,
    /// Whether more of it would not change the answer.
    pub(super) is_decided: bool,
}

impl AroundJobs {
    pub(super) const DECIDED: AroundJobs = AroundJobs {
        is_around: false,
        is_decided: true,
    };
}

/// Whether an object, by the part that is held, is the response of a server with several jobs in it, though it has an id or a
/// type of its own, as responses of JSON-RPC have.
pub(super) fn around_jobs(object: &[u8]) -> AroundJobs {
    let (mut kind, mut sure, mut reason, mut record) = (false, false, false, false);
    let (mut fields, mut jobs) = (0, 0);
    for (name, value) in RawMembers::of(object) {
        match name {
            b"$row" => return AroundJobs::DECIDED,
            b"job_id" | b"request" => sure = true,
            b"mode" => sure |= is_word(value, &status::MODES),
            b"reason" => reason = true,
            b"record" => record = true,
            name if is_one_of(name, TYPES) => sure |= is_word(value, &status::TYPES),
            _ => {}
        }
        kind |= is_one_of(name, KINDS);
        fields += usize::from(is_one_of(name, RECORD_FIELDS));
        // It is a job, or a line of rejects.
        if kind && sure && fields > 2 || reason && record {
            return AroundJobs::DECIDED;
        }
        jobs += count_jobs(name, value, NESTED);
    }
    AroundJobs {
        is_around: jobs > 1,
        is_decided: end_of(object, 0).is_some(),
    }
}

fn is_word(value: &[u8], words: &[&str]) -> bool {
    let text = &value[..end_of(value, 0).unwrap_or(value.len())];
    let text = text
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""));
    text.is_some_and(|text| is_one_of(text, words))
}

/// The number of jobs in an object or array of this name; 2 where there may be more than one.
fn count_jobs(name: &[u8], value: &[u8], depth: usize) -> usize {
    let (count, is_plural) = match value.first() {
        Some(b'{') if is_like_a_job(value) => (1, is_uuid(name)),
        Some(b'{') if depth > 0 => {
            let members = RawMembers::of(value);
            let count = members.map(|(name, value)| count_jobs(name, value, depth - 1));
            (count.sum(), name.ends_with(b"jobs"))
        }
        Some(b'[') if depth > 0 => {
            let first = &value[past(value, 1, |b| b.is_ascii_whitespace())..];
            (count_jobs(b"", first, depth - 1), true)
        }
        _ => (0, false),
    };
    if is_plural && count > 0 {
        count.max(2)
    } else {
        count
    }
}

/// The members of an object, as far as it is held and sound: the raw name of each, and the data from its value on.
pub(super) struct RawMembers<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> RawMembers<'a> {
    pub(super) fn of(object: &'a [u8]) -> Self {
        let at = if object.first() == Some(&b'{') {
            1
        } else {
            object.len()
        };
        RawMembers { data: object, at }
    }
}

impl<'a> Iterator for RawMembers<'a> {
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
