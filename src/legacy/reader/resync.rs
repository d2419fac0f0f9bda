//! The search for the next job behind one in which a string does not end where it should, and no line shows the next: text is
//! taken for structure from there on and structure for text, so that every byte may begin a job.

use std::io::{self, Read};

use memchr::{memchr, memchr2};

use super::DumpReader;
use super::names::{RECORD_FIELDS, decode, is_uuid};
use super::read_value::ValueEnd;
use super::scan::{Bracket, ScanStep, end_of};
use crate::job::row::write::MARK;

/// Bytes behind a brace that tell whether the next job follows: blank space, a key and the beginning of the job.
const AHEAD: usize = 512;

/// A damaged job that has been read.
pub(super) struct Damaged {
    /// The offset of the string in the job.
    pub(super) fault: usize,
    pub(super) length: usize,
    pub(super) end: ValueEnd,
    /// The number of bytes that are no longer held.
    pub(super) dropped: usize,
}

/// A search for the end of a damaged job.
struct Search {
    fault: usize,
    /// The offset at which the bytes begin that have not been searched.
    from: usize,
    next: NextJobSigns,
    /// The offset behind the likely last brace of the job, the offset to go on at, and what is there.
    found: Option<(usize, usize, ValueEnd)>,
    /// Whether the brackets tell nothing any more.
    lost: bool,
}

impl Search {
    /// The offset up to which brackets are followed from `at`.
    fn limit(&self, at: usize, length: usize) -> usize {
        match self.found {
            _ if self.lost => at,
            Some((last, ..)) => last.max(at),
            None => length,
        }
    }
}

/// The signs of the next job.
struct NextJobSigns {
    kind: Bracket,
    by_id: bool,
    /// The first name in it, where it is known, and whether that has a UUID.
    name: Vec<u8>,
    id_first: bool,
}

impl<R: Read> DumpReader<R> {
    /// Reads the rest of a job from `odd` on, the offset of a byte that cannot follow a string.
    #[cold]
    #[inline(never)]
    pub(super) fn pass_damaged(
        &mut self,
        odd: usize,
        mut dropped: usize,
        mut hold: bool,
    ) -> io::Result<Damaged> {
        self.scan.watch(false);
        let mut search = self.search_from(odd, dropped);
        self.find_next(&mut search, false);
        let mut at = odd;
        let (length, end) = loop {
            let data = self.window.data();
            let data = &data[..search.limit(at, data.len())];
            match self.scan.step(data, at) {
                ScanStep::Newline(found) | ScanStep::Odd(found) => at = found + 1,
                ScanStep::End(found) if !self.may_end(&mut search, found)? => search.lost = true,
                ScanStep::End(found) if self.scan.torn() => break (found, ValueEnd::Torn),
                ScanStep::End(found) => break (found, ValueEnd::Whole),
                ScanStep::More => {
                    self.find_next(&mut search, false);
                    if let Some((_, length, end)) = search.found {
                        break (length, end);
                    }
                    at = self.window.data().len();
                    if !hold || at > self.max_record.saturating_add(AHEAD) {
                        if hold {
                            self.keep_beginning();
                        }
                        hold = false;
                        self.window.advance(search.from);
                        (at, dropped) = (at - search.from, dropped + search.from);
                        search.from = 0;
                    }
                    if !self.window.fill()? {
                        break self.at_input_end(at, dropped, &mut search);
                    }
                }
            }
        };
        Ok(Damaged {
            fault: search.fault,
            length,
            end,
            dropped,
        })
    }

    fn at_input_end(&self, at: usize, dropped: usize, search: &mut Search) -> (usize, ValueEnd) {
        self.find_next(search, true);
        if let Some((_, length, end)) = search.found {
            return (length, end);
        }
        let held = dropped + at <= self.max_record;
        let end = if held {
            self.end_before_closers(&[Bracket::Brace])
        } else {
            None
        };
        end.map_or((at, ValueEnd::Lost), |length| (length, ValueEnd::LastJob))
    }

