//! The connection to a server: making it, asking through it, what its errors mean, and the shape of the table.

mod attention;
pub(super) mod binary_rows;
mod certificate;
pub(super) mod claim;
mod connect;
pub(super) mod database;
mod encryption;
pub(super) mod errors;
pub(super) mod job_table;
pub(super) mod limited;
pub(super) mod open;
mod schema;
pub(super) mod session;
pub(super) mod stored_column;
pub(super) mod table_rules;
mod table_shape;
mod types;
pub(super) mod values;
