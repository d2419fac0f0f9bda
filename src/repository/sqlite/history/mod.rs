//! The history: what was changed, kept in the database whose jobs were changed.

mod capability;
mod estimate;
mod indexes;
pub(in crate::repository::sqlite) mod lifetime;
pub(in crate::repository::sqlite) mod noting;
mod pieces;
mod reading;
pub(in crate::repository::sqlite) mod recorder;
mod redact;
mod rows;
pub(in crate::repository::sqlite) mod tables;
mod triggers;
mod undo;
mod upgrade;
