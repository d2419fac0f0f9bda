//! The reading of pieces: of all changes, or of those of one job, which passes over the others without a copy of them.

use std::sync::Arc;

use super::packing::{IN_PARTS, half};
use super::piece::{Change, ID, Op, Piece, hash_of_version, key, put};
use crate::job::value::StoredValue;
use crate::job::{Column, Value};

/// The most bytes that a piece may have when it is unpacked: more is taken for damage.
const MOST: usize = 1 << 30;

/// Reads what `pack` gave; None when it is damaged, or of a later jobctl.
pub(in crate::repository) fn unpack(packed: &[u8]) -> Option<Piece> {
    read(packed, None)
}

/// The job whose changes alone are wanted.
struct WantedJob {
    id: Vec<u8>,
    key: u64,
}

/// Reads the changes of one job, passing over all others.
pub(in crate::repository) fn unpack_of(packed: &[u8], id: &Value) -> Option<Piece> {
    let mut wanted = WantedJob {
        id: Vec::new(),
        key: key(id.stored()),
    };
    put(&mut wanted.id, id.stored());
    read(packed, Some(&wanted))
}

fn read(packed: &[u8], wanted: Option<&WantedJob>) -> Option<Piece> {
    let first = *packed.first()?;
    let id = wanted.map(|wanted| wanted.id.as_slice());
    if first == IN_PARTS {
        return Reader(&packed[1..]).parts(wanted);
    }
    if hash_of_version(first).is_some() {
        return Reader(packed).piece(id);
    }
    Reader(&unzip(packed)?).piece(id)
}

