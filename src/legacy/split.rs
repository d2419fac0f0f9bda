//! The thread that takes dumps apart: it reads them, cuts pieces of whole records, and hands these to the threads
//! that convert them, as long as there is room for more on the way.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use super::decode::{Ended, Piece};
use super::reader::{BUFFER, Item, Reader};
use super::source::{Ending, Source};
use crate::room::{OnTheWay, Room};

/// A piece is full with so many bytes of dump, or so many records.
const PIECE: usize = 128 << 10;
const PIECE_RECORDS: usize = 250;

/// What a record counts for beside its bytes: a job of next to no text takes about three times as much.
const RECORD: usize = 400;

/// What comes, in the order of the dumps.
pub(super) enum Promise {
    Piece(Receiver<Piece>),
    Ended(Ended),
}

/// Raw records on the way to a worker.
pub(super) struct Task {
    pub(super) source: usize,
    pub(super) text: Vec<u8>,
    pub(super) records: Vec<RawRecord>,
    pub(super) bytes: usize,
    pub(super) room: Room,
    pub(super) done: Sender<Piece>,
}

/// A record of a task. In the text of all, its key and then its own follow those of the one before.
pub(super) struct RawRecord {
    pub(super) key_length: Option<usize>,
    pub(super) length: usize,
    pub(super) position: u64,
    pub(super) line: u64,
    /// Why it cannot be one.
    pub(super) bad: Option<String>,
}

impl RawRecord {
    /// What it counts for beside its text.
    fn beside_text(&self) -> usize {
        RECORD + self.bad.as_ref().map_or(0, String::len)
    }
}

fn with_place(problem: &str, position: u64, line: u64) -> String {
    format!("{problem} (byte {position}, line {line}); nothing behind it was read")
}

pub(super) struct Splitter {
    pub(super) promise: Sender<Promise>,
    pub(super) work: Sender<Task>,
    pub(super) on_the_way: Arc<OnTheWay>,
    pub(super) max_record: usize,
}

/// Nobody wants any more of it.
struct Closed;

impl Splitter {
    pub(super) fn all(self, sources: Vec<Source>) {
        for (place, source) in sources.into_iter().enumerate() {
            if self.one(place, source).is_err() {
                return;
            }
        }
    }

    fn one(&self, place: usize, source: Source) -> Result<(), Closed> {
        let mut opened = source.open();
        let mut reader = Reader::with_limits(&mut opened.bytes, BUFFER, self.max_record);
        let (mut text, mut records) = (Vec::new(), Vec::new());
        let mut problem = None;
        let mut failure = None;
        loop {
            let (raw, bad) = match reader.next() {
                Ok(None) => break,
                Ok(Some(Item::Record(raw))) => (raw, None),
                Ok(Some(Item::Bad { raw, reason })) => (raw, Some(reason)),
                Ok(Some(Item::Broken {
                    position,
                    line,
                    reason,
                })) => {
                    problem = Some(with_place(&reason, position, line));
                    continue;
                }
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            };
            let length = raw.key.map_or(0, str::len) + raw.bytes.len();
            if !records.is_empty() && text.len() + length > PIECE {
                self.send(place, &mut text, &mut records)?;
            }
            if text.is_empty() {
                text.reserve_exact(length.max(PIECE));
            }
            text.extend_from_slice(raw.key.unwrap_or_default().as_bytes());
            text.extend_from_slice(raw.bytes);
            records.push(RawRecord {
                key_length: raw.key.map(str::len),
                length: raw.bytes.len(),
                position: raw.position,
                line: raw.line,
                bad,
            });
            if records.len() == PIECE_RECORDS {
                self.send(place, &mut text, &mut records)?;
            }
        }
        self.send(place, &mut text, &mut records)?;
        let saw_value = reader.saw_value();
        let (position, line) = (reader.bytes_read(), reader.line());
        let problem = match opened.ending() {
            Ending::Whole if !saw_value => Some("it is empty".to_owned()),
            Ending::Whole => problem,
            Ending::Bad(what) => Some(match problem {
                Some(problem) => format!("{what}; {problem}"),
                None if position > 0 => with_place(&what, position, line),
                None => what,
            }),
            Ending::Failed(error) => {
                failure = Some(error);
                problem
            }
        };
        let ended = Ended {
            source: place,
            problem,
            failure,
        };
        self.promise.send(Promise::Ended(ended)).map_err(|_| Closed)
    }

    fn send(
        &self,
        source: usize,
        text: &mut Vec<u8>,
        records: &mut Vec<RawRecord>,
    ) -> Result<(), Closed> {
        if records.is_empty() {
            return Ok(());
        }
        let bytes = text.len() + records.iter().map(RawRecord::beside_text).sum::<usize>();
        let room = self.on_the_way.take(bytes).ok_or(Closed)?;
        let (done, piece) = mpsc::channel();
        let task = Task {
            source,
            text: std::mem::take(text),
            records: std::mem::take(records),
            bytes,
            room,
            done,
        };
        let promised = self.promise.send(Promise::Piece(piece));
        promised.map_err(|_| Closed)?;
        self.work.send(task).map_err(|_| Closed)
    }
}
