//! The contract of `Repository`, which any backend has to keep, run against the SQLite one; and the
//! properties that tie what SQL does to what `job` says.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod contract;
mod files;
mod properties;
mod suggest;
mod support;
mod sweep;
