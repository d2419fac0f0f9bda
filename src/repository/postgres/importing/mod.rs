//! Importing: whole rows in batches, each in a short transaction, or all of them in one; and the preview of that.

mod batch;
mod copying;
mod decision;
mod noted;
mod orphans;
mod overwriting;
pub(super) mod preview;
pub(super) mod session;
