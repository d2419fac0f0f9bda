//! JSON: objects read member by member, and output in which no character acts on a terminal.

mod invalid;
mod read;
mod write;

pub(crate) use invalid::invalid_document;
pub(crate) use read::*;
pub(crate) use write::*;
