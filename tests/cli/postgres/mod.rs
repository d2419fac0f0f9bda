//! PostgreSQL: the tests of the commands on it, and what is a server's alone.

mod away;
#[path = "../../repository/postgres/cluster.rs"]
#[allow(dead_code)]
pub mod cluster;
mod interrupted;
#[allow(dead_code)]
mod own;
