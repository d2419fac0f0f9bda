//! The bulk form of Elasticsearch and OpenSearch: lines in pairs, an action that names the id, and the source, which is the
//! record. The id belongs to the record of the next line; the action itself is none.

use std::io::{self, Read};

use super::inside::RawMembers;
use super::names::{decode, is_one_of, past};
use super::scan::end_of;
use super::{DumpReader, Mode};

/// The actions that a source follows, and the one without.
const ACTIONS: &[&str] = &["index", "create", "update", "delete"];
const DELETE: &[u8] = b"delete";

/// The members of an action. Any other makes it an object like all others.
const MEMBERS: &[&str] = &[
    "_index",
    "_id",
    "_type",
    "_routing",
    "_version",
    "_version_type",
    "routing",
    "version",
    "version_type",
    "retry_on_conflict",
    "if_seq_no",
    "if_primary_term",
    "require_alias",
    "pipeline",
];

/// The bytes that tell whether a line may be an action, and the most of a whole one.
const NAME: usize = 16;
const LONGEST: usize = 4 << 10;

/// A line that is an action.
struct BulkAction {
    id: Option<String>,
    has_source: bool,
}

/// The action that is the whole line.
fn action(line: &[u8]) -> Option<BulkAction> {
    if end_of(line, 0) != Some(line.trim_ascii_end().len()) {
        return None;
    }
    let mut actions = RawMembers::of(line);
    let (name, value) = actions.next()?;
    if !is_one_of(name, ACTIONS) || value.first() != Some(&b'{') || actions.next().is_some() {
        return None;
    }
    let mut id = None;
    for (name, value) in RawMembers::of(value) {
        if !is_one_of(name, MEMBERS) {
            return None;
        }
        if name == b"_id" && value.first() == Some(&b'"') {
            id = decode(&value[1..end_of(value, 0)? - 1]);
        }
    }
    let has_source = name != DELETE;
    Some(BulkAction { id, has_source })
}

fn may_be_action(start: &[u8]) -> bool {
    let name = past(start, 1, |b| b.is_ascii_whitespace());
    let name = start.get(name + 1..).unwrap_or_default();
    ACTIONS
        .iter()
        .any(|action| name.starts_with(action.as_bytes()))
}

impl<R: Read> DumpReader<R> {
    /// Passes over the line that begins here where it is an action, and keeps its id for the next record.
    pub(super) fn pass_action(&mut self) -> io::Result<bool> {
        self.window.ensure(NAME)?;
        if !may_be_action(self.window.data()) {
            return Ok(false);
        }
        let ahead = self.window.ahead(LONGEST)?;
        let length = memchr::memchr(b'\n', ahead);
        let line = &ahead[..length.unwrap_or(ahead.len())];
        let Some(action) = action(line) else {
            return Ok(false);
        };
        let length = line.len();
        if action.has_source {
            // Without a source it is no action, but whatever else it may be.
            self.window.ensure(length + 2)?;
            if self.window.data().get(length + 1) != Some(&b'{') {
                return Ok(false);
            }
        } else {
            self.left_out += 1;
        }
        self.window.advance(length);
        self.mode = Mode::Lines;
        self.action_id = action.id.filter(|_| action.has_source);
        Ok(true)
    }
}
