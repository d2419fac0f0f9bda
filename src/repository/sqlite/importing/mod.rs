//! Importing: the session of an import, and that of its dry run.

pub(super) mod known;
pub(super) mod late_index;
pub(super) mod overwrites;
pub(super) mod preview;
pub(super) mod session;
pub(super) mod state;
pub(super) mod trial;
pub(super) mod upsert;
pub(super) mod whole;
