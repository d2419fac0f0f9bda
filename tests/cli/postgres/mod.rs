//! PostgreSQL: the tests of the commands on it, and what is a server's alone.

mod away;
mod both;
#[cfg(feature = "postgres")]
mod certificates;
#[path = "../../repository/postgres/cluster.rs"]
#[allow(dead_code)]
pub mod cluster;
pub mod database;
#[cfg(feature = "postgres")]
mod faults;
mod hidden_rows;
mod imports;
#[cfg(feature = "postgres")]
mod indexes;
mod interrupted;
#[cfg(feature = "postgres")]
mod meanwhile;
#[cfg(feature = "postgres")]
mod neighbours;
#[cfg(feature = "postgres")]
mod own;
mod paged;
mod partitioned;
#[cfg(feature = "postgres")]
mod pooler;
#[cfg(feature = "postgres")]
mod proxy;
#[cfg(feature = "postgres")]
mod reclaim;
#[cfg(feature = "postgres")]
mod stopped;
#[cfg(feature = "postgres")]
mod table_rules;
mod trips;
mod variants;
