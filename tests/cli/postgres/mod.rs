//! PostgreSQL, as the tests of commands have it.

#[path = "../../repository/postgres/cluster.rs"]
#[allow(dead_code)]
pub mod cluster;
