//! The walk over frames and members, over bytes that no compressor writes.

use std::io::Cursor;

use super::super::packer::Packer;
use super::super::piece::ArchivePiece;
use super::super::skip_reader::SkipReader;
use super::{long_text, noise, row, row_with};
use crate::system::compression::Codec;

/// Walks to the end, and gives how many pieces are whole.
fn walk(packing: Codec, bytes: &[u8]) -> (usize, Option<ArchivePiece>) {
    let mut input = SkipReader::new(Cursor::new(bytes), bytes.len() as u64).unwrap();
    let (mut whole, mut at) = (0, 0);
    while at < bytes.len() as u64 {
        match packing.next(&mut input).unwrap() {
            ArchivePiece::Whole { .. } => {
                assert!(input.at() > at && input.at() <= bytes.len() as u64);
                at = input.at();
                whole += 1;
            }
            piece => return (whole, Some(piece)),
        }
    }
    (whole, None)
}

fn pieces(packing: Codec) -> Vec<u8> {
    let mut packer = Packer::new(packing).unwrap();
    let long = row_with("long", &long_text(200_000));
    let many: String = (0..1000).map(|n| row(&n.to_string())).collect();
    let zeros = row_with("zeros", &"0".repeat(400_000));
    let mut bytes = Vec::new();
    for lines in [row("a"), many, long, zeros, row("b")] {
        bytes.extend_from_slice(packer.pack(lines.as_bytes(), false).unwrap());
    }
    bytes
}

#[test]
fn whole_pieces_are_counted() {
    for packing in [Codec::Gzip, Codec::Zstd] {
        assert_eq!(walk(packing, &pieces(packing)), (5, None));
    }
}

#[test]
fn frames_of_every_form_are_known() {
    for level in [-5, 1, 19] {
        for size in [0, 1, 255, 256, 70_000, 3 << 20] {
            for (checksum, known) in [(true, true), (true, false), (false, true), (false, false)] {
                let mut encoder = zstd::stream::Encoder::new(Vec::new(), level).unwrap();
                encoder.include_checksum(checksum).unwrap();
                let content = vec![b'x'; size];
                if known {
                    encoder.set_pledged_src_size(Some(size as u64)).unwrap();
                }
                std::io::Write::write_all(&mut encoder, &content).unwrap();
                let frame = encoder.finish().unwrap();
                let twice = frame.repeat(2);
                assert_eq!(walk(Codec::Zstd, &twice), (2, None), "{level} {size}");
                let cut = &twice[..twice.len() - 1];
                let (whole, end) = walk(Codec::Zstd, cut);
                assert_eq!(whole, 1);
                // The size of little content is known to the encoder all the same.
                if known || !checksum {
                    assert_eq!(end == Some(ArchivePiece::Torn), checksum, "{level} {size}");
                }
            }
        }
    }
}

/// The walk must end, and at or before the end of the file.
#[test]
fn mutated_bytes_do_no_harm() {
    for packing in [Codec::Gzip, Codec::Zstd] {
        let bytes = pieces(packing);
        let dice = noise(4 * 3000);
        for roll in dice.chunks(4) {
            let mut mutated = bytes.clone();
            let offset = usize::from(roll[0]) << 8 | usize::from(roll[1]);
            // Headers stand at the beginning; most of the rest is content.
            let offset = match roll[2] & 3 {
                0 => offset * 5 % mutated.len(),
                _ => offset % 2000,
            };
            match roll[2] >> 2 & 3 {
                0 => mutated[offset] = roll[3],
                1 => mutated[offset] ^= 1 << (roll[3] & 7),
                2 => drop(mutated.drain(offset..offset + usize::from(roll[3]) % 30)),
                _ => mutated.truncate(offset),
            }
            walk(packing, &mutated);
        }
        for length in [0, 1, 5, 100, 70_000] {
            walk(packing, &noise(length));
            for magic in [&[0x28, 0xb5, 0x2f, 0xfd][..], &[0x1f, 0x8b, 8, 4]] {
                walk(packing, &[magic, &noise(length)].concat());
                walk(packing, &[magic, &vec![0xff; length]].concat());
                walk(packing, &[magic, &vec![0; length]].concat());
            }
        }
    }
}