    /// The search that begins at the byte `odd` behind a string; `dropped` bytes of the job are no longer held.
    fn search_from(&self, odd: usize, dropped: usize) -> Search {
        let data = self.window.data();
        // Dropped bytes cannot be read again, and their number depends on the buffer.
        let held = dropped + odd <= self.max_record;
        let fault = if held {
            fault(&data[..=odd]).unwrap_or(odd)
        } else {
            odd
        };
        let name = self.first().filter(|name| is_field(name));
        let name = name.unwrap_or_default().to_vec();
        let has_id =
            || first_value(self.window.data()).is_some_and(|id| id.get(1..37).is_some_and(is_uuid));
        let id_first = held && !name.is_empty() && has_id();
        Search {
            fault: dropped + fault,
            from: fault,
            next: NextJobSigns {
                kind: self
                    .stack
                    .last()
                    .map_or(Bracket::Square, |frame| frame.kind),
                by_id: is_uuid(self.key.as_bytes()),
                name,
                id_first,
            },
            found: None,
            lost: false,
        }
    }

    /// Searches the bytes that are held and have not been searched for the next job.
    fn find_next(&self, search: &mut Search, ended: bool) {
        let data = self.window.data();
        while search.found.is_none()
            && let Some(brace) = memchr(b'}', &data[search.from..]).map(|n| search.from + n)
        {
            let behind = brace + 1;
            let text = &data[behind..data.len().min(behind + AHEAD)];
            match search.next.follows(text) {
                Ok((length, end)) => search.found = Some((behind, behind + length, end)),
                Err(Miss::Short) if text.len() < AHEAD && !ended => {
                    search.from = brace;
                    return;
                }
                Err(_) => search.from = behind,
            }
        }
        if search.found.is_none() {
            search.from = data.len();
        }
    }

    /// Whether a bracket of a damaged job is really its last, by the text behind it.
    fn may_end(&mut self, search: &mut Search, end: usize) -> io::Result<bool> {
        self.window.ensure(end + AHEAD)?;
        self.find_next(search, false);
        if search.found.is_some_and(|(last, ..)| last < end) {
            return Ok(false);
        }
        let data = self.window.data();
        let mut behind = ByteCursor {
            text: &data[end..data.len().min(end + AHEAD)],
            at: 0,
        };
        let closer = search.next.kind.closer();
        Ok(match behind.step() {
            Some(b',') if closer == b'}' => behind.step() == Some(b'"'),
            Some(b',') => behind
                .step()
                .is_some_and(|b| b"{[\"-0123456789tfn".contains(&b)),
            Some(byte) if byte == closer => {
                matches!(behind.step(), None | Some(b',' | b'}' | b']'))
            }
            _ => false,
        })
    }

    /// The end of the last job before the closing brackets of the containers and the end of the file. If only a string does
    /// not end, the brackets that are open in the job must be closed there too.
    pub(super) fn end_before_closers(&self, open: &[Bracket]) -> Option<usize> {
        let strip = |text: &'_ [u8], kind: &Bracket| {
            let rest = text.trim_ascii_end().strip_suffix(&[kind.closer()])?;
            Some(rest.len())
        };
        let data = self.window.data();
        let around = self.stack.iter().map(|frame| frame.kind);
        let end = around
            .into_iter()
            .try_fold(data.len(), |end, kind| strip(&data[..end], &kind))?;
        let end = data[..end].trim_ascii_end().len();
        let inner = open
            .iter()
            .try_fold(end, |end, kind| strip(&data[..end], kind))?;
        (inner > 0).then_some(end)
    }
}

/// The offset of the faulty string in a text that ends with the byte behind a string.
fn fault(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(start) = memchr(b'"', &text[at..]).map(|n| at + n) {
        at = start + 1;
        loop {
            let Some(n) = memchr2(b'"', b'\\', &text[at..]) else {
                return Some(start);
            };
            at += n + 1;
            if text[at - 1] == b'"' {
                break;
            }
            if !matches!(
                text.get(at),
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' | b'u')
            ) {
                return Some(start);
            }
            at += 1;
        }
        let behind = text[at..].iter().find(|b| !b.is_ascii_whitespace());
        if !matches!(behind, Some(b',' | b':' | b'}' | b']')) {
            return Some(start);
        }
    }
    None
}

