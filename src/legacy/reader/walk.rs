//! The walk through the containers: whether the next value is a job, and how to go on where the structure is damaged.

use std::io::{self, Read};
use std::sync::Arc;

use super::containers::{Beside, Expect, FoundItem, FoundKind, OpenContainer};
use super::job::{CUT_OFF, form, found};
use super::names::{self, RECORD_FIELDS, is_uuid};
use super::queue::QueuedItem;
use super::read_value::{HeldBytes, ValueEnd};
use super::recognize::{AHEAD, JobLayout, Recognized, is_envelope};
use super::scan::{Bracket, ValueForm, end_of};
use super::{DumpReader, Mode};

const LEFT_BEHIND: &str = "something stands behind the end of the document; it seems to be left of a longer one before it";

/// The most levels of containers.
const MAX_DEPTH: usize = 64;

impl<R: Read> DumpReader<R> {
    pub(super) fn step(&mut self) -> io::Result<Option<FoundItem>> {
        loop {
            if let Some(waiting) = self.waiting.pop_front() {
                return Ok(Some(self.hand_out(waiting)));
            }
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            if self.done {
                return Ok(self.last.take());
            }
            let found = match self.pass_one() {
                Err(error) if !self.kept.is_empty() => {
                    self.failure = Some(error);
                    self.release_kept();
                    continue;
                }
                found => found?,
            };
            self.records += u64::from(found.as_ref().is_some_and(FoundItem::counts_as_job));
            if !self.is_settled(found.as_ref()) {
                self.arrange(found);
            } else if found.is_some() {
                return Ok(found);
            }
        }
    }

    fn hand_out(&mut self, waiting: QueuedItem) -> FoundItem {
        match waiting {
            QueuedItem::Found(found) => found,
            QueuedItem::Kept(kept) => {
                let (position, line) = (kept.position, kept.line);
                self.given = Some(kept);
                FoundItem {
                    kind: FoundKind::Record,
                    held: HeldBytes::Given,
                    keyed: false,
                    position,
                    line,
                }
            }
        }
    }

    /// Reads or skips the next value.
    fn pass_one(&mut self) -> io::Result<Option<FoundItem>> {
        let indent = self.window.blank()?;
        let Some(byte) = self.window.peek()? else {
            return Ok(self.at_end());
        };
        match self.stack.last() {
            None => self.top(byte, indent),
            Some(frame) => self.inside(frame.kind, frame.expect, byte, indent),
        }
    }

    fn at_end(&mut self) -> Option<FoundItem> {
        self.done = true;
        let kind = self.stack.last()?.kind;
        Some(self.ends_early(ends_inside(opening(kind))))
    }

    fn top(&mut self, byte: u8, indent: Option<usize>) -> io::Result<Option<FoundItem>> {
        if byte == 0xef && self.window.byte_order_mark()? {
            return Ok(None);
        }
        let first = !std::mem::replace(&mut self.saw_value, true);
        let comma = std::mem::take(&mut self.comma);
        if byte == b',' && comma && !self.may_go_back() {
            self.window.advance(1);
            return Ok(None);
        }
        if byte == b'{' && self.pass_action()? {
            return Ok(None);
        }
        self.source_id = self.action_id.take();
        if self.mode == Mode::OneLine {
            self.mode = if indent.is_some() {
                Mode::Lines
            } else {
                Mode::Free
            };
        }
        if first && byte != b'[' && self.first_of_lines()? {
            self.mode = Mode::Lines;
        }
        if first
            && self.mode != Mode::Lines
            && let Some(found) = self.no_dump(byte)?
        {
            return Ok(Some(found));
        }
        let opens = matches!(byte, b'{' | b'[');
        if std::mem::take(&mut self.whole) && !opens && self.mode != Mode::Lines {
            return Ok(Some(self.broken(LEFT_BEHIND.to_owned())));
        }
        if byte == b','
            && self.mode != Mode::Lines
            && let Some(note) = self.reopen()?
        {
            return Ok(Some(note));
        }
        match byte {
            b'{' | b'[' => self.value(byte, false, indent),
            0 => self.zeros().map(Some),
            _ if first && self.mode == Mode::Lines => self.first_line(byte),
            _ if self.mode == Mode::Lines => self.bad_line(byte),
            b'}' | b']' | b',' if !first => {
                self.forget_end(byte);
                Ok(Some(self.note(1, &format!("a {} too many", found(byte)))))
            }
            _ => self.reopen_at_line(byte).map(Some),
        }
    }

