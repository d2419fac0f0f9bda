//! Texts: what may be shown of them and how wide it is, signs, sizes, words for a shell.

pub(crate) mod json;
pub(crate) mod shell;
pub(crate) mod signs;
pub(crate) mod size;
pub(crate) mod visible;