fn is_field(name: &[u8]) -> bool {
    decode(name).is_some_and(|name| RECORD_FIELDS.contains(&name.as_str()))
}

/// The text from the value of the first member on; behind the mark of a row, of the second.
fn first_value(object: &[u8]) -> Option<&[u8]> {
    let ahead = &object[..object.len().min(AHEAD)];
    let mut from = memchr(b'"', ahead)?;
    let mut end = end_of(ahead, from)?;
    if &ahead[from + 1..end - 1] == MARK.as_bytes() {
        from = end + memchr(b'"', &ahead[end..])?;
        end = end_of(ahead, from)?;
    }
    let blank = |b: &u8| b.is_ascii_whitespace() || *b == b':';
    Some(&object[end + object[end..].iter().take_while(|b| blank(b)).count()..])
}

enum Miss {
    /// The text ends before it is known.
    Short,
    Other,
}

impl NextJobSigns {
    /// The bytes from the end of a job, at which `text` begins, to the next job or to the bracket of the container.
    fn follows(&self, text: &[u8]) -> Result<(usize, ValueEnd), Miss> {
        let mut cursor = ByteCursor { text, at: 0 };
        if cursor.peek()? == self.kind.closer() {
            let closer = cursor.at;
            cursor.at += 1;
            cursor.pass(b',')?;
            let store = cursor.name()?;
            let holds = store.ends_with(b"jobs") || store == b"pagination";
            cursor.pass(b':')?;
            return match cursor.peek()? {
                b'{' | b'[' if holds => Ok((closer, ValueEnd::LastJob)),
                _ => Err(Miss::Other),
            };
        }
        if cursor.peek()? == b'{' && cursor.at > 0 && text[cursor.at - 1] == b'\n' {
            // A line that begins a job at the top, where containers on lines were not closed.
            cursor.at += 1;
            let name = cursor.name()?;
            return match cursor.peek()? {
                b':' if is_field(name) => Ok((0, ValueEnd::LastJob)),
                _ => Err(Miss::Other),
            };
        }
        cursor.pass(b',')?;
        cursor.peek()?;
        let begin = cursor.at;
        if self.kind == Bracket::Brace {
            let key = cursor.name()?;
            if self.by_id && !is_uuid(key) {
                return Err(Miss::Other);
            }
            cursor.pass(b':')?;
        }
        cursor.pass(b'{')?;
        let name = cursor.name()?;
        let by_key = self.kind == Bracket::Brace && self.by_id;
        let alike = if self.name.is_empty() {
            is_field(name)
        } else {
            name == self.name
        };
        if !by_key && !alike {
            return Err(Miss::Other);
        }
        cursor.pass(b':')?;
        if self.id_first && name == MARK.as_bytes() {
            cursor.pass_digits()?;
            cursor.pass(b',')?;
            cursor.name()?;
            cursor.pass(b':')?;
        }
        if self.id_first && !by_key && !is_uuid(cursor.name()?) {
            return Err(Miss::Other);
        }
        Ok((begin, ValueEnd::NextJob))
    }
}

struct ByteCursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> ByteCursor<'a> {
    /// The next byte but blank space.
    fn peek(&mut self) -> Result<u8, Miss> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        self.text.get(self.at).copied().ok_or(Miss::Short)
    }

    fn step(&mut self) -> Option<u8> {
        let byte = self.peek().ok();
        self.at += 1;
        byte
    }

    fn pass(&mut self, byte: u8) -> Result<(), Miss> {
        if self.peek()? == byte {
            self.at += 1
        } else {
            return Err(Miss::Other);
        }
        Ok(())
    }

    fn pass_digits(&mut self) -> Result<(), Miss> {
        while self.peek()?.is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    /// A string, without its quotes.
    fn name(&mut self) -> Result<&'a [u8], Miss> {
        if self.peek()? != b'"' {
            return Err(Miss::Other);
        }
        let (text, from) = (self.text, self.at);
        self.at = end_of(text, from).ok_or(Miss::Short)?;
        Ok(&text[from + 1..self.at - 1])
    }
}
