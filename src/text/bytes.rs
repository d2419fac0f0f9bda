//! Looking through the bytes of a text for the few that need care: most have none, and a listing of all jobs has gigabytes.
//! Eight bytes are tested at once, as one number, with a branch for all of them.

const ONES: u64 = 0x0101_0101_0101_0101;

const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Eight bytes of a text. A test of them gives a number in which the first byte that passes it is the lowest that is not 0.
#[derive(Clone, Copy)]
pub(crate) struct Word(u64);

impl Word {
    #[inline(always)]
    pub(crate) fn equal(self, byte: u8) -> u64 {
        let others = self.0 ^ (ONES * u64::from(byte));
        others.wrapping_sub(ONES) & !others & HIGH_BITS
    }

    /// The bytes below one that is at most 128.
    #[inline(always)]
    pub(crate) fn below(self, byte: u8) -> u64 {
        self.0.wrapping_sub(ONES * u64::from(byte)) & !self.0 & HIGH_BITS
    }

    /// The bytes that are no ASCII.
    #[inline(always)]
    pub(crate) fn high(self) -> u64 {
        self.0 & HIGH_BITS
    }
}

/// The index of the first byte that passes a test.
#[inline(always)]
pub(crate) fn first(bytes: &[u8], test: impl Fn(Word) -> u64) -> Option<usize> {
    // The byte at an index is found by the number of zeros, so the first one is the lowest.
    let in_word = |word: u64| match test(Word(word)) {
        0 => None,
        found => Some(found.trailing_zeros() as usize / 8),
    };
    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        if let Some(found) = in_word(u64::from_le_bytes(*word)) {
            return Some(index * 8 + found);
        }
    }
    if rest.is_empty() {
        return None;
    }
    // Bytes that have been tested are tested once more, which is faster than one by one.
    if let Some(last) = bytes.last_chunk() {
        return Some(bytes.len() - 8 + in_word(u64::from_le_bytes(*last))?);
    }
    let behind = ONES * u64::from(b'x');
    let word = rest.iter().rev();
    let word = word.fold(behind, |word, byte| word << 8 | u64::from(*byte));
    in_word(word).filter(|index| *index < rest.len())
}

/// Appends a text: what stands at each byte that passes a test by `write`, which gives the number of bytes that it took, and
/// all between as it is. Such a byte is the first of a character.
#[inline(always)]
pub(crate) fn escaped(
    out: &mut String,
    text: &str,
    test: impl Fn(Word) -> u64 + Copy,
    write: impl Fn(&mut String, &str) -> usize,
) {
    out.reserve(text.len());
    let mut rest = text;
    while let Some(at) = first(rest.as_bytes(), test) {
        out.push_str(&rest[..at]);
        let taken = write(out, &rest[at..]);
        rest = &rest[at + taken..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::{Word, escaped, first};

    type WordTest = fn(Word) -> u64;

    type ByteTest = fn(u8) -> bool;

    /// Every byte, at every index of texts of every length, before one and behind one that is found too.
    #[test]
    fn the_first_byte_is_found_at_any_index() {
        let tests: [(WordTest, ByteTest); 4] = [
            (|word| word.equal(b'x'), |byte| byte == b'x'),
            (|word| word.below(b' '), |byte| byte < b' '),
            (Word::high, |byte| byte >= 0x80),
            (
                |word| word.below(b' ') | word.equal(0x7f) | word.equal(0xff),
                |byte| byte < b' ' || byte == 0x7f || byte == 0xff,
            ),
        ];
        for (of_word, of_byte) in tests {
            for byte in 0..=u8::MAX {
                for length in 0..20 {
                    for at in 0..length {
                        let mut bytes = vec![b'a'; length];
                        bytes[length - 1] = 0;
                        bytes[at] = byte;
                        let expected = bytes.iter().position(|byte| of_byte(*byte));
                        assert_eq!(first(&bytes, of_word), expected, "{bytes:?}");
                    }
                }
            }
            assert_eq!(first(b"", of_word), None);
        }
    }

    #[test]
    fn what_needs_no_care_stays() {
        let mut out = String::from("before ");
        let text = "\na long enough text é\n\n灯";
        escaped(
            &mut out,
            text,
            |word| word.equal(b'\n'),
            |out, _| {
                out.push_str("\\n");
                1
            },
        );
        assert_eq!(out, "before \\na long enough text é\\n\\n灯");
    }
}
