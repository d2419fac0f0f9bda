//! The history: what was changed, kept in the database whose jobs were changed.

mod buffer;
mod capability;
mod estimate;
mod hash;
mod indexes;
mod key_filter;
pub(in crate::repository::sqlite) mod lifetime;
pub(in crate::repository::sqlite) mod noting;
mod piece;
mod reading;
pub(in crate::repository::sqlite) mod recorder;
mod redact;
mod rows;
pub(in crate::repository::sqlite) mod tables;
mod triggers;
mod undo;
mod unpacking;
