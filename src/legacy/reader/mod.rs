//! Splits a legacy dump of any size into single records, as slices of one sliding buffer.
//!
//! No value is ever parsed here. A structural scan finds where a record begins and ends, so that a record
//! that is no JSON inside costs itself alone, nothing but the buffer is held, and decoding can go on elsewhere.
//! Containers (objects keyed by job id, arrays, JSON Lines, API pages, stores by name) are recognised by
//! content and may stand within each other.

mod containers;
mod frame;
mod held;
mod inside;
mod job;
mod named;
mod names;
mod no_dump;
mod page;
mod queue;
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

use self::containers::{Expect, Frame, Slot, What};
use self::held::{HEAD, Held};
use crate::legacy::kinds::Kind;

pub use names::RECORD_FIELDS;
pub use page::{ListingPage, Missing, missing};
use queue::{Kept, Queue};
use scan::{Form, Scan};
use window::Window;

use super::Around;

/// The size that the buffer begins with.
pub const BUFFER: usize = 4 << 20;
/// The longest record that is held, unless told otherwise.
pub const MAX_RECORD: usize = 64 << 20;

/// The bytes that stand in a job's place, and where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    /// The nearest enclosing member name that names a store.
    pub store: Option<&'a str>,
    /// The member name, in an object keyed by job id.
    pub key: Option<&'a str>,
    /// What the objects around it say of it.
    pub around: Around<'a>,
    pub bytes: &'a [u8],
    /// Of the first byte, from the beginning of the input.
    pub position: u64,
    /// Of the first byte, from 1.
    pub line: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// An object that stands where a job stands. Its inside has not been checked.
    Record(Raw<'a>),
    /// What stands where a job stands and cannot be one; reading goes on behind it. `bytes` is empty where
    /// something is missing, a comma say, and only the beginning of a record that is too long.
    Bad { raw: Raw<'a>, reason: String },
    /// The structure ends or breaks here and nothing more can be read.
    Broken {
        position: u64,
        line: u64,
        reason: String,
    },
}

/// Reads one dump.
pub struct Reader<R> {
    window: Window<R>,
    max_record: usize,
    stack: Vec<Frame>,
    /// The containers that were closed last, the innermost first, and how many are around them.
    closed: Vec<Frame>,
    closed_in: usize,
    scan: Scan,
    head: Vec<u8>,
    /// The last byte but blank space of what has been dropped of a value that is too long.
    before: Option<u8>,
    key: String,
    /// The key is a UUID.
    by_id: bool,
    /// A record, and values beside it, that are told when more is known of their place.
    kept: Vec<Kept>,
    /// What is told next.
    waiting: Queue,
    /// What was told last, when it was kept before.
    given: Option<Box<Kept>>,
    /// An error of the input that is told behind what was kept.
    failure: Option<io::Error>,
    records: u64,
    left_out: u64,
    pages: Vec<ListingPage>,
    /// The name of the first member of the job that is being read, empty where there is none.
    first: Vec<u8>,
    mode: Mode,
    /// A job has stood at the top.
    jobs: bool,
    /// A job has just ended at the top, so that a comma behind it means nothing.
    comma: bool,
    /// The outermost container has just been closed where it should be.
    whole: bool,
    saw_value: bool,
    /// What is told behind the last one that was given.
    last: Option<Slot>,
    done: bool,
    cut_off: bool,
    /// What the input is instead of a dump, or what is the matter with it as a whole.
    kind: Option<Kind>,
}

/// How the values at the top stand on their lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Undecided,
    /// The first job was a single line so far; what comes behind it decides.
    OneLine,
    Lines,
    Free,
}

impl<R: Read> Reader<R> {
    pub fn new(input: R) -> Self {
        Self::with_limits(input, BUFFER, MAX_RECORD)
    }

    /// `buffer` is where the buffer begins; it grows for what must be held, which is at most a record of
    /// `max_record` bytes or a look ahead of 64 KiB.
    pub fn with_limits(input: R, buffer: usize, max_record: usize) -> Self {
        let limit = max_record.max(recognize::AHEAD).saturating_add(HEAD);
        Self {
            window: Window::new(input, buffer, limit),
            max_record,
            stack: Vec::new(),
            closed: Vec::new(),
            closed_in: 0,
            scan: Scan::new(Form::Nest, None),
            head: Vec::new(),
            before: None,
            key: String::new(),
            by_id: false,
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
        let Slot {
            what,
            held,
            keyed,
            position,
            line,
        } = found;
        if let (Held::Given, Some(kept)) = (held, &self.given) {
            let place = |is: bool| is.then_some(kept.key.as_str());
            let raw = Raw {
                store: kept.store.as_deref(),
                key: place(kept.as_key),
                around: Around {
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
        let raw = Raw {
            around: Around::default(),
            store: self.stack.last().and_then(|frame| frame.store.as_deref()),
            key: keyed.then_some(self.key.as_str()),
            bytes: match held {
                Held::Window { from, length } => self.window.passed(from, length),
                Held::Head | Held::Given => &self.head,
            },
            position,
            line,
        };
        Ok(Some(match what {
            What::Record => Item::Record(raw),
            What::Bad(reason) => Item::Bad { raw, reason },
            What::Broken(reason) => Item::Broken {
                position,
                line,
                reason,
            },
        }))
    }

    /// The bytes that have been passed.
    pub fn bytes_read(&self) -> u64 {
        self.window.position()
    }

    /// The line that they end in, from 1.
    pub fn line(&self) -> u64 {
        self.window.line()
    }

    /// Whether the rest of it is missing: known when it is broken.
    pub fn is_cut_off(&self) -> bool {
        self.cut_off
    }

    /// What the input is where it is no dump: known when it is broken.
    pub fn kind(&self) -> Option<&Kind> {
        self.kind.as_ref()
    }

    /// Whether anything but blank space has been met.
    pub fn saw_value(&self) -> bool {
        self.saw_value
    }

    /// Members beside jobs that were passed over.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The pages of a listing that it has.
    pub fn pages(&mut self) -> Vec<ListingPage> {
        std::mem::take(&mut self.pages)
    }

    /// Whether a bracket that does not close the container is a job's, because the jobs stand on lines and it does
    /// not begin one, or is indented as they are.
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
    fn note(&mut self, length: usize, reason: &str) -> Slot {
        let (position, line) = (self.window.position(), self.window.line());
        let held = Held::Window {
            from: self.window.mark(),
            length,
        };
        self.window.advance(length);
        Slot {
            what: What::Bad(reason.to_owned()),
            held,
            keyed: false,
            position,
            line,
        }
    }

    /// The same as `broken`, where the rest is missing.
    fn ends_early(&mut self, reason: String) -> Slot {
        self.cut_off = true;
        self.broken(reason)
    }

    fn broken(&mut self, reason: String) -> Slot {
        let (position, line) = (self.window.position(), self.window.line());
        self.done = true;
        let held = Held::Window {
            from: self.window.mark(),
            length: 0,
        };
        Slot {
            what: What::Broken(reason),
            held,
            keyed: false,
            position,
            line,
        }
    }
}
