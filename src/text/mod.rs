//! Texts: what may be shown of them and how wide it is, signs, sizes, words for a shell.

pub mod json;
pub mod shell;
pub mod signs;
pub mod size;
pub mod visible;
