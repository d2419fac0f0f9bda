//! A piece of a packed archive: a frame of zstd or a member of gzip.

/// The content of a packed file at an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArchivePiece {
    /// A whole frame or member; one without data is skipped by readers.
    Whole { has_data: bool },
    /// A piece of ours in which the file ends.
    Torn,
    /// Bytes that are not ours, with what they are.
    Foreign(&'static str),
}
