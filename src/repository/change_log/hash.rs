//! The 64-bit hash of a row in the history: XXH64 with seed 0, which is published and never changes, so that a later jobctl
//! knows the rows of an earlier one.

use xxhash_rust::xxh64::xxh64;

pub(in crate::repository) fn hash(bytes: &[u8]) -> u64 {
    xxh64(bytes, 0)
}

#[cfg(test)]
mod tests {
    use crate::repository::change_log::hash::*;

    /// Values of the published implementation.
    #[test]
    fn it_is_xxh64() {
        assert_eq!(hash(b""), 0xef46_db37_51d8_e999);
        assert_eq!(hash(b"a"), 0xd24e_c4f1_a98c_6e5b);
        assert_eq!(hash(b"abc"), 0x44bc_2cf5_ad77_0999);
        let long = b"Nobody inspects the spammish repetition";
        assert_eq!(hash(long), 0xfbce_a83c_8a37_8bf1);
    }
}
