//! Writing: single jobs, batches in short transactions, sweeps, and space that goes back.

pub(super) mod pace;
pub(super) mod parents;
pub(super) mod reclaim;
pub(super) mod removal;
pub(super) mod sweep;
pub(super) mod sweep_state;
pub(super) mod table_rules;
pub(super) mod transactions;
pub(super) mod write;
