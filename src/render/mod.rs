//! From jobs to text, without writing any of it: records in any format, tables and pages.

pub(crate) mod bare_ids;
pub(crate) mod comparison;
pub(crate) mod findings;
pub(crate) mod format;
pub(crate) mod history;
pub(crate) mod job_form;
pub(crate) mod page;
pub(crate) mod record;
pub(crate) mod statistics;
pub(crate) mod table;
pub(crate) mod undone;