    fn inside(
        &mut self,
        kind: Bracket,
        expect: Expect,
        byte: u8,
        indent: Option<usize>,
    ) -> io::Result<Option<FoundItem>> {
        let object = kind == Bracket::Brace;
        if matches!(byte, b'{' | b'"')
            && let Some(note) = self.reopen_here(indent)?
        {
            return Ok(Some(note));
        }
        match byte {
            0 => self.zeros().map(Some),
            b',' if expect == Expect::Comma => {
                self.expect(Expect::Value);
                self.window.advance(1);
                Ok(None)
            }
            b',' => Ok(Some(self.note(1, "a comma too many"))),
            b'}' | b']' if byte != kind.closer() => {
                let parent = self.stack.iter().rev().nth(1);
                if self.closes_job(indent) || parent.is_none_or(|frame| frame.kind == kind) {
                    return Ok(Some(self.note(1, &format!("a {} too many", found(byte)))));
                }
                let note = self.note(
                    0,
                    &format!(
                        "the {} that holds the jobs is not closed",
                        kind_of(opening(kind))
                    ),
                );
                self.stack.pop();
                Ok(Some(note))
            }
            b'}' | b']' if expect == Expect::Value => {
                self.expect(Expect::Comma);
                Ok(Some(self.note(
                    0,
                    &format!("a comma too many before {}", found(byte)),
                )))
            }
            b'}' | b']' => {
                self.window.advance(1);
                self.close();
                self.whole = indent == Some(0) && self.is_true_end();
                Ok(None)
            }
            b'{' if object && indent == Some(0) && self.mode == Mode::Lines => {
                let note = self.note(0, "the object that holds the jobs is not closed");
                self.stack.clear();
                Ok(Some(note))
            }
            b'{' | b'[' if object => {
                self.expect(Expect::Comma);
                self.bad(
                    ValueForm::Nest,
                    false,
                    "a job stands here without a key".to_owned(),
                )
            }
            b'"' | b'{' | b'[' if expect == Expect::Comma => {
                self.expect(Expect::Value);
                Ok(Some(self.note(0, "a comma is missing here")))
            }
            b'"' if object => self.member(indent),
            _ if object || expect == Expect::Comma => self.stray(byte, byte == b':'),
            _ => self.value(byte, false, indent),
        }
    }

    fn member(&mut self, indent: Option<usize>) -> io::Result<Option<FoundItem>> {
        let end = loop {
            let data = self.window.data();
            let length = data.len();
            match end_of(data, 0) {
                Some(end) if end > AHEAD || data[..end].contains(&b'\n') => {
                    return self.stray(b'"', true);
                }
                Some(end) => break end,
                None if length > AHEAD => return self.stray(b'"', true),
                None => {
                    self.window.ensure(length * 2)?;
                    if self.window.data().len() == length {
                        self.window.advance(length);
                        return Ok(self.at_end());
                    }
                }
            }
        };
        let key = names::decode(&self.window.data()[1..end - 1]);
        let valid = key.is_some();
        self.key = key.unwrap_or_default();
        let by_id = is_uuid(self.key.as_bytes());
        self.by_id = by_id;
        let jobs = self.stack.last_mut().is_none_or(|frame| {
            frame.jobs |= by_id;
            frame.by_id |= by_id;
            frame.jobs
        });
        let field = !by_id && RECORD_FIELDS.contains(&self.key.as_str());
        if field && !self.is_outside(indent) {
            let layout = self
                .stack
                .last()
                .map_or(JobLayout::Unknown, |frame| frame.layout);
            let reason = "a part of a job stands outside of it";
            if let Some((length, expect)) = self.next_line(layout)? {
                self.expect(expect);
                return Ok(Some(self.note(length, reason)));
            }
            if let Some(note) = self.reopen_behind(reason)? {
                return Ok(Some(note));
            }
        }
        self.window.advance(end);
        self.window.blank()?;
        let colon = self.window.peek()? == Some(b':');
        if colon {
            self.window.advance(1);
            self.window.blank()?;
        }
        let Some(byte) = self.window.peek()? else {
            return Ok(self.at_end());
        };
        if !colon && !matches!(byte, b',' | b'}' | b']' | b'{' | b'[') {
            return self.stray(byte, true);
        }
        self.expect(Expect::Comma);
        match byte {
            b',' | b'}' | b']' => {
                let note = self.note(0, "a job must be an object, found nothing");
                Ok(Some(FoundItem {
                    keyed: valid,
                    ..note
                }))
            }
            _ if !valid => self.bad(form(byte), false, "its key is not valid text".to_owned()),
            b'"' if colon && !by_id && !field && self.is_encoded_job()? => self.encoded_job(),
            _ if colon && !by_id && self.pass_member(byte, field)? => Ok(None),
            _ if is_envelope(self.key.as_bytes()) || field && !jobs && self.is_beside()? => {
                match self.take(form(byte), JobLayout::Unknown, false)?.end {
                    ValueEnd::Input => Ok(self.at_end()),
                    _ => Ok(None),
                }
            }
            _ if !colon => self.bad(form(byte), true, "expected \":\" after its key".to_owned()),
            _ => self.value(byte, true, indent),
        }
    }

