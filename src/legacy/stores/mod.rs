//! The stores: a file each with the table of its fields and the signs of its records, and the conversion that they share.

pub(super) mod api_server;
pub(super) mod conversion;
pub(super) mod direct_pipeline;
pub(super) mod draft;
pub(super) mod encoded;
pub(super) mod epoch;
pub(super) mod fields;
pub(super) mod ids;
pub(super) mod job_manager;
pub(super) mod precheck;
pub(super) mod shape;
pub(super) mod shots;
pub(super) mod status;
pub(super) mod tables;
pub(super) mod wrapped;
