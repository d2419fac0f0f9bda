//! Texts: JSON, words of a shell, drawn signs, sizes, and what of a text is visible.

pub(crate) mod bytes;
pub(crate) mod json;
pub(crate) mod search;
pub(crate) mod shell;
pub(crate) mod signs;
pub(crate) mod size;
pub(crate) mod utf8;
pub(crate) mod visible;