    /// Reads a value that is a job or something instead of one, or enters a container of jobs.
    fn value(
        &mut self,
        byte: u8,
        keyed: bool,
        indent: Option<usize>,
    ) -> io::Result<Option<FoundItem>> {
        self.expect(Expect::Comma);
        if byte == b'"' && (self.leaves_line()? || self.is_name()?) {
            return self.stray(byte, true);
        }
        if !matches!(byte, b'{' | b'[') {
            let reason = self.not_a_job(byte)?;
            return self.bad(form(byte), keyed, reason);
        }
        let lines = self.stack.is_empty() && self.mode == Mode::Lines && !self.opens_alone()?;
        let by_id = keyed && is_uuid(self.key.as_bytes());
        let own = self.layout(indent)?;
        let among_jobs = by_id || self.stack.last().map_or(self.jobs, |frame| frame.jobs);
        let layout = match self.stack.last().map(|frame| frame.layout) {
            _ if lines => JobLayout::Lines,
            // Earlier jobs tell better where the next one begins, as this one may be damaged.
            Some(jobs) if jobs != JobLayout::Unknown => jobs,
            _ => own,
        };
        match self.verdict(lines, layout, among_jobs)? {
            Recognized::Undecided { .. } if self.stack.is_empty() => {
                let reason = match self.mode {
                    Mode::Undecided => ends_inside(byte),
                    _ => CUT_OFF.to_owned(),
                };
                Ok(Some(self.ends_early(reason)))
            }
            Recognized::Undecided { .. } if keyed && !by_id => {
                Ok(Some(self.ends_early(ends_inside(byte))))
            }
            // Undecided values are damaged or cut off.
            Recognized::Undecided { .. } | Recognized::Record => {
                if let Some(frame) = self.stack.last_mut().filter(|_| keyed && !by_id) {
                    frame.beside.begun += 1;
                }
                self.record(keyed, own, layout)
            }
            _ if lines && self.leaves_line()? => self.record(keyed, own, layout),
            Recognized::Empty if by_id || (byte == b'{' && !keyed && !self.stack.is_empty()) => {
                let reason = format!("a job must have members, found an empty {}", kind_of(byte));
                self.bad(ValueForm::Nest, keyed, reason)
            }
            _ if self.stack.len() == MAX_DEPTH => {
                let reason = format!("more than {MAX_DEPTH} containers stand within each other");
                self.bad(ValueForm::Nest, keyed, reason)
            }
            _ => {
                let parent = self.stack.last().and_then(|frame| frame.store.clone());
                let named = keyed && !by_id;
                let of_action = self.source_id.take();
                let beside = Beside {
                    own: by_id.then(|| self.key.clone()).or(of_action),
                    before: self.records,
                    holds_jobs: named && self.key.ends_with("jobs"),
                    ..Beside::default()
                };
                self.stack.push(OpenContainer {
                    kind: if byte == b'{' {
                        Bracket::Brace
                    } else {
                        Bracket::Square
                    },
                    store: if named {
                        Some(Arc::from(self.key.as_str()))
                    } else {
                        parent
                    },
                    expect: Expect::First,
                    jobs: false,
                    by_id: false,
                    beside,
                    layout: JobLayout::Unknown,
                });
                self.window.advance(1);
                Ok(None)
            }
        }
    }
}

fn ends_inside(opening: u8) -> String {
    format!(
        "the file ends inside the {} that holds the jobs",
        kind_of(opening)
    )
}

fn kind_of(opening: u8) -> &'static str {
    if opening == b'{' { "object" } else { "array" }
}

fn opening(kind: Bracket) -> u8 {
    match kind {
        Bracket::Brace => b'{',
        Bracket::Square => b'[',
    }
}
