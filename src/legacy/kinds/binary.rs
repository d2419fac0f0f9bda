//! Binary data, recognized by how the values of a format begin.

use super::InputFault;
use crate::legacy::position::Position;

/// The kind of data that is no text.
pub(super) fn of_binary(data: &[u8], position: Position) -> InputFault {
    let python = |module, read| {
        format!("python3 -c 'import json, sys, {module}; print(json.dumps({read}, default=str))'")
    };
    if let Some(length) = data.get(..4).and_then(|b| <[u8; 4]>::try_from(b).ok())
        && is_bson(data, u32::from_le_bytes(length))
    {
        return InputFault::new("it is BSON, as mongodump writes it")
            .by_either("bsondump {}", "bsondump");
    }
    match data {
        [0x80, 2..=5, ..] => InputFault::new("it is a pickle of Python").advice(
            "load it where it was made and write it with json.dump; a pickle runs code when it is loaded",
        ),
        [0xd9, 0xd9, 0xf7, ..] => InputFault::new("it is CBOR")
            .by_stdin(python("cbor2", "cbor2.load(sys.stdin.buffer)")),
        _ if is_msgpack(data) => InputFault::new("it is MessagePack")
            .by_stdin(python("msgpack", "msgpack.load(sys.stdin.buffer)")),
        // Most messages begin with a text; its tag is a line feed, which was skipped as white space.
        [length, rest @ ..] if position.byte == 1 && usize::from(*length) < rest.len() => {
            InputFault::new("it is binary data, perhaps of Protocol Buffers")
        }
        _ => InputFault::new("it is binary data"),
    }
}

/// Whether data begins with a BSON document: its length, and then a member with a type and a name that ends with zero.
fn is_bson(data: &[u8], length: u32) -> bool {
    let name_ends = |name: &[u8]| {
        let name = &name[..name.len().min(64)];
        name.contains(&0) && name.iter().take_while(|b| **b != 0).all(|b| *b >= 0x20)
    };
    (5..=64 << 20).contains(&length) && matches!(data.get(4), Some(1..=19)) && name_ends(&data[5..])
}

/// Whether data begins with a map whose first key is a text, or with a list of such maps.
fn is_msgpack(data: &[u8]) -> bool {
    let behind = match data {
        [0x81..=0x8f, rest @ ..] | [0xde, _, _, rest @ ..] | [0xdf, _, _, _, _, rest @ ..] => rest,
        [0x91..=0x9f, rest @ ..] | [0xdc, _, _, rest @ ..] | [0xdd, _, _, _, _, rest @ ..] => {
            match rest {
                [0x81..=0x8f, rest @ ..] | [0xde, _, _, rest @ ..] => rest,
                _ => return false,
            }
        }
        _ => return false,
    };
    let (length, text) = match behind {
        [first @ 0xa1..=0xbf, text @ ..] => (usize::from(first & 0x1f), text),
        [0xd9, length, text @ ..] => (usize::from(*length), text),
        _ => return false,
    };
    text.get(..length)
        .is_some_and(|text| text.iter().all(u8::is_ascii_graphic))
}
