//! JSON: objects read member by member, and output in which no character acts on a terminal.

mod check;
mod invalid;
mod read;
mod sorted;
mod write;

pub(crate) use check::is_json;
pub(crate) use invalid::invalid_document;
pub(crate) use read::*;
pub(crate) use sorted::sorted;
pub(crate) use write::*;
