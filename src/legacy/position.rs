//! Positions in a dump, for messages.

/// The position of a record or another text in its dump.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position {
    /// The offset of its first byte, from 0.
    pub byte: u64,
    /// The line of its first byte, from 1.
    pub line: u64,
}
