//! The job table in a database on a PostgreSQL server (DESIGN section 9). All of its SQL stands in this folder.

#[cfg_attr(not(feature = "postgres"), allow(dead_code, unused_imports))]
pub(in crate::repository) mod address;
#[cfg(feature = "postgres")]
mod connection;
#[cfg(feature = "postgres")]
mod examining;
#[cfg(feature = "postgres")]
mod hints;
#[cfg(feature = "postgres")]
mod history;
#[cfg(feature = "postgres")]
mod importing;
#[cfg(feature = "postgres")]
mod reading;
#[cfg(feature = "postgres")]
mod repository;
#[cfg(feature = "postgres")]
mod writing;

pub(super) use address::ConnectionParameters;
#[cfg(feature = "postgres")]
pub(super) use connection::open::open;
