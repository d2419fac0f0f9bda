//! From jobs to text, without writing any of it: records in any format, tables and pages.

pub mod bare_ids;
pub mod format;
pub mod job_form;
pub mod page;
pub mod record;
pub mod statistics;
pub mod table;
