//! The messages between the thread that takes dumps apart, those that make jobs of the pieces, and the one that writes.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;

use crate::legacy::kinds::{Cure, Kind, Origin};
use crate::legacy::reader::{ListingPage, Raw};
use crate::legacy::source::Ending;
use crate::legacy::{Around, Record, Store};
use crate::system::byte_budget::Reserved;

/// What comes out of a dump.
pub enum Event {
    Decoded(Piece),
    Ended(Ended),
}

/// Some records of one dump, in their order.
pub struct Piece {
    /// Of the dump, from 0.
    pub source: usize,
    /// In which of its members, where it is an archive.
    pub member: Option<Arc<str>>,
    pub records: Vec<Outcome>,
    /// The stores of further records, which were left out.
    pub left_out: Vec<Store>,
    /// What they count for: their bytes in the dump, and what any record takes.
    pub bytes: usize,
    pub(super) _room: Reserved,
}

pub type Outcome = Result<Record, Refused>;

/// A record that cannot become a job, with its place and text.
pub struct Refused {
    pub store: Store,
    pub key: Option<String>,
    pub position: u64,
    pub line: u64,
    pub reason: String,
    pub bytes: Vec<u8>,
}

impl Refused {
    pub fn raw(&self) -> Raw<'_> {
        Raw {
            store: None,
            key: self.key.as_deref(),
            around: Around::default(),
            bytes: &self.bytes,
            position: self.position,
            line: self.line,
        }
    }
}

/// The end of a dump.
pub struct Ended {
    pub source: usize,
    /// What is wrong with it as a whole, and of an archive with its members.
    pub problems: Vec<Problem>,
    /// How many dumps in it stood in a text.
    pub encoded: u64,
    /// What stands in an archive and is no dump.
    pub passed_over: PassedOver,
    /// Nothing more could be read of it.
    pub failure: Option<std::io::Error>,
    /// Members beside the jobs that were passed over.
    pub left_out: u64,
    /// The pages of a listing that it has.
    pub pages: Vec<ListingPage>,
}

/// What is wrong with a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub member: Option<Arc<str>>,
    pub what: String,
    pub remedy: Remedy,
}

/// What can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    Nothing,
    /// To run it again when the dump is whole.
    Whole,
    /// A line of shell, or words.
    Line(String),
}

/// What comes, in the order of the dumps.
pub(in crate::legacy) enum Promise {
    Piece(Receiver<Piece>),
    Ended(Ended),
}

/// Raw records on the way to a worker.
pub(in crate::legacy) struct Task {
    pub(in crate::legacy) source: usize,
    pub(in crate::legacy) member: Option<Arc<str>>,
    pub(in crate::legacy) text: Vec<u8>,
    pub(in crate::legacy) records: Vec<RawRecord>,
    pub(in crate::legacy) bytes: usize,
    pub(in crate::legacy) room: Reserved,
    pub(in crate::legacy) done: Sender<Piece>,
}

/// A record of a task. In the text of all, its key and then its own follow those of the one before.
pub(in crate::legacy) struct RawRecord {
    pub(in crate::legacy) key_length: Option<usize>,
    /// What is written as its key is an id that stands beside it.
    pub(in crate::legacy) beside: bool,
    /// An object around it has a status.
    pub(in crate::legacy) status_around: bool,
    pub(in crate::legacy) length: usize,
    pub(in crate::legacy) position: u64,
    pub(in crate::legacy) line: u64,
    /// Why it cannot be one.
    pub(in crate::legacy) bad: Option<String>,
}

impl RawRecord {
    /// What it counts for beside its text.
    pub(super) fn beside_text(&self) -> usize {
        RECORD + self.bad.as_ref().map_or(0, String::len)
    }
}

/// Nobody wants any more of it.
pub(in crate::legacy) struct Closed;

/// Which dump, and which member of it.
#[derive(Clone)]
pub(in crate::legacy) struct Part {
    pub(in crate::legacy) source: usize,
    pub(in crate::legacy) member: Option<Arc<str>>,
}

/// What a record counts for beside its bytes: a job of next to no text takes about three times as much.
pub(super) const RECORD: usize = 400;

/// What stands in an archive and is no dump.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// The first of them: the name, and what it is.
    pub named: Vec<(String, String)>,
    pub count: u64,
}

