//! From jobs to text, without writing any of it: tables, pages, JSON and CSV.

pub mod bare_ids;
pub mod csv;
pub mod job_form;
pub mod page;
pub mod statistics;
pub mod table;
