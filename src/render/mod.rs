//! From jobs to text, without writing any of it: tables, pages, JSON and CSV.

pub mod csv;
pub mod json;
pub mod page;
pub mod row;
pub mod shell;
pub mod signs;
pub mod statistics;
pub mod table;
pub mod text;
