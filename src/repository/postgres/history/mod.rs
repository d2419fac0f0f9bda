//! The history: what was changed, kept in the database whose jobs were changed.

pub(super) mod beside;
mod capability;
mod estimate;
pub(super) mod kept_row;
mod lifetime;
pub(super) mod noting;
mod reading;
pub(super) mod recorder;
mod redact;
mod restoring;
pub(super) mod rows;
mod saving;
pub(super) mod tables;
mod undo;
