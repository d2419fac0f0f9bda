//! A piece of a packed archive: a frame of zstd or a member of gzip.

/// What stands at a place of a packed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A frame or member. Without data it is one that readers skip.
    Whole { has_data: bool },
    /// The beginning of one of ours, in which the file ends.
    Torn,
    /// Something that is not ours, and what.
    Foreign(&'static str),
}
