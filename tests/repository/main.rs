//! The contract of `Repository`: one suite, run for each backend; and what is a backend's alone.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

mod backend;
mod contract;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
