//! JSON, read member by member and written with nothing in it that acts on a terminal.

mod invalid;
mod read;
mod write;

pub(crate) use invalid::invalid_document;
pub(crate) use read::*;
pub(crate) use write::*;
