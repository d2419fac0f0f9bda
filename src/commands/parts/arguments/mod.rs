//! The arguments that several commands take: filters, fields, ids and formats.

pub(crate) mod field_names;
pub(crate) mod fields;
pub(crate) mod filter;
pub(crate) mod formats;
pub(crate) mod history;
pub(crate) mod ids;
pub(crate) mod nameless;
mod window;
