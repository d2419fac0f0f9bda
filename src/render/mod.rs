//! From jobs to text, without writing any of it: tables, pages, JSON and CSV.

pub mod format;
pub mod job_form;
pub mod page;
pub mod record;
pub mod statistics;
pub mod table;
