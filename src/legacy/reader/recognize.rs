//! The recognition of what is ahead: whether an object is a job or holds jobs, and whether a line begins the next job.

use super::inside::{NESTED, holds_jobs, is_encoded_job};
use super::names::{IDENTITY, KINDS, MARKS, RECORD_FIELDS, is_one_of, is_uuid, past};
use super::scan::{end_of, sound_end_of};

/// The names of members that go along with jobs in a container and are no jobs.
const ENVELOPE: &[&str] = &[
    "pagination",
    "total",
    "limit",
    "offset",
    "has_more",
    "next_cursor",
    "count",
    "page",
    "version",
    "exported_at",
    "dry_run",
];

/// The names under which a response has what was asked for.
const ANSWER: &[&str] = &["result", "content"];

/// The most bytes that are read ahead.
pub(super) const AHEAD: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recognized {
    Record,
    Container,
    Empty,
    /// The bytes ran out first; `nested`: by those that are held it would be a container.
    Undecided {
        nested: bool,
    },
}

/// Judges the object or array that `data` begins with, and gives the number of bytes that it took. `among_jobs`: there are jobs
/// beside it, so that any name of theirs makes it one.
pub(super) fn judge(data: &[u8], among_jobs: bool) -> (Recognized, usize) {
    if data.first() == Some(&b'[') {
        let at = past(data, 1, |b| b.is_ascii_whitespace());
        let verdict = match data.get(at) {
            None => Recognized::Undecided { nested: false },
            Some(b']') => Recognized::Empty,
            Some(_) => Recognized::Container,
        };
        return (verdict, at);
    }
    let mut at = 1;
    match judge_object(data, &mut at, among_jobs) {
        undecided @ Recognized::Undecided { .. } => (undecided, data.len()),
        verdict => (verdict, at),
    }
}

fn judge_object(data: &[u8], at: &mut usize, among_jobs: bool) -> Recognized {
    let (mut nested, mut envelope, mut unknown, mut field) = (false, false, false, false);
    // Whether nested values hold jobs beyond doubt, and the signs of a job as long as they do not.
    let (mut sure, mut mark, mut fields) = (false, false, 0);
    let mut marks = if among_jobs { RECORD_FIELDS } else { MARKS };
    loop {
        let undecided = Recognized::Undecided { nested };
        *at = past(data, *at, |b| b.is_ascii_whitespace());
        if nested && !matches!(data.get(*at), None | Some(b',' | b'}' | b']')) {
            return Recognized::Container;
        }
        *at = past(data, *at, |b| b.is_ascii_whitespace() || b == b',');
        let Some(&byte) = data.get(*at) else {
            return undecided;
        };
        let mut name = None;
        match byte {
            b'}' | b']' if nested || (envelope && !unknown && !field) => {
                return Recognized::Container;
            }
            b'}' | b']' if unknown || field => return Recognized::Record,
            b'}' | b']' => return Recognized::Empty,
            b'"' => {
                let Some(end) = end_of(data, *at) else {
                    return undecided;
                };
                name = Some(&data[*at + 1..end - 1]);
                let colon = past(data, end, |b| b.is_ascii_whitespace());
                *at = past(data, colon, |b| b.is_ascii_whitespace() || b == b':');
                // A name in a damaged job, rather than one in a container.
                if among_jobs && *at == colon && *at < data.len() {
                    return Recognized::Record;
                }
            }
            _ => {}
        }
        let named = name.unwrap_or_default();
        if is_one_of(named, marks) {
            return Recognized::Record;
        }
        let known = is_one_of(named, RECORD_FIELDS);
        if nested && !sure && known {
            (mark, fields) = (mark || is_one_of(named, KINDS), fields + 1);
            if mark && fields > 2 {
                return Recognized::Record;
            }
        }
        let own = !nested && known;
        field |= own;
        match data.get(*at) {
            None => return undecided,
            Some(_) if is_uuid(named) => return Recognized::Container,
            // Without a name it is no member, and holds no jobs.
            Some(b'{' | b'[') if name.is_some() && !field => {
                (nested, marks) = (true, IDENTITY);
                sure |= holds_jobs(named, &data[*at..], NESTED);
            }
            Some(b'"') if name.is_some() && !field && is_encoded_job(&data[*at..]) => {
                (nested, marks, sure) = (true, IDENTITY, true);
            }
            Some(b'{' | b'[') if name.is_some() && !nested => {
                if (!own || is_one_of(named, ANSWER)) && holds_jobs(named, &data[*at..], NESTED) {
                    (nested, marks, sure) = (true, if own { MARKS } else { IDENTITY }, true);
                }
            }
            Some(_) if is_envelope(named) => envelope = true,
            Some(_) => unknown = true,
        }
        match sound_end_of(data, *at) {
            None => return Recognized::Undecided { nested },
            Some((_, false)) if nested => return Recognized::Container,
            Some((end, _)) => *at = end,
        }
    }
}

