//! The reader, which splits a dump of any size into single records, as slices of one sliding buffer.
//!
//! No value is parsed here. A structural scan finds where a record begins and ends, so that a damaged record costs only
//! itself, only the buffer is held, and other threads can decode. Containers (objects keyed by job id, arrays, JSON Lines,
//! API pages, stores by name) are recognized by content and may be nested.

mod bulk;
mod containers;
mod frame;
mod inside;
mod job;
mod named;
mod names;
mod no_dump;
mod page;
mod queue;
mod read_value;
mod recognize;
mod reopen;
mod resync;
mod scan;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod value;
mod walk;
mod window;

use std::io::{self, Read};

use self::containers::{Expect, FoundItem, FoundKind, OpenContainer};
use self::read_value::{HEAD, HeldBytes};
use crate::legacy::kinds::InputFault;

pub use names::RECORD_FIELDS;
pub use page::{ListingPage, Missing, missing};
use queue::{KeptItem, Queue};
use scan::{ValueForm, ValueScan};
use window::Window;

use super::OuterFacts;

/// Bytes of the buffer, before it grows.
pub const BUFFER: usize = 4 << 20;
/// Bytes of the longest record, unless `--max-record` sets another limit.
pub const MAX_RECORD: usize = 64 << 20;

/// The bytes of a job, or of something instead of one, with their position and surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    /// The nearest enclosing member name that names a store.
    pub store: Option<&'a str>,
    /// The member name, in an object keyed by job id.
    pub key: Option<&'a str>,
    /// The facts that the objects around it tell of it.
    pub around: OuterFacts<'a>,
    pub bytes: &'a [u8],
    /// The offset of the first byte in the input.
    pub position: u64,
    /// The line of the first byte, from 1.
    pub line: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// An object where a job belongs. Its content has not been checked.
    Record(Raw<'a>),
    /// Something else where a job belongs; reading goes on behind it. `bytes` is empty where something is missing, such as a
    /// comma, and the beginning of a record that is too long.
    Bad { raw: Raw<'a>, reason: String },
    /// The position where the structure ends or breaks; nothing more can be read.
    Broken {
        position: u64,
        line: u64,
        reason: String,
    },
}

/// A reader of one dump.
pub struct DumpReader<R> {
    window: Window<R>,
    max_record: usize,
    stack: Vec<OpenContainer>,
    /// The containers that were closed last, the innermost first, and the number of those around them.
    closed: Vec<OpenContainer>,
    closed_in: usize,
    scan: ValueScan,
    head: Vec<u8>,
    /// The last byte, blank space aside, that has been dropped of a value that is too long.
    before: Option<u8>,
    key: String,
    /// Whether the key is a UUID.
    by_id: bool,
    /// The id that a bulk action gives to the next value at the top, and to the one that is being read.
    action_id: Option<String>,
    source_id: Option<String>,
    /// A record, and values beside it, that are kept until it is known what the object around them is.
    kept: Vec<KeptItem>,
    /// The items to be given next.
    waiting: Queue,
    /// The item that was given last, if it had been kept.
    given: Option<Box<KeptItem>>,
    /// An error of the input, to be given behind the kept items.
    failure: Option<io::Error>,
    records: u64,
    left_out: u64,
    pages: Vec<ListingPage>,
    /// The name of the first member of the job that is being read, empty where there is none.
    first: Vec<u8>,
    mode: Mode,
    /// Whether a job has been found at the top.
    jobs: bool,
    /// Whether a job has just ended at the top, so that a comma behind it means nothing.
    comma: bool,
    /// Whether the outermost container has just been closed where it should be.
    whole: bool,
    saw_value: bool,
    /// The item to be given behind the current one, as the last.
    last: Option<FoundItem>,
    done: bool,
    cut_off: bool,
    /// The kind of an input that is no dump, or a fault of the input as a whole.
    kind: Option<InputFault>,
}

/// The way in which the values at the top are laid out in lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Undecided,
    /// The first job is a single line so far; the next byte decides.
    OneLine,
    Lines,
    Free,
}

impl<R: Read> DumpReader<R> {
    pub fn new(input: R) -> Self {
        Self::with_limits(input, BUFFER, MAX_RECORD)
    }

