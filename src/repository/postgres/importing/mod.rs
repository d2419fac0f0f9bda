//! Importing: whole rows in batches, each in a short transaction, or all of them in one; and the preview of that.

mod batch;
mod decision;
mod noted;
mod orphans;
pub(super) mod preview;
pub(super) mod session;
