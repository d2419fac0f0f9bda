//! The 64-bit hashes of the history. Both are published and never change, so that a later jobctl knows the rows of an earlier
//! one: XXH64 with seed 0, and XXH3, which takes half the time for a row of some kilobytes.

use xxhash_rust::xxh3::xxh3_64;
use xxhash_rust::xxh64::xxh64;

/// The hash by which jobs are found.
pub(in crate::repository) fn hash(bytes: &[u8]) -> u64 {
    xxh64(bytes, 0)
}

/// The hash by which a row is known again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::repository) enum RowHash {
    Xxh64,
    #[default]
    Xxh3,
}

impl RowHash {
    pub(super) fn of(self, bytes: &[u8]) -> u64 {
        match self {
            RowHash::Xxh64 => xxh64(bytes, 0),
            RowHash::Xxh3 => xxh3_64(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::repository::change_log::hash::*;

    /// Values of the published implementation.
    #[test]
    fn they_are_as_published() {
        assert_eq!(hash(b""), 0xef46_db37_51d8_e999);
        assert_eq!(hash(b"a"), 0xd24e_c4f1_a98c_6e5b);
        assert_eq!(hash(b"abc"), 0x44bc_2cf5_ad77_0999);
        let long = b"Nobody inspects the spammish repetition";
        assert_eq!(hash(long), 0xfbce_a83c_8a37_8bf1);
        assert_eq!(RowHash::Xxh64.of(long), hash(long));
        assert_eq!(RowHash::Xxh3.of(b""), 0x2d06_8005_38d3_94c2);
        assert_eq!(RowHash::Xxh3.of(b"a"), 0xe6c6_32b6_1e96_4e1f);
        assert_eq!(RowHash::Xxh3.of(b"abc"), 0x78af_5f94_892f_3950);
    }
}