    /// `buffer` is the size of the buffer, which grows for a record of at most `max_record` bytes, or for 64 KiB that are read
    /// ahead.
    pub fn with_limits(input: R, buffer: usize, max_record: usize) -> Self {
        let limit = max_record.max(recognize::AHEAD).saturating_add(HEAD);
        Self {
            window: Window::new(input, buffer, limit),
            max_record,
            stack: Vec::new(),
            closed: Vec::new(),
            closed_in: 0,
            scan: ValueScan::new(ValueForm::Nest, None),
            head: Vec::new(),
            before: None,
            key: String::new(),
            by_id: false,
            action_id: None,
            source_id: None,
            kept: Vec::new(),
            waiting: Queue::new(),
            given: None,
            failure: None,
            records: 0,
            left_out: 0,
            pages: Vec::new(),
            first: Vec::new(),
            mode: Mode::Undecided,
            jobs: false,
            comma: false,
            whole: false,
            saw_value: false,
            last: None,
            done: false,
            cut_off: false,
            kind: None,
        }
    }

    /// The next item; None behind the last one.
    #[expect(
        clippy::should_implement_trait,
        reason = "an item borrows from the reader"
    )]
    pub fn next(&mut self) -> io::Result<Option<Item<'_>>> {
        let Some(found) = self.step()? else {
            return Ok(None);
        };
        let FoundItem {
            kind,
            held,
            keyed,
            position,
            line,
        } = found;
        if let (HeldBytes::Given, Some(kept)) = (held, &self.given) {
            let raw = Raw {
                store: kept.store.as_deref(),
                key: kept.as_key.then_some(kept.key.as_str()),
                around: OuterFacts {
                    id: kept.id.as_deref().filter(|_| !kept.as_key),
                    status: kept.status && !kept.as_key,
                },
                bytes: &kept.bytes,
                position,
                line,
            };
            return Ok(Some(match kept.is_bad() {
                None => Item::Record(raw),
                Some(reason) => Item::Bad {
                    raw,
                    reason: reason.to_owned(),
                },
            }));
        }
        let source_id = self.source_id.as_deref();
        let raw = Raw {
            around: OuterFacts {
                id: source_id.filter(|_| self.stack.is_empty() && !keyed),
                status: false,
            },
            store: self.stack.last().and_then(|frame| frame.store.as_deref()),
            key: keyed.then_some(self.key.as_str()),
            bytes: match held {
                HeldBytes::Window { from, length } => self.window.passed(from, length),
                HeldBytes::Head | HeldBytes::Given => &self.head,
            },
            position,
            line,
        };
        Ok(Some(match kind {
            FoundKind::Record => Item::Record(raw),
            FoundKind::Bad(reason) => Item::Bad { raw, reason },
            FoundKind::Broken(reason) => Item::Broken {
                position,
                line,
                reason,
            },
        }))
    }

    /// The number of bytes that have been read.
    pub fn bytes_read(&self) -> u64 {
        self.window.position()
    }

    /// The current line, from 1.
    pub fn line(&self) -> u64 {
        self.window.line()
    }

    /// Whether the rest of the dump is missing; known after `Item::Broken`.
    pub fn is_cut_off(&self) -> bool {
        self.cut_off
    }

    /// The kind of an input that is no dump; known after `Item::Broken`.
    pub fn kind(&self) -> Option<&InputFault> {
        self.kind.as_ref()
    }

    /// Whether anything but blank space has been read.
    pub fn saw_value(&self) -> bool {
        self.saw_value
    }

    /// The number of members beside jobs that were skipped.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The pages of a listing that the dump has.
    pub fn pages(&mut self) -> Vec<ListingPage> {
        std::mem::take(&mut self.pages)
    }

    /// Whether a closing bracket is a job's and not the container's: the jobs are on lines, and it does not begin a line or is
    /// indented as they are.
    fn closes_job(&self, indent: Option<usize>) -> bool {
        let layout = self.stack.last().and_then(|frame| frame.layout.opening());
        layout.is_some_and(|(job, _)| indent.is_none_or(|indent| indent >= job.max(1)))
    }

    fn expect(&mut self, expect: Expect) {
        if let Some(frame) = self.stack.last_mut() {
            frame.expect = expect;
        }
    }

    /// A bad item of the next `length` bytes.
    fn note(&mut self, length: usize, reason: &str) -> FoundItem {
        let (position, line) = (self.window.position(), self.window.line());
        let held = HeldBytes::Window {
            from: self.window.mark(),
            length,
        };
        self.window.advance(length);
        FoundItem {
            kind: FoundKind::Bad(reason.to_owned()),
            held,
            keyed: false,
            position,
            line,
        }
    }

    /// As `broken`, where the rest of the dump is missing.
    fn ends_early(&mut self, reason: String) -> FoundItem {
        self.cut_off = true;
        self.broken(reason)
    }

    fn broken(&mut self, reason: String) -> FoundItem {
        let (position, line) = (self.window.position(), self.window.line());
        self.done = true;
        let held = HeldBytes::Window {
            from: self.window.mark(),
            length: 0,
        };
        FoundItem {
            kind: FoundKind::Broken(reason),
            held,
            keyed: false,
            position,
            line,
        }
    }
}
