//! The parts that several commands share.

pub(super) mod arguments;
pub(super) mod backup;
pub(super) mod comparison;
pub(super) mod consent;
pub(super) mod database;
pub(super) mod interrupt;
pub(super) mod output;
pub(super) mod program;
pub(super) mod removal;
