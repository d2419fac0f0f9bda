//! The messages between the thread that splits dumps, those that make jobs of the pieces, and the one that writes.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;

use crate::legacy::kinds::{FaultRemedy, InputFault, Origin};
use crate::legacy::reader::{ListingPage, Raw};
use crate::legacy::source::Ending;
use crate::legacy::{ConvertedRecord, OuterFacts, Store};
use crate::system::byte_budget::Reserved;

/// An output of decoding a dump.
pub enum DecodeEvent {
    Decoded(DecodedRecords),
    Ended(DumpEnd),
}

/// Some records of one dump, in their order.
pub struct DecodedRecords {
    /// The index of the dump.
    pub source: usize,
    /// The member of the dump, where that is an archive.
    pub member: Option<Arc<str>>,
    pub records: Vec<Outcome>,
    /// The stores of further records, which were left out.
    pub left_out: Vec<Store>,
    /// Their share of the budget: their bytes in the dump, and those that any record takes.
    pub bytes: usize,
    pub(super) _reserved: Reserved,
}

impl DecodedRecords {
    /// Rows of a database, which is the only source.
    pub fn of_database(
        records: Vec<Outcome>,
        left_out: Vec<Store>,
        bytes: usize,
        reserved: Reserved,
    ) -> DecodedRecords {
        DecodedRecords {
            source: 0,
            member: None,
            records,
            left_out,
            bytes,
            _reserved: reserved,
        }
    }
}

pub type Outcome = Result<ConvertedRecord, Refused>;

/// A record that cannot become a job, with its position and text.
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
            around: OuterFacts::default(),
            bytes: &self.bytes,
            position: self.position,
            line: self.line,
        }
    }
}

/// The end of a dump.
pub struct DumpEnd {
    pub source: usize,
    /// The problems of the dump as a whole, and of an archive's members.
    pub problems: Vec<Problem>,
    /// The number of dumps in it that stood in a text.
    pub encoded: u64,
    /// The members of an archive that are no dumps.
    pub passed_over: PassedOver,
    /// The error that ended the reading.
    pub failure: Option<std::io::Error>,
    /// Members beside the jobs that were passed over.
    pub left_out: u64,
    /// The pages of a listing that it has.
    pub pages: Vec<ListingPage>,
}

/// A problem of a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub member: Option<Arc<str>>,
    pub what: String,
    pub remedy: Remedy,
}

/// The remedy for a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    Nothing,
    /// Another run, once the dump is whole.
    Whole,
    /// A line of shell, or words.
    Line(String),
}

/// A piece whose jobs are to come, or an end, in the order of the dumps.
pub(in crate::legacy) enum Promise {
    Piece(Receiver<DecodedRecords>),
    Ended(DumpEnd),
}

/// Raw records on the way to a worker.
pub(in crate::legacy) struct Task {
    pub(in crate::legacy) source: usize,
    pub(in crate::legacy) member: Option<Arc<str>>,
    pub(in crate::legacy) text: Vec<u8>,
    pub(in crate::legacy) records: Vec<RawRecord>,
    pub(in crate::legacy) bytes: usize,
    pub(in crate::legacy) reserved: Reserved,
    pub(in crate::legacy) done: Sender<DecodedRecords>,
}

/// A record of a task. In the text of the task, its key and its own text follow those of the record before.
pub(in crate::legacy) struct RawRecord {
    pub(in crate::legacy) key_length: Option<usize>,
    /// Whether its key is an id that stands beside it.
    pub(in crate::legacy) beside: bool,
    /// Whether an object around it has a status.
    pub(in crate::legacy) status_around: bool,
    pub(in crate::legacy) length: usize,
    pub(in crate::legacy) position: u64,
    pub(in crate::legacy) line: u64,
    /// The reason why it cannot be a job.
    pub(in crate::legacy) bad: Option<String>,
}

impl RawRecord {
    /// Its share of the budget beside its text.
    pub(super) fn beside_text(&self) -> usize {
        RECORD + self.bad.as_ref().map_or(0, String::len)
    }
}

/// The error that the other end has been closed.
pub(in crate::legacy) struct ReceiverGone;

