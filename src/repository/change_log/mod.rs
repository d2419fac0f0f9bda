//! The form in which a history keeps changes, the same for every backend: rows in packed pieces, with the hashes by which a
//! row is known again, and the words for what cannot be taken back.

pub(in crate::repository) mod buffer;
pub(in crate::repository) mod candidates;
mod hash;
pub(in crate::repository) mod key_filter;
pub(in crate::repository) mod named_again;
pub(in crate::repository) mod numbers;
mod packing;
pub(in crate::repository) mod piece;
pub(in crate::repository) mod progress;
pub(in crate::repository) mod redaction;
pub(in crate::repository) mod tables_state;
pub(in crate::repository) mod told;
pub(in crate::repository) mod unpacking;
#[cfg(test)]
mod unpacking_tests;
pub(in crate::repository) mod words;
