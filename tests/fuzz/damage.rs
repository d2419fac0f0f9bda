//! What can happen to a file: bytes changed, lost, doubled, put elsewhere, cut off, or mixed with another file's.

use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::Index;

/// One damage. Places are chosen within whatever range it is done to.
#[derive(Clone, Debug)]
pub enum Damage {
    Set(Index, u8),
    /// Turns some bits of a byte over.
    Flip(Index, u8),
    Delete(Index, usize),
    Insert(Index, Vec<u8>),
    /// Copies a number of bytes to another place.
    Copy(Index, usize, Index),
    Swap(Index, Index, usize),
    /// All from here on.
    Cut(Index),
}

/// What does not belong into JSON, and what belongs elsewhere in it.
const PIECES: [&[u8]; 44] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"\\",
    b"\n",
    b"\r\n",
    b"\n\n",
    b" ",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf5\x80\x80\x80",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\\u12",
    b"\\x",
    b"NaN",
    b"-Infinity",
    b"1e400",
    b"-",
    b"'",
    b"null",
    b"// ",
    b"/* */",
    b"},",
    b"},\n",
    b"}\n{",
    b"]}",
    b"{\"",
    b"\",\"",
    b"\": {",
    b"\"job_id\": \"1\",",
    b"{\"job_id\": \"1\"}",
    b"\n{\"job_id\": \"1\"},\n",
    b"\"8ef94495-c32e-4022-8080-803a0d321948\": {\"job_id\":",
    b"\n  \"8ef94495-c32e-4022-8080-803a0d321948\": {\"mode\": 1},\n",
    b"\"jobs\": [",
];

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let deep = (
        prop::sample::select(&["[", "{\"a\":", "]", "}", "[{"][..]),
        1..300_usize,
    )
        .prop_map(|(text, count)| text.repeat(count).into_bytes());
    prop_oneof![
        20 => prop::sample::select(&PIECES[..]).prop_map(<[u8]>::to_vec),
        2 => prop::collection::vec(any::<u8>(), 1..8),
        1 => deep,
    ]
}

fn length() -> impl Strategy<Value = usize> {
    prop_oneof![3 => 1..4_usize, 2 => 1..40_usize, 1 => 1..2000_usize]
}

pub fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    let byte = prop_oneof![prop::sample::select(&b"{}[]\",:\\\n x1"[..]), any::<u8>()];
    prop_oneof![
        3 => (at(), byte).prop_map(|(at, byte)| Damage::Set(at, byte)),
        2 => (at(), 1..=255_u8).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        3 => (at(), length()).prop_map(|(at, length)| Damage::Delete(at, length)),
        4 => (at(), piece()).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        1 => (at(), length(), at()).prop_map(|(from, length, to)| Damage::Copy(from, length, to)),
        1 => (at(), at(), length()).prop_map(|(a, b, length)| Damage::Swap(a, b, length)),
        1 => at().prop_map(Damage::Cut),
    ]
}

impl Damage {
    /// Does it to this range of a text. `Cut` loses the rest of the range alone.
    pub fn apply(&self, input: &mut Vec<u8>, within: Range<usize>) {
        if within.is_empty() {
            return;
        }
        let place = |index: &Index| within.start + index.index(within.len());
        let part = |index: &Index, length: usize| {
            let from = place(index);
            from..(from + length).min(within.end)
        };
        match self {
            Damage::Set(at, byte) => input[place(at)] = *byte,
            Damage::Flip(at, bits) => input[place(at)] ^= bits,
            Damage::Delete(at, length) => drop(input.drain(part(at, *length))),
            Damage::Insert(at, piece) => {
                let at = place(at);
                input.splice(at..at, piece.iter().copied());
            }
            Damage::Copy(from, length, to) => {
                let piece = input[part(from, *length)].to_vec();
                let to = place(to);
                input.splice(to..to, piece);
            }
            Damage::Swap(a, b, length) => {
                for n in 0..*length {
                    let (a, b) = (place(a) + n, place(b) + n);
                    if a.max(b) < within.end {
                        input.swap(a, b);
                    }
                }
            }
            Damage::Cut(at) => drop(input.drain(place(at)..within.end)),
        }
    }
}

/// A text with at most this number of damages anywhere.
pub fn damaged(
    text: impl Strategy<Value = Vec<u8>>,
    most: usize,
) -> impl Strategy<Value = Vec<u8>> {
    (text, prop::collection::vec(damage(), 0..=most)).prop_map(|(mut text, all)| {
        for damage in all {
            let length = text.len();
            damage.apply(&mut text, 0..length);
        }
        text
    })
}

/// The beginning of one text and the end of another.
pub fn spliced(
    one: impl Strategy<Value = Vec<u8>>,
    other: impl Strategy<Value = Vec<u8>>,
) -> impl Strategy<Value = Vec<u8>> {
    (one, other, any::<Index>(), any::<Index>()).prop_map(|(mut one, other, end, start)| {
        one.truncate(end.index(one.len() + 1));
        one.extend_from_slice(&other[start.index(other.len() + 1)..]);
        one
    })
}
