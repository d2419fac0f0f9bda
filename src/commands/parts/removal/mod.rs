//! The removal of many jobs, and those that the table keeps.

pub(crate) mod kept_by_table;
pub(crate) mod purge;
