//! Writing by id: short transactions, in which rows are locked or gone before anything is decided on them.

pub(super) mod changing;
pub(super) mod fitted;
mod found_rows;
pub(super) mod purge;
mod reclaim;
pub(super) mod removal;
pub(super) mod sweep;
mod table_width;
pub(super) mod transaction;
pub(super) mod vacuum;
mod walk;
pub(super) mod write;
