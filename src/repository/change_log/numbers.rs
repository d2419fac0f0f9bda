//! The numbers of pieces. Each has the number of its run and its own in it, so that the pieces of a run lie together without
//! an index of their own.

use std::ops::Range;

/// The bits of a piece's number within its run.
pub(in crate::repository) const PIECE_BITS: u32 = 24;

/// The numbers of the pieces of a run.
pub(in crate::repository) fn pieces_of(run: i64) -> Range<i64> {
    run << PIECE_BITS..(run + 1) << PIECE_BITS
}

/// The run of a piece.
pub(in crate::repository) fn run_of(piece: i64) -> i64 {
    piece >> PIECE_BITS
}

/// The number in the place of a run that is not kept itself.
pub(in crate::repository) const NOT_KEPT: i64 = 0;