/// The part of the input that is read: a dump, or a member of one.
#[derive(Clone)]
pub(in crate::legacy) struct DumpPart {
    pub(in crate::legacy) source: usize,
    pub(in crate::legacy) member: Option<Arc<str>>,
}

/// The share of the budget that a record has beside its bytes: a job of next to no text takes about three times as much.
pub(super) const RECORD: usize = 400;

/// The members of an archive that are no dumps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// The first of them: its name, and what it is.
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

/// The outcome of reading a dump, besides its records.
#[derive(Debug, Default)]
pub(in crate::legacy) struct PartRead {
    pub(in crate::legacy) kind: Option<InputFault>,
    /// Whether the structure ends before it should.
    pub(in crate::legacy) cut_off: bool,
    /// The reason why nothing more could be read, with the byte and the line.
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

    /// A description of an input that is no dump.
    pub(super) fn what(&self) -> String {
        match (&self.kind, self.end.0) {
            (Some(kind), _) => kind.what.clone(),
            (None, 0) => "it is empty".to_owned(),
            (None, bytes) => format!("it is empty, but for {bytes} bytes of white space"),
        }
    }

    /// Adds the problems of the dump, which came from `origin` and ended with `ending`, to `ended`.
    pub(in crate::legacy) fn report(
        self,
        member: Option<Arc<str>>,
        ending: Ending,
        origin: &Origin,
        ended: &mut DumpEnd,
    ) {
        ended.left_out += self.left_out;
        ended.pages.extend_from_slice(&self.pages);
        let (broken, remedy) = match (&self.kind, &self.broken) {
            (Some(kind), Some((reason, position, line))) if *reason != kind.what => {
                let broken = at_position(reason, (*position, *line));
                (
                    Some(format!("{}; {broken}", kind.what)),
                    kind.remedy.clone(),
                )
            }
            (Some(kind), _) => (Some(kind.what.clone()), kind.remedy.clone()),
            (None, Some((reason, position, line))) => {
                let remedy = if self.cut_off {
                    FaultRemedy::Whole
                } else {
                    FaultRemedy::Nothing
                };
                (Some(at_position(reason, (*position, *line))), remedy)
            }
            (None, None) => (None, FaultRemedy::Nothing),
        };
        let found = match ending {
            Ending::Whole if !self.saw_value && self.kind.is_none() && self.failure.is_none() => {
                let advice = "nothing was written to it; look at what should have";
                Some((self.what(), FaultRemedy::Advice(advice.into())))
            }
            Ending::Whole => broken.map(|what| (what, remedy)),
            Ending::Bad(bad) => {
                let what = match broken {
                    Some(broken) => format!("{}; {broken}", bad.what),
                    None if self.end.0 > 0 => at_position(&bad.what, self.end),
                    None => bad.what,
                };
                Some((what, bad.remedy))
            }
            Ending::Gaps(gaps) => {
                let what = match broken {
                    Some(broken) => format!("{gaps}; {broken}"),
                    None => gaps,
                };
                Some((what, remedy))
            }
            Ending::Failed(error) => {
                ended.failure = Some(error);
                broken.map(|what| (what, remedy))
            }
        };
        if self.failure.is_some() {
            ended.failure = self.failure;
        }
        if let Some((what, remedy)) = found {
            ended.problems.push(Problem {
                member,
                what,
                remedy: spelled(&remedy, origin),
            });
        }
    }
}

/// The most members and problems of an archive that are named; the others are counted.
pub(super) const NAMED: usize = 10;

pub(super) fn at_position(problem: &str, (position, line): (u64, u64)) -> String {
    format!("{problem} (byte {position}, line {line}); nothing behind it was read")
}

pub(super) fn spelled(remedy: &FaultRemedy, origin: &Origin) -> Remedy {
    match remedy {
        FaultRemedy::Nothing => Remedy::Nothing,
        FaultRemedy::Whole => Remedy::Whole,
        FaultRemedy::Advice(advice) => Remedy::Line(advice.clone().into_owned()),
        FaultRemedy::Program(program) => origin.line(program).map_or(Remedy::Nothing, Remedy::Line),
    }
}
