//! JSON, read member by member and written with nothing in it that acts on a terminal.

mod invalid;
mod read;
mod write;

pub use invalid::invalid_document;
pub use read::*;
pub use write::*;
