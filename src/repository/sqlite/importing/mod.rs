//! Importing: an import from its first row to its last, and the dry run of one.

pub(super) mod known;
pub(super) mod late_index;
pub(super) mod overwrites;
pub(super) mod preview;
pub(super) mod session;
pub(super) mod state;
pub(super) mod trial;
pub(super) mod upsert;
pub(super) mod whole;
