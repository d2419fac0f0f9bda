//! What makes a job of a record: one file a store with the table of its fields, the signs by which a record is known, and what they share.

pub(super) mod api_server;
pub(super) mod conversion;
pub(super) mod direct_pipeline;
pub(super) mod draft;
pub(super) mod encoded;
pub(super) mod epoch;
pub(super) mod fields;
pub(super) mod ids;
pub(super) mod job_manager;
pub(super) mod leftovers;
pub(super) mod precheck;
pub(super) mod shape;
pub(super) mod shots;
pub(super) mod status;
pub(super) mod tables;
pub(super) mod wrapped;