fn unzip(packed: &[u8]) -> Option<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(packed).ok()??;
    let size = usize::try_from(size).ok().filter(|size| *size <= MOST)?;
    zstd::bulk::decompress(packed, size).ok()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
    }

    fn eight(&mut self) -> Option<u64> {
        let bytes = self.take(8)?.try_into().ok()?;
        Some(u64::from_le_bytes(bytes))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    fn value(&mut self) -> Option<Value> {
        Some(match self.byte()? {
            0 => Value::Null,
            1 => Value::Integer(self.signed()?),
            2 => Value::Real(f64::from_bits(self.eight()?)),
            3 => StoredValue::Text(self.bytes()?).into(),
            4 => Value::Blob(self.bytes()?.to_vec()),
            _ => return None,
        })
    }

    fn skip_value(&mut self) -> Option<()> {
        match self.byte()? {
            0 => Some(()),
            1 => self.number().map(drop),
            2 => self.take(8).map(drop),
            3 | 4 => self.bytes().map(drop),
            _ => None,
        }
    }

    /// Passes over a change that is not of this job; false when it is one of it. Its id comes first in each row.
    fn skip_other(&mut self, width: usize, wanted: &[u8]) -> Option<bool> {
        let here = self.0;
        let op = Op::of(i64::from(self.byte()? & 0xf))?;
        self.number()?;
        if self.0.starts_with(wanted) {
            self.0 = here;
            return Some(false);
        }
        for _ in 0..if op == Op::Insert { 1 } else { width } {
            self.skip_value()?;
        }
        if op == Op::Update {
            for _ in 0..self.number()? {
                self.number()?;
                self.skip_value()?;
            }
        }
        if op != Op::Delete {
            self.take(8)?;
        }
        Some(true)
    }

    /// Reads the parts of a piece: all, or those with the key of a job.
    fn parts(&mut self, wanted: Option<&WantedJob>) -> Option<Piece> {
        let mut parts = Vec::new();
        for _ in 0..self.number()? {
            let count = usize::try_from(self.number()?).ok()?;
            parts.push((count, usize::try_from(self.number()?).ok()?));
        }
        let mut halves = Vec::with_capacity(parts.len());
        for (count, _) in &parts {
            halves.push(self.take(count.checked_mul(4)?)?);
        }
        let mut whole: Option<Piece> = None;
        for ((_, size), halves) in parts.iter().zip(halves) {
            let packed = self.take(*size)?;
            let may_hold = wanted.is_none_or(|wanted| {
                let sought = half(wanted.key).to_le_bytes();
                halves.chunks_exact(4).any(|half| half == sought)
            });
            if may_hold {
                let id = wanted.map(|wanted| wanted.id.as_slice());
                let mut part = Reader(&unzip(packed)?).piece(id)?;
                match &mut whole {
                    Some(whole) => whole.changes.append(&mut part.changes),
                    None => whole = Some(part),
                }
            }
        }
        if !self.0.is_empty() {
            return None;
        }
        whole.or_else(|| wanted.map(|_| Piece::default()))
    }

    fn piece(&mut self, wanted: Option<&[u8]>) -> Option<Piece> {
        let hashing = hash_of_version(self.byte()?)?;
        let known = Column::ALL.iter().map(|column| Arc::from(column.name()));
        let mut columns: Vec<Arc<str>> = known.collect();
        for _ in 0..self.number()? {
            columns.push(Arc::from(std::str::from_utf8(self.bytes()?).ok()?));
        }
        let mut changes = Vec::new();
        while !self.0.is_empty() {
            if let Some(wanted) = wanted
                && self.skip_other(columns.len(), wanted)?
            {
                continue;
            }
            changes.push(self.change(columns.len())?);
        }
        Some(Piece {
            columns,
            changes,
            hashing,
        })
    }

    fn change(&mut self, width: usize) -> Option<Change> {
        let byte = self.byte()?;
        let op = Op::of(i64::from(byte & 0xf))?;
        let mut change = Change {
            op,
            dangling: byte >> 4,
            rowid: self.signed()?,
            before: Vec::new(),
            wrote: Vec::new(),
            hash: 0,
        };
        if op != Op::Insert {
            for _ in 0..width {
                change.before.push(self.value()?);
            }
        }
        match op {
            Op::Insert => change.wrote.push((ID, self.value()?)),
            Op::Update => {
                for _ in 0..self.number()? {
                    let index = usize::try_from(self.number()?).ok()?;
                    if index >= width {
                        return None;
                    }
                    change.wrote.push((index, self.value()?));
                }
            }
            Op::Delete => return Some(change),
        }
        change.hash = self.eight()?;
        Some(change)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::repository::change_log::hash::RowHash;
    use crate::repository::change_log::piece::SERIES;
    use crate::repository::change_log::unpacking::*;

    fn change(op: Op, rowid: i64, width: usize) -> Change {
        let odd = [
            Value::Text("ü".to_owned()),
            Value::Null,
            Value::Integer(i64::MIN),
            Value::Real(-0.0),
            Value::BrokenText(vec![0xff, 0]),
            Value::Blob(vec![1, 2, 3]),
        ];
        let row = odd.iter().cycle().take(width).cloned().collect();
        Change {
            op,
            rowid,
            dangling: if op == Op::Insert { 0 } else { SERIES },
            before: if op == Op::Insert { Vec::new() } else { row },
            wrote: match op {
                Op::Insert => vec![(ID, Value::from("an id"))],
                Op::Update => vec![(3, Value::Integer(-1)), (width - 1, Value::Null)],
                Op::Delete => Vec::new(),
            },
            hash: if op == Op::Delete {
                0
            } else {
                0xfeed_0000_1111_2222
            },
        }
    }

    #[test]
    fn a_piece_is_read_as_it_was_written() {
        let known = Column::ALL.iter().map(|column| Arc::from(column.name()));
        let columns: Vec<Arc<str>> = known.chain([Arc::from("owner \"x\"")]).collect();
        let width = columns.len();
        let changes = vec![
            change(Op::Insert, 1, width),
            change(Op::Update, i64::MAX, width),
            change(Op::Delete, -7, width),
        ];
        let piece = Piece {
            columns,
            changes,
            ..Piece::default()
        };
        let packed = piece.pack().unwrap();
        assert_eq!(unpack(&packed), Some(piece.clone()));
        // Cut short anywhere it is no piece.
        let raw = piece.unpacked().raw;
        let whole = |end| unpack(&raw[..end]) == Some(piece.clone());
        assert_eq!((0..=raw.len()).filter(|end| whole(*end)).count(), 1);
        // Of one job its changes alone.
        for (id, count) in [("an id", 1), ("\u{fc}", 2), ("another", 0)] {
            let found = unpack_of(&packed, &Value::from(id)).unwrap();
            assert_eq!(found.changes.len(), count, "{id}");
            let of_it = piece
                .changes
                .iter()
                .filter(|it| *it.id() == Value::from(id));
            assert!(found.changes.iter().eq(of_it));
        }
    }

    /// Enough for several parts, each job twice.
    fn large() -> Piece {
        let known = Column::ALL.iter().map(|column| Arc::from(column.name()));
        let columns: Vec<Arc<str>> = known.collect();
        let changes = (0..400).map(|number| {
            let mut change = change(Op::Delete, number, columns.len());
            change.before[ID] = Value::from(format!("job {}", number % 200).as_str());
            change.before[3] = Value::Text(format!("{number} is long. ").repeat(200));
            change
        });
        Piece {
            changes: changes.collect(),
            columns,
            ..Piece::default()
        }
    }

    #[test]
    fn a_large_piece_is_unpacked_by_parts() {
        let piece = large();
        let packed = piece.pack().unwrap();
        assert_eq!(packed[0], IN_PARTS);
        assert_eq!(unpack(&packed), Some(piece.clone()));
        for job in [0, 7, 199] {
            let id = Value::from(format!("job {job}").as_str());
            let found = unpack_of(&packed, &id).unwrap();
            let numbers: Vec<i64> = found.changes.iter().map(|it| it.rowid).collect();
            assert_eq!(numbers, [job, job + 200]);
        }
        let none = unpack_of(&packed, &Value::from("job 200")).unwrap();
        assert_eq!(none.changes, []);
        for end in (0..packed.len()).step_by(97) {
            assert_eq!(unpack(&packed[..end]), None, "{end}");
        }
        // A part that no longer is what was packed does not touch the jobs of others.
        let mut damaged = packed.clone();
        let last = damaged.len() - 3000;
        damaged[last..].fill(0);
        assert_eq!(unpack(&damaged), None);
        let found = unpack_of(&damaged, &Value::from("job 7")).unwrap();
        assert_eq!(found.changes.len(), 2);
    }

    /// Those of earlier versions have another hash, and are one part.
    #[test]
    fn a_piece_of_an_earlier_version_keeps_its_hash() {
        let piece = Piece {
            hashing: RowHash::Xxh64,
            ..large()
        };
        let raw = piece.unpacked().raw;
        assert_eq!(raw[0], 1);
        for packed in [raw.clone(), zstd::bulk::compress(&raw, 1).unwrap()] {
            assert_eq!(unpack(&packed), Some(piece.clone()));
            let found = unpack_of(&packed, &Value::from("job 7")).unwrap();
            assert_eq!(found.changes.len(), 2);
            assert_eq!(found.hashing, RowHash::Xxh64);
        }
        assert_eq!(unpack(&piece.pack().unwrap()), Some(piece.clone()));
        let row = [Value::from("abc")];
        let mut bytes = Vec::new();
        put(&mut bytes, row[0].stored());
        assert_eq!(piece.row_hash(&row), RowHash::Xxh64.of(&bytes));
        assert_eq!(large().row_hash(&row), RowHash::Xxh3.of(&bytes));
    }
}
