//! The recognition of files by the magic numbers of their formats.

use super::InputFault;

/// Bytes up to the end of the last magic number, that of tar.
pub(in crate::legacy) const LONGEST: usize = 512;

/// Formats that no common program turns into a dump.
const OTHERS: &[(&[u8], &str)] = &[
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"REDIS0", "a snapshot of Redis (RDB)"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program (ELF)"),
    (b"\x1aE\xdf\xa3", "a video (Matroska)"),
    (b"070701", "a cpio archive"),
    (b"!<arch>\n", "an ar archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
];

/// Formats of packed files: the magic number, the name, and the command that unpacks it.
const PACKED: &[(&[u8], &str, &str)] = &[
    (b"\x04\x22\x4d\x18", "lz4", "lz4 -dc"),
    (b"\x02\x21\x4c\x18", "lz4", "lz4 -dc"),
    (b"LZIP", "lzip", "lzip -dc"),
    (b"\x5d\x00\x00", "lzma", "xz --format=lzma -dc"),
    (b"\x1f\x9d", "compress", "gzip -dc"),
    (b"\x89LZO\x00", "lzop", "lzop -dc"),
    (b"\xff\x06\x00\x00sNaPpY", "snappy", "snzip -dc"),
];

/// The kind of an archive, a database, a text of another encoding or the like, by its first bytes.
pub(in crate::legacy) fn of_magic(start: &[u8]) -> Option<InputFault> {
    let packed = PACKED.iter().find(|(magic, ..)| start.starts_with(magic));
    if let Some((_, name, tool)) = packed {
        return Some(InputFault::new(format!("it is packed with {name}")).by(*tool));
    }
    let archive = |what| InputFault::new(format!("it is {what}"));
    Some(match start {
        [b'P', b'K', 3, 4, ..] => archive("a zip archive").by_either("unzip -p {}", "funzip"),
        [b'P', b'K', 5, 6, ..] => archive("an empty zip archive"),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => {
            archive("a 7z archive").by_either("7z x -so {}", "")
        }
        [b'S', b'Q', b'L', b'i', b't', b'e', b' ', b'f', ..] => {
            let what = "it is a SQLite database and no dump; --db names a database";
            InputFault::new(what).by_either("jobctl --db {} export", "")
        }
        _ if start.starts_with(b"PGDMP") => {
            archive("a PostgreSQL dump (pg_dump -Fc)").advice(super::code::FROM_POSTGRES)
        }
        _ if start.starts_with(b"Salted__") => InputFault::new("it is encrypted with openssl")
            .advice("decrypt it: openssl enc -d, with the cipher that it was encrypted with"),
        _ if start.starts_with(b"age-encryption.org/") => {
            InputFault::new("it is encrypted with age").by("age -d")
        }
        _ if is_gpg(start) => InputFault::new("it is encrypted with gpg").by("gpg -d"),
        _ => {
            let encoding = encoding(start);
            if let Some((what, from)) = encoding {
                let program = format!("iconv -f {from} -t UTF-8");
                return Some(
                    InputFault::new(format!("it is {what}, and must be UTF-8")).by(program),
                );
            }
            let (_, what) = OTHERS.iter().find(|(magic, _)| start.starts_with(magic))?;
            archive(what)
        }
    })
}

/// Whether a file is a tar archive, by the magic number of its first member, or in older ones by a checksum that is right.
pub(in crate::legacy) fn is_tar(start: &[u8]) -> bool {
    start.len() == LONGEST && crate::legacy::source::tar::is_header(start)
}

/// Whether data begins with a packet of OpenPGP that holds a session key, for a key or a passphrase.
fn is_gpg(start: &[u8]) -> bool {
    matches!(
        start,
        [0x8c | 0xc3, _, 4, ..]
            | [0x84 | 0xc1, _, 3, ..]
            | [0x85 | 0x86, _, _, 3, ..]
            | [0xc1, 0xc0..=0xdf, _, 3, ..]
    )
}

/// The encoding of a text that is not UTF-8, named for people and for iconv; without a mark it is known by ASCII at its
/// beginning.
fn encoding(start: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e);
    Some(match *start {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => ("UTF-32", "UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => ("UTF-16", "UTF-16"),
        [a, 0, 0, 0, b, 0, 0, 0, ..] if text(a) && text(b) => ("UTF-32", "UTF-32LE"),
        [0, 0, 0, a, 0, 0, 0, b, ..] if text(a) && text(b) => ("UTF-32", "UTF-32BE"),
        [a, 0, b, 0, ..] if text(a) && text(b) => ("UTF-16", "UTF-16LE"),
        [0, a, 0, b, ..] if text(a) && text(b) => ("UTF-16", "UTF-16BE"),
        // Only the first bracket is known.
        [b'{' | b'[', 0] => ("UTF-16", "UTF-16LE"),
        [0, b'{' | b'['] => ("UTF-16", "UTF-16BE"),
        // A file whose first character is not ASCII.
        [b'{' | b'[', 0, ..] if start.get(3) == Some(&0) => ("UTF-16", "UTF-16LE"),
        _ => return None,
    })
}
