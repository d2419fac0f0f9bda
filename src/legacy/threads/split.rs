//! The thread that splits dumps: it reads them, cuts pieces of whole records, and hands these to the converting threads, as
//! long as the budget has room for more.

use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use super::messages::DumpEnd;
use super::messages::{DumpPart, Promise, RawRecord, ReceiverGone, Task};
use crate::legacy::kinds::InputFault;
use crate::legacy::position::Position;
use crate::legacy::reader::{BUFFER, DumpReader, Item, Raw};
use crate::legacy::source::{DumpContent, Source};
use crate::legacy::threads::messages::{PartRead, PassedOver};
use crate::system::byte_budget::ByteBudget;

/// The bytes of dump, and the number of records, with which a piece is full.
const PIECE: usize = 128 << 10;
const PIECE_RECORDS: usize = 250;

pub(in crate::legacy) struct Splitter {
    pub(in crate::legacy) promise: Sender<Promise>,
    pub(in crate::legacy) work: Sender<Task>,
    pub(in crate::legacy) on_the_way: Arc<ByteBudget>,
    pub(in crate::legacy) max_record: usize,
}

impl Splitter {
    pub(in crate::legacy) fn all(self, sources: Vec<Source>) {
        for (index, source) in sources.into_iter().enumerate() {
            if self.one(index, source).is_err() {
                return;
            }
        }
    }

    fn one(&self, source: usize, input: Source) -> Result<(), ReceiverGone> {
        let mut opened = input.open();
        let mut ended = DumpEnd {
            source,
            problems: Vec::new(),
            encoded: 0,
            passed_over: PassedOver::default(),
            failure: None,
            left_out: 0,
            pages: Vec::new(),
        };
        if opened.content.is_tar {
            self.members(opened, &mut ended)?;
        } else {
            let part = DumpPart {
                source,
                member: None,
            };
            let read = self.part(&part, &mut opened.content)?;
            ended.encoded += u64::from(opened.content.encoded && read.has_records);
            read.report(
                part.member,
                opened.ending(),
                &opened.content.origin,
                &mut ended,
            );
        }
        self.promise
            .send(Promise::Ended(ended))
            .map_err(|_| ReceiverGone)
    }

    /// Reads the records of an input, and hands them on.
    pub(in crate::legacy) fn part(
        &self,
        part: &DumpPart,
        content: &mut DumpContent,
    ) -> Result<PartRead, ReceiverGone> {
        let mut outcome = PartRead {
            kind: content.kind.clone(),
            ..PartRead::default()
        };
        if outcome.kind.is_some() {
            return Ok(outcome);
        }
        let mut reader = DumpReader::with_limits(&mut content.bytes, BUFFER, self.max_record);
        let (mut text, mut records) = (Vec::new(), Vec::new());
        let mut zeros = None;
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
                    outcome.broken = Some((reason, position, line));
                    continue;
                }
                Err(error) => {
                    outcome.failure = Some(error);
                    break;
                }
            };
            outcome.has_records = true;
            if zeros.is_none()
                && let Some(at) = memchr::memchr(0, raw.bytes)
            {
                zeros = Some(zeros_in(&raw, at, bad.is_some()));
            }
            let id = raw.key.or(raw.around.id);
            let length = id.map_or(0, str::len) + raw.bytes.len();
            if !records.is_empty() && text.len() + length > PIECE {
                self.send(part, &mut text, &mut records)?;
            }
            if text.is_empty() {
                text.reserve_exact(length.max(PIECE));
            }
            text.extend_from_slice(id.unwrap_or_default().as_bytes());
            text.extend_from_slice(raw.bytes);
            records.push(RawRecord {
                key_length: id.map(str::len),
                beside: raw.key.is_none(),
                status_around: raw.around.status,
                length: raw.bytes.len(),
                position: raw.position,
                line: raw.line,
                bad,
            });
            if records.len() == PIECE_RECORDS {
                self.send(part, &mut text, &mut records)?;
            }
        }
        self.send(part, &mut text, &mut records)?;
        outcome.kind = reader.kind().cloned().or(zeros);
        outcome.cut_off = reader.is_cut_off();
        outcome.saw_value = reader.saw_value();
        outcome.end = (reader.bytes_read(), reader.line());
        outcome.left_out = reader.left_out();
        outcome.pages = reader.pages();
        Ok(outcome)
    }

    fn send(
        &self,
        part: &DumpPart,
        text: &mut Vec<u8>,
        records: &mut Vec<RawRecord>,
    ) -> Result<(), ReceiverGone> {
        if records.is_empty() {
            return Ok(());
        }
        let bytes = text.len() + records.iter().map(RawRecord::beside_text).sum::<usize>();
        let reserved = self.on_the_way.take(bytes).ok_or(ReceiverGone)?;
        let (done, piece) = mpsc::channel();
        let task = Task {
            source: part.source,
            member: part.member.clone(),
            text: std::mem::take(text),
            records: std::mem::take(records),
            bytes,
            reserved,
            done,
        };
        let promised = self.promise.send(Promise::Piece(piece));
        promised.map_err(|_| ReceiverGone)?;
        self.work.send(task).map_err(|_| ReceiverGone)
    }
}

/// The kind of a dump with zeros in a record, the first of them at the offset `at` of that.
fn zeros_in(raw: &Raw, at: usize, torn: bool) -> InputFault {
    let (before, rest) = raw.bytes.split_at(at);
    let count = rest.iter().take_while(|byte| **byte == 0).count();
    let lines = memchr::memchr_iter(b'\n', before).count();
    let position = Position {
        byte: raw.position + at as u64,
        line: raw.line + lines as u64,
    };
    InputFault::has_zeros(count, position, torn)
}