pub(super) fn is_envelope(name: &[u8]) -> bool {
    is_one_of(name, ENVELOPE)
}

/// The layout of jobs in lines, which tells where the next one begins when one does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobLayout {
    Unknown,
    /// Each job is one line.
    Lines,
    /// Each job begins a line with its brace. `within`: lines inside a job may be indented no more than that.
    Bare {
        indent: usize,
        within: bool,
    },
    /// Each job begins a line with its key, a UUID.
    Keyed {
        indent: usize,
        within: bool,
    },
}

impl JobLayout {
    /// The indentation of a line that begins a job, and its first byte.
    pub(super) fn opening(self) -> Option<(usize, u8)> {
        match self {
            JobLayout::Unknown | JobLayout::Lines => None,
            JobLayout::Bare { indent, .. } => Some((indent, b'{')),
            JobLayout::Keyed { indent, .. } => Some((indent, b'"')),
        }
    }
}

/// The raw name of the first member of the object that `data` begins with.
pub(super) fn first_name(data: &[u8]) -> Option<&[u8]> {
    let data = &data[..data.len().min(LINE_AHEAD)];
    let at = past(data, 1, |b| b.is_ascii_whitespace());
    match data.get(at) {
        Some(b'"') => Some(&data[at + 1..end_of(data, at)? - 1]),
        _ => None,
    }
}

/// Whether the object that `data` begins with is no job, by its first member.
pub(super) fn is_no_job(data: &[u8]) -> bool {
    match first_name(data) {
        Some(name) => !is_one_of(name, RECORD_FIELDS),
        None => data.get(past(data, 1, |b| b.is_ascii_whitespace())) == Some(&b'}'),
    }
}

/// Whether a line, given from its first byte, has only the bracket that closes the container of jobs of that layout.
pub(super) fn ends_jobs(line: &[u8], layout: JobLayout, closer: u8) -> bool {
    let (indent, alone) = match layout {
        JobLayout::Unknown | JobLayout::Lines => return false,
        JobLayout::Bare { indent, within } | JobLayout::Keyed { indent, within } => {
            (indent, !within)
        }
    };
    let at = past(line, 0, |b| b == b' ' || b == b'\t');
    if line.get(at) != Some(&closer) || !(at < indent || (at == 0 && alone)) {
        return false;
    }
    let end = past(line, at + 1, |b| matches!(b, b' ' | b'\t' | b'\r' | b','));
    end < at + LINE_AHEAD && matches!(line.get(end), None | Some(b'\n'))
}

/// The value of a job that a line begins, given from its first byte.
pub(super) fn job_on(line: &[u8], layout: JobLayout) -> Option<&[u8]> {
    let (indent, opening) = layout.opening()?;
    let value = match opening {
        b'{' => indent,
        _ => past(line, end_of(line, indent)?, |b| {
            b == b' ' || b == b'\t' || b == b':'
        }),
    };
    line.get(value..)
}

/// The most bytes of a line, behind its indentation, that `begins_job` reads.
pub(super) const LINE_AHEAD: usize = 256;

/// Whether a line, given from its first byte, begins a job by that layout.
pub(super) fn begins_job(line: &[u8], layout: JobLayout) -> bool {
    let Some((indent, opening)) = layout.opening() else {
        return layout == JobLayout::Lines;
    };
    if line.get(indent) != Some(&opening) || past(line, 0, |b| b == b' ' || b == b'\t') != indent {
        return false;
    }
    let line = &line[..line.len().min(indent + LINE_AHEAD)];
    let name = match opening {
        b'{' => past(line, indent + 1, |b| b.is_ascii_whitespace()),
        _ => indent,
    };
    if line.get(name) != Some(&b'"') {
        return false;
    }
    let Some(end) = end_of(line, name) else {
        return false;
    };
    let text = &line[name + 1..end - 1];
    if opening == b'{' {
        return is_one_of(text, RECORD_FIELDS);
    }
    let value = past(line, end, |b| b == b' ' || b == b'\t' || b == b':');
    is_uuid(text) && line.get(value) == Some(&b'{')
}
