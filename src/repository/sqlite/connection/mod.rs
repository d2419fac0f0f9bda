//! The connection: opening, making and checking a file, waits for locks, and errors.

pub(super) mod busy;
pub(super) mod companions;
pub(super) mod connect;
pub(super) mod create;
pub(super) mod database;
pub(super) mod deadline;
pub(super) mod errors;
pub(super) mod followed;
pub(super) mod functions;
pub(super) mod glance;
pub(super) mod hot_journal;
pub(super) mod journal;
mod journal_mode;
pub(super) mod journal_name;
pub(super) mod open;
pub(super) mod refusal;
pub(super) mod regular_files;
pub(crate) mod run_lock;
pub(super) mod schema;
pub(super) mod seen_columns;
pub(super) mod syncing;
pub(super) mod table_shape;
pub(super) mod turns;
pub(super) mod version;
