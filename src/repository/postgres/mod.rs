//! The backend for databases on a PostgreSQL server. So far it reads their addresses.

pub(in crate::repository) mod address;