impl PassedOver {
    pub(super) fn add(&mut self, name: String, what: String) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push((name, what));
        }
    }
}

/// What came of reading a dump, besides its records.
#[derive(Debug, Default)]
pub(in crate::legacy) struct PartRead {
    pub(in crate::legacy) kind: Option<Kind>,
    /// The structure ends before it should.
    pub(in crate::legacy) cut_off: bool,
    /// Why nothing more could be read, and from which byte and line on.
    pub(in crate::legacy) broken: Option<(String, u64, u64)>,
    pub(in crate::legacy) failure: Option<io::Error>,
    pub(in crate::legacy) has_records: bool,
    pub(in crate::legacy) saw_value: bool,
    /// The byte and line where reading ended.
    pub(in crate::legacy) end: (u64, u64),
    /// Members beside the jobs that were passed over, and pages of a listing.
    pub(in crate::legacy) left_out: u64,
    pub(in crate::legacy) pages: Vec<ListingPage>,
}

impl PartRead {
    /// Whether it is no dump at all.
    pub(super) fn is_none(&self) -> bool {
        !self.has_records && (!self.saw_value || self.kind.is_some())
    }

    /// What it is if it is none.
    pub(super) fn what(&self) -> String {
        match (&self.kind, self.end.0) {
            (Some(kind), _) => kind.what.clone(),
            (None, 0) => "it is empty".to_owned(),
            (None, bytes) => format!("it is empty, but for {bytes} bytes of white space"),
        }
    }

    /// Adds what is wrong with the dump, which came from there and ended so.
    pub(in crate::legacy) fn tell(
        self,
        member: Option<Arc<str>>,
        ending: Ending,
        origin: &Origin,
        ended: &mut Ended,
    ) {
        ended.left_out += self.left_out;
        ended.pages.extend_from_slice(&self.pages);
        let (broken, cure) = match (&self.kind, &self.broken) {
            (Some(kind), Some((reason, position, line))) if *reason != kind.what => {
                let broken = with_place(reason, (*position, *line));
                (Some(format!("{}; {broken}", kind.what)), kind.cure.clone())
            }
            (Some(kind), _) => (Some(kind.what.clone()), kind.cure.clone()),
            (None, Some((reason, position, line))) => {
                let cure = if self.cut_off {
                    Cure::Whole
                } else {
                    Cure::Nothing
                };
                (Some(with_place(reason, (*position, *line))), cure)
            }
            (None, None) => (None, Cure::Nothing),
        };
        let found = match ending {
            Ending::Whole if !self.saw_value && self.kind.is_none() && self.failure.is_none() => {
                let advice = "nothing was written to it; look at what should have";
                Some((self.what(), Cure::Advice(advice.into())))
            }
            Ending::Whole => broken.map(|what| (what, cure)),
            Ending::Bad(bad) => {
                let what = match broken {
                    Some(broken) => format!("{}; {broken}", bad.what),
                    None if self.end.0 > 0 => with_place(&bad.what, self.end),
                    None => bad.what,
                };
                Some((what, bad.cure))
            }
            Ending::Gaps(gaps) => {
                let what = match broken {
                    Some(broken) => format!("{gaps}; {broken}"),
                    None => gaps,
                };
                Some((what, cure))
            }
            Ending::Failed(error) => {
                ended.failure = Some(error);
                broken.map(|what| (what, cure))
            }
        };
        if self.failure.is_some() {
            ended.failure = self.failure;
        }
        if let Some((what, cure)) = found {
            ended.problems.push(Problem {
                member,
                what,
                remedy: remedy(&cure, origin),
            });
        }
    }
}

/// Members and problems that are named of an archive; the others are counted.
pub(super) const NAMED: usize = 10;

pub(super) fn with_place(problem: &str, (position, line): (u64, u64)) -> String {
    format!("{problem} (byte {position}, line {line}); nothing behind it was read")
}

pub(super) fn remedy(cure: &Cure, origin: &Origin) -> Remedy {
    match cure {
        Cure::Nothing => Remedy::Nothing,
        Cure::Whole => Remedy::Whole,
        Cure::Advice(advice) => Remedy::Line(advice.clone().into_owned()),
        Cure::Program(program) => origin.line(program).map_or(Remedy::Nothing, Remedy::Line),
    }
}
