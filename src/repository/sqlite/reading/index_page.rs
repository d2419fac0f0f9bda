//! A page of an index as the file holds it (<https://sqlite.org/fileformat2.html>). Whatever is not as it is written there is
//! None: then SQLite itself is asked, and says what is wrong.

const INTERIOR: u8 = 0x02;
const LEAF: u8 = 0x0a;

/// A page, of a b-tree whose keys are a value and the number of a row.
pub(super) struct Page<'a> {
    bytes: &'a [u8],
    pub is_leaf: bool,
    /// How many entries it has.
    pub len: usize,
    /// The most bytes of an entry of which none lie on other pages.
    most: usize,
}

/// A value, as far as it matters among texts, and the number of its row.
#[derive(Clone, Copy)]
pub(super) struct IndexEntry<'a> {
    pub key: IndexKey<'a>,
    pub row: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum IndexKey<'a> {
    /// NULL or a number.
    BelowTexts,
    Text(&'a [u8]),
    /// Bytes.
    AboveTexts,
}

impl<'a> Page<'a> {
    /// `reserved` is how many bytes at the end of each page belong to nobody.
    pub(super) fn of(bytes: &'a [u8], reserved: usize) -> Option<Page<'a>> {
        let is_leaf = match *bytes.first()? {
            LEAF => true,
            INTERIOR => false,
            _ => return None,
        };
        let usable = bytes.len().checked_sub(reserved)?;
        Some(Page {
            bytes,
            is_leaf,
            len: two(bytes, 3)?,
            most: (usable.checked_sub(12)? * 64 / 255).checked_sub(23)?,
        })
    }

    /// The child before an entry, or behind the last one.
    pub(super) fn child(&self, index: usize) -> Option<u32> {
        let at = if index < self.len {
            self.cell(index)?
        } else {
            8
        };
        let bytes = self.bytes.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    }

    pub(super) fn entry(&self, index: usize) -> Option<IndexEntry<'a>> {
        let before = if self.is_leaf { 0 } else { 4 };
        let (length, record) = varint(self.bytes.get(self.cell(index)? + before..)?)?;
        let length = usize::try_from(length)
            .ok()
            .filter(|length| *length <= self.most)?;
        let record = record.get(..length)?;
        let (header, rest) = varint(record)?;
        let (value, rest) = varint(rest)?;
        let (row, _) = varint(rest)?;
        let body = record.get(usize::try_from(header).ok()?..)?;
        let (value, body) = body.split_at_checked(size(value)?).map(|(bytes, body)| {
            let key = match value {
                0..=9 => IndexKey::BelowTexts,
                value if value % 2 == 1 => IndexKey::Text(bytes),
                _ => IndexKey::AboveTexts,
            };
            (key, body)
        })?;
        Some(IndexEntry {
            key: value,
            row: integer(row, body.get(..size(row)?)?)?,
        })
    }

    /// The text of an entry of a leaf, where it has 26 bytes; None for any other.
    #[inline]
    pub(super) fn text_of_a_time(&self, index: usize) -> Option<&'a [u8; 26]> {
        let at = self.cell(index)?;
        let cell: &[u8; 30] = self.bytes.get(at..at + 30)?.try_into().ok()?;
        // The lengths of the record and of its header, and 13 more than twice that of the text.
        let has_form = cell[0] < 0x80 && cell[1] == 3 && cell[2] == 65;
        cell[4..].try_into().ok().filter(|_| has_form)
    }

    /// The text of an entry of a leaf, and the number of its row, where the text has `N` bytes; None for any other.
    #[inline]
    pub(super) fn text_and_row<const N: usize>(&self, index: usize) -> Option<(&'a [u8; N], i64)> {
        let cell = self.bytes.get(self.cell(index)?..)?;
        let (head, cell) = cell.split_first_chunk::<4>()?;
        let (text, cell) = cell.split_first_chunk::<N>()?;
        // The lengths of the record and of its header, 13 more than twice that of the text, and the type of the number.
        let has_form =
            head[0] < 0x80 && head[1] == 3 && usize::from(head[2]) == 2 * N + 13 && head[3] < 0x80;
        let kind = u64::from(head[3]);
        let row = integer(kind, cell.get(..size(kind)?)?)?;
        has_form.then_some((text, row))
    }

    /// The first entry for which this holds, of entries for none of which, and then for all of which it does.
    pub(super) fn first(&self, mut holds: impl FnMut(IndexEntry<'a>) -> bool) -> Option<usize> {
        let (mut low, mut high) = (0, self.len);
        // Most pages lie within a range as a whole.
        if high > 0 && holds(self.entry(0)?) {
            return Some(0);
        }
        if high > 0 && !holds(self.entry(high - 1)?) {
            return Some(high);
        }
        while low < high {
            let middle = low.midpoint(high);
            if holds(self.entry(middle)?) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(low)
    }

    fn cell(&self, index: usize) -> Option<usize> {
        let pointers = if self.is_leaf { 8 } else { 12 };
        two(self.bytes, pointers + 2 * index)
    }
}

fn two(bytes: &[u8], at: usize) -> Option<usize> {
    let two: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_be_bytes(two).into())
}

/// A number of one to nine bytes, and what follows it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        let (bits, more) = match index {
            8 => (8, false),
            _ => (7, byte & 0x80 != 0),
        };
        let mask = (1_u64 << bits) - 1;
        number = number << bits | u64::from(*byte) & mask;
        if !more {
            return Some((number, &bytes[index + 1..]));
        }
    }
    None
}

/// The bytes of a value of this type.
fn size(value: u64) -> Option<usize> {
    match value {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(value).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => usize::try_from((value - 12) / 2).ok(),
    }
}

fn integer(value: u64, bytes: &[u8]) -> Option<i64> {
    match value {
        8 => Some(0),
        9 => Some(1),
        1..=6 => {
            let first = i64::from(bytes.first()?.cast_signed());
            let rest = bytes[1..].iter();
            Some(rest.fold(first, |sum, byte| sum << 8 | i64::from(*byte)))
        }
        _ => None,
    }
}
