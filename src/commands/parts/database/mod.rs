//! The database as several commands use it beside its jobs: followed over time, and its storage.

pub(crate) mod follow;
pub(crate) mod history;
pub(crate) mod rows;
pub(crate) mod storage;
