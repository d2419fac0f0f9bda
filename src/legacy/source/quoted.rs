//! A dump within a JSON text, as a program makes it that encodes JSON a second time. The text is decoded while it is read;
//! several texts in a row are several documents.

use std::io::{self, Read};

use memchr::memchr2;

/// Bytes that are read at once.
const BLOCK: usize = 64 << 10;

/// The most times that a dump may have been encoded.
const TIMES: usize = 3;

/// Whether the first bytes of a file are those of a text that holds an object or an array.
pub(in crate::legacy) fn begins(start: &[u8]) -> bool {
    let json = inside(start).unwrap_or_default();
    let next = json
        .get(1..)
        .and_then(|rest| rest.trim_ascii_start().first());
    !json.is_empty() && matches!(next, None | Some(b'"' | b'{' | b'[' | b'}' | b']'))
}

/// The object or array in the text that `text` begins with, as far as that goes.
pub(in crate::legacy) fn inside(start: &[u8]) -> Option<Vec<u8>> {
    let mut start = start.to_vec();
    for _ in 0..TIMES {
        let text = start.trim_ascii_start().strip_prefix(b"\"")?;
        let mut inside = StringDecoder {
            state: StringState::Inside,
            ..StringDecoder::default()
        };
        inside.decode(text);
        let json = inside.out.trim_ascii_start();
        if matches!(json, [b'{' | b'[', ..]) {
            return Some(json.to_vec());
        }
        start = json.to_vec();
    }
    None
}

pub(in crate::legacy) struct Unquoted<R> {
    input: R,
    block: Vec<u8>,
    decoder: StringDecoder,
    /// The bytes of `decoded` that have been given out.
    given: usize,
}

#[derive(Default)]
struct StringDecoder {
    out: Vec<u8>,
    state: StringState,
    /// The digits of an escape, and the first half of a character.
    unit: u32,
    half: Option<u16>,
}

#[derive(Clone, Copy, Default)]
enum StringState {
    #[default]
    Outside,
    Inside,
    Escape,
    /// The number of digits of an escape that are still to come.
    Digits(u8),
}

impl<R: Read> Unquoted<R> {
    pub(in crate::legacy) fn new(input: R) -> Self {
        Unquoted {
            input,
            block: vec![0; BLOCK],
            decoder: StringDecoder::default(),
            given: 0,
        }
    }
}

impl<R: Read> Read for Unquoted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoder.out.len() {
            self.decoder.out.clear();
            self.given = 0;
            let count = self.input.read(&mut self.block)?;
            if count == 0 {
                return Ok(0);
            }
            self.decoder.decode(&self.block[..count]);
        }
        let rest = &self.decoder.out[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

impl StringDecoder {
    fn decode(&mut self, mut text: &[u8]) {
        while let Some(&byte) = text.first() {
            let mut passed = 1;
            match self.state {
                StringState::Outside => match byte {
                    b'"' => self.state = StringState::Inside,
                    _ => self.out.push(byte),
                },
                StringState::Inside => match byte {
                    b'"' => {
                        self.end_half();
                        self.state = StringState::Outside;
                    }
                    b'\\' => self.state = StringState::Escape,
                    _ => {
                        self.end_half();
                        passed = memchr2(b'"', b'\\', text).unwrap_or(text.len());
                        self.out.extend_from_slice(&text[..passed]);
                    }
                },
                StringState::Escape => self.escape(byte),
                StringState::Digits(missing) => {
                    let digit = char::from(byte).to_digit(16);
                    self.unit = self.unit << 4 | digit.unwrap_or(0);
                    self.state = StringState::Digits(missing - 1);
                    if missing == 1 {
                        self.state = StringState::Inside;
                        self.unit(self.unit as u16);
                    }
                }
            }
            text = &text[passed..];
        }
    }

    fn escape(&mut self, byte: u8) {
        self.state = StringState::Inside;
        if byte == b'u' {
            (self.state, self.unit) = (StringState::Digits(4), 0);
            return;
        }
        self.end_half();
        self.out.push(match byte {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            byte => byte,
        });
    }

    fn unit(&mut self, unit: u16) {
        let units = self.half.take().into_iter().chain([unit]);
        let mut bytes = [0; 4];
        for read in char::decode_utf16(units) {
            match read {
                Ok(c) => self
                    .out
                    .extend_from_slice(c.encode_utf8(&mut bytes).as_bytes()),
                Err(half) => {
                    self.half = Some(half.unpaired_surrogate());
                    if !matches!(self.half, Some(0xD800..=0xDBFF)) {
                        self.end_half();
                    }
                }
            }
        }
    }

    /// Keeps half a character as it is spelled, which no reader of JSON takes.
    fn end_half(&mut self) {
        if let Some(half) = self.half.take() {
            self.out
                .extend_from_slice(format!("\\u{half:04x}").as_bytes());
        }
    }
}
